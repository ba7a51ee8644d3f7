
-- What a server's answer says about an address.

CREATE FUNCTION bounce.classify(response text) RETURNS bounce.bounce_class
	IMMUTABLE STRICT PARALLEL SAFE COST 20
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_classify';
COMMENT ON FUNCTION bounce.classify(text) IS
'Severity and reason of a server''s answer, like hard:user_unknown; unknown:unknown when it says nothing; never an error.
In: the answer as it was logged, in any of ten languages (what is most common, in ten more), with or without status codes, folded or quoted by relays.
Evidence, the first that speaks: a provider''s own code, a phrase, the enhanced code, the reply code.
A hard reason behind a temporary (4xx) answer is soft, unless it is final. Of more than 64 kB the first 48 and the last
16 kB are read. NULL in, NULL out. RFC 5321 4.2, RFC 3463.';

CREATE FUNCTION bounce.classify(status bounce.smtp_status, response text) RETURNS bounce.bounce_class
	IMMUTABLE PARALLEL SAFE COST 20
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_classify_status';
COMMENT ON FUNCTION bounce.classify(bounce.smtp_status, text) IS
'The same where a status is known beside the text, as in the Status field of a delivery report (RFC 3464).
It completes what the text says: where the text has no status, or only half of one, or 5.0.0. Either may be NULL;
both NULL: NULL.';

CREATE FUNCTION bounce.extract_status(response text) RETURNS bounce.smtp_status
	IMMUTABLE STRICT PARALLEL SAFE COST 20
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_extract_status';
COMMENT ON FUNCTION bounce.extract_status(text) IS
'The status that a server''s answer carries, or NULL when it carries none; never an error.
Of an answer that a relay quotes ("host mx said: 550 5.1.1 ..."), the quoted status. Addresses, dates, versions, ports and
sizes are not taken for one. Of a reply code and an enhanced code that disagree ("550 4.4.7") the temporary one:
contradictory evidence proves nothing permanent. RFC 5321 4.2, RFC 3463.';

CREATE FUNCTION bounce.diagnose(response text,
	OUT status bounce.smtp_status,
	OUT class bounce.bounce_class,
	OUT basis text,
	OUT rule text,
	OUT provider text,
	OUT url text,
	OUT blocklist text,
	OUT retry_after interval,
	OUT advice text)
	IMMUTABLE STRICT PARALLEL SAFE COST 200
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_diagnose';
COMMENT ON FUNCTION bounce.diagnose(text) IS
'What was concluded from a server''s answer, and from what: one row; never an error.
basis: vendor, phrase, enhanced, reply or none; rule: the name of the rule that decided, if one did; provider: whose
server answered, from the rule or from hosts in the text; url: the page that explains it; blocklist: who lists the sender;
retry_after: when to try again, if the server says so; advice: what to do, one line. What the answer does not say is NULL.';

CREATE FUNCTION bounce.provider_of(host text) RETURNS text
	IMMUTABLE STRICT PARALLEL SAFE
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_provider_of';
COMMENT ON FUNCTION bounce.provider_of(text) IS
'Who runs a mail host or a domain, like "google"; NULL when not known.
In: an MX host, a domain or an address, in any case, with or without the final dot, a preference before it, an address or port
behind it ("[192.0.2.1]:25"). The longest known suffix that begins
at a label decides.';
