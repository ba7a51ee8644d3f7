/*
 * token_text.c
 *		Tokens as they stand in a link: sealed, and in base64url (RFC 4648, without
 *		padding).
 *
 * The seal is HMAC-SHA-256 under a key of bounce.secret_key, cut to 128 bits
 * (RFC 2104 section 5), over everything else, purpose and number of the key
 * included.  Nothing in a token is believed, and nothing said about it, before the
 * seal is found right; it is compared in constant time.  The texts in it are UTF-8,
 * whatever the encoding of this database, so that a token outlives a move.
 */
#include "postgres.h"

#include "common/base64.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "secret_key.h"
#include "sqlstates.h"
#include "token_text.h"

#define SEAL_LENGTH 16
#define SEALED_MAX (TOKEN_BYTES_MAX + SEAL_LENGTH)
/* with room for padding, which the server's own functions write */
#define TEXT_MAX ((SEALED_MAX + 2) / 3 * 4)

static void
seal(const SecretKey *key, const uint8 *bytes, size_t length, uint8 out[SEAL_LENGTH])
{
	uint8		mac[SECRET_MAC_LENGTH];

	secret_key_mac(key, bytes, length, mac);
	memcpy(out, mac, SEAL_LENGTH);
}

static bool
seals_equal(const uint8 *one, const uint8 *other)
{
	uint8		difference = 0;

	for (int i = 0; i < SEAL_LENGTH; i++)
		difference |= one[i] ^ other[i];
	return difference == 0;
}

/* Writes at most TEXT_MAX characters; returns how many. */
static int
to_base64url(const uint8 *bytes, int length, char out[TEXT_MAX])
{
	int			written = pg_b64_encode((const Base64Byte *) bytes, length, out, TEXT_MAX);

	while (written > 0 && out[written - 1] == '=')
		written--;
	for (int i = 0; i < written; i++)
		out[i] = out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i];
	return written;
}

/* Returns the number of bytes; 0 for what to_base64url() would not have written. */
static int
from_base64url(const char *given, int length, uint8 out[SEALED_MAX])
{
	char		standard[TEXT_MAX];
	char		again[TEXT_MAX];
	int			padded = (length + 3) / 4 * 4;
	int			bytes;

	if (padded > TEXT_MAX)
		return 0;
	memset(standard, '=', padded);
	for (int i = 0; i < length; i++)
		standard[i] = given[i] == '-' ? '+' : given[i] == '_' ? '/' : given[i];
	bytes = pg_b64_decode(standard, padded, (Base64Byte *) out, SEALED_MAX);
	if (bytes <= 0 || to_base64url(out, bytes, again) != length || memcmp(again, given, length) != 0)
		return 0;
	return bytes;
}

static const char *
utf8_of(const char *string)
{
	return GetDatabaseEncoding() == PG_SQL_ASCII ? string : pg_server_to_any(string, strlen(string), PG_UTF8);
}

static char *
from_utf8(const char *utf8, size_t length)
{
	const char *string = pnstrdup(utf8, length);

	return GetDatabaseEncoding() == PG_SQL_ASCII ? unconstify(char *, string) :
		pg_any_to_server(string, (int) length, PG_UTF8);
}

/* Whole seconds, rounded down: it opens nothing after it should. */
static uint64
seconds_of(TimestampTz at)
{
	return TIMESTAMP_IS_NOEND(at) ? TOKEN_NEVER : (uint64) (at / USECS_PER_SEC);
}

text *
token_text_make(const TokenSaid *said)
{
	const char *topic = utf8_of(said->topic);
	const char *address = utf8_of(said->address);
	const SecretKey *key = secret_key_made(SECRET_TOKEN);
	Token		token = {
		.purpose = said->purpose,
		.key = (uint32) secret_key_number(key),
		.expires_at = seconds_of(said->expires_at),
		.topic = topic,
		.topic_length = strlen(topic),
		.address = address,
		.address_length = strlen(address)
	};
	uint8		bytes[SEALED_MAX];
	char		written[TEXT_MAX];
	size_t		length = token_write(&token, bytes);

	if (length == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("topic or address is too long for a token")));
	seal(key, bytes, length, bytes + length);
	return cstring_to_text_with_len(written, to_base64url(bytes, (int) length + SEAL_LENGTH, written));
}

/* False: it is not ours, or its key was retired by then. */
static bool
unseal(const char *given, TimestampTz at, uint8 bytes[SEALED_MAX], Token *token)
{
	size_t		given_length = strlen(given);
	int			length = given_length > TEXT_MAX ? 0 : from_base64url(given, (int) given_length, bytes);
	const SecretKey *key;
	uint8		expected[SEAL_LENGTH];

	if (length <= SEAL_LENGTH || !token_read(bytes, length - SEAL_LENGTH, token))
		return false;
	key = secret_key_numbered(SECRET_TOKEN, (int32) token->key, at);
	if (key == NULL)
		return false;
	seal(key, bytes, length - SEAL_LENGTH, expected);
	return seals_equal(expected, bytes + length - SEAL_LENGTH);
}

void
token_text_open(const char *given, TokenPurpose purpose, TimestampTz at, TokenSaid *said)
{
	uint8		bytes[SEALED_MAX];
	Token		token;

	if (!unseal(given, at, bytes, &token))
		ereport(ERROR,
				(errcode(ERRCODE_BOUNCE_TOKEN_FOREIGN),
				 errmsg("token is not valid"),
				 errdetail("It was not made here, was changed on its way, or is sealed with a key that is retired."),
				 errhint("Pass it on as it stands in the link, without quoting or line breaks.")));
	if (purpose != 0 && token.purpose != purpose)
		ereport(ERROR,
				(errcode(ERRCODE_BOUNCE_TOKEN_PURPOSE),
				 errmsg("token is for another purpose"),
				 errdetail("It was made to \"%s\", and is used to \"%s\".",
						   token_purpose_name(token.purpose), token_purpose_name(purpose)),
				 errhint("Make it with purpose => '%s', or let its link lead to the page for its own.",
						 token_purpose_name(purpose))));
	said->expires_at = token.expires_at == TOKEN_NEVER ? DT_NOEND :
		(TimestampTz) token.expires_at * USECS_PER_SEC;
	if (said->expires_at <= at)
		ereport(ERROR,
				(errcode(ERRCODE_BOUNCE_TOKEN_EXPIRED),
				 errmsg("token has expired"),
				 errdetail("It was good until %s.", timestamptz_to_str(said->expires_at)),
				 errhint("Send the person a new link.")));
	said->purpose = token.purpose;
	said->topic = from_utf8(token.topic, token.topic_length);
	said->address = from_utf8(token.address, token.address_length);
}
