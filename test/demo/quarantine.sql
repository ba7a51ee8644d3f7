\echo :bold'4. Contacts in quarantine':plain
\echo
SELECT format('%s of %s rows of shop.contact are quarantined; the load above did that.',
	to_char(count(*) FILTER (WHERE quarantined_until > now()), 'FM9,999,999'), to_char(count(*), 'FM9,999,999')) AS about
FROM shop.contact
\gset
\echo :about
\echo

SELECT rpad(c.email, 36) AS "email                               ", c.quarantined_until::timestamp(0) AS "quarantined_until  ", s.step, rpad(s.class::text, 24) AS "because of              "
FROM shop.contact AS c JOIN bounce.suppression AS s ON s.address = c.email AND s.cause = 'lease'
WHERE c.quarantined_until > now()
ORDER BY c.quarantined_until DESC, c.email
LIMIT 6;

SELECT (SELECT c.email FROM shop.contact AS c JOIN bounce.suppression AS s ON s.address = c.email AND s.cause = 'lease'
	WHERE c.quarantined_until > now() ORDER BY c.quarantined_until DESC, c.email LIMIT 1) AS held
\gset
\if :{?held}
UPDATE shop.contact SET quarantined_until = NULL WHERE email = :'held';
SELECT format('The application sets that of %s to NULL; it still reads %s.', email, quarantined_until::timestamp(0)) AS about
FROM shop.contact
WHERE email = :'held'
\gset
\echo :about
\echo
\endif
