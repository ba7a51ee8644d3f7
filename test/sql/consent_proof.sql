-- Had this person agreed, and to what? And is the record what was put on record?
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

INSERT INTO bounce.topic (topic, opt_in) VALUES ('proof_news', 'none'), ('proof_club', 'double');
SELECT bounce.subscribe('ann@proof.example', 'proof_club', at => '2024-01-01', evidence => '{"form": "footer", "text": "Yes, write to me"}'),
	bounce.confirm('ann@proof.example', 'proof_club', at => '2024-01-02', evidence => '{"ip": "192.0.2.1"}'),
	bounce.snooze('ann@proof.example', 'proof_club', until => '2024-02-10', at => '2024-02-01'),
	bounce.unsubscribe('ann@proof.example', 'proof_club', at => '2024-03-01', evidence => '{"header": "List-Unsubscribe"}'),
	bounce.subscribe('ann@proof.example', 'proof_news', at => '2024-03-02'),
	bounce.unsubscribe_all('ann@proof.example', at => '2024-04-01', source => 'operator', evidence => '{"by": "phone"}');
-- At any time, from the record alone.
SELECT at::date, agreed, state, decided_for, since::date, until::date, source, number, act, evidence, request
FROM unnest(ARRAY['2023-12-31', '2024-01-01', '2024-01-02', '2024-02-05', '2024-02-10', '2024-03-01', '2024-04-01']::timestamptz[]) AS at, bounce.consent_proof('Ann@Proof.example', 'proof_club', at);
-- The operator's no does not stand above what the person said; it does where nothing was said.
SELECT agreed, state, decided_for, number FROM bounce.consent_proof('ann@proof.example', 'proof_news', '2024-04-02');
SELECT agreed, state, decided_for, number, evidence FROM bounce.consent_proof('ann@proof.example', 'proof_other', '2024-04-02');
-- Every row that bears on it, up to that time.
SELECT h ->> 'number' AS number, h ->> 'topic' AS topic, h ->> 'act' AS act, h ->> 'new_state' AS new_state, h -> 'evidence' AS evidence
FROM bounce.consent_proof('ann@proof.example', 'proof_club', '2024-04-02'), jsonb_array_elements(history) AS h;
-- The row is there as in the log, with its hash to be kept elsewhere.
SELECT p.hash = l.hash AND p.recorded_at = l.recorded_at AND p.actor = l.actor AS same FROM bounce.consent_proof('ann@proof.example', 'proof_club') AS p, bounce.consent_log AS l
WHERE l.address = 'ann@proof.example' AND l.number = p.number;
-- What becomes known later counts from its own time on.
SELECT bounce.unsubscribe('ann@proof.example', 'proof_club', at => '2024-01-20');
SELECT agreed, number FROM bounce.consent_proof('ann@proof.example', 'proof_club', '2024-01-25');
-- A yes without evidence proves nothing.
INSERT INTO bounce.preference (address, topic, state, since, source) VALUES ('bob@proof.example', 'proof_news', 'subscribed', '2024-01-01', 'import');
SELECT agreed, state, source, number FROM bounce.consent_proof('bob@proof.example', 'proof_news', '2024-04-02');
SELECT agreed, state, number, history FROM bounce.consent_proof('nobody@proof.example', 'proof_news');
SELECT * FROM bounce.consent_proof('nobody', 'proof_news');
SELECT * FROM bounce.consent_proof('ann@proof.example', NULL);

-- ----------------------------------------------------------------------------
-- What was changed or taken away shows.
SELECT bounce.unsubscribe('carl@proof.example', topic, at => '2024-01-01'::timestamptz + n * interval '1 day') FROM generate_series(1, 6) AS n, LATERAL (SELECT 'proof' || n % 2) AS t (topic);
SELECT bounce.unsubscribe('dora@proof.example', 'proof_news', at => '2024-01-01');
CREATE VIEW wrong AS SELECT split_part(address, '@', 1) AS who, number, topic, problem, detail FROM bounce.verify_consent_log() WHERE address LIKE '%proof.example';
TABLE wrong;
DELETE FROM bounce.preference WHERE address = 'bob@proof.example';
TABLE wrong;
CREATE FUNCTION pg_temp.after(act text) RETURNS SETOF wrong LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
		EXECUTE act;
		RETURN QUERY SELECT * FROM wrong;
		RAISE EXCEPTION USING ERRCODE = 'UNDO1';
	EXCEPTION WHEN SQLSTATE 'UNDO1' THEN NULL;
	END;
