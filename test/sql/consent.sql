-- What people asked for: yes, no, and the evidence of both.
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

CREATE VIEW preference AS
	SELECT split_part(address, '@', 1) AS who, topic, state, since, source
	FROM bounce.preference WHERE address LIKE '%@consent.example' ORDER BY address, topic;
CREATE VIEW log AS
	SELECT split_part(address, '@', 1) AS who, number AS no, topic, act, old_state, new_state, source, at, evidence
	FROM bounce.consent_log WHERE address LIKE '%@consent.example' ORDER BY address, number;
INSERT INTO bounce.topic (topic) VALUES ('news');

-- A person does not want the newsletter any more. True: the preference changed.
SELECT bounce.unsubscribe('<Ann@Consent.Example>', 'news', at => '2024-01-10', evidence => '{"ip": "192.0.2.1"}');
TABLE preference;
TABLE log;
-- The same act told again (a queue delivered it twice) is no act: false, and nothing on record.
SELECT bounce.unsubscribe('ann@consent.example', 'news', at => '2024-01-10');
-- Said again at another time: false, it was so already; but it is on record.
SELECT bounce.unsubscribe('ann@consent.example', 'news', at => '2024-01-15');
TABLE preference;
SELECT no, act, old_state, new_state, at FROM log;
-- The way back.
SELECT bounce.subscribe('ann@consent.example', 'news', at => '2024-02-01', evidence => '{"form": "footer"}');
TABLE preference;
-- Any name is a topic, with a row in bounce.topic or without: no unsubscribe is lost.
SELECT bounce.unsubscribe('ann@consent.example', 'Nouveautés d''été', at => '2024-02-02');
TABLE preference;

-- No marketing mail at all, and back.
SELECT bounce.unsubscribe_all('bob@consent.example', at => '2024-01-10');
SELECT bounce.unsubscribe_all('bob@consent.example', at => '2024-01-10');
SELECT who, topic, state FROM preference WHERE who = 'bob';
SELECT bounce.subscribe('bob@consent.example', '', at => '2024-01-11');
SELECT who, topic, state FROM preference WHERE who = 'bob';

-- The latest act wins by its own time, not by the time it was recorded: the later
-- act came first, so the earlier one changes nothing, but it is on record.
SELECT bounce.unsubscribe('carl@consent.example', 'news', at => '2024-03-02');
SELECT bounce.subscribe('carl@consent.example', 'news', at => '2024-03-01');
SELECT who, state, since FROM preference WHERE who = 'carl';
SELECT no, act, old_state, new_state, at FROM log WHERE who = 'carl';
-- In one transaction now() stands still: of two acts at the same instant the last counts.
BEGIN;
SELECT bounce.unsubscribe('carl@consent.example', 'news');
SELECT bounce.subscribe('carl@consent.example', 'news');
SELECT state, since = now() AS now FROM bounce.preference WHERE address = 'carl@consent.example';
ROLLBACK;
-- A clock that is ahead cannot make a choice that no later one undoes: the future is now.
BEGIN;
SELECT bounce.subscribe('carl@consent.example', 'news', at => '2999-01-01');
SELECT state, since = now() AS now FROM bounce.preference WHERE address = 'carl@consent.example';
ROLLBACK;

