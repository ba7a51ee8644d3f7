
-- What a person asked for, apart from what servers said.
CREATE TABLE bounce.preference (
	address text COLLATE "C" NOT NULL,
	topic text COLLATE "C" NOT NULL,
	state text COLLATE "C" NOT NULL CHECK (state IN ('pending', 'subscribed', 'unsubscribed', 'snoozed')),
	until timestamptz,
	since timestamptz NOT NULL DEFAULT pg_catalog.now(),
	source text COLLATE "C" NOT NULL CHECK (source IN ('person', 'operator', 'complaint', 'import', 'bounce')),
	PRIMARY KEY (address, topic),
	CHECK ((state OPERATOR(pg_catalog.=) 'snoozed') OPERATOR(pg_catalog.<=) (until IS NOT NULL))
);
COMMENT ON TABLE bounce.preference IS 'What a person said about a topic; the evidence is in bounce.consent_log';
COMMENT ON COLUMN bounce.preference.address IS 'Canonical address (bounce.normalize_address)';
COMMENT ON COLUMN bounce.preference.topic IS 'Empty: all marketing topics (a global choice)';
COMMENT ON COLUMN bounce.preference.state IS 'pending, subscribed, unsubscribed or snoozed';
COMMENT ON COLUMN bounce.preference.until IS 'End of a pause, or of the time to confirm';
COMMENT ON COLUMN bounce.preference.since IS 'When the person said so';
COMMENT ON COLUMN bounce.preference.source IS 'Who said so: person, operator, complaint, import or bounce';
SELECT pg_catalog.pg_extension_config_dump('bounce.preference', '');

CREATE TABLE bounce.consent_log (
	address text COLLATE "C" NOT NULL,
	number integer NOT NULL CHECK (number OPERATOR(pg_catalog.>) 0),
	topic text COLLATE "C" NOT NULL,
	old_state text COLLATE "C",
	new_state text COLLATE "C" NOT NULL,
	until timestamptz,
	source text COLLATE "C" NOT NULL,
	actor text NOT NULL,
	at timestamptz NOT NULL,
	evidence jsonb,
	recorded_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	hash bytea NOT NULL,
	PRIMARY KEY (address, number)
);
COMMENT ON TABLE bounce.consent_log IS 'Append-only evidence of every choice; each row is chained by hash to the one before it of the same address';
COMMENT ON COLUMN bounce.consent_log.number IS 'Running number within the address, from 1';
COMMENT ON COLUMN bounce.consent_log.topic IS 'Empty: all marketing topics';
COMMENT ON COLUMN bounce.consent_log.source IS 'person, operator, complaint, import or bounce';
COMMENT ON COLUMN bounce.consent_log.actor IS 'Database role that recorded the choice';
COMMENT ON COLUMN bounce.consent_log.at IS 'When the choice was made';
COMMENT ON COLUMN bounce.consent_log.evidence IS 'Form, IP address, message, text shown';
COMMENT ON COLUMN bounce.consent_log.hash IS 'SHA-256 over the row and the hash of the row before it';
SELECT pg_catalog.pg_extension_config_dump('bounce.consent_log', '');
