-- Loading: what it does not look at makes no difference, whatever the order, the size and the nesting of statements.
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

CREATE VIEW lease AS
	SELECT split_part(address, '@', 1) AS who, cause, step, occurrences, starts_at, expires_at
	FROM bounce.suppression WHERE address LIKE '%@loads.example';
CREATE FUNCTION bounced(who text, at timestamptz) RETURNS void BEGIN ATOMIC
	INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES (who || '@loads.example', '550 5.1.1 User unknown', at);
END;
CREATE FUNCTION accepted(who text, at timestamptz) RETURNS void BEGIN ATOMIC
	INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES (who || '@loads.example', '250 2.0.0 OK', at);
END;

-- Accepted mails move nothing, wherever they come in: one before a bounce that is told late,
-- one within the lease, one after its end, and one that is told after the next lease began.
SELECT accepted('anna', '2026-03-01 09:00+00');
SELECT bounced('anna', '2026-03-01 10:00+00');
SELECT bounced('anna', '2026-03-01 08:00+00');
SELECT accepted('anna', '2026-03-01 12:00+00');
SELECT * FROM lease ORDER BY who;
SELECT accepted('anna', '2026-03-10 10:00+00');
SELECT bounced('anna', '2026-03-20 10:00+00');
SELECT accepted('anna', '2026-03-15 10:00+00');
SELECT * FROM lease ORDER BY who;
SELECT during, ended_by FROM bounce.suppression_history WHERE address = 'anna@loads.example';

-- The same under a policy that remembers, and names accepted mails: a delivery does not make it forget.
INSERT INTO bounce.policy (profile, effect, ladder, memory) VALUES ('remembers', 'lease', bounce.acs_ladder(), '90 days');
SELECT bounce.use_profile('remembers');
SELECT bounce.rebuild_suppressions();
SELECT accepted('anna', '2026-03-25 10:00+00');
SELECT bounced('anna', '2026-04-01 10:00+00');
SELECT * FROM lease ORDER BY who;
SELECT bounce.rebuild_suppressions();
SELECT bounce.use_profile('default');
DELETE FROM bounce.policy WHERE profile = 'remembers';
DELETE FROM bounce.delivery_event;

-- Two full mailboxes and a delivery between them; the third one, told late, begins the lease.
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES
	('bert@loads.example', '452 4.2.2 Mailbox full', '2026-03-03'),
	('bert@loads.example', '250 OK', '2026-03-02'),
	('bert@loads.example', '452 4.2.2 Mailbox full', '2026-03-05');
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES ('bert@loads.example', '452 4.2.2 Mailbox full', '2026-03-01');
SELECT * FROM lease ORDER BY who;

-- A new lease is written once, one that climbs by one update that touches no index.
CREATE VIEW writes AS SELECT n_tup_ins, n_tup_upd, n_tup_hot_upd, n_tup_del FROM pg_stat_xact_user_tables WHERE relid = 'bounce.suppression'::regclass;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT bounced('cora', '2026-03-01');
SELECT * FROM writes;
COMMIT;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT bounced('cora', '2026-03-01 12:00');
SELECT * FROM writes;
COMMIT;

-- An address that accepts very much: its fold reads what failed, by an index that has nothing else.
INSERT INTO bounce.delivery_event (recipient, response, occurred_at)
	SELECT 'dora@loads.example', CASE WHEN n % 5000 = 0 THEN '550 5.1.1 User unknown' ELSE '250 OK' END, '2026-03-01'::timestamptz + n * interval '1 second'
	FROM generate_series(1, 20000) n;
SELECT * FROM lease WHERE who = 'dora';
ANALYZE bounce.delivery_event;
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT FROM bounce.delivery_event e WHERE e.recipient = ANY ('{dora@loads.example}')
	AND e.class OPERATOR(bounce.>=) 'hard:delivered';
RESET enable_seqscan;

-- More addresses than are folded at once, more than fit into work_mem, most of them several times, in
-- no order; contacts follow. The same events once more change nothing.
CREATE TABLE contact (email text PRIMARY KEY, bounced_until timestamptz);
SELECT bounce.quarantine_contacts('contact', 'email', 'bounced_until');
CREATE TABLE many AS
	SELECT 'm' || lpad(abs(hashint4(n) % 3000)::text, 4, '0') || '@many.example' AS recipient, '550 5.1.1 User unknown' AS response,
		now() - n * interval '1 second' AS occurred_at, 'k' || n AS event_key FROM generate_series(1, 12000) n;
INSERT INTO contact SELECT DISTINCT recipient FROM many;
SET work_mem = '64kB';
INSERT INTO bounce.delivery_event (recipient, response, occurred_at, event_key) SELECT * FROM many;
RESET work_mem;
SELECT count(DISTINCT recipient) > 2000 AS many, count(DISTINCT recipient) = (SELECT count(*) FROM bounce.suppression WHERE address LIKE '%@many.example') AS all_leased,
	(SELECT count(*) FROM contact WHERE bounced_until IS NULL OR bounced_until <> (SELECT expires_at FROM bounce.suppression WHERE address = email)) AS wrong FROM many;
