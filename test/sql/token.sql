-- Links in mails: tokens that are sealed, opened without a change, and used.
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

-- What people said so far.
CREATE VIEW said AS
	SELECT split_part(address, '@', 1) AS who, topic, state, source, since
	FROM bounce.preference WHERE address LIKE '%@token.example' ORDER BY address, topic;

INSERT INTO bounce.topic (topic, opt_in) VALUES ('news', 'none'), ('token_double', 'double');

-- There is no key until the first token needs one.
SELECT count(*) FROM bounce.secret_key;
SELECT bounce.make_token('Ann <Ann@Token.Example>', 'news') AS ann \gset
SELECT purpose, number, octet_length(secret) AS bytes, retires_at FROM bounce.secret_key;

-- A token opens to what it was made of, and changes nothing: links are followed by programs, too.
SELECT * FROM bounce.open_token(:'ann');
SELECT address, topic FROM bounce.open_token(:'ann', for_purpose => 'unsubscribe');
TABLE said;
-- It is short, and every character may stand in a URL.
SELECT length(:'ann'), :'ann' ~ '^[A-Za-z0-9_-]+$' AS url_safe;
-- The same token each time: nothing in it is random.
SELECT bounce.make_token('ann@token.example', 'news') = :'ann' AS same;
-- It works for years, unless an end is given; a confirmation has one of its own.
SELECT topic, purpose, expires_at FROM bounce.open_token(bounce.make_token('ann@token.example'), at => '2099-01-01');
SELECT topic, purpose, expires_at FROM bounce.open_token(bounce.make_token('ann@token.example', 'news', 'confirm', at => '2024-03-01 12:00'), at => '2024-03-08 11:59:59');
SELECT purpose, expires_at FROM bounce.open_token(bounce.make_token('ann@token.example', purpose => 'preferences', expires_at => '2024-03-05 06:07:08.9', at => '2024-03-01'), at => '2024-03-02');
SELECT expires_at FROM bounce.open_token(bounce.make_token('ann@token.example', 'news', 'confirm', 'infinity'));
-- A link to confirm is good for as long as that can be confirmed.
BEGIN;
INSERT INTO bounce.setting VALUES ('confirm_within', '1 month');
SELECT expires_at FROM bounce.open_token(bounce.make_token('ann@token.example', 'news', 'confirm', at => '2024-03-01 12:00'), at => '2024-03-31');
ROLLBACK;

-- What is in it, and its seal, can be computed by hand: here with a key of zeros.
BEGIN;
UPDATE bounce.secret_key SET secret = decode(repeat('00', 32), 'hex');
SELECT bounce.make_token('ann@token.example', 'news') AS zeros \gset
SELECT rpad(translate(:'zeros', '-_', '+/'), (length(:'zeros') + 3) / 4 * 4, '=') AS padded \gset
SELECT decode(:'padded', 'base64') AS sealed \gset
SELECT encode(substr(:'sealed'::bytea, 1, octet_length(:'sealed'::bytea) - 16), 'escape') AS says;
SELECT substr(:'sealed'::bytea, octet_length(:'sealed'::bytea) - 15) =
	substr(sha256(decode(repeat('5c', 64), 'hex') || sha256(decode(repeat('36', 64), 'hex') ||
		substr(:'sealed'::bytea, 1, octet_length(:'sealed'::bytea) - 16))), 1, 16) AS sealed_with_hmac_sha_256;
-- The token of the other key is foreign now, and good again after the rollback.
SELECT bounce.open_token(:'ann');
ROLLBACK;
SELECT address FROM bounce.open_token(:'ann');

-- Forgeries: whatever was done to a token, the answer is one and the same.
CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	EXECUTE statement;
	RETURN 'none';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN format('%s: %s (%s)', SQLSTATE, SQLERRM, detail);
