--
-- Leases: a suppression with an end, which climbs a ladder of durations.
-- All of this is arithmetic on arguments; nothing is stored.
--
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';

--
-- 1. The ladder
--
-- Five steps, in hours: 1, 2, 4, 7 and 14 days.
SELECT bounce.acs_ladder();

--
-- 2. A bounce begins a lease: step 1, one occurrence, 24 hours
--
SELECT * FROM bounce.lease_begin('2026-01-05 08:00+00');

-- The bounce's own time counts, in whatever zone it was written.
SELECT * FROM bounce.lease_begin('2026-01-05 09:00+01');

-- With a ladder of one's own; a day in a ladder is 24 hours, parts may be mixed.
SELECT * FROM bounce.lease_begin('2026-01-05 08:00+00', '{7 days}');
SELECT * FROM bounce.lease_begin('2026-01-05 08:00+00', '{1 day -12:00}');
SELECT * FROM bounce.lease_begin(at => '2026-01-05 08:00+00', ladder => ARRAY[interval '0.000001 s']);

--
-- 3. An occurrence while it is active climbs
--
-- 24 h, then 48, 96, 168 and 336 hours after the occurrence; at the top each one arms the top duration again.
WITH RECURSIVE climb(lease, at) AS (
	SELECT bounce.lease_begin('2026-01-05 08:00+00'), timestamptz '2026-01-05 08:00+00'
	UNION ALL
	SELECT bounce.lease_climb(lease, at + interval '6 hours'), at + interval '6 hours'
	FROM climb WHERE at < '2026-01-06 20:00+00'
)
SELECT at, (lease).*, (lease).expires_at - at AS armed FROM climb;

-- The very last microsecond still belongs to the lease.
SELECT * FROM bounce.lease_climb(bounce.lease_begin('2026-01-05 08:00+00'), '2026-01-06 07:59:59.999999+00');

-- The end never comes nearer, also on a ladder that gets shorter.
SELECT * FROM bounce.lease_climb(bounce.lease_begin('2026-01-05 08:00+00', '{48:00,01:00}'), '2026-01-05 09:00+00', '{48:00,01:00}');

-- A lease from a longer ladder stands on the top of the shorter one.
SELECT * FROM bounce.lease_climb('(5,7,"2026-01-05 08:00+00","2026-02-05 08:00+00")', '2026-01-06 08:00+00', '{24:00,48:00}');

-- An occurrence of a mail sent before the lease started changes nothing ...
SELECT * FROM bounce.lease_climb(bounce.lease_begin('2026-01-05 08:00+00'), '2026-01-05 07:59:59.999999+00');

-- ... one at its start does: the same instant twice is two occurrences.
SELECT * FROM bounce.lease_climb(bounce.lease_begin('2026-01-05 08:00+00'), '2026-01-05 08:00+00');

--
-- 4. The instant of expiry: at the very end it is over
--
SELECT at, bounce.lease_active(bounce.lease_begin('2026-01-05 08:00+00'), at)
FROM (VALUES (timestamptz '2026-01-05 07:59:59.999999+00'),
			 ('2026-01-05 08:00:00+00'),
			 ('2026-01-06 07:59:59.999999+00'),
			 ('2026-01-06 08:00:00+00')) AS asked(at);

-- An occurrence at the end does not climb.
SELECT * FROM bounce.lease_climb(bounce.lease_begin('2026-01-05 08:00+00'), '2026-01-06 08:00+00');

-- Without a time the question is about now.
SELECT bounce.lease_active(bounce.lease_begin(now())) AS begun_now,
	   bounce.lease_active(bounce.lease_begin(now() - interval '24 hours')) AS ended_now,
	   bounce.lease_active(bounce.lease_begin(now() + interval '1 second')) AS begins_soon;

-- A lease that ends where it starts (released at once) is never active.
SELECT bounce.lease_active(ROW(1, 1, '2026-01-05 08:00+00', '2026-01-05 08:00+00')::bounce.lease, '2026-01-05 08:00+00');

--
-- 5. Daylight saving bends nothing: 24 hours are 24 hours
--
-- Paris skips 02:00 to 03:00 on 29 March 2026 and has it twice on 25 October.
SET timezone = 'Europe/Paris';
SELECT * FROM bounce.lease_begin('2026-03-28 12:00');
SELECT * FROM bounce.lease_begin('2026-10-24 12:00');
-- A day in a ladder is 24 hours there too, although a day in interval arithmetic is not.
SELECT (bounce.lease_begin('2026-03-28 12:00', '{1 day}')).expires_at, timestamptz '2026-03-28 12:00' + interval '1 day' AS calendar_day;
-- Both of the hours between 02:00 and 03:00 lie within.
SELECT bounce.lease_active(bounce.lease_begin('2026-10-25 01:00+02', '{02:30}'), at) AS active, at
FROM (VALUES (timestamptz '2026-10-25 02:30+02'), ('2026-10-25 02:29+01'), ('2026-10-25 02:30+01')) AS asked(at);

