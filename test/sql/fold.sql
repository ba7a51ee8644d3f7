-- The fold: the same events leave the same state, in whatever order and portions they come in.
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

-- Random events of 60 addresses, the same ones everywhere. The first 20 see bounces that take
-- the ladder at once and nothing else; the next 20 also withheld attempts, full mailboxes (which
-- count), accepted mails, faults of the sender and complaints; the last 20 also messages that are
-- reported twice and bounces of mails that were sent long before.
CREATE FUNCTION dice(n integer, what text, sides integer) RETURNS integer LANGUAGE sql IMMUTABLE
	RETURN ('x' || left(md5(n || what), 7))::bit(28)::integer % sides;
CREATE FUNCTION pick(n integer, what text, VARIADIC items text[]) RETURNS text LANGUAGE sql IMMUTABLE
	RETURN items[1 + dice(n, what, cardinality(items))];
CREATE TABLE fold_event AS
	SELECT n, 'a' || lpad(who::text, 2, '0') || '@fold.example' AS recipient, at AS occurred_at,
		CASE WHEN who < 20 THEN pick(n, 'hard', 'hard:user_unknown', 'hard:domain_unknown', 'hard:mailbox_full')
			ELSE pick(n, 'class', 'hard:user_unknown', 'hard:mailbox_moved', 'soft:mailbox_full', 'soft:mailbox_full', 'soft:mailbox_full', 'soft:message_expired',
				'admin:suppressed', 'admin:suppressed', 'ok:delivered', 'block:ip_blocklisted', 'complaint_abuse') END::bounce.bounce_class AS class,
		CASE WHEN who >= 40 AND dice(n, 'message', 2) = 0 THEN 'm' || dice(n, 'number', 4) END AS message_id,
		CASE WHEN who >= 40 AND dice(n, 'sent', 2) = 0 THEN at - make_interval(hours => dice(n, 'delay', 60)) END AS sent_at
	FROM (SELECT n, dice(n, 'who', 60) AS who, '2024-01-01'::timestamptz + make_interval(mins => dice(n, 'at', 86400)) AS at FROM generate_series(1, 900) n) AS drawn;
SELECT count(*) AS events, count(DISTINCT recipient) AS addresses, min(per), max(per) FROM (SELECT recipient, count(*) OVER (PARTITION BY recipient) AS per FROM fold_event) AS e;

-- No two events of an address at the same time: what comes first is then nobody's choice.
SELECT count(*) AS ties FROM (SELECT FROM fold_event GROUP BY recipient, occurred_at HAVING count(*) > 1) AS t;

-- Eight runs load them in other orders and portions. In some a sweep comes after every portion,
-- as it would in a day's work.
CREATE TABLE fold_run (run text, portions integer, sweeps boolean);
INSERT INTO fold_run VALUES ('at once', 1, false), ('in order', 90, false), ('reversed', 900, false), ('three', 3, false),
	('seven, swept', 7, true), ('forty', 40, false), ('forty, swept', 40, true), ('singles, swept', 300, true);
CREATE TABLE fold_portion AS
	SELECT run, portion, row_number() OVER (PARTITION BY run, portion ORDER BY md5(n || run)) AS place, e.*
	FROM (SELECT r.run, e AS e, CASE r.run
			WHEN 'in order' THEN (row_number() OVER (PARTITION BY r.run ORDER BY (e).occurred_at, (e).n) - 1) / 10
			WHEN 'reversed' THEN row_number() OVER (PARTITION BY r.run ORDER BY (e).occurred_at DESC, (e).n) - 1
			ELSE dice((e).n, r.run || 'portion', r.portions) END AS portion
		FROM fold_run AS r, fold_event AS e) AS drawn, LATERAL (SELECT (drawn.e).*) AS e;
CREATE INDEX ON fold_portion (run, portion);
CREATE TABLE fold_swept (suppressions bigint);
CREATE TABLE fold_state (run text, kind text, address text, cause text, class bounce.bounce_class, status bounce.smtp_status, step smallint, occurrences integer,
	starts_at timestamptz, expires_at timestamptz, last_event_at timestamptz, ended_by text);
