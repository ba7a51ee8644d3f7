-- The log's partitions come and go, what they left stays.
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
\set VERBOSITY default
\set SHOW_CONTEXT never

CREATE VIEW partition AS
	SELECT c.oid::regclass AS partition, pg_get_expr(c.relpartbound, c.oid) AS bounds
	FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
	WHERE inhparent = 'bounce.delivery_event'::regclass AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'
	ORDER BY c.oid::regclass::text COLLATE "C";
CREATE VIEW placed AS
	SELECT tableoid::regclass AS partition, recipient, occurred_at
	FROM bounce.delivery_event WHERE recipient LIKE '%@maintain.example' ORDER BY recipient, occurred_at;
CREATE VIEW state AS
	SELECT split_part(address, '@', 1) AS who, cause, class, step, occurrences, starts_at, expires_at, last_event_at
	FROM bounce.suppression WHERE address LIKE '%@maintain.example' ORDER BY address, cause;
CREATE VIEW past AS
	SELECT split_part(address, '@', 1) AS who, cause, class, step, occurrences, during, ended_by
	FROM bounce.suppression_history WHERE address LIKE '%@maintain.example' ORDER BY address, cause, ended_at;

CREATE ROLE regress_maintain;
SELECT bounce.grant_access('regress_maintain', 'operator');

-- This month and the next two, and a past one of which there is something.  What the default
-- partition has of them moves along.
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES
	('ann@maintain.example', '550 5.1.1 User unknown', '2024-12-31 23:59:59.999999+00'),
	('bob@maintain.example', '550 5.1.1 User unknown', '2025-01-01 00:00+00'),
	('carl@maintain.example', '452 4.2.2 Mailbox full', '2025-02-10 00:00+00');
SELECT * FROM bounce.maintain('2025-01-15 12:00+00');
TABLE partition;
TABLE placed;
SELECT who, step, starts_at, expires_at FROM state;
-- There is nothing to do then, until the next month.
SELECT * FROM bounce.maintain('2025-01-31 23:59:59+00');
SELECT * FROM bounce.maintain('2025-02-01 00:00+00');
-- The period is a setting; what is there already stays.  Months are those of UTC.
INSERT INTO bounce.setting VALUES ('partition', 'week');
SET timezone = 'Pacific/Auckland';
SELECT * FROM bounce.maintain('2025-04-21 00:00+00');
SET timezone = 'UTC';
UPDATE bounce.setting SET value = 'day' WHERE name = 'partition';
SELECT * FROM bounce.maintain('2025-05-11 18:00+00');
TABLE partition;
DELETE FROM bounce.setting WHERE name = 'partition';

-- A partition belongs to the extension; nobody reads it past the log.  Same owner, same key, same filling in.
SELECT c.relowner = d.relowner AS owner, p.privilege, has_table_privilege('regress_maintain', c.oid, p.privilege)
FROM pg_class AS c, pg_class AS d, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p (privilege)
WHERE c.oid = 'bounce.delivery_event_20250101'::regclass AND d.oid = 'bounce.delivery_event'::regclass;
SELECT pg_identify_object(classid, objid, 0) FROM pg_depend
WHERE refobjid = (SELECT oid FROM pg_extension WHERE extname = 'bounce_ext') AND deptype = 'e' AND objid = 'bounce.delivery_event_20250101'::regclass;
DROP TABLE bounce.delivery_event_20250101;
SELECT obj_description('bounce.delivery_event_20250101'::regclass);
SELECT indexdef FROM pg_indexes WHERE tablename = 'delivery_event_20250101' ORDER BY indexname;
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES
	('Dora@Maintain.Example', '550 5.1.1 User unknown', '2025-03-01'),
	('Dora@Maintain.Example', '550 5.1.1 User unknown', '2025-03-01');
SELECT * FROM placed WHERE recipient LIKE 'dora%';

