
CREATE TABLE bounce.suppression (
	address text COLLATE "C" NOT NULL,
	topic text COLLATE "C" NOT NULL DEFAULT '',
	cause text COLLATE "C" NOT NULL CHECK (cause IN ('lease', 'complaint', 'manual', 'import')),
	class bounce.bounce_class,
	step smallint CHECK (step OPERATOR(pg_catalog.>) 0),
	status bounce.smtp_status,
	occurrences integer CHECK (occurrences OPERATOR(pg_catalog.>) 0),
	due timestamptz NOT NULL DEFAULT '-infinity',
	starts_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	expires_at timestamptz NOT NULL DEFAULT 'infinity',
	last_event_at timestamptz,
	note text,
	made_by text,
	PRIMARY KEY (address, topic, cause)
) WITH (fillfactor = 90);
-- A climb changes expires_at and must not have to touch an index.  So a sweep finds its rows by an
-- hour that stays as it was when the lease began, and moves that on when the lease lasts longer.
CREATE INDEX suppression_due ON bounce.suppression (due) WHERE due OPERATOR(pg_catalog.<) 'infinity';
COMMENT ON INDEX bounce.suppression_due IS 'What bounce.sweep() has to look at';
COMMENT ON TABLE bounce.suppression IS 'Addresses that must not be mailed, each from starts_at until expires_at (exclusive)';
COMMENT ON COLUMN bounce.suppression.address IS 'Canonical address (bounce.normalize_address)';
COMMENT ON COLUMN bounce.suppression.topic IS 'Empty: all topics';
COMMENT ON COLUMN bounce.suppression.cause IS 'lease, complaint (marketing topics only), manual or import';
COMMENT ON COLUMN bounce.suppression.class IS 'Class of the last bounce or complaint';
COMMENT ON COLUMN bounce.suppression.status IS 'Status of the last bounce';
COMMENT ON COLUMN bounce.suppression.step IS 'Step of the ladder, from 1; leases only';
COMMENT ON COLUMN bounce.suppression.occurrences IS 'Bounces and attempts of this cycle';
COMMENT ON COLUMN bounce.suppression.due IS 'Hour from which on bounce.sweep() looks at it, never after expires_at; when not given, the next sweep sets it';
COMMENT ON COLUMN bounce.suppression.starts_at IS 'Inclusive';
COMMENT ON COLUMN bounce.suppression.expires_at IS 'Exclusive; infinity: until released';
COMMENT ON COLUMN bounce.suppression.last_event_at IS 'Time of the last event that moved it';
COMMENT ON COLUMN bounce.suppression.note IS 'Why, in words';
COMMENT ON COLUMN bounce.suppression.made_by IS 'Role that made it, for manual and imported ones';
SELECT pg_catalog.pg_extension_config_dump('bounce.suppression', '');

CREATE TABLE bounce.suppression_history (
	address text COLLATE "C" NOT NULL,
	topic text COLLATE "C" NOT NULL,
	cause text COLLATE "C" NOT NULL,
	class bounce.bounce_class,
	status bounce.smtp_status,
	step smallint,
	occurrences integer,
	during tstzrange NOT NULL,
	ended_at timestamptz NOT NULL,
	ended_by text COLLATE "C" NOT NULL CHECK (ended_by IN ('expired', 'released', 'replaced')),
	who text,
	why text,
	recorded_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	PRIMARY KEY (address, topic, cause, ended_at)
);
COMMENT ON TABLE bounce.suppression_history IS 'Suppressions that ended; with bounce.suppression it tells the state at any time';
COMMENT ON COLUMN bounce.suppression_history.address IS 'Canonical address (bounce.normalize_address)';
COMMENT ON COLUMN bounce.suppression_history.topic IS 'Empty: all topics';
COMMENT ON COLUMN bounce.suppression_history.cause IS 'As in bounce.suppression';
COMMENT ON COLUMN bounce.suppression_history.class IS 'Class of its last bounce or complaint';
COMMENT ON COLUMN bounce.suppression_history.status IS 'Status of its last bounce';
COMMENT ON COLUMN bounce.suppression_history.step IS 'Step of the ladder that it had come to; leases only';
COMMENT ON COLUMN bounce.suppression_history.occurrences IS 'Its bounces and attempts';
COMMENT ON COLUMN bounce.suppression_history.during IS 'When the address was suppressed, half open';
COMMENT ON COLUMN bounce.suppression_history.ended_at IS 'When it ended: the upper end of "during", which is empty if it ended as it began';
COMMENT ON COLUMN bounce.suppression_history.ended_by IS 'expired, released (by a person) or replaced (by another of the same key)';
COMMENT ON COLUMN bounce.suppression_history.who IS 'Who released or replaced it';
COMMENT ON COLUMN bounce.suppression_history.why IS 'The reason given';
COMMENT ON COLUMN bounce.suppression_history.recorded_at IS 'When the row was stored';
SELECT pg_catalog.pg_extension_config_dump('bounce.suppression_history', '');

