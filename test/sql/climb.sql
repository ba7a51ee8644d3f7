--
-- Leases that climb: a row that was just read is written where it is, without SQL; where
-- something else wants to see or to change the write, SQL does it.  The outcome is one.
--
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

CREATE VIEW lease AS
	SELECT split_part(address, '@', 1) AS who, step, occurrences, expires_at, last_event_at, note
	FROM bounce.suppression WHERE address LIKE '%@climb.example' AND cause = 'lease';
CREATE VIEW summary AS
	SELECT step, occurrences, expires_at, last_event_at, count(*) FROM lease GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4;
CREATE VIEW writes AS SELECT n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables WHERE relid = 'bounce.suppression'::regclass;
-- 100 people who bounced, each with something said about it.
CREATE FUNCTION bounced(first integer, last integer, at timestamptz) RETURNS void BEGIN ATOMIC
	INSERT INTO bounce.delivery_event (recipient, response, occurred_at)
		SELECT 'p' || lpad(n::text, 3, '0') || '@climb.example', '550 5.1.1 User unknown', at FROM generate_series(first, last) AS n;
END;
CREATE FUNCTION attempt(first integer, last integer, at timestamptz) RETURNS bigint BEGIN ATOMIC
	WITH told AS (INSERT INTO bounce.delivery_event (recipient, class, occurred_at, event_key)
		SELECT 'p' || lpad(n::text, 3, '0') || '@climb.example', 'admin:suppressed', at, 'a' || extract(epoch FROM at) FROM generate_series(first, last) AS n
		RETURNING 1)
	SELECT count(*) FROM told;
END;
SELECT bounced(1, 100, '2026-03-01');
UPDATE bounce.suppression SET note = 'told' WHERE address LIKE '%@climb.example';
SELECT * FROM summary;

-- One update a climb, and what is not of the lease stays.
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT attempt(1, 100, '2026-03-01 12:00');
SELECT * FROM writes;
COMMIT;
SELECT * FROM summary;
SELECT count(*) FROM lease WHERE note = 'told';
-- Of an event that moves nothing, no row is written: before the lease, and after its end.
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT attempt(1, 50, '2026-02-01'), attempt(51, 100, '2026-05-01');
SELECT * FROM writes;
COMMIT;
SELECT * FROM summary;
SELECT bounce.rebuild_suppressions();

-- A lease that comes out shorter, as its event was of another day, and one that goes.
BEGIN;
UPDATE bounce.delivery_event SET occurred_at = '2026-02-27' WHERE recipient LIKE 'p00%@climb.example' AND occurred_at = '2026-03-01';
DELETE FROM bounce.delivery_event WHERE recipient LIKE 'p01%@climb.example' AND occurred_at = '2026-03-01';
SELECT * FROM summary;
SELECT count(*) FROM bounce.suppression WHERE address LIKE '%@climb.example' AND due > expires_at;
SELECT bounce.rebuild_suppressions();
ROLLBACK;

-- In one statement: rows that are there, and new ones between them, some of them few and some many.
BEGIN;
DELETE FROM bounce.delivery_event WHERE recipient ~ '^p0([1-3].|.5)@climb';
DELETE FROM bounce.suppression WHERE address ~ '^p0([1-3].|.5)@climb';
SELECT count(*) FROM lease;
SELECT bounced(1, 100, '2026-03-02');
SELECT * FROM summary;
SELECT bounce.rebuild_suppressions();
ROLLBACK;

-- What an error or a rollback takes back is not left half done.
BEGIN;
SAVEPOINT s;
SELECT attempt(1, 100, '2026-03-02');
ROLLBACK TO s;
SELECT attempt(1, 50, '2026-03-02');
SELECT * FROM summary;
ROLLBACK;
ALTER TABLE bounce.suppression ADD CONSTRAINT climb_site CHECK (step <> 3 OR address <> 'p077@climb.example');
SELECT attempt(1, 100, '2026-03-02');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM summary;
ALTER TABLE bounce.suppression DROP CONSTRAINT climb_site;
SELECT attempt(1, 100, '2026-03-02');
SELECT * FROM summary;
-- The same attempts again are the same.
SELECT attempt(1, 100, '2026-03-02');
SELECT bounce.rebuild_suppressions();

-- An index of the site's own on what climbs is kept up.
BEGIN;
CREATE INDEX climb_ends ON bounce.suppression (expires_at);
SELECT attempt(1, 100, '2026-03-03');
SET LOCAL enable_seqscan = off;
SELECT count(*) FROM bounce.suppression WHERE expires_at = '2026-03-10' AND address LIKE '%climb.example';
SELECT count(*) FROM bounce.suppression WHERE expires_at = '2026-03-06' AND address LIKE '%climb.example';
ROLLBACK;

-- What has to be told of each write gets it through SQL, with the same outcome: a trigger, a computed
-- column, a table in parts; and another isolation level.
CREATE VIEW outcome AS SELECT md5(string_agg(lease::text, ' ' ORDER BY who)) AS leases FROM (SELECT who, step, occurrences, expires_at, last_event_at FROM lease) AS lease;
CREATE FUNCTION climb() RETURNS text LANGUAGE sql AS $$
	SELECT attempt(1, 100, '2026-03-03'); SELECT bounced(1, 60, '2026-03-04'); SELECT bounced(90, 110, '2026-03-04'); SELECT leases FROM outcome;
