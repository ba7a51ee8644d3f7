/*
 * NAME
 *		address - mail addresses in one canonical spelling
 *
 * SUMMARY
 *		Takes off what people and programs wrap an address in, reads the mailbox
 *		by the grammar of RFC 5321 with the UTF-8 of RFC 6531, and writes it in the
 *		one way in which addresses are compared.
 *
 *		The local part is compared without regard to ASCII case: no large provider
 *		tells them apart, and a list that does holds the same person twice.  Beyond
 *		ASCII it stays as it is.
 *
 *		More is accepted than the grammar has where mail is really delivered: dots
 *		in a row and at the end of a local part (older mailboxes of Japanese mobile
 *		providers), underscores in a domain, a domain of one label.
 *
 * IN AND OUT
 *		UTF-8, or bytes of any kind that are then refused; see address.h.
 *
 * ERRORS
 *		AddressError says which part is wrong.
 *
 * SOURCE
 *		RFC 5321 4.1.2 and 4.5.3.1, RFC 6531 3.3, RFC 5322 3.4 (display names),
 *		RFC 6068 (mailto), RFC 3461 4.2 and RFC 6533 3 (address types).
 */
#include "address.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "address_chars.h"
#include "address_literal.h"

#define LOCAL_PART_MAX 64
#define DOMAIN_MAX 255
#define LABEL_MAX 63

/* What is left to read. */
typedef struct Rest
{
	const char *at;
	const char *end;
} Rest;

/* last_char - the start of the last UTF-8 character, or of the last byte if it is none */
static const char *
last_char(Rest rest, uint32_t *character)
{
	for (const char *p = rest.end - 1; p >= rest.at && rest.end - p <= 4; p--)
	{
		if (p + utf8_char(p, rest.end, character) == rest.end)
			return p;
	}
	*character = UINT32_MAX;
	return rest.end - 1;
}

/* trim - takes blanks and other invisible characters off both ends */
static void
trim(Rest *rest)
{
	uint32_t	character;
	const char *last;
	size_t		length;

	while ((length = utf8_char(rest->at, rest->end, &character)) > 0 && is_invisible(character))
		rest->at += length;
	while (rest->at < rest->end && (last = last_char(*rest, &character), is_invisible(character)))
		rest->end = last;
}

/* starts_with - in any case; prefix is in lower case */
static bool
starts_with(Rest rest, const char *prefix)
{
	for (; *prefix != '\0'; prefix++, rest.at++)
	{
		if (rest.at == rest.end || ascii_lower(*rest.at) != *prefix)
			return false;
	}
	return true;
}

/* skip_scheme - takes off a URI scheme or address type; mailto: also loses its query */
static bool
skip_scheme(Rest *rest)
{
	static const char *const schemes[] = {"mailto:", "smtp:", "rfc822;", "utf-8;"};
	const char *query;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
	{
		if (!starts_with(*rest, schemes[i]))
			continue;
		rest->at += strlen(schemes[i]);
		if (i == 0 && (query = memchr(rest->at, '?', (size_t) (rest->end - rest->at))) != NULL)
			rest->end = query;
		return true;
	}
	return false;
}

/* skip_route - takes off "@relay,@relay:", which RFC 5321 wants ignored */
static bool
skip_route(Rest *rest)
{
	const char *colon;

	if (*rest->at != '@')
		return false;
	colon = memchr(rest->at, ':', (size_t) (rest->end - rest->at));
	if (colon == NULL)
		return false;
	rest->at = colon + 1;
	return true;
}

/* skip_quoted - behind the quoted string that starts here, or NULL when it never ends */
static const char *
skip_quoted(const char *p, const char *end)
{
	for (p++; p < end; p++)
	{
		if (*p == '"')
			return p + 1;
		if (*p == '\\' && ++p == end)
			break;
	}
	return NULL;
}

/* open_brackets - from "Name <address>" to the address; the closing bracket is there */
static AddressError
open_brackets(Rest *rest)
{
	const char *p = rest->at;
	bool		has_at = false;
	bool		has_separator = false;

	while (p != NULL && p < rest->end && *p != '<')
	{
		has_at |= *p == '@';
		has_separator |= *p == ',' || *p == ';';
		p = *p == '"' ? skip_quoted(p, rest->end) : p + 1;
	}
	if (p == NULL || p == rest->end)
		return ADDRESS_BRACKETS;
	/* "Doe, John" is a name that lacks its quotes, "a@b, John" is a list */
	if (has_at && has_separator)
		return ADDRESS_SEVERAL;
	rest->at = p + 1;
	rest->end--;
	return ADDRESS_OK;
}