CREATE PROCEDURE load_portion(wanted text, number integer) BEGIN ATOMIC
	INSERT INTO bounce.delivery_event (recipient, occurred_at, class, message_id, sent_at)
		SELECT recipient, occurred_at, class, message_id, sent_at FROM fold_portion WHERE run = wanted AND portion = number ORDER BY place;
END;
CREATE PROCEDURE sweep_at(at timestamptz) BEGIN ATOMIC
	INSERT INTO fold_swept SELECT bounce.sweep(at);
END;
-- Sweeps to the same time and keeps what is there; then takes the events out of the log again.
CREATE PROCEDURE keep(run text) BEGIN ATOMIC
	INSERT INTO fold_swept SELECT bounce.sweep('2024-03-11');
	INSERT INTO fold_state
		SELECT run, 'current', address, cause, class, status, step, occurrences, starts_at, expires_at, last_event_at, NULL
		FROM bounce.suppression WHERE address LIKE '%@fold.example'
		UNION ALL SELECT run, 'history', address, cause, class, status, step, occurrences, lower(during), upper(during), NULL, ended_by
		FROM bounce.suppression_history WHERE address LIKE '%@fold.example';
	DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@fold.example';
END;
\set ECHO none
SELECT call FROM (
	SELECT run, portion, 1 AS place, format('CALL load_portion(%L, %s)', run, portion) AS call FROM fold_run, generate_series(0, portions - 1) portion
	UNION ALL SELECT run, portion, 2, format('CALL sweep_at(%L)', '2024-01-01'::timestamptz + make_interval(days => dice(portion, run, 70)))
		FROM fold_run, generate_series(0, portions - 1) portion WHERE sweeps
	UNION ALL SELECT run, portions, 3, format('CALL keep(%L)', run) FROM fold_run) AS calls
ORDER BY run, portion, place \gexec
\set ECHO all
-- What is taken out of the log leaves nothing.
SELECT (SELECT count(*) FROM bounce.suppression WHERE address LIKE '%@fold.example') AS suppressed,
	(SELECT count(*) FROM bounce.suppression_history WHERE address LIKE '%@fold.example') AS history;

-- The same in every run, row by row.
SELECT kind, cause, count(*), max(step) AS highest_step, max(occurrences) AS most_occurrences FROM fold_state WHERE run = 'at once' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT r.run, count(s.address) AS rows,
	(SELECT count(*) FROM (SELECT kind, address, cause, class, status, step, occurrences, starts_at, expires_at, last_event_at, ended_by FROM fold_state WHERE run = r.run
		EXCEPT ALL SELECT kind, address, cause, class, status, step, occurrences, starts_at, expires_at, last_event_at, ended_by FROM fold_state WHERE run = 'at once') AS d) AS others,
	(SELECT count(*) FROM (SELECT kind, address, cause, class, status, step, occurrences, starts_at, expires_at, last_event_at, ended_by FROM fold_state WHERE run = 'at once'
		EXCEPT ALL SELECT kind, address, cause, class, status, step, occurrences, starts_at, expires_at, last_event_at, ended_by FROM fold_state WHERE run = r.run) AS d) AS missing
FROM fold_run AS r JOIN fold_state AS s USING (run) GROUP BY r.run ORDER BY r.run;

-- The first addresses: the pure aggregate gives the last lease of each.
SELECT count(*) AS addresses, count(*) FILTER (WHERE l IS DISTINCT FROM ROW(s.step, s.occurrences, s.starts_at, s.expires_at)::bounce.lease) AS differences
FROM (SELECT recipient, bounce.lease_fold(occurred_at, bounce.acs_ladder()) AS l FROM fold_event WHERE recipient < 'a20' GROUP BY recipient) AS f
	LEFT JOIN (SELECT DISTINCT ON (address) * FROM fold_state WHERE run = 'at once' AND cause = 'lease' ORDER BY address, starts_at DESC) AS s ON s.address = f.recipient;

