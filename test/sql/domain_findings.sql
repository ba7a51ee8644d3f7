-- Domains that fail as a whole: bounce.domain_findings() names them, bounce.suppress_found_domains()
-- suppresses them, and with the setting domain_findings every sweep does.
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
\pset null -
CREATE FUNCTION pg_temp.told(days interval, who text, class text, response text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO bounce.delivery_event (recipient, occurred_at, class, response) VALUES (who || '.found.example', now() - days, class::bounce.bounce_class, response) $$;

-- Three addresses of gone.found.example fail: the domain is not there. Two of few; three of users fail,
-- but for reasons of their own; one address of single fails three times; three of alive, one of which
-- took a mail since; one of old in the week, two before.
SELECT pg_temp.told(d::interval, w, c, r) FROM (VALUES
	('3 days', 'a@gone', 'hard:domain_unknown', '550 5.1.2 Host unknown'), ('2 days 1 hour', 'b@gone', 'hard:domain_unknown', NULL), ('2 days', 'b@gone', 'soft:domain_unknown', '450 4.1.2 Host not found'),
	('1 day', 'c@gone', 'hard:domain_no_mail', NULL), ('4 days', 'a@gone', 'ok:delivered', NULL), ('5 days', 'd@gone', 'hard:domain_unknown', 'before the mail that was accepted'),
	('3 days', 'a@few', 'hard:domain_unknown', NULL), ('3 days', 'b@few', 'hard:domain_unknown', NULL),
	('3 days', 'a@users', 'hard:user_unknown', NULL), ('3 days', 'b@users', 'hard:user_unknown', NULL), ('3 days', 'c@users', 'soft:dns_failure', NULL), ('3 days', 'd@users', 'block:policy', NULL),
	('3 days', 'a@single', 'hard:domain_unknown', NULL), ('2 days', 'a@single', 'hard:domain_unknown', NULL), ('1 day', 'a@single', 'hard:domain_unknown', NULL),
	('3 days', 'a@alive', 'hard:domain_unknown', NULL), ('3 days', 'b@alive', 'hard:domain_unknown', NULL), ('3 days', 'c@alive', 'hard:domain_unknown', NULL), ('2 days', 'd@alive', 'ok:delivered', NULL),
	('9 days', 'a@old', 'hard:domain_unknown', NULL), ('8 days', 'b@old', 'hard:domain_unknown', NULL), ('1 day', 'c@old', 'hard:domain_unknown', NULL)) v(d, w, c, r);
SELECT domain, addresses, events, class, (extract(epoch FROM now() - first_at) / 3600)::integer AS first_hours_ago, (extract(epoch FROM now() - last_at) / 3600)::integer AS last_hours_ago, response, suppressed FROM bounce.domain_findings() WHERE domain LIKE '%found.example';
-- Another threshold, another span.
SELECT domain, addresses, events FROM bounce.domain_findings(threshold => 2) WHERE domain LIKE '%found.example';
SELECT domain, addresses, events FROM bounce.domain_findings(since => now() - interval '14 days') WHERE domain LIKE '%found.example';
SELECT domain, addresses, events FROM bounce.domain_findings(until => now() - interval '36 hours', threshold => 2) WHERE domain LIKE '%found.example';

-- Making it so: the third address failed one day ago, so at the first step of the ladder the lease is over
-- by now, and nothing is made. It takes a failure that is younger.
SELECT bounce.suppress_found_domains();
SELECT pg_temp.told('12 hours', 'd@gone', 'hard:domain_unknown');
SELECT bounce.suppress_found_domains();
-- A day from the failure that made the threshold full, 48 hours from the next one.
SELECT domain, cause, class, now() - starts_at < interval '1 hour' AS from_now_on, age_at_end > interval '35 hours' AND age_at_end <= interval '36 hours' AS ends_in_36_hours, note, made_by
FROM (SELECT *, expires_at - now() AS age_at_end FROM bounce.domain_suppression) s WHERE domain LIKE '%found.example';
SELECT bounce.is_suppressed('nobody@gone.found.example'), bounce.was_suppressed('nobody@gone.found.example', now() - interval '1 hour') AS an_hour_ago;
SELECT cause, class, policy, source, regexp_replace(explanation, '\d{4}-\d\d-\d\d \d\d:\d\d:[\d.]+\+00', 'TIME', 'g') AS explanation FROM bounce.why_suppressed('nobody@gone.found.example');
SELECT domain, suppressed FROM bounce.domain_findings() WHERE domain LIKE '%found.example';
-- The same again is nothing new; the next failure makes it longer.
SELECT bounce.suppress_found_domains();
SELECT pg_temp.told('1 hour', 'e@gone', 'hard:domain_unknown');
SELECT bounce.suppress_found_domains();
SELECT domain, expires_at - now() > interval '94 hours' AS third_step FROM bounce.domain_suppression WHERE domain LIKE '%found.example';
-- Released by hand it stays released, until enough addresses fail after that.
SELECT bounce.release_domain('gone.found.example', why => 'moved');
SELECT domain FROM bounce.domain_findings() WHERE domain LIKE '%found.example';
SELECT bounce.suppress_found_domains();
SELECT count(*) FROM bounce.domain_suppression WHERE domain LIKE '%found.example';
DELETE FROM bounce.domain_suppression_history WHERE domain LIKE '%found.example';
-- What a person suppressed, or a domain above it, is left as it is.
SELECT bounce.suppress_domain('*.found.example', note => 'by hand');
SELECT bounce.suppress_found_domains();
SELECT domain, suppressed FROM bounce.domain_findings() WHERE domain LIKE '%found.example';
SELECT bounce.release_domain('*.found.example');
SELECT bounce.suppress_domain('gone.found.example', until => now() + interval '1 minute');
SELECT bounce.suppress_found_domains();
SELECT domain, cause FROM bounce.domain_suppression WHERE domain LIKE '%found.example';
-- One that is over goes to history and makes room.
UPDATE bounce.domain_suppression SET starts_at = now() - interval '9 days', expires_at = now() - interval '8 days' WHERE domain = 'gone.found.example';
SELECT bounce.suppress_found_domains();
SELECT domain, cause FROM bounce.domain_suppression WHERE domain LIKE '%found.example';
SELECT domain, cause, ended_by FROM bounce.domain_suppression_history WHERE domain = 'gone.found.example';
DELETE FROM bounce.domain_suppression WHERE domain LIKE '%found.example';
-- The ladder is that of the policy in force: without an end, or none at all.
SELECT bounce.use_profile('permanent'), bounce.suppress_found_domains();
SELECT domain, expires_at FROM bounce.domain_suppression WHERE domain LIKE '%found.example';
DELETE FROM bounce.domain_suppression WHERE domain LIKE '%found.example';
INSERT INTO bounce.policy (profile, severity, reason, effect) VALUES ('lenient', 'hard', '*', 'none');
SELECT bounce.use_profile('lenient'), bounce.suppress_found_domains();
SELECT bounce.use_profile('default');
DELETE FROM bounce.policy WHERE profile = 'lenient';

-- With the setting, a sweep does it.
SELECT bounce.sweep() >= 0 AS swept;
SELECT count(*) FROM bounce.domain_suppression WHERE domain LIKE '%found.example';
INSERT INTO bounce.setting VALUES ('domain_findings', 'make');
SELECT bounce.sweep() >= 0 AS swept;
SELECT domain, cause FROM bounce.domain_suppression WHERE domain LIKE '%found.example';

-- Wrong inputs; where nothing can be written it says so.
SELECT * FROM bounce.domain_findings(threshold => 1);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM bounce.domain_findings(NULL);
\echo :LAST_ERROR_SQLSTATE
BEGIN READ ONLY;
SELECT count(*) FROM bounce.domain_findings() WHERE domain LIKE '%found.example';
SELECT bounce.suppress_found_domains();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

DELETE FROM bounce.setting;
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%found.example';
DELETE FROM bounce.suppression WHERE address LIKE '%found.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%found.example';
DELETE FROM bounce.domain_suppression WHERE domain LIKE '%found.example';
DELETE FROM bounce.domain_suppression_history WHERE domain LIKE '%found.example';
