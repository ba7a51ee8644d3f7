-- New rules for what is logged already: bounce.test_rule() and bounce.reclassify().
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

-- A log of January, as it was classified when it came in.
CREATE VIEW log AS
	SELECT split_part(recipient, '@', 1) AS who, occurred_at::date AS day, status, class, response
	FROM bounce.delivery_event WHERE recipient LIKE '%@reclassify.example' ORDER BY 1, 2, 5;
CREATE VIEW state AS
	SELECT split_part(address, '@', 1) AS who, cause, class, step, occurrences, starts_at, expires_at
	FROM bounce.suppression WHERE address LIKE '%@reclassify.example' ORDER BY 1, 2;
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES
	('ann@reclassify.example', '554 Account parked (P1)', '2023-01-01'),
	('ann@reclassify.example', '554 Account parked (P1)', '2023-01-01 12:00'),
	('bob@reclassify.example', '554 Account parked (P22)', '2023-01-02'),
	('bob@reclassify.example', '550 5.1.1 User unknown', '2023-02-02'),
	('carl@reclassify.example', '451 4.3.0 Account parked (P1)', '2023-01-03'),
	('dora@reclassify.example', '250 2.0.0 OK', '2023-01-04'),
	('emma@reclassify.example', '550 5.1.1 User unknown', '2023-01-05');
-- A class that was given, a complaint, and an attempt that has no response.
INSERT INTO bounce.delivery_event (recipient, response, class, occurred_at) VALUES
	('fred@reclassify.example', '554 Account parked (P1)', 'soft:delayed', '2023-01-06'),
	('gina@reclassify.example', '554 Account parked (P1)', 'complaint:complaint_abuse', '2023-01-07');
SELECT bounce.record_attempt('emma@reclassify.example', at => '2023-01-05 12:00');
TABLE log;
TABLE state;

-- What would a rule change? Without a class: what it matches.
SELECT * FROM bounce.test_rule('account parked', since => '2023-01-01', until => '2023-02-01') ORDER BY 1;
SELECT * FROM bounce.test_rule('account parked', 'hard:domain_abandoned', since => '2023-01-01', until => '2023-02-01') ORDER BY 1;
SELECT * FROM bounce.test_rule('account parked', 'hard:domain_abandoned', '4xx', '2023-01-01', '2023-02-01') ORDER BY 1;
SELECT * FROM bounce.test_rule('user unknown', 'soft:delayed', since => '2023-01-01', until => '2023-02-01') ORDER BY 1;
-- What has the class already is no change; nothing matches; the last thirty days; an empty time.
SELECT * FROM bounce.test_rule('user unknown', 'hard:user_unknown', since => '2023-01-01', until => '2023-02-01');
SELECT * FROM bounce.test_rule('no such words');
SELECT * FROM bounce.test_rule('account parked', until => '2023-01-01', since => '2023-02-01');
-- It refuses what the table refuses.
SELECT * FROM bounce.test_rule('(account');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM bounce.test_rule('(a)\1');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM bounce.test_rule(NULL);
\echo :LAST_ERROR_SQLSTATE
-- It changed nothing.
SELECT count(*) FROM bounce.site_rule;

-- The rule alone changes what comes in, not what is there.
INSERT INTO bounce.site_rule (pattern, class) VALUES ('account parked', 'hard:domain_abandoned');
SELECT who, class FROM log WHERE who = 'ann';
-- Reclassified, January has new classes and the leases that follow from them: ann's second bounce climbs, bob has two
-- cycles, of which the first has ended, and fred loses the class that came with the event.
CALL bounce.reclassify('2023-01-01', '2023-02-01');
TABLE log;
TABLE state;
SELECT split_part(address, '@', 1) AS who, class, during, ended_by FROM bounce.suppression_history WHERE address LIKE '%@reclassify.example' ORDER BY 1;
SELECT since, until, events, events_read, events_changed, percent, time_left, finished_at >= started_at AS finished FROM bounce.reclassify_progress;
-- Once more: nothing is left to do.
CALL bounce.reclassify('2023-01-01', '2023-02-01');
-- Without the rule everything is as it would have been without it.
DELETE FROM bounce.site_rule;
CALL bounce.reclassify('2023-01-01', '2023-02-01', batch => 1);
TABLE log;
TABLE state;
-- Half open: an event at the very end stays.
INSERT INTO bounce.site_rule (pattern, class) VALUES ('account parked', 'hard:domain_abandoned');
CALL bounce.reclassify('2023-01-01', '2023-01-02');
SELECT who, day, class FROM log WHERE class::text = 'hard:domain_abandoned';
DELETE FROM bounce.site_rule;
CALL bounce.reclassify('2023-01-01', '2023-02-01');
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@reclassify.example';

-- Interrupted in the middle, what was committed stays, and the next call goes on from there.
INSERT INTO bounce.delivery_event (recipient, response, occurred_at)
	SELECT format('user%s@reclassify.example', n), '554 Account parked', '2023-01-01'::timestamptz + n * interval '1 day' FROM generate_series(10, 19) AS n;
