-- The guard of a send queue: no mail to a suppressed address, not when it is queued
-- and not when it is claimed for sending.
SET timezone = 'UTC';
\set SHOW_CONTEXT never

-- Suppressed: bob and carl by a lease that a bounce began an hour ago, dora by hand.
INSERT INTO bounce.delivery_event (recipient, class, occurred_at) VALUES
	('bob@guard.example', 'hard:user_unknown', now() - interval '1 hour'),
	('carl@guard.example', 'hard:user_unknown', now() - interval '1 hour');
INSERT INTO bounce.suppression (address, cause) VALUES ('dora@guard.example', 'manual');
CREATE TEMP VIEW attempt AS
	SELECT recipient, topic, class, source, count(*) FROM bounce.delivery_event
	WHERE recipient LIKE '%@guard.example' AND class::text = 'admin:suppressed'
	GROUP BY 1, 2, 3, 4 ORDER BY 1, 2;
CREATE TEMP VIEW lease AS
	SELECT address, step, occurrences FROM bounce.suppression
	WHERE address LIKE '%@guard.example' AND cause = 'lease' ORDER BY 1;

--
-- skip: suppressed rows are not stored
--
CREATE TABLE outbox (
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email text,
	topic text,
	status text DEFAULT 'queued',
	worker text
);
SELECT bounce.guard_outbox('outbox', 'email');
INSERT INTO outbox (email) VALUES ('ann@guard.example'), ('Bob@Guard.Example'), ('carl@guard.example'), ('bob@guard.example')
	RETURNING email;
-- Each was an attempt: logged, and the leases climbed.
SELECT * FROM attempt;
SELECT * FROM lease;
-- Nobody in particular passes; what is no address does not, and has no lease to climb.
INSERT INTO outbox (email) VALUES (NULL), ('no address'), ('') RETURNING email;
SELECT * FROM attempt;

-- However rows come: from a query, with COPY, with ON CONFLICT, with MERGE.
INSERT INTO outbox (email) SELECT name || '@guard.example' FROM unnest('{ann,bob,dora}'::text[]) AS name RETURNING email;
COPY outbox (email) FROM stdin;
ann@guard.example
dora@guard.example
\.
INSERT INTO outbox (id, email) OVERRIDING SYSTEM VALUE VALUES (1, 'ann@guard.example'), (1, 'dora@guard.example')
	ON CONFLICT (id) DO UPDATE SET worker = excluded.email RETURNING id, worker;
MERGE INTO outbox AS o
	USING (VALUES (1, 'bob@guard.example'), (900, 'bob@guard.example'), (901, 'ann@guard.example')) AS n(id, email) ON o.id = n.id
	WHEN MATCHED THEN UPDATE SET worker = 'merge'
	WHEN NOT MATCHED THEN INSERT (id, email) OVERRIDING SYSTEM VALUE VALUES (n.id, n.email);
SELECT id, email, worker FROM outbox ORDER BY id;
SELECT * FROM attempt;

-- Without a status column nothing else is asked.
UPDATE outbox SET email = 'bob@guard.example', status = 'sent' WHERE id = 1 RETURNING email;
SELECT bounce.detach('outbox');
TRUNCATE outbox RESTART IDENTITY;

--
-- The claim: an UPDATE that takes a row out of the status in which rows are queued
--
INSERT INTO outbox (email) VALUES ('ann@guard.example'), ('bob@guard.example'), ('dora@guard.example');
SELECT bounce.guard_outbox('outbox', 'email', status_column => 'status');
-- The default of the column says which status that is.
SELECT options ->> 'claim_from' AS claim_from FROM bounce.watched_table;
-- Other changes are no claim.
UPDATE outbox SET worker = 'w1' RETURNING email;
-- Skipped rows stay where they are; the worker does not get them.
UPDATE outbox SET status = 'sending' WHERE status = 'queued' RETURNING email;
-- Nor is what comes after the claim.
UPDATE outbox SET status = 'sent' WHERE status = 'sending' RETURNING email;
UPDATE outbox SET status = 'queued' WHERE status = 'sent' RETURNING email;
SELECT email, status FROM outbox ORDER BY id;
-- Triggers of the application come first, and the guard sees what they did.
CREATE FUNCTION claim_by_worker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.status := 'sending';
	RETURN NEW;
