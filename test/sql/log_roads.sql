--
-- The log: read and written in its partitions where they are plain tables and nobody but us
-- wants to know; where something else wants to see or change it, SQL does it.  The outcome is one.
--
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
\set VERBOSITY terse

-- 40 people who bounced, some of whom were mailed since; they are mailed once more, some of them twice.
CREATE TABLE outbox (id integer GENERATED ALWAYS AS IDENTITY, email text, topic text);
SELECT bounce.guard_outbox('outbox', 'email', topic_column => 'topic');
CREATE FUNCTION bounced() RETURNS void BEGIN ATOMIC
	INSERT INTO bounce.delivery_event (recipient, response, occurred_at, message_id)
		SELECT 'p' || lpad(n::text, 2, '0') || '@roads.example', '550 5.1.1 User unknown', date_trunc('hour', now()) - interval '4 hours', 'm' || n
		FROM generate_series(1, 40) AS n;
	INSERT INTO bounce.delivery_event (recipient, class, occurred_at)
		SELECT 'p' || lpad(n::text, 2, '0') || '@roads.example', 'admin:suppressed', date_trunc('hour', now()) - interval '1 hour' * (n % 9)
		FROM generate_series(10, 30) AS n;
END;
CREATE FUNCTION queue() RETURNS void BEGIN ATOMIC
	INSERT INTO outbox (email, topic) SELECT 'P' || lpad((1 + n % 40)::text, 2, '0') || '@Roads.Example', nullif((ARRAY['news', ''])[1 + n % 2], 'club')
		FROM generate_series(1, 52) AS n;
	INSERT INTO outbox (email) VALUES ('p05@roads.example');
END;
CREATE VIEW lease AS
	SELECT address, step, occurrences, expires_at > now() + interval '1 day' AS climbed, class, status, last_event_at > now() - interval '1 hour' AS now
	FROM bounce.suppression WHERE address LIKE '%@roads.example' AND cause = 'lease';
CREATE VIEW attempt AS
	SELECT recipient, topic, status, class, response, message_id, sent_at, source, remote_host, event_key ~ '^attempt:[0-9a-f]{16}[.][0-9]+$' AS own_key, recorded_at = now() AS now
	FROM bounce.delivery_event WHERE recipient LIKE '%@roads.example' AND source = 'guard';
CREATE VIEW outcome AS SELECT (SELECT md5(string_agg(l::text, ' ' ORDER BY l)) FROM lease AS l) || (SELECT md5(string_agg(a::text, ' ' ORDER BY a)) FROM attempt AS a) AS hash;
-- How often the log's own trigger was called for a row since the last look.
CREATE VIEW filled AS SELECT coalesce(sum(calls), 0) AS rows FROM pg_stat_xact_user_functions WHERE funcid = 'bounce.delivery_event_fill'::regproc;
SET track_functions = 'all';

-- In its partitions: no row is shown to the trigger.
BEGIN;
SELECT bounced();
SELECT rows AS before FROM filled \gset
SELECT queue();
SELECT rows - :before AS filled FROM filled;
SELECT step, occurrences, climbed, now, count(*) FROM lease GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4;
SELECT topic, status, class, response, message_id, sent_at, source, remote_host, own_key, now, count(*) FROM attempt GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ORDER BY 1;
SELECT hash AS in_place FROM outcome \gset
SELECT bounce.rebuild_suppressions();
ROLLBACK;

-- The same where partitions share the events, with one that covers now.
BEGIN;
SELECT count(*) > 0 AS made FROM bounce.maintain();
SELECT bounced();
SELECT rows AS before FROM filled \gset
SELECT queue();
SELECT rows - :before AS filled, (SELECT hash = :'in_place' FROM outcome) AS same FROM filled;
SELECT count(DISTINCT tableoid) FROM bounce.delivery_event WHERE source = 'guard' AND recipient LIKE '%@roads.example';
SELECT bounce.rebuild_suppressions();
ROLLBACK;

-- Through SQL: a trigger of the site on the log, or on a partition; or one of ours that the site has disabled.
BEGIN;
CREATE TABLE seen (recipient text);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen VALUES (NEW.recipient); RETURN NEW; END $$;
CREATE TRIGGER see AFTER INSERT ON bounce.delivery_event_default FOR EACH ROW EXECUTE FUNCTION see();
SELECT bounced();
SELECT rows AS before FROM filled \gset
SELECT queue();
SELECT rows - :before AS filled, (SELECT hash = :'in_place' FROM outcome) AS same FROM filled;
SELECT count(*) FROM seen;
ROLLBACK;
BEGIN;
SELECT bounced();
ALTER TABLE bounce.delivery_event DISABLE TRIGGER event_apply_insert;
SELECT queue();
ALTER TABLE bounce.delivery_event ENABLE TRIGGER event_apply_insert;
SELECT count(*) FILTER (WHERE now) AS climbed FROM lease;
SELECT (SELECT count(*) FROM attempt) AS logged, bounce.rebuild_suppressions() AS climb_later;
SELECT hash = :'in_place' AS same FROM outcome;
ROLLBACK;
-- A rule, another isolation level, and an index that is not ours any more.
BEGIN;
SELECT bounced();
CREATE TABLE seen (recipient text);
CREATE RULE seen AS ON INSERT TO bounce.delivery_event DO ALSO INSERT INTO seen VALUES (NEW.recipient);
SELECT queue();
SELECT hash = :'in_place' AS same, (SELECT count(*) FROM seen) FROM outcome;
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT bounced();
SELECT queue();
SELECT hash = :'in_place' AS same FROM outcome;
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT bounced();
SELECT queue();
SELECT hash = :'in_place' AS same FROM outcome;
ROLLBACK;
BEGIN;
DROP INDEX bounce.delivery_event_failing;
SELECT bounced();
SELECT queue();
SELECT hash = :'in_place' AS same FROM outcome;
CREATE INDEX delivery_event_failing ON bounce.delivery_event (recipient, occurred_at) INCLUDE (class, event_key)
	WHERE class OPERATOR(bounce.>=) 'soft:mailbox_full';
