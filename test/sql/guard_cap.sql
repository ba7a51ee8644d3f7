-- The guard of a send queue counts what goes out under the cap of a topic: where a row
-- is sent, once.
SET timezone = 'UTC';
\set SHOW_CONTEXT never
INSERT INTO bounce.topic (topic, max_messages, per) VALUES ('capped', 2, '1 day'), ('scarce', 1, '1 day'), ('plenty', NULL, NULL);
CREATE TEMP VIEW counted AS
	SELECT address, topic, cardinality(sent) AS sent FROM bounce.pace WHERE address LIKE '%@cap.example' ORDER BY 1, 2;

--
-- Without a status column a row is sent when it is stored
--
CREATE TABLE outbox (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text, topic text);
SELECT bounce.guard_outbox('outbox', 'email', topic_column => 'topic');
INSERT INTO outbox (email, topic) SELECT name || '@cap.example', 'capped'
	FROM unnest('{ann,bob,ann,Ann,bob,cora}'::text[]) AS name RETURNING id, email;
INSERT INTO outbox (email, topic) VALUES
	('ann@cap.example', 'scarce'), ('ann@cap.example', 'scarce'), ('ann@cap.example', 'plenty'), ('ann@cap.example', 'unheard of'),
	('ann@cap.example', NULL), ('cora@cap.example', 'capped'), ('cora@cap.example', 'capped') RETURNING email, topic;
SELECT * FROM counted;
-- What the cap held back is no event.
SELECT count(*) FROM bounce.delivery_event WHERE recipient LIKE '%@cap.example';
-- record_attempt() counts in the same place.
SELECT bounce.record_attempt('ann@cap.example', 'scarce'), bounce.record_attempt('dora@cap.example', 'scarce');
INSERT INTO outbox (email, topic) VALUES ('dora@cap.example', 'scarce') RETURNING email;
-- A statement that fails has sent nothing.
INSERT INTO outbox (email, topic) SELECT 'emil@cap.example', CASE WHEN n = 1 THEN 'scarce' ELSE (1 / (n - 2))::text END FROM generate_series(1, 2) AS n;
INSERT INTO outbox (email, topic) VALUES ('emil@cap.example', 'scarce') RETURNING email;
-- Who is suppressed takes no slot.
SELECT bounce.suppress('fred@cap.example');
INSERT INTO outbox (email, topic) VALUES ('fred@cap.example', 'scarce') RETURNING email;
SELECT bounce.capped_until('fred@cap.example', 'scarce') IS NULL AS free;
SELECT bounce.detach('outbox');
-- One topic for all rows
SELECT bounce.guard_outbox('outbox', 'email', topic => 'scarce');
INSERT INTO outbox (email, topic) VALUES ('gina@cap.example', 'not looked at'), ('gina@cap.example', 'nor this') RETURNING email;
SELECT bounce.detach('outbox');
-- error: the statement fails
SELECT bounce.guard_outbox('outbox', 'email', topic_column => 'topic', on_suppressed => 'error');
INSERT INTO outbox (email, topic) VALUES ('hans@cap.example', 'scarce'), ('hans@cap.example', 'scarce');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO outbox (email, topic) VALUES ('hans@cap.example', 'scarce') RETURNING email;
DROP TABLE outbox;