-- Retention: nothing is older than a year ...
INSERT INTO bounce.setting VALUES ('retention', '1 year');
SELECT * FROM bounce.maintain('2025-05-11 18:00+00');
SELECT count(*) FROM bounce.log_horizon;
-- ... and after a year and a bit the first months go, whole ones.
CREATE TABLE before AS TABLE state;
SELECT action, object, events FROM bounce.maintain('2026-03-20 18:00+00');
SELECT at FROM bounce.log_horizon;
TABLE partition;
TABLE placed;
-- The leases are what they were.
SELECT count(*) AS rows, count(*) FILTER (WHERE state = before) AS same FROM state FULL JOIN before USING (who, cause);
SELECT address, step, occurrences, expires_at, counted FROM bounce.fold_base WHERE address LIKE '%@maintain.example' ORDER BY address;
-- What comes from before the horizon is logged, has no effect, and goes with the next turn.
SELECT bounce.record_event('emil@maintain.example', '550 5.1.1 User unknown', occurred_at => '2025-02-28 23:00+00');
SELECT count(*) FROM state WHERE who = 'emil';
SELECT * FROM placed WHERE recipient LIKE 'emil%';
SELECT * FROM bounce.maintain('2026-03-20 18:00+00');
SELECT count(*) FROM placed WHERE recipient LIKE 'emil%';

-- One that goes on where the horizon cuts through: all that an address can carry over.
--   half   a lease of which one bounce is dropped and one is not: the third is step 3
--   count  two full mailboxes before, one after
--   twice  a message that is reported before and after
--   past   a lease that ended before and was never swept
--   freed  a release, of a time before the horizon, that comes later
--   sorry  a complaint, released after
INSERT INTO bounce.delivery_event (recipient, response, class, occurred_at, message_id) VALUES
	('half@maintain.example', '550 5.1.1 User unknown', NULL, '2025-03-30 12:00+00', 'h1'),
	('half@maintain.example', '550 5.1.1 User unknown', NULL, '2025-03-31 11:00+00', 'h2'),
	('half@maintain.example', '550 5.1.1 User unknown', NULL, '2025-04-01 12:00+00', 'h3'),
	('count@maintain.example', '452 4.2.2 Mailbox full', NULL, '2025-03-25 12:00+00', NULL),
	('count@maintain.example', '452 4.2.2 Mailbox full', NULL, '2025-03-30 12:00+00', NULL),
	('twice@maintain.example', '550 5.1.1 User unknown', NULL, '2025-03-31 23:00+00', 't1'),
	('past@maintain.example', '550 5.1.1 User unknown', NULL, '2025-03-10 12:00+00', NULL),
	('freed@maintain.example', '550 5.1.1 User unknown', NULL, '2025-03-31 12:00+00', NULL),
	('sorry@maintain.example', NULL, 'complaint_abuse', '2025-03-10 12:00+00', NULL);
SELECT action, object FROM bounce.maintain('2026-04-01 00:00+00');
SELECT who, step, occurrences, starts_at, expires_at FROM state WHERE who IN ('half', 'past', 'twice');
INSERT INTO bounce.delivery_event (recipient, response, class, occurred_at, message_id) VALUES
	('half@maintain.example', '550 5.1.1 User unknown', NULL, '2025-04-02 12:00+00', 'h4'),
	('half@maintain.example', '550 5.1.1 User unknown', NULL, '2025-04-02 13:00+00', 'h1'),
	('count@maintain.example', '452 4.2.2 Mailbox full', NULL, '2025-04-02 12:00+00', NULL),
	('twice@maintain.example', '550 5.1.1 User unknown', NULL, '2025-04-01 01:00+00', 't1'),
	('past@maintain.example', '550 5.1.1 User unknown', NULL, '2025-04-10 12:00+00', NULL);
