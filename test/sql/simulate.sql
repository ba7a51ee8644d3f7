-- What another policy would have suppressed: bounce.simulate(profile, since [, until]).
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

-- Nothing in the log, nothing to suppress.
SELECT * FROM bounce.simulate('default', '2024-01-01', '2024-02-01');

-- Four addresses in January. ann does not exist and is written to each day; bob's mailbox is full
-- for a while; carl is fine; dora is blocked, which is the sender's fault.
INSERT INTO bounce.delivery_event (recipient, occurred_at, class)
	SELECT 'ann@simulate.example', day, 'hard:user_unknown'::bounce.bounce_class FROM generate_series('2024-01-01 08:00'::timestamptz, '2024-01-10 08:00', '1 day') day
	UNION ALL SELECT 'bob@simulate.example', day, 'soft:mailbox_full' FROM generate_series('2024-01-01 08:00'::timestamptz, '2024-01-03 08:00', '1 day') day
	UNION ALL SELECT 'bob@simulate.example', day, 'ok:delivered' FROM generate_series('2024-01-03 20:00'::timestamptz, '2024-01-10 20:00', '1 day') day
	UNION ALL SELECT 'carl@simulate.example', day, 'ok:delivered' FROM generate_series('2024-01-01 08:00'::timestamptz, '2024-01-10 08:00', '1 day') day
	UNION ALL SELECT 'dora@simulate.example', '2024-01-01 08:00', 'block:ip_blocklisted';
-- A policy that takes one day, and no more: the lease of ann ends when the next mail goes out, so
-- she gets them all, each begins a lease, and nothing is withheld. bob's third mail begins one, and
-- one of his mails, twelve hours later, is withheld, though it was accepted: the price.
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder, threshold, within) VALUES
	('one day', 'hard', '*', 'lease', '{24 hours}', NULL, NULL), ('one day', 'soft', 'mailbox_full', 'count', '{24 hours}', 3, '14 days');
SELECT * FROM bounce.simulate('one day', '2024-01-01', '2024-02-01');
-- With an hour more the second mail meets the lease, and so on: each attempt climbs, or here, re-arms the
-- one step there is. One lease for ann, from the first of January to 25 hours after the tenth: 9 + 25/24
-- days, nine hard bounces avoided. bob's lease, from the third, is met again and again as well:
-- 7.5 + 25/24 days and all eight mails.
UPDATE bounce.policy SET ladder = '{25 hours}' WHERE profile = 'one day';
SELECT *, (9 + 25 / 24.0 + 7.5 + 25 / 24.0)::numeric(8,4) AS expected_days FROM bounce.simulate('one day', '2024-01-01', '2024-02-01');
-- The days are counted up to "until"; what comes at "until" or later is not looked at.
SELECT * FROM bounce.simulate('one day', '2024-01-01', '2024-01-03 08:00');
-- It begins with nothing suppressed, and with no event counted: bob's third event alone is one of three.
SELECT * FROM bounce.simulate('one day', '2024-01-03', '2024-02-01');
-- Side by side, shipped profiles too. permanent: one lease that lasts.
SELECT p, s.mails, s.hard_bounces, s.addresses, s.leases, s.lease_days::numeric(8,4), s.withheld, s.hard_bounces_avoided, s.delivered_withheld
FROM unnest('{default,acs,postmastery,permanent,cloudflare,one day}'::text[]) p, bounce.simulate(p, '2024-01-01', '2024-02-01') s;
-- acs asks for the status, which these events do not have.

-- A mail that is told of three times is one mail, and of one that went out before the lease nothing is avoided.
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@simulate.example';
INSERT INTO bounce.delivery_event (recipient, occurred_at, sent_at, class, message_id) VALUES
	('emma@simulate.example', '2024-01-01 08:00', '2024-01-01 07:00', 'hard:user_unknown', 'm1'),
	('emma@simulate.example', '2024-01-01 09:00', '2024-01-01 07:30', 'hard:user_unknown', 'm2'),
	('emma@simulate.example', '2024-01-01 10:00', '2024-01-01 07:45', 'ok:delivered', 'm3'),
	('emma@simulate.example', '2024-01-01 12:00', '2024-01-01 11:00', 'soft:greylisted', 'm4'),
	('emma@simulate.example', '2024-01-01 13:00', '2024-01-01 11:00', 'soft:greylisted', 'm4'),
	('emma@simulate.example', '2024-01-01 14:00', '2024-01-01 11:00', 'ok:delivered', 'm4');
SELECT * FROM bounce.simulate('one day', '2024-01-01', '2024-01-02');
-- What was withheld at the time would have been again, if there is a lease; it was no mail.
INSERT INTO bounce.delivery_event (recipient, occurred_at, class) VALUES
	('emma@simulate.example', '2024-01-01 20:00', 'admin:suppressed'), ('emma@simulate.example', '2024-01-20', 'admin:suppressed'), ('emma@simulate.example', '2024-01-21', 'complaint_abuse');
SELECT * FROM bounce.simulate('one day', '2024-01-01', '2024-02-01');

-- Of bounces and withheld attempts alone the profile in force gives what it gave: as many leases of as
-- many addresses, for as long.
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@simulate.example';
INSERT INTO bounce.delivery_event (recipient, occurred_at, class)
	SELECT 'a' || n % 50 || '@simulate.example', '2024-01-01'::timestamptz + make_interval(mins => ('x' || left(md5(n::text), 7))::bit(28)::integer % 86400),
		(ARRAY['hard:user_unknown', 'soft:mailbox_full', 'soft:mailbox_full', 'soft:message_expired', 'admin:suppressed', 'complaint_abuse'])[1 + ('x' || md5(n || 'class'))::bit(31)::integer % 6]::bounce.bounce_class
	FROM generate_series(1, 1000) n;
SELECT bounce.sweep('2024-06-01') > 0 AS swept;
SELECT s.addresses = f.addresses AS same_addresses, s.leases = f.leases AS same_leases, s.lease_days::numeric(12,6) = f.days::numeric(12,6) AS same_days, s.leases > 200 AS many
FROM bounce.simulate('default', '2024-01-01', '2024-06-01') s,
	(SELECT count(DISTINCT address) AS addresses, count(*) AS leases, sum(extract(epoch FROM upper(during) - lower(during))) / 86400 AS days
		FROM bounce.suppression_history WHERE address LIKE '%@simulate.example' AND cause = 'lease') f;

-- Wrong inputs.
SELECT * FROM bounce.simulate('unheard of', '2024-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM bounce.simulate('default', '2024-02-01', '2024-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM bounce.simulate(NULL, '2024-02-01');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM bounce.simulate('default', NULL);
-- It only reads, and the whole log if asked to.
BEGIN READ ONLY;
SELECT leases > 200 AS many FROM bounce.simulate('default', '-infinity', 'infinity');
COMMIT;

DELETE FROM bounce.policy WHERE profile = 'one day';
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@simulate.example';
DELETE FROM bounce.suppression WHERE address LIKE '%@simulate.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%@simulate.example';
