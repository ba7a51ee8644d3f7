--
-- The guard of a send queue and statements of many rows: it answers from memory what
-- it answers one by one, and never from what is no longer so.
--
SET timezone = 'UTC';
\set SHOW_CONTEXT never

-- Everybody in turn: nothing, a lease, a lease that is over, an unsubscribe, a domain.
INSERT INTO bounce.topic (topic, kind, opt_in) VALUES
	('bulk-news', 'marketing', 'none'), ('bulk-bills', 'transactional', 'none'), ('bulk-club', 'marketing', 'single');
INSERT INTO bounce.suppression (address, cause, starts_at, expires_at)
	SELECT 'user' || n || '@many.example', 'manual', now() - interval '2 days',
		now() + CASE WHEN n % 20 = 0 THEN interval '-1 day' ELSE interval '1 day' END
	FROM generate_series(10, 6000, 10) AS n;
INSERT INTO bounce.preference (address, topic, state, since, source)
	SELECT 'user' || n || '@many.example', 'bulk-news', 'unsubscribed', '2024-01-01', 'person' FROM generate_series(3, 6000, 30) AS n;
INSERT INTO bounce.preference (address, topic, state, since, source)
	SELECT 'user' || n || '@many.example', 'bulk-club', 'subscribed', '2024-01-01', 'person' FROM generate_series(1, 6000, 2) AS n;
INSERT INTO bounce.domain_suppression (domain, starts_at) VALUES ('gone.many.example', '2024-01-01');
CREATE TABLE person AS SELECT n, 'user' || n || CASE WHEN n % 500 = 7 THEN '@gone.many.example' ELSE '@many.example' END AS email
	FROM generate_series(1, 6000) AS n;

CREATE TABLE outbox (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text, topic text, status text DEFAULT 'queued');
SELECT bounce.guard_outbox('outbox', 'email', topic_column => 'topic', status_column => 'status', on_suppressed => 'mark');
-- What the guard let through, and whether bounce.is_suppressed() says otherwise of any row.
CREATE VIEW told AS
	SELECT topic, count(*) AS rows, count(*) FILTER (WHERE status = 'suppressed') AS suppressed,
		count(*) FILTER (WHERE (status = 'suppressed') <> coalesce(bounce.is_suppressed(email, topic), false)) AS otherwise
	FROM outbox GROUP BY topic ORDER BY topic;

-- One topic a statement, then all of them mixed.
INSERT INTO outbox (email) SELECT email FROM person;
INSERT INTO outbox (email, topic) SELECT email, 'bulk-news' FROM person;
INSERT INTO outbox (email, topic) SELECT email, 'bulk-club' FROM person;
SELECT * FROM told;
TRUNCATE outbox;
INSERT INTO outbox (email, topic) SELECT email, topic
	FROM person CROSS JOIN unnest('{bulk-news,bulk-bills,bulk-club,bulk-a,bulk-b,"",NULL}'::text[]) AS topic;
SELECT * FROM told;
-- Each row that was kept back is an attempt.
SELECT count(*) FROM bounce.delivery_event WHERE recipient LIKE '%many.example';
TRUNCATE outbox;

-- What is no canonical spelling, or no address.
INSERT INTO outbox (email) SELECT CASE n % 7 WHEN 0 THEN upper(email) WHEN 1 THEN ' <' || email || '>' WHEN 2 THEN replace(email, '@', ' ') END FROM person;
SELECT * FROM told;
TRUNCATE outbox;

-- In one transaction suppress and queue in turn: every statement sees what was done before it.
BEGIN;
INSERT INTO outbox (email) SELECT email FROM person WHERE n % 10 = 1;
SELECT count(*) FROM outbox WHERE status = 'suppressed';
SELECT count(*) FILTER (WHERE bounce.suppress(email)) FROM person WHERE n % 100 = 1;
INSERT INTO outbox (email) SELECT email FROM person CROSS JOIN generate_series(1, 5) WHERE n % 10 = 1;
SELECT count(*) FROM outbox WHERE status = 'suppressed';
SAVEPOINT s;
SELECT count(*) FILTER (WHERE bounce.suppress(email)) FROM person WHERE n % 100 = 11;
INSERT INTO outbox (email) SELECT email FROM person CROSS JOIN generate_series(1, 5) WHERE n % 10 = 1;
SELECT count(*) FROM outbox WHERE status = 'suppressed';
ROLLBACK TO s;
INSERT INTO outbox (email) SELECT email FROM person CROSS JOIN generate_series(1, 5) WHERE n % 10 = 1;
SELECT count(*) FROM outbox WHERE status = 'suppressed';
ROLLBACK;
-- The same in a loop, where plans and their triggers are kept.
CREATE FUNCTION in_turn(rounds integer) RETURNS TABLE (round integer, suppressed bigint) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. rounds LOOP
		PERFORM bounce.suppress('user' || i || '@many.example');
		INSERT INTO outbox (email) SELECT p.email FROM person AS p WHERE p.n <= 3000 AND p.n % 10 > 0;
		RETURN QUERY SELECT i, count(*) FROM outbox AS o WHERE o.status = 'suppressed';
		DELETE FROM outbox;
	END LOOP;
END $$;
BEGIN;
SELECT * FROM in_turn(4);
ROLLBACK;

-- A statement that suppresses while it queues does not see that: its snapshot is older.
BEGIN;
INSERT INTO outbox (email) SELECT email FROM (SELECT email, CASE WHEN n = 5000 THEN bounce.suppress('user5001@many.example') END FROM person OFFSET 0) AS p;
SELECT status FROM outbox WHERE email = 'user5001@many.example';
-- The claim does, also what it has done itself to rows that it had not come to.
UPDATE outbox SET status = CASE WHEN email <> 'user4998@many.example' OR bounce.suppress('user4999@many.example') THEN 'sending' END
	WHERE status = 'queued';
SELECT email, status FROM outbox WHERE email IN ('user4997@many.example', 'user4998@many.example', 'user4999@many.example', 'user5001@many.example') ORDER BY id;
ROLLBACK;

-- skip, and error at the one row that must not go.
SELECT bounce.detach('outbox');
SELECT bounce.guard_outbox('outbox', 'email', topic => 'bulk-news');
INSERT INTO outbox (email) SELECT email FROM person;
SELECT count(*) AS queued, count(*) FILTER (WHERE bounce.is_suppressed(email, 'bulk-news')) AS wrong,
	(SELECT count(*) FROM person WHERE NOT bounce.is_suppressed(email, 'bulk-news')) AS expected FROM outbox;
SELECT bounce.detach('outbox');
TRUNCATE outbox;
SELECT bounce.guard_outbox('outbox', 'email', on_suppressed => 'error');
INSERT INTO outbox (email) SELECT email FROM person WHERE NOT bounce.is_suppressed(email);
SELECT count(*) FROM outbox;
INSERT INTO outbox (email) SELECT email FROM person WHERE NOT bounce.is_suppressed(email) OR n = 5990;
\echo :LAST_ERROR_SQLSTATE

-- Nothing is left in memory.
SELECT count(*) FROM pg_backend_memory_contexts WHERE name LIKE 'bounce ask s%' OR name LIKE 'bounce guard%';

DROP VIEW told;
DROP TABLE outbox, person;
DROP FUNCTION in_turn(integer);
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%many.example';
DELETE FROM bounce.suppression WHERE address LIKE '%many.example';
DELETE FROM bounce.preference WHERE address LIKE '%many.example';
DELETE FROM bounce.domain_suppression WHERE domain LIKE '%many.example';
DELETE FROM bounce.topic WHERE topic LIKE 'bulk-%';