$$;
BEGIN;
SELECT climb() AS in_place \gset
SELECT * FROM summary;
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT climb() = :'in_place' AS same;
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT climb() = :'in_place' AS same;
ROLLBACK;
BEGIN;
CREATE TABLE seen (address text, step smallint);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen VALUES (NEW.address, NEW.step); RETURN NEW; END $$;
CREATE TRIGGER see AFTER UPDATE ON bounce.suppression FOR EACH ROW EXECUTE FUNCTION see();
SELECT climb() = :'in_place' AS same;
SELECT step, count(*) FROM seen GROUP BY step ORDER BY step;
ROLLBACK;
BEGIN;
ALTER TABLE bounce.suppression ADD COLUMN days integer GENERATED ALWAYS AS (extract(epoch FROM expires_at - starts_at) / 86400) STORED;
SELECT climb() = :'in_place' AS same;
SELECT days, count(*) FROM bounce.suppression WHERE address LIKE '%@climb.example' GROUP BY days ORDER BY days;
ROLLBACK;
BEGIN;
ALTER TABLE bounce.suppression RENAME TO suppression_plain;
CREATE TABLE bounce.suppression (LIKE bounce.suppression_plain INCLUDING DEFAULTS, PRIMARY KEY (address, topic, cause)) PARTITION BY HASH (address);
CREATE TABLE bounce.suppression_0 PARTITION OF bounce.suppression FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE bounce.suppression_1 PARTITION OF bounce.suppression FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO bounce.suppression SELECT * FROM bounce.suppression_plain;
CREATE OR REPLACE VIEW lease AS
	SELECT split_part(address, '@', 1) AS who, step, occurrences, expires_at, last_event_at, note
	FROM bounce.suppression WHERE address LIKE '%@climb.example' AND cause = 'lease';
SELECT climb() = :'in_place' AS same;
ROLLBACK;

-- ----------------------------------------------------------------------------
-- The guard's attempts have keys of their own, and are not searched for.

CREATE TABLE outbox (id integer GENERATED ALWAYS AS IDENTITY, email text, status text DEFAULT 'queued');
SELECT bounce.guard_outbox('outbox', 'email', status_column => 'status');
SELECT bounced(1, 100, now() - interval '1 hour');
INSERT INTO outbox (email) SELECT address FROM bounce.suppression WHERE address LIKE '%@climb.example';
SELECT bounce.record_attempt('p001@climb.example');
CREATE VIEW attempts AS SELECT * FROM bounce.delivery_event WHERE event_key LIKE 'attempt:%' AND recipient LIKE '%@climb.example';
SELECT source, count(*), count(DISTINCT event_key) FROM attempts GROUP BY source ORDER BY source;
-- Told once more by hand they are the same attempts, in this session too.
CREATE TABLE told AS TABLE attempts;
WITH again AS (INSERT INTO bounce.delivery_event TABLE told RETURNING 1) SELECT count(*) FROM again;
DELETE FROM bounce.delivery_event WHERE event_key LIKE 'attempt:%' AND recipient LIKE '%@climb.example';
WITH again AS (INSERT INTO bounce.delivery_event TABLE told RETURNING 1) SELECT count(*) FROM again;
WITH again AS (INSERT INTO bounce.delivery_event TABLE told RETURNING 1) SELECT count(*) FROM again;
SELECT bounce.rebuild_suppressions();

-- Triggers of the site in between: one that stores each row once more, in a statement of its own;
-- one that gives the rows other keys; and one whose error is caught.
CREATE FUNCTION tell_again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO bounce.delivery_event SELECT NEW.*; RETURN NULL; END $$;
CREATE TRIGGER tell_again AFTER INSERT ON bounce.delivery_event FOR EACH ROW EXECUTE FUNCTION tell_again();
INSERT INTO outbox (email) VALUES ('p002@climb.example'), ('p003@climb.example');
SELECT count(*) FROM attempts;
DROP TRIGGER tell_again ON bounce.delivery_event;
CREATE FUNCTION one_key() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.event_key := 'site'; NEW.occurred_at := '2026-03-05'; RETURN NEW; END $$;
CREATE TRIGGER one_key BEFORE INSERT ON bounce.delivery_event FOR EACH ROW EXECUTE FUNCTION one_key();
INSERT INTO outbox (email) VALUES ('p004@climb.example'), ('p004@climb.example'), ('p005@climb.example');
SELECT count(*) FROM bounce.delivery_event WHERE event_key = 'site';
DROP TRIGGER one_key ON bounce.delivery_event;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$;
CREATE TRIGGER a_refuse BEFORE INSERT ON bounce.delivery_event FOR EACH STATEMENT EXECUTE FUNCTION refuse();
DO $$ BEGIN INSERT INTO outbox (email) VALUES ('p006@climb.example'); EXCEPTION WHEN raise_exception THEN RAISE NOTICE '%', SQLERRM; END $$;
DROP TRIGGER a_refuse ON bounce.delivery_event;
WITH again AS (INSERT INTO bounce.delivery_event TABLE told RETURNING 1) SELECT count(*) FROM again;
CREATE TRIGGER m_refuse BEFORE INSERT ON bounce.delivery_event FOR EACH ROW WHEN (NEW.recipient = 'p007@climb.example') EXECUTE FUNCTION refuse();
DO $$ BEGIN INSERT INTO outbox (email) VALUES ('p006@climb.example'), ('p007@climb.example'); EXCEPTION WHEN raise_exception THEN RAISE NOTICE '%', SQLERRM; END $$;
DROP TRIGGER m_refuse ON bounce.delivery_event;
WITH again AS (INSERT INTO bounce.delivery_event TABLE told RETURNING 1) SELECT count(*) FROM again;
SELECT bounce.rebuild_suppressions();

DROP VIEW attempts, summary, writes, outcome, lease;
DROP TABLE outbox, told;
DROP FUNCTION bounced(integer, integer, timestamptz), attempt(integer, integer, timestamptz), climb(), tell_again(), one_key(), refuse();
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@climb.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%@climb.example';
