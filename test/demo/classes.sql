\echo :bold'2. What the servers said':plain
\echo
SELECT to_char(count(*), '9,999,999') AS "    events", rpad(class::text, 28) AS "class                       ",
	rpad(left(mode() WITHIN GROUP (ORDER BY regexp_replace(response, '[[:cntrl:]]+', ' ', 'g')), 56), 56)
		AS "for example                                             "
FROM bounce.delivery_event
WHERE source = 'log'
GROUP BY class
ORDER BY class;

SELECT string_agg(format('%s %s', basis, to_char(n, 'FM9,999,999')), ', ' ORDER BY n DESC) AS bases
FROM (SELECT (bounce.diagnose(response)).basis, count(*) AS n FROM bounce.delivery_event WHERE source = 'log' GROUP BY 1) AS evidence
\gset
\echo 'Concluded from: ':bases.
\echo
