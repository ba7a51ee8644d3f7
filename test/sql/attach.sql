-- Attaching to tables of the application: what is asked for, what is refused,
-- what is listed, and what stays right when the table changes.
SET timezone = 'UTC';
\set SHOW_CONTEXT never
SET client_min_messages = notice;
CREATE SCHEMA shop;
CREATE TABLE shop.outbox (
	id integer PRIMARY KEY,
	recipient text,
	"cc-address" varchar(200),
	status text DEFAULT 'queued',
	attempts integer DEFAULT 0,
	domain text GENERATED ALWAYS AS (split_part(recipient, '@', 2)) STORED
);
CREATE TABLE shop.contact (email text, hold timestamptz, since timestamptz NOT NULL DEFAULT now(), born date);

-- Three kinds, each with one function.
SELECT bounce.guard_outbox('shop.outbox', 'recipient', status_column => 'status');
SELECT bounce.quarantine_contacts('shop.contact', 'email', 'hold');
CREATE TABLE shop.log (rcpt text, answer text, code integer);
SELECT bounce.watch_deliveries('shop.log', 'rcpt', 'answer', status => 'code');
SELECT watched, kind, options, enabled, attached_by = current_user AS by_me, attached_at = now() AS now
FROM bounce.watched_table ORDER BY watched::text COLLATE "C";

-- They are ordinary triggers, and say what they are.
SELECT tgrelid::regclass, tgname, obj_description(oid, 'pg_trigger') FROM pg_trigger
WHERE tgrelid IN ('shop.outbox'::regclass, 'shop.contact'::regclass, 'shop.log'::regclass) AND NOT tgisinternal
ORDER BY tgrelid::regclass::text COLLATE "C", tgname;

-- Each can be attached once.
SELECT bounce.guard_outbox('shop.outbox', 'cc-address');
\echo :LAST_ERROR_SQLSTATE

-- detach() takes off one kind, or all; it says how many there were.
SELECT bounce.detach('shop.outbox', 'quarantine_contacts');
SELECT bounce.detach('shop.outbox', 'guard_outbox');
SELECT bounce.detach('shop.outbox');
SELECT bounce.detach('shop.log');
SELECT count(*) FROM pg_trigger WHERE tgrelid IN ('shop.outbox'::regclass, 'shop.log'::regclass);
SELECT bounce.detach('shop.outbox', 'gard_outbox');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.detach(NULL);
\echo :LAST_ERROR_SQLSTATE

