-- Who may do what: three bundles, for roles that own nothing here.
SET timezone = 'UTC';
\set SHOW_CONTEXT never

-- What the bundles hold.
SELECT bundle, privilege, string_agg(object, ' ' ORDER BY object COLLATE "C") AS objects
FROM bounce.access_bundles() GROUP BY bundle, privilege ORDER BY bundle, privilege;
-- Every name in them is there.
SELECT DISTINCT bundle, object FROM bounce.access_bundles()
WHERE NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'bounce'::regnamespace AND proname = object AND privilege = 'EXECUTE')
	AND NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'bounce'::regnamespace AND relname = object AND privilege <> 'EXECUTE')
ORDER BY bundle, object;

-- By default a role may use what is pure ...
CREATE ROLE regress_bounce_mailer;
CREATE ROLE regress_bounce_analyst;
CREATE ROLE "Regress ""Bounce"" Operator";
SET ROLE regress_bounce_mailer;
SELECT bounce.normalize_address('Ann@Access.Example');
-- ... but not ask, tell or see.
SELECT bounce.is_suppressed('ann@access.example');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.record_event('ann@access.example', '550 5.1.1 User unknown');
SELECT count(*) FROM bounce.suppression;
SELECT count(*) FROM bounce.topic;
INSERT INTO bounce.delivery_event (recipient, response) VALUES ('ann@access.example', '550 5.1.1 User unknown');
RESET ROLE;

-- sender: ask and report.
INSERT INTO bounce.topic (topic, opt_in) VALUES ('access_club', 'double');
SELECT bounce.grant_access('regress_bounce_mailer', 'sender');
SET ROLE regress_bounce_mailer;
SELECT bounce.is_suppressed('ann@access.example');
SELECT bounce.record_event('ann@access.example', class => 'hard:user_unknown', occurred_at => '2024-01-01');
INSERT INTO bounce.delivery_event (recipient, class, occurred_at) VALUES ('bob@access.example', 'hard:user_unknown', '2024-01-01');
SELECT bounce.record_attempt('bob@access.example', at => '2024-01-01 06:00');
SELECT bounce.unsubscribe('ann@access.example', 'news', at => '2024-01-01');
SELECT bounce.unsubscribe_all('ann@access.example', at => '2024-01-01');
SELECT bounce.subscribe('bob@access.example', 'access_club', at => '2024-01-01');
SELECT bounce.confirm('bob@access.example', 'access_club', at => '2024-01-01');
SELECT bounce.snooze('bob@access.example', 'access_club', until => '2024-02-01', at => '2024-01-01');
SELECT bounce.resume('bob@access.example', 'access_club', at => '2024-01-02');
SELECT bounce.is_suppressed('ann@access.example'), bounce.is_suppressed('carl@access.example');
-- No address can be listed, and what was told cannot be read back,
SELECT recipient FROM bounce.delivery_event;
SELECT address FROM bounce.suppression;
SELECT address FROM bounce.suppressed;
SELECT address FROM bounce.preference;
SELECT address FROM bounce.consent_log;
SELECT input FROM bounce.rejected_input;
INSERT INTO bounce.delivery_event (recipient, class, occurred_at) VALUES ('bob@access.example', 'hard:user_unknown', '2024-01-01')
	RETURNING response;
\copy bounce.delivery_event TO stdout
-- nor asked why,
SELECT cause FROM bounce.why_suppressed('ann@access.example');
-- nor changed otherwise.
UPDATE bounce.delivery_event SET response = NULL;
DELETE FROM bounce.suppression;
SELECT bounce.suppress('ann@access.example');
SELECT bounce.release('ann@access.example');
SELECT bounce.use_profile('acs');
INSERT INTO bounce.setting VALUES ('profile', 'acs');
RESET ROLE;

-- analyst: what holds no address.
SELECT bounce.grant_access('regress_bounce_analyst', 'analyst');
SET ROLE regress_bounce_analyst;
SELECT count(*) > 0 AS some FROM bounce.policy;
SELECT count(*) >= 0 AS some FROM bounce.topic;
SELECT bounce.is_suppressed('ann@access.example');
SELECT address FROM bounce.suppression;
RESET ROLE;
-- What the analyst may read has no column for one.
SELECT attrelid::regclass, attname
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'bounce'::regnamespace AND attnum > 0 AND attname IN ('address', 'recipient', 'response', 'input', 'evidence')
	AND has_column_privilege('regress_bounce_analyst', attrelid, attnum, 'SELECT');