-- All of them: the rules once more in plain SQL, event by event.
CREATE TABLE fold_reference AS
WITH RECURSIVE event AS (
	SELECT recipient, occurred_at AS at, class, message_id AS message, sent_at, row_number() OVER (PARTITION BY recipient ORDER BY occurred_at) AS k,
		class::text = 'admin:suppressed' AS attempt, bounce.severity(class) = 'soft' AS counts
	FROM fold_event WHERE bounce.severity(class) IN ('hard', 'soft', 'admin')
), fold AS (
	SELECT recipient, 0::bigint AS k, 0 AS cycle, 0 AS step, 0 AS occurrences, NULL::timestamptz AS starts_at, NULL::timestamptz AS expires_at, NULL::bounce.bounce_class AS class,
		NULL::timestamptz AS last_event_at, '{}'::timestamptz[] AS counted, '{}'::text[] AS messages_counted, '{}'::text[] AS messages_occurred
	FROM event GROUP BY recipient
	UNION ALL
	SELECT f.recipient, e.k,
		CASE move WHEN 'begin' THEN f.cycle + 1 ELSE f.cycle END,
		CASE move WHEN 'begin' THEN 1 WHEN 'climb' THEN least(f.step + 1, 5) ELSE f.step END,
		CASE move WHEN 'begin' THEN 1 WHEN 'climb' THEN f.occurrences + 1 ELSE f.occurrences END,
		CASE move WHEN 'begin' THEN e.at ELSE f.starts_at END,
		CASE move WHEN 'begin' THEN e.at + '24 hours' WHEN 'climb' THEN greatest(f.expires_at, e.at + ('{24 h,48 h,96 h,168 h,336 h}'::interval[])[least(f.step + 1, 5)]) ELSE f.expires_at END,
		CASE WHEN move = 'begin' OR move = 'climb' AND NOT e.attempt THEN e.class ELSE f.class END,
		CASE WHEN move IN ('begin', 'climb') THEN e.at ELSE f.last_event_at END,
		CASE move WHEN 'begin' THEN '{}' WHEN 'count' THEN recent || e.at ELSE f.counted END,
		CASE WHEN move = 'skip' OR e.attempt OR e.message IS NULL THEN f.messages_counted ELSE f.messages_counted || e.message END,
		CASE WHEN move IN ('begin', 'climb') AND NOT e.attempt AND e.message IS NOT NULL THEN f.messages_occurred || e.message ELSE f.messages_occurred END
	FROM fold AS f JOIN event AS e ON e.recipient = f.recipient AND e.k = f.k + 1,
		LATERAL (SELECT coalesce(e.at < f.expires_at, false) AS active, ARRAY(SELECT c FROM unnest(f.counted) c WHERE c >= e.at - '14 days'::interval) AS recent) AS now,
		LATERAL (SELECT CASE
			WHEN e.attempt THEN CASE WHEN active THEN 'climb' ELSE 'skip' END
			WHEN e.message = ANY (f.messages_occurred) OR e.counts AND e.message = ANY (f.messages_counted) THEN 'skip'
			WHEN active AND e.sent_at < f.starts_at THEN 'before'
			WHEN active THEN 'climb'
			WHEN e.counts AND cardinality(recent) + 1 < 3 THEN 'count'
			ELSE 'begin' END AS move) AS next
)
SELECT DISTINCT ON (recipient, cycle) * FROM fold WHERE cycle > 0 ORDER BY recipient, cycle, k DESC;
SELECT count(*) AS cycles, count(*) FILTER (WHERE s.address IS NULL) AS missing FROM fold_reference AS r
	LEFT JOIN fold_state AS s ON s.run = 'at once' AND s.cause = 'lease' AND s.address = r.recipient
		AND (s.class::text, s.step, s.occurrences, s.starts_at, s.expires_at) = (r.class::text, r.step, r.occurrences, r.starts_at, r.expires_at)
		AND s.kind = CASE WHEN r.expires_at > '2024-03-11' THEN 'current' ELSE 'history' END AND (s.kind = 'history' OR s.last_event_at = r.last_event_at);
SELECT count(*) AS leases FROM fold_state WHERE run = 'at once' AND cause = 'lease';

DROP PROCEDURE load_portion, sweep_at, keep;
DROP TABLE fold_reference, fold_state, fold_swept, fold_portion, fold_run, fold_event;
DROP FUNCTION dice, pick;
