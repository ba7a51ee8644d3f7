-- The log and what it does: events in, suppressions out.
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set VERBOSITY default
\set SHOW_CONTEXT never

-- One event through the function door: classified, normalised, in force.
SELECT bounce.record_event('Ann@Events.Example', '550 5.1.1 User unknown', occurred_at => '2026-01-01');
SELECT recipient, status, class, length(event_key) AS key_length FROM bounce.delivery_event WHERE recipient LIKE '%@events.example';
CREATE VIEW state AS
	SELECT split_part(address, '@', 1) AS who, cause, class, status, step, occurrences, starts_at, expires_at, last_event_at
	FROM bounce.suppression WHERE address LIKE '%@events.example' ORDER BY address, cause;
CREATE VIEW past AS
	SELECT split_part(address, '@', 1) AS who, cause, class, step, occurrences, during, ended_by
	FROM bounce.suppression_history WHERE address LIKE '%@events.example' ORDER BY address, cause, ended_at;
TABLE state;

-- The same event again is no event: the log has one row, the lease one occurrence.
SELECT bounce.record_event('ann@events.example', '550 5.1.1 User unknown', occurred_at => '2026-01-01');
SELECT count(*) FROM bounce.delivery_event WHERE recipient = 'ann@events.example';
TABLE state;

-- Attempts while the lease is active climb it: 24, 48, 96, 168 and 336 hours.
CREATE FUNCTION pg_temp.try(at timestamptz) RETURNS TABLE (answer text, step smallint, hours numeric) LANGUAGE sql VOLATILE AS $$
	SELECT bounce.record_attempt('ann@events.example', at => at);
	SELECT bounce.record_attempt('nobody', at => at), s.step, extract(epoch FROM s.expires_at - at) / 3600
	FROM bounce.suppression s WHERE s.address = 'ann@events.example' $$;
SELECT (pg_temp.try(at)).* FROM (VALUES
	('2026-01-01 06:00'::timestamptz), ('2026-01-02'), ('2026-01-03'), ('2026-01-04'), ('2026-01-05')) AS v(at);
-- At the very end it is over: the next attempt goes out and nothing climbs.
SELECT bounce.record_attempt('ann@events.example', at => '2026-01-19');
SELECT bounce.record_attempt('ann@events.example', at => '2026-01-18 23:59:59.999999');
SELECT who, step, occurrences, expires_at FROM state;
-- Attempts are in the log.
SELECT class, source, count(*) FROM bounce.delivery_event WHERE recipient = 'ann@events.example' GROUP BY 1, 2 ORDER BY 1;
-- A new hard bounce after the end starts a new cycle; the old one is history.
SELECT bounce.record_event('ann@events.example', '550 5.1.1 User unknown', occurred_at => '2026-03-01');
SELECT who, step, occurrences, starts_at, expires_at FROM state;
SELECT * FROM past;

-- COPY is the main door: a bad row goes to rejected_input, the others stay.
COPY bounce.delivery_event (recipient, response, occurred_at) FROM stdin;
bob@events.example	550 5.1.1 User unknown	2026-01-01
this is no address	550 5.1.1 User unknown	2026-01-01
carl@events.example	\N	2026-01-01
dora@events.example	452 4.2.2 Mailbox full	2026-01-01
dora@events.example	452 4.2.2 Mailbox full	2026-01-02
emma@events.example	452 4.2.2 Mailbox full	2026-01-02
dora@events.example	452 4.2.2 Mailbox full	2026-01-14
bob@events.example	550 5.1.1 User unknown	2026-01-01
fred@events.example	250 2.0.0 OK	2026-01-01
gina@events.example	550 5.7.1 Blocked, your IP is listed	2026-01-01
hugo@events.example	550 5.1.1 User unknown	infinity
\.
SELECT reason, input ->> 'recipient' AS recipient, input ->> 'response' AS response
FROM bounce.rejected_input WHERE rejected_at >= now() - interval '1 hour' ORDER BY reason;
-- Hard at once; mailbox_full at the third event within 14 days; a sender's fault never.
SELECT * FROM state WHERE who <> 'ann';
-- The same file once more: nothing changes.
SELECT count(*) AS before FROM bounce.delivery_event WHERE recipient LIKE '%@events.example' \gset
COPY bounce.delivery_event (recipient, response, occurred_at) FROM stdin;
bob@events.example	550 5.1.1 User unknown	2026-01-01
dora@events.example	452 4.2.2 Mailbox full	2026-01-01
dora@events.example	452 4.2.2 Mailbox full	2026-01-02
\.
SELECT count(*) = :before AS same_log FROM bounce.delivery_event WHERE recipient LIKE '%@events.example';
SELECT * FROM state WHERE who <> 'ann';

