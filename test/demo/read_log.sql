/*
 * read_log.sql
 *		From the raw lines of a file to the columns of a delivery log, without
 *		letting any line stop the others.
 *
 * In: what test/demo/lines writes, on psql's standard input.  Out: table log_line
 * (number, line, response, recipient, given_time, occurred_at, topic, message_id,
 * problem); problem says why a line cannot even be offered as an event.
 *
 * The first line is a header if one of its fields is "response"; columns of other
 * names are ignored.  Without a header the fields are response, recipient and
 * occurred_at, as far as they are there.
 */

/* Bytes are read as Latin-1, which has a character for each, and told apart below. */
CREATE TEMP TABLE raw_line (number integer, bytes text);
\copy raw_line FROM pstdin WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02', ENCODING 'LATIN1')

/* A line that is valid UTF-8 is UTF-8 (RFC 3629, section 4); any other is left as Latin-1. */
CREATE FUNCTION pg_temp.as_text(bytes text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE WHEN bytes ~ ('^([\u0001-\u007f]'
	'|[\u00c2-\u00df][\u0080-\u00bf]'
	'|\u00e0[\u00a0-\u00bf][\u0080-\u00bf]|[\u00e1-\u00ec\u00ee\u00ef][\u0080-\u00bf]{2}|\u00ed[\u0080-\u009f][\u0080-\u00bf]'
	'|\u00f0[\u0090-\u00bf][\u0080-\u00bf]{2}|[\u00f1-\u00f3][\u0080-\u00bf]{3}|\u00f4[\u0080-\u008f][\u0080-\u00bf]{2})*$')
	THEN convert_from(convert_to(bytes, 'LATIN1'), 'UTF8') ELSE bytes END;

/* ISO 8601, or seconds or milliseconds since 1970; NULL for what is neither, never an error. */
CREATE FUNCTION pg_temp.as_time(given text) RETURNS timestamptz LANGUAGE sql STABLE
RETURN CASE
	WHEN given ~ '^\d{9,10}(\.\d{1,6})?$' THEN to_timestamp(given::double precision)
	WHEN given ~ '^\d{12,13}$' THEN to_timestamp(given::double precision / 1000)
	WHEN given ~ ('^(19[7-9]\d|20\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])'
		'([ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?( ?(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?))?)?$')
	THEN CASE WHEN substr(given, 9, 2)::integer <=
		date_part('day', (substr(given, 1, 7) || '-01')::date + interval '1 month - 1 day')
	THEN given::timestamptz END
END;

CREATE TEMP TABLE text_line AS
SELECT number, line, string_to_array(line, E'\t') AS field, cardinality(string_to_array(rtrim(line, E'\t'), E'\t')) AS fields
FROM (SELECT number, trim(LEADING U&'\FEFF' FROM pg_temp.as_text(bytes)) AS line FROM raw_line) AS decoded
WHERE btrim(line, E' \t') <> '';

/* Where the columns stand; 0 where there is none. */
CREATE TEMP TABLE header AS
SELECT number, ARRAY(SELECT lower(btrim(name, ' "')) FROM unnest(field) WITH ORDINALITY AS f (name, place) ORDER BY place) AS name
FROM (SELECT number, field FROM text_line ORDER BY number LIMIT 1) AS first_line;
DELETE FROM header WHERE array_position(name, 'response') IS NULL;
INSERT INTO header SELECT 0, NULL WHERE NOT EXISTS (SELECT FROM header);

SELECT number AS header_line,
	name IS NOT NULL AS has_header,
	coalesce(array_position(name, 'response'), 1) AS response_at,
	coalesce(array_position(name, 'recipient'), CASE WHEN name IS NULL THEN guessed.recipient_at END, 0) AS recipient_at,
	coalesce(array_position(name, 'occurred_at'), CASE WHEN name IS NULL THEN guessed.occurred_at END, 0) AS occurred_at,
	coalesce(array_position(name, 'topic'), 0) AS topic_at,
	coalesce(array_position(name, 'message_id'), 0) AS message_id_at,
	coalesce(cardinality(name), 0) AS columns
FROM header, (SELECT CASE WHEN bool_or(field[2] LIKE '%@%') THEN 2 END AS recipient_at,
		CASE WHEN bool_or(pg_temp.as_time(btrim(field[3])) IS NOT NULL) THEN 3 END AS occurred_at
	FROM text_line) AS guessed
\gset

CREATE TEMP TABLE log_line AS
SELECT number, line, response, coalesce(recipient, '') AS recipient, at AS given_time, pg_temp.as_time(at) AS occurred_at,
	topic, message_id,
	CASE
		WHEN :columns > 0 AND fields > :columns THEN 'too many fields'
		WHEN fields < greatest(:response_at, :recipient_at, :occurred_at) THEN 'too few fields'
		WHEN :occurred_at > 0 AND pg_temp.as_time(at) IS NULL THEN 'occurred_at is not a time'
		WHEN pg_temp.as_time(at) > now() + interval '1 day' THEN 'occurred_at is still to come'
	END AS problem
FROM (SELECT number, line, fields, btrim(field[:response_at]) AS response, btrim(field[:recipient_at]) AS recipient,
		btrim(field[:occurred_at]) AS at, btrim(field[:topic_at]) AS topic, btrim(field[:message_id_at]) AS message_id
	FROM text_line
	WHERE number <> :header_line) AS split;

/* A log without recipients: every line gets a recipient of its own. */
UPDATE log_line SET recipient = format('line-%s@made-up.example', lpad(number::text, 6, '0')) WHERE :recipient_at = 0;
