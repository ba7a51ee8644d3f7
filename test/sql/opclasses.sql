-- Operator classes of the extension's types: order, equality, indexes, joins
\set SHOW_CONTEXT never
SET search_path = public, bounce;

-- Every operator class of the extension is what its access method expects.
SELECT amname, opcname FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod
WHERE opcnamespace = 'bounce'::regnamespace AND NOT amvalidate(pg_opclass.oid);
-- Each btree class has sort support (2) and equalimage (4), each hash class an extended hash (2).
SELECT amname, opcname, wanted
FROM (VALUES ('btree', 2), ('btree', 4), ('hash', 2)) AS support(am, wanted)
	JOIN pg_am ON amname = am
	JOIN pg_opclass ON opcmethod = pg_am.oid AND opcnamespace = 'bounce'::regnamespace
WHERE NOT EXISTS (SELECT FROM pg_amproc WHERE amprocfamily = opcfamily AND amprocnum = wanted);
-- Servers that skip through an index (18 and later) are told how for the small types.
SELECT count(*) = CASE WHEN current_setting('server_version_num')::int >= 180000 THEN 2 ELSE 0 END AS skip_support
FROM pg_amproc JOIN pg_opfamily ON pg_opfamily.oid = amprocfamily AND opfnamespace = 'bounce'::regnamespace
WHERE amprocnum = 6;
-- Every comparison operator has its commutator and its negator, and each way back is the same.
SELECT o.oid::regoperator FROM pg_operator AS o
	LEFT JOIN pg_operator AS c ON c.oid = o.oprcom AND c.oprcom = o.oid
	LEFT JOIN pg_operator AS n ON n.oid = o.oprnegate AND n.oprnegate = o.oid
WHERE o.oprnamespace = 'bounce'::regnamespace AND o.oprname IN ('<', '<=', '=', '<>', '>=', '>')
	AND (c.oid IS NULL OR n.oid IS NULL OR o.oprrest = 0 OR o.oprjoin = 0 OR (o.oprname = '=' AND NOT (o.oprcanhash AND o.oprcanmerge)));

-- Statuses are ordered by class, subject, detail, reply code; what is missing comes first.
SELECT status FROM unnest('{"550 5.1.1", 5.1.1, 5.10.1, 5.2.1, 550, "450 4.7.1", "551 5.1.1", 250, 5.1.10, 354, 2.1.5, 500, 421, 4.7.1, 5.999.999}'::smtp_status[]) AS status
ORDER BY status;
-- Classes are ordered by severity (ok, hard, soft, block, complaint, auto, admin, unknown), then as the taxonomy lists them.
SELECT class FROM unnest('{unknown, suppressed, auto_reply, complaint_abuse, policy, mailbox_full, soft:user_unknown, mailbox_moved, user_unknown, delivered}'::bounce_class[]) AS class
ORDER BY class;
SELECT class FROM unnest('{unknown, mailbox_full, NULL, user_unknown, delivered}'::bounce_class[]) AS class
ORDER BY class DESC NULLS LAST;

-- All operators, on less, equal and greater.
SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne, a >= b AS ge, a > b AS gt
FROM (VALUES (smtp_status '450', smtp_status '550'), ('550', '550'), ('550 5.1.1', '550')) AS v(a, b);
SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne, a >= b AS ge, a > b AS gt
FROM (VALUES (bounce_class 'hard:user_unknown', bounce_class 'soft:user_unknown'), ('unknown', 'unknown'), ('unknown', 'delivered')) AS v(a, b);

-- Twelve statuses and every class, many times each.
CREATE TABLE event AS
SELECT i AS id, (ARRAY['250', '2.0.0', '354', '421', '450 4.2.1', '4.4.7', '550', '550 5.1.1', '5.1.1', '552 5.2.2', '554 5.7.1', '5.999.999'])[i % 12 + 1]::smtp_status AS status,
	(SELECT array_agg(reason) FROM reasons())[i % 68 + 1]::bounce_class AS class
FROM generate_series(1, 24480) AS i;
ANALYZE event;
-- The sort is the order of the operators, with and without compiled code.
SELECT count(*) FILTER (WHERE NOT status >= before) FROM (SELECT status, lag(status) OVER (ORDER BY status) AS before FROM event) AS sorted;
SELECT count(*) FILTER (WHERE NOT class >= before) FROM (SELECT class, lag(class) OVER (ORDER BY class) AS before FROM event) AS sorted;
SET jit = on;
SET jit_above_cost = 0;
SELECT array_agg(DISTINCT status) FROM event;
SELECT status FROM event WHERE id <= 12 UNION ALL SELECT '550' UNION ALL SELECT '250' ORDER BY status;
RESET jit_above_cost;
RESET jit;

