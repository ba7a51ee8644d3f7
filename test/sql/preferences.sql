-- What a person gets and why not, and who gets a topic.
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

INSERT INTO bounce.topic (topic, title, description, kind, opt_in, position) VALUES
	('p_news', 'News', 'What is new, once a month', 'marketing', 'none', 1), ('p_club', 'The club', NULL, 'marketing', 'double', 2),
	('p_shop', NULL, NULL, 'marketing', 'single', 3), ('p_receipts', 'Receipts', NULL, 'transactional', 'none', 4), ('p_old', 'Old', NULL, 'marketing', 'single', NULL);
-- Topics without any word said: what flows until a no flows, the others need a yes.
SELECT topic, title, kind, opt_in, state, mail_flows, why_not, flows_from FROM bounce.preferences('Ann <Ann@Pref.Example>', at => '2024-01-01') WHERE topic LIKE 'p\_%';

-- ----------------------------------------------------------------------------
-- Titles in the language asked for (RFC 4647): the longest tag that it begins with, then one
-- of the same language, then the topic's own.
INSERT INTO bounce.topic_text VALUES ('p_news', 'fr', 'Nouvelles', 'Une fois par mois'), ('p_news', 'fr-CA', 'Nouvelles du Québec', NULL),
	('p_news', 'zh-Hant', '新聞', NULL), ('p_news', 'PT-br', 'Novidades', NULL), ('p_club', 'fr', 'Le club', NULL);
SELECT asked, p.topic, p.title, p.description, p.language FROM unnest('{fr,fr-FR,FR-ca,fr_CA,fr-CA-x-lang,zh-Hant-TW,pt,pt-PT,f,frr,de,NULL}'::text[]) WITH ORDINALITY AS a (asked, n),
	bounce.preferences('ann@pref.example', asked) AS p WHERE p.topic IN ('p_news', 'p_club') ORDER BY n, p.topic DESC;
INSERT INTO bounce.topic_text VALUES ('p_news', 'FR', 'Encore', NULL);
INSERT INTO bounce.topic_text VALUES ('p_news', 'français', 'Encore', NULL);
INSERT INTO bounce.topic_text VALUES ('p_nowhere', 'fr', 'Rien', NULL);

-- ----------------------------------------------------------------------------
-- Every reason against it, and when mail flows again by itself.
CREATE FUNCTION pg_temp.page(who text, at timestamptz) RETURNS TABLE (topic text, state text, all_topics boolean, since date, until date, source text, mail_flows boolean, why_not text[], flows_from timestamptz)
	LANGUAGE sql AS $$ SELECT topic, state, all_topics, since::date, until::date, source, mail_flows, why_not, flows_from FROM bounce.preferences(who || '@pref.example', at => at) WHERE topic LIKE 'p\_%' $$;
SELECT bounce.subscribe('bob@pref.example', 'p_club', at => '2024-01-01'), bounce.confirm('bob@pref.example', 'p_club', at => '2024-01-02'), bounce.subscribe('bob@pref.example', 'p_shop', at => '2024-01-01');
SELECT bounce.snooze('bob@pref.example', 'p_shop', until => '2024-02-01', at => '2024-01-10'), bounce.unsubscribe('bob@pref.example', 'p_news', at => '2024-01-10');
SELECT bounce.subscribe('carl@pref.example', 'p_club', at => '2024-01-08');
SELECT * FROM pg_temp.page('bob', '2024-01-12');
SELECT * FROM pg_temp.page('carl', '2024-01-12');
-- A lease for all mail, a complaint, a hand for one topic, a domain.
INSERT INTO bounce.delivery_event (recipient, class, occurred_at) VALUES ('bob@pref.example', 'hard:user_unknown', '2024-01-31 12:00');
INSERT INTO bounce.suppression (address, topic, cause, starts_at, expires_at) VALUES
	('dora@pref.example', '', 'complaint', '2024-01-01', 'infinity'), ('emil@pref.example', 'p_receipts', 'manual', '2024-01-01', '2024-03-01');