--
-- What is refused, with the column named
--
SELECT bounce.guard_outbox('shop.outbox', 'recipent');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox('shop.outbox', 'Recipient');
SELECT bounce.guard_outbox('shop.outbox', 'ctid');
SELECT bounce.guard_outbox('shop.outbox', 'attempts');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox('shop.outbox', 'recipient', topic_column => 'attempts');
-- A generated column has no value yet when a BEFORE trigger runs.
SELECT bounce.guard_outbox('shop.outbox', 'domain');
\echo :LAST_ERROR_SQLSTATE
-- The same column twice.
SELECT bounce.guard_outbox('shop.outbox', 'recipient', topic_column => 'recipient');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox('shop.outbox', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox(NULL, 'recipient');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox('shop.outbox', 'recipient', on_suppressed => 'ignore');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox('shop.outbox', 'recipient', on_suppressed => 'mark');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox('shop.outbox', 'recipient', claimed_as => 'sending');
SELECT bounce.guard_outbox('shop.outbox', 'recipient', status_column => 'status', on_suppressed => 'mark', mark_as => NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox('shop.outbox', 'recipient', status_column => 'status', claimed_as => 'gone', mark_as => 'gone');
\echo :LAST_ERROR_SQLSTATE
-- A mark, or a step of the claim, that the type of the column does not know.
SELECT bounce.guard_outbox('shop.outbox', 'recipient', status_column => 'attempts', on_suppressed => 'mark');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox('shop.outbox', 'recipient', status_column => 'attempts', claim_from => 'queued');
\echo :LAST_ERROR_SQLSTATE
-- A topic that looks as if a column was meant.
SELECT bounce.guard_outbox('shop.outbox', 'recipient', topic => 'status');
SELECT bounce.detach('shop.outbox');

SELECT bounce.detach('shop.contact');
SELECT bounce.quarantine_contacts('shop.contact', 'mail', 'hold');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.quarantine_contacts('shop.contact', 'email', 'until');
SELECT bounce.quarantine_contacts('shop.contact', 'email', 'born');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.quarantine_contacts('shop.contact', 'email', 'since');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.quarantine_contacts('shop.contact', 'email', NULL);
SELECT bounce.watch_deliveries('shop.log', 'rcpt', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.watch_deliveries('shop.log', 'rcpt', 'answer', occurred_at => 'code');
\echo :LAST_ERROR_SQLSTATE

-- Only tables of the application.
CREATE VIEW shop.mail AS SELECT * FROM shop.outbox;
SELECT bounce.guard_outbox('shop.mail', 'recipient');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox('bounce.suppression', 'address');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox('pg_catalog.pg_description', 'description');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox('shop.nothing', 'recipient');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.guard_outbox(4294967295::oid::regclass, 'recipient');
\echo :LAST_ERROR_SQLSTATE
DROP VIEW shop.mail;
-- A partitioned table is attached as a whole.
CREATE TABLE shop.sent (id integer, recipient text) PARTITION BY LIST (id);
CREATE TABLE shop.sent_1 PARTITION OF shop.sent FOR VALUES IN (1);
SELECT bounce.guard_outbox('shop.sent_1', 'recipient');
\echo :LAST_ERROR_SQLSTATE
-- The server does not let a trigger move a row to another partition.
SELECT bounce.guard_outbox('shop.sent', 'recipient', status_column => 'id', on_suppressed => 'mark', mark_as => '0');
\echo :LAST_ERROR_SQLSTATE
-- Tables that inherit are tables of their own.
CREATE TABLE shop.archive () INHERITS (shop.outbox);
SELECT bounce.guard_outbox('shop.outbox', 'recipient');
SELECT bounce.detach('shop.outbox');
DROP TABLE shop.archive;

-- The trigger functions are of no use by themselves.
SELECT bounce.guard_outbox_row();
\echo :LAST_ERROR_SQLSTATE
CREATE TRIGGER wrong AFTER INSERT ON shop.log FOR EACH ROW EXECUTE FUNCTION bounce.guard_outbox_row();
INSERT INTO shop.log VALUES ('ann@attach.example', '250 OK');
\echo :LAST_ERROR_SQLSTATE
DROP TRIGGER wrong ON shop.log;
CREATE TRIGGER wrong BEFORE DELETE ON shop.log FOR EACH ROW EXECUTE FUNCTION bounce.quarantine_contacts_row();
INSERT INTO shop.log VALUES ('ann@attach.example', '250 OK');
DELETE FROM shop.log;
DROP TRIGGER wrong ON shop.log;
CREATE TRIGGER wrong BEFORE INSERT ON shop.log FOR EACH ROW EXECUTE FUNCTION bounce.guard_outbox_statement();
INSERT INTO shop.log VALUES ('ann@attach.example', '250 OK');
DROP TRIGGER wrong ON shop.log;
CREATE TRIGGER wrong BEFORE INSERT ON shop.log FOR EACH ROW EXECUTE FUNCTION bounce.watch_deliveries_rows();
INSERT INTO shop.log VALUES ('ann@attach.example', '250 OK');
DROP TRIGGER wrong ON shop.log;
-- Made by hand, without what attaching gives them, they do nothing.
CREATE TRIGGER bare BEFORE INSERT OR UPDATE ON shop.log FOR EACH ROW EXECUTE FUNCTION bounce.guard_outbox_row();
INSERT INTO shop.log VALUES ('no address', '250 OK') RETURNING rcpt;
SELECT bounce.detach('shop.log');

--
-- Who may
--
CREATE ROLE regress_bounce_app;
CREATE ROLE regress_bounce_other;
GRANT ALL ON SCHEMA shop TO regress_bounce_app, regress_bounce_other;
ALTER TABLE shop.outbox OWNER TO regress_bounce_app;
-- The functions are not for everybody ...
SET ROLE regress_bounce_app;
SELECT bounce.guard_outbox('shop.outbox', 'recipient');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM bounce.watched_table;
-- ... nor are their triggers.
CREATE TRIGGER mine BEFORE INSERT ON shop.outbox FOR EACH ROW EXECUTE FUNCTION bounce.guard_outbox_row();
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
SELECT bounce.grant_access('regress_bounce_app', 'operator');
SELECT bounce.grant_access('regress_bounce_other', 'operator');
-- With them, the owner of a table can attach it, and nobody else.
SET ROLE regress_bounce_other;
SELECT bounce.guard_outbox('shop.outbox', 'recipient');
\echo :LAST_ERROR_SQLSTATE
SET ROLE regress_bounce_app;
SELECT bounce.guard_outbox('shop.outbox', 'recipient');
SELECT watched, kind, attached_by FROM bounce.watched_table;
SET ROLE regress_bounce_other;
SELECT bounce.detach('shop.outbox');
\echo :LAST_ERROR_SQLSTATE
SET ROLE regress_bounce_app;
SELECT bounce.detach('shop.outbox');
RESET ROLE;
SELECT bounce.revoke_access('regress_bounce_app', 'operator');
SELECT bounce.revoke_access('regress_bounce_other', 'operator');

--
-- What happens to the table later
--
SELECT bounce.guard_outbox('shop.outbox', 'cc-address', status_column => 'status');
SELECT bounce.quarantine_contacts('shop.contact', 'email', 'hold');
-- Renames are followed.
ALTER TABLE shop.outbox RENAME COLUMN "cc-address" TO "Cc ""Address""";
ALTER TABLE shop.outbox RENAME TO "Send Queue";
ALTER SCHEMA shop RENAME TO "The Shop";
SELECT watched, kind, options FROM bounce.watched_table ORDER BY kind;
-- A column in use is not dropped by accident ...
ALTER TABLE "The Shop"."Send Queue" DROP COLUMN "Cc ""Address""";
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE "The Shop"."Send Queue" ALTER COLUMN "Cc ""Address""" TYPE text;
\echo :LAST_ERROR_SQLSTATE
-- ... and with it goes the guard: nothing fails later.
ALTER TABLE "The Shop"."Send Queue" DROP COLUMN "Cc ""Address""" CASCADE;
SELECT watched, kind FROM bounce.watched_table;
INSERT INTO "The Shop"."Send Queue" (id, recipient) VALUES (1, 'no address') RETURNING id;
UPDATE "The Shop"."Send Queue" SET status = 'sent' RETURNING id;
SELECT bounce.detach('"The Shop"."Send Queue"');
SELECT count(*) FROM pg_trigger WHERE tgrelid = '"The Shop"."Send Queue"'::regclass;
-- Triggers can be switched off and on as any other.
ALTER TABLE "The Shop".contact DISABLE TRIGGER USER;
SELECT watched, enabled FROM bounce.watched_table;
ALTER TABLE "The Shop".contact ENABLE TRIGGER USER;
-- A dropped table leaves nothing.
DROP TABLE "The Shop".contact;
SELECT watched, kind FROM bounce.watched_table;
-- With always, they fire also when replication applies rows.
SELECT bounce.guard_outbox('"The Shop".sent', 'recipient', always => true);
SELECT watched, enabled FROM bounce.watched_table;
SELECT DISTINCT tgrelid::regclass, tgenabled FROM pg_trigger WHERE tgname LIKE '%bounce%' ORDER BY 1;

DROP SCHEMA "The Shop" CASCADE;
DROP ROLE regress_bounce_app, regress_bounce_other;