END $$;
CREATE TRIGGER by_worker BEFORE UPDATE OF worker ON outbox FOR EACH ROW EXECUTE FUNCTION claim_by_worker();
UPDATE outbox SET worker = 'w2' RETURNING email, status;
DROP TRIGGER by_worker ON outbox;
SELECT bounce.detach('outbox');
TRUNCATE outbox RESTART IDENTITY;

--
-- mark: suppressed rows are kept, out of the queue
--
SELECT bounce.guard_outbox('outbox', 'email', status_column => 'status', on_suppressed => 'mark');
INSERT INTO outbox (email) VALUES ('ann@guard.example'), ('bob@guard.example'), ('no address') RETURNING email, status;
-- A suppression that begins while rows wait is met by the claim, and its worker does not get the row.
INSERT INTO outbox (email) VALUES ('eve@guard.example') RETURNING status;
INSERT INTO bounce.suppression (address, cause) VALUES ('eve@guard.example', 'manual');
UPDATE outbox SET status = 'sending', worker = 'w1' WHERE status = 'queued' RETURNING email, status, worker;
SELECT email, status, worker FROM outbox ORDER BY id;
-- A worker that does not look at the status does not get it either: another attempt.
UPDATE outbox SET status = 'sending' WHERE email = 'eve@guard.example' RETURNING email;
-- Marked rows can be written as such, and queued again; both are no attempt.
INSERT INTO outbox (email, status) VALUES ('eve@guard.example', 'suppressed') RETURNING status;
UPDATE outbox SET status = 'queued' WHERE email = 'eve@guard.example' RETURNING status;
SELECT count FROM attempt WHERE recipient = 'eve@guard.example';
SELECT bounce.detach('outbox');
TRUNCATE outbox RESTART IDENTITY;

--
-- error: the statement fails, and nothing can be logged
--
SELECT bounce.guard_outbox('outbox', 'email', status_column => 'status', on_suppressed => 'error');
SELECT count FROM attempt WHERE recipient = 'dora@guard.example';
INSERT INTO outbox (email) VALUES ('ann@guard.example'), ('dora@guard.example');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO outbox (email) VALUES ('no address');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO outbox (email) VALUES ('frank@guard.example');
INSERT INTO bounce.suppression (address, cause) VALUES ('frank@guard.example', 'manual');
UPDATE outbox SET status = 'sending';
\echo :LAST_ERROR_SQLSTATE
SELECT count FROM attempt WHERE recipient = 'dora@guard.example';
SELECT count(*) FROM outbox;
SELECT bounce.detach('outbox');
TRUNCATE outbox RESTART IDENTITY;

--
-- Topics: of each row, or of the table
--
INSERT INTO bounce.topic (topic, kind) VALUES ('guard-news', 'marketing'), ('guard-bills', 'transactional');
SELECT bounce.unsubscribe('gina@guard.example', 'guard-news');
INSERT INTO outbox (email, topic) VALUES ('gina@guard.example', 'guard-news');
TRUNCATE outbox;
SELECT bounce.guard_outbox('outbox', 'email', topic_column => 'topic', topic => 'guard-news');
INSERT INTO outbox (email, topic) VALUES ('gina@guard.example', 'guard-news'), ('gina@guard.example', 'guard-bills'),
	('gina@guard.example', NULL), ('hugo@guard.example', 'guard-news'), ('bob@guard.example', 'guard-bills')
	RETURNING email, topic;
SELECT * FROM attempt WHERE topic IS NOT NULL;
SELECT bounce.detach('outbox');

