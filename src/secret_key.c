/*
 * secret_key.c
 *		Keys that nobody reads: they seal tokens, and hide forgotten addresses.
 *
 * They are rows of bounce.secret_key, which no role but the owner of the extension
 * is given, for his dumps.  A secret is made by the table's own default, so it
 * is in no statement and no parameter that a log could show.
 *
 * Cached by session as site rules are (site_rule.c): a trigger invalidates the
 * table's relcache entry, the callback flips a flag, the next call reads again,
 * under a snapshot of its own.
 *
 * Errors: 25006 when the first key would have to be made where nothing can be written.
 */
#include "postgres.h"

#include <nettle/hmac.h>

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "common/cryptohash.h"
#include "common/hmac.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "owner.h"
#include "secret_key.h"

PG_FUNCTION_INFO_V1(secret_key_changed);

#define SECRET_LENGTH 32

enum secret_key_column
{
	KEY_PURPOSE = 1,
	KEY_NUMBER,
	KEY_SECRET,
	KEY_MADE_AT,
	KEY_RETIRES_AT
};

struct SecretKey
{
	SecretPurpose purpose;
	int32		number;
	TimestampTz retires_at;
	uint8		secret[SECRET_LENGTH];
	struct hmac_sha256_ctx hmac;	/* has read the secret */
};

typedef struct SecretKeys
{
	MemoryContext context;
	SecretKey  *keys;
	int			count;
	int			room;
} SecretKeys;

static const char *const purposes[] = {[SECRET_TOKEN] = "token", [SECRET_DIGEST] = "digest"};

static SecretKeys *cached_keys = NULL;
static bool cache_valid = false;
static uint64 invalidations = 0;
static TimestampTz asked_in_statement = 0;
static Oid	key_relation = InvalidOid;

static void secret_keys_invalidate(Datum arg, Oid relation);
static void load_keys(SecretKeys *loaded);
static void load_key(SecretKeys *loaded, HeapTuple tuple, TupleDesc desc);

static SecretKeys *
secret_keys_reload(void)
{
	static bool callback_registered = false;
	SecretKeys *loaded;
	MemoryContext context;
	uint64		seen;

	if (!callback_registered)
	{
		CacheRegisterRelcacheCallback(secret_keys_invalidate, (Datum) 0);
		callback_registered = true;
	}
	/* Below the caller's until it is complete: an error takes it away. */
	context = AllocSetContextCreate(CurrentMemoryContext, "bounce secret keys", ALLOCSET_SMALL_SIZES);
	loaded = MemoryContextAllocZero(context, sizeof(SecretKeys));
	loaded->context = context;
	key_relation = bounce_relation_oid("secret_key");
	seen = invalidations;
	load_keys(loaded);
	MemoryContextSetParent(context, TopMemoryContext);
	if (cached_keys != NULL)
		MemoryContextDelete(cached_keys->context);
	cached_keys = loaded;
	/* An invalidation that arrived while loading must not be lost. */
	cache_valid = seen == invalidations;
	return loaded;
}

/* Within a transaction, a statement that takes no new lock would not hear of changes. */
static inline const SecretKeys *
secret_keys(void)
{
	TimestampTz statement = GetCurrentStatementStartTimestamp();

	if (unlikely(statement != asked_in_statement))
	{
		asked_in_statement = statement;
		AcceptInvalidationMessages();
	}
	return likely(cache_valid) ? cached_keys : secret_keys_reload();
}

static void
secret_keys_invalidate(Datum arg, Oid relation)
{
	if (relation != key_relation && relation != InvalidOid)
		return;
	invalidations++;
	cache_valid = false;
}

