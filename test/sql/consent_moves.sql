-- Every move a preference can make, and every one that is refused.
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

INSERT INTO bounce.topic (topic, opt_in) VALUES ('m_open', 'none'), ('m_single', 'single'), ('m_double', 'double');
INSERT INTO bounce.topic (topic, opt_in, retired_at) VALUES ('m_old', 'single', '2024-06-01');
CREATE VIEW said AS
	SELECT split_part(address, '@', 1) AS who, topic, state, until, since, source, before FROM bounce.preference
	WHERE address LIKE '%@moves.example' ORDER BY address, topic;
-- What an act answers, or the SQLSTATE that it is refused with.
CREATE FUNCTION pg_temp.told(act text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'SELECT bounce.' || act INTO act;
	RETURN act;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
CREATE FUNCTION pg_temp.tell(who text, topic text, act text, day date, source text DEFAULT 'person') RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.told(format(CASE act WHEN 'snooze' THEN 'snooze(%1$L, %2$L, until => %5$L, at => %3$L, source => %4$L)'
		ELSE act || '(%1$L, %2$L, at => %3$L, source => %4$L)' END, who || '@moves.example', topic, day, source, day + 30)) $$;

-- Each state, and each act about it by the person: what it answers, and what stands then.
CREATE TABLE reached (state text, way text[]);
INSERT INTO reached VALUES ('nothing said', '{}'), ('pending', '{subscribe}'), ('subscribed', '{subscribe,confirm}'),
	('unsubscribed', '{unsubscribe}'), ('snoozed', '{subscribe,confirm,snooze}');
CREATE TABLE moved (topic text, state text, act text, answer text, shows text);
CREATE FUNCTION pg_temp.try_moves(topic text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	r record;
	who text;
	answer text;
BEGIN
	FOR r IN SELECT state, way, act FROM reached, unnest('{subscribe,confirm,unsubscribe,snooze,resume}'::text[]) AS act LOOP
		who := md5(topic || r.state || r.act);
		FOR i IN 1 .. cardinality(r.way) LOOP
			PERFORM pg_temp.tell(who, topic, r.way[i], ('2024-01-0' || i)::date);
		END LOOP;
		answer := pg_temp.tell(who, topic, r.act, '2024-01-05');
		INSERT INTO moved SELECT topic, r.state, r.act, answer, (SELECT p.state FROM bounce.preferences(who || '@moves.example', at => '2024-01-05') AS p WHERE p.topic = try_moves.topic);
	END LOOP;
END $$;
SELECT pg_temp.try_moves(topic) FROM unnest('{m_double,m_single,m_open}'::text[]) AS topic;
SELECT topic, state,
	string_agg(answer || ' ' || shows, '') FILTER (WHERE act = 'subscribe') AS subscribe,
	string_agg(answer || ' ' || shows, '') FILTER (WHERE act = 'confirm') AS confirm,
	string_agg(answer || ' ' || shows, '') FILTER (WHERE act = 'unsubscribe') AS unsubscribe,
	string_agg(answer || ' ' || shows, '') FILTER (WHERE act = 'snooze') AS snooze,
	string_agg(answer || ' ' || shows, '') FILTER (WHERE act = 'resume') AS resume
FROM moved WHERE topic = 'm_double' OR state IN ('nothing said', 'subscribed') GROUP BY topic, state ORDER BY topic, array_position('{nothing said,pending,subscribed,unsubscribed,snoozed}', state);

-- The sentences of refusal.
SELECT bounce.confirm('ann@moves.example', 'm_double', at => '2024-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.snooze('ann@moves.example', 'm_double', until => '2024-02-01', at => '2024-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.resume('ann@moves.example', 'm_double', at => '2024-01-01');
SELECT bounce.unsubscribe('ann@moves.example', 'm_double', at => '2024-01-02');
SELECT bounce.confirm('ann@moves.example', 'm_double', at => '2024-01-03');
SELECT bounce.snooze('ann@moves.example', 'm_double', until => '2024-02-01', at => '2024-01-03');

-- A topic that nobody set up takes a no, and nothing else.
SELECT bounce.unsubscribe('ann@moves.example', 'm_unknown', at => '2024-01-01');
SELECT bounce.subscribe('ann@moves.example', 'm_unknown', at => '2024-01-02');
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.tell('ann', 'm_unknown', act, '2024-01-02') AS refused, act FROM unnest('{confirm,snooze,resume}'::text[]) AS act;
-- A retired one keeps what was said, and takes no subscription any more; a no, always.
SELECT pg_temp.tell('ann', 'm_old', 'subscribe', '2024-05-31'), pg_temp.tell('bob', 'm_old', 'subscribe', '2024-06-01'),
	pg_temp.tell('ann', 'm_old', 'snooze', '2024-06-01'), pg_temp.tell('ann', 'm_old', 'unsubscribe', '2024-06-02');
SELECT bounce.subscribe('bob@moves.example', 'm_old', at => '2024-06-01');

-- ----------------------------------------------------------------------------
-- Double opt-in: asked for, confirmed within the limit.

SELECT bounce.subscribe('carl@moves.example', 'm_double', at => '2024-01-01', evidence => '{"text": "Yes, write to me"}');
SELECT * FROM said WHERE who = 'carl';
SELECT bounce.is_suppressed('carl@moves.example', 'm_double', '2024-01-02') AS waits;
SELECT bounce.confirm('carl@moves.example', 'm_double', at => '2024-01-07 23:59:59.999999', evidence => '{"ip": "192.0.2.7"}');
SELECT bounce.is_suppressed('carl@moves.example', 'm_double', '2024-01-08') AS confirmed;
-- The same link followed again changes nothing, also after a no.
SELECT bounce.confirm('carl@moves.example', 'm_double', at => '2024-01-09');
SELECT bounce.unsubscribe('carl@moves.example', 'm_double', at => '2024-01-10');
SELECT bounce.confirm('carl@moves.example', 'm_double', at => '2024-01-11');
SELECT state, since FROM said WHERE who = 'carl';
SELECT number, act, old_state, new_state, until FROM bounce.consent_log WHERE address = 'carl@moves.example' ORDER BY number;
-- Too late: as if nothing had been asked. What stood before still stands.
SELECT bounce.subscribe('dora@moves.example', 'm_double', at => '2024-01-01');
SELECT bounce.confirm('dora@moves.example', 'm_double', at => '2024-01-08');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.subscribe('carl@moves.example', 'm_double', at => '2024-02-01');
SELECT state, before FROM said WHERE who = 'carl';
SELECT at, state FROM unnest(ARRAY['2024-02-07', '2024-02-08']::timestamptz[]) AS at, bounce.preferences('carl@moves.example', at => at) WHERE topic = 'm_double';
-- Asked for again: the limit counts anew.
SELECT bounce.subscribe('dora@moves.example', 'm_double', at => '2024-03-01'), bounce.subscribe('dora@moves.example', 'm_double', at => '2024-03-05');
SELECT bounce.confirm('dora@moves.example', 'm_double', at => '2024-03-11');
-- Another limit.
INSERT INTO bounce.setting VALUES ('confirm_within', '1 hour');
SELECT bounce.subscribe('emil@moves.example', 'm_double', at => '2024-01-01');
SELECT until FROM said WHERE who = 'emil';
DELETE FROM bounce.setting WHERE name = 'confirm_within';
-- An import of people who confirmed elsewhere tells both.
SELECT bounce.subscribe('fred@moves.example', 'm_double', at => '2023-05-05', source => 'import'),
	bounce.confirm('fred@moves.example', 'm_double', at => '2023-05-05', source => 'import', evidence => '{"file": "2023.csv"}');
SELECT state, since, source FROM said WHERE who = 'fred';
-- What a person asked for, an import cannot confirm.
SELECT pg_temp.tell('gina', 'm_double', 'subscribe', '2024-01-01'), pg_temp.tell('gina', 'm_double', 'confirm', '2024-01-02', 'import');

-- Somebody else may ask in the person's name: until that is confirmed it changes nothing.
SELECT bounce.subscribe('hans@moves.example', 'm_double', at => '2024-01-01'), bounce.confirm('hans@moves.example', 'm_double', at => '2024-01-02');
SELECT bounce.unsubscribe_all('hans@moves.example', at => '2024-01-03');
SELECT bounce.subscribe('hans@moves.example', 'm_double', at => '2024-01-04');
SELECT bounce.is_suppressed('hans@moves.example', 'm_double', '2024-01-05') AS still_no;
-- Confirmed, it comes after the no to everything.
SELECT bounce.confirm('hans@moves.example', 'm_double', at => '2024-01-06');
SELECT bounce.is_suppressed('hans@moves.example', 'm_double', '2024-01-07') AS no, bounce.is_suppressed('hans@moves.example', 'm_open', '2024-01-07') AS others;
-- Nor does it end a pause.
SELECT pg_temp.tell('hans', 'm_double', 'snooze', '2024-01-08'), pg_temp.tell('hans', 'm_double', 'subscribe', '2024-01-09');
SELECT state, until FROM said WHERE who = 'hans' AND topic = 'm_double';

-- ----------------------------------------------------------------------------
-- A pause: mail flows again at that time, without anybody doing anything.

SELECT bounce.subscribe('ines@moves.example', 'm_single', at => '2024-01-01');
SELECT bounce.snooze('ines@moves.example', 'm_single', until => '2024-02-01', at => '2024-01-10');
SELECT at, bounce.is_suppressed('ines@moves.example', 'm_single', at) FROM unnest(ARRAY['2024-01-09', '2024-01-10', '2024-01-31 23:59:59.999999', '2024-02-01']::timestamptz[]) AS at;
SELECT state, until, before FROM said WHERE who = 'ines';
-- The end can be moved, and the pause ended.
SELECT bounce.snooze('ines@moves.example', 'm_single', until => '2024-03-01', at => '2024-01-20');
SELECT bounce.snooze('ines@moves.example', 'm_single', until => '2024-03-01', at => '2024-01-20');
SELECT bounce.is_suppressed('ines@moves.example', 'm_single', '2024-02-15') AS longer;
SELECT bounce.resume('ines@moves.example', 'm_single', at => '2024-02-16');
SELECT state, since FROM said WHERE who = 'ines';
-- It returns to what was before: no mail of a topic that was never asked for, mail of one that flows until a no.
SELECT bounce.snooze('jana@moves.example', 'm_open', until => '2024-02-01', at => '2024-01-10');
SELECT at, state, mail_flows, why_not, flows_from FROM unnest(ARRAY['2024-01-10', '2024-02-01']::timestamptz[]) AS at, bounce.preferences('jana@moves.example', at => at) WHERE topic = 'm_open';
SELECT bounce.resume('jana@moves.example', 'm_open', at => '2024-01-12');
SELECT new_state IS NULL AS nothing_said FROM bounce.consent_log WHERE address = 'jana@moves.example' AND act = 'resume';
SELECT bounce.is_suppressed('jana@moves.example', 'm_open', '2024-01-13');
-- All topics.
SELECT bounce.snooze('kurt@moves.example', '', until => '2024-02-01', at => '2024-01-10');
SELECT at, bounce.is_suppressed('kurt@moves.example', 'm_open', at) FROM unnest(ARRAY['2024-01-10', '2024-02-01']::timestamptz[]) AS at;
-- A no in a pause is a no; a pause of what was declined for all topics is none.
SELECT pg_temp.tell('kurt', 'm_open', 'unsubscribe', '2024-01-15');
SELECT bounce.is_suppressed('kurt@moves.example', 'm_open', '2024-02-15') AS no_stays;
SELECT bounce.unsubscribe_all('lena@moves.example', at => '2024-01-01');
SELECT bounce.snooze('lena@moves.example', 'm_open', until => '2024-02-01', at => '2024-01-10');
SELECT pg_temp.tell('lena', '', 'snooze', '2024-01-10') AS all_of_them;
-- Told late, too, it does not bring back what was declined: the older word is beneath it.
SELECT bounce.subscribe('mara@moves.example', 'm_single', at => '2024-01-01'), bounce.snooze('mara@moves.example', 'm_single', until => '2024-02-01', at => '2024-01-10'),
	bounce.unsubscribe_all('mara@moves.example', at => '2024-01-05');
SELECT bounce.is_suppressed('mara@moves.example', 'm_single', '2024-02-02');
-- A pause has an end, after its beginning.
SELECT bounce.snooze('ines@moves.example', 'm_single', until => '2024-01-01', at => '2024-01-10');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.snooze('ines@moves.example', 'm_single', until => 'infinity');
SELECT bounce.snooze('ines@moves.example', 'm_single', until => NULL);

-- ----------------------------------------------------------------------------
-- Everything declined, and the way back; a choice of one topic after it.

SELECT pg_temp.tell('nora', 'm_single', 'subscribe', '2024-01-01');
SELECT bounce.unsubscribe_all('nora@moves.example', at => '2024-01-02');
SELECT topic, state, all_topics, mail_flows, why_not FROM bounce.preferences('nora@moves.example', at => '2024-01-03') WHERE topic LIKE 'm\_%';
SELECT pg_temp.tell('nora', 'm_open', 'subscribe', '2024-01-04');
SELECT topic, state, all_topics, mail_flows FROM bounce.preferences('nora@moves.example', at => '2024-01-05') WHERE topic LIKE 'm\_%';
SELECT bounce.subscribe('nora@moves.example', '', at => '2024-01-06');
SELECT topic, state, all_topics, mail_flows, why_not FROM bounce.preferences('nora@moves.example', at => '2024-01-07') WHERE topic LIKE 'm\_%';
-- A page that says "none of it, but news" in one transaction.
BEGIN;
SELECT bounce.unsubscribe_all('olaf@moves.example'), bounce.subscribe('olaf@moves.example', 'm_open');
SELECT bounce.is_suppressed('olaf@moves.example', 'm_open') AS news, bounce.is_suppressed('olaf@moves.example', 'm_other') AS others;
-- In it time stands still; a no, a yes and a no are three acts all the same.
SELECT bounce.unsubscribe('olaf@moves.example', 'm_open'), bounce.subscribe('olaf@moves.example', 'm_open'), bounce.unsubscribe('olaf@moves.example', 'm_open');
SELECT state FROM said WHERE who = 'olaf' AND topic = 'm_open';
COMMIT;

-- ----------------------------------------------------------------------------
-- Sources: a lower one never overrules a higher.

CREATE FUNCTION pg_temp.try_lower() RETURNS TABLE (teller text, act text, answer text, state text) LANGUAGE plpgsql AS $$
BEGIN
	FOREACH teller IN ARRAY '{operator,complaint,import,bounce}'::text[] LOOP
		PERFORM pg_temp.tell('pia' || teller, 'm_single', 'subscribe', '2024-01-01');
		FOREACH act IN ARRAY '{snooze,subscribe,unsubscribe,resume}'::text[] LOOP
			answer := pg_temp.tell('pia' || teller, 'm_single', act, '2024-02-01', teller);
			state := (SELECT s.state FROM said AS s WHERE s.who = 'pia' || teller);
			RETURN NEXT;
		END LOOP;
	END LOOP;
END $$;
SELECT * FROM pg_temp.try_lower();
SELECT bounce.snooze('piaoperator@moves.example', 'm_single', until => '2024-03-01', at => '2024-02-01', source => 'operator');
\echo :LAST_ERROR_SQLSTATE
-- A no of a lower source in a person's pause shows when the pause is over.
SELECT pg_temp.tell('rita', 'm_single', 'subscribe', '2024-01-01', 'import'), bounce.snooze('rita@moves.example', 'm_single', until => '2024-02-01', at => '2024-01-10'),
	pg_temp.tell('rita', 'm_single', 'unsubscribe', '2024-01-20', 'import');
SELECT state, before FROM said WHERE who = 'rita';
SELECT bounce.is_suppressed('rita@moves.example', 'm_single', '2024-02-02');

-- What came in without evidence is put on record with the first act after it.
INSERT INTO bounce.preference (address, topic, state, until, since, source, before, before_since, before_source) VALUES
	('sven@moves.example', 'm_single', 'snoozed', '2024-02-01', '2024-01-10', 'import', 'subscribed', '2024-01-01', 'import');
SELECT bounce.unsubscribe('sven@moves.example', 'm_single', at => '2024-01-20', source => 'bounce');
SELECT bounce.unsubscribe('sven@moves.example', 'm_single', at => '2024-01-20', source => 'complaint');
SELECT number, act, at, source, old_state, new_state FROM bounce.consent_log WHERE address = 'sven@moves.example' ORDER BY number;
SELECT state, before FROM said WHERE who = 'sven';

-- ----------------------------------------------------------------------------
-- Whatever the order in which they come in: 200 people, the same eight acts each,
-- told in another order each time.

CREATE TABLE told AS SELECT 'x' || n || '@order.moves.example' AS address, act, day, source, topic
FROM generate_series(1, 200) AS n, (VALUES ('subscribe', '2024-01-01'::date, 'import', 'm_open'), ('unsubscribe', '2024-01-02', 'complaint', 'm_open'), ('subscribe', '2024-01-03', 'person', 'm_open'),
	('unsubscribe', '2024-01-04', 'bounce', 'm_open'), ('unsubscribe', '2024-01-05', 'person', ''), ('unsubscribe', '2024-01-06', 'person', 'm_open'),
	('subscribe', '2024-01-07', 'person', 'm_open'), ('subscribe', '2024-01-08', 'person', '')) AS v (act, day, source, topic);
DO $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT * FROM told ORDER BY address, md5(address || act || day) LOOP
		BEGIN
			IF r.act = 'subscribe' THEN
				PERFORM bounce.subscribe(r.address, r.topic, r.day, r.source);
			ELSIF r.topic = '' THEN
				PERFORM bounce.unsubscribe_all(r.address, r.day, r.source);
			ELSE
				PERFORM bounce.unsubscribe(r.address, r.topic, r.day, r.source);
			END IF;
		-- an import's yes that comes in after the person's no
		EXCEPTION WHEN SQLSTATE 'LH001' THEN NULL;
		END;
	END LOOP;
END $$;
SELECT topic, state, since, source, count(*) FROM bounce.preference WHERE address LIKE '%@order.moves.example' GROUP BY 1, 2, 3, 4 ORDER BY 1;
SELECT count(DISTINCT orders) > 100 AS many_orders FROM (SELECT string_agg(at::text, ' ' ORDER BY number) AS orders
	FROM bounce.consent_log WHERE address LIKE '%@order.moves.example' GROUP BY address) AS o;
-- The record of all that was said here is sound.
SELECT * FROM bounce.verify_consent_log() WHERE address LIKE '%moves.example';

DROP VIEW said;
DROP TABLE reached, moved, told;
ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
DELETE FROM bounce.consent_log WHERE address LIKE '%moves.example';
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only_row;
DELETE FROM bounce.preference WHERE address LIKE '%moves.example';
DELETE FROM bounce.topic WHERE topic LIKE 'm\_%';
