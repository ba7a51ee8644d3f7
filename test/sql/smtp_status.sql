-- bounce.smtp_status: what a mail server answered, as a value
\set SHOW_CONTEXT never
\getenv build PG_ABS_BUILDDIR
\cd :build/results
SET search_path = public, bounce;

-- It reads a reply code (RFC 5321), an enhanced status code (RFC 3463), or both.
SELECT smtp_status '550';
SELECT smtp_status '5.1.1';
SELECT smtp_status '550 5.1.1';
-- The first line of a longer answer has a hyphen.
SELECT smtp_status '550-5.1.1';
-- Blanks do no harm.
SELECT smtp_status E'  \t550   5.1.1\n ';
-- Subject and detail may have three digits, as Exchange Online uses them.
SELECT smtp_status '550 5.4.310', smtp_status '5.2.121', smtp_status '2.999.0';
-- An intermediate reply has no enhanced code.
SELECT smtp_status '354';

-- What is no status is refused, and SQLSTATE says why: 22P02 is syntax.
SELECT smtp_status 'abc';
\echo :SQLSTATE
SELECT smtp_status '';
\echo :SQLSTATE
SELECT smtp_status '   ';
SELECT smtp_status '550 ok';
SELECT smtp_status '5.1';
SELECT smtp_status '5.1.1.1';
SELECT smtp_status '550  -  5.1.1';
SELECT smtp_status '550-';
SELECT smtp_status '-550';
SELECT smtp_status '5.1.x';
-- Leading zeros are forbidden by RFC 3463.
SELECT smtp_status '5.01.1';

-- 22003 is a number out of range.
SELECT smtp_status '999 9.9.9';
\echo :SQLSTATE
SELECT smtp_status '550 5.1.1000';
\echo :SQLSTATE
SELECT smtp_status '600';
SELECT smtp_status '199';
SELECT smtp_status '55';
SELECT smtp_status '5500';
SELECT smtp_status '99999999999999999999';
SELECT smtp_status '3.1.1';
SELECT smtp_status '5.4294967297.1';

-- The two codes have to agree on the first digit.
SELECT smtp_status '550 4.1.1';
\echo :SQLSTATE
SELECT smtp_status '250 5.1.1';

-- Where the server can ask softly (16 and later), it gets an answer instead of an error.
SELECT current_setting('server_version_num')::int >= 160000 AS soft \gset
\if :soft
SELECT pg_input_is_valid('550 5.1.1', 'bounce.smtp_status') AND NOT pg_input_is_valid('550 4.1.1', 'bounce.smtp_status')
	AND NOT pg_input_is_valid('abc', 'bounce.smtp_status') AND NOT pg_input_is_valid('999', 'bounce.smtp_status') AS soft \gset
\else
\set soft t
\endif
\echo :soft

-- It takes four bytes; no status is longer as text than this.
SELECT pg_column_size(status), length(status::text) FROM (VALUES (smtp_status '599 5.999.999')) AS v(status);

-- Casts: text goes through input and output; a reply code kept as a number can be stored.
SELECT '451 4.7.1'::text::smtp_status, (smtp_status '451-4.7.1')::text;
CREATE TABLE answer (id int, status smtp_status);
INSERT INTO answer VALUES (1, 550), (2, '5.1.1'), (3, NULL);
SELECT * FROM answer ORDER BY id;
SELECT smtp_status(250), 421::smtp_status, smtp_status('4.2.2');
INSERT INTO answer VALUES (4, 999);
\echo :SQLSTATE
INSERT INTO answer VALUES (4, -550);
-- Only on assignment: a comparison with a number asks for the reply code.
SELECT id FROM answer WHERE status = 550;
SELECT id FROM answer WHERE reply_code(status) = 550;