END $$;
-- every character changed in turn, every shorter one, and every longer one;
SELECT pg_temp.error_of(format('SELECT bounce.open_token(%L)', forged)) AS error, count(*) = 3 * length(:'ann') AS all
FROM generate_series(1, length(:'ann')) AS n, LATERAL (VALUES
	(overlay(:'ann' PLACING CASE WHEN substr(:'ann', n, 1) = 'A' THEN 'B' ELSE 'A' END FROM n FOR 1)),
	(left(:'ann', n - 1)),
	(:'ann' || left(:'ann', n))) AS f (forged)
GROUP BY 1;
-- what is no base64url, has padding, blanks or line ends; another topic or address; too long a text.
SELECT pg_temp.error_of(format('SELECT bounce.open_token(%L)', forged)) AS error, count(*)
FROM (VALUES ('='), ('    '), (:'ann' || '='), (:'ann' || E'\n'), (' ' || :'ann'), ('+' || :'ann'), ('é'), (repeat('A', 5000)),
	(translate(encode('\x11010400', 'base64'), '+/=', '-_')),
	('not a token'), (:'zeros'), (upper(:'ann')), ($$'; DROP TABLE bounce.secret_key; --$$)) AS f (forged)
GROUP BY 1;
-- Spliced from two real ones: the address of one before the seal of the other.
SELECT bounce.make_token('bob@token.example', 'news') AS bob \gset
SELECT pg_temp.error_of(format('SELECT bounce.open_token(%L)', left(:'bob', -22) || right(:'ann', 22)));
-- A token of another purpose opens nothing else.
SELECT bounce.make_token('ann@token.example', 'news', 'preferences') AS preferences \gset
SELECT bounce.open_token(:'preferences', for_purpose => 'confirm');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.unsubscribe_one_click(:'preferences');
\echo :LAST_ERROR_SQLSTATE
-- An expired one is told apart only when it is ours.
SELECT bounce.make_token('ann@token.example', 'news', expires_at => '2024-01-02', at => '2024-01-01') AS old \gset
SELECT expires_at FROM bounce.open_token(:'old', at => '2024-01-01 23:59:59.999999');
SELECT bounce.open_token(:'old', at => '2024-01-02');
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.error_of(format('SELECT bounce.open_token(%L)', overlay(:'old' PLACING 'A' FROM 3 FOR 1)));
TABLE said;

-- One click unsubscribes, with evidence; again, it is false and leaves no trace.
SELECT bounce.unsubscribe_one_click(:'ann', at => '2024-05-01', evidence => '{"ip": "192.0.2.1"}');
SELECT bounce.unsubscribe_one_click(:'ann', at => '2024-05-02');
SELECT bounce.unsubscribe_one_click(:'ann', at => '2024-05-03');
TABLE said;
SELECT number, topic, new_state, source, at, evidence FROM bounce.consent_log WHERE address = 'ann@token.example';
-- Without a topic: all marketing; without evidence it says how it came in.
SELECT bounce.unsubscribe_one_click(bounce.make_token('bob@token.example'), at => '2024-05-01');
SELECT topic, new_state, evidence FROM bounce.consent_log WHERE address = 'bob@token.example';
-- A no that somebody else told is not the person's own: the click is on record.
SELECT bounce.unsubscribe('carl@token.example', 'news', at => '2024-05-01', source => 'import');
SELECT bounce.unsubscribe_one_click(bounce.make_token('carl@token.example', 'news'), at => '2024-05-02');
SELECT who, source FROM said WHERE who = 'carl';
-- Who came back is let go again by the same link.
SELECT bounce.subscribe('ann@token.example', 'news', at => '2024-06-01');
SELECT bounce.unsubscribe_one_click(:'ann', at => '2024-07-01');
SELECT state, since FROM said WHERE who = 'ann';

-- A subscription that has to be confirmed, by the button behind the link in a mail.
SELECT bounce.subscribe('dora@token.example', 'token_double', at => '2024-03-01');
SELECT bounce.make_token('dora@token.example', 'token_double', 'confirm', at => '2024-03-01') AS confirm \gset
SELECT bounce.confirm_token(:'confirm', at => '2024-03-02');
SELECT bounce.confirm_token(:'confirm', at => '2024-03-03');
SELECT act, new_state, at, evidence FROM bounce.consent_log WHERE address = 'dora@token.example' ORDER BY number;
SELECT bounce.confirm_token(:'confirm', at => '2024-03-08');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.confirm_token(:'ann');
\echo :LAST_ERROR_SQLSTATE
-- Nothing was asked for.
SELECT bounce.confirm_token(bounce.make_token('emil@token.example', 'token_double', 'confirm'));
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.make_token('emil@token.example', purpose => 'confirm');

-- The two headers of a mail.
SELECT * FROM bounce.list_unsubscribe('ann@token.example', 'news', 'https://shop.example/unsubscribe') \gset
SELECT replace(:'list_unsubscribe', :'ann', '(token)') AS list_unsubscribe, :'list_unsubscribe_post' AS list_unsubscribe_post;
-- What follows a query goes on with &; with a mailbox for those who can only write.
SELECT replace(list_unsubscribe, :'ann', '(token)') AS list_unsubscribe
FROM (VALUES ('https://shop.example/u?list=7', NULL), ('https://shop.example/u?', NULL), ('https://shop.example/u?list=7&', NULL),
	('https://shop.example', 'leave@shop.example'), ('https://shop.example/', '"a?b&c=d"@Shop.Example'), ('https://shop.example/', 'é%@shop.example')) AS u (url, mailto),
	LATERAL bounce.list_unsubscribe('ann@token.example', 'news', url, mailto);
-- https only, and nothing that could end the brackets, the header or the line.
SELECT url, pg_temp.error_of(format('SELECT bounce.list_unsubscribe(%L, %L, %L)', 'ann@token.example', 'news', url)) AS error
FROM (VALUES ('http://shop.example/u'), ('shop.example/u'), (''), ('https://'), ('https://shop.example/>, <mailto:x@evil.example'),
	(E'https://shop.example/\r\nBcc: x@evil.example'), ('https://shop.example/a b'), ('https://shop.example/é'), ('https://shop.example/#u'),
	('https://shop.example/%')) AS u (url);
SELECT bounce.list_unsubscribe('ann@token.example', 'news', 'https://shop.example/' || repeat('x', 900));
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.list_unsubscribe('ann@token.example', 'news', 'https://shop.example/', 'nobody');
SELECT bounce.list_unsubscribe('ann@token.example', 'news', NULL);
\echo :LAST_ERROR_SQLSTATE

-- Keys are rotated with overlap. The new one is used at once, the old one opens until it is retired.
BEGIN;
UPDATE bounce.secret_key SET made_at = '2024-01-01';
SELECT bounce.rotate_token_key('2024-02-01', overlap => '1 year');
SELECT bounce.make_token('ann@token.example', 'news') <> :'ann' AS another;
SELECT address FROM bounce.open_token(bounce.make_token('ann@token.example', 'news'), at => '2099-01-01');
SELECT address FROM bounce.open_token(:'ann', at => '2025-01-31 23:59:59');
SELECT pg_temp.error_of(format('SELECT bounce.open_token(%L, at => %L)', :'ann', '2025-02-01'));
-- A later rotation does not make it live longer; when it is retired, it goes.
SELECT bounce.rotate_token_key('2024-03-01', overlap => '10 years');
SELECT number, made_at, retires_at FROM bounce.secret_key ORDER BY number;
SELECT bounce.rotate_token_key('2025-03-01');
SELECT number, made_at, retires_at FROM bounce.secret_key ORDER BY number;
-- Without overlap every token that was made is dead: for when a key has become known.
SELECT bounce.rotate_token_key('2025-04-01', overlap => '0');
SELECT number, retires_at > '2025-04-01' AS good FROM bounce.secret_key ORDER BY number;
SELECT pg_temp.error_of(format('SELECT bounce.open_token(%L)', :'ann'));
ROLLBACK;
SELECT bounce.rotate_token_key('2999-01-01');
SELECT bounce.rotate_token_key(overlap => '-1 day');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.rotate_token_key(overlap => NULL);

-- Wrong inputs.
SELECT bounce.make_token('nobody', 'news');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.make_token(NULL, 'news');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.make_token('ann@token.example', NULL);
SELECT bounce.make_token('ann@token.example', 'news', 'Unsubscribe');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.make_token('ann@token.example', 'news', expires_at => '2024-01-01', at => '2024-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.make_token('ann@token.example', 'news', expires_at => '-infinity');
-- a week from then would be none that a token can hold
SELECT bounce.make_token('ann@token.example', 'news', 'confirm', at => '1990-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.make_token('ann@token.example', 'news', 'confirm', at => '294276-12-31');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.make_token('ann@token.example', repeat('n', 1001));
SELECT topic = repeat('n', 1000) AS longest FROM bounce.open_token(bounce.make_token('ann@token.example', repeat('n', 1000)));
SELECT bounce.open_token(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.open_token(:'ann', for_purpose => 'all');
SELECT bounce.open_token(:'ann', at => 'infinity');
-- A topic and an address of any script come back as they went in.
SELECT address, topic FROM bounce.open_token(bounce.make_token('三毛@日本語.example', 'お知らせ'));

-- Where nothing can be written, tokens are made and opened all the same.
BEGIN READ ONLY;
SELECT bounce.make_token('ann@token.example', 'news') = :'ann' AS same;
SELECT address FROM bounce.open_token(:'ann');
SELECT bounce.unsubscribe_one_click(:'ann');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN READ ONLY;
SELECT bounce.confirm_token(:'confirm');
ROLLBACK;
-- But the first key cannot be made there.
BEGIN;
DELETE FROM bounce.secret_key;
SET TRANSACTION READ ONLY;
SELECT bounce.make_token('ann@token.example', 'news');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- A sender makes and uses tokens; nobody sees the keys.
CREATE ROLE regress_bounce_mailer;
CREATE ROLE regress_bounce_operator;
SELECT bounce.grant_access('regress_bounce_mailer', 'sender'), bounce.grant_access('regress_bounce_operator', 'operator');
SET ROLE regress_bounce_mailer;
SELECT bounce.make_token('ann@token.example', 'news') = :'ann' AS same;
SELECT topic FROM bounce.open_token(:'ann');
SELECT bounce.unsubscribe_one_click(:'ann', at => '2024-08-01');
SELECT list_unsubscribe_post FROM bounce.list_unsubscribe('ann@token.example', 'news', 'https://shop.example/u');
SELECT bounce.rotate_token_key();
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
SET ROLE regress_bounce_operator;
SELECT secret FROM bounce.secret_key;
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM pg_stats WHERE schemaname = 'bounce' AND tablename = 'secret_key' AND attname = 'secret';
RESET ROLE;
ANALYZE bounce.secret_key;
SELECT attname FROM pg_stats WHERE schemaname = 'bounce' AND tablename = 'secret_key' AND attname = 'secret';
-- Whoever has no privilege can do nothing.
SELECT bounce.revoke_access('regress_bounce_mailer', 'sender');
SET ROLE regress_bounce_mailer;
SELECT bounce.make_token('ann@token.example', 'news');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.open_token(:'ann');
RESET ROLE;
DROP OWNED BY regress_bounce_mailer, regress_bounce_operator;
DROP ROLE regress_bounce_mailer, regress_bounce_operator;

DROP VIEW said;
SELECT count(*) > 4 AS forgotten FROM unnest('{ann,bob,carl,dora}'::text[]) AS who, bounce.forget(who || '@token.example');
DELETE FROM bounce.digest_suppression;
DELETE FROM bounce.secret_key;
DELETE FROM bounce.topic WHERE topic IN ('news', 'token_double');