CREATE FUNCTION pg_temp.interrupt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'interrupted'; END $$;
CREATE TRIGGER interrupt BEFORE UPDATE ON bounce.delivery_event FOR EACH ROW
	WHEN (new.recipient = 'user15@reclassify.example') EXECUTE FUNCTION pg_temp.interrupt();
INSERT INTO bounce.site_rule (pattern, class) VALUES ('account parked', 'hard:domain_abandoned');
CALL bounce.reclassify('2023-01-01', batch => 2);
SELECT class, count(*), min(who), max(who) FROM log GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM state;
SELECT since, events, events_read, events_changed, percent, finished_at, at_recipient, at_occurred_at FROM bounce.reclassify_progress;
DROP TRIGGER interrupt ON bounce.delivery_event;
-- The end of the range was now, and is what it was then.
CALL bounce.reclassify('2023-01-01', batch => 2);
SELECT class, count(*) FROM log GROUP BY 1;
SELECT count(*) FROM state;
SELECT events, events_read, events_changed, percent, finished_at IS NOT NULL AS finished FROM bounce.reclassify_progress;

-- It does not go on with other rules: the part that is done would keep the old ones.
CREATE TRIGGER interrupt BEFORE UPDATE ON bounce.delivery_event FOR EACH ROW
	WHEN (new.recipient = 'user15@reclassify.example') EXECUTE FUNCTION pg_temp.interrupt();
UPDATE bounce.site_rule SET class = 'soft:delayed';
CALL bounce.reclassify('2023-01-01', '2023-02-01', batch => 3);
DROP TRIGGER interrupt ON bounce.delivery_event;
UPDATE bounce.site_rule SET class = 'soft:network_error';
CALL bounce.reclassify('2023-01-01', '2023-02-01', batch => 3);
SELECT class, count(*) FROM log GROUP BY 1;
-- Nor when they change while it runs: here, at the sixth event.
CREATE FUNCTION pg_temp.change_rule() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	UPDATE bounce.site_rule SET class = 'soft:system_error' WHERE class::text <> 'soft:system_error'; RETURN new; END $$;
CREATE TRIGGER change_rule BEFORE UPDATE ON bounce.delivery_event FOR EACH ROW
	WHEN (new.recipient = 'user15@reclassify.example') EXECUTE FUNCTION pg_temp.change_rule();
UPDATE bounce.site_rule SET class = 'soft:delayed';
CALL bounce.reclassify('2023-01-01', '2023-02-01', batch => 3);
DROP TRIGGER change_rule ON bounce.delivery_event;
SELECT class, count(*) FROM log GROUP BY 1;

-- It commits, so it cannot be part of a transaction; and it wants to know the range.
BEGIN;
CALL bounce.reclassify('2023-01-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
CALL bounce.reclassify(NULL);
\echo :LAST_ERROR_SQLSTATE
CALL bounce.reclassify('2023-01-01', batch => 0);
\echo :LAST_ERROR_SQLSTATE
SET default_transaction_read_only = on;
CALL bounce.reclassify('2023-01-01');
\echo :LAST_ERROR_SQLSTATE
RESET default_transaction_read_only;
-- A range without events, and one without beginning.
CALL bounce.reclassify('2022-01-01', '2022-02-01');
DELETE FROM bounce.site_rule;
CALL bounce.reclassify('-infinity', '2023-02-01');
SELECT class, count(*) FROM log GROUP BY 1;

-- An operator does it with the owner's rights, and is himself again afterwards; an analyst may not.
CREATE ROLE regress_bounce_reclassify;
SELECT bounce.grant_access('regress_bounce_reclassify', 'analyst');
SET ROLE regress_bounce_reclassify;
CALL bounce.reclassify('2023-01-01', '2023-02-01');
SELECT * FROM bounce.test_rule('account parked');
RESET ROLE;
SELECT bounce.grant_access('regress_bounce_reclassify', 'operator');
SET ROLE regress_bounce_reclassify;
INSERT INTO bounce.site_rule (pattern, class) VALUES ('account parked', 'hard:domain_abandoned');
SELECT events FROM bounce.test_rule('account parked', since => '2023-01-01', until => '2023-02-01');
CALL bounce.reclassify('2023-01-01', '2023-02-01', batch => 3);
SELECT current_user, class, count(*) FROM bounce.delivery_event WHERE recipient LIKE '%@reclassify.example' GROUP BY class;
UPDATE bounce.delivery_event SET class = 'soft:delayed';
-- Also from a procedure of his own, which may commit.
DELETE FROM bounce.site_rule;
DO $$ BEGIN CALL bounce.reclassify('2023-01-01', '2023-02-01', batch => 3); COMMIT; RAISE NOTICE 'still %', current_user; END $$;
RESET ROLE;
SELECT class, count(*) FROM log GROUP BY 1;

DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@reclassify.example';
DELETE FROM bounce.reclassify_progress;
DROP OWNED BY regress_bounce_reclassify;
DROP ROLE regress_bounce_reclassify;
DROP VIEW log, state;
