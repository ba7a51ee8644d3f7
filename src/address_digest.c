/*
 * address_digest.c
 *		The digest by which bounce.digest_suppression knows an address.
 *
 * Hashed lists are exchanged between systems, so the digest is over UTF-8 whatever
 * the encoding of this database.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "common/sha2.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "address_digest.h"
#include "compat.h"

#define DIGEST_PREFIX "sha256:"
#define DIGEST_PREFIX_LENGTH (sizeof(DIGEST_PREFIX) - 1)

static bytea *utf8_bytes(const char *string, size_t length);
static bool is_ascii_only(const char *string, size_t length);

text *
address_digest(const char *address, size_t length)
{
	bytea	   *bytes = utf8_bytes(address, length);
	bytea	   *hash;
	char		digest[DIGEST_PREFIX_LENGTH + 2 * PG_SHA256_DIGEST_LENGTH];

	if (bytes == NULL)
		return NULL;
	hash = DatumGetByteaPP(DirectFunctionCall1(sha256_bytea, PointerGetDatum(bytes)));
	memcpy(digest, DIGEST_PREFIX, DIGEST_PREFIX_LENGTH);
	hex_encode(VARDATA_ANY(hash), PG_SHA256_DIGEST_LENGTH, digest + DIGEST_PREFIX_LENGTH);
	return cstring_to_text_with_len(digest, sizeof(digest));
}

/* NULL when the string cannot be converted; a plain conversion would raise an error. */
static bytea *
utf8_bytes(const char *string, size_t length)
{
	int			encoding = GetDatabaseEncoding();
	size_t		room = length * MAX_CONVERSION_GROWTH + 1;
	Oid			conversion;
	char	   *converted;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII || is_ascii_only(string, length))
		return (bytea *) cstring_to_text_with_len(string, length);
	conversion = FindDefaultConversionProc(encoding, PG_UTF8);
	if (!OidIsValid(conversion))
		return NULL;
	converted = palloc(room);
	if (pg_do_encoding_conversion_buf(conversion, encoding, PG_UTF8,
									  (unsigned char *) unconstify(char *, string), length,
									  (unsigned char *) converted, room, true) != (int) length)
		return NULL;
	return (bytea *) cstring_to_text(converted);
}

static bool
is_ascii_only(const char *string, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (IS_HIGHBIT_SET(string[i]))
			return false;
	return true;
}
