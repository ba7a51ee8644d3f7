/*
 * state_table.c
 *		How a table of state is read: by its index, or through SQL.
 *
 * The decision is kept by session, for each table its relation, its index and
 * the numbers of its columns, so that a question costs no catalog lookup.  A
 * relcache invalidation of the relation only marks the decision as void; it is
 * made anew at the next use, with the relation open and locked.  Everything that
 * could change the answer invalidates: a column or an index that comes or goes,
 * a rename, a child table, and Citus when it distributes the table.
 *
 * A lock that this transaction holds already is not asked for again: finding it among
 * the others takes as long as several steps down an index.  It is held until the
 * transaction ends, or a subtransaction is taken back.
 *
 * SET client_min_messages = debug1 shows each decision.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_index.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "compat.h"
#include "owner.h"
#include "snapshot_view.h"
#include "state_table.h"

const StateTableShape state_table_shape[STATE_TABLE_COUNT] = {
	[STATE_SUPPRESSION] = {"suppression", 1, 12, {
		{"address", TEXTOID}, {"cause", TEXTOID},
		{"starts_at", TIMESTAMPTZOID}, {"expires_at", TIMESTAMPTZOID},
		{"note", TEXTOID}, {"made_by", TEXTOID}, {"class", InvalidOid, "bounce_class"},
		{"topic", TEXTOID}, {"status", InvalidOid, "smtp_status"}, {"step", INT2OID},
		{"occurrences", INT4OID}, {"last_event_at", TIMESTAMPTZOID}
	}},
	[STATE_DOMAIN_SUPPRESSION] = {"domain_suppression", 1, 7, {
		{"domain", TEXTOID}, {"cause", TEXTOID},
		{"starts_at", TIMESTAMPTZOID}, {"expires_at", TIMESTAMPTZOID},
		{"note", TEXTOID}, {"made_by", TEXTOID}, {"class", InvalidOid, "bounce_class"}
	}},
	[STATE_DIGEST_SUPPRESSION] = {"digest_suppression", 1, 8, {
		{"digest", TEXTOID}, {"cause", TEXTOID},
		{"starts_at", TIMESTAMPTZOID}, {"expires_at", TIMESTAMPTZOID},
		{"note", TEXTOID}, {"made_by", TEXTOID}, {"class", InvalidOid, "bounce_class"},
		{"topic", TEXTOID}
	}},
	[STATE_PREFERENCE] = {"preference", 2, 10, {
		{"address", TEXTOID}, {"topic", TEXTOID}, {"state", TEXTOID},
		{"until", TIMESTAMPTZOID}, {"since", TIMESTAMPTZOID}, {"source", TEXTOID},
		{"before", TEXTOID}, {"before_since", TIMESTAMPTZOID}, {"before_source", TEXTOID}, {"number", INT4OID}
	}},
	[STATE_TOPIC] = {"topic", 1, 6, {
		{"topic", TEXTOID}, {"kind", TEXTOID}, {"opt_in", TEXTOID},
		{"max_messages", INT4OID}, {"per", INTERVALOID}, {"retired_at", TIMESTAMPTZOID}
	}}
};

/* Who took a lock.  All zero: nobody. */
typedef struct LockTaken
{
	LocalTransactionId transaction;
	uint64		taken_back;		/* subtransactions that had been */
} LockTaken;

/* What was decided about one table. */
typedef struct Decision
{
	bool		valid;
	Oid			relation;
	Oid			index;			/* 0: through SPI */
	bool		has_pages;		/* seen; a truncation invalidates the decision */
	LockTaken	relation_lock;
	LockTaken	index_lock;
	AttrNumber	column[STATE_COLUMN_MAX];
} Decision;

static Decision decisions[STATE_TABLE_COUNT];

/* Counts invalidations, so that one that comes in while deciding is not lost. */
static uint64 invalidations = 0;
/* Those of a table of state, or of what may be a part of one. */
static uint64 changes = 0;
static bool callback_registered = false;

