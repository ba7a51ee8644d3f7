--
-- Asking about many addresses in one statement: bounce.is_suppressed() reads the
-- tables once and answers from memory.  The answers are those that it gives one by one.
--
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET max_parallel_workers_per_gather = 0;
\set SHOW_CONTEXT never

-- One by one: a function that is not inlined asks anew each time.
CREATE FUNCTION ask_one(address text, topic text, at timestamptz) RETURNS boolean
	LANGUAGE sql STABLE SECURITY DEFINER RETURN bounce.is_suppressed(address, topic, at);
-- What each place of the statement that asks has in memory: all answers (exact), those
-- for which there was room (partly exact), or only fingerprints, or a filter, of the
-- addresses about which something is said.
CREATE FUNCTION road() RETURNS text LANGUAGE sql VOLATILE
	RETURN (SELECT coalesce(string_agg(ident, ' ' ORDER BY ident), 'index') FROM pg_backend_memory_contexts WHERE name = 'bounce ask set');

-- ----------------------------------------------------------------------------
-- Everything that can be said about an address, behind 5000 of which little is said.

INSERT INTO bounce.topic (topic, kind, opt_in) VALUES
	('bulk_news', 'marketing', 'none'), ('bulk_receipts', 'transactional', 'none'), ('bulk_club', 'marketing', 'single');
CREATE TABLE bulk_contact (id int GENERATED ALWAYS AS IDENTITY, email text, topic text, at timestamptz);
INSERT INTO bulk_contact (email) SELECT 'user' || n || '@bulk.example' FROM generate_series(1, 5000) AS n;
INSERT INTO bounce.suppression (address, cause, starts_at, expires_at)
	SELECT 'user' || n || '@bulk.example', 'lease', now() - interval '2 days',
		now() + CASE WHEN n % 5 = 0 THEN interval '-1 day' ELSE interval '1 day' END
	FROM generate_series(4, 5000, 4) AS n;
INSERT INTO bounce.suppression (address, topic, cause, starts_at, expires_at) VALUES
	('coming@bulk.example', '', 'lease', now() + interval '1 day', 'infinity'),
	('over@bulk.example', '', 'lease', '2024-01-01', '2024-02-01'),
	('twice@bulk.example', '', 'lease', '2024-01-01', '2024-02-01'),
	('twice@bulk.example', '', 'manual', '2024-01-01', 'infinity'),
	('complaint@bulk.example', '', 'complaint', '2024-01-01', 'infinity'),
	('news-manual@bulk.example', 'bulk_news', 'manual', '2024-01-01', 'infinity'),
	-- rows that no question can reach: not canonical, no address, a domain
	('Capital@bulk.example', '', 'manual', '2024-01-01', 'infinity'),
	('no.bulk.example', '', 'manual', '2024-01-01', 'infinity'),
	(repeat('x', 5000) || '@bulk.example', '', 'manual', '2024-01-01', 'infinity');
INSERT INTO bounce.preference (address, topic, state, until, since, source) VALUES
	('no-news@bulk.example', 'bulk_news', 'unsubscribed', NULL, '2024-01-01', 'person'),
	('no-mail@bulk.example', '', 'unsubscribed', NULL, '2024-01-01', 'person'),
	('pause@bulk.example', '', 'snoozed', 'infinity', '2024-01-01', 'person'),
	('pause-over@bulk.example', '', 'snoozed', '2024-02-01', '2024-01-01', 'person'),
	('pause-news@bulk.example', 'bulk_news', 'snoozed', 'infinity', '2024-01-01', 'person'),
	('pending@bulk.example', 'bulk_news', 'pending', NULL, '2024-01-01', 'person'),
	('pending-mail@bulk.example', '', 'pending', NULL, '2024-01-01', 'person'),
	('came-back@bulk.example', '', 'subscribed', NULL, '2024-01-02', 'person'),
	('member@bulk.example', 'bulk_club', 'subscribed', NULL, '2024-01-01', 'person'),
	('member-paused@bulk.example', 'bulk_club', 'snoozed', 'infinity', '2024-01-01', 'person'),
	('member-back@bulk.example', 'bulk_club', 'snoozed', '2024-02-01', '2024-01-01', 'person'),
	-- a no to everything, and a yes to one topic: the later one, or the higher source, stands
	('but-news@bulk.example', '', 'unsubscribed', NULL, '2024-01-01', 'person'),
	('but-news@bulk.example', 'bulk_news', 'subscribed', NULL, '2024-01-02', 'person'),
	('not-news@bulk.example', '', 'unsubscribed', NULL, '2024-01-02', 'person'),
	('not-news@bulk.example', 'bulk_news', 'subscribed', NULL, '2024-01-01', 'person'),
	('user5@bulk.example', 'bulk_club', 'subscribed', NULL, '2024-01-01', 'person');
