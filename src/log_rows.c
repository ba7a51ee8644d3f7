/*
 * log_rows.c
 *		Storing events in the log's partitions, many at once.
 *
 * A BEFORE ROW trigger makes the server insert row by row.  Where only ours would be
 * fired, and there is nothing for them to do, rows go into their pages together, and then
 * into each index in the order in which they came.
 *
 * Under REPEATABLE READ and above SQL stores them, as with leases (lease_row.c).
 */
#include "postgres.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "storage/lmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "event_row.h"
#include "log_rows.h"
#include "log_table.h"
#include "owner.h"

/* Rows stored together */
#define ROWS_TOGETHER 500

struct LogRows
{
	LogTable	table;
	EState	   *state;
	MemoryContext storing;		/* while rows are stored */
	int			part;			/* in which the rows go that wait; -1: none yet */
	ResultRelInfo target;
	TupleTableSlot *slots[ROWS_TOGETHER];
	int			slot_count;		/* of slots */
	int			waiting;		/* rows in them */
};

static int	part_of(const LogTable *table, TimestampTz at);
static void part_begin(LogRows *rows, int part);
static void part_end(LogRows *rows);
static void store_waiting(LogRows *rows);

LogRows *
log_rows_begin(TimestampTz first, TimestampTz last)
{
	Oid			log = bounce_relation_oid("delivery_event");
	LogTable	table;
	LogRows    *rows;

	if (IsolationUsesXactSnapshot())
		return NULL;
	LockRelationOid(log, RowExclusiveLock);
	if (!log_table_open(&table, first, last + 1, RowExclusiveLock))
		return NULL;
	if (!table.takes_rows)
	{
		log_table_close(&table);
		return NULL;
	}
	rows = palloc0(sizeof(LogRows));
	rows->table = table;
	rows->state = CreateExecutorState();
	rows->storing = AllocSetContextCreate(CurrentMemoryContext, "bounce log rows", ALLOCSET_DEFAULT_SIZES);
	rows->part = -1;
	return rows;
}

void
log_rows_add(LogRows *rows, const Datum *values, const bool *nulls)
{
	int			part = part_of(&rows->table, DatumGetTimestampTz(values[EVENT_OCCURRED_AT - 1]));
	MemoryContext caller = MemoryContextSwitchTo(rows->state->es_query_cxt);
	TupleTableSlot *slot;

	if (part != rows->part)
	{
		part_end(rows);
		part_begin(rows, part);
	}
	if (rows->waiting == rows->slot_count)
		rows->slots[rows->slot_count++] = table_slot_create(rows->target.ri_RelationDesc, &rows->state->es_tupleTable);
	slot = rows->slots[rows->waiting];
	memcpy(slot->tts_values, values, sizeof(Datum) * EVENT_COLUMNS);
	memcpy(slot->tts_isnull, nulls, sizeof(bool) * EVENT_COLUMNS);
	ExecStoreVirtualTuple(slot);
	if (RelationGetDescr(rows->target.ri_RelationDesc)->constr != NULL)
		ExecConstraints(&rows->target, slot, rows->state);
	ExecMaterializeSlot(slot);
	if (++rows->waiting == ROWS_TOGETHER)
		store_waiting(rows);
	MemoryContextSwitchTo(caller);
}

void
log_rows_store(LogRows *rows)
{
	store_waiting(rows);
	CommandCounterIncrement();
}

void
log_rows_end(LogRows *rows)
{
	part_end(rows);
	log_table_close(&rows->table);
	FreeExecutorState(rows->state);
	MemoryContextDelete(rows->storing);
}

/* The default partition is the last, and takes all that comes to it. */
static int
part_of(const LogTable *table, TimestampTz at)
{
	for (int i = 0; i < table->count; i++)
		if (at >= table->parts[i].lower && at < table->parts[i].upper)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("no partition of relation \"%s\" found for row", "delivery_event"),
			 errhint("bounce.maintain() makes partitions.")));
}

static void
part_begin(LogRows *rows, int part)
{
	rows->part = part;
	InitResultRelInfo(&rows->target, rows->table.heaps[part], 0, NULL, 0);
	ExecOpenIndices(&rows->target, false);
}

static void
part_end(LogRows *rows)
{
	if (rows->part < 0)
		return;
	store_waiting(rows);
	ExecCloseIndices(&rows->target);
	/* Slots are of one table. */
	ExecResetTupleTable(rows->state->es_tupleTable, true);
	rows->state->es_tupleTable = NIL;
	rows->slot_count = 0;
	rows->part = -1;
}

static void
store_waiting(LogRows *rows)
{
	MemoryContext caller = MemoryContextSwitchTo(rows->storing);

	if (rows->waiting > 0)
		table_multi_insert(rows->target.ri_RelationDesc, rows->slots, rows->waiting, GetCurrentCommandId(true), 0, NULL);
	for (int i = 0; i < rows->waiting; i++)
	{
		list_free(tell_indexes_of_insert(&rows->target, rows->slots[i], rows->state));
		ResetPerTupleExprContext(rows->state);
		ExecClearTuple(rows->slots[i]);
	}
	rows->waiting = 0;
	MemoryContextSwitchTo(caller);
	MemoryContextReset(rows->storing);
}
