/*++
 * NAME
 *	token 3
 * SUMMARY
 *	write and read what a token says
 * SYNOPSIS
 *	#include "token.h"
 *
 *	size_t token_write(const Token *token, uint8_t out[TOKEN_BYTES_MAX])
 *
 *	bool token_read(const uint8_t *bytes, size_t length, Token *token)
 * DESCRIPTION
 *	A token is in the links of mails, so it is short: version and purpose in one
 *	byte, then the number of its key, its end in seconds and the length of its
 *	topic as variable-length numbers (seven bits a byte, the lowest first), then
 *	topic and address.  The seal that follows covers all of that.
 *
 *	There is one spelling of each token: a number with bytes it does not need is
 *	refused.
 * DIAGNOSTICS
 *	token_read() is false for any bytes that token_write() would not have written.
 *--*/
#include "token.h"

#include <string.h>

#define TOKEN_VERSION 1

static const char *const purpose_names[] = {
	[TOKEN_UNSUBSCRIBE] = "unsubscribe",
	[TOKEN_CONFIRM] = "confirm",
	[TOKEN_PREFERENCES] = "preferences"
};

#define PURPOSES (sizeof(purpose_names) / sizeof(purpose_names[0]))

/* Bytes that are read; what is asked of them beyond their end makes them bad. */
typedef struct Bytes
{
	const uint8_t *next;
	const uint8_t *end;
	bool		bad;
} Bytes;

const char *
token_purpose_name(TokenPurpose purpose)
{
	return (size_t) purpose < PURPOSES ? purpose_names[purpose] : NULL;
}

TokenPurpose
token_purpose_named(const char *name)
{
	for (size_t i = TOKEN_UNSUBSCRIBE; i < PURPOSES; i++)
		if (strcmp(purpose_names[i], name) == 0)
			return (TokenPurpose) i;
	return (TokenPurpose) 0;
}

/* put_number - returns what follows it */
static uint8_t *
put_number(uint8_t *out, uint64_t number)
{
	while (number >= 0x80)
	{
		*out++ = (uint8_t) (number | 0x80);
		number >>= 7;
	}
	*out++ = (uint8_t) number;
	return out;
}

/* get_byte - 0 beyond the end */
static uint8_t
get_byte(Bytes *bytes)
{
	if (bytes->next < bytes->end)
		return *bytes->next++;
	bytes->bad = true;
	return 0;
}

/* get_number - at most of this many bits */
static uint64_t
get_number(Bytes *bytes, int bits)
{
	uint64_t	number = 0;
	uint8_t		byte;
	int			shift = 0;

	do
	{
		byte = get_byte(bytes);
		number |= (uint64_t) (byte & 0x7F) << shift;
		shift += 7;
	} while (byte >= 0x80 && shift < 63);
	if (byte >= 0x80 || (byte == 0 && shift > 7) || number >> bits != 0)
		bytes->bad = true;
	return number;
}

/* get_text - so many bytes, none of them NUL */
static const char *
get_text(Bytes *bytes, size_t length)
{
	const char *text = (const char *) bytes->next;

	if (length > (size_t) (bytes->end - bytes->next) || memchr(text, '\0', length) != NULL)
	{
		bytes->bad = true;
		return "";
	}
	bytes->next += length;
	return text;
}

size_t
token_write(const Token *token, uint8_t out[TOKEN_BYTES_MAX])
{
	uint8_t    *next = out;

	if (token->topic_length > TOKEN_TOPIC_MAX ||
		token->address_length == 0 || token->address_length > ADDRESS_LENGTH_MAX)
		return 0;
	*next++ = (uint8_t) (TOKEN_VERSION << 4 | token->purpose);
	next = put_number(next, token->key);
	next = put_number(next, token->expires_at);
	next = put_number(next, token->topic_length);
	memcpy(next, token->topic, token->topic_length);
	next += token->topic_length;
	memcpy(next, token->address, token->address_length);
	return (size_t) (next - out) + token->address_length;
}

bool
token_read(const uint8_t *bytes, size_t length, Token *token)
{
	Bytes		rest = {bytes, bytes + length, false};
	uint8_t		head = get_byte(&rest);

	token->purpose = (TokenPurpose) (head & 0x0F);
	token->key = (uint32_t) get_number(&rest, 32);
	token->expires_at = get_number(&rest, 62);
	token->topic_length = (size_t) get_number(&rest, 10);
	token->topic = get_text(&rest, token->topic_length);
	token->address_length = (size_t) (rest.end - rest.next);
	token->address = get_text(&rest, token->address_length);
	return !rest.bad && head >> 4 == TOKEN_VERSION && token_purpose_name(token->purpose) != NULL &&
		token->topic_length <= TOKEN_TOPIC_MAX &&
		token->address_length > 0 && token->address_length <= ADDRESS_LENGTH_MAX;
}