--
-- Other kinds of status: which values a claim goes from and to
--
CREATE TYPE mail_state AS ENUM ('new', 'retry', 'out', 'done', 'stopped');
CREATE TABLE queue (
	id integer PRIMARY KEY,
	email varchar(80),
	state mail_state NOT NULL,
	claimed_at timestamptz,
	done boolean DEFAULT false
);
-- Only what goes to "out" is a claim, wherever it comes from.
SELECT bounce.guard_outbox('queue', 'email', status_column => 'state', claimed_as => 'out', on_suppressed => 'mark', mark_as => 'stopped');
INSERT INTO queue VALUES (1, 'ida@guard.example', 'new'), (2, 'ida@guard.example', 'retry'), (3, 'ida@guard.example', 'out');
INSERT INTO bounce.suppression (address, cause) VALUES ('ida@guard.example', 'manual');
UPDATE queue SET state = CASE id WHEN 1 THEN 'retry' WHEN 2 THEN 'out' ELSE 'done' END::mail_state;
SELECT id, state FROM queue ORDER BY id;
SELECT bounce.detach('queue');
-- What the type does not know is refused.
SELECT bounce.guard_outbox('queue', 'email', status_column => 'state', claimed_as => 'sending');
\echo :LAST_ERROR_SQLSTATE
-- A time that is set by the claim: no default, so any change but to NULL is one.
SELECT bounce.guard_outbox('queue', 'email', status_column => 'claimed_at');
UPDATE queue SET claimed_at = now() RETURNING id;
SELECT bounce.detach('queue');
UPDATE queue SET claimed_at = now();
SELECT bounce.guard_outbox('queue', 'email', status_column => 'claimed_at');
UPDATE queue SET claimed_at = NULL RETURNING id;
SELECT bounce.detach('queue');
-- A flag: from its default, false.
SELECT bounce.guard_outbox('queue', 'email', status_column => 'done');
SELECT options ->> 'claim_from' AS claim_from FROM bounce.watched_table;
UPDATE queue SET done = true RETURNING id;
SELECT bounce.detach('queue');
SELECT bounce.guard_outbox('queue', 'email', status_column => 'done', claim_from => 'no', claimed_as => 'yes');
SELECT options FROM bounce.watched_table;
UPDATE queue SET done = true RETURNING id;
DROP TABLE queue;
DROP TYPE mail_state;

--
-- Partitioned queues: rows are guarded in whatever partition they come to
--
CREATE TABLE parted (id integer, email text, status text DEFAULT 'queued', day integer) PARTITION BY LIST (status);
CREATE TABLE parted_queued PARTITION OF parted FOR VALUES IN ('queued') PARTITION BY RANGE (day);
-- Columns need not stand in the same order.
CREATE TABLE parted_queued_1 (day integer, status text DEFAULT 'queued', "dropped" text, email text, id integer);
ALTER TABLE parted_queued_1 DROP COLUMN "dropped";
ALTER TABLE parted_queued ATTACH PARTITION parted_queued_1 FOR VALUES FROM (1) TO (2);
CREATE TABLE parted_sending PARTITION OF parted FOR VALUES IN ('sending');
SELECT bounce.guard_outbox('parted', 'email', status_column => 'status');
-- Also in partitions that are made later.
CREATE TABLE parted_queued_2 PARTITION OF parted_queued FOR VALUES FROM (2) TO (3);
CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
SELECT watched, kind FROM bounce.watched_table;
INSERT INTO parted (id, email, day) VALUES (1, 'ann@guard.example', 1), (2, 'bob@guard.example', 1), (3, 'kim@guard.example', 2),
	(4, 'dora@guard.example', 2), (5, 'kim@guard.example', 1) RETURNING id, tableoid::regclass;
