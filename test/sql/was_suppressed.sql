-- Time travel: bounce.was_suppressed(address, at [, topic]).
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

-- A lease that is long over: it was, and it is not any more.
INSERT INTO bounce.delivery_event (recipient, occurred_at, class) VALUES ('ann@was.example', '2024-01-10 12:00', 'user_unknown');
CREATE FUNCTION pg_temp.was(who text, topic text, VARIADIC times text[]) RETURNS TABLE (at timestamptz, was boolean) LANGUAGE sql STABLE AS $$
	SELECT t::timestamptz, bounce.was_suppressed(who || '@was.example', t::timestamptz, topic) FROM unnest(times) t $$;
SELECT * FROM pg_temp.was('ann', NULL, '2024-01-10 11:59:59.999999', '2024-01-10 12:00', '2024-01-11 11:59:59.999999', '2024-01-11 12:00');
-- The sweep that moves it to history changes no answer; nor does a new cycle.
SELECT bounce.sweep('2024-02-01') >= 1 AS swept;
INSERT INTO bounce.delivery_event (recipient, occurred_at, class) VALUES ('ann@was.example', '2024-03-01', 'user_unknown');
SELECT * FROM pg_temp.was('ann', NULL, '2024-01-10 11:59:59.999999', '2024-01-10 12:00', '2024-01-11 11:59:59.999999', '2024-01-11 12:00', '2024-03-01', '2024-03-02');
-- An event that is told late counts from its own time on: was_suppressed() says what is known now.
INSERT INTO bounce.delivery_event (recipient, occurred_at, class) VALUES ('ann@was.example', '2024-01-11', 'user_unknown');
SELECT * FROM pg_temp.was('ann', NULL, '2024-01-11 12:00', '2024-01-12 23:59:59', '2024-01-13');

-- Suppressed by hand, shortened, released, suppressed again.
SELECT bounce.suppress('bob@was.example', at => '2024-01-01'), bounce.suppress('bob@was.example', until => '2024-01-20', at => '2024-01-10');
SELECT bounce.release('bob@was.example', at => '2024-01-15');
SELECT bounce.suppress('bob@was.example', topic => 'was_news', until => '2024-02-10', at => '2024-02-01');
SELECT * FROM pg_temp.was('bob', NULL, '2023-12-31', '2024-01-01', '2024-01-09', '2024-01-10', '2024-01-14', '2024-01-15', '2024-02-05');
SELECT * FROM pg_temp.was('bob', 'was_news', '2024-01-01', '2024-01-15', '2024-02-05', '2024-02-10');
-- Released at the very time it began: it never was.
SELECT bounce.suppress('carl@was.example', at => '2024-01-01'), bounce.release('carl@was.example', at => '2024-01-01');
SELECT * FROM pg_temp.was('carl', NULL, '2024-01-01');

INSERT INTO bounce.topic (topic, kind, opt_in) VALUES ('was_receipts', 'transactional', 'none'), ('was_club', 'marketing', 'double'), ('was_news', 'marketing', 'none');
-- What a person said is read from the log of consent: the choice that stood at the time.
SELECT bounce.unsubscribe('dora@was.example', 'was_news', at => '2024-01-10'), bounce.subscribe('dora@was.example', 'was_news', at => '2024-02-10'),
	bounce.unsubscribe_all('dora@was.example', at => '2024-03-10'), bounce.subscribe('dora@was.example', '', at => '2024-04-10');
SELECT * FROM pg_temp.was('dora', 'was_news', '2024-01-09', '2024-01-10', '2024-02-09', '2024-02-10', '2024-03-10', '2024-04-10');
SELECT * FROM pg_temp.was('dora', NULL, '2024-01-10', '2024-03-10', '2024-04-10');
-- A later import cannot overrule a person, then as now; an earlier one stood until the person spoke.
SELECT bounce.unsubscribe('emma@was.example', 'was_news', at => '2024-01-10', source => 'import'), bounce.subscribe('emma@was.example', 'was_news', at => '2024-01-20'),
	bounce.unsubscribe('emma@was.example', 'was_news', at => '2024-01-30', source => 'complaint');
SELECT * FROM pg_temp.was('emma', 'was_news', '2024-01-09', '2024-01-10', '2024-01-20', '2024-01-30');
-- Asked for, confirmed, paused, over; and asked for in vain.
SELECT bounce.subscribe('gina@was.example', 'was_club', at => '2024-01-01'), bounce.confirm('gina@was.example', 'was_club', at => '2024-01-02'),
	bounce.snooze('gina@was.example', 'was_club', until => '2024-02-10', at => '2024-02-01'), bounce.subscribe('hans@was.example', 'was_club', at => '2024-01-01');