-- Small tables of the same meaning that are not about one address.
CREATE TABLE bounce.domain_suppression (
	domain text COLLATE "C" PRIMARY KEY CHECK (domain OPERATOR(pg_catalog.=) pg_catalog.lower(domain)),
	cause text COLLATE "C" NOT NULL DEFAULT 'manual' CHECK (cause IN ('lease', 'manual', 'import')),
	class bounce.bounce_class,
	starts_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	expires_at timestamptz NOT NULL DEFAULT 'infinity',
	note text,
	made_by text DEFAULT CURRENT_USER
);
COMMENT ON TABLE bounce.domain_suppression IS 'Domains that must not be mailed: example.com, or *.example.com for it and all below it';
COMMENT ON COLUMN bounce.domain_suppression.domain IS 'Domain in lower case, A-labels; a leading *. takes in all subdomains';
COMMENT ON COLUMN bounce.domain_suppression.cause IS 'lease (found in the log: bounce.domain_findings), manual or import';
COMMENT ON COLUMN bounce.domain_suppression.class IS 'What was wrong with it, if events of the log said so';
COMMENT ON COLUMN bounce.domain_suppression.starts_at IS 'Inclusive';
COMMENT ON COLUMN bounce.domain_suppression.expires_at IS 'Exclusive; infinity: until released';
COMMENT ON COLUMN bounce.domain_suppression.note IS 'Why, in words';
COMMENT ON COLUMN bounce.domain_suppression.made_by IS 'Role that made it';
SELECT pg_catalog.pg_extension_config_dump('bounce.domain_suppression', '');

CREATE TABLE bounce.digest_suppression (
	digest text COLLATE "C" NOT NULL CHECK (digest OPERATOR(pg_catalog.~) '^(sha256|hmac-sha256):[0-9a-f]{64}$'),
	topic text COLLATE "C" NOT NULL DEFAULT '',
	cause text COLLATE "C" NOT NULL DEFAULT 'import' CHECK (cause IN ('lease', 'complaint', 'manual', 'import', 'unsubscribe')),
	class bounce.bounce_class,
	starts_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	expires_at timestamptz NOT NULL DEFAULT 'infinity',
	note text,
	made_by text DEFAULT CURRENT_USER,
	source text COLLATE "C" CHECK (source IN ('person', 'operator', 'complaint', 'import', 'bounce')),
	PRIMARY KEY (digest, topic, cause)
);
COMMENT ON TABLE bounce.digest_suppression IS 'Addresses known by digest only: forgotten people and hashed lists';
COMMENT ON COLUMN bounce.digest_suppression.digest IS
'sha256: and the hexadecimal SHA-256 of the canonical address in UTF-8, or hmac-sha256: and its HMAC under the key of this database';
COMMENT ON COLUMN bounce.digest_suppression.topic IS 'Empty: all topics, or, for complaint and unsubscribe, all marketing topics';
COMMENT ON COLUMN bounce.digest_suppression.cause IS 'As in bounce.suppression; unsubscribe: a choice, until a later yes of the person''s own';
COMMENT ON COLUMN bounce.digest_suppression.class IS 'Class of the last bounce or complaint, if that was the cause';
COMMENT ON COLUMN bounce.digest_suppression.starts_at IS 'Inclusive';
COMMENT ON COLUMN bounce.digest_suppression.expires_at IS 'Exclusive; infinity: until released';
COMMENT ON COLUMN bounce.digest_suppression.note IS 'Why, in words';
COMMENT ON COLUMN bounce.digest_suppression.made_by IS 'Role that made it';
COMMENT ON COLUMN bounce.digest_suppression.source IS 'Of unsubscribe: who said it, as in bounce.preference; NULL: the person';
SELECT pg_catalog.pg_extension_config_dump('bounce.digest_suppression', '');

CREATE FUNCTION bounce.sweep(at timestamptz DEFAULT pg_catalog.now()) RETURNS bigint
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.sweep(timestamptz) IS
'Moves suppressions that are over at this time to bounce.suppression_history and takes their contacts out of quarantine; returns how many. Removes what no cap counts any more from bounce.pace, and keyed digests of forgotten people that are over. Nothing depends on it having run';
REVOKE ALL ON FUNCTION bounce.sweep(timestamptz) FROM PUBLIC;