/* unwrap - takes off everything that is not the mailbox */
static AddressError
unwrap(Rest *rest)
{
	for (;;)
	{
		AddressError error;

		trim(rest);
		if (rest->at == rest->end)
			return ADDRESS_EMPTY;
		if (rest->end[-1] == '>')
		{
			error = open_brackets(rest);
			if (error != ADDRESS_OK)
				return error;
		}
		else if (!skip_scheme(rest) && !skip_route(rest))
			return ADDRESS_OK;
	}
}

/* visible_char - length of a character beyond ASCII that an address may have, or 0 */
static size_t
visible_char(const char *p, const char *end)
{
	uint32_t	character;
	size_t		length = utf8_char(p, end, &character);

	return length > 1 && !is_invisible(character) ? length : 0;
}

/* plain_char - length of a character that needs no quotes, or 0 */
static size_t
plain_char(const char *p, const char *end)
{
	return is_ascii(*p) ? address_char(*p) != CHAR_OTHER : visible_char(p, end);
}

/* copy_lower - copies, ASCII letters in lower case */
static void
copy_lower(char *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = ascii_lower(text[i]);
}

/* local_part_plain - an unquoted local part up to the @ */
static AddressError
local_part_plain(Rest *rest, char *out, size_t *used)
{
	const char *p = rest->at;

	while (p < rest->end && *p != '@')
	{
		size_t		length = plain_char(p, rest->end);

		if (length == 0)
			return ADDRESS_LOCAL_PART;
		p += length;
	}
	*used = (size_t) (p - rest->at);
	if (*used == 0 || *used > LOCAL_PART_MAX || *rest->at == '.')
		return ADDRESS_LOCAL_PART;
	copy_lower(out, rest->at, *used);
	rest->at = p;
	return ADDRESS_OK;
}

/* write_quoted - the content in quotes, with the fewest backslashes */
static AddressError
write_quoted(const char *content, size_t len, char *out, size_t *used)
{
	size_t		n = 0;

	out[n++] = '"';
	for (size_t i = 0; i < len; i++)
	{
		if (content[i] == '"' || content[i] == '\\')
			out[n++] = '\\';
		out[n++] = content[i];
	}
	out[n++] = '"';
	*used = n;
	return n <= LOCAL_PART_MAX ? ADDRESS_OK : ADDRESS_LOCAL_PART;
}

/* local_part_quoted - a quoted local part, without its quotes where it needs none */
static AddressError
local_part_quoted(Rest *rest, char *out, size_t *used)
{
	char		content[LOCAL_PART_MAX];
	size_t		n = 0;
	bool		plain = true;
	const char *p = rest->at + 1;

	while (p < rest->end && *p != '"')
	{
		size_t		length;

		if (*p == '\\' && ++p == rest->end)
			return ADDRESS_LOCAL_PART;
		length = is_ascii(*p) ? *p >= ' ' && *p < 0x7F : visible_char(p, rest->end);
		if (length == 0 || n + length > LOCAL_PART_MAX)
			return ADDRESS_LOCAL_PART;
		plain &= plain_char(p, rest->end) > 0;
		copy_lower(content + n, p, length);
		n += length;
		p += length;
	}
	if (p == rest->end)
		return ADDRESS_LOCAL_PART;
	rest->at = p + 1;
	if (!plain || n == 0 || content[0] == '.')
		return write_quoted(content, n, out, used);
	memcpy(out, content, n);
	*used = n;
	return ADDRESS_OK;
}

/* label_end - is this a whole label of a domain?  length does not count its final dot */
static bool
label_end(const char *end, size_t length)
{
	return length > 0 && length <= LABEL_MAX && end[-1] != '-';
}

