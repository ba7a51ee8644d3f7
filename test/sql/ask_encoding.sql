--
-- Asking in databases of other encodings: a digest is over UTF-8 in all of them, and
-- no bytes raise an error.
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT current_database() AS home \gset
CREATE DATABASE bounce_ask_eucjp ENCODING 'EUC_JP' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
CREATE DATABASE bounce_ask_ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
-- the digest of 三毛@日本語.example as any system that speaks UTF-8 would export it
SELECT 'sha256:' || encode(sha256(convert_to('三毛@xn--wgv71a119e.example', 'UTF8')), 'hex') AS digest \gset

-- EUC_JP: the same digest
\c bounce_ask_eucjp
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
CREATE EXTENSION bounce_ext;
INSERT INTO bounce.digest_suppression (digest) VALUES (:'digest');
SELECT bounce.is_suppressed('三毛@日本語.example'), bounce.is_suppressed('二毛@日本語.example') AS other;
SELECT cause, explanation LIKE '%known by digest only%' AS explained FROM bounce.why_suppressed('三毛 <三毛@日本語.example>');
-- A token says it in UTF-8, too, and opens in the encoding of the database.
SELECT address, topic FROM bounce.open_token(bounce.make_token('三毛@日本語.example', 'お知らせ'));
SELECT position('\xe4b889e6af9b40'::bytea IN decode(rpad(translate(token, '-_', '+/'), (length(token) + 3) / 4 * 4, '='), 'base64')) > 0 AS utf8
FROM bounce.make_token('三毛@日本語.example', 'お知らせ') AS token;
-- A character that UTF-8 does not have: no address of ours.
SELECT bounce.is_suppressed(convert_from('\xf5a1', 'EUC_JP') || '@example.jp');

-- SQL_ASCII: bytes that are UTF-8 are; others are no address.
\c bounce_ask_ascii
SET client_min_messages = warning;
CREATE EXTENSION bounce_ext;
INSERT INTO bounce.digest_suppression (digest) VALUES (:'digest');
SELECT bounce.is_suppressed(convert_from('\xe4b889e6af9b40e697a5e69cace8aa9e2e6578616d706c65', 'SQL_ASCII')) AS utf8,
	   bounce.is_suppressed(E'J\366rg@example.com') AS latin1, bounce.is_suppressed(E'\377\376\200@\300\257') AS rubbish;
-- A topic of any bytes comes back from a token as it was.
SELECT topic = E'\366' AS same FROM bounce.open_token(bounce.make_token('ann@example.com', E'\366'));
-- Quoted in an explanation, they go through too.
SELECT cause, octet_length(explanation) FROM bounce.why_suppressed(repeat(E'\377', 300));

\c :home
DROP DATABASE bounce_ask_eucjp;
DROP DATABASE bounce_ask_ascii;
