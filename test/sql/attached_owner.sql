-- The owner of an attached table is not trusted: what he put on it never runs with our owner's rights,
-- nor later with those of whoever told an event.
SET timezone = 'UTC';
\set SHOW_CONTEXT never
CREATE ROLE regress_bounce_rogue;
CREATE ROLE regress_bounce_attacher;
CREATE ROLE regress_bounce_teller;
GRANT regress_bounce_rogue TO regress_bounce_attacher;
SELECT bounce.grant_access('regress_bounce_attacher', 'operator'), bounce.grant_access('regress_bounce_teller', 'sender');
INSERT INTO bounce.topic (topic) VALUES ('rogue news');
CREATE SCHEMA regress_bounce_rogue AUTHORIZATION regress_bounce_rogue;

-- Everything on his tables says as whom it runs, when that is somebody else.
SET ROLE regress_bounce_rogue;
SET search_path = regress_bounce_rogue;
CREATE FUNCTION trap(what text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	IF current_user <> 'regress_bounce_rogue' THEN
		RAISE EXCEPTION '% runs as %', what, regexp_replace(current_user, '^(?!regress_).*', 'the owner of the extension');
	END IF;
	RETURN true;
END $$;
CREATE FUNCTION number(given integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM regress_bounce_rogue.trap('a constant'); RETURN given; END $$;
CREATE FUNCTION word(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM regress_bounce_rogue.trap('an index or generated column'); RETURN given; END $$;
CREATE FUNCTION fired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM regress_bounce_rogue.trap('trigger ' || TG_NAME); RETURN NEW; END $$;
CREATE DOMAIN address AS text CHECK (regress_bounce_rogue.trap('a domain'));
CREATE TYPE topic AS ENUM ('rogue news');
CREATE FUNCTION topic_text(topic) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM regress_bounce_rogue.trap('a cast'); RETURN 'rogue news'; END $$;
CREATE CAST (topic AS text) WITH FUNCTION topic_text(topic) AS IMPLICIT;
CREATE TABLE answer (recipient address, response text, topic topic, stored boolean DEFAULT regress_bounce_rogue.trap('a default'),
	said text GENERATED ALWAYS AS (regress_bounce_rogue.word(response)) STORED, CHECK (regress_bounce_rogue.trap('a check')));
CREATE TABLE contact (email address, until timestamptz, news boolean,
	mail text GENERATED ALWAYS AS (regress_bounce_rogue.word(email)) STORED, CHECK (regress_bounce_rogue.trap('a check')));
CREATE INDEX ON contact (regress_bounce_rogue.word(email));
CREATE INDEX ON contact (email) WHERE news = (regress_bounce_rogue.number(1) = 1);
CREATE INDEX ON contact ((length(email) + regress_bounce_rogue.number(1)));
CREATE TRIGGER before BEFORE UPDATE ON contact FOR EACH ROW WHEN (regress_bounce_rogue.trap('a condition')) EXECUTE FUNCTION fired();
CREATE TRIGGER after AFTER UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION fired();
CREATE FUNCTION policy() RETURNS boolean LANGUAGE sql AS $$ SELECT regress_bounce_rogue.trap('a policy') $$;
CREATE POLICY row ON contact USING (regress_bounce_rogue.policy());
ALTER TABLE contact ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
RESET ROLE;
-- They do snap: a superuser who only looks at the table runs these.
SET search_path = public;
EXPLAIN (COSTS off) SELECT FROM regress_bounce_rogue.contact WHERE news;

-- A member of his attaches them, in a session that knows nothing of them yet.
\c
\set SHOW_CONTEXT never
SET ROLE regress_bounce_attacher;
SELECT bounce.watch_deliveries('regress_bounce_rogue.answer', 'recipient', 'response', topic => 'topic');
SELECT bounce.quarantine_contacts('regress_bounce_rogue.contact', 'email', 'until');
SELECT bounce.track_preferences('regress_bounce_rogue.contact', 'email', '{"news": "rogue news"}');
SET ROLE regress_bounce_rogue;
INSERT INTO regress_bounce_rogue.contact (email) VALUES ('ann@rogue.example'), ('bob@rogue.example'), ('carl@rogue.example');
INSERT INTO regress_bounce_rogue.answer (recipient, response, topic) VALUES ('ann@rogue.example', '550 5.1.1 User unknown', 'rogue news');
RESET ROLE;
SELECT recipient, class, topic FROM bounce.delivery_event WHERE recipient LIKE '%@rogue.example';

-- Others tell: his rows follow, with his rights.
\c
\set SHOW_CONTEXT never
SET ROLE regress_bounce_teller;
SELECT bounce.record_event('bob@rogue.example', '550 5.1.1 User unknown');
SELECT bounce.unsubscribe('bob@rogue.example', 'rogue news');
RESET ROLE;
SELECT email, until > now() AS quarantined, news FROM regress_bounce_rogue.contact ORDER BY email;

-- He cannot become somebody else by it,
SET ROLE regress_bounce_rogue;
CREATE OR REPLACE FUNCTION regress_bounce_rogue.fired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RESET ROLE; RETURN NEW; END $$;
RESET ROLE;
SELECT bounce.suppress('carl@rogue.example');
SET ROLE regress_bounce_rogue;
CREATE OR REPLACE FUNCTION regress_bounce_rogue.fired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN SET SESSION AUTHORIZATION DEFAULT; RETURN NEW; END $$;
RESET ROLE;
SELECT bounce.release('carl@rogue.example'), bounce.suppress('carl@rogue.example');
-- nor leave something that runs later as the caller.
SET ROLE regress_bounce_rogue;
CREATE OR REPLACE FUNCTION regress_bounce_rogue.fired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'DECLARE later CURSOR WITH HOLD FOR SELECT regress_bounce_rogue.trap(''a cursor'')';
	RETURN NEW;
END $$;
RESET ROLE;
SELECT bounce.release('carl@rogue.example'), bounce.suppress('carl@rogue.example');
SET ROLE regress_bounce_rogue;
CREATE OR REPLACE FUNCTION regress_bounce_rogue.fired() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN PERFORM regress_bounce_rogue.trap('trigger ' || TG_NAME); RETURN NEW; END $$;
CREATE CONSTRAINT TRIGGER later AFTER UPDATE ON regress_bounce_rogue.contact DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION regress_bounce_rogue.fired();
RESET ROLE;
SELECT bounce.release('carl@rogue.example'), bounce.suppress('carl@rogue.example');
SELECT bounce.sweep('2999-01-01') > 0 AS swept;
-- It works for a caller who has no right that the owner of the table has not: himself.
SELECT bounce.grant_access('regress_bounce_rogue', 'operator');
SET SESSION AUTHORIZATION regress_bounce_rogue;
SELECT bounce.release('carl@rogue.example'), bounce.suppress('carl@rogue.example');
SELECT email, until FROM regress_bounce_rogue.contact WHERE email LIKE 'carl@%';
RESET SESSION AUTHORIZATION;

-- The key of a partitioned table is computed by whoever opens it, so it must be somebody's who is trusted.
SET ROLE regress_bounce_rogue;
CREATE TABLE regress_bounce_rogue.part (email text, status text, n integer) PARTITION BY RANGE ((n + regress_bounce_rogue.number(1)));
CREATE TABLE regress_bounce_rogue.whole (email text, status text, n integer) PARTITION BY RANGE (n);
ALTER TABLE regress_bounce_rogue.whole ATTACH PARTITION regress_bounce_rogue.part FOR VALUES FROM (0) TO (10);
\c
\set SHOW_CONTEXT never
SET ROLE regress_bounce_attacher;
SELECT bounce.guard_outbox('regress_bounce_rogue.part', 'email');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox('regress_bounce_rogue.whole', 'email');
RESET ROLE;

-- What is attached goes with the rights of its owner, too.
SET ROLE regress_bounce_attacher;
SELECT bounce.detach('regress_bounce_rogue.contact'), bounce.detach('regress_bounce_rogue.answer');
RESET ROLE;
SELECT count(*) AS people FROM unnest('{ann,bob,carl}'::text[]) AS who, LATERAL (SELECT count(*) FROM bounce.forget(who || '@rogue.example')) AS f;
DELETE FROM bounce.digest_suppression;
DELETE FROM bounce.secret_key;
DELETE FROM bounce.rejected_input;
DELETE FROM bounce.topic WHERE topic = 'rogue news';
SET client_min_messages = warning;
DROP SCHEMA regress_bounce_rogue CASCADE;
DROP OWNED BY regress_bounce_rogue, regress_bounce_attacher, regress_bounce_teller;
DROP ROLE regress_bounce_attacher, regress_bounce_rogue, regress_bounce_teller;
