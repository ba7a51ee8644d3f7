
-- What a person asked for, apart from what servers said.
CREATE TABLE bounce.preference (
	address text COLLATE "C" NOT NULL,
	topic text COLLATE "C" NOT NULL,
	state text COLLATE "C" NOT NULL CHECK (state IN ('pending', 'subscribed', 'unsubscribed', 'snoozed')),
	until timestamptz,
	since timestamptz NOT NULL DEFAULT pg_catalog.now(),
	source text COLLATE "C" NOT NULL CHECK (source IN ('person', 'operator', 'complaint', 'import', 'bounce')),
	before text COLLATE "C" CHECK (before IN ('subscribed', 'unsubscribed')),
	before_since timestamptz,
	before_source text COLLATE "C" CHECK (before_source IN ('person', 'operator', 'complaint', 'import', 'bounce')),
	number integer,
	last_number integer,
	PRIMARY KEY (address, topic),
	CHECK ((state OPERATOR(pg_catalog.=) 'snoozed') OPERATOR(pg_catalog.<=) (until IS NOT NULL)),
	CHECK (before IS NULL OR state IN ('pending', 'snoozed')),
	CHECK ((before IS NULL) OPERATOR(pg_catalog.=) (before_since IS NULL)
		AND (before IS NULL) OPERATOR(pg_catalog.=) (before_source IS NULL))
);
COMMENT ON TABLE bounce.preference IS 'What a person said about a topic; the evidence is in bounce.consent_log';
COMMENT ON COLUMN bounce.preference.address IS 'Canonical address (bounce.normalize_address)';
COMMENT ON COLUMN bounce.preference.topic IS 'Empty: all marketing topics (a global choice)';
COMMENT ON COLUMN bounce.preference.state IS 'pending, subscribed, unsubscribed or snoozed';
COMMENT ON COLUMN bounce.preference.until IS 'End of a pause, or of the time to confirm; from then on it is as it was before';
COMMENT ON COLUMN bounce.preference.since IS 'When the person said so';
COMMENT ON COLUMN bounce.preference.source IS 'Who said so: person, operator, complaint, import or bounce';
COMMENT ON COLUMN bounce.preference.before IS 'Of pending and snoozed: subscribed or unsubscribed, as it was before and will be after until; NULL: nothing was said';
COMMENT ON COLUMN bounce.preference.before_since IS 'When that was said';
COMMENT ON COLUMN bounce.preference.before_source IS 'Who said that';
COMMENT ON COLUMN bounce.preference.number IS 'Number of the row of bounce.consent_log that decided; NULL: it came in without evidence';
COMMENT ON COLUMN bounce.preference.last_number IS 'Number of the last row of bounce.consent_log about this topic';
SELECT pg_catalog.pg_extension_config_dump('bounce.preference', '');

CREATE TABLE bounce.consent_log (
	address text COLLATE "C" NOT NULL,
	number integer NOT NULL CHECK (number OPERATOR(pg_catalog.>) 0),
	topic text COLLATE "C" NOT NULL,
	act text COLLATE "C" NOT NULL CHECK (act IN ('subscribe', 'request', 'confirm', 'unsubscribe', 'snooze', 'resume')),
	old_state text COLLATE "C",
	new_state text COLLATE "C",
	until timestamptz,
	source text COLLATE "C" NOT NULL CHECK (source IN ('person', 'operator', 'complaint', 'import', 'bounce')),
	actor text NOT NULL,
	at timestamptz NOT NULL,
	evidence jsonb,
	recorded_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	hash bytea NOT NULL,
	PRIMARY KEY (address, number)
);
COMMENT ON TABLE bounce.consent_log IS 'Append-only evidence of every choice; each row is chained by hash to the one before it of the same address';
COMMENT ON COLUMN bounce.consent_log.address IS 'Canonical address (bounce.normalize_address)';
COMMENT ON COLUMN bounce.consent_log.number IS 'Running number within the address, from 1';
COMMENT ON COLUMN bounce.consent_log.topic IS 'Empty: all marketing topics';
COMMENT ON COLUMN bounce.consent_log.act IS 'What was done: subscribe, request (a yes that needs to be confirmed), confirm, unsubscribe, snooze or resume';
COMMENT ON COLUMN bounce.consent_log.old_state IS 'What stood right before it, as far as was known when it was recorded; NULL: nothing was said';
COMMENT ON COLUMN bounce.consent_log.new_state IS 'What stood right after it; the same where a higher source stood above it';
COMMENT ON COLUMN bounce.consent_log.until IS 'Of snooze: end of the pause; of request: end of the time to confirm';
COMMENT ON COLUMN bounce.consent_log.source IS 'person, operator, complaint, import or bounce';
COMMENT ON COLUMN bounce.consent_log.actor IS 'Database role that recorded the choice';
COMMENT ON COLUMN bounce.consent_log.at IS 'When the choice was made';
COMMENT ON COLUMN bounce.consent_log.evidence IS 'Form, IP address, message, text shown';
COMMENT ON COLUMN bounce.consent_log.recorded_at IS 'When the row was stored';
COMMENT ON COLUMN bounce.consent_log.hash IS 'SHA-256 over the row and the hash of the row before it';
SELECT pg_catalog.pg_extension_config_dump('bounce.consent_log', '');