/* domain_ascii - labels, without the final dot */
static AddressError
domain_ascii(Rest domain, char *out, size_t *used)
{
	size_t		label = 0;
	const char *p;

	if (domain.end > domain.at && domain.end[-1] == '.')
		domain.end--;
	if (domain.end - domain.at > DOMAIN_MAX)
		return ADDRESS_DOMAIN;
	for (p = domain.at; p < domain.end; p++)
	{
		if (*p == '.')
		{
			if (!label_end(p, label))
				return ADDRESS_DOMAIN;
			label = 0;
		}
		else if (address_char(*p) == CHAR_BOTH && (label > 0 || *p != '-'))
			label++;
		else
			return ADDRESS_DOMAIN;
		*out++ = ascii_lower(*p);
	}
	if (!label_end(p, label))
		return ADDRESS_DOMAIN;
	*used = (size_t) (domain.end - domain.at);
	return ADDRESS_OK;
}

/* domain_international - the A-labels of a domain beyond ASCII */
static AddressError
domain_international(Rest domain, DomainToAscii to_ascii, char *out, size_t *used)
{
	char		labels[DOMAIN_MAX + 1];
	size_t		length = 0;

	for (const char *p = domain.at; p < domain.end; p += length)
	{
		uint32_t	character;

		length = utf8_char(p, domain.end, &character);
		if (length == 0 || is_invisible(character))
			return ADDRESS_DOMAIN;
	}
	length = to_ascii(domain.at, (size_t) (domain.end - domain.at), labels);
	return domain_ascii((Rest) {labels, labels + length}, out, used);
}

/* domain_part - everything behind the @ */
static AddressError
domain_part(Rest domain, DomainToAscii to_ascii, char *out, size_t *used)
{
	if (domain.at < domain.end && *domain.at == '[')
	{
		*used = address_literal(domain.at, (size_t) (domain.end - domain.at), out);
		return *used > 0 ? ADDRESS_OK : ADDRESS_DOMAIN;
	}
	for (const char *p = domain.at; p < domain.end; p++)
	{
		if (!is_ascii(*p))
			return domain_international(domain, to_ascii, out, used);
	}
	return domain_ascii(domain, out, used);
}

/* is_list - do the separators of a list stand behind what could be an address? */
static bool
is_list(Rest domain)
{
	size_t		len = (size_t) (domain.end - domain.at);

	return (memchr(domain.at, ',', len) != NULL || memchr(domain.at, ';', len) != NULL) &&
		memchr(domain.at, '@', len) != NULL;
}

/* address_normalize - from what was written to the canonical address */
AddressError
address_normalize(const char *text, size_t len, DomainToAscii to_ascii,
				  char out[ADDRESS_TEXT_MAX], size_t *length, size_t *domain)
{
	Rest		rest = {text, text + len};
	AddressError error;
	size_t		used;

	if (len > ADDRESS_INPUT_MAX)
		return ADDRESS_TOO_LONG;
	error = unwrap(&rest);
	if (error != ADDRESS_OK)
		return error;
	if (memchr(rest.at, '@', (size_t) (rest.end - rest.at)) == NULL)
		return ADDRESS_NO_AT;

	error = *rest.at == '"' ? local_part_quoted(&rest, out, length) : local_part_plain(&rest, out, length);
	if (error != ADDRESS_OK)
		return error;
	if (rest.at == rest.end || *rest.at++ != '@')
		return ADDRESS_LOCAL_PART;
	out[(*length)++] = '@';

	*domain = *length;
	error = domain_part(rest, to_ascii, out + *domain, &used);
	if (error != ADDRESS_OK)
		return is_list(rest) ? ADDRESS_SEVERAL : error;
	*length += used;
	out[*length] = '\0';
	return *length <= ADDRESS_LENGTH_MAX ? ADDRESS_OK : ADDRESS_TOO_LONG;
}

/* address_error_text - for people */
const char *
address_error_text(AddressError error)
{
	static const char *const texts[] = {
		[ADDRESS_OK] = "the address is well formed",
		[ADDRESS_EMPTY] = "there is no text",
		[ADDRESS_NO_AT] = "there is no \"@\"",
		[ADDRESS_LOCAL_PART] = "the part before the \"@\" is empty, longer than 64 bytes or malformed",
		[ADDRESS_DOMAIN] = "the domain is empty, longer than 255 bytes or malformed",
		[ADDRESS_TOO_LONG] = "the address is longer than 254 bytes",
		[ADDRESS_SEVERAL] = "there is more than one address",
		[ADDRESS_BRACKETS] = "the angle brackets do not pair",
	};

	return texts[error];
}