END $$;
-- Any column of any row.
SELECT * FROM pg_temp.after($$UPDATE bounce.consent_log SET evidence = '{"ip": "192.0.2.99"}' WHERE address = 'ann@proof.example' AND number = 2$$);
SELECT * FROM pg_temp.after($$UPDATE bounce.consent_log SET at = at + interval '1 microsecond' WHERE address = 'carl@proof.example' AND number = 3$$);
SELECT * FROM pg_temp.after($$UPDATE bounce.consent_log SET until = until + interval '1 year' WHERE address = 'ann@proof.example' AND number = 3$$);
SELECT * FROM pg_temp.after($$UPDATE bounce.consent_log SET recorded_at = '2024-01-01' WHERE address = 'carl@proof.example' AND number = 6$$);
SELECT column_name, count(*) AS problems FROM (VALUES ('address = ''eve@proof.example'''), ('topic = topic || ''x'''), ('act = ''subscribe'''), ('old_state = ''pending'''), ('new_state = NULL'), ('source = ''import'''),
	('actor = ''nobody'''), ('evidence = ''null'''), ('hash = ''\x00''')) AS c (column_name), pg_temp.after('UPDATE bounce.consent_log SET ' || column_name || ' WHERE address = ''dora@proof.example''') GROUP BY 1 ORDER BY 1;
-- Rows out of the middle, from the beginning, from the end; all of them.
SELECT * FROM pg_temp.after($$DELETE FROM bounce.consent_log WHERE address = 'carl@proof.example' AND number IN (3, 4)$$);
SELECT * FROM pg_temp.after($$DELETE FROM bounce.consent_log WHERE address = 'carl@proof.example' AND number = 1$$);
SELECT * FROM pg_temp.after($$DELETE FROM bounce.consent_log WHERE address = 'carl@proof.example' AND number = 6$$);
SELECT * FROM pg_temp.after($$DELETE FROM bounce.consent_log WHERE address = 'dora@proof.example'$$);
-- Numbers moved up to close the gap.
SELECT * FROM pg_temp.after($$WITH gone AS (DELETE FROM bounce.consent_log WHERE address = 'carl@proof.example' AND number = 6 RETURNING *)
	INSERT INTO bounce.consent_log SELECT address, 7, topic, act, old_state, new_state, until, source, actor, at, evidence, recorded_at, hash FROM gone$$);
-- A row of somebody's own making.
SELECT * FROM pg_temp.after($$INSERT INTO bounce.consent_log SELECT address, 7, topic, 'subscribe', old_state, new_state, until, source, actor, at, evidence, recorded_at, sha256('') FROM bounce.consent_log WHERE address = 'carl@proof.example' AND number = 6$$);
-- A preference that is not what was said.
SELECT * FROM pg_temp.after($$UPDATE bounce.preference SET state = 'subscribed' WHERE address = 'dora@proof.example'$$);
SELECT * FROM pg_temp.after($$DELETE FROM bounce.preference WHERE address = 'dora@proof.example'$$);
SELECT * FROM pg_temp.after($$UPDATE bounce.preference SET since = since + interval '1 year' WHERE address = 'dora@proof.example'$$);
-- About one address.
BEGIN;
ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
UPDATE bounce.consent_log SET evidence = '{}' WHERE address IN ('carl@proof.example', 'dora@proof.example') AND number = 1;
SELECT address, number FROM bounce.verify_consent_log('Carl@Proof.Example');
SELECT count(*) FROM bounce.verify_consent_log('ann@proof.example');
-- A record that was tampered with proves nothing.
SELECT * FROM bounce.consent_proof('dora@proof.example', 'proof_news');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT agreed FROM bounce.consent_proof('dora@proof.example', 'proof_news');
SELECT * FROM bounce.verify_consent_log('nobody');
\echo :LAST_ERROR_SQLSTATE
-- It only reads.
BEGIN READ ONLY;
TABLE wrong;
ROLLBACK;

DROP FUNCTION pg_temp.after;
DROP VIEW wrong;
ALTER TABLE bounce.consent_log DISABLE TRIGGER USER;
DELETE FROM bounce.consent_log WHERE address LIKE '%proof.example';
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE bounce.consent_log ENABLE ALWAYS TRIGGER append_only_row;
DELETE FROM bounce.preference WHERE address LIKE '%proof.example';
DELETE FROM bounce.topic WHERE topic LIKE 'proof\_%';
