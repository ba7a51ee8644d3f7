/*
 * log_rows.c
 *		Storing events in the log's partitions, many at once.
 *
 * A BEFORE ROW trigger makes the server insert row by row.  Where only ours would be
 * fired, and there is nothing for them to do, rows go into their pages together, and then
 * into the indexes in the order in which they came.
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
#define ROWS_TOGETHER 256

struct LogRows
{
	LogTable	table;
	EState	   *state;
	MemoryContext storing;		/* while rows are stored */
	ResultRelInfo target;
	TupleTableSlot *slots[ROWS_TOGETHER];
	int			slot_count;
	int			waiting;		/* rows in slots */
};

static int	only_part(const LogTable *table, TimestampTz first, TimestampTz last);
static void store_waiting(LogRows *rows);

LogRows *
log_rows_begin(TimestampTz first, TimestampTz last)
{
	Oid			log = bounce_relation_oid("delivery_event");
	LogTable	table;
	LogRows    *rows;
	int			part;

	if (IsolationUsesXactSnapshot())
		return NULL;
	LockRelationOid(log, RowExclusiveLock);
	if (!log_table_open(&table, first, last + 1, RowExclusiveLock))
		return NULL;
	part = only_part(&table, first, last);
	if (!table.takes_rows || part < 0)
	{
		log_table_close(&table);
		return NULL;
	}
	rows = palloc0(sizeof(LogRows));
	rows->table = table;
	rows->state = CreateExecutorState();
	rows->storing = AllocSetContextCreate(CurrentMemoryContext, "bounce log rows", ALLOCSET_DEFAULT_SIZES);
	InitResultRelInfo(&rows->target, table.heaps[part], 0, NULL, 0);
	ExecOpenIndices(&rows->target, false);
	return rows;
}

/* Where all of this time is; -1: it is in several partitions, or in none. */
static int
only_part(const LogTable *table, TimestampTz first, TimestampTz last)
{
	for (int i = 0; i < table->count; i++)
		if (table->heaps[i] != NULL)
			return first >= table->parts[i].lower && last < table->parts[i].upper ? i : -1;
	return -1;
}

void
log_rows_add(LogRows *rows, const Datum *values, const bool *nulls)
{
	MemoryContext caller = MemoryContextSwitchTo(rows->state->es_query_cxt);
	TupleTableSlot *slot;

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

void
log_rows_end(LogRows *rows)
{
	ExecCloseIndices(&rows->target);
	ExecResetTupleTable(rows->state->es_tupleTable, false);
	FreeExecutorState(rows->state);
	MemoryContextDelete(rows->storing);
	log_table_close(&rows->table);
}