CREATE FUNCTION bounce.unsubscribe(address text, topic text, at timestamptz DEFAULT pg_catalog.now(), source text DEFAULT 'person',
	evidence jsonb DEFAULT NULL)
	RETURNS boolean
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_unsubscribe';
COMMENT ON FUNCTION bounce.unsubscribe(text, text, timestamptz, text, jsonb) IS
'The person does not want this topic any more; any name is a topic, so that no unsubscribe is lost.
at: when the person said so; the future counts as now. source: person, operator, complaint, import or bounce.
evidence: form, IP address, message, text shown. True when the state changed; false when it was so already,
or when a later choice or one of a higher source stands.
Errors: 22023 for what is no address, an empty topic or an unknown source; 22004 for NULL in anything but evidence;
22008 for an infinite time.';
REVOKE ALL ON FUNCTION bounce.unsubscribe(text, text, timestamptz, text, jsonb) FROM PUBLIC;

CREATE FUNCTION bounce.unsubscribe_all(address text, at timestamptz DEFAULT pg_catalog.now(), source text DEFAULT 'person',
	evidence jsonb DEFAULT NULL)
	RETURNS boolean
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_unsubscribe_all';
COMMENT ON FUNCTION bounce.unsubscribe_all(text, timestamptz, text, jsonb) IS
'The person wants no marketing mail of any topic any more: bounce.unsubscribe() for all of them, also those to come.';
REVOKE ALL ON FUNCTION bounce.unsubscribe_all(text, timestamptz, text, jsonb) FROM PUBLIC;

CREATE FUNCTION bounce.subscribe(address text, topic text, at timestamptz DEFAULT pg_catalog.now(), source text DEFAULT 'person',
	evidence jsonb DEFAULT NULL)
	RETURNS boolean
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_subscribe';
COMMENT ON FUNCTION bounce.subscribe(text, text, timestamptz, text, jsonb) IS
'The person wants this topic, or wants it again; topic '''' takes back bounce.unsubscribe_all().
A topic with opt_in double waits for bounce.confirm(): it is pending for as long as the setting confirm_within says
(7 days). True when something changed: for opt_in double, when a confirmation is to be sent.
Errors: those of bounce.unsubscribe(); LH001 when the source ranks below that of a standing no (person, operator,
complaint, import, bounce); LH004 when the topic is retired; LH005 when it is not in bounce.topic.';
REVOKE ALL ON FUNCTION bounce.subscribe(text, text, timestamptz, text, jsonb) FROM PUBLIC;

CREATE FUNCTION bounce.confirm(address text, topic text, at timestamptz DEFAULT pg_catalog.now(), source text DEFAULT 'person',
	evidence jsonb DEFAULT NULL)
	RETURNS boolean
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_confirm';
COMMENT ON FUNCTION bounce.confirm(text, text, timestamptz, text, jsonb) IS
'The person confirms what bounce.subscribe() left pending, as by following a link: from then on it is subscribed.
False when it was confirmed already.
Errors: those of bounce.subscribe(); LH004 also when nothing is pending, or not any more.';
REVOKE ALL ON FUNCTION bounce.confirm(text, text, timestamptz, text, jsonb) FROM PUBLIC;

CREATE FUNCTION bounce.snooze(address text, topic text, until timestamptz, at timestamptz DEFAULT pg_catalog.now(), source text DEFAULT 'person',
	evidence jsonb DEFAULT NULL)
	RETURNS boolean
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_snooze';
COMMENT ON FUNCTION bounce.snooze(text, text, timestamptz, timestamptz, text, jsonb) IS
'The person wants no mail of this topic until then; '''': of all marketing topics. At that time it is again as it
was before, without anybody doing anything. Told again it moves the end.
Errors: those of bounce.subscribe(); LH004 also when no mail goes out anyway; 22008 for an end that is not after
the beginning, or never.';
REVOKE ALL ON FUNCTION bounce.snooze(text, text, timestamptz, timestamptz, text, jsonb) FROM PUBLIC;

