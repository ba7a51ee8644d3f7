-- What people said, for ask.sh.  Variable: preferences.
-- Of ten people three said no to the news and one yes, four joined the club and one left it,
-- and one wants nothing at all.
SET synchronous_commit = on; -- as in ask.sql
INSERT INTO bounce.topic (topic, kind, opt_in) VALUES ('news', 'marketing', 'none'), ('club', 'marketing', 'single');

-- Past the triggers: evidence is not what is asked for here.
SET session_replication_role = replica;
INSERT INTO bounce.preference (address, topic, state, since, source)
	SELECT email,
		(ARRAY['news', 'news', 'news', 'news', 'club', 'club', 'club', 'club', 'club', ''])[1 + kind],
		CASE WHEN kind IN (3, 4, 5, 6, 7) THEN 'subscribed' ELSE 'unsubscribed' END,
		now() - interval '1 day', 'person'
	FROM (SELECT email, (hashint8extended(id, 3) & 1023) * 10 / 1024 AS kind
		FROM contact ORDER BY hashint8extended(id, 5) LIMIT :preferences) AS said;
RESET session_replication_role;

VACUUM (ANALYZE) bounce.preference, bounce.topic;
