-- Policies: which event does what to its address.
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

-- The shipped profiles, in short.
SELECT profile, severity, effect, count(*) AS reasons, min(threshold) AS threshold, min(within) AS within
FROM bounce.policy WHERE profile IN ('default', 'acs', 'postmastery', 'permanent', 'cloudflare') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
-- Only a fault of recipient or domain, or of nobody, can reach an address.
SELECT DISTINCT r.fault FROM bounce.policy p JOIN bounce.reasons() r USING (reason)
WHERE p.effect IN ('lease', 'count') ORDER BY 1;

-- Every reason in every severity, against both profiles: which start a lease at the first event?
CREATE FUNCTION pg_temp.leases(wanted text) RETURNS TABLE (class text) LANGUAGE sql VOLATILE AS $$
	SELECT bounce.use_profile(wanted);
	INSERT INTO bounce.delivery_event (recipient, class, status, occurred_at)
		SELECT s || '.' || r.reason || '@policy.example', (s || ':' || r.reason)::bounce.bounce_class, NULL, '2026-01-01'
		FROM bounce.reasons() r, unnest('{hard,soft,block,admin,unknown}'::text[]) s;
	SELECT split_part(replace(address, '.', ':'), '@', 1) FROM bounce.suppression
		WHERE address LIKE '%@policy.example' AND cause = 'lease' ORDER BY 1 $$;
SELECT * FROM pg_temp.leases('default');
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@policy.example';
-- acs asks for the code, not the class: exactly where acs_type is hard.
SELECT bounce.use_profile('acs');
INSERT INTO bounce.delivery_event (recipient, status, occurred_at)
	SELECT replace(status, ' ', '-') || '@policy.example', status::bounce.smtp_status, '2026-01-01'
	FROM unnest('{521,525,550,553,5.1.1,5.1.9,5.3.2,5.4.1,5.4.310,551,552,554,5.2.2,5.7.1,"550 5.7.1","554 5.1.1",450,4.1.1}'::text[]) status;
SELECT d.status, bounce.acs_type(d.status), s.step AS lease_step
FROM bounce.delivery_event d LEFT JOIN bounce.suppression s ON s.address = d.recipient
WHERE d.recipient LIKE '%@policy.example' ORDER BY d.status;
SELECT count(*) AS differences
FROM bounce.delivery_event d LEFT JOIN bounce.suppression s ON s.address = d.recipient
WHERE d.recipient LIKE '%@policy.example' AND (s.address IS NOT NULL) <> (bounce.acs_type(d.status) IS NOT DISTINCT FROM 'hard');
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@policy.example';

-- The shipped profiles, class by class: the hours of lease that are left after the first
-- event, and after the third of three an hour apart ("ever": until released). Classes that
-- are not listed never start one.
CREATE TABLE pg_temp.outcome (profile text, class text, first text, third text);
CREATE FUNCTION pg_temp.try(wanted text) RETURNS void LANGUAGE sql VOLATILE AS $$
	SELECT bounce.use_profile(wanted);
	INSERT INTO bounce.delivery_event (recipient, class, occurred_at)
		SELECT s || '.' || r.reason || '.' || n || '@policy.example', (s || ':' || r.reason)::bounce.bounce_class,
			'2026-01-01'::timestamptz + make_interval(hours => i - 1)
		FROM bounce.reasons() r, unnest('{hard,soft,block,admin,unknown}'::text[]) s, (VALUES (1), (3)) v(n), generate_series(1, n) i;
	INSERT INTO pg_temp.outcome
		SELECT wanted, class, max(lasts) FILTER (WHERE n = '1'), max(lasts) FILTER (WHERE n = '3')
		FROM (SELECT split_part(address, '.', 1) || ':' || split_part(address, '.', 2) AS class, split_part(split_part(address, '@', 1), '.', 3) AS n,
				CASE expires_at WHEN 'infinity' THEN 'ever' ELSE (extract(epoch FROM expires_at - last_event_at) / 3600)::integer::text END AS lasts
			FROM bounce.suppression WHERE address LIKE '%@policy.example' AND cause = 'lease') AS leases
		GROUP BY class;
	DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@policy.example' $$;
SELECT pg_temp.try(p) FROM unnest('{default,postmastery,permanent,cloudflare}'::text[]) p;
SELECT profile, split_part(class, ':', 1) AS severity, first, third, string_agg(split_part(class, ':', 2), ' ' ORDER BY class) AS reasons
FROM pg_temp.outcome GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4;
-- A complaint is the same in all of them.
SELECT severity, reason, effect, topic_kind, array_agg(profile ORDER BY profile) AS profiles
FROM bounce.policy WHERE effect IN ('complaint', 'unsubscribe') GROUP BY 1, 2, 3, 4 ORDER BY 1, 2;