-- Directly into a partition: no statement of the table, so each is logged at once.
INSERT INTO parted_queued_2 (id, email, day) VALUES (6, 'carl@guard.example', 2), (7, 'ann@guard.example', 2) RETURNING id;
INSERT INTO parted_queued (id, email, day) VALUES (8, 'carl@guard.example', 2), (9, 'ann@guard.example', 1) RETURNING id;
SELECT * FROM attempt WHERE recipient = 'carl@guard.example';
-- A claim moves rows to another partition. The ones that are suppressed stay.
INSERT INTO bounce.suppression (address, cause) VALUES ('kim@guard.example', 'manual');
UPDATE parted SET status = 'sending' WHERE id < 9 RETURNING id, tableoid::regclass;
-- A row that moves for another reason is not lost, suppressed or not: by the table, ...
UPDATE parted SET day = 2 WHERE id = 5 RETURNING id, tableoid::regclass;
-- by a table between, ...
UPDATE parted_queued SET day = 1 WHERE id = 5 RETURNING id, tableoid::regclass;
-- with MERGE that inserts, too, ...
MERGE INTO parted AS p USING (VALUES (10, 'kim@guard.example'), (5, ''), (11, 'ann@guard.example'), (3, '')) AS n(id, email)
	ON p.id = n.id
	WHEN MATCHED THEN UPDATE SET day = CASE n.id WHEN 5 THEN 2 ELSE 1 END
	WHEN NOT MATCHED THEN INSERT (id, email, day) VALUES (n.id, n.email, 1);
-- and in one query with an INSERT.
WITH moved AS (UPDATE parted SET day = 1 WHERE id = 5 RETURNING id)
INSERT INTO parted (id, email, day) SELECT id + 100, 'kim@guard.example', 1 FROM moved;
SELECT id, email, status, day, tableoid::regclass FROM parted ORDER BY id;
SELECT count FROM attempt WHERE recipient = 'kim@guard.example';
-- A table that was guarded by itself must not become a partition unnoticed.
CREATE TABLE stray (LIKE parted INCLUDING DEFAULTS);
SELECT bounce.guard_outbox('stray', 'email', on_suppressed => 'error');
SELECT bounce.detach('parted');
ALTER TABLE parted ATTACH PARTITION stray FOR VALUES IN ('stray');
INSERT INTO parted (id, email, status) VALUES (12, 'ann@guard.example', 'stray');
\echo :LAST_ERROR_SQLSTATE
DROP TABLE parted;

