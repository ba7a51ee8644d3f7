/*
 * address_digest.c
 *		The digests by which bounce.digest_suppression knows an address.
 *
 * Hashed lists are exchanged between systems, so the digest is over UTF-8 whatever
 * the encoding of this database.
 *
 * In bulk every address is hashed that nothing else suppresses.  The server's own
 * hashes look their algorithm up by name and allocate each time, which takes eight
 * times as long as hashing; so they are libnettle's.
 */
#include "postgres.h"

#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <nettle/version.h>

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "address_digest.h"
#include "compat.h"
#include "secret_key.h"

static const char *const prefixes[DIGEST_KINDS] = {
	[DIGEST_PLAIN] = "sha256:",
	[DIGEST_KEYED] = "hmac-sha256:"
};

static const char *utf8_bytes(const char *string, size_t *length);
static void hash_of(const char *bytes, size_t length, uint8 hash[SHA256_DIGEST_SIZE]);
static void mac_of(const struct hmac_sha256_ctx *begun, const char *bytes, size_t length,
				   uint8 hash[SHA256_DIGEST_SIZE]);
static bool is_ascii_only(const char *string, size_t length);

text *
address_digest(DigestKind kind, const char *address, size_t length)
{
	char		digest[DIGEST_TEXT_MAX];
	size_t		digest_length = address_digest_text(kind, address, length, digest);

	return digest_length == 0 ? NULL : cstring_to_text_with_len(digest, digest_length);
}

size_t
address_digest_text(DigestKind kind, const char *address, size_t length, char digest[DIGEST_TEXT_MAX])
{
	const SecretKey *key = kind == DIGEST_KEYED ? secret_key_newest(SECRET_DIGEST) : NULL;
	const char *bytes = kind == DIGEST_KEYED && key == NULL ? NULL : utf8_bytes(address, &length);
	size_t		prefix = strlen(prefixes[kind]);
	uint8		hash[SHA256_DIGEST_SIZE];

	if (bytes == NULL)
		return 0;
	if (key != NULL)
		mac_of(secret_key_hmac(key), bytes, length, hash);
	else
		hash_of(bytes, length, hash);
	memcpy(digest, prefixes[kind], prefix);
	return prefix + hex_encode((const char *) hash, sizeof(hash), digest + prefix);
}

bool
is_digest_of_kind(const text *digest, DigestKind kind)
{
	size_t		prefix = strlen(prefixes[kind]);

	return VARSIZE_ANY_EXHDR(digest) > prefix && memcmp(VARDATA_ANY(digest), prefixes[kind], prefix) == 0;
}

Datum
address_digests(const char *address)
{
	Datum		digests[DIGEST_KINDS];
	int			count = 0;

	for (DigestKind kind = 0; kind < DIGEST_KINDS; kind++)
	{
		text	   *digest = address_digest(kind, address, strlen(address));

		if (digest != NULL)
			digests[count++] = PointerGetDatum(digest);
	}
	return PointerGetDatum(construct_array(digests, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* NULL when the string cannot be converted; a plain conversion would raise an error. */
static const char *
utf8_bytes(const char *string, size_t *length)
{
	int			encoding = GetDatabaseEncoding();
	size_t		room = *length * MAX_CONVERSION_GROWTH + 1;
	Oid			conversion;
	char	   *converted;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII || is_ascii_only(string, *length))
		return string;
	conversion = FindDefaultConversionProc(encoding, PG_UTF8);
	if (!OidIsValid(conversion))
		return NULL;
	converted = palloc(room);
	if (pg_do_encoding_conversion_buf(conversion, encoding, PG_UTF8,
									  (unsigned char *) unconstify(char *, string), *length,
									  (unsigned char *) converted, room, true) != (int) *length)
		return NULL;
	*length = strlen(converted);
	return converted;
}

/* From its version 4 on libnettle's digests have one length. */
#if NETTLE_VERSION_MAJOR >= 4
#define END(kind, context, digest) kind##_digest(context, digest)
#else
#define END(kind, context, digest) kind##_digest(context, SHA256_DIGEST_SIZE, digest)
#endif

static void
hash_of(const char *bytes, size_t length, uint8 hash[SHA256_DIGEST_SIZE])
{
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, length, (const uint8 *) bytes);
	END(sha256, &context, hash);
}

static void
mac_of(const struct hmac_sha256_ctx *begun, const char *bytes, size_t length, uint8 hash[SHA256_DIGEST_SIZE])
{
	struct hmac_sha256_ctx context = *begun;

	hmac_sha256_update(&context, length, (const uint8 *) bytes);
	END(hmac_sha256, &context, hash);
}

static bool
is_ascii_only(const char *string, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (IS_HIGHBIT_SET(string[i]))
			return false;
	return true;
}
