-- A site's own rules: they come before the classifier's.
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

-- Without site rules, classify_here says what classify says.
SELECT bounce.classify('554 Refused by shield K9') AS classify, bounce.classify_here('554 Refused by shield K9') AS here,
	bounce.classify_here('550 5.1.1', '554 Refused by shield K9') AS with_status, bounce.classify_here('550 5.1.1', NULL) AS status_only,
	bounce.classify_here(NULL) IS NULL AS nothing, bounce.classify_here(NULL, NULL) IS NULL AS nothing_at_all;
-- A rule holds from the next statement on; case does not matter.
INSERT INTO bounce.site_rule (pattern, class, note) VALUES ('refused by shield k[0-9]', 'block:ip_blocklisted', 'our own gateway');
SELECT bounce.classify_here('554 Refused by shield K9'), bounce.classify_here('554 refused by SHIELD K10'), bounce.classify_here('554 Refused by shield');
-- The pure functions stay what they are.
SELECT bounce.classify('554 Refused by shield K9');
-- diagnose_here names the rule; what else the answer says is still there.
\x on
SELECT * FROM bounce.diagnose_here('451 4.7.1 Refused by shield K9, try again in 300 seconds, see https://shield.example.com/k9');
SELECT * FROM bounce.diagnose_here('550 5.1.1 User unknown');
\x off
SELECT * FROM bounce.diagnose_here(NULL);

-- A pattern sees any run of white space and line ends as one blank, and none at either end.
INSERT INTO bounce.site_rule (pattern, class) VALUES ('^554 one line only$', 'soft:system_error');
SELECT bounce.classify_here(E'  554 one\r\n\tline\n   only \r\n'), bounce.classify_here('554 one line only.');
-- The class is taken as it is, also for a temporary answer.
INSERT INTO bounce.site_rule (pattern, class) VALUES ('tenant is gone', 'hard:domain_abandoned');
SELECT bounce.classify_here('451 4.4.4 tenant is gone');
-- A rule may ask for a status, in the text or known beside it; '.' is any text.
INSERT INTO bounce.site_rule (pattern, status_pattern, class) VALUES ('.', '5.7.999', 'block:geo_blocked'), ('zorro', '4xx', 'soft:mailbox_full');
SELECT bounce.classify_here('550 5.7.999 no') AS in_text, bounce.classify_here('550 5.7.999', 'no') AS beside, bounce.classify_here('zorro') AS without,
	bounce.classify_here('452 zorro') AS transient, bounce.classify_here('552 zorro') AS permanent, bounce.classify_here('5.7.999', NULL) AS no_text;

-- Of several that match, the highest priority decides, then the longest pattern, then the first in byte order,
-- then the one that asks for a status.
INSERT INTO bounce.site_rule (pattern, status_pattern, class, priority) VALUES
	('zebra', NULL, 'soft:network_error', 0), ('zebra.', NULL, 'soft:system_error', 0), ('.zebra', NULL, 'soft:config_error', 0),
	('zebra (one|two)', NULL, 'soft:routing_error', -1), ('two', NULL, 'soft:delayed', 5), ('zebra three', NULL, 'soft:greylisted', 0), ('zebra three', '4.1.1', 'soft:rate_limited', 0);
SELECT bounce.classify_here('zebra') AS only_one, bounce.classify_here('zebra one') AS longer, bounce.classify_here('a zebra one') AS by_bytes,
	bounce.classify_here('zebra two') AS priority, bounce.classify_here('zebra three') AS no_status, bounce.classify_here('4.1.1 zebra three') AS status;
-- The same pattern and status cannot mean two things.
INSERT INTO bounce.site_rule (pattern, class) VALUES ('zebra', 'soft:delayed');
\echo :LAST_ERROR_SQLSTATE

-- Inside the transaction that changes a rule, and after it.
BEGIN;
UPDATE bounce.site_rule SET class = 'hard:user_unknown' WHERE pattern = 'zebra';
SELECT bounce.classify_here('zebra');
SAVEPOINT deeper;
DELETE FROM bounce.site_rule;
SELECT bounce.classify_here('zebra');
ROLLBACK TO deeper;
SELECT bounce.classify_here('zebra');
ROLLBACK;
SELECT bounce.classify_here('zebra');
-- Also by TRUNCATE, and in parallel workers.
CREATE TABLE zebras AS SELECT 'zebra'::text AS response FROM generate_series(1, 1000);
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2; SET parallel_leader_participation = off;
EXPLAIN (COSTS off) SELECT bounce.classify_here(response), count(*) FROM zebras GROUP BY 1;
SELECT bounce.classify_here(response), count(*) FROM zebras GROUP BY 1;
BEGIN;
UPDATE bounce.site_rule SET class = 'hard:user_unknown' WHERE pattern = 'zebra';
SELECT bounce.classify_here(response), count(*) FROM zebras GROUP BY 1;
TRUNCATE bounce.site_rule;
SELECT bounce.classify_here(response), count(*) FROM zebras GROUP BY 1;
ROLLBACK;
SELECT bounce.classify_here(response), count(*) FROM zebras GROUP BY 1;
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather; RESET parallel_leader_participation;
DROP TABLE zebras;
-- And within one statement's functions: each of these statements sees the one before.
DO $$
BEGIN
	FOR wanted IN 1 .. 3 LOOP
		UPDATE bounce.site_rule SET class = (ARRAY['hard:user_unknown', 'soft:delayed', 'soft:network_error'])[wanted]::bounce.bounce_class WHERE pattern = 'zebra';
		RAISE NOTICE '%', bounce.classify_here('zebra');
	END LOOP;
