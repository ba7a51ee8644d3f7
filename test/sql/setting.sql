-- Settings are checked when they are stored, not when somebody's unsubscribe depends on them.
SET timezone = 'UTC';
\set SHOW_CONTEXT never

-- What there is, as the comment of the column says it.
INSERT INTO bounce.setting VALUES ('confirm_within', '36 hours'), ('domain_findings', 'propose'), ('forgotten', 'sha256'), ('partition', 'week'), ('profile', 'acs'), ('retention', 'P2Y');
SELECT count(*) FROM bounce.setting, col_description('bounce.setting'::regclass, 1) AS d WHERE strpos(d, name || ':') > 0;
-- Intervals as the type reads them.
UPDATE bounce.setting SET value = v FROM unnest('{1 mon,90 days 12:00,1-2,@ 1 year,0.5 hours,1000 years,PT1S}'::text[]) AS v WHERE name = 'retention';

-- What cannot be is refused with what it can be.
UPDATE bounce.setting SET value = 'soon' WHERE name = 'confirm_within';
\echo :LAST_ERROR_SQLSTATE
CREATE FUNCTION pg_temp.try(what_for text, given text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE what text; detail text; hint text;
BEGIN
	UPDATE bounce.setting SET value = given WHERE name = what_for;
	RETURN 'stored';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS what = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' / ', SQLSTATE, left(what, 80), detail, hint);
END $$;
SELECT pg_temp.try('confirm_within', v) FROM unnest('{"",0,-1 hour,1 month -29 days,1001 years,infinity,2026-01-01,7 dogs}'::text[]) AS v;
SELECT pg_temp.try('confirm_within', repeat('1 day ', 500));
SELECT pg_temp.try('retention', v) FROM unnest('{long,0 days}'::text[]) AS v;
SELECT pg_temp.try('partition', v) FROM unnest('{hour,"",MONTH,month week}'::text[]) AS v;
SELECT pg_temp.try('forgotten', 'md5');
SELECT pg_temp.try('domain_findings', 'yes');
SELECT pg_temp.try('profile', '');
SELECT pg_temp.try('profile', NULL);
-- So is a name that nothing would ever read.
INSERT INTO bounce.setting VALUES ('confirm_withn', '7 days');
\echo :LAST_ERROR_SQLSTATE
UPDATE bounce.setting SET name = 'Partition' WHERE name = 'partition';
INSERT INTO bounce.setting VALUES (NULL, 'week');

-- What came in while triggers were off is refused by who reads it.
SET session_replication_role = replica;
UPDATE bounce.setting SET value = 'nonsense';
RESET session_replication_role;
INSERT INTO bounce.topic (topic, opt_in) VALUES ('setting club', 'double');
SELECT bounce.subscribe('ann@setting.example', 'setting club');
SELECT bounce.forget('ann@setting.example');
SELECT bounce.maintain();
UPDATE bounce.setting SET value = 'month' WHERE name = 'partition';
SELECT bounce.maintain();
SELECT bounce.sweep();
-- A no depends on none of them.
SELECT bounce.unsubscribe('ann@setting.example', 'setting club');
SELECT bounce.setting_check();

DELETE FROM bounce.setting;
SELECT count(*) > 0 AS forgotten FROM bounce.forget('ann@setting.example');
DELETE FROM bounce.digest_suppression;
DELETE FROM bounce.secret_key;
DELETE FROM bounce.topic WHERE topic = 'setting club';
