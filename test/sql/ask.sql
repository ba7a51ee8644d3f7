-- Asking: bounce.is_suppressed(address [, topic [, at]]).
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

-- Nobody has said anything about this address: mail may go out.
SELECT bounce.is_suppressed('nobody@ask.example');
SELECT bounce.is_suppressed('nobody@ask.example', 'ask_news');
-- No address, no answer; no time, no answer either.  No topic: asked without one.
SELECT bounce.is_suppressed(NULL) IS NULL AS address, bounce.is_suppressed('a@ask.example', at => NULL) IS NULL AS at,
	bounce.is_suppressed('nobody@ask.example', NULL) AS no_topic, bounce.is_suppressed('nobody@ask.example', '') AS empty_topic;

-- To what is no address nothing can be sent.  Never an error, whatever the text.
SELECT text, bounce.is_suppressed(text)
FROM unnest(ARRAY['', ' ', 'no at sign', '@', 'a@', '@ask.example', 'a b@ask.example', 'a@ask..example', 'a@-ask.example', '%s%n@', '''; DROP TABLE x; --']) AS text;
SELECT bounce.is_suppressed(repeat('a', 65) || '@ask.example') AS long_local_part,
	bounce.is_suppressed('a@' || repeat('a.', 200) || 'example') AS long_domain,
	bounce.is_suppressed(repeat('x', 10000000)) AS ten_megabytes,
	bounce.is_suppressed(repeat('@', 100000)) AS many_at_signs,
	bounce.is_suppressed(E'\x01\x02\t\n@\x7f') AS control_characters;

-- ----------------------------------------------------------------------------
-- A suppression holds from its start until just before its end.

INSERT INTO bounce.suppression (address, cause, class, step, starts_at, expires_at)
VALUES ('lease@ask.example', 'lease', 'hard:user_unknown', 1, '2024-03-01 12:00', '2024-03-02 12:00');
SELECT at, bounce.is_suppressed('lease@ask.example', at => at)
FROM unnest(ARRAY['-infinity', '2024-03-01 11:59:59.999999', '2024-03-01 12:00', '2024-03-02 11:59:59.999999', '2024-03-02 12:00', 'infinity']::timestamptz[]) AS at;
-- Without a time: now.  That lease is long over.
SELECT bounce.is_suppressed('lease@ask.example');
-- All spellings of an address are one.
SELECT text, bounce.is_suppressed(text, at => '2024-03-01 12:00')
FROM unnest(ARRAY['LEASE@Ask.Example', ' lease@ask.example ', 'Lea <lease@ask.example>', 'mailto:lease@ask.example', 'lease@ask.example.', '"lease"@ask.example', 'lease2@ask.example', 'leas@ask.example']) AS text;

-- ----------------------------------------------------------------------------
-- Causes and topics.  news and offers are marketing (as is a topic that nobody
-- described), receipts is transactional.

INSERT INTO bounce.topic (topic, kind) VALUES ('ask_news', 'marketing'), ('ask_receipts', 'transactional');
CREATE FUNCTION answers(address text, OUT mail boolean, OUT news boolean, OUT offers boolean, OUT receipts boolean)
	LANGUAGE sql STABLE RETURN (bounce.is_suppressed(address), bounce.is_suppressed(address, 'ask_news'),
		bounce.is_suppressed(address, 'ask_offers'), bounce.is_suppressed(address, 'ask_receipts'));

INSERT INTO bounce.suppression (address, topic, cause) VALUES
	('all-lease@ask.example', '', 'lease'), ('all-manual@ask.example', '', 'manual'),
	('all-import@ask.example', '', 'import'), ('all-complaint@ask.example', '', 'complaint'),
	('news-manual@ask.example', 'ask_news', 'manual'), ('news-complaint@ask.example', 'ask_news', 'complaint'),
	('receipts-manual@ask.example', 'ask_receipts', 'manual'), ('receipts-complaint@ask.example', 'ask_receipts', 'complaint');
-- What servers said, and what was set by hand, stops every topic; a complaint
-- stops marketing.  What is said about one topic stops that topic.
SELECT split_part(address, '@', 1) AS suppression, a.* FROM bounce.suppression, answers(address) AS a
WHERE address LIKE '%-%@ask.example' ORDER BY address;

-- ----------------------------------------------------------------------------
-- Domains: the domain alone, or with * it and all below it.

INSERT INTO bounce.domain_suppression (domain) VALUES ('only.ask.example'), ('*.deep.ask.example'), ('xn--mnchen-3ya.ask.example');
INSERT INTO bounce.domain_suppression (domain, starts_at, expires_at) VALUES ('over.ask.example', '2024-01-01', '2024-02-01');
SELECT address, bounce.is_suppressed(address), bounce.is_suppressed(address, 'ask_receipts') AS receipts
FROM unnest(ARRAY['a@only.ask.example', 'a@ONLY.ask.example.', 'a@sub.only.ask.example', 'a@notonly.ask.example', 'a@ask.example',
	'a@deep.ask.example', 'a@x.deep.ask.example', 'a@x.y.z.deep.ask.example', 'a@notdeep.ask.example', 'deep@ask.example',
	'a@münchen.ask.example', 'a@over.ask.example', '"x@only.ask.example"@ask.example', 'a@[192.0.2.1]']) AS address;
SELECT bounce.is_suppressed('a@over.ask.example', at => '2024-01-31 23:59:59.999999') AS before,
	bounce.is_suppressed('a@over.ask.example', at => '2024-02-01') AS at_the_end;
-- A whole top-level domain.
BEGIN;
INSERT INTO bounce.domain_suppression (domain) VALUES ('*.example');
SELECT bounce.is_suppressed('a@any.where.example'), bounce.is_suppressed('a@any.where.test') AS other;
ROLLBACK;

-- ----------------------------------------------------------------------------
-- Digests: the SHA-256 of the canonical address in UTF-8.  The person is gone, the
-- no remains.  A complaint or an unsubscribe known by digest stops marketing only.

INSERT INTO bounce.digest_suppression (digest, cause)
	SELECT 'sha256:' || encode(sha256(convert_to(address, 'UTF8')), 'hex'), cause
	FROM (VALUES ('forgotten@ask.example', 'import'), ('opted-out@ask.example', 'unsubscribe'), ('jürgen@ask.example', 'lease')) AS v (address, cause);
SELECT address, a.* FROM unnest(ARRAY['Forgotten <FORGOTTEN@ask.example>', 'opted-out@ask.example', 'jürgen@ask.example', 'jurgen@ask.example']) AS address, answers(address) AS a;
-- A keyed digest needs its key: it is no digest of this kind.
INSERT INTO bounce.digest_suppression (digest) SELECT 'hmac-sha256:' || encode(sha256('keyed@ask.example'), 'hex');
SELECT bounce.is_suppressed('keyed@ask.example');

-- ----------------------------------------------------------------------------
-- What the person said.  Marketing honours it, receipts go out all the same.

INSERT INTO bounce.preference (address, topic, state, until, since, source) VALUES
	('no-news@ask.example', 'ask_news', 'unsubscribed', NULL, '2024-01-01', 'person'),
	('no-mail@ask.example', '', 'unsubscribed', NULL, '2024-01-01', 'person'),
	('pause-news@ask.example', 'ask_news', 'snoozed', 'infinity', '2024-01-01', 'person'),
	('pause-mail@ask.example', '', 'snoozed', 'infinity', '2024-01-01', 'person'),
	('pending-news@ask.example', 'ask_news', 'pending', NULL, '2024-01-01', 'person'),
	('no-receipts@ask.example', 'ask_receipts', 'unsubscribed', NULL, '2024-01-01', 'person'),
	-- later than a no to everything: the choice of a topic stands
	('but-news@ask.example', '', 'unsubscribed', NULL, '2024-01-01', 'person'),
	('but-news@ask.example', 'ask_news', 'subscribed', NULL, '2024-01-02', 'person'),
	-- a no to everything later than a yes to a topic, or at the same time: the no stands
	('then-no-mail@ask.example', 'ask_news', 'subscribed', NULL, '2024-01-01', 'person'),
	('then-no-mail@ask.example', '', 'unsubscribed', NULL, '2024-01-02', 'person'),
	('both-at-once@ask.example', 'ask_news', 'subscribed', NULL, '2024-01-01', 'person'),
	('both-at-once@ask.example', '', 'unsubscribed', NULL, '2024-01-01', 'person'),
	-- a later word of a lower source overrules nothing
	('imported-yes@ask.example', '', 'unsubscribed', NULL, '2024-01-01', 'person'),
	('imported-yes@ask.example', 'ask_news', 'subscribed', NULL, '2024-01-02', 'import'),
	('imported-no@ask.example', 'ask_news', 'subscribed', NULL, '2024-01-01', 'person'),
	('imported-no@ask.example', '', 'unsubscribed', NULL, '2024-01-02', 'import'),
	-- a yes to everything takes back a no to everything, not one to a topic
	('came-back@ask.example', 'ask_news', 'unsubscribed', NULL, '2024-01-01', 'person'),
	('came-back@ask.example', '', 'subscribed', NULL, '2024-01-02', 'person');
SELECT DISTINCT split_part(address, '@', 1) AS preference, a.* FROM bounce.preference, answers(address) AS a
WHERE address LIKE '%@ask.example' ORDER BY 1;

-- A pause ends by itself, at its very end; then what was said before stands again.
INSERT INTO bounce.preference (address, topic, state, until, since, source) VALUES
	('holiday@ask.example', '', 'snoozed', '2024-08-01', '2024-07-01', 'person'),
	('holiday@ask.example', 'ask_news', 'unsubscribed', NULL, '2024-01-01', 'person');
SELECT at, bounce.is_suppressed('holiday@ask.example', at => at) AS mail, bounce.is_suppressed('holiday@ask.example', 'ask_offers', at) AS offers,
	bounce.is_suppressed('holiday@ask.example', 'ask_news', at) AS news
FROM unnest(ARRAY['2024-07-31 23:59:59.999999', '2024-08-01']::timestamptz[]) AS at;

-- Some topics need a yes first, and a confirmed one ("double"); a yes to everything is not enough.
INSERT INTO bounce.topic (topic, opt_in) VALUES ('ask_single', 'single'), ('ask_double', 'double');
INSERT INTO bounce.preference (address, topic, state, until, since, source) VALUES
	('yes@ask.example', 'ask_single', 'subscribed', NULL, '2024-01-01', 'person'),
	('yes@ask.example', 'ask_double', 'subscribed', NULL, '2024-01-01', 'person'),
	('asked@ask.example', 'ask_double', 'pending', '2024-01-08', '2024-01-01', 'person'),
	('paused@ask.example', 'ask_single', 'snoozed', '2024-08-01', '2024-07-01', 'person'),
	('new@ask.example', 'ask_double', 'pending', now() + interval '1 day', '2024-01-01', 'person'),
	('everything@ask.example', '', 'subscribed', NULL, '2024-01-01', 'person');
UPDATE bounce.preference SET before = 'subscribed', before_since = '2024-01-01', before_source = 'person' WHERE address = 'paused@ask.example';
INSERT INTO bounce.preference (address, topic, state, until, since, source) VALUES ('paused-nothing@ask.example', 'ask_single', 'snoozed', '2024-08-01', '2024-07-01', 'person');
SELECT who, bounce.is_suppressed(who || '@ask.example', 'ask_single') AS single, bounce.is_suppressed(who || '@ask.example', 'ask_double') AS double,
	bounce.is_suppressed(who || '@ask.example', 'ask_news') AS news
FROM unnest(ARRAY['yes', 'new', 'asked', 'paused', 'paused-nothing', 'everything', 'silent']) AS who;

-- What was before a pause is again what it was: an older yes to a topic does not become a newer one.
INSERT INTO bounce.preference (address, topic, state, until, since, source, before, before_since, before_source) VALUES
	('older@ask.example', 'ask_news', 'snoozed', '2024-08-01', '2024-07-01', 'person', 'subscribed', '2024-01-01', 'person'),
	('older@ask.example', '', 'unsubscribed', NULL, '2024-02-01', 'person', NULL, NULL, NULL),
	('newer@ask.example', 'ask_news', 'snoozed', '2024-08-01', '2024-07-01', 'person', 'subscribed', '2024-03-01', 'person'),
	('newer@ask.example', '', 'unsubscribed', NULL, '2024-02-01', 'person', NULL, NULL, NULL),
	('never@ask.example', '', 'snoozed', '2024-08-01', '2024-07-01', 'person', 'unsubscribed', '2024-01-01', 'import');
SELECT who, at, bounce.is_suppressed(who || '@ask.example', 'ask_news', at) AS news
FROM unnest(ARRAY['older', 'newer', 'never']) AS who, unnest(ARRAY['2024-07-15', '2024-08-01']::timestamptz[]) AS at;
-- Of a word on a topic and one on all of them at the same instant, the one recorded last stands.
INSERT INTO bounce.preference (address, topic, state, since, source, number) VALUES
	('only-news@ask.example', '', 'unsubscribed', '2024-01-01', 'person', 1), ('only-news@ask.example', 'ask_news', 'subscribed', '2024-01-01', 'person', 2),
	('no-more@ask.example', 'ask_news', 'subscribed', '2024-01-01', 'person', 1), ('no-more@ask.example', '', 'unsubscribed', '2024-01-01', 'person', 2);
SELECT who, bounce.is_suppressed(who || '@ask.example', 'ask_news') AS news, bounce.is_suppressed(who || '@ask.example', 'ask_offers') AS offers
FROM unnest(ARRAY['only-news', 'no-more']) AS who;

-- A retired topic: as marketing, nothing goes out any more, to whoever said yes; receipts still do.
INSERT INTO bounce.topic (topic, kind, opt_in, retired_at) VALUES
	('ask_old', 'marketing', 'none', '2024-06-01'), ('ask_old_receipts', 'transactional', 'none', '2024-06-01');
INSERT INTO bounce.preference (address, topic, state, since, source) VALUES ('yes@ask.example', 'ask_old', 'subscribed', '2024-01-01', 'person');
SELECT who, at, bounce.is_suppressed(who || '@ask.example', 'ask_old', at) AS old, bounce.is_suppressed(who || '@ask.example', 'ask_old_receipts', at) AS receipts
FROM unnest(ARRAY['yes', 'silent']) AS who, unnest(ARRAY['2024-05-31 23:59:59.999999', '2024-06-01']::timestamptz[]) AS at;

-- ----------------------------------------------------------------------------
-- The view bounce.suppressed: who must get no mail now, for set-based SQL.

SELECT split_part(address, '@', 1) AS who, cause, class, step, until FROM bounce.suppressed WHERE address LIKE '%@ask.example' ORDER BY address;
-- Beside domains and digests, which are not addresses, it says what the function says.
CREATE TABLE ask_contact (email text);
INSERT INTO ask_contact SELECT address FROM bounce.suppression WHERE address LIKE '%@ask.example'
	UNION SELECT address FROM bounce.preference WHERE address LIKE '%@ask.example' UNION VALUES ('nobody@ask.example');
SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM bounce.suppressed AS s WHERE s.address = email)) AS suppressed,
	count(*) FILTER (WHERE EXISTS (SELECT FROM bounce.suppressed AS s WHERE s.address = email) <> bounce.is_suppressed(email)) AS different
FROM ask_contact;
-- One hash anti join.
INSERT INTO ask_contact SELECT 'filler' || n || '@only.ask.example' FROM generate_series(1, 5000) AS n;
ANALYZE ask_contact;
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
SELECT substring(line FROM '\w[^(]*') AS node FROM plan('SELECT count(*) FROM ask_contact AS c
	WHERE NOT EXISTS (SELECT FROM bounce.suppressed AS s WHERE s.address = c.email)') AS line
WHERE line ~ 'Join|Loop';

-- In parallel workers the answers are the same.
CREATE TABLE ask_alone AS SELECT email, bounce.is_suppressed(email, 'ask_news') AS news FROM ask_contact;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
SELECT substring(line FROM '\w[^(]*') AS node FROM plan($$SELECT count(*) FROM ask_alone WHERE bounce.is_suppressed(email, 'ask_news') <> news$$) AS line
WHERE line ~ 'Gather|Seq Scan';
SELECT count(*) FROM ask_alone WHERE bounce.is_suppressed(email, 'ask_news') <> news;
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;
DROP TABLE ask_alone;

-- ----------------------------------------------------------------------------
-- The answer is that of the statement's snapshot, also where an empty table was
-- remembered as empty.

BEGIN;
DELETE FROM bounce.domain_suppression; DELETE FROM bounce.digest_suppression; DELETE FROM bounce.preference;
TRUNCATE bounce.domain_suppression, bounce.digest_suppression, bounce.preference;
SELECT bounce.is_suppressed('a@new.ask.example');
DECLARE before CURSOR FOR SELECT bounce.is_suppressed('a@new.ask.example') FROM generate_series(1, 2);
FETCH before;
SAVEPOINT s;
INSERT INTO bounce.domain_suppression (domain) VALUES ('new.ask.example');
SELECT bounce.is_suppressed('a@new.ask.example');
-- A cursor that was opened before does not see it.
FETCH before;
ROLLBACK TO s;
SELECT bounce.is_suppressed('a@new.ask.example');
INSERT INTO bounce.preference (address, topic, state, source) VALUES ('a@new.ask.example', '', 'unsubscribed', 'person');
SELECT bounce.is_suppressed('a@new.ask.example');
-- Asking and suppressing in turn within one function call.
CREATE FUNCTION ask_in_turn(n integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answers text := '';
BEGIN
	FOR i IN 1..n LOOP
		answers := answers || bounce.is_suppressed('a@turn' || i || '.ask.example')::integer;
		INSERT INTO bounce.domain_suppression (domain) VALUES ('turn' || i || '.ask.example');
		answers := answers || bounce.is_suppressed('a@turn' || i || '.ask.example')::integer;
		DELETE FROM bounce.domain_suppression WHERE domain = 'turn' || i || '.ask.example';
		answers := answers || bounce.is_suppressed('a@turn' || i || '.ask.example')::integer || ' ';
	END LOOP;
	RETURN answers;
END $$;
SELECT ask_in_turn(3);
ROLLBACK;
SELECT bounce.is_suppressed('a@only.ask.example') AS restored;

-- ----------------------------------------------------------------------------
-- The roads.  A plain table is read by its index; any other is read through SQL.
-- client_min_messages = debug1 tells which.

CREATE VIEW ask_all AS SELECT string_agg(answers(email)::text, ' ' ORDER BY email COLLATE "C") AS answers
	FROM ask_contact WHERE email NOT LIKE 'filler%';
CREATE TABLE ask_direct AS TABLE ask_all;

-- All of the state in partitioned tables.
BEGIN;
ALTER TABLE bounce.suppression RENAME TO suppression_plain;
CREATE TABLE bounce.suppression (LIKE bounce.suppression_plain INCLUDING DEFAULTS, PRIMARY KEY (address, topic, cause)) PARTITION BY HASH (address);
CREATE TABLE bounce.suppression_0 PARTITION OF bounce.suppression FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE bounce.suppression_1 PARTITION OF bounce.suppression FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO bounce.suppression SELECT * FROM bounce.suppression_plain;
ALTER TABLE bounce.preference RENAME TO preference_plain;
CREATE TABLE bounce.preference (LIKE bounce.preference_plain INCLUDING DEFAULTS, PRIMARY KEY (address, topic)) PARTITION BY HASH (address);
CREATE TABLE bounce.preference_0 PARTITION OF bounce.preference FOR VALUES WITH (MODULUS 1, REMAINDER 0);
INSERT INTO bounce.preference SELECT * FROM bounce.preference_plain;
ALTER TABLE bounce.domain_suppression RENAME TO domain_suppression_plain;
CREATE TABLE bounce.domain_suppression (LIKE bounce.domain_suppression_plain) PARTITION BY LIST (domain);
CREATE TABLE bounce.domain_suppression_0 PARTITION OF bounce.domain_suppression DEFAULT;
INSERT INTO bounce.domain_suppression SELECT * FROM bounce.domain_suppression_plain;
ALTER TABLE bounce.digest_suppression RENAME TO digest_suppression_plain;
CREATE TABLE bounce.digest_suppression (LIKE bounce.digest_suppression_plain) PARTITION BY LIST (digest);
CREATE TABLE bounce.digest_suppression_0 PARTITION OF bounce.digest_suppression DEFAULT;
INSERT INTO bounce.digest_suppression SELECT * FROM bounce.digest_suppression_plain;
ALTER TABLE bounce.topic RENAME TO topic_plain;
CREATE TABLE bounce.topic (LIKE bounce.topic_plain) PARTITION BY LIST (topic);
CREATE TABLE bounce.topic_0 PARTITION OF bounce.topic DEFAULT;
INSERT INTO bounce.topic SELECT * FROM bounce.topic_plain;
SET client_min_messages = debug1;
SELECT bounce.is_suppressed('nobody@ask.example', 'ask_nothing');
RESET client_min_messages;
SELECT answers = (SELECT answers FROM ask_direct) AS same FROM ask_all;
SELECT address, bounce.is_suppressed(address)
FROM unnest(ARRAY['a@only.ask.example', 'a@x.deep.ask.example', 'a@ask.example', 'forgotten@ask.example', 'nobody@ask.example']) AS address;
-- In parallel workers too.
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
SELECT bounce.is_suppressed(email), count(*) FROM ask_contact GROUP BY 1 ORDER BY 1;
ROLLBACK;

-- Rows that sit in a child table.
BEGIN;
CREATE TABLE ask_child () INHERITS (bounce.suppression);
INSERT INTO ask_child (address, cause) VALUES ('child@ask.example', 'manual');
SET LOCAL client_min_messages = debug1;
SELECT bounce.is_suppressed('child@ask.example');
ROLLBACK;
SELECT bounce.is_suppressed('child@ask.example');

-- A table that Citus lists as distributed is a shell here.
BEGIN;
SET LOCAL allow_system_table_mods = on;
CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass, partmethod "char");
INSERT INTO pg_dist_partition VALUES ('bounce.suppression', 'h');
ALTER TABLE bounce.suppression SET (fillfactor = 90);
ALTER TABLE bounce.preference SET (fillfactor = 100);
SET LOCAL client_min_messages = debug1;
SELECT bounce.is_suppressed('all-lease@ask.example');
ROLLBACK;

-- Without the index, with another one, with the columns in another order.
BEGIN;
ALTER TABLE bounce.suppression DROP CONSTRAINT suppression_pkey;
SET LOCAL client_min_messages = debug1;
SELECT bounce.is_suppressed('all-lease@ask.example');
SET LOCAL client_min_messages = notice;
-- the order of another collation is of no use
CREATE INDEX ask_other ON bounce.suppression (address COLLATE "POSIX");
CREATE INDEX ask_partial ON bounce.suppression (address) WHERE cause = 'manual';
CREATE INDEX ask_hash ON bounce.suppression USING hash (address);
CREATE INDEX ask_expression ON bounce.suppression (lower(address));
SET LOCAL client_min_messages = debug1;
SELECT bounce.is_suppressed('all-lease@ask.example');
ROLLBACK;
BEGIN;
ALTER TABLE bounce.suppression RENAME TO suppression_plain;
CREATE TABLE bounce.suppression AS SELECT note, expires_at, topic, made_by, starts_at, step, occurrences, status, last_event_at, class, cause, address FROM bounce.suppression_plain;
ALTER TABLE bounce.suppression ADD PRIMARY KEY (address, cause, topic);
SET LOCAL client_min_messages = debug1;
SELECT bounce.is_suppressed('all-lease@ask.example');
SET LOCAL client_min_messages = notice;
SELECT bounce.is_suppressed('lease@ask.example');
SELECT split_part(address, '@', 1) AS who, bounce.is_suppressed(address, 'ask_news') AS news FROM bounce.suppression WHERE address LIKE 'news-%@ask.example' ORDER BY address;
ROLLBACK;

-- A table that is not there is an error, and gone with it.
BEGIN;
ALTER TABLE bounce.domain_suppression RENAME TO domain_suppression_elsewhere;
SELECT bounce.is_suppressed('nobody@ask.example');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT bounce.is_suppressed('nobody@ask.example');

-- An error or a cancel in the middle leaves nothing behind.
SELECT bounce.is_suppressed(email), 1 / (CASE WHEN email LIKE 'lease@%' THEN 0 ELSE 1 END) FROM ask_contact ORDER BY email COLLATE "C" DESC;
SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'bounce.suppression'::regclass;

-- What the transaction has locked is not locked again; what went with a savepoint is.
PREPARE locks AS SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
	WHERE l.pid = pg_backend_pid() AND c.relname IN ('suppression', 'suppression_pkey') ORDER BY c.relname;
BEGIN;
SAVEPOINT one;
SELECT bounce.is_suppressed('all-lease@ask.example');
SELECT bounce.is_suppressed('all-lease@ask.example');
EXECUTE locks;
ROLLBACK TO one;
EXECUTE locks;
SELECT bounce.is_suppressed('all-lease@ask.example');
EXECUTE locks;
-- held already when the second one began
SAVEPOINT two;
SELECT bounce.is_suppressed('all-lease@ask.example');
ROLLBACK TO two;
EXECUTE locks;
-- with the first one again, which was kept for a while
ROLLBACK TO one;
SAVEPOINT three;
SELECT bounce.is_suppressed('all-lease@ask.example');
RELEASE three;
EXECUTE locks;
ROLLBACK TO one;
EXECUTE locks;
SELECT bounce.is_suppressed('all-lease@ask.example');
COMMIT;
EXECUTE locks;
-- By a cursor, and in a block that fails.
BEGIN;
DECLARE asking CURSOR FOR SELECT bounce.is_suppressed(email) FROM ask_contact WHERE email = 'lease@ask.example';
FETCH asking;
CLOSE asking;
SELECT bounce.is_suppressed('all-lease@ask.example');
EXECUTE locks;
ROLLBACK;
BEGIN;
DO $$
BEGIN
	BEGIN
		RAISE division_by_zero USING MESSAGE = bounce.is_suppressed('all-lease@ask.example');
	EXCEPTION WHEN division_by_zero THEN
		RAISE NOTICE 'suppressed: %', SQLERRM;
	END;
	RAISE NOTICE 'suppressed: %', bounce.is_suppressed('all-lease@ask.example');
END $$;
EXECUTE locks;
-- The table changes, in a savepoint that is taken back and in the transaction itself.
SAVEPOINT one;
ALTER TABLE bounce.suppression RENAME TO suppression_elsewhere;
CREATE TABLE bounce.suppression (LIKE bounce.suppression_elsewhere INCLUDING ALL);
SELECT bounce.is_suppressed('all-lease@ask.example');
ROLLBACK TO one;
SELECT bounce.is_suppressed('all-lease@ask.example');
EXECUTE locks;
ALTER TABLE bounce.suppression DROP CONSTRAINT suppression_pkey;
ALTER TABLE bounce.suppression ADD PRIMARY KEY (address, topic, cause);
SELECT bounce.is_suppressed('all-lease@ask.example');
EXECUTE locks;
ROLLBACK;
SELECT bounce.is_suppressed('all-lease@ask.example');
DEALLOCATE locks;

-- ----------------------------------------------------------------------------
-- Who may ask.  Nobody, unless it is granted; then without seeing any table.

CREATE ROLE ask_stranger;
CREATE ROLE ask_sender;
SELECT bounce.grant_access('ask_sender', 'sender');
SET ROLE ask_stranger;
SELECT bounce.is_suppressed('all-lease@ask.example');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM bounce.why_suppressed('all-lease@ask.example');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM bounce.suppressed;
\echo :LAST_ERROR_SQLSTATE
SET ROLE ask_sender;
SELECT bounce.is_suppressed('all-lease@ask.example'), bounce.is_suppressed('a@only.ask.example') AS domain, bounce.is_suppressed('nobody@ask.example') AS nobody;
SELECT * FROM bounce.suppression;
SELECT * FROM bounce.suppressed;
SELECT * FROM bounce.why_suppressed('all-lease@ask.example');
-- A search_path of the caller's own making changes nothing.
CREATE TEMP TABLE suppression (address text);
SET search_path = pg_temp;
SELECT bounce.is_suppressed('all-lease@ask.example');
RESET search_path;
DROP TABLE suppression;
RESET ROLE;
-- Through SQL as well: as the owner, not as the caller.
BEGIN;
CREATE TABLE ask_child () INHERITS (bounce.suppression);
SET LOCAL ROLE ask_sender;
SELECT bounce.is_suppressed('all-lease@ask.example'), current_user;
SELECT * FROM bounce.suppression;
ROLLBACK;
DROP OWNED BY ask_sender;
DROP ROLE ask_sender, ask_stranger;

-- ----------------------------------------------------------------------------

DROP VIEW ask_all;
DROP TABLE ask_contact, ask_direct;
DROP FUNCTION answers, plan;
DELETE FROM bounce.suppression WHERE address LIKE '%@ask.example';
DELETE FROM bounce.preference WHERE address LIKE '%@ask.example';
DELETE FROM bounce.domain_suppression WHERE domain LIKE '%ask.example';
DELETE FROM bounce.digest_suppression;
DELETE FROM bounce.topic WHERE topic LIKE 'ask\_%';