static void state_table_invalidate(Datum arg, Oid relation);
static Relation open_decided(Decision *decision);
static bool is_locked(const LockTaken *lock);
static void note_lock(LockTaken *lock);
static Relation open_named(const char *name);
static void decide(StateTable table, Relation relation);
static bool find_columns(Relation relation, const StateTableShape *shape, AttrNumber *column);
static Oid	find_index(Relation relation, const AttrNumber *key, int key_count);
static bool index_fits(Relation index, const AttrNumber *key, int key_count);

bool
state_table_open(StateTable table, PlainTable *plain)
{
	Decision   *decision = &decisions[table];
	Relation	relation = NULL;

	if (decision->valid)
	{
		if (!OidIsValid(decision->index))
			return false;
		relation = open_decided(decision);
	}
	/* Taking the lock may have told us that the decision is void. */
	if (unlikely(relation == NULL || !decision->valid))
	{
		if (relation != NULL)
			relation_close(relation, NoLock);
		relation = open_named(state_table_shape[table].name);
		decide(table, relation);
		if (!OidIsValid(decision->index))
		{
			relation_close(relation, NoLock);
			return false;
		}
	}
	plain->heap = relation;
	plain->index = decision->index;
	memcpy(plain->column, decision->column, sizeof(plain->column));
	return true;
}

bool
state_table_has_no_pages(StateTable table, const PlainTable *plain)
{
	Decision   *decision = &decisions[table];

	/* Asking the size is a system call. */
	if (!decision->has_pages && RelationGetNumberOfBlocks(plain->heap) > 0)
		decision->has_pages = true;
	return !decision->has_pages;
}

Relation
state_table_open_index(StateTable table, const PlainTable *plain)
{
	LockTaken  *lock = &decisions[table].index_lock;
	Relation	index;

	if (is_locked(lock) && plain->index == decisions[table].index)
		return index_open(plain->index, NoLock);
	index = index_open(plain->index, AccessShareLock);
	if (plain->index == decisions[table].index)
		note_lock(lock);
	return index;
}

void
state_table_close(PlainTable *plain)
{
	relation_close(plain->heap, NoLock);
}

/* NULL when there is no such relation any more. */
static Relation
open_decided(Decision *decision)
{
	Relation	relation;

	if (is_locked(&decision->relation_lock))
		return relation_open(decision->relation, NoLock);
	relation = try_relation_open(decision->relation, AccessShareLock);
	if (relation != NULL)
		note_lock(&decision->relation_lock);
	return relation;
}

static bool
is_locked(const LockTaken *lock)
{
	return lock->transaction == current_local_transaction() &&
		lock->taken_back == subtransactions_taken_back();
}

static void
note_lock(LockTaken *lock)
{
	lock->transaction = current_local_transaction();
	lock->taken_back = subtransactions_taken_back();
}

/* The relation of this name, locked; a rename or drop before the lock is noticed. */
static Relation
open_named(const char *name)
{
	for (;;)
	{
		Oid			oid = bounce_relation_oid(name);
		Relation	relation = try_relation_open(oid, AccessShareLock);

		if (relation != NULL)
		{
			if (bounce_relation_oid(name) == oid)
				return relation;
			relation_close(relation, AccessShareLock);
		}
		CHECK_FOR_INTERRUPTS();
	}
}

static void
decide(StateTable table, Relation relation)
{
	const StateTableShape *shape = &state_table_shape[table];
	Decision   *decision = &decisions[table];
	const char *reason;
	uint64		seen;

	if (!callback_registered)
	{
		CacheRegisterRelcacheCallback(state_table_invalidate, (Datum) 0);
		callback_registered = true;
	}
	seen = invalidations;
	decision->valid = false;
	decision->relation = RelationGetRelid(relation);
	decision->index = InvalidOid;
	decision->has_pages = false;
	decision->relation_lock = decision->index_lock = (LockTaken) {0};
	reason = relation_not_plain(relation);
	if (reason == NULL && !find_columns(relation, shape, decision->column))
		reason = "Its columns are not those of the extension.";
	if (reason == NULL)
	{
		decision->index = find_index(relation, decision->column, shape->key_count);
		if (!OidIsValid(decision->index))
			reason = "It has no usable btree index on its key.";
	}
	decision->valid = seen == invalidations;
	ereport(DEBUG1,
			(errmsg_internal("bounce.%s is read %s", shape->name, reason ? "through SQL" : "by its index"),
			 reason ? errdetail_internal("%s", reason) : 0));
}