-- A profile of the site's own: two steps, memory, a cap, and no end for one reason.
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder, memory, max_total) VALUES
	('site', 'hard', NULL, 'lease', '{1 hour,2 hours}', '30 days', '150 minutes'),
	('site', 'hard', 'domain_unknown', 'lease', NULL, NULL, NULL);
SELECT severity, reason FROM bounce.policy WHERE profile = 'site' ORDER BY 2;
SELECT bounce.use_profile('site');
INSERT INTO bounce.delivery_event (recipient, class, occurred_at) VALUES
	('short@policy.example', 'user_unknown', '2026-01-01 00:00'),
	('memory@policy.example', 'user_unknown', '2026-01-01 00:00'),
	('memory@policy.example', 'user_unknown', '2026-01-10 00:00'),
	('old@policy.example', 'user_unknown', '2026-01-01 00:00'),
	('old@policy.example', 'user_unknown', '2026-03-10 00:00'),
	('capped@policy.example', 'user_unknown', '2026-01-01 00:00'),
	('capped@policy.example', 'user_unknown', '2026-01-01 00:59'),
	('ever@policy.example', 'domain_unknown', '2026-01-01 00:00'),
	('mixed@policy.example', 'domain_unknown', '2026-01-01 00:00'),
	('mixed@policy.example', 'user_unknown', '2026-01-02 00:00');
-- (The second bounce of "mixed" is of a class with a cap; what was promised before it stands.)
SELECT address, step, starts_at, expires_at FROM bounce.suppression WHERE address LIKE '%@policy.example' ORDER BY 1;
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@policy.example';

-- What cannot be is refused, with the reason.
INSERT INTO bounce.policy (profile, severity, reason, effect) VALUES ('site', 'hard', 'user_unkown', 'lease');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO bounce.policy (profile, severity, reason, effect) VALUES ('site', 'harsh', 'user_unknown', 'lease');
INSERT INTO bounce.policy (profile, severity, reason, effect) VALUES ('site', 'hard', 'user_unknown', 'forever');
INSERT INTO bounce.policy (profile, severity, reason, effect) VALUES ('site', 'hard', 'user_unknown', NULL);
INSERT INTO bounce.policy (profile, severity, reason, effect) VALUES ('site', 'block', 'ip_blocklisted', 'lease');
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder) VALUES ('site', 'hard', 'user_unknown', 'lease', '{}');
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder) VALUES ('site', 'hard', 'user_unknown', 'lease', '{1 hour,-1 hour}');
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder) VALUES ('site', 'hard', 'user_unknown', 'lease', '{1 month}');
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder) VALUES ('site', 'soft', 'mailbox_full', 'count', '{1 hour}');
INSERT INTO bounce.policy (profile, severity, reason, effect, threshold) VALUES ('site', 'soft', 'mailbox_full', 'lease', 3);
INSERT INTO bounce.policy (profile, severity, reason, effect, memory) VALUES ('site', 'soft', 'mailbox_full', 'lease', '-1 day');
INSERT INTO bounce.policy (profile, severity, reason, effect, topic_kind) VALUES ('site', '*', 'complaint_abuse', 'complaint', 'transactional');
UPDATE bounce.policy SET ladder = '{1 hour}' WHERE profile = 'default' AND reason = 'user_unknown';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM bounce.policy WHERE profile = 'acs';
SELECT bounce.use_profile('unheard of');
\echo :LAST_ERROR_SQLSTATE

-- ----------------------------------------------------------------------------
-- What can be, and hardly is what somebody meant: bounce.policy_check().

-- The shipped profiles contradict nothing.
SELECT * FROM bounce.policy_check() WHERE profile <> 'site';
-- A profile that was thought through: every class it needs, and no more.
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder)
	VALUES ('sound', 'hard', '*', 'lease', '{24 hours,48 hours}'), ('sound', 'hard', 'domain_unknown', 'lease', NULL);
INSERT INTO bounce.policy (profile, reason, effect, topic_kind)
	SELECT 'sound', reason, effect, topic_kind FROM bounce.policy WHERE profile = 'default' AND effect IN ('complaint', 'unsubscribe');
SELECT * FROM bounce.policy_check('sound');
CREATE VIEW finding AS SELECT severity, reason, finding FROM bounce.policy_check('odd') WHERE finding <> 'what a person said has no effect';
-- A row that never decides: all that it covers is covered before. Here (severity, *) by all (*, reason) ...
INSERT INTO bounce.policy (profile, severity, reason, effect) SELECT 'odd', '*', reason, 'none' FROM bounce.reasons();
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder) VALUES ('odd', 'hard', 'user_unknown', 'lease', '{24 hours}'), ('odd', 'hard', '*', 'lease', '{24 hours}');
SELECT severity, reason, finding, hint FROM bounce.policy_check('odd') WHERE severity = 'hard';
-- ... and a (*, reason) by all (severity, reason).
DELETE FROM bounce.policy WHERE profile = 'odd';
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder)
	SELECT 'odd', s, 'user_unknown', CASE s WHEN 'hard' THEN 'lease' ELSE 'none' END, CASE s WHEN 'hard' THEN '{24 hours}'::interval[] END
	FROM unnest('{*,ok,hard,soft,block,complaint,auto,admin,unknown}'::text[]) s;
