/*
 * event_duplicate.c
 *		Is this event in the log already?
 *
 * The probe uses a dirty snapshot, as the server's own uniqueness checks do, so
 * that an event that another session is storing right now is waited for instead
 * of failing the batch.  The unique index still has the last word.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "event_duplicate.h"
#include "event_row.h"

static bool probe(Relation partition, Relation index, ScanKey keys, TransactionId *wait_for);

bool
event_is_duplicate(Relation partition, Datum recipient, Datum occurred_at, Datum event_key)
{
	Oid			index_oid = primary_key_index(partition);
	Relation	index;
	ScanKeyData keys[3];
	TransactionId wait_for;
	bool		found;

	/* A partition without the key (a foreign table, say) checks for itself. */
	if (!OidIsValid(index_oid))
		return false;
	index = index_open(index_oid, AccessShareLock);
	ScanKeyEntryInitialize(&keys[0], 0, 1, BTEqualStrategyNumber, TEXTOID,
						   index->rd_indcollation[0], F_TEXTEQ, recipient);
	ScanKeyEntryInitialize(&keys[1], 0, 2, BTEqualStrategyNumber, TIMESTAMPTZOID,
						   InvalidOid, F_TIMESTAMPTZ_EQ, occurred_at);
	ScanKeyEntryInitialize(&keys[2], 0, 3, BTEqualStrategyNumber, TEXTOID,
						   index->rd_indcollation[2], F_TEXTEQ, event_key);
	do
	{
		wait_for = InvalidTransactionId;
		found = probe(partition, index, keys, &wait_for);
		if (TransactionIdIsValid(wait_for))
			XactLockTableWait(wait_for, partition, NULL, XLTW_None);
	} while (TransactionIdIsValid(wait_for));
	index_close(index, AccessShareLock);
	return found;
}

/*
 * One look.  Sets *wait_for to a running transaction that is storing or deleting
 * the row; the answer is then not known yet.
 */
static bool
probe(Relation partition, Relation index, ScanKey keys, TransactionId *wait_for)
{
	TupleTableSlot *slot = table_slot_create(partition, NULL);
	SnapshotData dirty;
	IndexScanDesc scan;
	bool		found;

	InitDirtySnapshot(dirty);
	scan = index_begin(partition, index, &dirty, 3);
	index_rescan(scan, keys, 3, NULL, 0);
	found = index_getnext_slot(scan, ForwardScanDirection, slot);
	if (found)
	{
		if (TransactionIdIsValid(dirty.xmin))
			*wait_for = dirty.xmin;
		else if (TransactionIdIsValid(dirty.xmax))
			*wait_for = dirty.xmax;
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	return found;
}
