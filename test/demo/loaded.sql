\echo :bold'1. What was loaded':plain
\echo

/* A log of the past is moved as a whole, so that it ends now and its leases can still run. */
SELECT coalesce(greatest(date_trunc('minute', now() - max(occurred_at)), '0'), '0') AS shift,
	coalesce(min(occurred_at)::timestamp(0)::text, '') AS first, coalesce(max(occurred_at)::timestamp(0)::text, '') AS last, count(occurred_at) > 0 AS timed
FROM log_line
WHERE problem IS NULL
\gset
SELECT CASE WHEN :'timed' THEN format('%s: answers from %s to %s UTC.', :'name', :'first', :'last')
	ELSE format('%s: no times in it, so all of it happened just now.', :'name') END
	|| CASE WHEN :recipient_at = 0 THEN E'\nNo recipients in it: every line gets an address of its own, line-...@made-up.example.' ELSE '' END
	|| CASE WHEN :'shift'::interval > interval '1 hour'
		THEN E'\nThe demo moves its times forward by ' || date_part('day', :'shift'::interval) || ' days ' || to_char(:'shift'::interval, 'HH24:MI') || ', so that it ends now and leases are alive.' ELSE '' END
	AS about
\gset
\echo :about
\echo

/* One statement: status, class, leases, quarantine and rejects all come from it. */
INSERT INTO bounce.delivery_event (occurred_at, recipient, topic, message_id, response, source)
SELECT coalesce(occurred_at + :'shift', now()), recipient, topic, message_id, response, 'log'
FROM log_line
WHERE problem IS NULL
ORDER BY number;

INSERT INTO bounce.rejected_input (door, reason, input)
SELECT 'test/demo/read_log.sql', problem, jsonb_build_object('line', number, 'occurred_at', given_time, 'text', line)
FROM log_line
WHERE problem IS NOT NULL;

\if :sample
/* Complaints come on another road: the providers' feedback loops. */
CREATE TEMP TABLE feedback (recipient text, occurred_at timestamptz, topic text, class bounce.bounce_class);
\copy feedback FROM '../data/complaints.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
INSERT INTO bounce.delivery_event (occurred_at, recipient, topic, class, source)
SELECT occurred_at + :'shift', recipient, topic, class, 'feedback loop' FROM feedback;
\endif

WITH outcome (place, n, what) AS (
	SELECT 1, count(*), 'stored in bounce.delivery_event' FROM bounce.delivery_event WHERE source = 'log'
	UNION ALL
	SELECT 2, count(*), 'kept in bounce.rejected_input' FROM bounce.rejected_input
	UNION ALL
	SELECT 3, (SELECT count(*) FROM log_line) - (SELECT count(*) FROM bounce.delivery_event WHERE source = 'log')
		- (SELECT count(*) FROM bounce.rejected_input), 'twice in the file, stored once'
	UNION ALL
	SELECT 4, (SELECT count(*) FROM raw_line) - (SELECT count(*) FROM text_line), 'empty'
)
SELECT to_char(n, '9,999,999') AS "     lines", rpad(what, 34) AS "what became of them               "
FROM outcome
WHERE n > 0 OR place <= 2
ORDER BY place;

SELECT EXISTS (SELECT FROM bounce.rejected_input) AS any_rejected \gset
\if :any_rejected
/* Of each reason, what could not be used in the first few lines. */
WITH shown AS (
	SELECT reason, regexp_replace(coalesce(nullif(CASE
		WHEN reason LIKE 'recipient %' THEN input ->> 'recipient'
		WHEN reason LIKE 'occurred_at %' THEN input ->> 'occurred_at'
		ELSE input ->> 'text' END, ''), '(empty)'), '[[:cntrl:]]+', ' | ', 'g') AS text
	FROM bounce.rejected_input
	ORDER BY reason, (input ->> 'line')::integer, input ->> 'occurred_at'
)
SELECT to_char(count(*), '9,999,999') AS "  rejected", rpad(reason, 46) AS "why                                           ",
	rpad(left(string_agg(text, '   '), 38), 38) AS "for example                           "
FROM shown
GROUP BY reason
ORDER BY count(*) DESC, reason;
\endif
