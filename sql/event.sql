
-- The log is the truth: leases, complaints and quarantine are its materialised fold.
CREATE TABLE bounce.delivery_event (
	occurred_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	recipient text COLLATE "C" NOT NULL,
	topic text COLLATE "C",
	status bounce.smtp_status,
	class bounce.bounce_class NOT NULL,
	response text,
	message_id text COLLATE "C",
	event_key text COLLATE "C" NOT NULL,
	sent_at timestamptz,
	source text COLLATE "C",
	remote_host text COLLATE "C",
	recorded_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	PRIMARY KEY (recipient, occurred_at, event_key)
) PARTITION BY RANGE (occurred_at);
-- What can move a lease or complaint: all but accepted mails, which are most of the log.  With what
-- a fold wants to know of an attempt, which are many where a list is old: their rows need not be read.
CREATE INDEX delivery_event_failing ON bounce.delivery_event (recipient, occurred_at) INCLUDE (class, event_key)
	WHERE class OPERATOR(bounce.>=) 'hard:delivered';
CREATE TABLE bounce.delivery_event_default PARTITION OF bounce.delivery_event DEFAULT;
COMMENT ON INDEX bounce.delivery_event_failing IS 'Events that may move a lease: what a fold reads of an address does not grow with the mails it accepts';
COMMENT ON TABLE bounce.delivery_event IS 'What mail servers answered, one row an event; COPY or INSERT of (recipient, response, occurred_at, ...) is the main door';
COMMENT ON TABLE bounce.delivery_event_default IS 'Events for which no partition was made';
COMMENT ON COLUMN bounce.delivery_event.occurred_at IS 'When the server answered';
COMMENT ON COLUMN bounce.delivery_event.recipient IS 'Address, stored in canonical spelling (bounce.normalize_address)';
COMMENT ON COLUMN bounce.delivery_event.topic IS 'Stream of mail the message belonged to, if known; at most 1000 bytes';
COMMENT ON COLUMN bounce.delivery_event.status IS 'Reply and enhanced code; taken from the response when not given';
COMMENT ON COLUMN bounce.delivery_event.class IS 'Severity and reason; bounce.classify_here(status, response) when not given';
COMMENT ON COLUMN bounce.delivery_event.response IS 'The text of the server''s answer';
COMMENT ON COLUMN bounce.delivery_event.message_id IS 'The sender''s identifier of the message: one message and recipient is one occurrence';
COMMENT ON COLUMN bounce.delivery_event.event_key IS 'Identifies the event where it comes from; derived from the row when not given; at most 1000 bytes';
COMMENT ON COLUMN bounce.delivery_event.sent_at IS 'When the message was sent: a bounce of a mail sent before a lease began does not climb it';
COMMENT ON COLUMN bounce.delivery_event.source IS 'Who told: a log, a webhook, a report, guard, attempt';
COMMENT ON COLUMN bounce.delivery_event.remote_host IS 'The server that answered';
COMMENT ON COLUMN bounce.delivery_event.recorded_at IS 'When the row was stored';
SELECT pg_catalog.pg_extension_config_dump('bounce.delivery_event', '');
-- pg_dump reads this table "SELECT columns FROM table" and what is given here: with it come the
-- events of the partitions that bounce.maintain() has made, which are members like this one.
SELECT pg_catalog.pg_extension_config_dump('bounce.delivery_event_default',
	$$UNION ALL SELECT occurred_at, recipient, topic, status, class, response, message_id, event_key, sent_at, source, remote_host, recorded_at
	FROM bounce.delivery_event WHERE tableoid OPERATOR(pg_catalog.<>) 'bounce.delivery_event_default'::pg_catalog.regclass
	AND tableoid IN (SELECT objid FROM pg_catalog.pg_depend WHERE classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
	AND deptype OPERATOR(pg_catalog.=) 'e')$$);