END $$;

-- Events get their class from the same rules.
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES
	('ann@siterules.example', '554 Refused by shield K9', '2026-01-01'), ('bob@siterules.example', '451 4.4.4 tenant is gone', '2026-01-01');
INSERT INTO bounce.delivery_event (recipient, response, class, occurred_at) VALUES ('carl@siterules.example', '554 Refused by shield K9', 'soft:delayed', '2026-01-01');
INSERT INTO bounce.delivery_event (recipient, status, response, occurred_at) VALUES ('dora@siterules.example', '5.7.999', 'no', '2026-01-01');
SELECT recipient, status, class FROM bounce.delivery_event WHERE recipient LIKE '%@siterules.example' ORDER BY 1;
SELECT address, class FROM bounce.suppression WHERE address LIKE '%@siterules.example';
-- A replayed file finds its events again, although rules would give them another class now.
DELETE FROM bounce.site_rule WHERE pattern LIKE 'refused%';
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES ('ann@siterules.example', '554 Refused by shield K9', '2026-01-01');
SELECT recipient, class FROM bounce.delivery_event WHERE recipient = 'ann@siterules.example';
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@siterules.example';
DELETE FROM bounce.site_rule;

-- What a match must contain is looked for first. That never changes an answer: each of these expressions says the same as ~*.
CREATE TABLE expression (pattern text);
INSERT INTO expression VALUES ('mailbox.*full'), ('Mail?box'), ('mailb+ox'), ('(mail|post)box'), ('mail|box'), ('^550'), ('full$'), ('\mbox'), ('mail\w+'),
	('m[ai]+lbox'), ('[]x]ail'), ('[[:alpha:]]{3}box'), ('b{2}ox'), ('mailb{1,2}ox'), ('mailb{0}ox'), ('mail\.box'), ('mail\\box'), ('(?i)FULL'), ('(?c)FULL'), ('(?q)mail.box'),
	('***=mail.box'), ('***:mail.box'), ('(?x) m a i l'), ('mail(?#not ( this)box'), ('\x6dail'), ('mailb*?ox'), ('mailb??ox'), ('ma(il)?b(ox)*'), ('[^[:space:]]box'),
	('mail[\]]box'), ('a{'), ('a{,2}x'), ('mail\sbox'), ('é+'), ('straß?e'), ('x(((mailbox)))'), ('(a)(b)|c'), ('full|'), ('box\M'), ('\Amail'), ('a\)b'), ('(a\)b)c'), ('((a[)]b)c)d'), ('mail box|post box'),
	('mailbox is full and over its quota for a long time'), ('is full and over its quota for a long time?');
CREATE TABLE answer (response text);
INSERT INTO answer VALUES ('mailbox full'), ('MAILBOX is FULL'), ('maibox'), ('mailbbox'), ('postbox'), ('box'), ('550 full'), ('a box'), ('mail.box'), ('mail\box'), ('mail box'), ('mailox'), ('mal box'), ('x]ail'),
	('m a i l'), ('mail]box'), ('ÉÉÉ'), ('STRAE'), ('c'), ('ab'), ('a)b'), ('a)bc'), ('a)bcd'), ('a{'), ('full'), ('mailbox is full and over its quota for a long time'), ('mailbox is full and over its quota for a long tim'), ('xmailbox'), ('mailx'), ('bbox');
CREATE FUNCTION pg_temp.differences(expression text) RETURNS TABLE (response text, here boolean, server boolean) LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		INSERT INTO bounce.site_rule (pattern, class) VALUES (expression, 'admin:local_policy');
	EXCEPTION WHEN invalid_regular_expression OR invalid_parameter_value THEN
		RAISE NOTICE '% is refused', expression;
		RETURN;
	END;
	RETURN QUERY SELECT a.response, h.matches, a.response ~* expression
		FROM answer AS a, LATERAL (SELECT bounce.classify_here(a.response)::text = 'admin:local_policy') AS h(matches)
		WHERE h.matches <> (a.response ~* expression);
	DELETE FROM bounce.site_rule;
