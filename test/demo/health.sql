\echo :bold'7. List health':plain
\echo
\echo 'Percent of all answers; complaints in percent of the delivered.  Large providers act'
\echo 'on 2 % hard bounces, and on 0.1 % (a warning) and 0.3 % complaints.'
\echo

CREATE TEMP VIEW answer AS
SELECT coalesce(topic, '(none)') AS topic, bounce.address_domain(recipient) AS domain, bounce.severity(class) AS severity
FROM bounce.delivery_event
WHERE source IN ('log', 'feedback loop');

CREATE TEMP VIEW health AS
SELECT by_topic, list, events, 100.0 * delivered / events AS delivered, 100.0 * hard / events AS hard,
	100.0 * blocked / events AS blocked, coalesce(100.0 * complaints / nullif(delivered, 0), 0) AS complaints
FROM (
	SELECT grouping(domain) = 1 AS by_topic, coalesce(topic, domain) AS list,
		count(*) FILTER (WHERE severity <> 'complaint') AS events,
		count(*) FILTER (WHERE severity = 'ok') AS delivered,
		count(*) FILTER (WHERE severity = 'hard') AS hard,
		count(*) FILTER (WHERE severity = 'block') AS blocked,
		count(*) FILTER (WHERE severity = 'complaint') AS complaints
	FROM answer
	GROUP BY GROUPING SETS ((topic), (domain))
) AS counted
WHERE events > 0;

CREATE TEMP VIEW finding AS
SELECT by_topic, rpad(list, 22) AS list, to_char(events, '9,999,999') AS events, to_char(delivered, '990.9') AS delivered,
	to_char(hard, '990.9') AS hard, to_char(blocked, '990.9') AS blocked, to_char(complaints, '990.99') AS complaints,
	rpad(concat_ws(', ',
		CASE WHEN hard >= 2 THEN 'hard over 2 %' END,
		CASE WHEN complaints >= 0.3 THEN 'complaints over 0.3 %' WHEN complaints >= 0.1 THEN 'complaints over 0.1 %' END), 36) AS finding
FROM health
ORDER BY health.events DESC, health.list;

SELECT list AS "topic                 ", events AS "    events", delivered AS " deliv", hard AS "  hard", blocked AS " block", complaints AS "  compl",
	finding AS "finding                             "
FROM finding
WHERE by_topic;
SELECT list AS "recipient domain      ", events AS "    events", delivered AS " deliv", hard AS "  hard", blocked AS " block", complaints AS "  compl",
	finding AS "finding                             "
FROM finding
WHERE NOT by_topic
LIMIT 8;
