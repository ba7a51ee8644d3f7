-- Opt-in columns of a contact table and the preferences of its people follow each other.
SET timezone = 'UTC';
\set SHOW_CONTEXT never
INSERT INTO bounce.topic (topic, kind, opt_in) VALUES
	('track news', 'marketing', 'none'), ('track offers', 'marketing', 'single'), ('track club', 'marketing', 'double'), ('track bills', 'transactional', 'none');
CREATE TEMP VIEW log AS
	SELECT address, number, topic, act, source, evidence - 'by' AS evidence FROM bounce.consent_log WHERE address LIKE '%@track.example' ORDER BY 1, 2;
CREATE TEMP VIEW pref AS
	SELECT address, topic, state, source FROM bounce.preference WHERE address LIKE '%@track.example' ORDER BY 1, 2;

CREATE TABLE contact (
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email text,
	name text,
	news_ok boolean,
	offers_ok boolean,
	left_at timestamptz
);
CREATE TEMP VIEW seen AS
	SELECT id, email, news_ok AS news, offers_ok AS offers, CASE WHEN left_at >= now() - interval '1 hour' THEN 'just now' ELSE left_at::date::text END AS left
	FROM contact ORDER BY id;

--
-- Attaching: what the rows say is told as an import; where more is known, they follow
--
SELECT bounce.unsubscribe('ann@track.example', 'track news');
INSERT INTO contact (email, news_ok, offers_ok, left_at) VALUES
	('Ann@Track.Example', true, true, NULL), ('bob@track.example', false, NULL, NULL), ('cora@track.example', NULL, NULL, '2026-03-02 09:00+00'),
	('no address', true, true, NULL), (NULL, true, true, NULL);
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": "track news", "offers_ok": "track offers", "left_at": ""}');
SELECT * FROM seen;
SELECT * FROM log;
SELECT watched, kind, options FROM bounce.watched_table WHERE watched = 'contact'::regclass;
SELECT indexdef FROM pg_indexes WHERE tablename = 'contact' AND indexname LIKE '%bounce%';

--
-- The application's change is the person's choice, with its evidence
--
UPDATE contact SET news_ok = true WHERE id = 1;
UPDATE contact SET offers_ok = false WHERE id = 1;
SELECT * FROM log WHERE address = 'ann@track.example' AND number > 2;
SELECT * FROM pref WHERE address = 'ann@track.example';
SELECT bounce.is_suppressed('ann@track.example', 'track news') AS news, bounce.is_suppressed('ann@track.example', 'track offers') AS offers;
-- A value that stays, another column, a NULL and a removal say nothing.
UPDATE contact SET news_ok = true, name = 'A.' WHERE id = 1;
UPDATE contact SET offers_ok = NULL WHERE id = 1;
SELECT * FROM seen WHERE id = 1;
INSERT INTO contact (email, news_ok) VALUES ('dora@track.example', true);
DELETE FROM contact WHERE email = 'dora@track.example';
SELECT * FROM log WHERE number > 4 OR address = 'dora@track.example';
-- A statement that is undone has said nothing.
BEGIN;
UPDATE contact SET news_ok = false;
SELECT news_ok, count(*) FROM contact GROUP BY 1;
ROLLBACK;
SELECT * FROM pref WHERE topic = 'track news';
-- A time says since when: an opt-out from then on, but not from a time to come; taken away it is an opt-in.
UPDATE contact SET left_at = '2026-03-01 09:00+00' WHERE id = 1;
SELECT topic, state, since FROM bounce.preference WHERE address = 'ann@track.example' AND topic = '';
SELECT * FROM seen WHERE id = 1;
UPDATE contact SET left_at = NULL WHERE id = 1;
SELECT * FROM seen WHERE id = 1;
UPDATE contact SET left_at = 'infinity' WHERE id = 1;
SELECT * FROM seen WHERE id = 1;
UPDATE contact SET left_at = NULL WHERE id = 1;