SELECT bounce.record_attempt('p05@roads.example');
SELECT step, occurrences FROM lease WHERE address = 'p05@roads.example';
SELECT bounce.rebuild_suppressions();
ROLLBACK;
-- A partition whose columns stand in another order, and one that is partitioned itself.
BEGIN;
CREATE TABLE other AS TABLE bounce.delivery_event WITH NO DATA;
ALTER TABLE other ADD COLUMN last timestamptz NOT NULL DEFAULT now();
ALTER TABLE other DROP COLUMN recorded_at;
ALTER TABLE other RENAME last TO recorded_at;
ALTER TABLE other ALTER occurred_at SET NOT NULL, ALTER recipient SET NOT NULL, ALTER class SET NOT NULL, ALTER event_key SET NOT NULL;
ALTER TABLE bounce.delivery_event ATTACH PARTITION other FOR VALUES FROM ('2001-01-01') TO ('2001-02-01');
SELECT bounced();
SELECT queue();
SELECT hash = :'in_place' AS same FROM outcome;
SELECT bounce.rebuild_suppressions();
ROLLBACK;
BEGIN;
CREATE TABLE parts PARTITION OF bounce.delivery_event FOR VALUES FROM ('2001-01-01') TO ('2001-02-01') PARTITION BY HASH (recipient);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 1, REMAINDER 0);
SELECT bounced();
SELECT queue();
SELECT hash = :'in_place' AS same FROM outcome;
ROLLBACK;
-- Row security that binds the owner.
BEGIN;
SELECT bounced();
CREATE POLICY roads ON bounce.delivery_event USING (recipient <> 'p01@roads.example');
ALTER TABLE bounce.delivery_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SELECT queue();
SELECT hash = :'in_place' AS same FROM outcome;
ROLLBACK;

-- A constraint of the site's own holds on either road.
ALTER TABLE bounce.delivery_event ADD CONSTRAINT roads_site CHECK (recipient <> 'p07@roads.example' OR class OPERATOR(bounce.<>) 'admin:suppressed');
SELECT bounced();
SELECT queue();
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) AS queued, (SELECT count(*) FROM attempt) AS logged FROM outbox;
ALTER TABLE bounce.delivery_event DROP CONSTRAINT roads_site;

-- A time that no partition takes.
BEGIN;
ALTER TABLE bounce.delivery_event DETACH PARTITION bounce.delivery_event_default;
CREATE TABLE own PARTITION OF bounce.delivery_event FOR VALUES FROM ('2001-01-01') TO ('2001-02-01');
SELECT bounce.record_attempt('p01@roads.example');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- A policy that takes an attempt for a wish: the triggers see to it.
BEGIN;
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder, threshold, within, memory, max_total)
	SELECT 'roads', severity, reason, effect, ladder, threshold, within, memory, max_total FROM bounce.policy WHERE profile = 'default';
INSERT INTO bounce.policy (profile, severity, reason, effect) VALUES ('roads', 'admin', 'suppressed', 'unsubscribe');
SELECT bounce.use_profile('roads');
SELECT bounce.record_attempt('p01@roads.example');
SELECT step, occurrences FROM lease WHERE address = 'p01@roads.example';
SELECT address, state FROM bounce.preference WHERE address LIKE '%@roads.example';
ROLLBACK;

-- Attempts that everybody sees are read from the index alone; what is deleted or changed then counts no more.
SELECT queue();
VACUUM bounce.delivery_event;
SELECT bounce.record_attempt('p05@roads.example');
SELECT bounce.rebuild_suppressions();
SELECT step, occurrences FROM lease WHERE address = 'p05@roads.example';
DELETE FROM bounce.delivery_event WHERE recipient = 'p05@roads.example' AND source = 'guard' AND event_key LIKE '%.1';
SELECT step, occurrences FROM lease WHERE address = 'p05@roads.example';
UPDATE bounce.delivery_event SET class = 'ok:delivered' WHERE recipient = 'p05@roads.example' AND source = 'guard';
SELECT step, occurrences FROM lease WHERE address = 'p05@roads.example';
SELECT bounce.rebuild_suppressions();

DROP VIEW outcome, attempt, lease, filled;
DROP FUNCTION bounced(), queue();
DROP TABLE outbox;
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@roads.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%@roads.example';
