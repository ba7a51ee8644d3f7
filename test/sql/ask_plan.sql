--
-- What the planner knows about bounce.is_suppressed(): what it costs, and how often
-- it says yes.
--
SET max_parallel_workers_per_gather = 0;
SET jit = off;

-- 8000 contacts, every fourth suppressed; of those one in five is over.
CREATE TABLE plan_contact AS SELECT n AS id, 'user' || n || '@plan.example' AS email, md5(n::text) AS name FROM generate_series(1, 8000) AS n;
CREATE INDEX ON plan_contact (id);
INSERT INTO bounce.suppression (address, cause, starts_at, expires_at)
	SELECT 'user' || n || '@plan.example', 'lease', now() - interval '2 days',
		now() + CASE WHEN n % 20 = 0 THEN interval '-1 day' ELSE n * interval '1 minute' END
	FROM generate_series(4, 8000, 4) AS n;
ANALYZE plan_contact, bounce.suppression;

CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
-- Rows of the topmost node, in hundreds, and its cost.
CREATE FUNCTION plan_rows(query text, OUT hundreds numeric) LANGUAGE plpgsql AS $$
DECLARE
	answer json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO answer;
	hundreds := round((answer -> 0 -> 'Plan' ->> 'Plan Rows')::numeric / 100);
END $$;
CREATE FUNCTION plan_cost(query text, OUT cost numeric) LANGUAGE plpgsql AS $$
DECLARE
	answer json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO answer;
	cost := (answer -> 0 -> 'Plan' ->> 'Total Cost')::numeric;
END $$;

-- 1600 are suppressed, 6400 are not; the planner takes it from statistics.
SELECT count(*) FILTER (WHERE bounce.is_suppressed(email)) AS suppressed FROM plan_contact;
SELECT plan_rows('SELECT FROM plan_contact WHERE bounce.is_suppressed(email)') AS suppressed,
	plan_rows('SELECT FROM plan_contact WHERE NOT bounce.is_suppressed(email)') AS mailed,
	plan_rows('SELECT FROM plan_contact WHERE bounce.is_suppressed(email, NULL, now() + interval ''1 year'')') AS in_a_year;

-- Who may be mailed: one pass, nothing is joined.
SELECT * FROM plan('SELECT count(*) FROM plan_contact WHERE NOT bounce.is_suppressed(email)');
-- It costs more than most conditions, so they come first, and an index goes before it.
SELECT * FROM plan('SELECT id FROM plan_contact WHERE NOT bounce.is_suppressed(email) AND length(name) = 32');
SELECT * FROM plan('SELECT id FROM plan_contact WHERE NOT bounce.is_suppressed(email) AND id = 4711');
-- The next hundred to be mailed: it stops there.
SELECT * FROM plan('SELECT id FROM plan_contact WHERE NOT bounce.is_suppressed(email) ORDER BY id LIMIT 100');
-- Who may get this campaign: those it is for come first, then each of them is asked about.
CREATE TABLE plan_campaign AS SELECT n * 40 AS contact FROM generate_series(1, 200) AS n;
ANALYZE plan_campaign;
SELECT * FROM plan('SELECT count(*) FROM plan_campaign k JOIN plan_contact c ON c.id = k.contact WHERE NOT bounce.is_suppressed(c.email, ''news'')');
-- One address: nothing for the planner to read.
SELECT * FROM plan('SELECT bounce.is_suppressed(''user4@plan.example'')');
-- Those of ours that are suppressed: an index on our column cannot find them, and one on bounce.suppression is
-- not the function's to give. A list of a few addresses is looked up in the view.
CREATE INDEX ON plan_contact (email);
SELECT * FROM plan('SELECT id FROM plan_contact WHERE bounce.is_suppressed(email)');
-- (However few choices there are: the planner would read the whole of a small table.)
SET enable_seqscan = off;
SELECT ltrim(line) AS looked_up FROM plan('SELECT cause, until FROM bounce.suppressed WHERE address = ''user4@plan.example''') AS line WHERE line ~ 'Index Cond';
RESET enable_seqscan;
-- Asked about many, each costs less than asked about one; the scan itself costs less still.
SELECT plan_cost('SELECT FROM plan_contact WHERE NOT bounce.is_suppressed(email)') < 8000 * plan_cost('SELECT bounce.is_suppressed(''a@plan.example'')') AS less,
	plan_cost('SELECT FROM plan_contact WHERE NOT bounce.is_suppressed(email)') > plan_cost('SELECT FROM plan_contact') AS more;
-- Workers share it.
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT * FROM plan('SELECT count(*) FROM plan_contact WHERE NOT bounce.is_suppressed(email)');
SELECT count(*) FROM plan_contact WHERE NOT bounce.is_suppressed(email);
RESET max_parallel_workers_per_gather;

-- Without statistics of when they end, all of them count.
DELETE FROM pg_statistic WHERE starelid = 'bounce.suppression'::regclass;
SELECT plan_rows('SELECT FROM plan_contact WHERE bounce.is_suppressed(email)') AS suppressed;

DELETE FROM bounce.suppression WHERE address LIKE '%@plan.example';
ANALYZE bounce.suppression;
DROP FUNCTION plan, plan_rows, plan_cost;
DROP TABLE plan_contact, plan_campaign;
