-- A log that loses its old partitions month by month leaves the same leases, complaints
-- and history as one that keeps everything.
--
-- 200 addresses, 8,000 events of a year: hard and soft bounces, complaints, attempts,
-- messages that are reported twice, mails sent before a lease began, releases by hand.
-- The policy remembers cycles and bounds them.  All of it follows from the number of
-- the event, so every run is the same.
SET timezone = 'UTC';
SET datestyle = 'ISO';
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder, threshold, within, memory, max_total, topic_kind)
SELECT 'memory', severity, reason, effect, ladder, threshold, within,
	CASE WHEN effect IN ('lease', 'count') THEN interval '20 days' END,
	CASE WHEN effect IN ('lease', 'count') THEN interval '40 days' END, topic_kind
FROM bounce.policy WHERE profile = 'default';
SELECT bounce.use_profile('memory');

CREATE FUNCTION pick(n integer, what text, choices integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT ((hashtextextended(what || n, 0) & 1073741823) % choices)::integer $$;
CREATE TABLE input AS
	SELECT n, 'p' || pick(n, 'who', 200) || '@fold.example' AS recipient,
		'2024-01-01'::timestamptz + pick(n, 'day', 365) * interval '1 day' + pick(n, 'second', 86400) * interval '1 second' AS occurred_at,
		(ARRAY['550 5.1.1 User unknown', '452 4.2.2 Mailbox full', '452 4.2.2 Mailbox full', '452 4.2.2 Mailbox full',
			NULL, '550 5.7.1 Your IP is listed'])[1 + pick(n, 'response', 6)] AS response,
		(ARRAY['admin:suppressed', 'admin:suppressed', 'admin:suppressed', 'complaint:complaint_abuse'])[1 + pick(n, 'class', 4)]::bounce.bounce_class AS class,
		CASE WHEN pick(n, 'has message', 3) > 0 THEN 'm' || pick(n, 'message', 30) END AS message_id,
		CASE WHEN pick(n, 'sent before', 4) = 0 THEN pick(n, 'days before', 3) * interval '1 day' END AS before
	FROM generate_series(1, 8000) AS n;
CREATE TABLE released AS
	SELECT n, 'p' || pick(n, 'who', 200) || '@fold.example' AS address,
		'2024-01-01'::timestamptz + pick(n, 'release day', 365) * interval '1 day' + interval '11:22:33' AS at
	FROM generate_series(1, 300) AS n;

-- What comes in by the month: events in any order, then releases, then maintain or not.
CREATE PROCEDURE live_through(maintained boolean) LANGUAGE plpgsql AS $$
DECLARE
	month timestamptz;
	one released;
BEGIN
	FOR month IN SELECT generate_series('2024-01-01'::timestamptz, '2024-12-01', '1 month') LOOP
		INSERT INTO bounce.delivery_event (recipient, occurred_at, response, class, message_id, sent_at, event_key)
			SELECT recipient, occurred_at, response, CASE WHEN response IS NULL THEN class END, message_id, occurred_at - before, n
			FROM input WHERE occurred_at >= month AND occurred_at < month + interval '1 month'
			ORDER BY hashint4(n);
		FOR one IN SELECT * FROM released WHERE at >= month AND at < month + interval '1 month' ORDER BY at LOOP
			PERFORM bounce.release(one.address, cause => s.cause, at => one.at) FROM bounce.suppression AS s
				WHERE s.address = one.address AND s.starts_at <= one.at AND s.expires_at > one.at;
		END LOOP;
		IF maintained THEN
			PERFORM bounce.maintain(month + interval '1 month');
		END IF;
	END LOOP;
	PERFORM bounce.sweep('2025-01-01');
END $$;
CREATE VIEW outcome AS
	SELECT address, cause, class, status, step, occurrences, starts_at, expires_at, last_event_at, NULL AS ended_by
	FROM bounce.suppression WHERE address LIKE '%@fold.example'
	UNION ALL
	SELECT address, cause, class, status, step, occurrences, lower(during), ended_at, NULL, ended_by
	FROM bounce.suppression_history WHERE address LIKE '%@fold.example';

CALL live_through(false);
CREATE TABLE whole AS TABLE outcome;
SELECT cause, ended_by, count(*) > 100 AS many, max(step) FROM whole GROUP BY cause, ended_by ORDER BY cause, ended_by;
SELECT count(*) FROM bounce.delivery_event WHERE recipient LIKE '%@fold.example';
SELECT bounce.rebuild_suppressions();

DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@fold.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%@fold.example';
SELECT count(*) FROM outcome;

-- With a retention of a month there are never more than two in the log.
INSERT INTO bounce.setting VALUES ('retention', '1 month');
CALL live_through(true);
SELECT min(date_trunc('month', occurred_at)), count(*) < 2000 AS few FROM bounce.delivery_event WHERE recipient LIKE '%@fold.example';
SELECT count(*) FROM bounce.log_horizon;
TABLE whole EXCEPT ALL TABLE outcome;
TABLE outcome EXCEPT ALL TABLE whole;
-- Also when everything is folded anew from what is left.
SELECT bounce.rebuild_suppressions();

-- The same by the week, and with a longer retention.
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@fold.example';
DELETE FROM bounce.fold_base;
DELETE FROM bounce.log_horizon;
DELETE FROM bounce.suppression WHERE address LIKE '%@fold.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%@fold.example';
UPDATE bounce.setting SET value = '9 weeks' WHERE name = 'retention';
INSERT INTO bounce.setting VALUES ('partition', 'week');
CALL live_through(true);
SELECT count(*) FROM bounce.log_horizon;
TABLE whole EXCEPT ALL TABLE outcome;
TABLE outcome EXCEPT ALL TABLE whole;
SELECT bounce.rebuild_suppressions();

SELECT bounce.use_profile('default');
DELETE FROM bounce.setting;
DELETE FROM bounce.policy WHERE profile = 'memory';
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@fold.example';
DELETE FROM bounce.log_horizon;
DELETE FROM bounce.fold_base;
DELETE FROM bounce.suppression WHERE address LIKE '%@fold.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%@fold.example';
DO $$
DECLARE
	partition regclass;
BEGIN
	FOR partition IN SELECT inhrelid FROM pg_inherits
		WHERE inhparent = 'bounce.delivery_event'::regclass AND inhrelid <> 'bounce.delivery_event_default'::regclass LOOP
		EXECUTE format('ALTER EXTENSION bounce_ext DROP TABLE %s', partition);
		EXECUTE format('DROP TABLE %s', partition);
	END LOOP;
END $$;
DROP VIEW outcome;
DROP TABLE input, released, whole;
DROP PROCEDURE live_through;
DROP FUNCTION pick;
