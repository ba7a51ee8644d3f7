/*
 * lease_row.c
 *		Locking and writing rows of bounce.suppression in place.
 *
 * Most of what a fold writes is a lease that climbed: the row is there and was just
 * read.  Through SQL it is searched for twice more, once for its lock and once to be
 * written.  Here it is one update of the version that was read, which fails if that
 * is no longer the latest one.
 *
 * The road is open where the table is read by its index too (state_table.h), and has
 * nothing but constraints and indexes that a write would have to mind.  Under
 * REPEATABLE READ and above SQL decides what may be changed.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "lease_row.h"
#include "state_scan.h"
#include "types.h"

struct LeaseRows
{
	PlainTable	table;
	EState	   *state;
	ResultRelInfo target;
	bool		indexes_open;
	TupleTableSlot *locked;
	TupleTableSlot *written;
};

static bool has_only_rows(Relation heap);
static void set_column(LeaseRows *rows, int column, Datum value, bool isnull);
static void fill_written(LeaseRows *rows, HeapTuple row, const StoredCycle *lease);
static void tell_indexes(LeaseRows *rows, IndexesToTell which);

LeaseRows *
lease_rows_begin(void)
{
	PlainTable	table;
	LeaseRows  *rows;

	if (IsolationUsesXactSnapshot() || !state_table_open(STATE_SUPPRESSION, &table))
		return NULL;
	LockRelation(table.heap, RowExclusiveLock);
	if (!has_only_rows(table.heap))
	{
		state_table_close(&table);
		return NULL;
	}
	CheckCmdReplicaIdentity(table.heap, CMD_UPDATE);
	rows = palloc0(sizeof(LeaseRows));
	rows->table = table;
	rows->state = CreateExecutorState();
	InitResultRelInfo(&rows->target, table.heap, 0, NULL, 0);
	rows->locked = table_slot_create(table.heap, NULL);
	rows->written = MakeSingleTupleTableSlot(RelationGetDescr(table.heap), &TTSOpsVirtual);
	return rows;
}

/* No trigger that wants to know, no rule, nothing to be computed, and the owner may. */
static bool
has_only_rows(Relation heap)
{
	TupleConstr *constraints = RelationGetDescr(heap)->constr;

	return heap->trigdesc == NULL && heap->rd_rules == NULL &&
		(constraints == NULL || !constraints->has_generated_stored) &&
		pg_class_aclcheck(RelationGetRelid(heap), GetUserId(), ACL_UPDATE) == ACLCHECK_OK;
}

bool
lease_row_lock(LeaseRows *rows, HeapTuple row)
{
	TM_FailureData failure;

	return table_tuple_lock(rows->table.heap, &row->t_self, GetActiveSnapshot(), rows->locked, GetCurrentCommandId(false),
							LockTupleNoKeyExclusive, LockWaitBlock, 0, &failure) == TM_Ok;
}

bool
lease_row_put(LeaseRows *rows, HeapTuple row, const StoredCycle *lease)
{
	Relation	heap = rows->table.heap;
	TM_FailureData failure;
	LockTupleMode mode;
	IndexesToTell indexes;

	fill_written(rows, row, lease);
	if (RelationGetDescr(heap)->constr != NULL)
		ExecConstraints(&rows->target, rows->written, rows->state);
	if (table_tuple_update(heap, &row->t_self, rows->written, GetCurrentCommandId(true), GetActiveSnapshot(),
						   InvalidSnapshot, true, &failure, &mode, &indexes) != TM_Ok)
		return false;
	tell_indexes(rows, indexes);
	ResetPerTupleExprContext(rows->state);
	return true;
}

static void
set_column(LeaseRows *rows, int column, Datum value, bool isnull)
{
	int			place = rows->table.column[column] - 1;

	rows->written->tts_values[place] = value;
	rows->written->tts_isnull[place] = isnull;
}

/* "due" stays: it is never after the end of the lease, and that comes no nearer. */
static void
fill_written(LeaseRows *rows, HeapTuple row, const StoredCycle *lease)
{
	ExecClearTuple(rows->written);
	heap_deform_tuple(row, RelationGetDescr(rows->table.heap), rows->written->tts_values, rows->written->tts_isnull);
	set_column(rows, SUPPRESSION_CLASS, BounceClassGetDatum(lease->klass), lease->klass == BOUNCE_CLASS_NONE);
	set_column(rows, SUPPRESSION_STATUS, SmtpStatusGetDatum(lease->status), lease->status == SMTP_STATUS_NONE);
	set_column(rows, SUPPRESSION_STEP, Int16GetDatum(lease->lease.step), false);
	set_column(rows, SUPPRESSION_OCCURRENCES, Int32GetDatum(lease->lease.occurrences), false);
	set_column(rows, SUPPRESSION_STARTS_AT, TimestampTzGetDatum(lease->lease.starts_at), false);
	set_column(rows, SUPPRESSION_EXPIRES_AT, TimestampTzGetDatum(lease->lease.expires_at), false);
	set_column(rows, SUPPRESSION_LAST_EVENT_AT, TimestampTzGetDatum(lease->last_event_at), lease->last_event_at == DT_NOBEGIN);
	ExecStoreVirtualTuple(rows->written);
}

/* Nearly never: a climb changes no indexed column, and pages have room. */
static void
tell_indexes(LeaseRows *rows, IndexesToTell which)
{
	if (which == TELL_NO_INDEX)
		return;
	if (!rows->indexes_open)
		ExecOpenIndices(&rows->target, false);
	rows->indexes_open = true;
	list_free(tell_indexes_of_update(&rows->target, rows->written, rows->state, which));
}

void
lease_rows_end(LeaseRows *rows)
{
	if (rows->indexes_open)
		ExecCloseIndices(&rows->target);
	ExecDropSingleTupleTableSlot(rows->locked);
	ExecDropSingleTupleTableSlot(rows->written);
	FreeExecutorState(rows->state);
	state_table_close(&rows->table);
	CommandCounterIncrement();
}
