-- What the application writes to its own delivery log is told to bounce.delivery_event.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
\set SHOW_CONTEXT never

CREATE TABLE delivery_log (
	id bigint GENERATED ALWAYS AS IDENTITY,
	rcpt varchar(320),
	answer text,
	code integer,
	stream text,
	message uuid,
	at timestamptz,
	queued timestamptz,
	mx text
);
SELECT bounce.watch_deliveries('delivery_log', 'rcpt', 'answer', status => 'code', occurred_at => 'at', topic => 'stream',
	message_id => 'message', event_key => 'id', sent_at => 'queued', remote_host => 'mx');
SELECT jsonb_pretty(options) FROM bounce.watched_table;

-- Everything the log says arrives, completed and classified; leases begin.
INSERT INTO delivery_log (rcpt, answer, code, stream, message, at, queued, mx) VALUES
	('Ann@Watch.Example', '250 2.0.0 OK', 250, 'news', '00000000-0000-0000-0000-000000000001', '2024-03-01 10:00', '2024-03-01 09:59', 'mx.watch.example'),
	('bob@watch.example', '550 5.1.1 User unknown', 550, NULL, NULL, now(), NULL, NULL),
	('carl@watch.example', NULL, 550, NULL, NULL, NULL, NULL, NULL),
	('cleo@watch.example', '5.1.1 User unknown', 550, NULL, NULL, NULL, NULL, NULL);
SELECT recipient, topic, status, class, response, message_id, event_key, sent_at, source, remote_host,
	CASE occurred_at WHEN now() THEN 'now' ELSE occurred_at::text END AS occurred_at
	FROM bounce.delivery_event WHERE recipient LIKE '%@watch.example' AND event_key = '1';
SELECT recipient, status, class, response, occurred_at BETWEEN now() - interval '1 minute' AND now() AS lately
	FROM bounce.delivery_event WHERE recipient LIKE '%@watch.example' AND event_key <> '1' ORDER BY recipient;
SELECT address, step, occurrences FROM bounce.suppression WHERE address LIKE '%@watch.example' ORDER BY address;
-- All rows of a statement are told together, whatever kind of statement.
COPY delivery_log (rcpt, answer, at) FROM stdin;
bob@watch.example	550 5.1.1 User unknown	2024-03-01 10:00
dora@watch.example	452 4.2.2 Mailbox full	2024-03-01 10:00
\.
INSERT INTO delivery_log (rcpt, answer, at) SELECT name || '@watch.example', '250 OK', '2024-03-02' FROM unnest('{eve,frank}'::text[]) AS name;
MERGE INTO delivery_log USING (SELECT 'gina@watch.example') AS n(rcpt) ON false
	WHEN NOT MATCHED THEN INSERT (rcpt, answer, at) VALUES (n.rcpt, '250 OK', '2024-03-03');
SELECT recipient, class FROM bounce.delivery_event WHERE recipient LIKE '%@watch.example' AND event_key::int > 4 ORDER BY event_key::int;
-- What cannot be used never fails the application.
INSERT INTO delivery_log (rcpt, answer, code, at) VALUES ('no address', '250 OK', 99999, '2024-03-04'), (NULL, '250 OK', NULL, '2024-03-04'),
	('hugo@watch.example', NULL, NULL, '2024-03-04'), ('hugo@watch.example', '250 OK', 1, '2024-03-04');
SELECT reason, input ->> 'recipient' AS recipient FROM bounce.rejected_input WHERE input ->> 'source' = 'public.delivery_log' ORDER BY reason;
SELECT status, class FROM bounce.delivery_event WHERE recipient = 'hugo@watch.example';
-- No row, no work; other statements are not watched.
INSERT INTO delivery_log (rcpt) SELECT 'x@watch.example' WHERE false;
UPDATE delivery_log SET answer = '250 changed';
SELECT count(*) FROM bounce.delivery_event WHERE response = '250 changed';
-- What is undone was not told.
BEGIN;
INSERT INTO delivery_log (rcpt, answer) VALUES ('ida@watch.example', '250 OK');
ROLLBACK;
SELECT count(*) FROM bounce.delivery_event WHERE recipient = 'ida@watch.example';

-- Columns may be renamed and added, tables renamed and moved.
ALTER TABLE delivery_log RENAME COLUMN rcpt TO "Rcpt ""to""";
ALTER TABLE delivery_log RENAME COLUMN answer TO said;
ALTER TABLE delivery_log RENAME TO "Delivery Log";
ALTER TABLE "Delivery Log" ADD COLUMN rcpt text;
INSERT INTO "Delivery Log" ("Rcpt ""to""", said) VALUES ('ida@watch.example', '250 OK');
SELECT class, source FROM bounce.delivery_event WHERE recipient = 'ida@watch.example';
-- A column in use is dropped with CASCADE only, which ends the watch.
ALTER TABLE "Delivery Log" DROP COLUMN said;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE "Delivery Log" DROP COLUMN said CASCADE;
INSERT INTO "Delivery Log" ("Rcpt ""to""") VALUES ('ida@watch.example');
SELECT watched FROM bounce.watched_table;
DROP TABLE "Delivery Log";