INSERT INTO bounce.domain_suppression (domain, starts_at, expires_at) VALUES ('gone.pref.example', '2024-01-01', 'infinity');
SELECT * FROM pg_temp.page('bob', '2024-01-31 13:00') WHERE topic IN ('p_club', 'p_shop');
SELECT * FROM pg_temp.page('dora', '2024-01-12') WHERE topic IN ('p_news', 'p_receipts');
SELECT * FROM pg_temp.page('emil', '2024-01-12') WHERE topic IN ('p_news', 'p_receipts');
SELECT topic, mail_flows, why_not, flows_from FROM bounce.preferences('fred@gone.pref.example', at => '2024-01-12') WHERE topic IN ('p_news', 'p_receipts');
-- What ends may uncover what lasts longer.
SELECT bounce.snooze('gina@pref.example', '', until => '2024-02-01', at => '2024-01-10'), bounce.snooze('gina@pref.example', 'p_news', until => '2024-03-01', at => '2024-01-09');
SELECT * FROM pg_temp.page('gina', '2024-01-12') WHERE topic IN ('p_news', 'p_club', 'p_receipts');
-- It says what bounce.is_suppressed() says.
SELECT count(*) AS asked, count(*) FILTER (WHERE p.mail_flows = bounce.is_suppressed(who, p.topic, at)) AS wrong,
	count(*) FILTER (WHERE NOT p.mail_flows AND p.flows_from < 'infinity' AND (bounce.is_suppressed(who, p.topic, p.flows_from) OR NOT bounce.is_suppressed(who, p.topic, p.flows_from - '1 microsecond'::interval))) AS wrong_end
FROM unnest('{ann@pref.example,bob@pref.example,carl@pref.example,dora@pref.example,emil@pref.example,fred@gone.pref.example,gina@pref.example}'::text[]) AS who,
	generate_series('2024-01-01'::timestamptz, '2024-04-01', '1 day') AS at, bounce.preferences(who, retired => true, at => at) AS p WHERE p.topic LIKE 'p\_%';

-- A cap that is used up: no suppression, but nothing goes out until the window has moved on. What else
-- is against it counts too, and the topics without a cap do not notice.
INSERT INTO bounce.topic (topic, position, max_messages, per) VALUES ('p_capped', 6, 2, '1 day');
SELECT bounce.record_attempt('lena@pref.example', 'p_capped', at) FROM unnest('{2024-01-12 08:00,2024-01-12 10:00}'::timestamptz[]) AS at;
SELECT at, topic, state, mail_flows, why_not, flows_from, bounce.is_suppressed('lena@pref.example', topic, at)
	FROM unnest('{2024-01-12 10:00,2024-01-13 07:59:59.999999,2024-01-13 08:00}'::timestamptz[]) AS at, bounce.preferences('lena@pref.example', at => at) WHERE topic IN ('p_capped', 'p_news');
SELECT bounce.snooze('lena@pref.example', 'p_capped', until => '2024-01-12 20:00', at => '2024-01-12 11:00');
SELECT at, state, mail_flows, why_not, flows_from FROM unnest('{2024-01-12 12:00,2024-01-12 20:00}'::timestamptz[]) AS at, bounce.preferences('lena@pref.example', at => at) WHERE topic = 'p_capped';
SELECT bounce.record_attempt('lena@pref.example', 'p_capped', flows_from) FROM bounce.preferences('lena@pref.example', at => '2024-01-12 12:00') WHERE topic = 'p_capped';
DELETE FROM bounce.pace WHERE topic = 'p_capped';

-- A name that nobody set up is shown to whom it concerns.
SELECT bounce.unsubscribe('hans@pref.example', 'p_unknown', at => '2024-01-01');
SELECT topic, title, state, mail_flows FROM bounce.preferences('hans@pref.example', at => '2024-01-12') WHERE topic = 'p_unknown';
SELECT count(*) FROM bounce.preferences('ann@pref.example') WHERE topic = 'p_unknown';

