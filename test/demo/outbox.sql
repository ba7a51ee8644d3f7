\echo :bold'5. The send queue is guarded':plain
\echo
\echo 'INSERT INTO shop.outbox SELECT email, ''offers'', ... FROM shop.contact'
\echo

SELECT count(*) AS contacts FROM shop.contact \gset
CREATE TEMP TABLE before AS SELECT address, step, occurrences FROM bounce.suppression WHERE cause = 'lease' AND expires_at > now();

INSERT INTO shop.outbox (email, topic, subject)
SELECT email, 'offers', 'Spring is here' FROM shop.contact ORDER BY email;

SELECT to_char(n, '9,999,999') AS "      rows", rpad(what, 28) AS "what became of them         "
FROM (VALUES (1, :contacts::bigint, 'offered to the queue'),
	(2, (SELECT count(*) FROM shop.outbox), 'are in it'),
	(3, :contacts - (SELECT count(*) FROM shop.outbox), 'were skipped by the guard')) AS counted (place, n, what)
ORDER BY place;

SELECT to_char(count(DISTINCT c.email), '9,999,999') AS "   skipped", rpad(r.cause, 12) AS "cause       ", rpad(coalesce(r.class::text, ''), 28) AS "class                       ",
	rpad(min(c.email), 36) AS "for example                         "
FROM shop.contact AS c, LATERAL bounce.why_suppressed(c.email, 'offers') AS r
WHERE NOT EXISTS (SELECT FROM shop.outbox AS o WHERE o.email = c.email)
GROUP BY r.cause, r.class
ORDER BY count(DISTINCT c.email) DESC, r.cause, r.class
LIMIT 12;

SELECT format('To a lease the attempt is an occurrence: of %s, %s climbed a step, %s at the top armed it again.', count(*),
	count(*) FILTER (WHERE s.step > b.step), count(*) FILTER (WHERE s.step = b.step AND s.occurrences > b.occurrences)) AS about
FROM before AS b JOIN bounce.suppression AS s ON s.address = b.address AND s.cause = 'lease'
\gset
\echo :about
\echo
