-- Rows are looked up by index, also when the plan was made while the table was small.
INSERT INTO bounce.topic (topic, kind, opt_in) VALUES ('few_news', 'marketing', 'none');
INSERT INTO bounce.delivery_event (recipient, response) VALUES ('known@few.example', '550 5.1.1 user unknown'), ('other@few.example', '550 5.1.1 user unknown');
SELECT bounce.unsubscribe('known@few.example', 'few_news') IS NOT NULL AS told, bounce.release('other@few.example') AS released;
VACUUM (ANALYZE) bounce.delivery_event, bounce.suppression, bounce.suppression_history, bounce.preference, bounce.consent_log;
\c
-- What an application does all day
BEGIN;
INSERT INTO bounce.delivery_event (recipient, response) VALUES ('new@few.example', '550 5.1.1 user unknown');
SELECT bounce.record_attempt('new@few.example'), bounce.is_suppressed('new@few.example', 'few_news'), bounce.was_suppressed('other@few.example', now());
SELECT cause FROM bounce.why_suppressed('new@few.example');
SELECT bounce.release('new@few.example') AS released;
SELECT bounce.suppress('new@few.example') IS NOT NULL AS suppressed;
SELECT bounce.unsubscribe('new@few.example', 'few_news') IS NOT NULL AS told;
SELECT topic, state FROM bounce.preferences('new@few.example') WHERE topic LIKE 'few\_%';
SELECT count(*) > 5 AS forgotten FROM bounce.forget('new@few.example');
-- Tables with a row for each address, read as a whole
SELECT relname, seq_scan FROM pg_stat_xact_all_tables
WHERE schemaname = 'bounce' AND seq_scan > 0 AND relname ~ '^(delivery_event|suppression|preference|consent_log|fold_base|digest_suppression)' ORDER BY relname;
ROLLBACK;

DELETE FROM bounce.delivery_event WHERE recipient LIKE '%few.example';
DELETE FROM bounce.suppression WHERE address LIKE '%few.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%few.example';
DELETE FROM bounce.preference WHERE address LIKE '%few.example';
ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
DELETE FROM bounce.consent_log WHERE address LIKE '%few.example';
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only_row;
DELETE FROM bounce.topic WHERE topic LIKE 'few\_%';