-- New York, 8 March and 1 November 2026
SET timezone = 'America/New_York';
SELECT * FROM bounce.lease_begin('2026-03-07 12:00');
SELECT * FROM bounce.lease_climb(bounce.lease_begin('2026-10-31 12:00'), '2026-10-31 18:00');
SET timezone = 'UTC';

--
-- 6. After the end: the fold over all occurrences of an address
--
-- The next bounce begins a new cycle at step 1.
SELECT * FROM (
	SELECT (bounce.lease_fold(at, bounce.acs_ladder())).*
	FROM (VALUES (timestamptz '2026-01-05 08:00+00'), ('2026-01-05 20:00+00'), ('2026-01-07 20:00+00')) AS event(at)) AS folded;

-- Day by day as a window function: bounce, four attempts, expiry, a new bounce.
SELECT at, (bounce.lease_fold(at, bounce.acs_ladder()) OVER (ORDER BY at)).*
FROM (VALUES (timestamptz '2026-01-05 08:00+00'), ('2026-01-06 07:00+00'), ('2026-01-07 08:00+00'),
			 ('2026-01-10 08:00+00'), ('2026-01-16 08:00+00'), ('2026-01-29 08:00+00'),
			 ('2026-02-12 08:00+00'), ('2026-02-12 08:00+00')) AS event(at);

-- The order of the rows does not matter; equal times count each.
CREATE TEMP TABLE event AS
SELECT n, timestamptz '2026-01-01 00:00+00' + ((n * 7919) % 3000) * interval '17 minutes' AS at, n % 20 AS address
FROM generate_series(1, 4000) AS n;
SELECT address, bounce.lease_fold(at, bounce.acs_ladder() ORDER BY at) AS lease
FROM event GROUP BY address HAVING
	bounce.lease_fold(at, bounce.acs_ladder() ORDER BY at) <> bounce.lease_fold(at, bounce.acs_ladder() ORDER BY at DESC)
	OR bounce.lease_fold(at, bounce.acs_ladder() ORDER BY at) <> bounce.lease_fold(at, bounce.acs_ladder() ORDER BY n);
SELECT bounce.lease_fold(at, '{00:20,00:40,01:00}' ORDER BY n DESC) FROM event WHERE address = 7;

-- It is the same as taking the occurrences one by one.
WITH RECURSIVE numbered AS (
	SELECT row_number() OVER (ORDER BY at) AS n, at FROM event WHERE address = 7
), one_by_one(n, lease) AS (
	SELECT 1::bigint, bounce.lease_begin(at, '{00:20,00:40,01:00}') FROM numbered WHERE n = 1
	UNION ALL
	SELECT numbered.n, CASE WHEN bounce.lease_active(lease, at) THEN bounce.lease_climb(lease, at, '{00:20,00:40,01:00}')
							ELSE bounce.lease_begin(at, '{00:20,00:40,01:00}') END
	FROM one_by_one JOIN numbered ON numbered.n = one_by_one.n + 1
)
SELECT lease FROM one_by_one ORDER BY n DESC LIMIT 1;

-- Parallel workers collect, the leader folds; the answer is the same.
CREATE TABLE lease_event AS SELECT * FROM event;
BEGIN;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT bounce.lease_fold(at, '{00:20,00:40,01:00}') FROM lease_event;
SELECT bounce.lease_fold(at, '{00:20,00:40,01:00}') FROM lease_event;
-- no time in any worker
SELECT bounce.lease_fold(NULLIF(at, at), '{00:20,00:40,01:00}') IS NULL AS nothing FROM lease_event;
ROLLBACK;
SELECT bounce.lease_fold(at, '{00:20,00:40,01:00}' ORDER BY n) FROM lease_event;
DROP TABLE lease_event;

-- NULL times are ignored, no time gives NULL.
SELECT bounce.lease_fold(at, bounce.acs_ladder()) FROM (VALUES (NULL::timestamptz), ('2026-01-05 08:00+00'), (NULL)) AS event(at);
SELECT bounce.lease_fold(NULL, bounce.acs_ladder()) IS NULL AS only_nulls;
SELECT bounce.lease_fold(at, bounce.acs_ladder()) IS NULL AS no_rows FROM event WHERE false;

-- A ladder written in another way is the same ladder.
SELECT bounce.lease_fold(at, ladder)
FROM (VALUES (timestamptz '2026-01-05 08:00+00', '{24:00,48:00}'::interval[]), ('2026-01-05 09:00+00', '{1 day,2 days}')) AS event(at, ladder);