-- One message and recipient is one occurrence, however often it is reported.
SELECT bounce.record_event('iris@events.example', '550 5.1.1 User unknown', message_id => 'm1', occurred_at => '2026-01-01', source => 'log');
SELECT bounce.record_event('iris@events.example', class => 'user_unknown', message_id => 'm1', occurred_at => '2026-01-01 00:05', source => 'webhook');
SELECT who, step, occurrences, expires_at FROM state WHERE who = 'iris';
-- Another message climbs; a mail sent before the lease began does not.
SELECT bounce.record_event('iris@events.example', '550 5.1.1 User unknown', message_id => 'm0', occurred_at => '2026-01-01 08:00', sent_at => '2025-12-31 23:00');
SELECT who, step, occurrences, expires_at FROM state WHERE who = 'iris';
SELECT bounce.record_event('iris@events.example', '550 5.1.1 User unknown', message_id => 'm2', occurred_at => '2026-01-01 08:00', sent_at => '2026-01-01 07:59');
SELECT who, step, occurrences, expires_at FROM state WHERE who = 'iris';

-- Events out of order: the state equals the fold in event time.
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES
	('late@events.example', '550 5.1.1 User unknown', '2026-01-03'),
	('in.order@events.example', '550 5.1.1 User unknown', '2026-01-01 12:00');
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES
	('late@events.example', '550 5.1.1 User unknown', '2026-01-01'),
	('in.order@events.example', '550 5.1.1 User unknown', '2026-01-01');
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES
	('late@events.example', '550 5.1.1 User unknown', '2026-01-01 12:00'),
	('in.order@events.example', '550 5.1.1 User unknown', '2026-01-03');
SELECT who, step, occurrences, starts_at, expires_at FROM state WHERE who IN ('late', 'in.order');
SELECT * FROM past WHERE who IN ('late', 'in.order');

-- A complaint silences until released; it and a person's wish to unsubscribe are a no to
-- the topic of the message, or else to all marketing, with the event as evidence.
INSERT INTO bounce.delivery_event (recipient, class, occurred_at, topic, message_id) VALUES
	('judy@events.example', 'complaint_abuse', '2026-01-01', 'news', 'm1@sender.example'),
	('judy@events.example', 'complaint_fraud', '2026-01-02', NULL, NULL),
	('kate@events.example', 'unsubscribe_request', '2026-01-01', 'news', NULL),
	('lars@events.example', 'complaint_opt_out', '2026-01-01', NULL, NULL);
SELECT who, cause, class, starts_at, expires_at FROM state WHERE who IN ('judy', 'kate', 'lars');
SELECT address, topic, act, source, at, evidence - 'event_key' AS evidence FROM bounce.consent_log
WHERE address LIKE '%@events.example' ORDER BY address, number;
SELECT address, topic, state, source FROM bounce.preference WHERE address LIKE '%@events.example' ORDER BY 1, 2;
-- What turns out to be one later takes effect at its own time; what it was before does not come back.
INSERT INTO bounce.delivery_event (recipient, class, occurred_at, topic) VALUES ('mary@events.example', 'auto_reply', '2026-01-01', 'news');
UPDATE bounce.delivery_event SET class = 'unsubscribe_request' WHERE recipient = 'mary@events.example';
UPDATE bounce.delivery_event SET remote_host = 'mx.example' WHERE recipient IN ('mary@events.example', 'judy@events.example');
SELECT address, number, topic, act, source, at FROM bounce.consent_log
WHERE address IN ('mary@events.example', 'judy@events.example') ORDER BY address, number;

