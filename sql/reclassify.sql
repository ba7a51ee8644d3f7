
-- New rules for what is logged already: what one would do, and doing it.
CREATE FUNCTION bounce.test_rule(
	pattern text,
	class bounce.bounce_class DEFAULT NULL,
	status_pattern bounce.status_pattern DEFAULT NULL,
	since timestamptz DEFAULT pg_catalog.now() OPERATOR(pg_catalog.-) '30 days'::interval,
	until timestamptz DEFAULT pg_catalog.now(),
	OUT old_class bounce.bounce_class,
	OUT new_class bounce.bounce_class,
	OUT events bigint,
	OUT example text) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 10 COST 100000 AS 'MODULE_PATHNAME', 'bounce_test_rule';
COMMENT ON FUNCTION bounce.test_rule(text, bounce.bounce_class, bounce.status_pattern, timestamptz, timestamptz) IS
'What a site rule would change in the log from since until just before until, if it came before all other rules: one row for each class
that events have now, with how many match and the shortest answer among them. Changes nothing.
class: what the rule would say; events that have it already are not counted. NULL: every match is, and new_class is NULL.
status_pattern: only answers with such a status; NULL: any. Events without a response and complaints are left out, as by
bounce.reclassify(). Reads the whole log of that time.
Errors: those of a pattern in bounce.site_rule (2201B, 22023); 22004 for NULL as pattern or time.';
REVOKE ALL ON FUNCTION bounce.test_rule(text, bounce.bounce_class, bounce.status_pattern, timestamptz, timestamptz) FROM PUBLIC;

CREATE TABLE bounce.reclassify_progress (
	since timestamptz NOT NULL,
	until timestamptz NOT NULL,
	events bigint NOT NULL,
	events_read bigint NOT NULL DEFAULT 0,
	events_changed bigint NOT NULL DEFAULT 0,
	percent double precision NOT NULL DEFAULT 0,
	time_left interval,
	started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	updated_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	finished_at timestamptz,
	at_recipient text COLLATE "C" NOT NULL DEFAULT '',
	at_occurred_at timestamptz NOT NULL DEFAULT '-infinity',
	at_event_key text COLLATE "C" NOT NULL DEFAULT '',
	rules bigint NOT NULL,
	PRIMARY KEY (since, until)
);
COMMENT ON TABLE bounce.reclassify_progress IS
'How far bounce.reclassify() is: the run that goes on or ended last, and those that were interrupted and can go on';
COMMENT ON COLUMN bounce.reclassify_progress.since IS 'Events from here ...';
COMMENT ON COLUMN bounce.reclassify_progress.until IS '... until just before here';
COMMENT ON COLUMN bounce.reclassify_progress.events IS 'How many there are with a response, as counted at the start';
COMMENT ON COLUMN bounce.reclassify_progress.events_read IS 'How many of them are done';
COMMENT ON COLUMN bounce.reclassify_progress.events_changed IS 'How many classes were changed';
COMMENT ON COLUMN bounce.reclassify_progress.percent IS 'How much is done';
COMMENT ON COLUMN bounce.reclassify_progress.time_left IS 'How long the rest will take at the present speed';
COMMENT ON COLUMN bounce.reclassify_progress.started_at IS 'When it began';
COMMENT ON COLUMN bounce.reclassify_progress.updated_at IS 'When the last batch was done';
COMMENT ON COLUMN bounce.reclassify_progress.finished_at IS 'When it ended; NULL: it runs, or was interrupted';
COMMENT ON COLUMN bounce.reclassify_progress.at_recipient IS 'In the order of the log''s key everything up to here is done: recipient';
COMMENT ON COLUMN bounce.reclassify_progress.at_occurred_at IS 'The same: occurred_at';
COMMENT ON COLUMN bounce.reclassify_progress.at_event_key IS 'The same: event_key';
COMMENT ON COLUMN bounce.reclassify_progress.rules IS 'Fingerprint of the rules that it applies: it goes on only with the same';

CREATE PROCEDURE bounce.reclassify(
	since timestamptz,
	until timestamptz DEFAULT pg_catalog.now(),
	batch integer DEFAULT 10000)
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_reclassify';
COMMENT ON PROCEDURE bounce.reclassify(timestamptz, timestamptz, integer) IS
'Classifies the events of the log from since until just before until again, as bounce.classify_here(status, response) does now, and
brings the leases of their addresses in line.
Left alone: events without a response (attempts, for example) and complaints. The log does not know whether a class was given with an
event: one that was given beside a response is replaced by what the response says.
Commits after each batch of so many events, so it must be called by itself, and does not hold up those who load. Shows how far it is
every ten seconds, and in bounce.reclassify_progress. It can be interrupted: called again with the same since and until, or with the same
since and none, it goes on where it stopped. When rules change meanwhile, it starts again from the beginning.
Errors: 55006 while another one runs in this database; 25001 inside a transaction block; 22023 for a batch below 1 or over a million; 22004.';
REVOKE ALL ON PROCEDURE bounce.reclassify(timestamptz, timestamptz, integer) FROM PUBLIC;