--
-- Every change of a preference sets the columns, in every attached table
--
CREATE TABLE member (mail varchar(200), news boolean NOT NULL DEFAULT true);
INSERT INTO member VALUES ('bob@track.example', false), ('eve@track.example', true);
SELECT bounce.track_preferences('member', 'mail', '{"news": "track news"}', source => 'operator');
SELECT bounce.subscribe('bob@track.example', 'track news');
SELECT * FROM seen WHERE email LIKE 'bob@%';
SELECT * FROM member ORDER BY 1;
-- from one table to the other
UPDATE contact SET news_ok = false WHERE email = 'bob@track.example';
SELECT * FROM member ORDER BY 1;
-- an operator does not overrule a person
UPDATE member SET news = true WHERE mail = 'bob@track.example';
SELECT * FROM member ORDER BY 1;
SELECT bounce.subscribe('bob@track.example', 'track news');
-- all marketing topics at once, and back
SELECT bounce.unsubscribe_all('bob@track.example');
SELECT * FROM seen WHERE email LIKE 'bob@%';
SELECT * FROM member ORDER BY 1;
SELECT bounce.subscribe('bob@track.example', '');
SELECT * FROM seen WHERE email LIKE 'bob@%';
-- a pause ends by itself: the columns say what it interrupts
SELECT bounce.snooze('bob@track.example', 'track news', until => now() + interval '1 week');
SELECT * FROM seen WHERE email LIKE 'bob@%';
SELECT bounce.resume('bob@track.example', 'track news');
-- a mail that asks to unsubscribe
SELECT bounce.record_event('eve@track.example', class => 'complaint:unsubscribe_request', topic => 'track news');
SELECT * FROM member ORDER BY 1;
-- a complaint, about no topic in particular; but a person's own yes is above it
INSERT INTO contact (email, news_ok) VALUES ('ines@track.example', true);
INSERT INTO bounce.delivery_event (recipient, class) VALUES ('ines@track.example', 'complaint:complaint_abuse'), ('bob@track.example', 'complaint:complaint_abuse');
SELECT * FROM seen WHERE email ~ '^(ines|bob)';
SELECT bounce.is_suppressed('bob@track.example', 'track news');
-- the application's own trigger, which tells a choice of somebody else while a column follows: what
-- the column follows stays what it was, and nobody has said it but who did
CREATE FUNCTION tell_other() RETURNS trigger LANGUAGE plpgsql AS
	'BEGIN PERFORM bounce.unsubscribe(''other@track.example'', ''track news'', source => ''operator''); RETURN NULL; END';
CREATE TABLE reader (email text, news_ok boolean);
INSERT INTO reader VALUES ('own@track.example', true), ('other@track.example', true);
SELECT bounce.track_preferences('reader', 'email', '{"news_ok": "track news"}');
CREATE TRIGGER tell_other AFTER UPDATE ON reader FOR EACH ROW WHEN (NEW.email = 'own@track.example') EXECUTE FUNCTION tell_other();
SELECT bounce.unsubscribe('own@track.example', 'track news', source => 'complaint');
SELECT * FROM reader ORDER BY 1;
SELECT address, act, source FROM log WHERE address ~ '^(own|other)';
DROP TABLE reader;
DROP FUNCTION tell_other();
SELECT bounce.release('bob@track.example'), bounce.release('ines@track.example');
SELECT * FROM seen WHERE email ~ '^(ines|bob)';
SELECT bounce.is_suppressed('bob@track.example', 'track news') AS bob, bounce.is_suppressed('ines@track.example', 'track news') AS ines;
-- one click
SELECT bounce.unsubscribe_one_click(bounce.make_token('bob@track.example', 'track news'));
SELECT * FROM member ORDER BY 1;
DROP TABLE member;