INSERT INTO bounce.preference (address, topic, state, until, since, source, before, before_since, before_source) VALUES
	('member-returns@bulk.example', 'bulk_club', 'snoozed', '2024-02-01', '2024-01-10', 'person', 'subscribed', '2024-01-01', 'person'),
	('asked@bulk.example', 'bulk_club', 'pending', '2024-02-01', '2024-01-10', 'person', NULL, NULL, NULL),
	('asked-again@bulk.example', 'bulk_news', 'pending', '2024-02-01', '2024-01-10', 'person', 'unsubscribed', '2024-01-01', 'person'),
	('returns-to-no@bulk.example', '', 'snoozed', '2024-02-01', '2024-01-10', 'person', 'unsubscribed', '2024-01-01', 'import'),
	-- after the pause the older yes, after which everything was declined
	('returns-under@bulk.example', 'bulk_news', 'snoozed', '2024-02-01', '2024-01-10', 'person', 'subscribed', '2024-01-01', 'person'),
	('returns-under@bulk.example', '', 'unsubscribed', NULL, '2024-01-05', 'person', NULL, NULL, NULL);
INSERT INTO bounce.topic (topic, retired_at) VALUES ('bulk_old', '2024-03-01');
INSERT INTO bounce.preference (address, topic, state, since, source) VALUES ('member@bulk.example', 'bulk_old', 'subscribed', '2024-01-01', 'person');
INSERT INTO bounce.domain_suppression (domain, expires_at) VALUES
	('no.bulk.example', 'infinity'), ('*.deep.bulk.example', 'infinity'), ('was.bulk.example', '2000-01-01'), ('sha256:bulk', 'infinity');
UPDATE bounce.domain_suppression SET starts_at = '1999-01-01' WHERE domain IN ('no.bulk.example', '*.deep.bulk.example', 'was.bulk.example');
INSERT INTO bounce.digest_suppression (digest, cause, starts_at)
	SELECT 'sha256:' || encode(sha256(convert_to(address, 'UTF8')), 'hex'), cause, '2024-01-01'
	FROM (VALUES ('forgotten@bulk.example', 'import'), ('opted-out@bulk.example', 'unsubscribe')) AS v (address, cause);
INSERT INTO bulk_contact (email)
	SELECT DISTINCT address COLLATE "C" FROM (SELECT address FROM bounce.suppression UNION ALL SELECT address FROM bounce.preference) AS a
	WHERE address LIKE '%@bulk.example' AND address NOT LIKE 'user%' ORDER BY 1;
INSERT INTO bulk_contact (email) SELECT unnest(ARRAY['forgotten@bulk.example', 'opted-out@bulk.example', 'a@no.bulk.example', 'a@x.no.bulk.example',
	'a@deep.bulk.example', 'a@x.y.deep.bulk.example', 'a@was.bulk.example', 'a@nodeep.bulk.example', 'no.bulk.example', 'a@[192.0.2.1]',
	'"x@no.bulk.example"@bulk.example', 'TWICE@Bulk.Example', 'Two <twice@bulk.example>', 'no address', '', NULL, 'nobody@bulk.example']);

-- The same answers for every kind of topic, and some for the reader.
SELECT topic, count(*) FILTER (WHERE bounce.is_suppressed(email)) AS suppressed,
	count(*) FILTER (WHERE bounce.is_suppressed(email) IS DISTINCT FROM ask_one(email, NULL, now())) AS different, road()
	FROM bulk_contact GROUP BY topic;
SELECT count(*) FILTER (WHERE bounce.is_suppressed(email, 'bulk_news')) AS suppressed,
	count(*) FILTER (WHERE bounce.is_suppressed(email, 'bulk_news') IS DISTINCT FROM ask_one(email, 'bulk_news', now())) AS different, road()
	FROM bulk_contact;
SELECT count(*) FILTER (WHERE bounce.is_suppressed(email, 'bulk_receipts')) AS suppressed,
	count(*) FILTER (WHERE bounce.is_suppressed(email, 'bulk_receipts') IS DISTINCT FROM ask_one(email, 'bulk_receipts', now())) AS different, road()
	FROM bulk_contact;
