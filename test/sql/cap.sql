-- Frequency caps: at most so many messages of a topic to a person in each interval.
SET timezone = 'UTC';
\set SHOW_CONTEXT never
INSERT INTO bounce.topic (topic, kind, max_messages, per) VALUES
	('cap news', 'marketing', 2, '1 day'),
	('cap alarms', 'transactional', 1, '1 hour'),
	('cap free', 'marketing', NULL, NULL);

--
-- Sliding: two within any 24 hours
--
SELECT at, bounce.record_attempt('Ann <Ann@cap.example>', 'cap news', at), bounce.capped_until('ann@cap.example', 'cap news', at)
FROM unnest(ARRAY['2026-03-02 09:00+00', '2026-03-02 15:00+00', '2026-03-02 20:00+00',
	'2026-03-03 08:59:59.999999+00', '2026-03-03 09:00+00', '2026-03-03 10:00+00', '2026-03-03 15:00+00']::timestamptz[]) AS at;
-- Only what went out is kept, and of that what the cap can still need.
SELECT * FROM bounce.pace WHERE address LIKE '%@cap.example';
-- Of each person and each topic on its own
SELECT bounce.record_attempt('bob@cap.example', 'cap news', '2026-03-03 15:00+00'),
	bounce.record_attempt('ann@cap.example', 'cap alarms', '2026-03-03 15:00+00'),
	bounce.record_attempt('ann@cap.example', 'cap alarms', '2026-03-03 15:59:59+00');
-- Without a cap, without a topic, with a topic that has no row: nothing is counted.
SELECT bounce.record_attempt('ann@cap.example', topic, '2026-03-03 15:00+00'), bounce.capped_until('ann@cap.example', topic, '2026-03-03 15:00+00')
FROM unnest(ARRAY['cap free', 'cap unheard of', '', NULL]) AS topic;
SELECT address, topic FROM bounce.pace WHERE address LIKE '%@cap.example' ORDER BY 1, 2;

--
-- A cap is no suppression: no event, no lease; why_suppressed() tells until when it is
--
SELECT bounce.is_suppressed('ann@cap.example', 'cap news', '2026-03-03 16:00+00');
SELECT cause, topic, until, explanation FROM bounce.why_suppressed('ann@cap.example', 'cap news', '2026-03-03 16:00+00');
SELECT cause FROM bounce.why_suppressed('ann@cap.example', 'cap news', '2026-03-04 09:00+00');
SELECT cause FROM bounce.why_suppressed('ann@cap.example', at => '2026-03-03 16:00+00');
SELECT count(*) FROM bounce.delivery_event WHERE recipient LIKE '%@cap.example';
-- Who is suppressed takes no slot, and the attempt climbs.
SELECT bounce.record_event('cora@cap.example', '550 5.1.1 User unknown', occurred_at => '2026-03-02 09:00+00');
SELECT bounce.record_attempt('cora@cap.example', 'cap news', '2026-03-02 10:00+00');
SELECT step FROM bounce.suppression WHERE address = 'cora@cap.example';
SELECT count(*) FROM bounce.pace WHERE address = 'cora@cap.example';
-- A late bounce finds nothing that the cap held back.
SELECT bounce.record_event('bob@cap.example', '550 5.1.1 User unknown', occurred_at => '2026-03-03 14:00+00');
SELECT step FROM bounce.suppression WHERE address = 'bob@cap.example';

--
-- Times out of order count on either side
--
SELECT at, bounce.record_attempt('dora@cap.example', 'cap news', at)
FROM unnest(ARRAY['2026-03-05 12:00+00', '2026-03-05 11:00+00', '2026-03-05 10:00+00',
	'2026-03-04 12:00:00.000001+00', '2026-03-04 11:00+00']::timestamptz[]) AS at;
SELECT sent FROM bounce.pace WHERE address = 'dora@cap.example';

--
-- A rollback gives the slot back
--
BEGIN;
SELECT bounce.record_attempt('emil@cap.example', 'cap alarms', '2026-03-05 12:00+00');
SAVEPOINT again;
SELECT bounce.record_attempt('emil@cap.example', 'cap alarms', '2026-03-05 13:00+00');
ROLLBACK TO again;
SELECT bounce.record_attempt('emil@cap.example', 'cap alarms', '2026-03-05 13:00+00');
ROLLBACK;
SELECT bounce.record_attempt('emil@cap.example', 'cap alarms', '2026-03-05 12:30+00');

