/*
 * address_text.c
 *		Canonical addresses in the encoding of the database, and their SQL functions.
 *
 * The grammar is in core/address.c and speaks UTF-8.  Here text of another
 * encoding is converted for it, and back.  Text that is no address, or that has
 * no UTF-8 form, gives NULL and never an error: it comes from logs.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "address.h"
#include "address_plain.h"
#include "address_text.h"
#include "compat.h"
#include "domain_to_ascii.h"

PG_FUNCTION_INFO_V1(bounce_normalize_address);
PG_FUNCTION_INFO_V1(bounce_address_domain);

/* The bytes of ASCII, and of UTF-8 in a database of either encoding, need no conversion. */
static bool
is_utf8(const char *text, int len)
{
	if (GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII)
		return true;
	for (int i = 0; i < len; i++)
	{
		if (IS_HIGHBIT_SET(text[i]))
			return false;
	}
	return true;
}

/*
 * Converts all of the text into out, which has room for size bytes with the NUL.
 * Returns the length, or -1 when there is no conversion or no room: the server's
 * plain functions would raise an error.
 */
static int
convert(int from, int to, const char *text, int len, char *out, int size)
{
	Oid			conversion = FindDefaultConversionProc(from, to);

	if (!OidIsValid(conversion))
		return -1;
	if (pg_do_encoding_conversion_buf(conversion, from, to, (unsigned char *) text, len,
									  (unsigned char *) out, size, true) != len)
		return -1;
	return (int) strlen(out);
}

/* The way through UTF-8. */
static bool
normalize_converted(const char *text, int len, char out[ADDRESS_TEXT_MAX], size_t *length, size_t *domain)
{
	int			encoding = GetDatabaseEncoding();
	int			size = ADDRESS_INPUT_MAX * MAX_CONVERSION_GROWTH + 1;
	char		canonical[ADDRESS_TEXT_MAX];
	char	   *utf8;
	bool		found;
	size_t		behind;

	if (len > ADDRESS_INPUT_MAX)
		return false;
	utf8 = palloc(size);
	len = convert(encoding, PG_UTF8, text, len, utf8, size);
	found = len >= 0 && address_normalize(utf8, len, domain_to_ascii, canonical, length, domain) == ADDRESS_OK;
	pfree(utf8);
	if (!found)
		return false;

	/* The domain is ASCII; the local part may need more or fewer bytes than in UTF-8. */
	behind = *length - *domain;
	len = convert(PG_UTF8, encoding, canonical, (int) *domain, out, ADDRESS_TEXT_MAX);
	if (len < 0 || len + behind >= ADDRESS_TEXT_MAX)
		return false;
	memcpy(out + len, canonical + *domain, behind + 1);
	*domain = len;
	*length = len + behind;
	return true;
}

/* See address_text.h. */
bool
address_normalize_text(const char *text, int len, char out[ADDRESS_TEXT_MAX], size_t *length, size_t *domain)
{
	*domain = address_plain(text, len);
	if (*domain > 0)
	{
		memcpy(out, text, len);
		out[len] = '\0';
		*length = len;
		return true;
	}
	if (!is_utf8(text, len))
		return normalize_converted(text, len, out, length, domain);
	return address_normalize(text, len, domain_to_ascii, out, length, domain) == ADDRESS_OK;
}

/* normalize_address(address) -> text */
Datum
bounce_normalize_address(PG_FUNCTION_ARGS)
{
	text	   *address = PG_GETARG_TEXT_PP(0);
	char		canonical[ADDRESS_TEXT_MAX];
	size_t		length;
	size_t		domain;

	if (!address_normalize_text(VARDATA_ANY(address), VARSIZE_ANY_EXHDR(address), canonical, &length, &domain))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(canonical, length));
}

/* address_domain(address) -> text */
Datum
bounce_address_domain(PG_FUNCTION_ARGS)
{
	text	   *address = PG_GETARG_TEXT_PP(0);
	char		canonical[ADDRESS_TEXT_MAX];
	size_t		length;
	size_t		domain;

	if (!address_normalize_text(VARDATA_ANY(address), VARSIZE_ANY_EXHDR(address), canonical, &length, &domain))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(canonical + domain, length - domain));
}