-- Binary copies come back as they went.
TRUNCATE answer;
INSERT INTO answer VALUES (1, '550 5.1.1'), (2, '250'), (3, '5.999.999'), (4, NULL);
\copy answer TO 'smtp_status.bin' (FORMAT binary)
CREATE TABLE answer_copy (LIKE answer);
\copy answer_copy FROM 'smtp_status.bin' (FORMAT binary)
SELECT * FROM answer_copy ORDER BY id;
SELECT smtp_status_send('550 5.1.1');
-- Bytes that are no status are refused: here 0, a reply code of class 4 under class 5, and all ones.
CREATE TABLE bytes (id int, bits int);
INSERT INTO bytes VALUES (1, 0);
\copy bytes TO 'smtp_status.bin' (FORMAT binary)
\copy answer_copy FROM 'smtp_status.bin' (FORMAT binary)
\set VERBOSITY sqlstate
\copy answer_copy FROM 'smtp_status.bin' (FORMAT binary)
\set VERBOSITY default
UPDATE bytes SET bits = (x'a0000000'::bit(32) | (450 - 199)::bit(32))::int;
\copy bytes TO 'smtp_status.bin' (FORMAT binary)
\copy answer_copy FROM 'smtp_status.bin' (FORMAT binary)
UPDATE bytes SET bits = -1;
\copy bytes TO 'smtp_status.bin' (FORMAT binary)
\copy answer_copy FROM 'smtp_status.bin' (FORMAT binary)
DROP TABLE answer, answer_copy, bytes;

-- What it says.  A part that is not there is NULL.
SELECT status, reply_code(status), enhanced_code(status), is_success(status), is_transient(status), is_permanent(status)
FROM unnest('{250, 2.1.5, 354, 421, "450 4.2.1", 550, 5.1.1, "550 5.1.1", NULL}'::smtp_status[]) AS status;
SELECT reply_code(status => '550 5.1.1'), enhanced_code(status => '550 5.1.1');

-- describe: the registry's text of the enhanced code; of the reply code if that one is not registered.
SELECT status, describe(status)
FROM unnest('{5.1.1, "550 5.1.1", "250 2.1.5", 550, "550 5.1.99", 5.1.99, 599}'::smtp_status[]) AS status;

-- acs_type: the label in the list of Azure Communication Services, wise or not.
SELECT status, acs_type(status)
FROM unnest('{550, 551, "550 5.1.1", "552 5.2.2", 5.4.6, 5.2.121, 450, 4.1.1, 5.1.8}'::smtp_status[]) AS status;
-- A listed enhanced code goes before the reply code; one that is not listed leaves it to the reply code.
SELECT acs_type('550 5.7.1') AS listed, acs_type('550 5.7.509') AS not_listed, acs_type('5.7.509') AS alone;
-- The whole list: 55 codes.
SELECT acs_type(code) AS label, count(*), string_agg(code::text, ' ' ORDER BY code) AS codes
FROM (
	SELECT reply::smtp_status AS code FROM generate_series(200, 599) AS reply
	UNION ALL
	SELECT format('5.%s.%s', subject, detail)::smtp_status
	FROM generate_series(0, 999) AS subject, generate_series(0, 999) AS detail WHERE subject < 10 OR detail < 10
) AS code(code)
WHERE acs_type(code) IS NOT NULL
GROUP BY label ORDER BY label;

-- What a code says without any text: default_class.  Every reply code of the registry:
SELECT code, default_class(code) AS class, describe(code)
FROM generate_series(200, 599) AS reply, smtp_status(reply) AS code
WHERE describe(code) IS NOT NULL ORDER BY code;
-- Every enhanced code of the registry, and Exchange Online's, as a temporary and as a permanent failure:
SELECT permanent AS code, default_class(transient) AS "4.x.x", default_class(permanent) AS "5.x.x", describe(permanent)
FROM generate_series(0, 7) AS subject, generate_series(0, 999) AS detail,
	CAST(format('4.%s.%s', subject, detail) AS smtp_status) AS transient,
	CAST(format('5.%s.%s', subject, detail) AS smtp_status) AS permanent
WHERE describe(permanent) IS NOT NULL ORDER BY permanent;
-- Accepted is accepted, whatever the rest says.
SELECT default_class('250 2.1.5'), default_class('2.6.4'), default_class('299');
-- X.0.0 says nothing, so the reply code does; any other enhanced code goes first.
SELECT default_class('550 5.0.0'), default_class('550 5.7.1'), default_class('452 4.2.2');
-- A detail that is not registered is read as its subject; a code that is not registered, as its class.
SELECT default_class('550 5.7.509'), default_class('599'), default_class('499'), default_class('5.9.9');
-- A temporary failure is never hard.
SELECT default_class('450 4.1.1'), default_class('550 5.1.1');
