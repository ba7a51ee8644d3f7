-- Policies: which event does what to its address.
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

-- The shipped profiles, in short.
SELECT profile, severity, effect, count(*) AS reasons, min(threshold) AS threshold, min(within) AS within
FROM bounce.policy WHERE profile IN ('default', 'acs') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
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
	('ever@policy.example', 'domain_unknown', '2026-01-01 00:00');
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
-- A profile that went away stops ingestion with a clear word, it does not guess.
DELETE FROM bounce.policy WHERE profile = 'site';
SELECT bounce.record_event('short@policy.example', class => 'user_unknown');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.use_profile('default');
DELETE FROM bounce.setting;
SELECT count(*) FROM bounce.suppression WHERE address LIKE '%@policy.example';
SELECT count(*) AS cycles_left FROM bounce.suppression_history WHERE address LIKE '%@policy.example';