-- A log that has only codes, with its source named; smtp_status and text do, too.
CREATE TABLE code_log (rcpt text, code text, exact bounce.smtp_status);
SELECT bounce.watch_deliveries('code_log', 'rcpt', NULL, status => 'code', source => 'relay');
INSERT INTO code_log VALUES ('jack@watch.example', '550-5.1.1'), ('jack@watch.example', 'rubbish');
SELECT status, class, source FROM bounce.delivery_event WHERE recipient = 'jack@watch.example';
SELECT bounce.detach('code_log', 'watch_deliveries');
SELECT bounce.watch_deliveries('code_log', 'rcpt', NULL, status => 'exact');
INSERT INTO code_log VALUES ('kim@watch.example', NULL, '452 4.2.2');
SELECT status, class, source FROM bounce.delivery_event WHERE recipient = 'kim@watch.example';
DROP TABLE code_log;

-- Two logs of one source whose columns differ in nothing but their place; and one that comes again elsewhere.
CREATE TABLE log_a (rcpt text, answer text);
CREATE TABLE log_b (answer text, rcpt text);
SELECT bounce.watch_deliveries('log_a', 'rcpt', 'answer', source => 'relay');
SELECT bounce.watch_deliveries('log_b', 'rcpt', 'answer', source => 'relay');
INSERT INTO log_a VALUES ('tim@watch.example', '250 OK');
INSERT INTO log_b VALUES ('250 OK', 'tom@watch.example');
ALTER TABLE log_a DROP COLUMN rcpt CASCADE;
ALTER TABLE log_a ADD COLUMN rcpt text;
SELECT bounce.detach('log_a');
SELECT bounce.watch_deliveries('log_a', 'rcpt', 'answer', source => 'relay');
INSERT INTO log_a VALUES ('250 OK', 'tina@watch.example');
SELECT recipient, response FROM bounce.delivery_event WHERE recipient LIKE 't%@watch.example' ORDER BY recipient;
DROP TABLE log_a, log_b;

-- Partitioned, and written by a role without any privilege on schema bounce.
CREATE ROLE regress_bounce_logger;
CREATE TABLE parted_log (rcpt text, answer text) PARTITION BY HASH (rcpt);
CREATE TABLE parted_log_0 PARTITION OF parted_log FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_log_1 (answer text, rcpt text);
ALTER TABLE parted_log ATTACH PARTITION parted_log_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SELECT bounce.watch_deliveries('parted_log', 'rcpt', 'answer');
GRANT INSERT ON parted_log TO regress_bounce_logger;
REVOKE USAGE ON SCHEMA bounce FROM PUBLIC;
SET ROLE regress_bounce_logger;
INSERT INTO parted_log SELECT name || '@watch.example', '550 5.1.1 User unknown' FROM unnest('{lea,max,nora,otto}'::text[]) AS name;
SELECT current_user;
RESET ROLE;
GRANT USAGE ON SCHEMA bounce TO PUBLIC;
SELECT recipient, class FROM bounce.delivery_event WHERE source = 'public.parted_log' ORDER BY recipient;
SELECT bounce.detach('parted_log');
-- With always: row by row, as replication applies them; it fires in ordinary statements as well.
SELECT bounce.watch_deliveries('parted_log', 'rcpt', 'answer', always => true);
SET session_replication_role = replica;
INSERT INTO parted_log VALUES ('paul@watch.example', '550 5.1.1 User unknown'), ('quinn@watch.example', '250 OK');
RESET session_replication_role;
INSERT INTO parted_log VALUES ('rosa@watch.example', '550 5.1.1 User unknown');
SELECT e.recipient, e.class, s.step FROM bounce.delivery_event AS e LEFT JOIN bounce.suppression AS s ON s.address = e.recipient
	WHERE e.recipient IN ('paul@watch.example', 'quinn@watch.example', 'rosa@watch.example') ORDER BY 1;
DROP TABLE parted_log;
DROP ROLE regress_bounce_logger;

-- One table can be several things: a log that is a queue.
CREATE TABLE both_log (rcpt text, answer text, state text DEFAULT 'new');
SELECT bounce.watch_deliveries('both_log', 'rcpt', 'answer');
SELECT bounce.guard_outbox('both_log', 'rcpt', status_column => 'state');
SELECT kind FROM bounce.watched_table WHERE watched = 'both_log'::regclass ORDER BY kind;
INSERT INTO both_log VALUES ('rosa@watch.example', '250 OK'), ('sam@watch.example', '250 OK');
SELECT recipient, class FROM bounce.delivery_event WHERE recipient IN ('rosa@watch.example', 'sam@watch.example') ORDER BY recipient, occurred_at;
SELECT bounce.detach('both_log');
DROP TABLE both_log;

DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@watch.example';
DELETE FROM bounce.rejected_input WHERE input ->> 'source' LIKE 'public.%';
DELETE FROM bounce.rejected_input WHERE input ->> 'source' = 'relay';
DELETE FROM bounce.suppression WHERE address LIKE '%@watch.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%@watch.example';
