
-- Links in mails: tokens that say who asks for what, and are sealed.

-- The secret is made by the column's own default: it is in no statement that a log
-- could show, nor in the statistics of the table.
CREATE TABLE bounce.secret_key (
	purpose text COLLATE "C" NOT NULL CHECK (purpose IN ('token', 'digest')),
	number integer NOT NULL CHECK (number OPERATOR(pg_catalog.>) 0),
	secret bytea NOT NULL CHECK (pg_catalog.octet_length(secret) OPERATOR(pg_catalog.=) 32)
		DEFAULT pg_catalog.sha256(pg_catalog.uuid_send(pg_catalog.gen_random_uuid()) OPERATOR(pg_catalog.||)
			pg_catalog.uuid_send(pg_catalog.gen_random_uuid()) OPERATOR(pg_catalog.||) pg_catalog.uuid_send(pg_catalog.gen_random_uuid())),
	made_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	retires_at timestamptz NOT NULL DEFAULT 'infinity',
	PRIMARY KEY (purpose, number)
);
ALTER TABLE bounce.secret_key ALTER secret SET STATISTICS 0;
COMMENT ON TABLE bounce.secret_key IS
'Keys of tokens and of keyed digests. Nobody is given access to it, by no bundle; the owner of the extension has it for dumps, which carry
it: tokens in mails that were sent, and digests of people who were forgotten, are worth nothing without. So guard dumps as you guard it.';
COMMENT ON COLUMN bounce.secret_key.purpose IS 'token: seals tokens; digest: makes the hmac-sha256 digests of bounce.forget()';
COMMENT ON COLUMN bounce.secret_key.number IS 'The highest of a purpose is used for what is new';
COMMENT ON COLUMN bounce.secret_key.secret IS '256 bits, from the server''s strong random numbers';
COMMENT ON COLUMN bounce.secret_key.made_at IS 'When it was made';
COMMENT ON COLUMN bounce.secret_key.retires_at IS 'From then on it opens nothing';
SELECT pg_catalog.pg_extension_config_dump('bounce.secret_key', '');

CREATE FUNCTION bounce.secret_key_changed() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.secret_key_changed() IS 'Trigger: lets every session read the keys anew at its next statement';
REVOKE ALL ON FUNCTION bounce.secret_key_changed() FROM PUBLIC;
CREATE TRIGGER secret_key_changed AFTER INSERT OR UPDATE OR DELETE ON bounce.secret_key
	FOR EACH ROW EXECUTE FUNCTION bounce.secret_key_changed();
CREATE TRIGGER secret_key_truncated AFTER TRUNCATE ON bounce.secret_key
	FOR EACH STATEMENT EXECUTE FUNCTION bounce.secret_key_changed();
-- Also where replication applies the change.
ALTER TABLE bounce.secret_key ENABLE ALWAYS TRIGGER secret_key_changed;
ALTER TABLE bounce.secret_key ENABLE ALWAYS TRIGGER secret_key_truncated;