--
-- Nobody is overruled by an import
--
-- a new contact of somebody who is known
SELECT bounce.unsubscribe('fred@track.example', 'track news');
INSERT INTO contact (email, news_ok) VALUES ('fred@track.example', true) RETURNING news_ok AS written;
SELECT * FROM seen WHERE email LIKE 'fred@%';
-- an address that changes: what the row says is news about the new one, the old one keeps its own
INSERT INTO contact (email, news_ok) VALUES ('gina@track.example', true);
UPDATE contact SET email = 'fred@track.example' WHERE email = 'gina@track.example';
SELECT * FROM seen WHERE email LIKE 'fred@%';
SELECT * FROM pref WHERE address IN ('fred@track.example', 'gina@track.example');
-- another spelling is no other address
UPDATE contact SET email = 'FRED@track.example' WHERE email = 'fred@track.example';
SELECT count(*) FROM log WHERE address = 'fred@track.example';
-- a job that says what it is
SET bounce.preference_source = 'import';
UPDATE contact SET news_ok = true;
SELECT * FROM seen WHERE news IS NOT TRUE;
SET bounce.preference_source = 'person';
INSERT INTO contact (email, news_ok) VALUES ('hans@track.example', true);
SELECT source FROM pref WHERE address = 'hans@track.example';
SET bounce.preference_source = 'everybody';
UPDATE contact SET news_ok = true;
\echo :LAST_ERROR_SQLSTATE
RESET bounce.preference_source;
-- a reload
CREATE TABLE kept AS SELECT email, true AS news_ok FROM contact;
TRUNCATE contact;
INSERT INTO contact (email, news_ok) SELECT * FROM kept;
SELECT email, news_ok FROM contact ORDER BY 1, 2;
DROP TABLE kept;

--
-- However rows come: COPY, ON CONFLICT (what is not stored is not said), MERGE
--
TRUNCATE contact RESTART IDENTITY;
COPY contact (email, news_ok) FROM stdin;
ida@track.example	t
jane@track.example	f
\.
INSERT INTO contact (id, email, news_ok) OVERRIDING SYSTEM VALUE VALUES (1, 'kurt@track.example', true) ON CONFLICT (id) DO NOTHING;
INSERT INTO contact (id, email, news_ok) OVERRIDING SYSTEM VALUE VALUES (1, 'ida@track.example', true), (2, 'jane@track.example', true)
	ON CONFLICT (id) DO UPDATE SET news_ok = NOT contact.news_ok;
MERGE INTO contact AS c USING (VALUES (2, 'jane@track.example'), (9, 'lena@track.example')) AS n(id, email) ON c.id = n.id
	WHEN MATCHED THEN UPDATE SET offers_ok = true
	WHEN NOT MATCHED THEN INSERT (id, email, offers_ok) OVERRIDING SYSTEM VALUE VALUES (n.id, n.email, true);
SELECT * FROM seen;
SELECT * FROM pref WHERE address ~ '^(ida|jane|kurt|lena)';
-- Of two rows of one address in one statement a no wins.
INSERT INTO contact (email, news_ok) VALUES ('mona@track.example', false), ('mona@track.example', true);
SELECT * FROM seen WHERE email LIKE 'mona@%';
UPDATE contact SET news_ok = NOT coalesce(news_ok, false) WHERE email LIKE 'mona@%';
SELECT * FROM seen WHERE email LIKE 'mona@%';
-- A word taken back in the same transaction
BEGIN;
UPDATE contact SET news_ok = false WHERE id = 1;
UPDATE contact SET news_ok = true WHERE id = 1;
UPDATE contact SET news_ok = false WHERE id = 1;
COMMIT;
SELECT act, source FROM log WHERE address = 'ida@track.example';
-- The log is whole.
SELECT bool_and(numbers = ARRAY(SELECT generate_series(1, cardinality(numbers)))) AS no_gaps
FROM (SELECT array_agg(number ORDER BY number) AS numbers FROM log GROUP BY address) AS n;