TABLE finding;
-- Without a row for the plainest bounce, and with effects that do not fit.
DELETE FROM bounce.policy WHERE profile = 'odd';
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder) VALUES
	('odd', 'ok', 'delivered', 'lease', '{24 hours}'), ('odd', 'hard', 'mailbox_moved', 'complaint', NULL), ('odd', '*', 'complaint_abuse', 'lease', '{24 hours}');
TABLE finding;
-- What a person said must have an effect; here a complaint of fraud has one, all others none.
INSERT INTO bounce.policy (profile, severity, reason, effect, topic_kind) VALUES ('odd', '*', 'complaint_fraud', 'complaint', 'marketing');
SELECT severity, reason, finding FROM bounce.policy_check('odd') WHERE finding = 'what a person said has no effect';
-- Ladders: falling; cut before the first step ends; with a memory of nothing.
DELETE FROM bounce.policy WHERE profile = 'odd';
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder, memory, max_total) VALUES
	('odd', 'hard', '*', 'lease', '{24 hours,12 hours}', NULL, NULL),
	('odd', 'hard', 'user_unknown', 'lease', '{24 hours,48 hours}', '30 days', '23 hours'),
	('odd', 'hard', 'domain_unknown', 'lease', NULL, '30 days', '90 days'),
	('odd', 'hard', 'mailbox_moved', 'lease', '{24 hours}', '30 days', '24 hours');
TABLE finding;
-- Soft harsher than hard: acting where hard does not, at once where hard counts, sooner, or longer.
DELETE FROM bounce.policy WHERE profile = 'odd';
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder, threshold, within) VALUES
	('odd', 'hard', 'user_unknown', 'lease', '{24 hours}', NULL, NULL), ('odd', 'soft', 'user_unknown', 'count', '{48 hours}', 3, '14 days'),
	('odd', 'soft', 'mailbox_moved', 'count', '{24 hours}', 3, '14 days'),
	('odd', 'hard', 'mailbox_full', 'count', '{24 hours}', 3, '14 days'), ('odd', 'soft', 'mailbox_full', 'lease', '{24 hours}', NULL, NULL),
	('odd', 'hard', 'not_local', 'count', '{24 hours}', 3, '14 days'), ('odd', 'soft', 'not_local', 'count', '{24 hours}', 2, '14 days'),
	('odd', 'hard', 'domain_unknown', 'lease', '{24 hours}', NULL, NULL), ('odd', 'soft', 'domain_unknown', 'lease', '{48 hours}', NULL, NULL),
	('odd', '*', 'domain_no_mail', 'lease', '{24 hours}', NULL, NULL);
TABLE finding;
-- Rows of a later version, and what an older one let pass: no trigger saw them.
DELETE FROM bounce.policy WHERE profile = 'odd';
ALTER TABLE bounce.policy DISABLE TRIGGER policy_check;
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder) VALUES
	('odd', 'hard', '*', 'lease', '{24 hours}'), ('odd', 'hard', 'quantum_decay', 'lease', '{24 hours}'),
	('odd', 'firm', '*', 'lease', '{24 hours}'), ('odd', 'soft', '*', 'ponder', NULL), ('odd', 'block', 'ip_blocklisted', 'lease', '{24 hours}');
TABLE finding;
SELECT bounce.use_profile('odd');
SELECT bounce.record_event('short@policy.example', class => 'user_unknown');
SELECT bounce.use_profile('default');
DELETE FROM bounce.policy WHERE profile IN ('odd', 'sound');
ALTER TABLE bounce.policy ENABLE TRIGGER policy_check;
-- A profile that is not there, asked for or in force.
SELECT * FROM bounce.policy_check('odd');
INSERT INTO bounce.setting VALUES ('profile', 'gone') ON CONFLICT (name) DO UPDATE SET value = excluded.value;
SELECT profile, severity, reason, finding FROM bounce.policy_check() WHERE profile <> 'site';
SELECT bounce.use_profile('site');
DROP VIEW finding;

-- A profile that went away stops ingestion with a clear word, it does not guess.
DELETE FROM bounce.policy WHERE profile = 'site';
SELECT bounce.record_event('short@policy.example', class => 'user_unknown');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.use_profile('default');
DELETE FROM bounce.setting;
SELECT count(*) FROM bounce.suppression WHERE address LIKE '%@policy.example';
SELECT count(*) AS cycles_left FROM bounce.suppression_history WHERE address LIKE '%@policy.example';