-- ----------------------------------------------------------------------------
-- Who gets a topic that needs a yes.
SELECT * FROM bounce.audience('p_club', '2024-01-12');
SELECT * FROM bounce.audience('p_shop', '2024-01-12');
SELECT * FROM bounce.audience('p_shop', '2024-02-02');
-- A retired one has none; and is shown when asked for.
SELECT bounce.subscribe('ines@pref.example', 'p_old', at => '2024-01-01');
SELECT * FROM bounce.audience('p_old', '2024-05-31');
UPDATE bounce.topic SET retired_at = '2024-06-01' WHERE topic = 'p_old';
SELECT * FROM bounce.audience('p_old', '2024-06-01');
SELECT topic, retired_at, state, mail_flows, why_not, flows_from FROM bounce.preferences('ines@pref.example', retired => true, at => '2024-06-01') WHERE topic = 'p_old';
SELECT count(*) FROM bounce.preferences('ines@pref.example', at => '2024-06-01') WHERE topic = 'p_old';
SELECT cause, topic, since, explanation FROM bounce.why_suppressed('ines@pref.example', 'p_old', '2024-06-01');
-- A topic that flows until a no goes to the application's own list: without one nobody knows to whom.
SELECT * FROM bounce.audience('p_news');
\echo :LAST_ERROR_SQLSTATE
-- With contacts attached, of whatever kind and spelling, it is all who did not say no, each once.
CREATE TABLE "Pref Contact" (id integer, "E-Mail" varchar, until timestamptz);
CREATE TABLE pref_member (email char(40), ok boolean) PARTITION BY HASH (email);
CREATE TABLE pref_member_0 PARTITION OF pref_member FOR VALUES WITH (modulus 1, remainder 0);
SELECT bounce.quarantine_contacts('"Pref Contact"', 'E-Mail', 'until'), bounce.track_preferences('pref_member', 'email', '{"ok": "p_shop"}');
INSERT INTO "Pref Contact" VALUES (1, 'Ann <Ann@Pref.Example>'), (2, 'ann@pref.example'), (3, 'bob@pref.example'), (4, 'dora@pref.example'), (5, 'no address'), (6, NULL), (7, 'fred@gone.pref.example'), (8, 'hugo@pref.example');
INSERT INTO pref_member VALUES ('ann@pref.example'), ('gina@pref.example'), ('kurt@pref.example');
SELECT bounce.subscribe('kurt@pref.example', 'p_news', at => '2024-01-02'), bounce.subscribe('otto@pref.example', 'p_news', at => '2024-01-03');
SELECT * FROM bounce.audience('p_news', '2024-01-12') ORDER BY address;
SELECT address FROM bounce.audience('p_news', '2024-03-02') ORDER BY address;
-- It does not list to anybody what they could not read themselves.
CREATE ROLE regress_bounce_audience;
SELECT bounce.grant_access('regress_bounce_audience', 'operator');
GRANT SELECT ON pref_member TO regress_bounce_audience;
SET ROLE regress_bounce_audience;
SELECT * FROM bounce.audience('p_news');
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
GRANT SELECT ON "Pref Contact" TO regress_bounce_audience;
ALTER TABLE "Pref Contact" ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON "Pref Contact" USING (id < 8);
SET ROLE regress_bounce_audience;
SELECT address FROM bounce.audience('p_news', '2024-03-02') ORDER BY address;
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
ALTER TABLE "Pref Contact" DISABLE ROW LEVEL SECURITY;
REVOKE SELECT ON "Pref Contact" FROM regress_bounce_audience;
GRANT SELECT ("E-Mail") ON "Pref Contact" TO regress_bounce_audience;
SET ROLE regress_bounce_audience;
SELECT address FROM bounce.audience('p_news', '2024-03-02') ORDER BY address;
RESET ROLE;
-- Columns of a partition may stand in another order; a dropped or disabled attachment is none.
CREATE TABLE pref_part (ok boolean, gone integer, email char(40));
ALTER TABLE pref_part DROP COLUMN gone;
INSERT INTO pref_part VALUES (NULL, 'paul@pref.example');
ALTER TABLE pref_member DETACH PARTITION pref_member_0;
ALTER TABLE pref_member ATTACH PARTITION pref_part FOR VALUES WITH (modulus 1, remainder 0);
SELECT bounce.detach('"Pref Contact"');
SELECT address FROM bounce.audience('p_news', '2024-03-02') ORDER BY address;
DROP TABLE pref_member_0;
DROP TABLE "Pref Contact", pref_member;
DROP OWNED BY regress_bounce_audience;
DROP ROLE regress_bounce_audience;
SELECT * FROM bounce.audience('p_unknown');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM bounce.audience(NULL);
-- Many of them at once: the same as asking one by one.
INSERT INTO bounce.preference (address, topic, state, until, since, source, before, before_since, before_source)
	SELECT 'user' || n || '@many.pref.example', 'p_shop', CASE WHEN n % 7 = 0 THEN 'unsubscribed' WHEN n % 5 = 0 THEN 'snoozed' ELSE 'subscribed' END,
		CASE WHEN n % 7 <> 0 AND n % 5 = 0 THEN now() + CASE WHEN n % 2 = 0 THEN '1 day' ELSE '-1 day' END::interval END, '2024-01-01', 'person',
		CASE WHEN n % 7 <> 0 AND n % 5 = 0 THEN 'subscribed' END, CASE WHEN n % 7 <> 0 AND n % 5 = 0 THEN '2023-01-01'::timestamptz END, CASE WHEN n % 7 <> 0 AND n % 5 = 0 THEN 'import' END
	FROM generate_series(1, 10000) AS n;