SELECT * FROM pg_temp.was('gina', 'was_club', '2023-12-31', '2024-01-01', '2024-01-02', '2024-02-01', '2024-02-10');
SELECT * FROM pg_temp.was('hans', 'was_club', '2024-01-01', '2024-02-10');
-- A choice without evidence counts from its own time; a pause to its end.
INSERT INTO bounce.preference (address, topic, state, since, until, source) VALUES ('fred@was.example', 'was_news', 'snoozed', '2024-01-10', '2024-01-20', 'person');
SELECT * FROM pg_temp.was('fred', 'was_news', '2024-01-09', '2024-01-10', '2024-01-19', '2024-01-20');

-- Domains, with and without those below, and digests.
SELECT bounce.suppress_domain('*.was.example', at => '2024-06-01'), bounce.release_domain('*.was.example', at => '2024-06-10');
SELECT * FROM pg_temp.was('nobody', NULL, '2024-05-31', '2024-06-01', '2024-06-09', '2024-06-10');
SELECT bounce.was_suppressed('nobody@below.was.example', '2024-06-09');
INSERT INTO bounce.digest_suppression (digest, starts_at, expires_at) SELECT 'sha256:' || encode(sha256('gone@was.example'), 'hex'), '2024-07-01', '2024-07-10';
SELECT * FROM pg_temp.was('gone', NULL, '2024-06-30', '2024-07-01', '2024-07-10');

-- What is no address was never to be mailed; nothing asked, nothing answered; the future is what is known of it.
SELECT bounce.was_suppressed('no address', '2024-01-01') AS no_address, bounce.was_suppressed(NULL, '2024-01-01') AS nothing, bounce.was_suppressed('ann@was.example', NULL) AS never,
	bounce.was_suppressed(' "Ann" <ANN@was.example>', '2024-03-01') AS any_spelling,
	bounce.was_suppressed('ann@was.example', '-infinity') AS beginning, bounce.was_suppressed('ann@was.example', 'infinity') AS ending;
-- It only reads.
BEGIN READ ONLY;
SELECT bounce.was_suppressed('ann@was.example', '2024-03-01');
COMMIT;

DELETE FROM bounce.delivery_event WHERE recipient LIKE '%was.example';
DELETE FROM bounce.suppression WHERE address LIKE '%was.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%was.example';
DELETE FROM bounce.domain_suppression_history WHERE domain LIKE '%was.example';
DELETE FROM bounce.digest_suppression;
DELETE FROM bounce.preference WHERE address LIKE '%was.example';

-- ----------------------------------------------------------------------------
-- The promise: it agrees with what bounce.is_suppressed() answered. 500 random acts in the
-- order of their times; after each, seven addresses are asked about four kinds of topics, at
-- once and a microsecond before the next act.

INSERT INTO bounce.digest_suppression (digest, cause, starts_at, expires_at)
	SELECT 'sha256:' || encode(sha256('digest@b.was.example'), 'hex'), 'unsubscribe', '2024-03-01'::timestamptz, '2024-05-01'::timestamptz;
CREATE TABLE was_done (answer text);
CREATE TABLE was_answer (address text, topic text, at timestamptz, suppressed boolean);
-- Numbers that look random and are the same everywhere.
CREATE FUNCTION dice(n integer, what text, sides integer) RETURNS integer LANGUAGE sql IMMUTABLE
	RETURN ('x' || left(md5(n || what), 7))::bit(28)::integer % sides;
CREATE FUNCTION pick(n integer, what text, VARIADIC items text[]) RETURNS text LANGUAGE sql IMMUTABLE
	RETURN items[1 + dice(n, what, cardinality(items))];