-- sweep() moves what is over, and only that.
SELECT bounce.sweep('2026-01-02') >= 1 AS swept;
SELECT who, expires_at FROM state WHERE expires_at <= '2026-01-02';
SELECT * FROM past WHERE who = 'bob';
-- A late event that changes nothing leaves history as it is ...
SELECT bounce.record_event('bob@events.example', '452 4.2.2 Mailbox full', occurred_at => '2026-01-20');
SELECT * FROM past WHERE who = 'bob';
SELECT * FROM state WHERE who = 'bob';
-- ... one that belongs into the swept cycle corrects it.
SELECT bounce.record_event('bob@events.example', '550 5.1.1 User unknown', occurred_at => '2026-01-01 10:00', message_id => 'later report');
SELECT * FROM past WHERE who = 'bob';
SELECT who, step, occurrences, starts_at, expires_at FROM state WHERE who = 'bob';

-- What is taken out of the log loses its effect.
DELETE FROM bounce.delivery_event WHERE recipient = 'bob@events.example';
SELECT * FROM state WHERE who = 'bob';
SELECT * FROM past WHERE who = 'bob';
UPDATE bounce.delivery_event SET class = 'block:policy' WHERE recipient = 'iris@events.example';
SELECT * FROM state WHERE who = 'iris';

-- However rows come: with ON CONFLICT, where the same event again is still none, with MERGE.
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES
	('mary@events.example', '550 5.1.1 User unknown', '2026-01-01'), ('fred@events.example', '250 2.0.0 OK', '2026-01-01')
	ON CONFLICT (recipient, occurred_at, event_key) DO UPDATE SET topic = 'again' RETURNING recipient, topic;
SELECT who, class, step FROM state WHERE who = 'mary';
MERGE INTO bounce.delivery_event AS e
	USING (VALUES ('mary@events.example', 'soft:greylisted'), ('nora@events.example', 'hard:user_unknown'),
		('fred@events.example', 'ok:delivered')) AS n(recipient, class)
	ON e.recipient = n.recipient
	WHEN MATCHED AND n.class = 'ok:delivered' THEN DELETE
	WHEN MATCHED THEN UPDATE SET class = n.class::bounce.bounce_class
	WHEN NOT MATCHED THEN INSERT (recipient, class, occurred_at) VALUES (n.recipient, n.class::bounce.bounce_class, '2026-01-01');
SELECT who, class, step FROM state WHERE who IN ('mary', 'nora', 'fred');

-- Names too long for an index do not fail the rest of a load.
INSERT INTO bounce.delivery_event (recipient, response, class, topic, event_key) VALUES
	('olga@events.example', '550 5.1.1 User unknown', NULL, NULL, repeat('k', 1001)),
	('olga@events.example', NULL, 'complaint:complaint_abuse', repeat('t', 1001), NULL),
	('paul@events.example', '550 5.1.1 User unknown', NULL, repeat('t', 1000), repeat('k', 1000));
SELECT reason, input ->> 'recipient' AS recipient FROM bounce.rejected_input WHERE reason ~ 'longer' ORDER BY reason;
SELECT who, class FROM state WHERE who IN ('olga', 'paul');

-- Wrong input: the attempt of no address is withheld, NULL stays NULL, infinity is no time.
SELECT bounce.record_attempt('not an address');
SELECT bounce.record_attempt(NULL) IS NULL AS is_null;
SELECT bounce.record_attempt('bob@events.example', at => 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.record_event('lena@events.example') IS NULL AS rejected;
SELECT bounce.record_event(NULL, '550 5.1.1 User unknown') IS NULL AS rejected;
SELECT bounce.record_event('lena@events.example', '550', status => '550 4.1.1');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.delivery_event_fill();
CREATE TABLE own (a text);
CREATE TRIGGER wrong AFTER INSERT ON own FOR EACH ROW EXECUTE FUNCTION bounce.delivery_event_fill();
INSERT INTO own VALUES ('x');
\echo :LAST_ERROR_SQLSTATE

DROP TABLE own;
DROP VIEW state, past;
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@events.example';
DELETE FROM bounce.rejected_input;
DELETE FROM bounce.preference WHERE address LIKE '%@events.example';
SELECT count(*) FROM bounce.suppression WHERE address LIKE '%@events.example';
ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
DELETE FROM bounce.consent_log WHERE address LIKE '%@events.example';
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only_row;