-- Sources rank: person, operator, complaint, import, bounce.
-- A lower one never overrules a higher one, however late it comes.
SELECT bounce.subscribe('dora@consent.example', 'news', at => '2024-01-01', source => 'person');
SELECT source, bounce.unsubscribe('dora@consent.example', 'news', at => '2024-02-01', source => source)
FROM (VALUES ('operator'), ('complaint'), ('import'), ('bounce')) AS lower(source);
SELECT state, source FROM preference WHERE who = 'dora';
-- A complaint and an operator's act are evidence all the same; an import and a bounce
-- repeat themselves, so they are on record only when they change something.
SELECT no, act, new_state, source FROM log WHERE who = 'dora';
-- A higher one overrules a lower one, also with an earlier time.
SELECT source, bounce.unsubscribe('emma@consent.example', 'news', at => at, source => source)
FROM (VALUES ('bounce', '2024-01-05'::timestamptz), ('import', '2024-01-04')) AS no(source, at);
SELECT bounce.subscribe('emma@consent.example', 'news', at => '2024-01-03', source => 'operator');
SELECT bounce.unsubscribe('emma@consent.example', 'news', at => '2024-01-02', source => 'person');
SELECT state, source, since FROM preference WHERE who = 'emma';
SELECT no, act, old_state, new_state, source, at FROM log WHERE who = 'emma';
-- An import that says what is known leaves no trace.
SELECT bounce.unsubscribe('emma@consent.example', 'news', at => '2024-01-06', source => 'import');
SELECT count(*) FROM log WHERE who = 'emma';
-- A yes from below is refused aloud: the caller believes something that is not so.
SELECT bounce.subscribe('emma@consent.example', 'news', at => '2024-02-01', source => 'import');
\echo :LAST_ERROR_SQLSTATE
-- So is a yes from below to one topic after a no to all of them; the person may say it.
SELECT bounce.unsubscribe_all('fred@consent.example', at => '2024-01-01');
SELECT bounce.subscribe('fred@consent.example', 'news', at => '2024-02-01', source => 'operator');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.subscribe('fred@consent.example', 'news', at => '2024-02-01');

-- What is in force is the fold of the log: the highest source, of those the latest time,
-- of those the last number.
SELECT topic, who FROM (
	SELECT DISTINCT ON (address, topic) split_part(address, '@', 1) AS who, topic, act || 'd' AS new_state, at, source
	FROM bounce.consent_log WHERE address LIKE '%@consent.example'
	ORDER BY address, topic, array_position('{person,operator,complaint,import,bounce}', source), at DESC, number DESC) AS fold
WHERE (who, topic, new_state, at, source) NOT IN (TABLE preference);

-- Each row is chained to the one before it. Anybody can check it: SHA-256 over the hash
-- before and the fields as binary COPY writes them, text in UTF-8.
CREATE FUNCTION pg_temp.field(value bytea) RETURNS bytea LANGUAGE sql IMMUTABLE
	RETURN coalesce(int4send(octet_length(value)) || value, int4send(-1));
CREATE FUNCTION pg_temp.field(value text) RETURNS bytea LANGUAGE sql STABLE
	RETURN pg_temp.field(convert_to(value, 'UTF8'));
CREATE FUNCTION pg_temp.chained(before bytea, l bounce.consent_log) RETURNS bytea LANGUAGE sql STABLE
	RETURN sha256(coalesce(before, '') ||
		pg_temp.field(l.address) || pg_temp.field(int4send(l.number)) || pg_temp.field(l.topic) ||
		pg_temp.field(l.act) || pg_temp.field(l.old_state) || pg_temp.field(l.new_state) || pg_temp.field(timestamptz_send(l.until)) ||
		pg_temp.field(l.source) || pg_temp.field(l.actor) || pg_temp.field(timestamptz_send(l.at)) ||
		pg_temp.field(jsonb_send(l.evidence)) || pg_temp.field(timestamptz_send(l.recorded_at)));
CREATE VIEW chain AS
	SELECT address, count(*) AS rows,
		bool_and(hash = pg_temp.chained(before, l)) AS sound,
		array_agg(number ORDER BY number) = array_agg(place::integer ORDER BY number) AS complete
	FROM (SELECT l, address, number, hash, lag(hash) OVER w AS before, row_number() OVER w AS place
		FROM bounce.consent_log AS l WHERE address LIKE '%@consent.example' WINDOW w AS (PARTITION BY address ORDER BY number)) AS linked
	GROUP BY address ORDER BY address;
TABLE chain;
-- The role that recorded it is the one that logged in, whoever it acts as.
SELECT DISTINCT actor = session_user AS by_session_user FROM bounce.consent_log WHERE address LIKE '%@consent.example';

-- The log is append-only, for its owner and superusers too, and in replication roles.
UPDATE bounce.consent_log SET new_state = 'subscribed' WHERE address = 'ann@consent.example';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM bounce.consent_log WHERE address = 'nobody@consent.example';
TRUNCATE bounce.consent_log;
INSERT INTO bounce.consent_log SELECT * FROM bounce.consent_log WHERE address = 'ann@consent.example'
	ON CONFLICT (address, number) DO UPDATE SET new_state = 'subscribed';