SELECT bounce.rebuild_suppressions();
SELECT pg_stat_force_next_flush();
BEGIN;
INSERT INTO bounce.delivery_event (recipient, response, occurred_at, event_key) SELECT * FROM many;
SELECT * FROM writes;
COMMIT;
SELECT bounce.detach('contact', 'quarantine_contacts');
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@many.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%@many.example';

-- Many wishes to unsubscribe in one statement: the last one of an address counts.
INSERT INTO bounce.topic (topic, title, kind) VALUES ('news', 'News', 'marketing') ON CONFLICT DO NOTHING;
INSERT INTO bounce.delivery_event (recipient, topic, class, occurred_at)
	SELECT 'w' || n % 500 || '@wish.example', CASE WHEN n % 3 = 0 THEN 'news' END, 'unsubscribe_request', '2026-03-01'::timestamptz + n * interval '1 second' FROM generate_series(1, 2000) n;
SELECT topic, state, count(*), max(since) FROM bounce.preference WHERE address LIKE '%@wish.example' GROUP BY 1, 2 ORDER BY 1, 2;

-- The application's own triggers come first: what they make of a row is what takes effect.
CREATE FUNCTION rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.recipient LIKE 'drop%' THEN
		RETURN NULL;
	END IF;
	NEW.recipient := replace(NEW.recipient, 'alias', 'emil');
	NEW.response := replace(NEW.response, 'QQ', '550 5.1.1 User unknown');
	RETURN NEW;
END $$;
CREATE TRIGGER rewrite BEFORE INSERT ON bounce.delivery_event FOR EACH ROW EXECUTE FUNCTION rewrite();
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES ('alias@loads.example', 'QQ', '2026-03-01'), ('drop@loads.example', 'QQ', '2026-03-01');
SELECT * FROM lease WHERE who IN ('emil', 'alias', 'drop') ORDER BY who;
DROP TRIGGER rewrite ON bounce.delivery_event;

-- Statements within statements, some of them undone: each of them tells of its own events.
CREATE FUNCTION tell_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.recipient LIKE 'outer%' THEN
		INSERT INTO bounce.delivery_event (recipient, response, occurred_at)
			VALUES (replace(NEW.recipient, 'outer', 'inner'), NEW.response, NEW.occurred_at), ('also-' || NEW.recipient, NEW.response, NEW.occurred_at);
		BEGIN
			INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES (replace(NEW.recipient, 'outer', 'undone'), NEW.response, NEW.occurred_at);
			RAISE EXCEPTION 'undo';
		EXCEPTION WHEN raise_exception THEN
		END;
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER tell_more BEFORE INSERT ON bounce.delivery_event FOR EACH ROW EXECUTE FUNCTION tell_more();
INSERT INTO bounce.delivery_event (recipient, response, occurred_at)
	SELECT 'outer' || n || '@loads.example', '550 5.1.1 User unknown', '2026-03-01' FROM generate_series(1, 2) n;
SELECT who, step FROM lease WHERE who ~ 'outer|inner|undone' ORDER BY who;
DROP TRIGGER tell_more ON bounce.delivery_event;

-- Two INSERTs in one query; a savepoint that is taken back; nothing at all.
WITH one AS (INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES ('fred@loads.example', '550 5.1.1 User unknown', '2026-03-01') RETURNING 1)
	INSERT INTO bounce.delivery_event (recipient, response, occurred_at) SELECT 'gina@loads.example', '550 5.1.1 User unknown', '2026-03-01' FROM one;
BEGIN;
SAVEPOINT s;
SELECT bounced('hugo', '2026-03-01');
ROLLBACK TO s;
SELECT bounced('ida', '2026-03-01');
COMMIT;
INSERT INTO bounce.delivery_event (recipient, response) SELECT 'none@loads.example', '550 5.1.1 User unknown' WHERE false;
SELECT who, step FROM lease WHERE who IN ('fred', 'gina', 'hugo', 'ida', 'none') ORDER BY who;

-- A row that goes into a partition directly is logged, and takes effect with the next event of its address.
INSERT INTO bounce.delivery_event_default (recipient, response, occurred_at) VALUES ('jan@loads.example', '550 5.1.1 User unknown', '2026-03-01');
SELECT * FROM lease WHERE who = 'jan';
SELECT bounced('jan', '2026-03-01 12:00+00');
SELECT * FROM lease WHERE who = 'jan';
SELECT bounce.rebuild_suppressions();