--
-- A change takes effect at once
--
UPDATE bounce.topic SET max_messages = 3 WHERE topic = 'cap news';
SELECT bounce.record_attempt('ann@cap.example', 'cap news', '2026-03-03 16:00+00');
UPDATE bounce.topic SET max_messages = 1 WHERE topic = 'cap news';
SELECT bounce.capped_until('ann@cap.example', 'cap news', '2026-03-03 17:00+00');
UPDATE bounce.topic SET per = '6 hours' WHERE topic = 'cap news';
SELECT bounce.capped_until('ann@cap.example', 'cap news', '2026-03-03 17:00+00'),
	bounce.record_attempt('ann@cap.example', 'cap news', '2026-03-03 22:00+00');
UPDATE bounce.topic SET max_messages = NULL, per = NULL WHERE topic = 'cap news';
SELECT bounce.record_attempt('ann@cap.example', 'cap news', '2026-03-03 22:00+00'),
	bounce.record_attempt('ann@cap.example', 'cap news', '2026-03-03 22:00+00');
UPDATE bounce.topic SET max_messages = 2, per = '1 day' WHERE topic = 'cap news';

--
-- Days of 24 hours and months of 30 days, also where a clock change or February is near
--
SET timezone = 'Europe/Paris';
UPDATE bounce.topic SET max_messages = 1, per = '1 month' WHERE topic = 'cap alarms';
SELECT bounce.record_attempt('fred@cap.example', 'cap alarms', '2026-02-28 12:00+01');
SELECT bounce.capped_until('fred@cap.example', 'cap alarms', '2026-03-15 12:00+01');
SET timezone = 'UTC';

--
-- Sweep removes what is out of every window, and what has no cap any more
--
SELECT address, topic, sent FROM bounce.pace WHERE address LIKE '%@cap.example' ORDER BY 1, 2;
SELECT bounce.sweep('2026-03-05 23:00+00') IS NOT NULL AS swept;
SELECT address, topic, sent FROM bounce.pace WHERE address LIKE '%@cap.example' ORDER BY 1, 2;
UPDATE bounce.topic SET max_messages = NULL, per = NULL WHERE topic = 'cap alarms';
SELECT bounce.sweep('2026-03-07') IS NOT NULL AS swept;
SELECT address, topic, sent FROM bounce.pace WHERE address LIKE '%@cap.example' ORDER BY 1, 2;

--
-- What cannot be
--
\set VERBOSITY terse
UPDATE bounce.topic SET max_messages = 0 WHERE topic = 'cap news';
UPDATE bounce.topic SET max_messages = 1001 WHERE topic = 'cap news';
UPDATE bounce.topic SET per = '-1 hour' WHERE topic = 'cap news';
UPDATE bounce.topic SET per = NULL WHERE topic = 'cap news';
\set VERBOSITY default
SELECT bounce.capped_until('no address', 'cap news'), bounce.capped_until(NULL, 'cap news'), bounce.capped_until('ann@cap.example', NULL);
SELECT bounce.record_attempt('ann@cap.example', 'cap news', 'infinity');

--
-- The arithmetic, for everybody
--
SELECT bounce.pace_used('{2026-03-02 09:00+00, 2026-03-02 10:00+00, 2026-03-02 11:00+00}', '2026-03-02 11:00+00', '2 hours') AS two,
	bounce.pace_used('{}', '2026-03-02 11:00+00', '2 hours') AS none,
	bounce.pace_used('{2026-03-02 09:00+00}', 'infinity', '2 hours') AS never,
	bounce.pace_used('{2026-03-02 09:00+00}', '2126-03-02 09:00+00', '178000000 years') AS ever;
SELECT bounce.pace_add('{2026-03-02 09:00+00, 2026-03-02 11:00+00}', '2026-03-02 10:00+00', 5),
	bounce.pace_add('{2026-03-02 09:00+00, 2026-03-02 11:00+00}', '2026-03-02 10:00+00', 2),
	bounce.pace_add('{}', '2026-03-02 10:00+00', 0);
SELECT bounce.pace_used('{NULL}', '2026-03-02 11:00+00', '2 hours');

DELETE FROM bounce.topic WHERE topic LIKE 'cap %';
DELETE FROM bounce.pace WHERE address LIKE '%@cap.example';
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@cap.example';