INSERT INTO bounce.preference (address, topic, state, since, source) SELECT 'user' || n || '@many.pref.example', '', 'unsubscribed', now(), 'person' FROM generate_series(1, 10000, 11) AS n;
INSERT INTO bounce.suppression (address, cause) SELECT 'user' || n || '@many.pref.example', 'manual' FROM generate_series(1, 10000, 13) AS n;
SELECT count(*) AS audience, min(since) AS first, max(since) AS last, count(*) FILTER (WHERE bounce.is_suppressed(address, 'p_shop')) AS wrong FROM bounce.audience('p_shop');
SELECT count(*) AS missing FROM bounce.preference AS p WHERE topic = 'p_shop' AND NOT bounce.is_suppressed(address, 'p_shop') AND NOT EXISTS (SELECT FROM bounce.audience('p_shop') AS a WHERE a.address = p.address);

-- ----------------------------------------------------------------------------
-- A topic keeps its name as long as anybody said anything about it.
DELETE FROM bounce.topic WHERE topic = 'p_club';
\echo :LAST_ERROR_SQLSTATE
UPDATE bounce.topic SET topic = 'p_circle' WHERE topic = 'p_club';
UPDATE bounce.topic SET title = 'The circle' WHERE topic = 'p_club';
DELETE FROM bounce.preference WHERE address LIKE '%pref.example' AND topic = 'p_club';
DELETE FROM bounce.topic WHERE topic = 'p_club';
TRUNCATE bounce.topic, bounce.topic_text;
-- One that nobody said anything about is free; its texts follow.
INSERT INTO bounce.topic (topic) VALUES ('p_try');
INSERT INTO bounce.topic_text VALUES ('p_try', 'fr', 'Essai', NULL);
UPDATE bounce.topic SET topic = 'p_trial' WHERE topic = 'p_try';
SELECT topic, title FROM bounce.topic_text WHERE title = 'Essai';
DELETE FROM bounce.topic WHERE topic = 'p_trial';
SELECT count(*) FROM bounce.topic_text WHERE title = 'Essai';

-- Wrong inputs, and where nothing can be written.
SELECT * FROM bounce.preferences('nobody');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM bounce.preferences(NULL);
SELECT * FROM bounce.preferences('ann@pref.example', retired => NULL);
BEGIN READ ONLY;
SELECT count(*) FROM bounce.preferences('ann@pref.example') WHERE topic LIKE 'p\_%';
SELECT count(*) FROM bounce.audience('p_shop');
ROLLBACK;
-- A mailer may ask about an address that it knows, and list none.
CREATE ROLE regress_bounce_pref;
SELECT bounce.grant_access('regress_bounce_pref', 'sender');
SET ROLE regress_bounce_pref;
SELECT topic, state FROM bounce.preferences('bob@pref.example', at => '2024-01-12') WHERE topic = 'p_shop';
SELECT count(*) FROM bounce.audience('p_shop');
SELECT count(*) FROM bounce.topic_text;
SELECT * FROM bounce.verify_consent_log();
SELECT * FROM bounce.consent_proof('bob@pref.example', 'p_shop');
RESET ROLE;

DROP OWNED BY regress_bounce_pref;
DROP ROLE regress_bounce_pref;
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%pref.example';
DELETE FROM bounce.suppression WHERE address LIKE '%pref.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%pref.example';
DELETE FROM bounce.domain_suppression WHERE domain LIKE '%pref.example';
DELETE FROM bounce.preference WHERE address LIKE '%pref.example';
ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
DELETE FROM bounce.consent_log WHERE address LIKE '%pref.example';
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only_row;
DELETE FROM bounce.topic WHERE topic LIKE 'p\_%';