static void
load_keys(SecretKeys *loaded)
{
	Relation	relation = table_open(key_relation, AccessShareLock);
	SysScanDesc scan = systable_beginscan(relation, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		load_key(loaded, tuple, RelationGetDescr(relation));
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
}

static void
load_key(SecretKeys *loaded, HeapTuple tuple, TupleDesc desc)
{
	Datum		values[KEY_RETIRES_AT];
	bool		nulls[KEY_RETIRES_AT];
	SecretKey  *key;
	char	   *purpose;
	bytea	   *secret;

	if (loaded->count == loaded->room)
	{
		loaded->room = loaded->room == 0 ? 4 : loaded->room * 2;
		loaded->keys = loaded->keys == NULL ?
			MemoryContextAlloc(loaded->context, sizeof(SecretKey) * loaded->room) :
			repalloc(loaded->keys, sizeof(SecretKey) * loaded->room);
	}
	heap_deform_tuple(tuple, desc, values, nulls);
	key = &loaded->keys[loaded->count++];
	purpose = TextDatumGetCString(values[KEY_PURPOSE - 1]);
	secret = DatumGetByteaPP(values[KEY_SECRET - 1]);
	if (VARSIZE_ANY_EXHDR(secret) != SECRET_LENGTH)
		elog(ERROR, "secret key %d has a wrong length", DatumGetInt32(values[KEY_NUMBER - 1]));
	key->purpose = strcmp(purpose, purposes[SECRET_TOKEN]) == 0 ? SECRET_TOKEN : SECRET_DIGEST;
	key->number = DatumGetInt32(values[KEY_NUMBER - 1]);
	key->retires_at = DatumGetTimestampTz(values[KEY_RETIRES_AT - 1]);
	memcpy(key->secret, VARDATA_ANY(secret), SECRET_LENGTH);
	hmac_sha256_set_key(&key->hmac, SECRET_LENGTH, key->secret);
}

const SecretKey *
secret_key_newest(SecretPurpose purpose)
{
	const SecretKeys *known = secret_keys();
	const SecretKey *newest = NULL;

	for (int i = 0; i < known->count; i++)
		if (known->keys[i].purpose == purpose && (newest == NULL || known->keys[i].number > newest->number))
			newest = &known->keys[i];
	return newest;
}

const SecretKey *
secret_key_numbered(SecretPurpose purpose, int32 number, TimestampTz at)
{
	const SecretKeys *known = secret_keys();

	for (int i = 0; i < known->count; i++)
		if (known->keys[i].purpose == purpose && known->keys[i].number == number && at < known->keys[i].retires_at)
			return &known->keys[i];
	return NULL;
}

/* Of two sessions that make the first key at once, one waits and takes the other's. */
static void
make_first_key(SecretPurpose purpose)
{
	static KeptStatement statement = {
		"INSERT INTO bounce.secret_key (purpose, number) VALUES ($1, 1) ON CONFLICT (purpose, number) DO NOTHING",
		1, {TEXTOID}, NULL
	};
	Datum		value = CStringGetTextDatum(purposes[purpose]);

	if (XactReadOnly)
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("there is no key of purpose \"%s\" yet, and nothing can be written here", purposes[purpose]),
				 errhint("Run SELECT bounce.rotate_token_key() once on the primary.")));
	owner_execute(&statement, &value);
	CommandCounterIncrement();
	AcceptInvalidationMessages();
	cache_valid = false;
}

const SecretKey *
secret_key_made(SecretPurpose purpose)
{
	const SecretKey *key = secret_key_newest(purpose);

	if (likely(key != NULL))
		return key;
	make_first_key(purpose);
	key = secret_key_newest(purpose);
	if (key == NULL)
		elog(ERROR, "no key of purpose \"%s\" after it was made", purposes[purpose]);
	return key;
}

int32
secret_key_number(const SecretKey *key)
{
	return key->number;
}

void
secret_key_mac(const SecretKey *key, const void *bytes, size_t length, uint8 mac[SECRET_MAC_LENGTH])
{
	pg_hmac_ctx *context = pg_hmac_create(PG_SHA256);

	if (context == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	if (pg_hmac_init(context, key->secret, SECRET_LENGTH) < 0 ||
		pg_hmac_update(context, bytes, length) < 0 ||
		pg_hmac_final(context, mac, SECRET_MAC_LENGTH) < 0)
		elog(ERROR, "could not compute an HMAC: %s", pg_hmac_error(context));
	pg_hmac_free(context);
}

const struct hmac_sha256_ctx *
secret_key_hmac(const SecretKey *key)
{
	return &key->hmac;
}

/* AFTER ROW, and AFTER TRUNCATE: a row that replication applies fires no statement trigger. */
Datum
secret_key_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("\"%s\" must be called as an AFTER trigger", "bounce.secret_key_changed")));
	CacheInvalidateRelcache(trigger->tg_relation);
	return PointerGetDatum(NULL);
}