CREATE TABLE was_address AS SELECT unnest('{a1@a.was.example,a2@a.was.example,a3@a.was.example,b1@b.was.example,b2@b.was.example,c@c.b.was.example,digest@b.was.example}'::text[]) AS address;
-- Moves that cannot be made are refused: then nothing was said.
CREATE FUNCTION pg_temp.tried(act text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'SELECT ' || act INTO act;
	RETURN act;
EXCEPTION WHEN SQLSTATE 'LH004' THEN RETURN 'refused';
END $$;
CREATE TABLE was_act AS
	SELECT n, at, coalesce(lead(at) OVER (ORDER BY n), at + '1 hour') AS next_at,
		pick(n, 'who', 'a1@a', 'a2@a', 'a3@a', 'b1@b', 'b2@b', 'c@c.b') || '.was.example' AS who, pick(n, 'topic', 'was_news', 'was_club', 'was_receipts') AS topic
	FROM (SELECT n, '2024-01-01'::timestamptz + sum(make_interval(mins => 1 + dice(n, 'time', 900))) OVER (ORDER BY n) AS at FROM generate_series(1, 500) n) AS times;
CREATE VIEW was_statement AS
	SELECT n, at, next_at, kind, CASE kind
		WHEN 'event' THEN format('INSERT INTO bounce.delivery_event (recipient, class, topic, occurred_at) VALUES (%L, %L, %L, %L)', who,
			pick(n, 'class', 'hard:user_unknown', 'hard:mailbox_disabled', 'soft:mailbox_full', 'block:policy', 'complaint_abuse', 'complaint_opt_out', 'unsubscribe_request'), topic, at)
		ELSE format('INSERT INTO was_done SELECT %s', CASE kind
			WHEN 'attempt' THEN format('bounce.record_attempt(%L, %L, %L)', who, topic, at)
			WHEN 'suppress' THEN format('bounce.suppress(%L, topic => %L, until => %L, cause => %L, at => %L)', who, pick(n, 'some', '', '', topic),
				pick(n, 'until', (at + '1 day')::text, (at + '2 days')::text, (at + '2 days')::text, (at + '9 days')::text, 'infinity'), pick(n, 'cause', 'manual', 'import'), at)
			WHEN 'release' THEN format('bounce.release(%L, cause => %L, at => %L)', who, pick(n, 'cause', NULL, NULL, 'lease', 'lease', 'complaint', 'manual'), at)
			WHEN 'suppress domain' THEN format('bounce.suppress_domain(%L, until => %L, at => %L)', pick(n, 'domain', 'a', '*.b', 'b', '*.c.b') || '.was.example', pick(n, 'until', (at + '1 day')::text, (at + '3 days')::text, 'infinity'), at)
			WHEN 'release domain' THEN format('bounce.release_domain(%L, at => %L)', pick(n, 'domain', 'a', '*.b', 'b', '*.c.b') || '.was.example', at)
			WHEN 'no' THEN format('bounce.unsubscribe(%L, %L, at => %L, source => %L)', who, topic, at, pick(n, 'source', 'person', 'operator', 'complaint', 'import'))
			WHEN 'no at all' THEN format('bounce.unsubscribe_all(%L, at => %L)', who, at)
			WHEN 'yes' THEN format('bounce.subscribe(%L, %L, at => %L)', who, pick(n, 'all', '', topic), at)
			WHEN 'confirm' THEN format('pg_temp.tried(format(''bounce.confirm(%%L, %%L, at => %%L)'', %L, %L, %L))', who, topic, at)
			WHEN 'pause' THEN format('pg_temp.tried(format(''bounce.snooze(%%L, %%L, until => %%L, at => %%L)'', %L, %L, %L, %L))', who, pick(n, 'all', '', topic), at + '5 days', at)
			WHEN 'sweep' THEN format('bounce.sweep(%L)', at) END) END AS act,
		format('INSERT INTO was_answer SELECT a.address, t, at, bounce.is_suppressed(a.address, t, at) FROM was_address a, unnest(ARRAY[NULL, %L, %L, %L]) t, unnest(ARRAY[%L, %L]::timestamptz[]) at',
			'was_news', 'was_club', 'was_receipts', at, next_at - '1 microsecond'::interval) AS question
	FROM (SELECT *, pick(n, 'kind', 'event', 'event', 'event', 'event', 'attempt', 'attempt', 'attempt', 'suppress', 'release', 'release', 'release', 'suppress domain', 'release domain', 'release domain',
		'no', 'yes', 'confirm', 'pause', 'no at all', 'yes', CASE WHEN n < 400 THEN 'sweep' ELSE 'event' END) AS kind FROM was_act) AS acts;
SELECT kind, count(*) FROM was_statement GROUP BY kind ORDER BY kind;
\set ECHO none
SELECT act, question FROM was_statement ORDER BY n \gexec
\set ECHO all
SELECT count(*) AS asked, count(*) FILTER (WHERE suppressed) AS suppressed,
	count(*) FILTER (WHERE bounce.was_suppressed(address, at, topic) <> suppressed) AS differences,
	count(*) FILTER (WHERE bounce.is_suppressed(address, topic, at) <> suppressed) > 1000 AS present_state_forgot_many FROM was_answer;
SELECT bounce.sweep('2030-01-01') > 0 AS swept;
SELECT count(*) FILTER (WHERE bounce.was_suppressed(address, at, topic) <> suppressed) AS differences FROM was_answer;
-- What an answer was made of: every kind of history had its share.
SELECT 'address' AS history, cause, ended_by, count(*) > 0 AS some FROM bounce.suppression_history WHERE address LIKE '%was.example' GROUP BY 2, 3
UNION ALL SELECT 'domain', cause, ended_by, count(*) > 0 FROM bounce.domain_suppression_history WHERE domain LIKE '%was.example' GROUP BY 2, 3 ORDER BY 1, 2, 3;

DROP VIEW was_statement;
DROP TABLE was_act, was_answer, was_address, was_done;
DROP FUNCTION dice, pick;
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%was.example';
DELETE FROM bounce.suppression WHERE address LIKE '%was.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%was.example';
DELETE FROM bounce.domain_suppression WHERE domain LIKE '%was.example';
DELETE FROM bounce.domain_suppression_history WHERE domain LIKE '%was.example';
DELETE FROM bounce.digest_suppression;
DELETE FROM bounce.preference WHERE address LIKE '%was.example';
ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
DELETE FROM bounce.consent_log WHERE address LIKE '%was.example';
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only_row;
DELETE FROM bounce.topic WHERE topic LIKE 'was\_%';
