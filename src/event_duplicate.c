/*
 * event_duplicate.c
 *		Is this event in the log already?
 *
 * The probe uses a dirty snapshot, as the server's own uniqueness checks do, so
 * that an event that another session is storing right now is waited for instead
 * of failing the batch.
 *
 * Two sessions that probe before either has stored the row would both go on, and
 * the unique index would fail one of them.  So who probes takes a lock of the key
 * (its hash, among the advisory locks, out of reach of SQL) and keeps it until
 * his row is stored, which is when the next row of the statement comes, or the
 * statement ends.  Nobody waits for anything while he has it: before waiting for a
 * transaction it is given back, and the next row's is taken when the last one's is
 * gone.  So it cannot be part of a circle.  A row that goes into a partition
 * directly keeps its lock until the next one, or the end of the transaction.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/fmgroids.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "event_duplicate.h"
#include "event_row.h"

/* Tells our locks from those of pg_advisory_lock(), which are 1 and 2. */
#define KEY_LOCK_CLASS 11

static bool key_locked = false;
static LOCKTAG key_lock;

static void lock_key(Relation partition, Datum recipient, Datum occurred_at, Datum event_key);
static void forget_key(XactEvent event, void *arg);
static bool probe(Relation partition, Relation index, ScanKey keys, TransactionId *wait_for);
static bool probe_rows(Relation partition, IndexScanDesc scan);

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
		lock_key(partition, recipient, occurred_at, event_key);
		found = probe(partition, index, keys, &wait_for);
		if (found)
			event_stored();
		if (TransactionIdIsValid(wait_for))
			XactLockTableWait(wait_for, partition, NULL, XLTW_None);
	} while (TransactionIdIsValid(wait_for));
	/* The lock stays: the next row finds it cheaper, and the statement has a stronger one. */
	index_close(index, NoLock);
	return found;
}

/* The lock is the transaction's: a statement that ends, or a savepoint, does not give it back. */
static void
lock_key(Relation partition, Datum recipient, Datum occurred_at, Datum event_key)
{
	static bool registered = false;
	ResourceOwner statement = CurrentResourceOwner;
	text	   *who = DatumGetTextPP(recipient);
	text	   *key = DatumGetTextPP(event_key);
	uint32		hash;

	if (!registered)
	{
		RegisterXactCallback(forget_key, NULL);
		registered = true;
	}
	event_stored();
	hash = hash_combine(hash_bytes((const unsigned char *) VARDATA_ANY(who), VARSIZE_ANY_EXHDR(who)),
						hash_bytes((const unsigned char *) VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key)));
	hash = hash_combine(hash, (uint32) (DatumGetInt64(occurred_at) ^ (DatumGetInt64(occurred_at) >> 32)));
	SET_LOCKTAG_ADVISORY(key_lock, MyDatabaseId, RelationGetRelid(partition), hash, KEY_LOCK_CLASS);
	CurrentResourceOwner = TopTransactionResourceOwner;
	(void) LockAcquire(&key_lock, ExclusiveLock, false, false);
	CurrentResourceOwner = statement;
	key_locked = true;
}

void
event_stored(void)
{
	ResourceOwner statement = CurrentResourceOwner;

	if (!key_locked)
		return;
	key_locked = false;
	CurrentResourceOwner = TopTransactionResourceOwner;
	(void) LockRelease(&key_lock, ExclusiveLock, false);
	CurrentResourceOwner = statement;
}

/* The server has given back all locks of the transaction. */
static void
forget_key(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		key_locked = false;
}

/*
 * One look.  Sets *wait_for to a running transaction that is storing or deleting
 * the row; the answer is then not known yet.
 */
static bool
probe(Relation partition, Relation index, ScanKey keys, TransactionId *wait_for)
{
	SnapshotData dirty;
	IndexScanDesc scan;
	bool		found = false;

	InitDirtySnapshot(dirty);
	scan = index_begin(partition, index, &dirty, 3);
	index_rescan(scan, keys, 3, NULL, 0);
	/* Nearly always the index says no, and nothing is needed to look at a row. */
	if (index_getnext_tid(scan, ForwardScanDirection) != NULL)
		found = probe_rows(partition, scan);
	if (found)
	{
		if (TransactionIdIsValid(dirty.xmin))
			*wait_for = dirty.xmin;
		else if (TransactionIdIsValid(dirty.xmax))
			*wait_for = dirty.xmax;
	}
	index_endscan(scan);
	return found;
}

/* Is one of the rows with this key there, or coming? */
static bool
probe_rows(Relation partition, IndexScanDesc scan)
{
	TupleTableSlot *slot = table_slot_create(partition, NULL);
	bool		found;

	do
		found = index_fetch_heap(scan, slot);
	while (!found && index_getnext_tid(scan, ForwardScanDirection) != NULL);
	ExecDropSingleTupleTableSlot(slot);
	return found;
}