SELECT count(*) FILTER (WHERE NOT bounce.is_suppressed(email, 'bulk_club')) AS may_be_mailed,
	count(*) FILTER (WHERE bounce.is_suppressed(email, 'bulk_club') IS DISTINCT FROM ask_one(email, 'bulk_club', now())) AS different, road()
	FROM bulk_contact;
-- A retired topic: to nobody. Before that time: to whoever is not suppressed.
SELECT v.at, count(*) FILTER (WHERE NOT bounce.is_suppressed(email, 'bulk_old', v.at)) AS may_be_mailed,
	count(*) FILTER (WHERE bounce.is_suppressed(email, 'bulk_old', v.at) IS DISTINCT FROM ask_one(email, 'bulk_old', v.at)) AS different
	FROM (VALUES ('2024-02-29 23:59'::timestamptz), ('2024-03-01')) AS v (at), bulk_contact GROUP BY v.at ORDER BY v.at;
SELECT answers.* FROM (SELECT id, email, bounce.is_suppressed(email) AS mail, bounce.is_suppressed(email, 'bulk_news') AS news,
	bounce.is_suppressed(email, 'bulk_receipts') AS receipts, bounce.is_suppressed(email, 'bulk_club') AS club FROM bulk_contact) AS answers
WHERE id > 4998 AND length(email) < 100 ORDER BY id;
-- A keyed digest, and the SHA-256 of every length of address, are those of the server.
CREATE FUNCTION hmac_by_hand(message bytea, key bytea) RETURNS bytea LANGUAGE sql
	RETURN (SELECT sha256(decode(string_agg(lpad(to_hex(byte # 92), 2, '0'), '' ORDER BY n), 'hex') ||
			sha256(decode(string_agg(lpad(to_hex(byte # 54), 2, '0'), '' ORDER BY n), 'hex') || message))
		FROM (SELECT n, CASE WHEN n < length(key) THEN get_byte(key, n) ELSE 0 END AS byte FROM generate_series(0, 63) AS n) AS bytes);
BEGIN;
INSERT INTO bounce.secret_key (purpose, number) VALUES ('digest', 1000);
INSERT INTO bulk_contact (email) SELECT repeat('x', n % 50 + 1) || n || '@' || repeat('digest.', n / 10) || 'bulk.example' FROM generate_series(1, 200) AS n;
INSERT INTO bounce.digest_suppression (digest, starts_at)
	SELECT CASE WHEN length(email) % 2 = 0 THEN 'sha256:' || encode(sha256(email::bytea), 'hex')
		ELSE 'hmac-sha256:' || encode(hmac_by_hand(email::bytea, secret), 'hex') END, '2024-01-01'
	FROM bulk_contact, bounce.secret_key WHERE purpose = 'digest' AND number = 1000 AND email LIKE 'xx%digest.bulk.example';
SELECT left(digest, 4) AS kind, count(*) FROM bounce.digest_suppression WHERE cause = 'import' GROUP BY kind ORDER BY kind;
SELECT count(*) FILTER (WHERE bounce.is_suppressed(email) AND email LIKE 'xx%digest.bulk.example') AS found,
	count(*) FILTER (WHERE bounce.is_suppressed('x' || email) AND email LIKE 'xx%digest.bulk.example') AS wrong,
	count(*) FILTER (WHERE ask_one(email, NULL, now()) AND email LIKE 'xx%digest.bulk.example') AS found_one_by_one, road()
FROM bulk_contact;
ROLLBACK;
DROP FUNCTION hmac_by_hand;
-- At another time.
SELECT count(*) FILTER (WHERE bounce.is_suppressed(email, at => '2024-01-15')) AS suppressed,
	count(*) FILTER (WHERE bounce.is_suppressed(email, at => '2024-01-15') IS DISTINCT FROM ask_one(email, NULL, '2024-01-15')) AS different, road()
	FROM bulk_contact;
-- Rows that were stored before their table got a column, and one that was stored after.
BEGIN;
ALTER TABLE bounce.suppression RENAME COLUMN starts_at TO started_at;
ALTER TABLE bounce.suppression ADD COLUMN starts_at timestamptz NOT NULL DEFAULT '2024-01-10';
INSERT INTO bounce.suppression (address, cause, starts_at) VALUES ('after@bulk.example', 'manual', '2024-02-01');
INSERT INTO bulk_contact (email) VALUES ('after@bulk.example');
SELECT count(*) FILTER (WHERE bounce.is_suppressed(email, at => '2024-01-09')) AS before,
	count(*) FILTER (WHERE bounce.is_suppressed(email, at => '2024-02-01')) AS then,
	count(*) FILTER (WHERE bounce.is_suppressed(email, at => '2024-01-11') AND NOT ask_one(email, NULL, '2024-01-11')) AS wrong,
	count(*) FILTER (WHERE NOT bounce.is_suppressed(email, at => '2024-02-01') AND ask_one(email, NULL, '2024-02-01')) AS missed, road()
FROM bulk_contact;
ROLLBACK;

-- Topic and time that change from row to row: memory says which addresses nobody
-- said anything about, the others are looked up.
UPDATE bulk_contact SET at = CASE WHEN id % 3 = 0 THEN '2024-01-15' ELSE now() END,
	topic = (ARRAY['bulk_news', 'bulk_receipts', 'bulk_club', '', NULL, 'bulk_old'])[1 + id % 6];
SELECT count(*) FILTER (WHERE bounce.is_suppressed(email, topic, at)) AS suppressed,
	count(*) FILTER (WHERE bounce.is_suppressed(email, topic, at) IS DISTINCT FROM ask_one(email, topic, at)) AS different, road()
	FROM bulk_contact;
SELECT count(*) FILTER (WHERE bounce.is_suppressed(email, at => at)) AS suppressed,
	count(*) FILTER (WHERE bounce.is_suppressed(email, at => at) IS DISTINCT FROM ask_one(email, NULL, at)) AS different, road()
	FROM bulk_contact;

-- ----------------------------------------------------------------------------
-- Memory: as much as a hash table may take, work_mem times hash_mem_multiplier.

SET hash_mem_multiplier = 1;
-- But for the little that every memory context takes.
CREATE FUNCTION within_limit() RETURNS boolean LANGUAGE sql VOLATILE
	RETURN (SELECT max(total_bytes) <= pg_size_bytes(current_setting('work_mem')) + 16384 FROM pg_backend_memory_contexts WHERE name = 'bounce ask set');
CREATE FUNCTION compare(OUT suppressed bigint, OUT different bigint, OUT road text, OUT within boolean) LANGUAGE sql
	BEGIN ATOMIC
		SELECT count(*) FILTER (WHERE bounce.is_suppressed(email)),
			count(*) FILTER (WHERE bounce.is_suppressed(email) IS DISTINCT FROM ask_one(email, NULL, now())), road(), within_limit()
		FROM bulk_contact;
	END;
-- Addresses that are suppressed, short and long, of few domains and of many, and some much like them.
PREPARE ask_others AS
	SELECT count(*) FILTER (WHERE NOT bounce.is_suppressed(address)) AS missed, count(*) FILTER (WHERE bounce.is_suppressed(other)) AS wrong
	FROM bounce.suppression, LATERAL (VALUES ('x' || address), (address || 'x'), (replace(address, '@', 'x@'))) AS v (other) WHERE address LIKE 'other%7@%';
INSERT INTO bounce.suppression (address, cause)
	SELECT 'other' || CASE WHEN n % 2 = 0 THEN '-with-a-long-name-' ELSE '' END || n || '@' || CASE WHEN n % 3 = 0 THEN 'other' || n || '.' ELSE '' END || 'bulk.example', 'import' FROM generate_series(1, 20000) AS n;
ANALYZE bounce.suppression;
SET work_mem = '4MB';
SELECT * FROM compare();
EXECUTE ask_others;
-- Too little for all addresses: of the others fingerprints, whose hits are looked up.
SET work_mem = '512kB';
SELECT * FROM compare();
EXECUTE ask_others;
-- Too little for those.
SET work_mem = '128kB';
SELECT * FROM compare();
EXECUTE ask_others;
-- Very many: fingerprints of most, then a filter.
INSERT INTO bounce.suppression (address, cause)
	SELECT 'other' || n || '@bulk.example', 'manual' FROM generate_series(20001, 150000) AS n;
SET work_mem = '1500kB';
SELECT * FROM compare();
EXECUTE ask_others;
SET work_mem = '1MB';
SELECT * FROM compare();
EXECUTE ask_others;
DEALLOCATE ask_others;
RESET work_mem;
RESET hash_mem_multiplier;
DELETE FROM bounce.suppression WHERE address LIKE 'other%@bulk.example';
VACUUM ANALYZE bounce.suppression;

-- ----------------------------------------------------------------------------
-- Always what its snapshot sees.

-- Suppress and ask in turn, in one function: each answer knows what was done before.
DO $$
DECLARE
	wrong int := 0;
BEGIN
	FOR n IN 1..3000 LOOP
		wrong := wrong + bounce.is_suppressed('user' || n || '@turn.bulk.example')::int;
		IF n % 500 = 0 THEN
			INSERT INTO bounce.suppression (address, cause) VALUES ('user' || n || '@turn.bulk.example', 'manual');
		END IF;
		wrong := wrong + (bounce.is_suppressed('user' || n || '@turn.bulk.example') <> (n % 500 = 0))::int;
	END LOOP;
	RAISE NOTICE '% wrong answers', wrong;
END $$;
-- A statement that asks often enough, and then what it asks about changes.
CREATE FUNCTION ask_all(OUT suppressed bigint) LANGUAGE plpgsql AS $$
BEGIN
	suppressed := 0;
	FOR n IN 1..3000 LOOP
		suppressed := suppressed + bounce.is_suppressed('user' || n || '@turn.bulk.example')::int;
	END LOOP;
END $$;
BEGIN;
SELECT * FROM ask_all();
DELETE FROM bounce.suppression WHERE address = 'user500@turn.bulk.example';
SELECT * FROM ask_all();
SAVEPOINT before;
DELETE FROM bounce.suppression WHERE address LIKE '%@turn.bulk.example';
SELECT * FROM ask_all();
ROLLBACK TO before;
SELECT * FROM ask_all();
ROLLBACK;
-- The same within one function, whose place that asks stays: 6, 0, and 6 again.
BEGIN ISOLATION LEVEL REPEATABLE READ;
DO $$
DECLARE
	answers int[] := '{0,0,0}';
BEGIN
	FOR round IN 1..3 LOOP
		BEGIN
			IF round = 2 THEN
				DELETE FROM bounce.suppression WHERE address LIKE '%@turn.bulk.example';
			END IF;
			FOR n IN 1..3000 LOOP
				answers[round] := answers[round] + bounce.is_suppressed('user' || n || '@turn.bulk.example')::int;
			END LOOP;
			RAISE division_by_zero;
		EXCEPTION WHEN division_by_zero THEN NULL;
		END;
	END LOOP;
	RAISE NOTICE '%', answers;
END $$;
COMMIT;
-- Procedures that commit.
DO $$
DECLARE
	answers int[] := '{0,0}';
BEGIN
	FOR round IN 1..2 LOOP
		FOR n IN 1..3000 LOOP
			answers[round] := answers[round] + bounce.is_suppressed('user' || n || '@turn.bulk.example')::int;
		END LOOP;
		DELETE FROM bounce.suppression WHERE address = 'user1000@turn.bulk.example';
		COMMIT;
	END LOOP;
	RAISE NOTICE '%', answers;
END $$;

-- A cursor goes on with what it saw when it was opened.
BEGIN;
DECLARE held CURSOR FOR SELECT id, bounce.is_suppressed(email) FROM bulk_contact;
MOVE 4000 IN held;
INSERT INTO bounce.suppression (address, cause) VALUES ('user4001@bulk.example', 'manual');
DELETE FROM bounce.suppression WHERE address = 'user4004@bulk.example';
SELECT id, bounce.is_suppressed(email) FROM bulk_contact WHERE id IN (4001, 4004);
FETCH 4 FROM held;
ROLLBACK;

-- A prepared statement sees what is there each time; inlined or not.
CREATE FUNCTION may_mail(email text) RETURNS boolean LANGUAGE sql STABLE RETURN NOT bounce.is_suppressed(email);
PREPARE may_be_mailed AS SELECT count(*) FROM bulk_contact WHERE may_mail(email) AND id <= 4000;
EXECUTE may_be_mailed;
BEGIN;
INSERT INTO bounce.suppression (address, cause) VALUES ('user3999@bulk.example', 'manual');
EXECUTE may_be_mailed;
ROLLBACK;
EXECUTE may_be_mailed;
-- A statement that suppresses what it asks about sees what was there before it.
BEGIN;
WITH told AS (INSERT INTO bounce.suppression (address, cause)
	SELECT email, 'manual' FROM bulk_contact WHERE id <= 4000 AND NOT bounce.is_suppressed(email) RETURNING address)
SELECT (SELECT count(*) FROM told) AS told, count(*) AS may_be_mailed FROM bulk_contact WHERE may_mail(email) AND id <= 4000;
EXECUTE may_be_mailed;
ROLLBACK;

-- In parallel each worker has its own.
BEGIN;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
EXECUTE may_be_mailed;
ROLLBACK;

-- ----------------------------------------------------------------------------
-- Through SQL: another table takes the place of ours, partitioned by hash.

BEGIN;
ALTER TABLE bounce.suppression RENAME TO suppression_plain;
CREATE TABLE bounce.suppression (LIKE bounce.suppression_plain INCLUDING DEFAULTS) PARTITION BY HASH (address);
CREATE TABLE bulk_half_0 PARTITION OF bounce.suppression FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE bulk_half_1 PARTITION OF bounce.suppression FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX ON bounce.suppression (address);
INSERT INTO bounce.suppression SELECT * FROM bounce.suppression_plain;
SELECT * FROM compare();
-- Partitions come and go without a trace in the snapshot.
ALTER TABLE bounce.suppression DETACH PARTITION bulk_half_0;
SELECT different, road FROM compare();
ROLLBACK;

-- ----------------------------------------------------------------------------
-- What fails or is cancelled leaves nothing behind.

-- All that asking holds in memory in this session.
CREATE FUNCTION held() RETURNS text LANGUAGE sql VOLATILE
	RETURN (SELECT string_agg(DISTINCT name, ', ') FROM pg_backend_memory_contexts WHERE name LIKE 'bounce ask%' OR name = 'bounce question');
-- Says so in the middle of a statement.
CREATE FUNCTION tell_held() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	RAISE NOTICE 'held: %', public.held();
	RETURN true;
END $$;
SELECT count(1 / (id - 4500)) FROM bulk_contact
	WHERE bounce.is_suppressed(email) IS NOT NULL AND (id <> 4499 OR tell_held());
SELECT held();
DO $$
BEGIN
	PERFORM count(1 / (id - 4500)) FROM bulk_contact WHERE bounce.is_suppressed(email) IS NOT NULL;
EXCEPTION WHEN division_by_zero THEN NULL;
END $$;
SELECT held();
-- Cancelled when all is in memory.
SET statement_timeout = '1s';
SELECT count(*) FROM bulk_contact
	WHERE bounce.is_suppressed(email) IS NOT NULL AND (id <> 4500 OR tell_held() AND pg_sleep(60) IS NULL);
RESET statement_timeout;
SELECT held();
-- Cancelled while the tables are read: one of their rows takes a minute.
BEGIN;
ALTER TABLE bounce.suppression RENAME TO suppression_plain;
CREATE VIEW bounce.suppression AS SELECT * FROM bounce.suppression_plain
	WHERE address <> 'user4800@bulk.example' OR tell_held() AND pg_sleep(60) IS NULL;
SAVEPOINT before;
SET LOCAL statement_timeout = '1s';
SELECT count(*) FROM bulk_contact WHERE bounce.is_suppressed(email);
ROLLBACK TO before;
SELECT held();
SET LOCAL statement_timeout = '1s';
DO $$
BEGIN
	PERFORM count(*) FROM bulk_contact WHERE bounce.is_suppressed(email);
EXCEPTION WHEN query_canceled THEN RAISE NOTICE 'cancelled';
END $$;
SELECT held();
ROLLBACK;
-- In a worker.
BEGIN;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
SELECT count(1 / (id - 4500)) FROM bulk_contact WHERE bounce.is_suppressed(email) IS NOT NULL;
ROLLBACK;
-- Ended early, by a LIMIT or a cursor that is closed.
SELECT count(suppressed) FROM (SELECT bounce.is_suppressed(email) AS suppressed FROM bulk_contact LIMIT 4900) AS asked;
SELECT held();
BEGIN;
DECLARE held CURSOR FOR SELECT bounce.is_suppressed(email) FROM bulk_contact;
MOVE 4900 IN held;
SELECT held();
CLOSE held;
SELECT held();
COMMIT;
DROP FUNCTION tell_held, held;

DELETE FROM bounce.suppression WHERE address LIKE '%bulk.example';
DELETE FROM bounce.preference WHERE address LIKE '%bulk.example';
DELETE FROM bounce.domain_suppression WHERE domain LIKE '%bulk%';
DELETE FROM bounce.digest_suppression;
DELETE FROM bounce.topic WHERE topic LIKE 'bulk%';
DROP FUNCTION ask_one, road, compare, within_limit, ask_all, may_mail;
DROP TABLE bulk_contact;