-- Grouping and DISTINCT, hashed and sorted.
EXPLAIN (COSTS OFF) SELECT status, count(*) FROM event GROUP BY status;
SELECT status, count(*) FROM event GROUP BY status ORDER BY status;
SET enable_hashagg = off;
EXPLAIN (COSTS OFF) SELECT DISTINCT class FROM event;
SELECT count(*) FROM (SELECT DISTINCT class FROM event) AS classes;
RESET enable_hashagg;
SELECT count(*) FROM (SELECT class FROM event INTERSECT SELECT class FROM event WHERE severity(class) = 'hard') AS hard;

-- Joins, hashed and merged.
EXPLAIN (COSTS OFF) SELECT count(*) FROM event a JOIN event b USING (status) WHERE a.id <= 12;
SELECT count(*) FROM event a JOIN event b USING (status) WHERE a.id <= 12;
SET enable_hashjoin = off;
SET enable_nestloop = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM event a JOIN event b USING (class) WHERE a.id <= 68;
SELECT count(*) FROM event a JOIN event b USING (class) WHERE a.id <= 68;
RESET enable_hashjoin;
RESET enable_nestloop;

-- Least and greatest, from the table and from an index.
SELECT min(status), max(status), min(class), max(class) FROM event;
SELECT min(status) FROM event WHERE false;
CREATE INDEX event_status ON event (status);
CREATE INDEX event_class ON event (class);
VACUUM ANALYZE event;
SELECT min(status), max(status), min(class), max(class) FROM event;

-- btree: equality, ranges, IN, order.
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM event WHERE status = '550 5.1.1';
SELECT count(*) FROM event WHERE status = '550 5.1.1';
EXPLAIN (COSTS OFF) SELECT count(*) FROM event WHERE status >= '5.1.0' AND status < '5.2.0';
SELECT count(*) FROM event WHERE status >= '5.1.0' AND status < '5.2.0';
EXPLAIN (COSTS OFF) SELECT count(*) FROM event WHERE class IN ('user_unknown', 'mailbox_full');
SELECT count(*) FROM event WHERE class IN ('user_unknown', 'mailbox_full');
EXPLAIN (COSTS OFF) SELECT status FROM event ORDER BY status DESC LIMIT 1;
SELECT status FROM event ORDER BY status DESC LIMIT 1;
-- Equal values are stored once with the list of their rows: such an index is much smaller.
CREATE INDEX event_status_plain ON event (status) WITH (deduplicate_items = off);
CREATE INDEX event_class_plain ON event (class) WITH (deduplicate_items = off);
SELECT pg_relation_size('event_status') < 0.5 * pg_relation_size('event_status_plain') AS status,
	pg_relation_size('event_class') < 0.5 * pg_relation_size('event_class_plain') AS class;
DROP INDEX event_status, event_status_plain, event_class, event_class_plain;

-- hash: equality.
CREATE INDEX event_status ON event USING hash (status);
CREATE INDEX event_class ON event USING hash (class);
EXPLAIN (COSTS OFF) SELECT count(*) FROM event WHERE status = '4.4.7';
SELECT count(*) FROM event WHERE status = '4.4.7';
EXPLAIN (COSTS OFF) SELECT count(*) FROM event WHERE class = 'policy';
SELECT count(*) FROM event WHERE class = 'policy';
DROP INDEX event_status, event_class;

-- BRIN: the least and greatest of each range of blocks; where values lie together most ranges are passed by.
RESET enable_bitmapscan;
CREATE TABLE event_sorted AS SELECT * FROM event ORDER BY status, class;
CREATE INDEX event_status ON event_sorted USING brin (status, class) WITH (pages_per_range = 4);
EXPLAIN (COSTS OFF) SELECT count(*) FROM event_sorted WHERE status = '354' AND class > 'soft:delivered';
SELECT count(*) FROM event_sorted WHERE status = '354' AND class > 'soft:delivered';
SELECT count(*) FROM event_sorted WHERE status < '4.4.7';
RESET enable_seqscan;
DROP TABLE event_sorted;

-- Partitions by hash use the extended hash.
CREATE TABLE by_status (status smtp_status, class bounce_class) PARTITION BY HASH (status, class);
CREATE TABLE by_status_0 PARTITION OF by_status FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_status_1 PARTITION OF by_status FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO by_status SELECT status, class FROM event;
SELECT count(DISTINCT tableoid) AS partitions, count(*) FROM by_status;
EXPLAIN (COSTS OFF) SELECT FROM by_status WHERE status = '550' AND class = 'user_unknown';
-- Partitions by range use the order.
CREATE TABLE by_class (class bounce_class) PARTITION BY RANGE (class);
CREATE TABLE by_class_good PARTITION OF by_class FOR VALUES FROM (MINVALUE) TO ('hard:delivered');
CREATE TABLE by_class_bad PARTITION OF by_class FOR VALUES FROM ('hard:delivered') TO (MAXVALUE);
INSERT INTO by_class SELECT class FROM event WHERE id <= 68;
SELECT tableoid::regclass, count(*) FROM by_class GROUP BY tableoid ORDER BY tableoid::regclass::text;
DROP TABLE by_status, by_class, event;
