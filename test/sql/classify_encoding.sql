-- classify in databases of other encodings: the answer is the same, and no byte is an error.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT current_database() AS home \gset
CREATE DATABASE bounce_classify_eucjp ENCODING 'EUC_JP' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
CREATE DATABASE bounce_classify_latin1 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
CREATE DATABASE bounce_classify_ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;

-- LATIN1
\c bounce_classify_latin1
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
CREATE EXTENSION bounce_ext;
SELECT bounce.classify('554 Contenu indésirable'), bounce.extract_status('554 5.7.1 é'),
	(bounce.diagnose('451 Contenu indésirable, http://example.com/é')).url;

-- EUC_JP, with a character that UTF-8 does not have before the words that count
\c bounce_classify_eucjp
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
CREATE EXTENSION bounce_ext;
SELECT bounce.classify('宛先 550 5.1.1 User unknown'), bounce.classify(convert_from('\xf5a1', 'EUC_JP') || ' 552 5.2.2 Mailbox full');

-- SQL_ASCII: bytes are taken for UTF-8 where they are, else for Windows-1252.
\c bounce_classify_ascii
SET client_min_messages = warning;
CREATE EXTENSION bounce_ext;
SELECT bounce.classify(E'Contenu ind\303\251sirable') AS utf8, bounce.classify(E'Contenu ind\351sirable') AS latin1,
	bounce.classify(E'\377\376\303 user\222s mailbox is full \200') AS rubbish;

\c :home
DROP DATABASE bounce_classify_eucjp;
DROP DATABASE bounce_classify_latin1;
DROP DATABASE bounce_classify_ascii;
