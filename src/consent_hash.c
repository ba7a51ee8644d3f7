/*
 * consent_hash.c
 *		The chain of hashes through the choices of one address.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"

#include "compat.h"
#include "consent_hash.h"

/* As jsonb_send writes it. */
#define JSONB_SEND_VERSION 1

/*
 * The same bytes on every server.  What has no UTF-8 form stays as it is: an
 * unsubscribe must not fail on a strange character.
 */
static const char *
as_utf8(const char *value)
{
	int			encoding = GetDatabaseEncoding();
	int			length = (int) strlen(value);
	Size		room = (Size) length * MAX_CONVERSION_GROWTH + 1;
	Oid			conversion;
	char	   *converted;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
		return value;
	conversion = FindDefaultConversionProc(encoding, PG_UTF8);
	if (!OidIsValid(conversion))
		return value;
	converted = palloc(room);
	if (pg_do_encoding_conversion_buf(conversion, encoding, PG_UTF8, (unsigned char *) unconstify(char *, value),
									  length, (unsigned char *) converted, (int) room, true) != length)
		return value;
	return converted;
}

static void
put_null(StringInfo out)
{
	pq_sendint32(out, (uint32) -1);
}

static void
put_text(StringInfo out, const char *value)
{
	const char *utf8;

	if (value == NULL)
	{
		put_null(out);
		return;
	}
	utf8 = as_utf8(value);
	pq_sendint32(out, (uint32) strlen(utf8));
	appendBinaryStringInfo(out, utf8, (int) strlen(utf8));
}

static void
put_int32(StringInfo out, int32 value)
{
	pq_sendint32(out, sizeof(value));
	pq_sendint32(out, (uint32) value);
}

static void
put_timestamp(StringInfo out, TimestampTz value)
{
	pq_sendint32(out, sizeof(value));
	pq_sendint64(out, (uint64) value);
}

static void
put_jsonb(StringInfo out, Jsonb *value)
{
	const char *utf8;

	if (value == NULL)
	{
		put_null(out);
		return;
	}
	utf8 = as_utf8(JsonbToCString(NULL, &value->root, VARSIZE(value)));
	pq_sendint32(out, (uint32) strlen(utf8) + 1);
	pq_sendint8(out, JSONB_SEND_VERSION);
	appendBinaryStringInfo(out, utf8, (int) strlen(utf8));
}

static void
put_entry(StringInfo out, const ConsentEntry *entry)
{
	put_text(out, entry->address);
	put_int32(out, entry->number);
	put_text(out, entry->topic);
	put_text(out, entry->act);
	put_text(out, entry->old_state);
	put_text(out, entry->new_state);
	if (entry->until == CHOICE_ENDLESS)
		put_null(out);
	else
		put_timestamp(out, entry->until);
	put_text(out, entry->source);
	put_text(out, entry->actor);
	put_timestamp(out, entry->at);
	put_jsonb(out, entry->evidence);
	put_timestamp(out, entry->recorded_at);
}

static bytea *
sha256(const StringInfoData *input)
{
	bytea	   *hash = palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);

	SET_VARSIZE(hash, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	if (pg_cryptohash_init(context) < 0 ||
		pg_cryptohash_update(context, (const uint8 *) input->data, (size_t) input->len) < 0 ||
		pg_cryptohash_final(context, (uint8 *) VARDATA(hash), PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "could not compute a SHA-256 hash: %s", pg_cryptohash_error(context));
	pg_cryptohash_free(context);
	return hash;
}

bytea *
consent_hash(const bytea *previous, const ConsentEntry *entry)
{
	StringInfoData chained;
	bytea	   *hash;

	initStringInfo(&chained);
	if (previous != NULL)
		appendBinaryStringInfo(&chained, VARDATA_ANY(previous), VARSIZE_ANY_EXHDR(previous));
	put_entry(&chained, entry);
	hash = sha256(&chained);
	pfree(chained.data);
	return hash;
}