--
-- 7. Without end, and the ends of the calendar
--
-- A suppression without end stays without end, and still counts.
SELECT * FROM bounce.lease_climb('(5,5,"2026-01-05 08:00+00",infinity)', '2030-01-01 00:00+00');
SELECT bounce.lease_active('(5,5,"2026-01-05 08:00+00",infinity)', '9999-12-31 00:00+00');
-- Half open as well: infinity itself is no time within it, as with tstzrange.
SELECT bounce.lease_active('(5,5,"2026-01-05 08:00+00",infinity)', 'infinity') AS lease,
	   tstzrange('2026-01-05 08:00+00', 'infinity') @> timestamptz 'infinity' AS range;
-- Since ever
SELECT bounce.lease_active('(1,1,-infinity,"2026-01-05 08:00+00")', '2026-01-05 07:00+00');

-- An end beyond the calendar is infinity; the last microsecond of the calendar still is one.
SELECT (bounce.lease_begin('294276-12-31 00:00+00')).expires_at AS beyond,
	   (bounce.lease_begin('294276-12-30 23:59:59.999999+00')).expires_at AS last;
SELECT (bounce.lease_begin('2026-01-05 08:00+00', '{2147483647 days}')).expires_at;
SELECT (bounce.lease_begin('4714-11-24 00:00:00+00 BC')).expires_at;

-- The count stops at its maximum.
SELECT * FROM bounce.lease_climb('(5,2147483647,"2026-01-05 08:00+00","2026-01-06 08:00+00")', '2026-01-05 09:00+00');

-- 32 steps are the most.
SELECT (bounce.lease_climb('(31,31,"2026-01-05 08:00+00","2026-01-06 08:00+00")', '2026-01-05 09:00+00',
						   array_fill(interval '1 hour', ARRAY[32]))).step;

--
-- 8. NULL in, NULL out
--
SELECT bounce.lease_begin(NULL) IS NULL AS no_time,
	   bounce.lease_begin('2026-01-05 08:00+00', NULL) IS NULL AS no_ladder,
	   bounce.lease_climb(NULL, '2026-01-05 08:00+00') IS NULL AS no_lease,
	   bounce.lease_active(NULL) IS NULL AS nothing_to_ask;

--
-- 9. What is refused
--
SELECT bounce.lease_begin('2026-01-05 08:00+00', '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_begin('2026-01-05 08:00+00', '{24:00,-48:00}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_begin('2026-01-05 08:00+00', '{0}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_begin('2026-01-05 08:00+00', '{1 day -24:00}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_begin('2026-01-05 08:00+00', '{24:00,1 mon}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_begin('2026-01-05 08:00+00', '{-178956970 years -8 mons +1 day}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_begin('2026-01-05 08:00+00', '{24:00,NULL}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_begin('2026-01-05 08:00+00', '{{24:00,48:00},{96:00,168:00}}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_begin('2026-01-05 08:00+00', array_fill(interval '1 hour', ARRAY[33]));
\echo :LAST_ERROR_SQLSTATE

-- Nothing happens at infinity.
SELECT bounce.lease_begin('infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_climb(bounce.lease_begin('2026-01-05 08:00+00'), '-infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_fold('infinity', bounce.acs_ladder());
\echo :LAST_ERROR_SQLSTATE

-- Leases that cannot be
SELECT bounce.lease_active('(0,1,"2026-01-05 08:00+00","2026-01-06 08:00+00")');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_climb('(33,1,"2026-01-05 08:00+00","2026-01-06 08:00+00")', '2026-01-05 09:00+00');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_climb('(1,0,"2026-01-05 08:00+00","2026-01-06 08:00+00")', '2026-01-05 09:00+00');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_active('(1,1,"2026-01-06 08:00+00","2026-01-05 08:00+00")');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_active('(1,1,"2026-01-06 08:00+00",)');
\echo :LAST_ERROR_SQLSTATE

-- One fold has one ladder.
SELECT bounce.lease_fold(at, ladder)
FROM (VALUES (timestamptz '2026-01-05 08:00+00', '{24:00}'::interval[]), ('2026-01-05 09:00+00', '{48:00}')) AS event(at, ladder);
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.lease_fold('2026-01-05 08:00+00', NULL);
\echo :LAST_ERROR_SQLSTATE

--
-- 10. Labels: the planner may compute these once and in parallel
--
SELECT p.proname, p.provolatile, p.proisstrict, p.proparallel, has_function_privilege('public', p.oid, 'EXECUTE') AS public
FROM pg_proc p WHERE p.pronamespace = 'bounce'::regnamespace AND (p.proname LIKE 'lease%' OR p.proname = 'acs_ladder')
ORDER BY p.proname COLLATE "C";
DROP TABLE event;