--
-- A topic that needs to be confirmed; a transactional one; one that is given up
--
CREATE TABLE club (email text, club_ok boolean, bills_ok boolean);
SELECT bounce.track_preferences('club', 'email', '{"club_ok": "track club", "bills_ok": "track bills"}', create_index => false, existing => false);
INSERT INTO club VALUES ('nora@track.example', true, true);
SELECT * FROM club;
SELECT state FROM pref WHERE address = 'nora@track.example' AND topic = 'track club';
SELECT bounce.confirm('nora@track.example', 'track club');
SELECT bounce.unsubscribe_all('nora@track.example');
SELECT * FROM club;
SELECT bounce.subscribe('nora@track.example', '');
UPDATE bounce.topic SET retired_at = now() WHERE topic = 'track bills';
UPDATE club SET bills_ok = false;
UPDATE club SET bills_ok = true;
SELECT * FROM club;
ALTER TABLE bounce.topic DISABLE TRIGGER keep_name;
DELETE FROM bounce.topic WHERE topic = 'track club';
ALTER TABLE bounce.topic ENABLE TRIGGER keep_name;
INSERT INTO club VALUES ('otto@track.example', true, NULL);
SELECT * FROM club ORDER BY 1;
DROP TABLE club;

--
-- The application's own triggers fire, and may write other contacts
--
CREATE TABLE audit (email text, news_ok boolean);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO audit VALUES (NEW.email, NEW.news_ok);
	IF NEW.email LIKE 'ida@%' THEN
		UPDATE contact SET news_ok = NEW.news_ok WHERE email LIKE 'jane@%';
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER note AFTER UPDATE OF news_ok ON contact FOR EACH ROW EXECUTE FUNCTION note();
SELECT bounce.subscribe('ida@track.example', 'track news');
SELECT bounce.unsubscribe('ida@track.example', 'track news');
SELECT * FROM audit;
SELECT * FROM pref WHERE topic = 'track news' AND address ~ '^(ida|jane)';
DROP TRIGGER note ON contact;
-- Not even a trigger that will not have it makes a loop.
CREATE FUNCTION contradict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.news_ok := NOT NEW.news_ok; RETURN NEW; END $$;
CREATE TRIGGER contradict BEFORE UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION contradict();
SELECT bounce.subscribe('ida@track.example', 'track news');
SELECT * FROM pref WHERE address = 'ida@track.example';
DROP TRIGGER contradict ON contact;
DROP FUNCTION note(), contradict();
DROP TABLE audit;

--
-- Who may: the owner attaches, who may write the table needs nothing else
--
CREATE ROLE regress_bounce_app;
CREATE ROLE regress_bounce_shop;
GRANT USAGE, CREATE ON SCHEMA public TO regress_bounce_app, regress_bounce_shop;
GRANT SELECT, INSERT, UPDATE ON contact TO regress_bounce_app;
SET ROLE regress_bounce_app;
INSERT INTO contact (email, news_ok) VALUES ('paul@track.example', true);
UPDATE contact SET news_ok = false WHERE email = 'paul@track.example';
RESET ROLE;
SELECT act, source, evidence ->> 'by' AS by, actor = session_user AS by_me FROM bounce.consent_log WHERE address = 'paul@track.example' ORDER BY number;
SET ROLE regress_bounce_app;
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": "track news"}');
RESET ROLE;
SELECT bounce.grant_access('regress_bounce_shop', 'operator');
SET ROLE regress_bounce_shop;
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": "track news"}');
\echo :LAST_ERROR_SQLSTATE
-- A table of somebody who is no operator follows; its triggers run with its owner's rights.
CREATE TABLE theirs (email text, news_ok boolean, who name);
SELECT bounce.track_preferences('theirs', 'email', '{"news_ok": "track news"}');
CREATE FUNCTION whose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.who := current_user; RETURN NEW; END $$;
CREATE TRIGGER whose BEFORE UPDATE ON theirs FOR EACH ROW EXECUTE FUNCTION whose();
RESET ROLE;
SELECT bounce.revoke_access('regress_bounce_shop', 'operator');
INSERT INTO theirs VALUES ('paul@track.example', NULL);
SELECT bounce.unsubscribe('paul@track.example', 'track news');
SELECT * FROM theirs;
DROP TABLE theirs;
DROP FUNCTION whose();
DROP OWNED BY regress_bounce_app, regress_bounce_shop;
DROP ROLE regress_bounce_app, regress_bounce_shop;

