\echo :bold'6. Somebody unsubscribes':plain
\echo
SELECT (SELECT email FROM shop.outbox ORDER BY id LIMIT 1) AS person \gset
\if :{?person}
CREATE TEMP TABLE said AS
SELECT topic, kind, NOT bounce.is_suppressed(:'person', topic) AS before FROM bounce.topic;

SELECT bounce.unsubscribe(:'person', 'newsletter') \g /dev/null
CREATE TEMP TABLE said_more AS
SELECT *, NOT bounce.is_suppressed(:'person', topic) AS after_one FROM said;
INSERT INTO shop.outbox (email, topic, subject)
SELECT :'person', topic, 'after unsubscribe' FROM bounce.topic;

SELECT bounce.unsubscribe_all(:'person') \g /dev/null
INSERT INTO shop.outbox (email, topic, subject)
SELECT :'person', topic, 'after unsubscribe_all' FROM bounce.topic;

\echo :person says no to the newsletter, and later to everything that can be refused.
\echo
SELECT topic, kind, CASE WHEN before THEN 'yes' ELSE 'no' END AS "may be mailed",
	CASE WHEN after_one THEN 'yes' ELSE 'no' END AS "after unsubscribe",
	CASE WHEN NOT bounce.is_suppressed(:'person', topic) THEN 'yes' ELSE 'no' END AS "after unsubscribe_all",
	(SELECT count(*) FROM shop.outbox AS o WHERE o.email = :'person' AND o.topic = s.topic AND o.subject LIKE 'after %') AS "of 2 queued"
FROM said_more AS s
ORDER BY kind, topic;
\else
\echo 'Nobody in this log may be mailed at all.'
\echo
\endif
