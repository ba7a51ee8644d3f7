-- bounce.bounce_class: what a delivery event was, and why
\set SHOW_CONTEXT never
\getenv build PG_ABS_BUILDDIR
\cd :build/results
SET search_path = public, bounce;

-- Severity and reason; a reason alone has its default severity.
SELECT bounce_class 'hard:user_unknown', bounce_class 'user_unknown';
-- A severity of its own is kept: a 450 that says "user unknown".
SELECT bounce_class 'soft:user_unknown';
-- Blanks around it do no harm.
SELECT bounce_class E' mailbox_full\n';

-- An unknown name is an error; the hint knows the nearest reason.
SELECT bounce_class 'hard:user_unknwon';
\echo :SQLSTATE
SELECT bounce_class 'MailboxFull';
SELECT bounce_class 'mailbox-full';
SELECT bounce_class 'out of office';
-- A severity alone says too little.
SELECT bounce_class 'hard';
SELECT bounce_class 'hard:';
SELECT bounce_class 'hard:soft:user_unknown';
SELECT bounce_class 'Hard:user_unknown';
\echo :SQLSTATE
SELECT bounce_class ':user_unknown';
SELECT bounce_class '';
SELECT bounce_class 'hard: user_unknown';
SELECT bounce_class(repeat('user_unknown', 6)::text);

-- Where the server can ask softly (16 and later), it gets an answer instead of an error.
SELECT current_setting('server_version_num')::int >= 160000 AS soft \gset
\if :soft
SELECT pg_input_is_valid('user_unknown', 'bounce.bounce_class') AND NOT pg_input_is_valid('user', 'bounce.bounce_class')
	AND NOT pg_input_is_valid('severe:user_unknown', 'bounce.bounce_class') AND NOT pg_input_is_valid('', 'bounce.bounce_class') AS soft \gset
\else
\set soft t
\endif
\echo :soft

-- It takes two bytes; binary copies come back as they went.
CREATE TABLE event (id int, class bounce_class);
INSERT INTO event VALUES (1, 'user_unknown'), (2, 'unknown'), (3, 'soft:domain_abandoned'), (4, NULL);
\copy event TO 'bounce_class.bin' (FORMAT binary)
CREATE TABLE event_copy (LIKE event);
\copy event_copy FROM 'bounce_class.bin' (FORMAT binary)
SELECT id, class, pg_column_size(class) FROM event_copy ORDER BY id;
SELECT bounce_class_send('hard:user_unknown');
-- Bytes that are no class: here severity 2 without a reason.
CREATE TABLE bytes (id int, bits int2);
INSERT INTO bytes VALUES (1, 512);
\copy bytes TO 'bounce_class.bin' (FORMAT binary)
\copy event_copy FROM 'bounce_class.bin' (FORMAT binary)
\set VERBOSITY sqlstate
\copy event_copy FROM 'bounce_class.bin' (FORMAT binary)
\set VERBOSITY default
DROP TABLE event, event_copy, bytes;

-- What it says.
SELECT class, severity(class), reason(class), reason_group(class), fault(class), effect(class)
FROM unnest('{user_unknown, soft:user_unknown, mailbox_full, ip_blocklisted, complaint_abuse, auto_reply, suppressed, delivered, unknown, NULL}'::bounce_class[]) AS class;
SELECT severity(class => 'user_unknown'), effect(class => 'user_unknown');

-- The effect is the reason's own, unless the severity is another than the reason's.
-- Hard, and the fault of the address or its domain: a lease.
SELECT effect('hard:mailbox_full'), effect('hard:dns_failure');
-- Hard, but somebody else's fault: never.
SELECT effect('hard:policy'), effect('hard:rate_limited'), effect('hard:network_error');
-- Soft: what would lease is counted.
SELECT effect('soft:user_unknown'), effect('soft:domain_no_mail'), effect('soft:greylisted');
-- Blocked, not sent, or not understood: nothing.
SELECT effect('block:user_unknown'), effect('admin:user_unknown'), effect('unknown:user_unknown'), effect('block:mailbox_full'), effect('ok:user_unknown');
-- Which severity and which fault can lease or count at all:
SELECT severity, fault, string_agg(DISTINCT effect(class), ' ' ORDER BY effect(class)) AS effects
FROM (
	SELECT s.severity, r.fault, (s.severity || ':' || r.reason)::bounce_class AS class
	FROM (SELECT DISTINCT severity FROM reasons()) AS s, reasons() AS r
) AS every
WHERE effect(class) IN ('lease', 'count')
GROUP BY severity, fault ORDER BY severity, fault;

-- The taxonomy.
SELECT reason, severity, reason_group, fault, effect FROM reasons();
-- Every reason has a description, and says the same by itself.
SELECT count(*), count(*) FILTER (WHERE description <> '') AS described FROM reasons();
SELECT r.* FROM reasons() AS r, CAST(r.reason AS bounce_class) AS class
WHERE (r.reason, r.severity, r.reason_group, r.fault, r.effect)
	IS DISTINCT FROM (reason(class), severity(class), reason_group(class), fault(class), effect(class));
