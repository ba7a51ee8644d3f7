-- A paused person gets nothing, and mail flows again at the stated time without
-- anybody running anything: by whatever door one asks.
SET timezone = 'UTC';
\set SHOW_CONTEXT never
INSERT INTO bounce.topic (topic, kind, max_messages, per) VALUES
	('pause news', 'marketing', NULL, NULL), ('pause offers', 'marketing', 2, '1 day'), ('pause bills', 'transactional', NULL, NULL);

-- ann pauses one topic for a week, bob all marketing mail.
SELECT bounce.snooze('ann@pause.example', 'pause news', until => '2026-03-09 09:00+00', at => '2026-03-02 09:00+00'),
	bounce.snooze('bob@pause.example', '', until => '2026-03-09 09:00+00', at => '2026-03-02 09:00+00');
SELECT split_part(address, '@', 1) AS who, topic, at, bounce.is_suppressed(address, topic, at), bounce.record_attempt(address, topic, at)
FROM (VALUES ('2026-03-02 09:00+00'::timestamptz), ('2026-03-09 08:59:59.999999+00'), ('2026-03-09 09:00+00')) AS t(at),
	unnest('{ann,bob}'::text[]) AS name, unnest('{pause news,pause offers,pause bills}'::text[]) AS topic,
	LATERAL (SELECT name || '@pause.example' AS address) AS a
ORDER BY who, topic COLLATE "C", at;
-- The attempts were logged, and moved nothing; a paused person used no slot of a cap.
SELECT recipient, topic, class, count(*) FROM bounce.delivery_event WHERE recipient LIKE '%@pause.example' GROUP BY 1, 2, 3 ORDER BY 1, 2;
SELECT count(*) FROM bounce.suppression WHERE address LIKE '%@pause.example';
SELECT address, topic, sent FROM bounce.pace WHERE address LIKE '%@pause.example' ORDER BY 1, 2;
SELECT cause, topic, until FROM bounce.why_suppressed('ann@pause.example', 'pause news', '2026-03-05');
SELECT cause, topic, until FROM bounce.why_suppressed('bob@pause.example', 'pause offers', '2026-03-05');

-- The guard looks at the clock: cora's pause lasts, dora's is over.
SELECT bounce.snooze('cora@pause.example', 'pause news', until => now() + interval '1 day'),
	bounce.snooze('dora@pause.example', 'pause news', until => now() - interval '1 hour', at => now() - interval '1 day');
CREATE TABLE outbox (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text, topic text, status text DEFAULT 'queued');
INSERT INTO outbox (email, topic) SELECT name || '@pause.example', topic
	FROM unnest('{cora,dora}'::text[]) AS name, unnest('{pause news,pause bills}'::text[]) AS topic;
SELECT bounce.guard_outbox('outbox', 'email', topic_column => 'topic', status_column => 'status');
UPDATE outbox SET status = 'sending' WHERE status = 'queued' RETURNING email, topic;
INSERT INTO outbox (email, topic) VALUES ('cora@pause.example', 'pause news'), ('dora@pause.example', 'pause news') RETURNING email;
-- It ends early, too: what stayed in the queue goes out.
SELECT bounce.resume('cora@pause.example', 'pause news');
UPDATE outbox SET status = 'sending' WHERE status = 'queued' RETURNING email, topic;
DROP TABLE outbox;

ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
DELETE FROM bounce.consent_log WHERE address LIKE '%@pause.example';
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only_row;
DELETE FROM bounce.preference WHERE address LIKE '%@pause.example';
DELETE FROM bounce.topic WHERE topic LIKE 'pause %';
DELETE FROM bounce.pace WHERE address LIKE '%@pause.example';
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@pause.example';
