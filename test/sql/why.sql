-- Why an address is suppressed: bounce.why_suppressed(address [, topic [, at]]).
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
\pset null -

-- No reason, no row; nothing asked, no row.
SELECT * FROM bounce.why_suppressed('nobody@why.example');
SELECT * FROM bounce.why_suppressed(NULL);
SELECT * FROM bounce.why_suppressed('nobody@why.example', at => NULL);

-- ----------------------------------------------------------------------------
-- A bounce: the lease, the event that started it, and the policy row for its class.

INSERT INTO bounce.delivery_event (recipient, occurred_at, response, message_id, source, topic) VALUES
	('ann@why.example', '2024-03-01 11:00', '250 2.0.0 OK', 'm0', 'log', 'why_news'),
	('ann@why.example', '2024-03-01 12:00', '550 5.1.1 <ann@why.example>: User unknown', 'm1', 'log', 'why_news'),
	('ann@why.example', '2024-03-01 13:00', '550 5.1.1 <ann@why.example>: User unknown', 'm2', 'log', 'why_news');
\x on
SELECT * FROM bounce.why_suppressed('Ann <ANN@Why.example>', at => '2024-03-01 14:00');
-- It is the same whatever topic is asked.
SELECT cause, topic FROM bounce.why_suppressed('ann@why.example', 'why_news', '2024-03-01 14:00');
-- A lease that counts began at the third event; a complaint stops marketing; the policy row is that of
-- the profile in force: "acs" looks at the status, "permanent" has no end.
INSERT INTO bounce.delivery_event (recipient, occurred_at, response, message_id, source) VALUES
	('full@why.example', '2024-03-01 12:00', '452 4.2.2 Mailbox full', 'f1', 'log'), ('full@why.example', '2024-03-02 12:00', '452 4.2.2 Mailbox full', 'f2', 'log'),
	('full@why.example', '2024-03-03 12:00', '452 4.2.2 Mailbox full, really', 'f3', 'webhook'), ('full@why.example', '2024-03-03 13:00', '452 4.2.2 Mailbox full', 'f4', 'log');
INSERT INTO bounce.delivery_event (recipient, occurred_at, class, message_id, source) VALUES ('angry@why.example', '2024-03-01 12:00', 'complaint_abuse', 'c1', 'feedback');
SELECT cause, class, step, since, event_at, response, message_id, source, policy, explanation FROM bounce.why_suppressed('full@why.example', at => '2024-03-03 14:00');
SELECT cause, class, since, until, event_at, message_id, source, policy, explanation FROM bounce.why_suppressed('angry@why.example', at => '2024-03-03 14:00');
SELECT bounce.use_profile('acs');
INSERT INTO bounce.delivery_event (recipient, occurred_at, response) VALUES ('acs@why.example', '2024-03-01 12:00', '550 5.1.1 User unknown');
SELECT cause, class, status, policy, explanation FROM bounce.why_suppressed('acs@why.example', at => '2024-03-01 14:00');
SELECT bounce.use_profile('permanent');
INSERT INTO bounce.delivery_event (recipient, occurred_at, response) VALUES ('ever@why.example', '2024-03-01 12:00', '550 5.1.1 User unknown');
SELECT cause, until, policy, explanation FROM bounce.why_suppressed('ever@why.example', at => '2024-03-01 14:00');
SELECT bounce.use_profile('default');
\x off
-- At its very end it is over.
SELECT until AS at, bounce.is_suppressed('ann@why.example', at => until), (SELECT count(*) FROM bounce.why_suppressed('ann@why.example', at => until)) AS reasons
FROM bounce.why_suppressed('ann@why.example', at => '2024-03-01 14:00');
-- A lease whose events are gone from the log is explained by what it says itself.
INSERT INTO bounce.suppression (address, cause, class, status, step, starts_at, expires_at)
VALUES ('old@why.example', 'lease', 'hard:domain_unknown', '550 5.1.2', 3, '2020-01-01', '2020-02-01'), ('odd@why.example', 'lease', NULL, NULL, NULL, '2020-01-01', 'infinity');
SELECT cause, class, status, step, event_at, policy, explanation FROM bounce.why_suppressed('old@why.example', at => '2020-01-15');
SELECT cause, class, status, step, event_at, policy, explanation FROM bounce.why_suppressed('odd@why.example', at => '2020-01-15');

-- ----------------------------------------------------------------------------
-- All other reasons, one sentence each.

INSERT INTO bounce.topic (topic, kind, opt_in) VALUES ('why_receipts', 'transactional', 'none'), ('why_club', 'marketing', 'double');
INSERT INTO bounce.suppression (address, topic, cause, starts_at, expires_at, note, made_by) VALUES
	('all@why.example', '', 'manual', '2024-01-01', 'infinity', 'asked by phone', 'ann'),
	('all@why.example', '', 'import', '2024-01-02', '2034-01-02', 'list of 2023', 'bob'),
	('all@why.example', '', 'complaint', '2024-01-03', 'infinity', NULL, NULL),
	('all@why.example', 'why_news', 'manual', '2024-01-04', 'infinity', NULL, NULL),
	('all@why.example', 'why_news', 'complaint', '2024-01-05', 'infinity', NULL, NULL),
	('all@why.example', 'why_receipts', 'complaint', '2024-01-06', 'infinity', NULL, NULL);