DELETE FROM bounce.delivery_event;
DELETE FROM bounce.suppression;
-- A sweep looks at what is due, and a climb does not change when that is: it puts off what lasts longer.
CREATE VIEW due AS SELECT split_part(address, '@', 1) AS who, due, expires_at FROM bounce.suppression WHERE address LIKE '%@due.example';
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES ('kira@due.example', '550 5.1.1 User unknown', '2026-03-01 10:20+00');
SELECT * FROM due;
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES ('kira@due.example', '550 5.1.1 User unknown', '2026-03-01 11:20+00');
SELECT * FROM due;
SELECT bounce.sweep('2026-03-02 10:30+00');
SELECT * FROM due;
SELECT bounce.sweep('2026-03-03 11:10+00');
SELECT bounce.sweep('2026-03-03 11:20+00');
SELECT * FROM due;
-- One that ends nearer than it did, because an event is taken back, is due nearer.
INSERT INTO bounce.delivery_event (recipient, response, occurred_at) VALUES
	('lars@due.example', '550 5.1.1 User unknown', '2026-03-01 10:20+00'), ('lars@due.example', '550 5.1.1 User unknown', '2026-03-01 11:20+00');
SELECT * FROM due;
DELETE FROM bounce.delivery_event WHERE recipient = 'lars@due.example' AND occurred_at > '2026-03-01 11:00+00';
SELECT * FROM due;
SELECT bounce.sweep('2026-03-02 10:20+00');
-- By hand: with and without an end, a longer one, and rows that somebody wrote past the functions.
SELECT bounce.suppress('mona@due.example', until => '2026-03-03 10:20+00', note => 'asked', at => '2026-03-01 10:00+00');
SELECT bounce.suppress('nils@due.example', note => 'asked', at => '2026-03-01 10:00+00');
INSERT INTO bounce.suppression (address, cause, starts_at, expires_at) VALUES ('olga@due.example', 'import', '2026-03-01', '2026-03-04 10:20+00'), ('paul@due.example', 'import', '2026-03-01', 'infinity');
SELECT * FROM due ORDER BY who;
SELECT bounce.sweep('2026-03-02 10:30+00');
SELECT * FROM due ORDER BY who;
SELECT bounce.sweep('2026-03-05 10:30+00');
SELECT * FROM due ORDER BY who;
SELECT bounce.sweep('infinity');
ANALYZE bounce.suppression;
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT FROM bounce.suppression s WHERE s.due <= '2026-03-05 10:30+00' AND s.due < 'infinity' AND s.expires_at <= '2026-03-05 10:30+00' FOR UPDATE SKIP LOCKED;
RESET enable_seqscan;

-- What is stored in a partition itself is completed, and said not to take effect; a row that moves there is as before.
SET client_min_messages = notice;
INSERT INTO bounce.delivery_event_default (recipient, response, occurred_at) VALUES ('quin@due.example', '550 5.1.1 User unknown', '2026-03-01 10:20+00');
SELECT * FROM due;
SELECT bounce.rebuild_suppressions();
SELECT * FROM due;
CREATE TABLE bounce.by_hand PARTITION OF bounce.delivery_event FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
UPDATE bounce.delivery_event SET occurred_at = '2025-01-10 10:20+00' WHERE recipient = 'quin@due.example';
SELECT * FROM due;
INSERT INTO bounce.by_hand (recipient, response, occurred_at) VALUES ('rosa@due.example', '550 5.1.1 User unknown', '2025-01-10 10:20+00');
DROP TABLE bounce.by_hand;
SELECT bounce.rebuild_suppressions();

-- The triggers are for this table and these events only.
CREATE TABLE own (LIKE bounce.delivery_event);
CREATE TRIGGER wrong BEFORE INSERT ON own FOR EACH STATEMENT EXECUTE FUNCTION bounce.delivery_event_apply();
INSERT INTO own SELECT * FROM own;
DROP TRIGGER wrong ON own;
CREATE TRIGGER wrong BEFORE UPDATE ON own FOR EACH STATEMENT EXECUTE FUNCTION bounce.delivery_event_apply();
UPDATE own SET topic = 'x';
DROP TRIGGER wrong ON own;
CREATE TRIGGER wrong AFTER INSERT ON own REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION bounce.delivery_event_apply();
INSERT INTO own SELECT * FROM own;

\set ECHO none
DELETE FROM bounce.delivery_event;
DELETE FROM bounce.suppression_history;
DELETE FROM bounce.suppression WHERE address LIKE '%@due.example';
DELETE FROM bounce.preference WHERE address LIKE '%@wish.example';
ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
DELETE FROM bounce.consent_log WHERE address LIKE '%@wish.example' OR address LIKE '%@loads.example';
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only_row;
DELETE FROM bounce.topic WHERE topic = 'news';
DROP TABLE own, contact, many;
DROP VIEW lease, writes, due;
DROP FUNCTION bounced, accepted, rewrite, tell_more;