CREATE FUNCTION bounce.make_token(address text, topic text DEFAULT '', purpose text DEFAULT 'unsubscribe',
								  expires_at timestamptz DEFAULT NULL, at timestamptz DEFAULT pg_catalog.now())
	RETURNS text
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_make_token';
COMMENT ON FUNCTION bounce.make_token(text, text, text, timestamptz, timestamptz) IS
'A token for a link in a mail to this address: letters, digits, - and _ only. topic '''': all marketing topics.
purpose: unsubscribe, confirm or preferences; it opens nothing else. expires_at: in whole seconds; NULL: for a confirmation as long after
"at" as the setting confirm_within says (7 days), for the others no end of their own: links in mails must work for years, until their key is retired (bounce.rotate_token_key).
It is sealed with HMAC-SHA-256, cut to 128 bits, and says what the mail says: address, topic, purpose and end can be read by whoever sees
the link, and nothing about anybody else. The first one in a database makes its key, so not on a standby, and keeps others waiting for its transaction;
later ones only read. Better run bounce.rotate_token_key() once after CREATE EXTENSION.
Errors: 22023 for what is no address, a long topic or an unknown purpose; 22008 for an end that has come; 22004 for NULL in anything but
expires_at; 25006 where the first key would have to be written and cannot be.';
REVOKE ALL ON FUNCTION bounce.make_token(text, text, text, timestamptz, timestamptz) FROM PUBLIC;

CREATE FUNCTION bounce.open_token(token text, for_purpose text DEFAULT NULL, at timestamptz DEFAULT pg_catalog.now(),
								  OUT address text, OUT topic text, OUT purpose text, OUT expires_at timestamptz)
	STABLE PARALLEL SAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_open_token';
COMMENT ON FUNCTION bounce.open_token(text, text, timestamptz) IS
'What a token says, for the page that its link leads to. Changes nothing, so that a program that follows all links of a mail does no
harm. for_purpose: NULL: any. expires_at NULL: no end of its own. Works on a standby.
Errors: LH011 for what was not made here, was changed, or is sealed with a retired key, with the same message for all of them; LH013 for
a token of another purpose; LH012 for one that has expired; 22023 for an unknown purpose; 22004 for NULL; 22008 for an infinite time.';
REVOKE ALL ON FUNCTION bounce.open_token(text, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION bounce.unsubscribe_one_click(token text, at timestamptz DEFAULT pg_catalog.now(), evidence jsonb DEFAULT NULL)
	RETURNS boolean
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_unsubscribe_one_click';
COMMENT ON FUNCTION bounce.unsubscribe_one_click(text, timestamptz, jsonb) IS
'For the POST of RFC 8058 (List-Unsubscribe=One-Click), never for a GET: bounce.unsubscribe(), or bounce.unsubscribe_all() for a token
without a topic, for the person and topic of the token. evidence NULL: {"form": "one-click"}.
True when the state changed. Told again it is false and leaves no trace, so a repeated request is harmless; the same for a person who
was forgotten (bounce.forget) and whose no was kept.
Errors: those of bounce.open_token(token, ''unsubscribe'').';
REVOKE ALL ON FUNCTION bounce.unsubscribe_one_click(text, timestamptz, jsonb) FROM PUBLIC;

CREATE FUNCTION bounce.confirm_token(token text, at timestamptz DEFAULT pg_catalog.now(), evidence jsonb DEFAULT NULL)
	RETURNS boolean
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_confirm_token';
COMMENT ON FUNCTION bounce.confirm_token(text, timestamptz, jsonb) IS
'bounce.confirm() for the person and topic of a token, as by the button on the page that a confirmation mail leads to.
evidence NULL: {"form": "link"}. False when it was confirmed already, so a repeated request is harmless.
Errors: those of bounce.open_token(token, ''confirm'') and of bounce.confirm().';
REVOKE ALL ON FUNCTION bounce.confirm_token(text, timestamptz, jsonb) FROM PUBLIC;

CREATE FUNCTION bounce.list_unsubscribe(address text, topic text, base_url text, mailto text DEFAULT NULL,
										OUT list_unsubscribe text, OUT list_unsubscribe_post text)
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_list_unsubscribe';
COMMENT ON FUNCTION bounce.list_unsubscribe(text, text, text, text) IS
'The values of the headers List-Unsubscribe (RFC 2369) and List-Unsubscribe-Post (RFC 8058) of a mail to this address about this topic
('''': all marketing topics). base_url: where the POST goes, https only; the token is its last parameter, token=..., joined with ? or &.
mailto: an address of yours for those who can only write; the subject is the token. RFC 8058 wants both headers covered by the mail''s
DKIM signature. Errors: 22023 for a base_url that is not https, has a fragment or a character that no URI may have; 54000 when the header
would be longer than a line (998 bytes); those of bounce.make_token().';
REVOKE ALL ON FUNCTION bounce.list_unsubscribe(text, text, text, text) FROM PUBLIC;

CREATE FUNCTION bounce.rotate_token_key(at timestamptz DEFAULT pg_catalog.now(), overlap interval DEFAULT '5 years')
	RETURNS integer
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_rotate_token_key';
COMMENT ON FUNCTION bounce.rotate_token_key(timestamptz, interval) IS
'Makes a new key for tokens, and returns its number. Every session uses it from its next statement on. Tokens of older keys stay good
for "overlap" after "at", or until an earlier rotation retired their key; keys that are retired by then are deleted.
overlap 0: at once, when a key has become known: then the links in all mails that were sent are dead.
Errors: 22023 for a negative overlap; 22008 for "at" in the future; 22004 for NULL.';
REVOKE ALL ON FUNCTION bounce.rotate_token_key(timestamptz, interval) FROM PUBLIC;