INSERT INTO bounce.domain_suppression (domain, class, starts_at, expires_at, note, made_by) VALUES
	('why.example', 'hard:domain_unknown', '2024-01-07', '2034-01-07', 'expired', 'ann'), ('*.example', NULL, '2024-01-08', 'infinity', NULL, 'bob');
INSERT INTO bounce.digest_suppression (digest, cause, starts_at, made_by)
	SELECT 'sha256:' || encode(sha256('all@why.example'), 'hex'), 'unsubscribe', '2024-01-09'::timestamptz, 'bob';
INSERT INTO bounce.preference (address, topic, state, until, since, source) VALUES
	('all@why.example', '', 'unsubscribed', NULL, '2024-01-10', 'person');
SELECT cause, topic, source, explanation FROM bounce.why_suppressed('all@why.example', at => '2024-06-01');
SELECT cause, topic, source, explanation FROM bounce.why_suppressed('all@why.example', 'why_news', '2024-06-01');
-- A transactional topic: what the person asked for is no reason.
SELECT cause, topic, source, explanation FROM bounce.why_suppressed('all@why.example', 'why_receipts', '2024-06-01');
DELETE FROM bounce.domain_suppression WHERE domain LIKE '%example';

-- What the person said about a topic; the choice that decides is the one reason.
INSERT INTO bounce.preference (address, topic, state, until, since, source) VALUES
	('no@why.example', 'why_news', 'unsubscribed', NULL, '2024-01-01', 'person'),
	('pause@why.example', 'why_news', 'snoozed', '2034-01-01', '2024-01-01', 'person'),
	('pause-all@why.example', '', 'snoozed', '2034-01-01', '2024-01-01', 'operator'),
	('asked@why.example', 'why_club', 'pending', '2034-01-08', '2024-01-01', 'person'),
	('both@why.example', 'why_news', 'unsubscribed', NULL, '2024-01-01', 'person'),
	('both@why.example', '', 'unsubscribed', NULL, '2024-01-02', 'person');
SELECT split_part(address, '@', 1) AS who, cause, y.topic, since, until, source, explanation
FROM (VALUES ('no@why.example', 'why_news'), ('pause@why.example', 'why_news'), ('pause-all@why.example', 'why_news'), ('asked@why.example', 'why_club'),
	('nobody@why.example', 'why_club'), ('both@why.example', 'why_news')) AS asked (address, topic),
	bounce.why_suppressed(address, asked.topic, '2024-06-01') AS y;

-- What is no address says so; of a long one the beginning.
SELECT cause, explanation FROM bounce.why_suppressed('not an address');
SELECT cause, explanation FROM bounce.why_suppressed(repeat('ü', 5000));
SELECT cause, explanation FROM bounce.why_suppressed('%s %n "quoted"');

-- ----------------------------------------------------------------------------
-- The answer is true exactly where there is a reason: all combinations of a
-- suppression, a choice of the topic, a choice of all topics, a domain and a digest,
-- asked for every kind of topic at several times.

INSERT INTO bounce.topic (topic, opt_in) VALUES ('why_single', 'single');
CREATE TABLE why_case AS
	SELECT 'case' || row_number() OVER () || CASE WHEN domain IS NULL THEN '@why.example' ELSE '@' || domain END AS address,
		s.topic AS suppression_topic, s.cause, own, everything, everything_since, digest
	FROM (VALUES (NULL, NULL), ('', 'lease'), ('', 'complaint'), ('why_news', 'manual'), ('why_single', 'complaint'), ('why_receipts', 'import')) AS s (topic, cause),
		(VALUES (NULL), ('pending'), ('subscribed'), ('unsubscribed'), ('snoozed')) AS o (own),
		(VALUES (NULL, NULL), ('subscribed', '2024-01-01'), ('unsubscribed', '2024-01-01'), ('unsubscribed', '2024-01-20'), ('snoozed', '2024-01-20'), ('pending', '2024-01-20')) AS e (everything, everything_since),
		(VALUES (NULL), ('no.why.example'), ('a.b.below.why.example')) AS d (domain),
		(VALUES (NULL), ('import'), ('unsubscribe')) AS g (digest);
INSERT INTO bounce.domain_suppression (domain, starts_at, expires_at) VALUES ('no.why.example', '2024-02-01', '2024-03-01'), ('*.below.why.example', '2024-02-01', 'infinity');
INSERT INTO bounce.suppression (address, topic, cause, starts_at, expires_at)
	SELECT address, suppression_topic, cause, '2024-02-10', '2024-02-20' FROM why_case WHERE cause IS NOT NULL;
