/*
 * state_scan.c
 *		Rows of a table of state by key, by index or through SQL.
 *
 * The road by index costs one btree descent.  Nothing is set up before it is
 * needed: no index is opened for a table without pages, no slot is made before an
 * entry matches, because most addresses are suppressed by nothing.  That a table
 * has no pages is remembered for all snapshots that see the same rows, so that the
 * side tables, mostly empty, cost next to nothing in a scan over millions.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/skey.h"
#include "access/stratnum.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "storage/predicate.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "snapshot_view.h"
#include "state_scan.h"

/* The columns are those of state_table_shape, in that order. */
static KeptStatement statements[STATE_TABLE_COUNT] = {
	[STATE_SUPPRESSION] = {
		"SELECT t.address, t.cause, t.starts_at, t.expires_at, t.note, t.made_by, t.class, t.topic, t.status, t.step,"
		" t.occurrences, t.last_event_at"
		" FROM bounce.suppression t WHERE t.address OPERATOR(pg_catalog.=) $1",
		1, {TEXTOID}, NULL
	},
	[STATE_DOMAIN_SUPPRESSION] = {
		"SELECT t.domain, t.cause, t.starts_at, t.expires_at, t.note, t.made_by, t.class"
		" FROM bounce.domain_suppression t WHERE t.domain OPERATOR(pg_catalog.=) $1",
		1, {TEXTOID}, NULL
	},
	[STATE_DIGEST_SUPPRESSION] = {
		"SELECT t.digest, t.cause, t.starts_at, t.expires_at, t.note, t.made_by, t.class, t.topic"
		" FROM bounce.digest_suppression t WHERE t.digest OPERATOR(pg_catalog.=) $1",
		1, {TEXTOID}, NULL
	},
	[STATE_PREFERENCE] = {
		"SELECT t.address, t.topic, t.state, t.until, t.since, t.source,"
		" t.before, t.before_since, t.before_source, t.number"
		" FROM bounce.preference t"
		" WHERE t.address OPERATOR(pg_catalog.=) $1 AND t.topic OPERATOR(pg_catalog.=) $2",
		2, {TEXTOID, TEXTOID}, NULL
	},
	[STATE_TOPIC] = {
		"SELECT t.topic, t.kind, t.opt_in, t.max_messages, t.per, t.retired_at"
		" FROM bounce.topic t WHERE t.topic OPERATOR(pg_catalog.=) $1",
		1, {TEXTOID}, NULL
	}
};

/*
 * The past of those tables that have one.  An ended suppression lasted until the
 * upper end of "during"; an empty one never did.
 */
static KeptStatement past_statements[STATE_TABLE_COUNT] = {
	[STATE_SUPPRESSION] = {
		"SELECT t.address, t.cause, t.starts_at, t.expires_at, t.note, t.made_by, t.class, t.topic, t.status, t.step,"
		" t.occurrences, t.last_event_at"
		" FROM bounce.suppression t WHERE t.address OPERATOR(pg_catalog.=) $1"
		" UNION ALL SELECT h.address, h.cause, pg_catalog.lower(h.during), pg_catalog.upper(h.during), h.why, h.who,"
		" h.class, h.topic, h.status, h.step, h.occurrences, NULL"
		" FROM bounce.suppression_history h WHERE h.address OPERATOR(pg_catalog.=) $1 AND NOT pg_catalog.isempty(h.during)",
		1, {TEXTOID}, NULL
	},
	[STATE_DOMAIN_SUPPRESSION] = {
		"SELECT t.domain, t.cause, t.starts_at, t.expires_at, t.note, t.made_by, t.class"
		" FROM bounce.domain_suppression t WHERE t.domain OPERATOR(pg_catalog.=) $1"
		" UNION ALL SELECT h.domain, h.cause, pg_catalog.lower(h.during), pg_catalog.upper(h.during), h.why, h.who, h.class"
		" FROM bounce.domain_suppression_history h WHERE h.domain OPERATOR(pg_catalog.=) $1 AND NOT pg_catalog.isempty(h.during)",
		1, {TEXTOID}, NULL
	}
};

/* Tables without pages after a snapshot of this view was taken. */
static SnapshotView empty_view;
static bool empty_table[STATE_TABLE_COUNT];

static bool known_empty(StateTable table);
static bool is_empty(StateTable table, const PlainTable *plain);
static void find_by_index(StateScan *scan, const Datum *key, int key_count);
static void find_through_sql(StateScan *scan, Datum *key);
static void scan_reset(StateScan *scan, StateTable table);
static void begin_through_sql(StateScan *scan);