static void
state_table_invalidate(Datum arg, Oid relation)
{
	bool		concerned = false;

	invalidations++;
	for (int table = 0; table < STATE_TABLE_COUNT; table++)
	{
		Decision   *decision = &decisions[table];
		bool		own = relation == decision->relation || relation == InvalidOid;

		if (own)
			decision->valid = false;
		concerned |= own || (OidIsValid(decision->relation) && !OidIsValid(decision->index));
	}
	if (concerned)
		changes++;
}

uint64
state_table_changes(void)
{
	return changes;
}

const char *
relation_not_plain(Relation relation)
{
	Form_pg_class class = relation->rd_rel;

	if (class->relkind != RELKIND_RELATION)
		return "It is not a plain table.";
	if (class->relam != HEAP_TABLE_AM_OID)
		return "It is not a heap.";
	if (class->relhassubclass)
		return "It has child tables.";
	if (class->relpersistence != RELPERSISTENCE_PERMANENT)
		return "It is not there on a standby.";
	if (class->relrowsecurity && class->relforcerowsecurity)
		return "Its row security policies bind its owner.";
	if (relation_is_distributed(RelationGetRelid(relation)))
		return "It is distributed by Citus.";
	return NULL;
}

/* Is it listed in Citus's catalog?  A catalog that we cannot read says yes. */
bool
relation_is_distributed(Oid relation)
{
	Oid			catalog_oid = get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE);
	AttrNumber	logicalrelid;
	Relation	catalog;
	ScanKeyData key;
	SysScanDesc scan;
	bool		found;

	if (!OidIsValid(catalog_oid))
		return false;
	logicalrelid = get_attnum(catalog_oid, "logicalrelid");
	if (get_rel_relkind(catalog_oid) != RELKIND_RELATION || logicalrelid == InvalidAttrNumber)
		return true;
	catalog = table_open(catalog_oid, AccessShareLock);
	ScanKeyInit(&key, logicalrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relation));
	scan = systable_beginscan(catalog, InvalidOid, false, NULL, 1, &key);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return found;
}

/* The numbers of the columns; false when one is missing or of another type. */
static bool
find_columns(Relation relation, const StateTableShape *shape, AttrNumber *column)
{
	for (int i = 0; i < shape->column_count; i++)
	{
		const StateColumn *wanted = &shape->column[i];
		Oid			type = OidIsValid(wanted->type) ? wanted->type : bounce_type_oid(wanted->bounce_type);

		column[i] = get_attnum(RelationGetRelid(relation), wanted->name);
		if (column[i] == InvalidAttrNumber ||
			TupleDescAttr(RelationGetDescr(relation), column[i] - 1)->atttypid != type)
			return false;
	}
	return true;
}

/*
 * A btree index that begins with the key columns; 0 when there is none.  One that
 * older snapshots must not use (indcheckxmin, see README.HOT) does not count, and
 * then SQL is the road until the table changes again.
 */
static Oid
find_index(Relation relation, const AttrNumber *key, int key_count)
{
	List	   *indexes = RelationGetIndexList(relation);
	Oid			found = InvalidOid;
	ListCell   *cell;

	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		if (index_fits(index, key, key_count))
			found = RelationGetRelid(index);
		index_close(index, NoLock);
		if (OidIsValid(found))
			break;
	}
	list_free(indexes);
	return found;
}

static bool
index_fits(Relation index, const AttrNumber *key, int key_count)
{
	Form_pg_index form = index->rd_index;

	if (!form->indisvalid || form->indcheckxmin ||
		index->rd_rel->relam != BTREE_AM_OID || form->indnkeyatts < key_count ||
		!heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL))
		return false;
	for (int i = 0; i < key_count; i++)
		if (form->indkey.values[i] != key[i] ||
			index->rd_opfamily[i] != TEXT_BTREE_FAM_OID ||
			index->rd_indcollation[i] != C_COLLATION_OID)
			return false;
	return true;
}