SELECT bounce.release('freed@maintain.example', why => 'works', at => '2025-03-31 18:00+00');
SELECT bounce.release('sorry@maintain.example', why => 'asked for it', at => '2025-04-10 12:00+00');
SELECT bounce.record_event('freed@maintain.example', '452 4.2.2 Mailbox full', occurred_at => '2025-04-03');
SELECT who, cause, step, occurrences, starts_at, expires_at FROM state WHERE who IN ('half', 'count', 'past', 'twice', 'freed', 'sorry');
TABLE past;
-- From log, base and releases the very same comes out.
SELECT bounce.rebuild_suppressions();

-- Whatever was done to the tables past the functions is put right; so is what is missing.
CREATE TABLE kept AS SELECT s FROM bounce.suppression AS s;
CREATE TABLE kept_past AS SELECT address, cause, class, step, occurrences, during, ended_at, ended_by FROM bounce.suppression_history;
UPDATE bounce.suppression SET step = 5, expires_at = 'infinity' WHERE address = 'half@maintain.example';
DELETE FROM bounce.suppression WHERE address = 'bob@maintain.example';
INSERT INTO bounce.suppression (address, cause, step, occurrences) VALUES ('zoe@maintain.example', 'lease', 1, 1);
INSERT INTO bounce.suppression (address, cause, note) VALUES ('yves@maintain.example', 'manual', 'not of the log');
UPDATE bounce.suppression_history SET step = 3 WHERE address = 'past@maintain.example';
INSERT INTO bounce.suppression_history (address, topic, cause, during, ended_at, ended_by)
VALUES ('xaver@maintain.example', '', 'lease', '[2025-06-01,2025-06-02)', '2025-06-02', 'expired');
SELECT bounce.rebuild_suppressions();
SELECT bounce.rebuild_suppressions();
SELECT now.address, now.cause, now.note FROM bounce.suppression AS now WHERE NOT EXISTS (SELECT FROM kept WHERE kept.s = now);
SELECT s FROM kept EXCEPT SELECT s FROM bounce.suppression AS s;
-- What ended before the horizon is written history, and stays as it is.
SELECT address, cause, class, step, occurrences, during, ended_at, ended_by FROM bounce.suppression_history
EXCEPT TABLE kept_past;
DELETE FROM bounce.suppression WHERE address = 'yves@maintain.example';
UPDATE bounce.suppression_history SET step = 1 WHERE address = 'past@maintain.example';

-- Wrong input.
SELECT * FROM bounce.maintain('infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM bounce.maintain(NULL);
\echo :LAST_ERROR_SQLSTATE
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM bounce.maintain('2026-04-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
CREATE VIEW held AS SELECT count(*) FROM bounce.delivery_event_20250401;
SELECT * FROM bounce.maintain('2026-06-01');
\echo :LAST_ERROR_SQLSTATE
DROP VIEW held;

-- A partition that somebody made, with bounds of his own: the months fill up around it.
SELECT action, object FROM bounce.maintain('2026-06-01');
CREATE TABLE own PARTITION OF bounce.delivery_event FOR VALUES FROM ('2026-10-10 06:00') TO ('2026-12-01');
CREATE TABLE first PARTITION OF bounce.delivery_event FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
SELECT * FROM bounce.maintain('2026-10-01');
TABLE partition;

DROP VIEW placed, state, past;
DROP TABLE before, kept, kept_past;
DELETE FROM bounce.setting WHERE name = 'retention';
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@maintain.example';
SELECT format('ALTER EXTENSION bounce_ext DROP TABLE %s', partition) FROM partition WHERE partition <> 'own'::regclass
\gexec
SELECT format('DROP TABLE %s', partition) FROM partition
\gexec
DROP VIEW partition;
DELETE FROM bounce.log_horizon;
DELETE FROM bounce.fold_base;
DELETE FROM bounce.suppression WHERE address LIKE '%@maintain.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%@maintain.example';
SELECT bounce.revoke_access('regress_maintain', 'operator');
DROP ROLE regress_maintain;