-- operator: all functions and, to read, all tables. A role of any name.
SELECT bounce.grant_access('"Regress ""Bounce"" Operator"', 'operator');
SET ROLE "Regress ""Bounce"" Operator";
SELECT cause, class FROM bounce.why_suppressed('ann@access.example', at => '2024-01-01 06:00') WHERE cause = 'lease';
SELECT bounce.suppress('dora@access.example', at => '2024-01-01');
SELECT address, cause, made_by = session_user AS made_by_who_logged_in FROM bounce.suppression WHERE address = 'dora@access.example';
SELECT bounce.release('dora@access.example');
SELECT bounce.subscribe('ann@access.example', '', at => '2024-01-02');
SELECT topic, state FROM bounce.preference WHERE address = 'ann@access.example' ORDER BY topic;
SELECT number, new_state FROM bounce.consent_log WHERE address = 'ann@access.example' ORDER BY number;
INSERT INTO bounce.topic (topic, title) VALUES ('access', 'Access');
UPDATE bounce.topic SET title = 'Access for all' WHERE topic = 'access';
-- State is written through functions only, and evidence not at all.
DELETE FROM bounce.suppression;
DELETE FROM bounce.suppression_history;
UPDATE bounce.consent_log SET evidence = NULL;
RESET ROLE;
-- What an operator may not call: triggers, and giving out privileges.
SELECT p.oid::regprocedure AS function
FROM pg_proc AS p JOIN pg_depend ON classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e'
WHERE pronamespace = 'bounce'::regnamespace AND prorettype <> 'trigger'::regtype
	AND NOT has_function_privilege('"Regress ""Bounce"" Operator"'::regrole, p.oid, 'EXECUTE')
ORDER BY p.oid::regprocedure::text COLLATE "C";
-- What an operator may not read: the keys.
SELECT c.oid::regclass AS relation
FROM pg_class AS c JOIN pg_depend ON classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e'
WHERE relnamespace = 'bounce'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
	AND NOT has_table_privilege('"Regress ""Bounce"" Operator"'::regrole, c.oid, 'SELECT')
ORDER BY c.oid::regclass::text COLLATE "C";

-- Granting twice is granting once; revoking takes it all back.
SELECT bounce.grant_access('regress_bounce_mailer', 'sender');
SELECT bounce.revoke_access('regress_bounce_mailer', 'sender');
SELECT bounce.revoke_access('"Regress ""Bounce"" Operator"', 'operator');
SELECT bounce.revoke_access('regress_bounce_analyst', 'analyst');
SELECT 'function' AS kind, oid::regprocedure::text AS object FROM pg_proc, aclexplode(proacl) AS acl
WHERE pronamespace = 'bounce'::regnamespace AND grantee IN (SELECT oid FROM pg_roles WHERE rolname ~* '^regress.bounce')
UNION ALL
SELECT 'table', oid::regclass::text FROM pg_class, aclexplode(relacl) AS acl
WHERE relnamespace = 'bounce'::regnamespace AND grantee IN (SELECT oid FROM pg_roles WHERE rolname ~* '^regress.bounce');
-- What two bundles share goes with either of them: grant the other again.
SELECT bounce.grant_access('regress_bounce_mailer', bundle) FROM (VALUES ('sender'), ('operator')) AS v(bundle);
SELECT bounce.revoke_access('regress_bounce_mailer', 'operator');
SELECT has_function_privilege('regress_bounce_mailer', 'bounce.is_suppressed(text, text, timestamptz)', 'EXECUTE');
SELECT bounce.grant_access('regress_bounce_mailer', 'sender');
SELECT has_function_privilege('regress_bounce_mailer', 'bounce.is_suppressed(text, text, timestamptz)', 'EXECUTE');

-- Wrong inputs.
SELECT bounce.grant_access('regress_bounce_mailer', 'admin');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.revoke_access('regress_bounce_mailer', 'Sender');
SELECT bounce.grant_access('regress_bounce_no_such_role', 'sender');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.grant_access('public', 'sender');
SELECT bounce.grant_access('-', 'sender');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.grant_access(1, 'sender');
SELECT bounce.grant_access(NULL, 'sender');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.grant_access('regress_bounce_mailer', NULL);
BEGIN READ ONLY;
SELECT bounce.grant_access('regress_bounce_mailer', 'sender');
ROLLBACK;

