-- Law and memory: everything that is held about a person, shown, and erased; what they
-- refused stays refused, though nobody knows any more who they are.
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

-- Where in schema bounce a text is found, in any column of any table.
CREATE FUNCTION pg_temp.found(what text) RETURNS TABLE (place text, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
	FOR place IN SELECT c.oid::regclass::text FROM pg_class AS c WHERE relnamespace = 'bounce'::regnamespace AND relkind = 'r' ORDER BY 1 LOOP
		EXECUTE format('SELECT count(*) FROM %s AS t WHERE strpos(t::text, $1) > 0', place) INTO rows USING what;
		IF rows > 0 THEN
			RETURN NEXT;
		END IF;
	END LOOP;
END $$;
CREATE VIEW kept AS
	SELECT split_part(digest, ':', 1) AS kind, topic, cause, class, starts_at, expires_at, note FROM bounce.digest_suppression ORDER BY 1, 2, 3, 5, 6;

-- Ann has left traces everywhere: she bounced, complained, chose, and was suppressed by hand;
-- a line about her could not be used; a lease of hers ended; old events of hers are gone.
INSERT INTO bounce.topic (topic, kind) VALUES ('forget_news', 'marketing'), ('forget_sport', 'marketing'), ('forget_receipts', 'transactional');
INSERT INTO bounce.topic (topic, opt_in) VALUES ('forget_double', 'double');
INSERT INTO bounce.delivery_event (recipient, occurred_at, response, topic) VALUES
	('Ann@Forget.Example', '2024-01-05', '550 5.1.1 User unknown', 'forget_news'),
	('ann@forget.example', '2024-03-05', '250 2.0.0 OK', 'forget_news'),
	('ann@forget.example, bob@forget.example', '2024-03-06', '550 5.1.1 User unknown', NULL),
	('ann@forget.example', '2024-05-05', '550 5.1.1 User unknown', NULL),
	('bob@forget.example', '2024-05-05', '550 5.1.1 User unknown', NULL),
	('joann@forget.example', '2024-05-05', '550 5.1.1 User unknown', NULL),
	('joann@forget.example.org, x', '2024-05-05', '550 5.1.1 User unknown', NULL);
INSERT INTO bounce.delivery_event (recipient, occurred_at, class, topic) VALUES ('ann@forget.example', '2024-05-06', 'complaint:complaint_abuse', 'forget_news');
UPDATE bounce.suppression SET expires_at = '2999-01-01' WHERE cause = 'lease' AND address LIKE '%@forget.example';
SELECT bounce.suppress('ann@forget.example', until => '2030-01-01', note => 'Ann Miller, 1 Main Street', at => '2024-02-01');
SELECT bounce.unsubscribe('ann@forget.example', 'forget_news', at => '2024-02-02', evidence => '{"ip": "192.0.2.1"}');
SELECT bounce.subscribe('ann@forget.example', 'forget_sport', at => '2024-02-03');
SELECT bounce.unsubscribe('bob@forget.example', 'forget_news', at => '2024-02-02');
INSERT INTO bounce.fold_base (address, counted, occurred, reported) VALUES ('ann@forget.example', '{}', '{}', '{}');
INSERT INTO bounce.pace VALUES ('ann@forget.example', 'forget_news', '{2024-02-01}');
INSERT INTO bounce.reclassify_progress (since, until, events, at_recipient, rules) VALUES ('2024-01-01', '2024-02-01', 1, 'ann@forget.example', 1);
INSERT INTO bounce.digest_suppression (digest, starts_at, expires_at, note) SELECT 'sha256:' || encode(sha256('ann@forget.example'), 'hex'), '2024-01-01', '2024-01-02', 'Ann Miller called';
CREATE TABLE contact (email text, quarantined_until timestamptz);
SELECT bounce.quarantine_contacts('contact', 'email', 'quarantined_until');
INSERT INTO contact VALUES ('ann@forget.example'), ('bob@forget.example');
SELECT * FROM pg_temp.found('ann@forget.example');

-- She asks what is held about her: a list for each table, in the order of time.
SELECT key, jsonb_array_length(value) AS rows FROM jsonb_each(bounce.person_data('Ann <ANN@forget.example>')) WHERE jsonb_typeof(value) = 'array' ORDER BY key;
SELECT jsonb_path_query_array(bounce.person_data('ann@forget.example'), '$.delivery_event[*].occurred_at');
SELECT jsonb_path_query_array(bounce.person_data('ann@forget.example'), '$.consent_log[*].evidence');
-- Of nobody there is nothing.
SELECT count(*) FROM jsonb_each(bounce.person_data('nobody@forget.example')) WHERE value NOT IN ('[]', '"nobody@forget.example"');

-- She wants to be forgotten. Erased is everything, and kept what keeps mail from her.
CREATE TEMP TABLE whole AS SELECT * FROM bounce.forget('Ann@Forget.Example', at => '2024-06-01');
TABLE whole;
SELECT * FROM pg_temp.found('ann@forget.example') WHERE place NOT LIKE '%delivery_event%' AND place NOT LIKE '%suppression' AND place NOT LIKE '%rejected_input';
-- What is left is of others, whose addresses contain hers.
SELECT place, rows FROM pg_temp.found('joann@forget.example') ORDER BY place;
SELECT place, rows FROM pg_temp.found('ann@forget.example') ORDER BY place;
SELECT * FROM pg_temp.found('Miller');
TABLE kept;
-- Bob and Joann are as they were; the chains of others are whole.
SELECT split_part(address, '@', 1) AS who, cause, step FROM bounce.suppression WHERE address LIKE '%@forget.example' ORDER BY 1;
SELECT split_part(address, '@', 1) AS who, number, topic FROM bounce.consent_log WHERE address LIKE '%@forget.example';
SELECT since, at_recipient, at_occurred_at FROM bounce.reclassify_progress;
-- No table of the extension is left out: each is erased and shown, or is one of those that hold nobody.
SELECT c.oid::regclass AS nobody_thought_of FROM pg_class AS c WHERE relnamespace = 'bounce'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
	AND c.oid::regclass::text NOT IN (SELECT object FROM bounce.forget('nobody@forget.example'))
	AND relname NOT IN ('policy', 'setting', 'site_rule', 'topic', 'topic_text', 'log_horizon', 'secret_key', 'domain_suppression', 'domain_suppression_history');
SELECT coalesce(erased, shown) AS differs FROM (SELECT DISTINCT object FROM bounce.forget('nobody@forget.example')) AS e (erased)
	FULL JOIN (SELECT 'bounce.' || jsonb_object_keys(bounce.person_data('nobody@forget.example') - 'address')) AS s (shown) ON erased = shown
WHERE erased IS NULL OR shown IS NULL;
-- Ann's traces above were in every one of them, or this test shows less than it says.
SELECT object AS without_a_trace FROM whole WHERE action = 'erase' GROUP BY object HAVING sum(rows) = 0;

-- Everybody who asks is told the same as before: by address, for all at once, why,
SELECT topic, bounce.is_suppressed('ann@forget.example', topic) AS ann, bounce.is_suppressed('nobody@forget.example', topic) AS nobody
FROM (VALUES (NULL), ('forget_news'), ('forget_sport'), ('forget_receipts')) AS t (topic);
SELECT cause, topic, until, explanation FROM bounce.why_suppressed('ann@forget.example', 'forget_news', at => '2025-01-01');
SELECT count(*) FILTER (WHERE bounce.is_suppressed(CASE WHEN n % 1000 = 0 THEN 'Ann@forget.example' ELSE 'x' || n || '@forget.example' END)) AS suppressed
FROM generate_series(1, 10000) AS n;
-- to the guard of a queue, and by contacts, which stay in quarantine, also when she comes in again with a list;
SELECT * FROM contact ORDER BY email;
DELETE FROM contact;
INSERT INTO contact VALUES ('ANN@forget.example') RETURNING *;
CREATE TABLE outbox (email text, topic text);
SELECT bounce.guard_outbox('outbox', 'email', topic_column => 'topic', on_suppressed => 'skip');
INSERT INTO outbox VALUES ('ann@forget.example', 'forget_news'), ('nobody@forget.example', 'forget_news');
TABLE outbox;
SELECT bounce.record_attempt('ann@forget.example', 'forget_news');
-- and nothing of that puts her on record again.
SELECT recipient, source FROM bounce.delivery_event WHERE recipient = 'ann@forget.example';
-- Nor does a click on a link of an old mail.
SELECT bounce.unsubscribe_one_click(bounce.make_token('ann@forget.example', 'forget_news'));
SELECT count(*) FROM bounce.consent_log WHERE address = 'ann@forget.example';
-- A lease that was kept ends when it would have ended.
SELECT bounce.is_suppressed('ann@forget.example', 'forget_receipts', '2998-12-31') AS before, bounce.is_suppressed('ann@forget.example', 'forget_receipts', '2999-01-01') AS at_the_end;
-- She can ask again, and be forgotten again: the same remains.
SELECT key, jsonb_array_length(value) AS rows FROM jsonb_each(bounce.person_data('ann@forget.example')) WHERE value <> '[]' AND key <> 'address';
SELECT action, object, rows FROM bounce.forget('ann@forget.example') WHERE rows > 0;
TABLE kept;

-- An event that comes in later is new: it is logged, and counts like any other.
SELECT bounce.record_event('ann@forget.example', '550 5.1.1 User unknown', occurred_at => '2024-07-01');
SELECT cause, step, starts_at FROM bounce.suppression WHERE address = 'ann@forget.example';
-- Forgotten once more, the longer end stays.
SELECT action, object, rows FROM bounce.forget('ann@forget.example', at => '2024-07-01 12:00') WHERE rows > 0;
SELECT cause, starts_at, expires_at FROM kept WHERE cause = 'lease';

-- An import that says she agreed changes nothing for her;
SELECT bounce.subscribe('ann@forget.example', 'forget_news', at => '2024-07-15', source => 'import');
SELECT bounce.release('ann@forget.example', why => 'lease, complaint and the one by hand');
SELECT topic, cause FROM kept;
SELECT bounce.is_suppressed('ann@forget.example', 'forget_news') AS news, bounce.is_suppressed('ann@forget.example', 'forget_sport') AS sport;
SELECT * FROM contact;
-- her own yes does: what was kept of her choices is a preference again, and then overruled.
SELECT bounce.subscribe('ann@forget.example', 'forget_news', at => '2024-08-01');
SELECT topic, state, since, source FROM bounce.preference WHERE address = 'ann@forget.example';
SELECT number, topic, old_state, new_state, source, at FROM bounce.consent_log WHERE address = 'ann@forget.example' ORDER BY number;
TABLE kept;
SELECT bounce.is_suppressed('ann@forget.example', 'forget_news');
SELECT count(*) FROM bounce.forget('ann@forget.example');
SELECT bounce.is_suppressed('ann@forget.example', 'forget_news');

-- Choices: a no to a topic, one to all, a pause with its end; a yes is not kept.
SELECT bounce.unsubscribe('carl@forget.example', 'forget_news', at => '2024-01-01'), bounce.unsubscribe_all('dora@forget.example', at => '2024-01-01'),
	bounce.subscribe('emil@forget.example', 'forget_news', at => '2024-01-01');
SELECT bounce.snooze('fred@forget.example', 'forget_news', until => '2999-01-01', at => '2024-01-01'),
	bounce.snooze('fred@forget.example', 'forget_sport', until => '2024-02-01', at => '2024-01-01');
-- Kurt said no to one, and asked for it again without confirming it: the no stands. He paused the news, and the rest.
SELECT bounce.unsubscribe('kurt@forget.example', 'forget_double', at => '2024-01-01');
SELECT bounce.subscribe('kurt@forget.example', 'forget_double', at => now() - interval '1 hour'),
	bounce.snooze('kurt@forget.example', 'forget_news', until => '2999-01-01', at => '2024-01-01'),
	bounce.snooze('kurt@forget.example', '', until => '2999-01-01', at => '2024-01-01');
DELETE FROM bounce.digest_suppression;
SELECT split_part(who, '@', 1) AS who, object, rows FROM unnest('{carl@forget.example,dora@forget.example,emil@forget.example,fred@forget.example,kurt@forget.example}'::text[]) AS who, bounce.forget(who)
WHERE action = 'keep' ORDER BY 1;
TABLE kept;
SELECT who, bounce.is_suppressed(who || '@forget.example', 'forget_news') AS news, bounce.is_suppressed(who || '@forget.example', 'forget_sport') AS sport,
	bounce.is_suppressed(who || '@forget.example', 'forget_receipts') AS receipts, bounce.is_suppressed(who || '@forget.example', 'forget_news', '2999-01-01') AS news_in_2999
FROM unnest('{carl,dora,emil,fred,kurt}'::text[]) AS who;
SELECT bounce.is_suppressed('kurt@forget.example', 'forget_double', '2999-01-01') AS said_no_before;
-- The way back from a no to all, to one topic.
SELECT bounce.subscribe('dora@forget.example', 'forget_news');
SELECT bounce.is_suppressed('dora@forget.example', 'forget_news') AS news, bounce.is_suppressed('dora@forget.example', 'forget_sport') AS sport;
-- A yes to what was paused ends that pause; the others last.
SELECT bounce.subscribe('kurt@forget.example', 'forget_news');
SELECT topic, state, until FROM bounce.preference WHERE address = 'kurt@forget.example' ORDER BY topic;
SELECT bounce.is_suppressed('kurt@forget.example', 'forget_news') AS news, bounce.is_suppressed('kurt@forget.example', 'forget_sport') AS sport;
-- An operator cannot say yes against a no that was kept, as against any other.
SELECT bounce.subscribe('carl@forget.example', 'forget_news', source => 'operator');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.is_suppressed('carl@forget.example', 'forget_news') AS still;
-- Who said it is kept, too: against a complaint's no, or one that was imported, an operator can, as if nobody had been forgotten.
INSERT INTO bounce.delivery_event (recipient, occurred_at, class, topic) VALUES ('paul@forget.example', '2024-01-01', 'complaint:unsubscribe_request', 'forget_news');
SELECT bounce.unsubscribe('paul@forget.example', 'forget_sport', at => '2024-01-01', source => 'import'), bounce.unsubscribe('paul@forget.example', 'forget_double', at => '2024-01-01'),
	bounce.snooze('paul@forget.example', '', until => '2999-01-01', at => '2024-01-01', source => 'operator');
SELECT rows FROM bounce.forget('paul@forget.example') WHERE action = 'keep';
SELECT topic, cause, source, expires_at FROM bounce.digest_suppression WHERE topic IN ('', 'forget_news', 'forget_sport', 'forget_double') AND source IS NOT NULL AND made_by = session_user
	AND digest = (SELECT digest FROM bounce.digest_suppression WHERE source = 'complaint') ORDER BY topic;
SELECT bounce.subscribe('paul@forget.example', 'forget_sport', source => 'operator'), bounce.subscribe('paul@forget.example', 'forget_news', source => 'operator');
SELECT topic, act, old_state, new_state, source FROM bounce.consent_log WHERE address = 'paul@forget.example' ORDER BY number;
SELECT topic, state, source FROM bounce.preference WHERE address = 'paul@forget.example' ORDER BY topic;
SELECT bounce.is_suppressed('paul@forget.example', 'forget_news', '2999-01-01') AS news, bounce.is_suppressed('paul@forget.example', 'forget_double', '2999-01-01') AS double;
SELECT bounce.subscribe('paul@forget.example', 'forget_double', source => 'operator');
\echo :LAST_ERROR_SQLSTATE
-- Forgotten twice, the higher one stands.
SELECT bounce.unsubscribe('quin@forget.example', 'forget_news', at => '2024-01-01', source => 'import');
SELECT rows FROM bounce.forget('quin@forget.example') WHERE action = 'keep';
SELECT bounce.unsubscribe('quin@forget.example', 'forget_news', at => '2024-02-01', source => 'complaint');
SELECT rows FROM bounce.forget('quin@forget.example') WHERE action = 'keep';
SELECT bounce.unsubscribe('quin@forget.example', 'forget_news', at => '2024-03-01', source => 'bounce');
SELECT rows FROM bounce.forget('quin@forget.example') WHERE action = 'keep';
SELECT source, starts_at FROM bounce.digest_suppression WHERE source = 'complaint' AND topic = 'forget_news';
DELETE FROM bounce.digest_suppression WHERE source IN ('complaint', 'operator') OR topic = 'forget_sport';
-- A click of her own on an old link is more than the complaint that was kept: it is on record, and above what an operator says.
SELECT bounce.unsubscribe('rosa@forget.example', 'forget_news', at => '2024-01-01', source => 'complaint');
SELECT rows FROM bounce.forget('rosa@forget.example') WHERE action = 'keep';
SELECT bounce.unsubscribe_one_click(bounce.make_token('rosa@forget.example', 'forget_news'), at => '2024-02-01');
SELECT bounce.subscribe('rosa@forget.example', 'forget_news', source => 'operator');
\echo :LAST_ERROR_SQLSTATE
SELECT rows FROM bounce.forget('rosa@forget.example') WHERE action = 'keep';
SELECT bounce.unsubscribe_one_click(bounce.make_token('rosa@forget.example', 'forget_news'), at => '2024-02-01');
SELECT count(*) FROM bounce.consent_log WHERE address = 'rosa@forget.example';
-- Somebody who types an address into a form brings nobody back.
SELECT bounce.unsubscribe('lisa@forget.example', 'forget_double', at => '2024-01-01');
SELECT rows FROM bounce.forget('lisa@forget.example') WHERE action = 'keep';
SELECT bounce.subscribe('lisa@forget.example', 'forget_double', at => '2024-02-01');
SELECT count(*) FROM bounce.consent_log WHERE address = 'lisa@forget.example';
SELECT bounce.confirm('lisa@forget.example', 'forget_double', at => '2024-02-02');
SELECT act, old_state, new_state, at FROM bounce.consent_log WHERE address = 'lisa@forget.example' ORDER BY number;
SELECT bounce.is_suppressed('lisa@forget.example', 'forget_double');
-- The same through opt-in columns: a list that is loaded again brings nobody back, a person who ticks the box does.
CREATE TABLE opt_in (email text PRIMARY KEY, news boolean, sport boolean);
SELECT bounce.track_preferences('opt_in', 'email', '{"news": "forget_news", "sport": "forget_sport"}');
INSERT INTO opt_in VALUES ('mona@forget.example', true, true);
UPDATE opt_in SET news = false, sport = false;
SELECT object, rows FROM bounce.forget('mona@forget.example') WHERE rows > 0;
DELETE FROM opt_in;
INSERT INTO opt_in VALUES ('mona@forget.example', true, true), ('nora@forget.example', true, true);
SELECT who, bounce.is_suppressed(who || '@forget.example', 'forget_news') AS news, bounce.is_suppressed(who || '@forget.example', 'forget_sport') AS sport FROM unnest('{mona,nora}'::text[]) AS who;
UPDATE opt_in SET sport = false;
UPDATE opt_in SET sport = true;
SELECT who, bounce.is_suppressed(who || '@forget.example', 'forget_news') AS news, bounce.is_suppressed(who || '@forget.example', 'forget_sport') AS sport FROM unnest('{mona,nora}'::text[]) AS who;
SELECT * FROM opt_in ORDER BY email;
DROP TABLE opt_in;
-- Who was not suppressed and never wants to hear of us: refuses.
SELECT * FROM bounce.forget('gina@forget.example', refuses => true) WHERE rows > 0;
SELECT bounce.is_suppressed('gina@forget.example') AS mail, bounce.is_suppressed('gina@forget.example', 'forget_receipts') AS receipts;

-- What is over is swept away: nothing is kept of a person longer than it counts.
SELECT count(*) FROM bounce.digest_suppression WHERE expires_at < 'infinity';
SELECT bounce.sweep('2999-01-01');
SELECT count(*) FROM bounce.digest_suppression WHERE expires_at < 'infinity';

-- Which digest: keyed, unless the setting says otherwise. Both are honoured beside each other.
INSERT INTO bounce.setting VALUES ('forgotten', 'sha256');
SELECT count(*) FROM bounce.forget('hans@forget.example', refuses => true);
SELECT cause FROM bounce.digest_suppression WHERE digest = 'sha256:' || encode(sha256('hans@forget.example'), 'hex');
SELECT who, bounce.is_suppressed(who || '@forget.example') FROM unnest('{gina,hans,ida}'::text[]) AS who;
SELECT count(*) FILTER (WHERE bounce.is_suppressed((ARRAY['gina', 'hans', 'ida', 'jim'])[1 + n % 4] || '@forget.example')) AS half FROM generate_series(1, 10000) AS n;
-- Without its key a keyed digest is nobody's, and with it again somebody's.
BEGIN;
DELETE FROM bounce.secret_key WHERE purpose = 'digest';
SELECT bounce.is_suppressed('gina@forget.example') AS gina, bounce.is_suppressed('hans@forget.example') AS hans;
ROLLBACK;
SELECT bounce.is_suppressed('gina@forget.example') AS gina;
DELETE FROM bounce.setting WHERE name = 'forgotten';

-- Nothing else opens the log of consent.
DELETE FROM bounce.consent_log WHERE address = 'bob@forget.example';
\echo :LAST_ERROR_SQLSTATE
BEGIN;
SELECT count(*) FROM bounce.forget('bob@forget.example');
DELETE FROM bounce.consent_log;
ROLLBACK;
SELECT count(*) FROM bounce.consent_log WHERE address = 'bob@forget.example';

-- What has not taken effect yet: a confirmation that is awaited, and a request that could not be read.
BEGIN;
DELETE FROM bounce.rejected_input;
TABLE bounce.open_requests;
INSERT INTO bounce.preference (address, topic, state, until, since, source) VALUES
	('ida@forget.example', 'forget_news', 'pending', 'infinity', now() - interval '3 days', 'person'),
	('jim@forget.example', 'forget_news', 'pending', now() - interval '1 day', now() - interval '9 days', 'person');
INSERT INTO bounce.delivery_event (recipient, class) VALUES ('who?', 'auto:unsubscribe_request'), ('who else?', 'hard:user_unknown');
SELECT kind, requests, age, oldest = now() - age AS right FROM bounce.open_requests ORDER BY kind;
ROLLBACK;

-- What could not be used goes where it holds the address, whatever stands before and behind it, and is spared where it only
-- holds a longer one. As JSON writes it: a line break is \\n, and \\\\n a backslash and an n.
CREATE TEMP TABLE line (said text, hers boolean);
INSERT INTO line VALUES ('ann@forget.example', true), ('To: Ann <ANN@Forget.Example>, b@forget.example', true), (E'one\nann@forget.example\ntwo', true), (E'\tann@forget.example', true),
	(E'\rann@forget.example', true), (E'\x01ann@forget.example', true), (E'a\\ann@forget.example', true), (E'a\\\nann@forget.example', true), ('"ann@forget.example"', true),
	('ann@forget.example.', true), ('(ann@forget.example)', true), ('mailto:ann@forget.example?subject=x', true), ('宛先ann@forget.example様', true), ('ann@forget.example@x', true),
	('joann@forget.example', false), ('jo.ann@forget.example', false), ('jo-ann@forget.example', false), ('jo+ann@forget.example', false), (E'\nnann@forget.example', false), (E'\\nann@forget.example', false),
	(E'\\\\nann@forget.example', false), (E'\nu0001ann@forget.example', false), ('ann@forget.example.org', false), ('ann@forget.example-org', false), ('ann@forget.examples', false), ('ann@forgetxexample', false);
INSERT INTO bounce.rejected_input (door, reason, input) SELECT 'forget', hers::text, jsonb_build_object('raw', said) FROM line;
INSERT INTO bounce.rejected_input (door, reason, input) VALUES ('forget', 'true', '{"ann@forget.example": 1}'), ('forget', 'true', '[["ann@forget.example"]]'), ('forget', 'true', '"ann@forget.example"'), ('forget', 'false', '{"joann@forget.example": 1}');
SELECT r.input ->> 'raw' AS shown_wrong, r.reason FROM bounce.rejected_input AS r WHERE door = 'forget' AND (reason = 'true') <>
	(bounce.person_data('ann@forget.example') -> 'rejected_input' @> jsonb_build_array(jsonb_build_object('id', r.id)));
SELECT rows FROM bounce.forget('ann@forget.example') WHERE object = 'bounce.rejected_input';
SELECT reason AS hers, count(*) FROM bounce.rejected_input WHERE door = 'forget' GROUP BY 1;
-- An address that JSON has to escape.
INSERT INTO bounce.rejected_input (door, reason, input) VALUES ('forget', 'odd', jsonb_build_object('raw', E'to "o\\"dd"@forget.example, b')), ('forget', 'not odd', jsonb_build_object('raw', E'dd"@forget.example'));
SELECT bounce.normalize_address(E'"o\\"dd"@forget.example'), rows FROM bounce.forget(E'"o\\"dd"@forget.example') WHERE object = 'bounce.rejected_input';
DELETE FROM bounce.rejected_input WHERE door = 'forget';

-- Wrong inputs.
SELECT bounce.forget('nobody');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.forget(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.forget('ann@forget.example', at => '2999-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.forget('ann@forget.example', refuses => NULL);
SELECT bounce.person_data('nobody');
SELECT bounce.person_data(NULL);
BEGIN READ ONLY;
SELECT bounce.forget('ann@forget.example');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN READ ONLY;
SELECT bounce.person_data('ann@forget.example') ->> 'address';
ROLLBACK;

-- An operator forgets; a sender can neither do that nor see what is held.
CREATE ROLE regress_bounce_mailer;
CREATE ROLE regress_bounce_operator;
SELECT bounce.grant_access('regress_bounce_mailer', 'sender'), bounce.grant_access('regress_bounce_operator', 'operator');
SET ROLE regress_bounce_mailer;
SELECT bounce.person_data('bob@forget.example');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.forget('bob@forget.example');
\echo :LAST_ERROR_SQLSTATE
TABLE bounce.open_requests;
RESET ROLE;
SET ROLE regress_bounce_operator;
SELECT jsonb_array_length(bounce.person_data('bob@forget.example') -> 'delivery_event');
SELECT sum(rows) FILTER (WHERE action = 'erase') > 0 AS erased FROM bounce.forget('bob@forget.example');
SELECT count(*) FROM bounce.open_requests WHERE kind = 'prepared';
RESET ROLE;
DROP OWNED BY regress_bounce_mailer, regress_bounce_operator;
DROP ROLE regress_bounce_mailer, regress_bounce_operator;

SELECT count(*) FROM unnest('{dora@forget.example,joann@forget.example,kurt@forget.example,lisa@forget.example,mona@forget.example,nora@forget.example,paul@forget.example}'::text[]) AS who, bounce.forget(who);
DROP TABLE contact, outbox;
DROP VIEW kept;
DELETE FROM bounce.digest_suppression;
DELETE FROM bounce.secret_key;
DELETE FROM bounce.rejected_input;
DELETE FROM bounce.reclassify_progress;
DELETE FROM bounce.topic WHERE topic LIKE 'forget_%';
