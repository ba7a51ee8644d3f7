--
-- Addresses in databases of other encodings: the answer is the same, in the encoding of the database.
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT current_database() AS home \gset
CREATE DATABASE bounce_encoding_eucjp ENCODING 'EUC_JP' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
CREATE DATABASE bounce_encoding_latin1 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
CREATE DATABASE bounce_encoding_ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;

-- Japanese in EUC_JP: two bytes a character here, three in UTF-8
\c bounce_encoding_eucjp
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
CREATE EXTENSION bounce_ext;
SELECT bounce.normalize_address('Kijitora@Example.JP');
SELECT canonical, octet_length(canonical) AS bytes, bounce.address_domain(canonical)
FROM bounce.normalize_address('三毛 <"三毛.猫"@日本語.example>') AS canonical;
-- 21 characters are 63 bytes in UTF-8, which is what counts; 22 are too many.
SELECT bounce.normalize_address(repeat('猫', 21) || '@example.jp') IS NULL AS of_21,
	   bounce.normalize_address(repeat('猫', 22) || '@example.jp') IS NULL AS of_22;
-- A character that UTF-8 does not have, by its bytes
SELECT bounce.normalize_address(convert_from('\xf5a1', 'EUC_JP') || '@example.jp') IS NULL AS none;

-- LATIN1
\c bounce_encoding_latin1
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
CREATE EXTENSION bounce_ext;
SELECT canonical, octet_length(canonical) AS bytes, bounce.address_domain(canonical)
FROM bounce.normalize_address('Jörg@Bücher.example') AS canonical;

-- SQL_ASCII: bytes are taken for UTF-8 where they are, and refused where they are not.
\c bounce_encoding_ascii
SET client_min_messages = warning;
CREATE EXTENSION bounce_ext;
SELECT bounce.normalize_address(E'J\303\266rg@B\303\274cher.example') = E'j\303\266rg@xn--bcher-kva.example' AS utf8,
	   bounce.normalize_address(E'J\366rg@example.com') IS NULL AS latin1;

\c :home
DROP DATABASE bounce_encoding_eucjp;
DROP DATABASE bounce_encoding_latin1;
DROP DATABASE bounce_encoding_ascii;