CREATE FUNCTION bounce.resume(address text, topic text, at timestamptz DEFAULT pg_catalog.now(), source text DEFAULT 'person',
	evidence jsonb DEFAULT NULL)
	RETURNS boolean
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_resume';
COMMENT ON FUNCTION bounce.resume(text, text, timestamptz, text, jsonb) IS
'The person ends the pause of a topic ('''': that of all) before its time: it is again as it was before.
Errors: those of bounce.subscribe(); LH004 also when there is no pause.';
REVOKE ALL ON FUNCTION bounce.resume(text, text, timestamptz, text, jsonb) FROM PUBLIC;

CREATE FUNCTION bounce.consent_log_guard() RETURNS trigger
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_consent_log_guard';
COMMENT ON FUNCTION bounce.consent_log_guard() IS 'Trigger: refuses to change or remove evidence (LH002)';
REVOKE ALL ON FUNCTION bounce.consent_log_guard() FROM PUBLIC;

-- The statement is refused even if it finds no row; the row trigger holds where
-- rows come without a statement, as in replication.  ALWAYS: in every replication role.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bounce.consent_log
	FOR EACH STATEMENT EXECUTE FUNCTION bounce.consent_log_guard();
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only;
COMMENT ON TRIGGER append_only ON bounce.consent_log IS 'No statement may change or remove evidence';
CREATE TRIGGER append_only_row BEFORE UPDATE OR DELETE ON bounce.consent_log
	FOR EACH ROW EXECUTE FUNCTION bounce.consent_log_guard();
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only_row;
COMMENT ON TRIGGER append_only_row ON bounce.consent_log IS 'No row of evidence may be changed or removed';

CREATE FUNCTION bounce.verify_consent_log(address text DEFAULT NULL)
	RETURNS TABLE (address text, number integer, topic text, problem text, detail text)
	STABLE PARALLEL UNSAFE COST 10000 ROWS 10
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_verify_consent_log';
COMMENT ON FUNCTION bounce.verify_consent_log(text) IS
'What in bounce.consent_log is not what was put on record, for an address or (NULL) for all of them; no row: all is well.
problem: changed (the row, or the hash before it), missing (that row or those up to the next one are gone),
preference (bounce.preference is not what the log leads to, or came in without evidence). number, topic: of the row of
the log, where known. Reads the whole log once, in the order of addresses. Error: 22023 for what is no address.';
REVOKE ALL ON FUNCTION bounce.verify_consent_log(text) FROM PUBLIC;

CREATE FUNCTION bounce.consent_proof(address text, topic text, at timestamptz DEFAULT pg_catalog.now())
	RETURNS TABLE (agreed boolean, state text, decided_for text, since timestamptz, until timestamptz, source text,
		number integer, act text, actor text, recorded_at timestamptz, evidence jsonb, request jsonb, hash bytea, history jsonb)
	STABLE PARALLEL UNSAFE COST 1000 ROWS 1
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_consent_proof';
COMMENT ON FUNCTION bounce.consent_proof(text, text, timestamptz) IS
'Had this person agreed to this topic at that time, and to what? One row, from bounce.consent_log alone.
agreed: a yes to the topic was in force; not while it was paused, unconfirmed, or declined for all topics; NULL when there
was a yes without evidence. The other columns are those of the row that decided: decided_for: the topic, or empty for all;
since: when it was said; number, act, actor, recorded_at, evidence, hash: as in the log. request: the evidence of the
request that was confirmed (the text shown). history: every row up to that time that bears on it, in order.
All NULL but agreed when nothing was said. What became known later counts from its own time on.
Errors: 22023 for what is no address, 22004 for NULL, LH006 when the record was tampered with.';
REVOKE ALL ON FUNCTION bounce.consent_proof(text, text, timestamptz) FROM PUBLIC;