-- Bundles are given by the owner of the extension: a role that holds one cannot pass it on,
SET ROLE regress_bounce_mailer;
SELECT bounce.grant_access('regress_bounce_analyst', 'sender');
\echo :LAST_ERROR_SQLSTATE
GRANT EXECUTE ON FUNCTION bounce.is_suppressed TO regress_bounce_analyst;
SELECT bounce.revoke_access('regress_bounce_analyst', 'analyst');
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;

DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@access.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%@access.example';
DELETE FROM bounce.preference WHERE address LIKE '%@access.example';
ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
DELETE FROM bounce.consent_log WHERE address LIKE '%@access.example';
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only_row;
DELETE FROM bounce.topic WHERE topic LIKE 'access%';
DROP OWNED BY regress_bounce_mailer, regress_bounce_analyst;

-- The owner of a database installs the extension without being superuser. The tables
-- belong to the superuser that the server installs it as; who gives bundles is the owner.
SELECT current_database() AS home \gset
CREATE ROLE regress_bounce_dba;
CREATE DATABASE regress_bounce_own OWNER regress_bounce_dba;
\c regress_bounce_own
\set SHOW_CONTEXT never
-- What is given of all new tables and functions of a database is not given of these.
CREATE ROLE regress_bounce_reader;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO regress_bounce_reader, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO regress_bounce_reader;
SET ROLE regress_bounce_dba;
CREATE EXTENSION bounce_ext;
SELECT count(*) > 2 AS partitions FROM bounce.maintain();
RESET ROLE;
CREATE TABLE shop ();
SELECT c.oid::regclass AS readable FROM pg_class AS c
WHERE relkind IN ('r', 'p', 'v') AND relnamespace IN ('bounce'::regnamespace, 'public'::regnamespace)
	AND has_table_privilege('regress_bounce_reader', c.oid, 'SELECT');
SELECT has_function_privilege('regress_bounce_reader', 'bounce.is_suppressed(text, text, timestamptz)', 'EXECUTE') AS asks,
	has_function_privilege('regress_bounce_reader', 'bounce.classify(text)', 'EXECUTE') AS classifies;
ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM regress_bounce_reader, PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM regress_bounce_reader;
DROP OWNED BY regress_bounce_reader;
DROP ROLE regress_bounce_reader;
SET ROLE regress_bounce_dba;
-- The owner is an operator from the start.
SELECT count(*) FROM bounce.suppression;
SELECT bounce.is_suppressed('ann@access.example');
SELECT bounce.suppress('ann@access.example');
SELECT bounce.is_suppressed('ann@access.example');
SELECT bounce.grant_access('regress_bounce_mailer', 'sender');
-- Owning the extension is not owning its tables: state is written through the functions.
DELETE FROM bounce.suppression;
CREATE TRIGGER mine BEFORE INSERT ON bounce.suppression EXECUTE FUNCTION suppress_redundant_updates_trigger();
RESET ROLE;
SET ROLE regress_bounce_mailer;
SELECT bounce.is_suppressed('ann@access.example');
SELECT bounce.grant_access('regress_bounce_mailer', 'operator');
RESET ROLE;
-- Its members act for it.
GRANT regress_bounce_dba TO regress_bounce_analyst;
SET ROLE regress_bounce_analyst;
SELECT bounce.revoke_access('regress_bounce_mailer', 'sender');
RESET ROLE;
SELECT has_function_privilege('regress_bounce_mailer', 'bounce.is_suppressed(text, text, timestamptz)', 'EXECUTE');
-- Another owner of the extension gives bundles; the old one no longer.
CREATE ROLE regress_bounce_dba_next;
REASSIGN OWNED BY regress_bounce_dba TO regress_bounce_dba_next;
SET ROLE regress_bounce_dba;
SELECT bounce.grant_access('regress_bounce_mailer', 'sender');
SET ROLE regress_bounce_dba_next;
SELECT bounce.grant_access('regress_bounce_mailer', 'sender'), bounce.grant_access('regress_bounce_dba_next', 'operator');
RESET ROLE;
SELECT has_function_privilege('regress_bounce_mailer', 'bounce.is_suppressed(text, text, timestamptz)', 'EXECUTE');
\c :home
DROP DATABASE regress_bounce_own;
DROP ROLE regress_bounce_dba, regress_bounce_dba_next, regress_bounce_mailer, regress_bounce_analyst, "Regress ""Bounce"" Operator";