--
-- Renamed columns are followed; one that is dropped ends it
--
ALTER TABLE contact RENAME COLUMN news_ok TO "News, ok?";
ALTER TABLE contact RENAME COLUMN email TO "E-Mail";
ALTER TABLE contact DROP COLUMN name;
ALTER TABLE contact RENAME TO "Contacts";
SELECT bounce.subscribe('ida@track.example', 'track news');
SELECT "E-Mail", "News, ok?" FROM "Contacts" WHERE id = 1;
UPDATE "Contacts" SET "News, ok?" = false WHERE id = 1;
SELECT evidence FROM log WHERE address = 'ida@track.example' ORDER BY number DESC LIMIT 1;
SELECT options -> 'topics' AS topics FROM bounce.watched_table WHERE watched = '"Contacts"'::regclass;
ALTER TABLE "Contacts" DROP COLUMN offers_ok;
ALTER TABLE "Contacts" DROP COLUMN offers_ok CASCADE;
UPDATE "Contacts" SET "News, ok?" = true WHERE id = 1;
SELECT state FROM pref WHERE address = 'ida@track.example' AND topic = 'track news';
SELECT count(*) FROM bounce.watched_table WHERE watched = '"Contacts"'::regclass;
SELECT bounce.track_preferences('"Contacts"', 'E-Mail', '{"News, ok?": "track news"}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.detach('"Contacts"', 'track_preferences');
SELECT count(*) FROM pg_trigger WHERE tgrelid = '"Contacts"'::regclass;
-- The index stays as long as something attached needs it.
ALTER TABLE "Contacts" ADD COLUMN until timestamptz;
DROP INDEX contact_bounce_address_idx;
SELECT bounce.track_preferences('"Contacts"', 'E-Mail', '{"News, ok?": "track news"}');
SELECT bounce.quarantine_contacts('"Contacts"', 'E-Mail', 'until');
SELECT bounce.detach('"Contacts"', 'track_preferences');
SELECT count(*) FROM pg_indexes WHERE tablename = 'Contacts' AND indexname LIKE '%bounce%';
SELECT bounce.detach('"Contacts"');
DROP TABLE "Contacts";

--
-- Partitions, with columns in another order, and rows that move
--
CREATE TABLE contact (region text, email text, news_ok boolean) PARTITION BY LIST (region);
CREATE TABLE contact_west (news_ok boolean, gone integer, email text, region text);
ALTER TABLE contact_west DROP COLUMN gone;
ALTER TABLE contact ATTACH PARTITION contact_west FOR VALUES IN ('west');
CREATE TABLE contact_rest PARTITION OF contact DEFAULT;
INSERT INTO contact VALUES ('west', 'quin@track.example', true), ('east', 'rosa@track.example', true);
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": "track news"}');
SELECT bounce.unsubscribe('quin@track.example', 'track news'), bounce.unsubscribe('rosa@track.example', 'track news');
SELECT tableoid::regclass, * FROM contact ORDER BY email;
UPDATE contact SET news_ok = true, region = 'east' WHERE email LIKE 'quin@%';
UPDATE contact SET region = CASE region WHEN 'east' THEN 'west' ELSE 'east' END, news_ok = NOT news_ok;
SELECT tableoid::regclass, * FROM contact ORDER BY email;
SELECT * FROM pref WHERE address ~ '^(quin|rosa)';
DROP TABLE contact;

--
-- A table that refuses does not undo a no: it is stored, in force and on record, and the other tables follow. The row is
-- reported, by a warning, in bounce.rejected_input, and as an open request.
--
CREATE TABLE contact (email text, news_ok boolean, offers_ok boolean, vip boolean, CHECK (news_ok OR NOT vip));
CREATE TABLE member (email text, ok boolean);
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": "track news", "offers_ok": "track offers"}'), bounce.track_preferences('member', 'email', '{"ok": "track news"}');
INSERT INTO contact VALUES ('sam@track.example', true, true, true), ('tea@track.example', true, true, false), ('uma@track.example', true, true, true);
INSERT INTO member VALUES ('sam@track.example', true), ('tea@track.example', true);
CREATE ROLE regress_bounce_track;
SELECT bounce.grant_access('regress_bounce_track', 'sender');
SET ROLE regress_bounce_track;
SELECT bounce.unsubscribe('sam@track.example', 'track news');
SELECT bounce.is_suppressed('sam@track.example', 'track news');
SELECT bounce.unsubscribe_one_click(bounce.make_token('uma@track.example', 'track news', 'unsubscribe'));
RESET ROLE;
DROP OWNED BY regress_bounce_track;
DROP ROLE regress_bounce_track;
SELECT email, news_ok, offers_ok FROM contact ORDER BY email;
SELECT * FROM member ORDER BY email;
SELECT address, topic, act, source FROM log WHERE address ~ '^(sam|uma)' AND act = 'unsubscribe';
SELECT door, reason, input FROM bounce.rejected_input WHERE input ->> 'address' LIKE '%@track.example' ORDER BY input ->> 'address';
SELECT kind, requests FROM bounce.open_requests WHERE kind = 'refused';
-- Events: the batch goes through, a no and a complaint are in force, and the rows that can follow do.
INSERT INTO bounce.delivery_event (recipient, class, topic) VALUES ('sam@track.example', 'complaint:complaint_abuse', 'track offers'), ('tea@track.example', 'complaint:unsubscribe_request', 'track news'), ('uma@track.example', 'complaint:unsubscribe_request', NULL);
SELECT email, news_ok, offers_ok FROM contact ORDER BY email;
SELECT * FROM pref WHERE address ~ '^(sam|tea|uma)';
-- What the application writes to one table is a choice, though another refuses to follow.
UPDATE member SET ok = false WHERE email = 'sam@track.example';
UPDATE member SET ok = true;
UPDATE member SET ok = NOT ok;
SELECT * FROM member ORDER BY email;
SELECT email, news_ok FROM contact ORDER BY email;
-- When it can, it is brought in line; what it refused before is cleared away, and what it still does is there.
SELECT bounce.refresh_preferences('contact');
SELECT input ->> 'address' AS address FROM bounce.rejected_input WHERE door = 'track_preferences' ORDER BY 1;
ALTER TABLE contact DROP CONSTRAINT contact_check;
ALTER TABLE contact DISABLE TRIGGER USER;
INSERT INTO contact VALUES ('UMA@track.example', true, true), ('nobody@track.example', true, true), ('no address', true, true);
ALTER TABLE contact ENABLE TRIGGER USER;
SELECT bounce.refresh_preferences();
SELECT bounce.refresh_preferences('contact');
SELECT bounce.refresh_preferences('bounce.topic');
\echo :LAST_ERROR_SQLSTATE
SELECT email, news_ok, offers_ok FROM contact ORDER BY email;
SELECT count(*) FROM bounce.rejected_input WHERE door = 'track_preferences';
-- A trigger for the whole statement, an error that SQL has no words for, a missing function.
CREATE FUNCTION refuse_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 / 0; RETURN NULL; END $$;
CREATE TRIGGER refuse AFTER UPDATE ON contact FOR EACH STATEMENT EXECUTE FUNCTION refuse_all();
SELECT bounce.unsubscribe('tea@track.example', 'track offers');
CREATE OR REPLACE FUNCTION refuse_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nowhere(); RETURN NULL; END $$;
SELECT bounce.unsubscribe_all('tea@track.example');
SELECT input - 'table' AS input FROM bounce.rejected_input WHERE door = 'track_preferences';
SELECT email, news_ok, offers_ok FROM contact WHERE email LIKE 'tea%';
-- One that skips the row says nothing, and refuses all the same.
CREATE FUNCTION skip_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN NEW.email LIKE 'sam@%' THEN NULL ELSE NEW END; END $$;
DROP TRIGGER refuse ON contact;
SELECT bounce.subscribe('sam@track.example', 'track news'), bounce.subscribe('tea@track.example', 'track news');
CREATE TRIGGER skip BEFORE UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION skip_row();
INSERT INTO bounce.delivery_event (recipient, class, topic) VALUES ('sam@track.example', 'auto:unsubscribe_request', 'track news'), ('tea@track.example', 'auto:unsubscribe_request', 'track news');
SELECT email, news_ok, bounce.is_suppressed(email, 'track news') FROM contact WHERE email ~ '^(sam|tea)' ORDER BY 1;
DROP TRIGGER skip ON contact;
CREATE TRIGGER refuse AFTER UPDATE ON contact FOR EACH STATEMENT EXECUTE FUNCTION refuse_all();
-- The savepoint is not the person's: what the transaction does afterwards, and whether it commits, is its own affair.
BEGIN;
SELECT bounce.subscribe('tea@track.example', 'track news', evidence => '{"n": 1}');
ROLLBACK;
SELECT topic, state FROM pref WHERE address LIKE 'tea%';
DROP TABLE contact, member;
DROP FUNCTION refuse_all, skip_row;
DELETE FROM bounce.rejected_input WHERE door = 'track_preferences';

--
-- What is refused, with the column named
--
CREATE TABLE contact (email text, news_ok boolean, left_at timestamptz NOT NULL DEFAULT now(), age integer, calm boolean GENERATED ALWAYS AS (age > 40) STORED);
\set VERBOSITY default
SELECT bounce.track_preferences('contact', 'email', '{"news": "track news"}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.track_preferences('contact', 'mail', '{"news_ok": "track news"}');
SELECT bounce.track_preferences('contact', 'email', '{"age": "track news"}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.track_preferences('contact', 'email', '{"calm": "track news"}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.track_preferences('contact', 'email', '{"left_at": "track news"}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": "track nothing"}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": 1}');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": ["track news"]}');
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": null}');
SELECT bounce.track_preferences('contact', 'email', '{}');
SELECT bounce.track_preferences('contact', 'email', '["news_ok"]');
SELECT bounce.track_preferences('contact', 'email', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.track_preferences('contact', NULL, '{"news_ok": "track news"}');
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": "track news"}', source => 'bounce');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": "track news"}', insert_source => 'nobody');
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": "track news"}');
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": "track news"}');
\echo :LAST_ERROR_SQLSTATE
DROP TABLE contact;
CREATE TABLE contact (email text, news_ok boolean) PARTITION BY LIST (news_ok);
SELECT bounce.track_preferences('contact', 'email', '{"news_ok": "track news"}');
\echo :LAST_ERROR_SQLSTATE
DROP TABLE contact;
SELECT bounce.track_preferences_rows();
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.preference_follow();
\echo :LAST_ERROR_SQLSTATE

DELETE FROM bounce.preference WHERE address LIKE '%@track.example';
ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
DELETE FROM bounce.consent_log WHERE address LIKE '%@track.example';
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only_row;
DELETE FROM bounce.topic WHERE topic LIKE 'track %';
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@track.example';