void
state_scan_begin(StateScan *scan, StateTable table)
{
	scan_reset(scan, table);
	scan->empty = scan->by_index = known_empty(table);
	if (scan->empty)
		return;
	scan->by_index = state_table_open(table, &scan->plain);
	if (scan->by_index)
		scan->empty = is_empty(table, &scan->plain);
	else
		begin_through_sql(scan);
}

void
state_scan_begin_past(StateScan *scan, StateTable table)
{
	if (past_statements[table].sql == NULL)
	{
		state_scan_begin(scan, table);
		return;
	}
	scan_reset(scan, table);
	scan->past = true;
	begin_through_sql(scan);
}

static void
scan_reset(StateScan *scan, StateTable table)
{
	scan->table = table;
	scan->past = false;
	scan->empty = false;
	scan->by_index = false;
	scan->plain.heap = NULL;
	scan->index = NULL;
	scan->scan = NULL;
	scan->slot = NULL;
	scan->row = NULL;
	scan->row_count = 0;
	scan->next_row = 0;
}

static void
begin_through_sql(StateScan *scan)
{
	MemoryContext caller = CurrentMemoryContext;

	/* What the caller allocates during the scan outlives it on either road. */
	owner_spi_begin(&scan->owner);
	MemoryContextSwitchTo(caller);
}

void
state_scan_find(StateScan *scan, const text *key, const text *second_key)
{
	Datum		keys[STATE_KEY_MAX] = {PointerGetDatum(key), PointerGetDatum(second_key)};

	if (scan->empty)
		return;
	if (scan->by_index)
		find_by_index(scan, keys, state_table_shape[scan->table].key_count);
	else
		find_through_sql(scan, keys);
}

bool
state_scan_next(StateScan *scan)
{
	if (scan->empty)
		return false;
	if (!scan->by_index)
		return scan->next_row++ < scan->row_count;
	while (index_getnext_tid(scan->scan, ForwardScanDirection) != NULL)
	{
		if (scan->slot == NULL)
			scan->slot = table_slot_create(scan->plain.heap, NULL);
		if (index_fetch_heap(scan->scan, scan->slot))
			return true;
	}
	return false;
}

Datum
state_scan_column_fetch(StateScan *scan, int column, bool *isnull)
{
	if (scan->by_index)
		return slot_getattr(scan->slot, scan->plain.column[column], isnull);
	return SPI_getbinval(scan->rows->vals[scan->next_row - 1], scan->rows->tupdesc, column + 1, isnull);
}

void
state_scan_end(StateScan *scan)
{
	if (!scan->by_index)
	{
		owner_spi_end(&scan->owner);
		return;
	}
	if (scan->slot != NULL)
		ExecDropSingleTupleTableSlot(scan->slot);
	if (scan->scan != NULL)
		index_endscan(scan->scan);
	if (scan->index != NULL)
		index_close(scan->index, NoLock);
	if (scan->plain.heap != NULL)
		state_table_close(&scan->plain);
}

/* A serializable transaction looks each time: its look must be known to others. */
static bool
known_empty(StateTable table)
{
	return empty_table[table] && !IsolationIsSerializable() &&
		snapshot_view_matches(&empty_view, GetActiveSnapshot());
}

/*
 * Rows that the active snapshot sees had a page when it was taken, and keep it
 * while it is in use: a table without pages now has no row for it.
 */
static bool
is_empty(StateTable table, const PlainTable *plain)
{
	if (!state_table_has_no_pages(table, plain))
		return false;
	PredicateLockRelation(plain->heap, GetActiveSnapshot());
	if (!snapshot_view_matches(&empty_view, GetActiveSnapshot()))
	{
		memset(empty_table, 0, sizeof(empty_table));
		snapshot_view_set(&empty_view, GetActiveSnapshot());
	}
	empty_table[table] = true;
	return true;
}

static void
find_by_index(StateScan *scan, const Datum *key, int key_count)
{
	ScanKeyData keys[STATE_KEY_MAX];

	if (scan->scan == NULL)
	{
		scan->index = state_table_open_index(scan->table, &scan->plain);
		scan->scan = index_begin(scan->plain.heap, scan->index, GetActiveSnapshot(), key_count);
	}
	/* ScanKeyInit() compares under collation "C", as the index does. */
	for (int i = 0; i < key_count; i++)
		ScanKeyInit(&keys[i], i + 1, BTEqualStrategyNumber, F_TEXTEQ, key[i]);
	index_rescan(scan->scan, keys, key_count, NULL, 0);
}

static void
find_through_sql(StateScan *scan, Datum *key)
{
	MemoryContext caller = CurrentMemoryContext;

	kept_execute(scan->past ? &past_statements[scan->table] : &statements[scan->table], key, NULL, true);
	MemoryContextSwitchTo(caller);
	scan->rows = SPI_tuptable;
	scan->row_count = SPI_processed;
	scan->next_row = 0;
}