--
-- With one, when it is claimed: not when it is queued, and not again
--
CREATE TABLE outbox (id integer PRIMARY KEY, email text, topic text, status text DEFAULT 'queued');
SELECT bounce.guard_outbox('outbox', 'email', topic_column => 'topic', status_column => 'status', claim_from => 'queued', claimed_as => 'sending');
INSERT INTO outbox SELECT n, 'ida@cap.example', 'scarce' FROM generate_series(1, 3) AS n RETURNING id;
SELECT * FROM counted WHERE address = 'ida@cap.example';
-- skip: the others stay in the queue, and may be claimed another day
UPDATE outbox SET status = 'sending' WHERE status = 'queued' RETURNING id;
UPDATE outbox SET status = 'sending' WHERE status = 'queued' RETURNING id;
UPDATE outbox SET status = 'sent' WHERE status = 'sending' RETURNING id;
SELECT id, status FROM outbox ORDER BY id;
UPDATE bounce.pace SET sent = ARRAY[now() - interval '1 day'] WHERE address = 'ida@cap.example';
UPDATE outbox SET status = 'sending' WHERE status = 'queued' RETURNING id;
-- A message that could not be sent and is queued again gives its slot back.
UPDATE outbox SET status = 'queued' WHERE status = 'sending' RETURNING id;
UPDATE outbox SET status = 'sending' WHERE status = 'queued' RETURNING id;
SELECT id, status FROM outbox ORDER BY id;
-- What is stored as claimed is sent, too; what is stored in another status is not.
INSERT INTO outbox VALUES (4, 'jane@cap.example', 'scarce', 'draft'), (5, 'jane@cap.example', 'scarce', 'sending'), (6, 'jane@cap.example', 'scarce', 'sending')
	RETURNING id;
DROP TABLE outbox;

-- mark: out of the way of workers that poll; the application queues it again when there is room
CREATE TABLE outbox (id integer PRIMARY KEY, email text, topic text, status text DEFAULT 'queued');
SELECT bounce.guard_outbox('outbox', 'email', topic_column => 'topic', status_column => 'status', on_suppressed => 'mark', mark_as => 'held');
INSERT INTO outbox SELECT n, 'kurt@cap.example', 'scarce' FROM generate_series(1, 3) AS n;
UPDATE outbox SET status = 'sending' WHERE status = 'queued' RETURNING id;
SELECT id, status FROM outbox ORDER BY id;
UPDATE outbox SET status = 'queued' WHERE status = 'held' AND bounce.capped_until(email, topic) IS NULL RETURNING id;
UPDATE bounce.pace SET sent = ARRAY[now() - interval '1 day'] WHERE address = 'kurt@cap.example';
UPDATE outbox SET status = 'queued' WHERE status = 'held' AND bounce.capped_until(email, topic) IS NULL RETURNING id;
UPDATE outbox SET status = 'sending' WHERE status = 'queued' RETURNING id;
-- Many topics in one statement: each has its own cap.
TRUNCATE outbox;
INSERT INTO bounce.topic (topic, max_messages, per) SELECT 'scarce ' || n, 1, '1 day' FROM generate_series(1, 20) AS n;
INSERT INTO outbox SELECT n, 'lena@cap.example', 'scarce ' || n % 20 + 1 FROM generate_series(1, 45) AS n;
UPDATE outbox SET status = 'sending';
SELECT status, count(*), count(DISTINCT topic) FROM outbox GROUP BY 1 ORDER BY 1;
DROP TABLE outbox;

-- Partitions; rows that move are not counted twice.
CREATE TABLE outbox (id integer, email text, topic text, status text) PARTITION BY LIST (status);
CREATE TABLE outbox_open PARTITION OF outbox FOR VALUES IN ('queued');
CREATE TABLE outbox_gone PARTITION OF outbox DEFAULT;
SELECT bounce.guard_outbox('outbox', 'email', topic_column => 'topic', status_column => 'status', claim_from => 'queued');
INSERT INTO outbox SELECT n, 'mona@cap.example', 'capped', 'queued' FROM generate_series(1, 3) AS n;
UPDATE outbox SET status = 'sending' WHERE status = 'queued' RETURNING id;
SELECT * FROM counted WHERE address = 'mona@cap.example';
DROP TABLE outbox;

DELETE FROM bounce.topic WHERE topic IN ('capped', 'scarce', 'plenty') OR topic LIKE 'scarce %';
DELETE FROM bounce.pace WHERE address LIKE '%@cap.example';
DELETE FROM bounce.suppression WHERE address LIKE '%@cap.example';
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@cap.example';
