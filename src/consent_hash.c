/*
 * consent_hash.c
 *		The chain of hashes through the choices of one address.
 */
#include "postgres.h"

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"

#include "consent_hash.h"

/* As jsonb_send writes it. */
#define JSONB_SEND_VERSION 1

static void
put_null(StringInfo out)
{
	pq_sendint32(out, (uint32) -1);
}

static void
put_text(StringInfo out, const char *value)
{
	char	   *utf8;
	int			length;

	if (value == NULL)
	{
		put_null(out);
		return;
	}
	utf8 = pg_server_to_any(value, (int) strlen(value), PG_UTF8);
	length = (int) strlen(utf8);
	pq_sendint32(out, (uint32) length);
	appendBinaryStringInfo(out, utf8, length);
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
	char	   *printed;
	char	   *utf8;
	int			length;

	if (value == NULL)
	{
		put_null(out);
		return;
	}
	printed = JsonbToCString(NULL, &value->root, VARSIZE(value));
	utf8 = pg_server_to_any(printed, (int) strlen(printed), PG_UTF8);
	length = (int) strlen(utf8);
	pq_sendint32(out, (uint32) length + 1);
	pq_sendint8(out, JSONB_SEND_VERSION);
	appendBinaryStringInfo(out, utf8, length);
}

static void
put_entry(StringInfo out, const ConsentEntry *entry)
{
	put_text(out, entry->address);
	put_int32(out, entry->number);
	put_text(out, entry->topic);
	put_text(out, entry->old_state);
	put_text(out, entry->new_state);
	put_null(out);
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