INSERT INTO bounce.digest_suppression (digest, cause, starts_at, expires_at)
	SELECT 'sha256:' || encode(sha256(address::bytea), 'hex'), digest, '2024-02-15', '2024-02-25' FROM why_case WHERE digest IS NOT NULL;
INSERT INTO bounce.preference (address, topic, state, until, since, source)
	SELECT address, topic, state, CASE state WHEN 'snoozed' THEN '2024-02-12'::timestamptz END, since::timestamptz, 'person'
	FROM why_case, LATERAL (VALUES ('', everything, everything_since), ('why_news', own, '2024-01-10'), ('why_single', own, '2024-01-10'), ('why_receipts', own, '2024-01-10')) AS p (topic, state, since)
	WHERE state IS NOT NULL;
CREATE VIEW why_answer AS
	SELECT address, topic, at, bounce.is_suppressed(address, topic, at) AS suppressed, w.reasons, w.causes
	FROM why_case, unnest(ARRAY[NULL, 'why_news', 'why_unheard', 'why_single', 'why_receipts']) AS topic,
		unnest(ARRAY['2024-01-31 23:59:59', '2024-02-11', '2024-02-12', '2024-02-19 23:59:59', '2024-02-20', '2024-03-01']::timestamptz[]) AS at,
		LATERAL (SELECT count(*) AS reasons, array_agg(DISTINCT cause) AS causes FROM bounce.why_suppressed(address, topic, at)) AS w;
CREATE TABLE why_direct AS TABLE why_answer;
SELECT count(*) AS asked, count(*) FILTER (WHERE suppressed) AS suppressed, count(*) FILTER (WHERE suppressed <> (reasons > 0)) AS wrong FROM why_direct;

-- The same rules once more, in SQL: what each cause must say.
CREATE FUNCTION expected(c why_case, asked text, at timestamptz) RETURNS text[] LANGUAGE sql STABLE AS $$
	SELECT array_agg(DISTINCT cause) FROM (
		SELECT c.cause WHERE c.cause IS NOT NULL AND c.suppression_topic IN ('', asked)
			AND at >= '2024-02-10' AND at < '2024-02-20' AND (c.cause <> 'complaint' OR asked IS DISTINCT FROM 'why_receipts')
		UNION ALL SELECT 'domain' WHERE c.address LIKE '%@no.why.example' AND at >= '2024-02-01' AND at < '2024-03-01'
		UNION ALL SELECT 'domain' WHERE c.address LIKE '%.below.why.example' AND at >= '2024-02-01'
		UNION ALL SELECT 'digest' WHERE at >= '2024-02-15' AND at < '2024-02-25' AND (c.digest = 'import' OR c.digest = 'unsubscribe' AND asked IS DISTINCT FROM 'why_receipts')
		UNION ALL SELECT CASE
			WHEN asked = 'why_receipts' THEN NULL
			WHEN (own IS NULL OR c.everything_since > '2024-01-10') AND (c.everything = 'unsubscribed' OR c.everything = 'snoozed' AND at < '2024-02-12') THEN c.everything
			WHEN own = 'subscribed' THEN NULL
			WHEN own IS NOT NULL THEN own
			WHEN asked = 'why_single' THEN 'no_consent' END
			FROM (SELECT CASE WHEN asked IN ('why_news', 'why_single', 'why_receipts') AND NOT (c.own = 'snoozed' AND at >= '2024-02-12') THEN c.own END) AS o (own)
	) AS reason (cause) WHERE cause IS NOT NULL
$$;
SELECT count(*) AS asked, count(*) FILTER (WHERE a.causes IS DISTINCT FROM expected(c, a.topic, a.at)) AS wrong
FROM why_direct AS a JOIN why_case AS c USING (address);
-- Through SQL, when a table is not plain, it is the same.
BEGIN;
CREATE TABLE why_child_1 () INHERITS (bounce.suppression);
CREATE TABLE why_child_2 () INHERITS (bounce.domain_suppression);
CREATE TABLE why_child_3 () INHERITS (bounce.digest_suppression);
CREATE TABLE why_child_4 () INHERITS (bounce.preference);
CREATE TABLE why_child_5 () INHERITS (bounce.topic);
SELECT count(*) AS different FROM (SELECT * FROM why_answer WHERE address LIKE '%7@%' EXCEPT SELECT * FROM why_direct) AS d;
ROLLBACK;

DROP VIEW why_answer;
DROP FUNCTION expected;
DROP TABLE why_case, why_direct;
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@why.example';
DELETE FROM bounce.suppression WHERE address LIKE '%why.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%why.example';
DELETE FROM bounce.preference WHERE address LIKE '%why.example';
DELETE FROM bounce.domain_suppression WHERE domain LIKE '%why.example';
DELETE FROM bounce.digest_suppression;
DELETE FROM bounce.topic WHERE topic LIKE 'why\_%';
DELETE FROM bounce.setting;