SET session_replication_role = replica;
DELETE FROM bounce.consent_log WHERE address = 'ann@consent.example';
RESET session_replication_role;
-- Who drops or disables the trigger can change rows; the chain shows it.
BEGIN;
ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
UPDATE bounce.consent_log SET evidence = '{"ip": "192.0.2.99"}' WHERE address = 'ann@consent.example' AND number = 1;
DELETE FROM bounce.consent_log WHERE address = 'dora@consent.example' AND number = 2;
SELECT * FROM chain WHERE NOT (sound AND complete);
ROLLBACK;

-- Wrong inputs.
SELECT bounce.unsubscribe('ann.consent.example', 'news');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.unsubscribe('', 'news');
SELECT bounce.unsubscribe('ann@consent.example, bob@consent.example', 'news');
SELECT bounce.unsubscribe(repeat('a', 2000) || '@consent.example', 'news');
SELECT bounce.unsubscribe(NULL, 'news');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.unsubscribe('ann@consent.example', NULL);
SELECT bounce.unsubscribe('ann@consent.example', 'news', at => NULL);
SELECT bounce.unsubscribe('ann@consent.example', 'news', source => NULL);
SELECT bounce.unsubscribe('ann@consent.example', '');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.unsubscribe('ann@consent.example', repeat('n', 1001));
SELECT bounce.unsubscribe('ann@consent.example', 'news', source => 'Person');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.unsubscribe('ann@consent.example', 'news', at => '-infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.unsubscribe_all('nobody');
SELECT bounce.subscribe('nobody', 'news');
-- A topic is text and nothing else.
SELECT bounce.unsubscribe('gina@consent.example', $$'; DROP TABLE bounce.preference; --$$, at => '2024-01-01');
SELECT topic, state FROM preference WHERE who = 'gina';
-- The longest one fits.
SELECT bounce.unsubscribe('gina@consent.example', repeat('n', 1000), at => '2024-01-01');

-- Where nothing can be written, they say so.
BEGIN READ ONLY;
SELECT bounce.unsubscribe('ann@consent.example', 'news');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN READ ONLY;
SELECT bounce.subscribe('ann@consent.example', 'news');
ROLLBACK;

-- A caller without privileges may not call them, nor read what they keep.
CREATE ROLE regress_bounce_nobody;
SET ROLE regress_bounce_nobody;
SELECT bounce.unsubscribe('ann@consent.example', 'news');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM bounce.consent_log;
RESET ROLE;
-- With EXECUTE alone it can: the function writes as the owner of the tables, whatever
-- stands in the caller's search_path, and the evidence names the role that logged in.
GRANT EXECUTE ON FUNCTION bounce.unsubscribe TO regress_bounce_nobody;
CREATE SCHEMA regress_bounce_trap AUTHORIZATION regress_bounce_nobody;
SET ROLE regress_bounce_nobody;
CREATE FUNCTION regress_bounce_trap.never(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR regress_bounce_trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = regress_bounce_trap.never);
CREATE TABLE regress_bounce_trap.preference (address text);
SET search_path = regress_bounce_trap, pg_catalog;
SELECT bounce.unsubscribe('hugo@consent.example', 'news', at => '2024-01-01');
SELECT bounce.unsubscribe('hugo@consent.example', 'news', at => '2024-01-01');
SELECT current_user;
RESET search_path;
RESET ROLE;
SELECT who, state FROM preference WHERE who = 'hugo';

-- In asking, too, the higher source decides before the later one: an import's yes
-- to one topic does not stand against a person's earlier no to all of them.
SELECT bounce.subscribe('ranked@consent.example', 'news', at => '2024-05-05', source => 'import');
SELECT bounce.unsubscribe_all('ranked@consent.example', at => '2024-04-04');
SELECT bounce.is_suppressed('ranked@consent.example', 'news');
SELECT bounce.subscribe('ranked@consent.example', 'news', at => '2024-05-05');
SELECT bounce.is_suppressed('ranked@consent.example', 'news');

DROP OWNED BY regress_bounce_nobody;
DROP ROLE regress_bounce_nobody;
DROP VIEW preference, log, chain;
ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
DELETE FROM bounce.consent_log WHERE address LIKE '%@consent.example';
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only_row;
DELETE FROM bounce.preference WHERE address LIKE '%@consent.example';
DELETE FROM bounce.topic WHERE topic = 'news';