END $$;
SELECT pattern, d.* FROM expression, pg_temp.differences(pattern) AS d;
DROP TABLE expression, answer;

-- Refused when stored, with the reason: what does not compile ...
INSERT INTO bounce.site_rule (pattern, class) VALUES ('user (unknown', 'hard:user_unknown');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO bounce.site_rule (pattern, class) VALUES ('[a', 'hard:user_unknown');
INSERT INTO bounce.site_rule (pattern, class) VALUES ('a{300}', 'hard:user_unknown');
-- ... what matches everything or nothing ...
INSERT INTO bounce.site_rule (pattern, class) VALUES ('', 'hard:user_unknown');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO bounce.site_rule (pattern, class) VALUES ('.*', 'hard:user_unknown');
INSERT INTO bounce.site_rule (pattern, class) VALUES ('^', 'hard:user_unknown');
INSERT INTO bounce.site_rule (pattern, class) VALUES ('unknown|', 'hard:user_unknown');
INSERT INTO bounce.site_rule (pattern, class) VALUES ('user^unknown', 'hard:user_unknown');
-- ... what can take long ...
INSERT INTO bounce.site_rule (pattern, class) VALUES ('(a+)\1', 'hard:user_unknown');
INSERT INTO bounce.site_rule (pattern, class) VALUES ('not (?!found)', 'hard:user_unknown');
INSERT INTO bounce.site_rule (pattern, class) VALUES ('(a{1,99}b{1,99}){1,99}', 'hard:user_unknown');
INSERT INTO bounce.site_rule (pattern, class) VALUES ('((((a{1,99}){1,99}){1,99}){1,99}){1,99}', 'hard:user_unknown');
INSERT INTO bounce.site_rule (pattern, class) VALUES (repeat('unknown user ', 77), 'hard:user_unknown');
-- ... a class or status that is none, and NULL.
INSERT INTO bounce.site_rule (pattern, class) VALUES ('user unknown', 'hard:user_unkown');
INSERT INTO bounce.site_rule (pattern, class, status_pattern) VALUES ('user unknown', 'hard:user_unknown', '5.x.1');
INSERT INTO bounce.site_rule (pattern, class) VALUES (NULL, 'hard:user_unknown');
INSERT INTO bounce.site_rule (pattern, class) VALUES ('user unknown', NULL);
-- A rule that is there cannot become one of these either.
INSERT INTO bounce.site_rule (pattern, class) VALUES ('user unknown', 'hard:user_unknown');
UPDATE bounce.site_rule SET pattern = 'user (unknown';
-- What came in past the trigger does not stop the others.
ALTER TABLE bounce.site_rule DISABLE TRIGGER site_rule_check;
INSERT INTO bounce.site_rule (pattern, class) VALUES ('[a', 'soft:delayed'), ('kaputt', 'soft:delayed');
ALTER TABLE bounce.site_rule ENABLE TRIGGER site_rule_check;
SELECT bounce.classify_here('kaputt');
DELETE FROM bounce.site_rule;

-- The worst that is let in, on 64 kB of the worst text, and more text than is read.
INSERT INTO bounce.site_rule (pattern, class) VALUES ('((a|b)*a(a|b){150}c)', 'hard:user_unknown'), ('((x+x+)+y)', 'soft:delayed'), ('^ab.*the end$', 'admin:local_policy');
SELECT bounce.classify_here(repeat('abbabaab', 8192)), bounce.classify_here(repeat('x', 65536));
SELECT bounce.classify_here('ab' || repeat(' x', 1000000) || ' the end'), bounce.classify_here('ab' || repeat(' x', 30000) || 'the end' || repeat(' x', 30000));
SELECT bounce.classify_here('ab' || repeat('é', 100001) || 'the end');
DELETE FROM bounce.site_rule;

-- Who may: everybody with a bundle asks, analysts read the rules, operators change them.
CREATE ROLE regress_bounce_siterules;
SET ROLE regress_bounce_siterules;
SELECT bounce.classify_here('zebra');
RESET ROLE;
SELECT bounce.grant_access('regress_bounce_siterules', 'sender');
SET ROLE regress_bounce_siterules;
SELECT bounce.classify_here('zebra');
SELECT count(*) FROM bounce.site_rule;
RESET ROLE;
SELECT bounce.grant_access('regress_bounce_siterules', 'operator');
SET ROLE regress_bounce_siterules;
INSERT INTO bounce.site_rule (pattern, class) VALUES ('zebra', 'soft:delayed');
SELECT bounce.classify_here('zebra');
DELETE FROM bounce.site_rule;
RESET ROLE;
DROP OWNED BY regress_bounce_siterules;
DROP ROLE regress_bounce_siterules;
