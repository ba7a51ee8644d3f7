-- What stands in the caller's search_path is never run with the owner's rights.
SET timezone = 'UTC';
\set SHOW_CONTEXT never
INSERT INTO bounce.topic (topic, opt_in, max_messages, per) VALUES ('trap news', 'none', 2, '1 day'), ('trap club', 'double', NULL, NULL);

-- A caller with every function, and operators of his own before the server's: those of all pairs of
-- types that the state is made of.  Each says as whom it runs, when that is somebody else.
CREATE ROLE regress_bounce_trapper;
SELECT bounce.grant_access('regress_bounce_trapper', 'operator');
CREATE SCHEMA regress_bounce_trap AUTHORIZATION regress_bounce_trapper;
SET ROLE regress_bounce_trapper;
DO $$
DECLARE
	o record;
BEGIN
	FOR o IN SELECT oid, oprname AS name, oprleft::regtype AS one, oprright::regtype AS other, oprresult::regtype AS result
		FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprkind = 'b' AND oprcode <> 0
			AND oprleft = ANY ('{text,timestamptz,interval,integer,bigint,boolean,jsonb,bytea,name,oid,tid}'::regtype[])
			AND oprright = ANY ('{text,timestamptz,interval,integer,bigint,boolean,jsonb,bytea,name,oid,tid}'::regtype[])
	LOOP
		EXECUTE format($f$CREATE FUNCTION regress_bounce_trap.f%1$s(%2$s, %3$s) RETURNS %4$s LANGUAGE plpgsql SET search_path = pg_catalog AS
			'BEGIN IF current_user <> ''regress_bounce_trapper'' THEN RAISE WARNING USING MESSAGE = ''trapped: %5$s''; END IF;
			RETURN $1 OPERATOR(pg_catalog.%5$s) $2; END'$f$, o.oid, o.one, o.other, o.result, o.name);
		EXECUTE format('CREATE OPERATOR regress_bounce_trap.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = regress_bounce_trap.f%s)',
			o.name, o.one, o.other, o.oid);
	END LOOP;
END $$;
SELECT count(*) > 100 AS traps FROM pg_operator WHERE oprnamespace = 'regress_bounce_trap'::regnamespace;
SET search_path = regress_bounce_trap, pg_catalog;
-- They do snap: this one is the caller's own.
SELECT oprnamespace::regnamespace FROM pg_operator WHERE oid OPERATOR(pg_catalog.=) '=(text,text)'::regoperator;

-- Consent
SELECT bounce.unsubscribe('ann@trap.example', 'trap news'), bounce.unsubscribe_all('bob@trap.example');
SELECT bounce.subscribe('ann@trap.example', 'trap news'), bounce.subscribe('ann@trap.example', 'trap club');
SELECT bounce.confirm('ann@trap.example', 'trap club'), bounce.snooze('ann@trap.example', 'trap news', '2999-01-01');
SELECT topic, state FROM bounce.preferences('ann@trap.example');
SELECT address FROM bounce.audience('trap club');
SELECT agreed FROM bounce.consent_proof('ann@trap.example', 'trap club');
SELECT address, problem FROM bounce.verify_consent_log('ann@trap.example');
-- Tokens, and a person who is forgotten and comes back
SELECT bounce.make_token('ann@trap.example', 'trap news') AS token \gset
SELECT topic FROM bounce.open_token(:'token');
SELECT bounce.unsubscribe_one_click(:'token') AS first, bounce.unsubscribe_one_click(:'token') AS again;
SELECT bounce.person_data('ann@trap.example') IS NOT NULL AS data;
SELECT action, rows FROM bounce.forget('ann@trap.example') WHERE object IN ('bounce.consent_log', 'bounce.digest_suppression');
SELECT bounce.unsubscribe_one_click(:'token') AS forgotten, bounce.subscribe('ann@trap.example', 'trap news') AS back;
-- Events, caps, suppressions
SELECT bounce.record_event('eve@trap.example', '550 5.1.1 user unknown', event_key => 'trap');
SELECT bounce.record_attempt('carl@trap.example', 'trap news'), bounce.capped_until('carl@trap.example', 'trap news');
SELECT bounce.suppress('dora@trap.example'), bounce.release('dora@trap.example');
SELECT cause FROM bounce.why_suppressed('eve@trap.example');
SELECT bounce.was_suppressed('eve@trap.example', pg_catalog.now());
INSERT INTO bounce.delivery_event (recipient, response) VALUES ('eve@trap.example', '550 5.1.1 user unknown'), ('no address', '550');
SELECT bounce.suppress_domain('trap.example'), bounce.release_domain('trap.example');
SELECT domain FROM bounce.domain_findings('2000-01-01', '2000-01-02');
SELECT bounce.suppress_found_domains('2000-01-01', '2000-01-02');
SELECT pg_catalog.count(*) FROM bounce.test_rule('trap', 'block:policy', since => '2000-01-01', until => '2000-01-02');
SELECT mails FROM bounce.simulate('default', '2000-01-01', '2000-01-02');
SELECT bounce.use_profile('default');
SELECT pg_catalog.count(*) FROM bounce.policy_check('default');
INSERT INTO bounce.site_rule (pattern, class) VALUES ('trap [0-9]', 'block:policy');
SELECT bounce.classify_here('550 trap 1');
DELETE FROM bounce.site_rule WHERE pattern OPERATOR(pg_catalog.=) 'trap [0-9]';
CALL bounce.reclassify('2000-01-01', '2000-01-02');
SELECT bounce.rebuild_suppressions();
SELECT bounce.sweep('2000-01-01');
-- The application's tables, and what they follow
CREATE TABLE regress_bounce_trap.contact (email text PRIMARY KEY, until timestamptz, news boolean);
CREATE TABLE regress_bounce_trap.outbox (email text, status text);
CREATE TABLE regress_bounce_trap.answer (email text, response text, status text);
SELECT bounce.quarantine_contacts('regress_bounce_trap.contact', 'email', 'until');
SELECT bounce.track_preferences('regress_bounce_trap.contact', 'email', '{"news": "trap news"}');
SELECT bounce.guard_outbox('regress_bounce_trap.outbox', 'email', topic => 'trap news', status_column => 'status', claim_from => 'queued', on_suppressed => 'mark');
SELECT bounce.watch_deliveries('regress_bounce_trap.answer', 'email', 'response', 'status');
INSERT INTO regress_bounce_trap.contact VALUES ('eve@trap.example', NULL, false);
INSERT INTO regress_bounce_trap.outbox VALUES ('eve@trap.example', 'queued'), ('bob@trap.example', 'queued');
UPDATE regress_bounce_trap.outbox SET status = 'sent';
INSERT INTO regress_bounce_trap.answer VALUES ('eve@trap.example', '550 5.1.1 User unknown', '550');
SELECT bounce.refresh_quarantine('regress_bounce_trap.contact');
SELECT until OPERATOR(pg_catalog.>) pg_catalog.now() AS quarantined, news FROM regress_bounce_trap.contact;
SELECT status FROM regress_bounce_trap.outbox;
SELECT bounce.detach('regress_bounce_trap.contact');
-- Most of it goes on without the caller's path, which is back afterwards, also after an error ...
SHOW search_path;
SELECT bounce.subscribe('eve@trap.example', 'no such topic');
SHOW search_path;
-- ... and what it does in a table of the application: a trigger there is made for the path of its callers.
CREATE FUNCTION regress_bounce_trap.say_path() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN RAISE NOTICE 'search_path is %', pg_catalog.current_setting('search_path'); RETURN NEW; END $$;
CREATE TRIGGER say_path BEFORE UPDATE ON regress_bounce_trap.contact FOR EACH ROW EXECUTE FUNCTION regress_bounce_trap.say_path();
SELECT bounce.quarantine_contacts('regress_bounce_trap.contact', 'email', 'until');
SELECT bounce.suppress('eve@trap.example');
CREATE FUNCTION regress_bounce_trap.suppress_again() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM bounce.release('eve@trap.example');
	PERFORM bounce.subscribe('eve@trap.example', 'no such topic');
EXCEPTION WHEN OTHERS THEN
	RAISE NOTICE 'search_path is %', pg_catalog.current_setting('search_path');
	PERFORM bounce.release('eve@trap.example');
END $$;
SELECT regress_bounce_trap.suppress_again();
SHOW search_path;
RESET search_path;
RESET ROLE;

SELECT count(*) > 5 AS forgotten FROM unnest('{ann,bob,carl,dora,eve}'::text[]) AS who, bounce.forget(who || '@trap.example');
DELETE FROM bounce.digest_suppression;
DELETE FROM bounce.secret_key;
DELETE FROM bounce.topic WHERE topic LIKE 'trap %';
DELETE FROM bounce.setting WHERE name = 'profile';
DELETE FROM bounce.domain_suppression_history WHERE domain = 'trap.example';
DELETE FROM bounce.rejected_input;
SET client_min_messages = warning;
DROP OWNED BY regress_bounce_trapper;
DROP ROLE regress_bounce_trapper;