CREATE TABLE bounce.rejected_input (
	id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
	rejected_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	door text COLLATE "C" NOT NULL,
	reason text NOT NULL,
	input jsonb NOT NULL
);
COMMENT ON TABLE bounce.rejected_input IS 'Input that could not be used, kept with the reason instead of failing its batch';
COMMENT ON COLUMN bounce.rejected_input.id IS 'Names the row';
COMMENT ON COLUMN bounce.rejected_input.rejected_at IS 'When it came in';
COMMENT ON COLUMN bounce.rejected_input.door IS 'Where it came in: delivery_event, a webhook, an import; or where it should have gone: quarantine_contacts or track_preferences, a contact table that refused to be updated';
COMMENT ON COLUMN bounce.rejected_input.reason IS 'Why it could not be used';
COMMENT ON COLUMN bounce.rejected_input.input IS 'The input as it came';
SELECT pg_catalog.pg_extension_config_dump('bounce.rejected_input', '');

CREATE FUNCTION bounce.delivery_event_fill() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.delivery_event_fill() IS 'Trigger: completes an event and notes what it may move, or keeps it out of the log (rejected or already there)';
REVOKE ALL ON FUNCTION bounce.delivery_event_fill() FROM PUBLIC;
CREATE FUNCTION bounce.delivery_event_apply() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.delivery_event_apply() IS 'Trigger: moves the suppressions of the addresses in a statement''s events';
REVOKE ALL ON FUNCTION bounce.delivery_event_apply() FROM PUBLIC;

-- Of several triggers the last by name fires last: what it notes of a row is what is stored.
CREATE TRIGGER zz_event_fill BEFORE INSERT ON bounce.delivery_event
	FOR EACH ROW EXECUTE FUNCTION bounce.delivery_event_fill();
CREATE TRIGGER event_apply_begin BEFORE INSERT ON bounce.delivery_event
	FOR EACH STATEMENT EXECUTE FUNCTION bounce.delivery_event_apply();
CREATE TRIGGER event_apply_update_begin BEFORE UPDATE ON bounce.delivery_event
	FOR EACH STATEMENT EXECUTE FUNCTION bounce.delivery_event_apply();
CREATE TRIGGER event_apply_insert AFTER INSERT ON bounce.delivery_event
	FOR EACH STATEMENT EXECUTE FUNCTION bounce.delivery_event_apply();
CREATE TRIGGER event_apply_update AFTER UPDATE ON bounce.delivery_event
	REFERENCING OLD TABLE AS old_events NEW TABLE AS new_events FOR EACH STATEMENT EXECUTE FUNCTION bounce.delivery_event_apply();
CREATE TRIGGER event_apply_delete AFTER DELETE ON bounce.delivery_event
	REFERENCING OLD TABLE AS old_events FOR EACH STATEMENT EXECUTE FUNCTION bounce.delivery_event_apply();

CREATE FUNCTION bounce.record_event(
	recipient text,
	response text DEFAULT NULL,
	status bounce.smtp_status DEFAULT NULL,
	class bounce.bounce_class DEFAULT NULL,
	topic text DEFAULT NULL,
	message_id text DEFAULT NULL,
	event_key text DEFAULT NULL,
	occurred_at timestamptz DEFAULT pg_catalog.now(),
	sent_at timestamptz DEFAULT NULL,
	source text DEFAULT NULL,
	remote_host text DEFAULT NULL) RETURNS bounce.bounce_class
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.record_event(text, text, bounce.smtp_status, bounce.bounce_class, text, text, text, timestamptz, timestamptz, text, text) IS
'Logs one event and lets it take effect; the class that was recorded, or NULL when the event is in the log already or was put into bounce.rejected_input';
REVOKE ALL ON FUNCTION bounce.record_event(text, text, bounce.smtp_status, bounce.bounce_class, text, text, text, timestamptz, timestamptz, text, text) FROM PUBLIC;

CREATE FUNCTION bounce.record_attempt(address text, topic text DEFAULT NULL, at timestamptz DEFAULT pg_catalog.now()) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.record_attempt(text, text, timestamptz) IS
'Before sending: "send", or "suppressed" (then the attempt is logged and climbs the lease); text that is no address is suppressed, NULL gives NULL.
A topic with a cap: "send" counts the message, for as long as the transaction stands, and "suppressed" is also what comes when the cap is
used up; that is not logged, and moves no lease (bounce.capped_until() says until when). Waits for a transaction that sends to the same person
under the same cap. Errors: 22008 for an infinite time; with a cap 40001 under REPEATABLE READ and above, and 40P01 where
transactions with several people each take them in different orders: try again.';
REVOKE ALL ON FUNCTION bounce.record_attempt(text, text, timestamptz) FROM PUBLIC;