--
-- Errors and savepoints: what is undone was no attempt
--
CREATE TABLE mails (email text CHECK (email <> 'fail@guard.example'), n integer);
SELECT bounce.guard_outbox('mails', 'email');
INSERT INTO bounce.suppression (address, cause) VALUES ('lea@guard.example', 'manual'), ('max@guard.example', 'manual');
BEGIN;
INSERT INTO mails VALUES ('lea@guard.example');
SAVEPOINT s;
INSERT INTO mails VALUES ('max@guard.example');
ROLLBACK TO s;
INSERT INTO mails VALUES ('max@guard.example'), ('fail@guard.example');
ROLLBACK TO s;
INSERT INTO mails VALUES ('lea@guard.example');
RELEASE s;
COMMIT;
SELECT recipient, count FROM attempt WHERE recipient IN ('lea@guard.example', 'max@guard.example');
-- Within one statement: a function of it that fails and goes on.
CREATE FUNCTION try_insert(address text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO mails VALUES ('max@guard.example'), (address);
	RETURN 1;
EXCEPTION WHEN check_violation THEN
	RETURN 0;
END $$;
INSERT INTO mails SELECT address, try_insert(address)
	FROM unnest('{fail@guard.example,lea@guard.example,ann@guard.example}'::text[]) AS address WHERE try_insert(address) = 1;
SELECT email, n FROM mails ORDER BY email;
SELECT recipient, count FROM attempt WHERE recipient IN ('lea@guard.example', 'max@guard.example');
-- Two guarded tables in one query, either way round.
CREATE TABLE copies (email text);
SELECT bounce.guard_outbox('copies', 'email');
WITH first AS (INSERT INTO mails VALUES ('lea@guard.example'), ('ann@guard.example') RETURNING email)
INSERT INTO copies SELECT 'max@guard.example' FROM first RETURNING email;
WITH first AS (INSERT INTO copies VALUES ('lea@guard.example')), second AS (INSERT INTO copies VALUES ('lea@guard.example'))
INSERT INTO mails VALUES ('max@guard.example');
SELECT recipient, count FROM attempt WHERE recipient IN ('lea@guard.example', 'max@guard.example');
-- What a foreign key does is no claim: it is done to all rows.
CREATE TABLE state (name text PRIMARY KEY);
CREATE TABLE letters (email text, state text DEFAULT 'queued' REFERENCES state ON UPDATE CASCADE);
INSERT INTO state VALUES ('queued');
INSERT INTO letters VALUES ('lea@guard.example'), ('ann@guard.example');
SELECT bounce.guard_outbox('letters', 'email', status_column => 'state');
UPDATE state SET name = 'waiting';
SELECT email, state FROM letters ORDER BY email;
DROP TABLE letters, state;
-- Nothing of a statement outlives it, however it ends.
BEGIN;
INSERT INTO mails VALUES ('lea@guard.example');
SAVEPOINT s;
INSERT INTO mails VALUES ('lea@guard.example'), ('fail@guard.example');
ROLLBACK TO s;
SELECT count(*) FROM pg_backend_memory_contexts WHERE name LIKE 'bounce guard%';
ROLLBACK;
DROP TABLE mails, copies;
DROP FUNCTION try_insert(text);

--
-- Those who write the queue need no privilege on schema bounce
--
CREATE ROLE regress_bounce_sender;
CREATE SCHEMA "Mail Room";
CREATE TABLE "Mail Room"."Out ""Box""" ("e-mail" text, "Status" text DEFAULT 'queued');
SELECT bounce.guard_outbox('"Mail Room"."Out ""Box"""', 'e-mail', status_column => 'Status', on_suppressed => 'mark');
GRANT USAGE ON SCHEMA "Mail Room" TO regress_bounce_sender;
GRANT INSERT, UPDATE, SELECT ON "Mail Room"."Out ""Box""" TO regress_bounce_sender;
REVOKE USAGE ON SCHEMA bounce FROM PUBLIC;
SET ROLE regress_bounce_sender;
SELECT bounce.is_suppressed('dora@guard.example');
INSERT INTO "Mail Room"."Out ""Box""" VALUES ('dora@guard.example'), ('ann@guard.example') RETURNING *;
RESET ROLE;
ALTER TABLE "Mail Room"."Out ""Box""" OWNER TO regress_bounce_sender;
ALTER TABLE "Mail Room"."Out ""Box""" RENAME COLUMN "e-mail" TO address;
SET ROLE regress_bounce_sender;
SET search_path = pg_temp;
UPDATE "Mail Room"."Out ""Box""" SET "Status" = 'queued';
UPDATE "Mail Room"."Out ""Box""" SET "Status" = 'sent' RETURNING *;
RESET search_path;
RESET ROLE;
GRANT USAGE ON SCHEMA bounce TO PUBLIC;
DROP SCHEMA "Mail Room" CASCADE;
DROP ROLE regress_bounce_sender;

DROP TABLE outbox;
DROP FUNCTION claim_by_worker();
DROP VIEW attempt, lease;
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@guard.example';
DELETE FROM bounce.suppression WHERE address LIKE '%@guard.example';
DELETE FROM bounce.preference WHERE address LIKE '%@guard.example';
ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
DELETE FROM bounce.consent_log WHERE address LIKE '%@guard.example';
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only_row;
DELETE FROM bounce.topic WHERE topic LIKE 'guard-%';
