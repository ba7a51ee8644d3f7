-- bounce.status_pattern: a set of statuses, asked with status <@ pattern
\set SHOW_CONTEXT never
\getenv build PG_ABS_BUILDDIR
\cd :build/results
SET search_path = public, bounce;

-- What can be asked: the end of the enhanced code, or of the reply code, may be x.
SELECT status, status <@ '5.7.x' AS "5.7.x", status <@ '5.x.x' AS "5.x.x", status <@ '55x' AS "55x", status <@ '550' AS "550",
	status <@ '550 5.7.x' AS "550 5.7.x", status <@ '5.7.1' AS "5.7.1", status <@ '5' AS "5"
FROM unnest('{550, 5.7.1, "550 5.7.1", "554 5.7.1", "550 5.1.1", 5.1.1, 450, "450 4.7.1", "250 2.1.5"}'::smtp_status[]) AS status;
-- The other way round it is @>.
SELECT status_pattern '4.2.x' @> smtp_status '450 4.2.2', NOT smtp_status '450 4.2.2' <@ '4.3.x';
-- A status is its own pattern; NULL in, NULL out.
SELECT smtp_status '550 5.1.1' <@ '550 5.1.1', smtp_status '550 5.1.1' <@ NULL::status_pattern;

-- It prints in one spelling.
SELECT pattern FROM unnest('{5.7.X, 5.x.x, 55X, 5xx, 550-5.7.x, " 550   5.x.x ", 55x 5.7.1, 550, 5.1.1, 5, 3, 2xx 2.x.x}'::status_pattern[]) AS pattern;

-- After x only x can follow, and an x stands for the whole number of an enhanced code.
SELECT status_pattern '5.x.1';
\echo :SQLSTATE
SELECT status_pattern '5.7.1x';
SELECT status_pattern 'x.7.1';
SELECT status_pattern 'xxx';
SELECT status_pattern '5x0';
SELECT status_pattern '5xxx';
SELECT status_pattern '5.x';
SELECT status_pattern '';
SELECT status_pattern '55x 4.1.1';
\echo :SQLSTATE
SELECT status_pattern '6';
\echo :SQLSTATE
SELECT status_pattern '9xx';
SELECT status_pattern '5x';
SELECT status_pattern '3.x.x';
SELECT status_pattern '5.1000.x';

-- Four bytes, in text and in binary.
CREATE TABLE rule (pattern status_pattern PRIMARY KEY);
INSERT INTO rule VALUES ('5.7.x'), ('55x'), ('5'), ('550 5.x.x'), ('550 5.1.1');
INSERT INTO rule VALUES ('5.7.X');
\copy rule TO 'status_pattern.bin' (FORMAT binary)
TRUNCATE rule;
\copy rule FROM 'status_pattern.bin' (FORMAT binary)
SELECT pattern, pg_column_size(pattern) FROM rule ORDER BY pattern;
-- Which rules speak about a status?
SELECT pattern FROM rule WHERE smtp_status '550 5.7.1' <@ pattern ORDER BY pattern;
-- Bytes that are no pattern: here x before a number.
CREATE TABLE bytes (bits int);
INSERT INTO bytes VALUES ((x'a0000000'::bit(32) | (1023::bit(32) << 19) | (1::bit(32) << 9))::int);
\copy bytes TO 'status_pattern.bin' (FORMAT binary)
\copy rule FROM 'status_pattern.bin' (FORMAT binary)
\set VERBOSITY sqlstate
\copy rule FROM 'status_pattern.bin' (FORMAT binary)
\set VERBOSITY default
DROP TABLE rule, bytes;

-- An index on the status answers.
CREATE TABLE delivery (id int, status smtp_status);
INSERT INTO delivery
SELECT i, (ARRAY['250', '250 2.0.0', '421', '450 4.2.0', '550', '550 5.1.1', '5.1.1', '554 5.7.1', '5.7.26', '552 5.2.2'])[i % 10 + 1]::smtp_status
FROM generate_series(1, 10000) AS i;
CREATE INDEX delivery_status ON delivery (status);
ANALYZE delivery;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
-- The matches of an enhanced code lie side by side: the index alone decides.
EXPLAIN (COSTS OFF) SELECT count(*) FROM delivery WHERE status <@ '5.7.x';
SELECT count(*) FROM delivery WHERE status <@ '5.7.x';
EXPLAIN (COSTS OFF) SELECT count(*) FROM delivery WHERE '5.x.x' @> status;
SELECT count(*) FROM delivery WHERE '5.x.x' @> status;
EXPLAIN (COSTS OFF) SELECT count(*) FROM delivery WHERE status <@ '4';
SELECT count(*) FROM delivery WHERE status <@ '4';
-- One status is an equality.
EXPLAIN (COSTS OFF) SELECT count(*) FROM delivery WHERE status <@ '552 5.2.2';
SELECT count(*) FROM delivery WHERE status <@ '552 5.2.2';
-- The matches of a reply code are scattered in its class: each row is checked.
EXPLAIN (COSTS OFF) SELECT count(*) FROM delivery WHERE status <@ '55x';
SELECT count(*) FROM delivery WHERE status <@ '55x';
EXPLAIN (COSTS OFF) SELECT count(*) FROM delivery WHERE status <@ '550 5.x.x';
SELECT count(*) FROM delivery WHERE status <@ '550 5.x.x';
-- The function is the same as the operator.
EXPLAIN (COSTS OFF) SELECT count(*) FROM delivery WHERE smtp_status_in_pattern(status, '5.7.x');
-- A pattern that is not known when the query is planned cannot use the index.
EXPLAIN (COSTS OFF) SELECT count(*) FROM delivery, unnest('{5.7.x}'::status_pattern[]) AS pattern WHERE status <@ pattern;
-- A hash index knows equality only.
DROP INDEX delivery_status;
CREATE INDEX delivery_status ON delivery USING hash (status);
EXPLAIN (COSTS OFF) SELECT id FROM delivery WHERE status <@ '552 5.2.2';
RESET enable_seqscan;
EXPLAIN (COSTS OFF) SELECT id FROM delivery WHERE status <@ '5.7.x';
SET enable_seqscan = off;
-- BRIN knows ranges.
DROP INDEX delivery_status;
CREATE INDEX delivery_status ON delivery USING brin (status);
RESET enable_bitmapscan;
EXPLAIN (COSTS OFF) SELECT count(*) FROM delivery WHERE status <@ '5.7.x';
SELECT count(*) FROM delivery WHERE status <@ '5.7.x';
RESET enable_seqscan;
DROP TABLE delivery;
