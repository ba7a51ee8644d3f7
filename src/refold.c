/*
 * refold.c
 *		Bringing suppressions in line with the log.
 *
 * The log is the truth; leases and complaints are its fold, so late, duplicate
 * and out-of-order events need no rules of their own: the log of every address
 * that an event may have moved is folded again.
 *
 * A log is read before its address is locked, so that the lock can store the lease
 * that comes of it; and read once more if any transaction has ended in between.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "address_list.h"
#include "fold_log.h"
#include "fold_write.h"
#include "owner.h"
#include "policy.h"
#include "quarantine.h"
#include "refold.h"

/* Addresses whose contacts are brought in line together, under one savepoint */
#define REFRESH_BATCH 20000

struct Refold
{
	MemoryContext context;		/* holds it */
	MemoryContext batch;		/* addresses, logs and what is written */
	char	   *addresses[REFOLD_BATCH];
	int			count;
	TupleTableSlot *slot;		/* of the following */
	Tuplestorestate *changed;	/* addresses with other suppressions in force */
	int64		rewritten;
};

/* To tell whether another transaction has ended since. */
typedef struct EndedMark
{
	TransactionId next;
	uint32		running;
} EndedMark;

static int	refold_batch(Refold *refold);
static void fold_and_lock(FoldWriter *writer, AddressLog *logs, AddressState *states, int count, const Policy *policy);
static AddressLog *read_again(Datum array, AddressLog *old, AddressState *states, int count, const Policy *policy);
static EndedMark ended_mark(void);
static bool ended_since(EndedMark before);
static void note_changed(Refold *refold, const char *address);
static void refresh_changed(Refold *refold);

Refold *
refold_begin(void)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "bounce refold", ALLOCSET_DEFAULT_SIZES);
	Refold	   *refold = MemoryContextAllocZero(context, sizeof(Refold));

	refold->context = context;
	refold->batch = AllocSetContextCreate(context, "bounce refold batch", ALLOCSET_DEFAULT_SIZES);
	return refold;
}

void
refold_add(Refold *refold, const char *address)
{
	refold->addresses[refold->count++] = MemoryContextStrdup(refold->batch, address);
	if (refold->count == REFOLD_BATCH)
		refold->rewritten += refold_batch(refold);
}

int64
refold_end(Refold *refold)
{
	int64		rewritten;

	if (refold->count > 0)
		refold->rewritten += refold_batch(refold);
	if (refold->changed != NULL)
		refresh_changed(refold);
	rewritten = refold->rewritten;
	MemoryContextDelete(refold->context);
	return rewritten;
}

int64
refold_addresses(char **addresses, int count)
{
	Refold	   *refold;

	if (count == 0)
		return 0;
	refold = refold_begin();
	for (int i = 0; i < count; i++)
		refold_add(refold, addresses[i]);
	return refold_end(refold);
}

void
refold_lock(const char *address)
{
	AddressLog	log = {.address = address};
	AddressState state = {0};
	OwnerScope	scope;

	owner_spi_begin(&scope);
	fold_write_lock(fold_write_begin(), &log, &state, 1);
	owner_spi_end(&scope);
}

/* Returns how many of its addresses have other rows now. */
static int
refold_batch(Refold *refold)
{
	MemoryContext caller = MemoryContextSwitchTo(refold->batch);
	int			count = refold->count;
	Datum		array = address_list_array(refold->addresses, count);
	AddressState *states = palloc(sizeof(AddressState) * count);
	const Policy *policy = policy_in_force();
	AddressLog *logs;
	FoldWriter *writer;
	OwnerScope	scope;
	EndedMark	before;
	int			rewritten;

	CHECK_FOR_INTERRUPTS();
	owner_spi_begin(&scope);
	/* Keeps the rows that are read where they are. */
	PushActiveSnapshot(GetLatestSnapshot());
	before = ended_mark();
	logs = fold_log_read(array, refold->addresses, count, DT_NOEND);
	writer = fold_write_begin();
	fold_and_lock(writer, logs, states, count, policy);
	if (ended_since(before))
		logs = read_again(array, logs, states, count, policy);
	for (int i = 0; i < count; i++)
	{
		if (fold_write_add(writer, &logs[i], &states[i]))
			note_changed(refold, logs[i].address);
	}
	rewritten = fold_write_finish(writer);
	PopActiveSnapshot();
	owner_spi_end(&scope);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(refold->batch);
	refold->count = 0;
	return rewritten;
}

/*
 * Takes the row lock of every lease, in address order: two sessions that bounce the
 * same address meet here.  Where there is no row one is made, with what the log says
 * so far.
 */
static void
fold_and_lock(FoldWriter *writer, AddressLog *logs, AddressState *states, int count, const Policy *policy)
{
	for (int i = 0; i < count; i++)
		fold_log(&logs[i], policy, &states[i]);
	fold_write_lock(writer, logs, states, count);
	for (int i = 0; i < count; i++)
	{
		const StoredCycle *lease = fold_lease_wanted(&logs[i], &states[i]);

		logs[i].lease_written = logs[i].lease_written && lease != NULL;
		if (!logs[i].lease_written)
			continue;
		logs[i].has_lease = true;
		logs[i].lease = *lease;
	}
}

/* Somebody who held one of the locks may have written to these logs. */
static AddressLog *
read_again(Datum array, AddressLog *old, AddressState *states, int count, const Policy *policy)
{
	char	  **addresses = palloc(sizeof(char *) * count);
	AddressLog *logs;

	for (int i = 0; i < count; i++)
		addresses[i] = unconstify(char *, old[i].address);
	logs = fold_log_read(array, addresses, count, DT_NOEND);
	for (int i = 0; i < count; i++)
	{
		logs[i].lease_written = old[i].lease_written;
		fold_log(&logs[i], policy, &states[i]);
	}
	return logs;
}

/*
 * In a snapshot, "next" moves on when a transaction ends that began after all that
 * are known to have ended, and the number of running ones before it falls when one
 * of those does.
 */
static EndedMark
ended_mark(void)
{
	Snapshot	snapshot = GetLatestSnapshot();

	return (EndedMark) {snapshot->xmax, snapshot->xcnt};
}

static bool
ended_since(EndedMark before)
{
	EndedMark	now = ended_mark();

	return now.next != before.next || now.running != before.running;
}

/* The application's rows are locked after all of ours. */
static void
note_changed(Refold *refold, const char *address)
{
	MemoryContext caller = MemoryContextSwitchTo(refold->context);
	Datum		value = CStringGetTextDatum(address);
	bool		isnull = false;

	if (refold->changed == NULL)
	{
		TupleDesc	desc = CreateTemplateTupleDesc(1);

		TupleDescInitEntry(desc, 1, "address", TEXTOID, -1, 0);
		refold->slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
		refold->changed = tuplestore_begin_heap(false, false, work_mem);
	}
	tuplestore_putvalues(refold->changed, refold->slot->tts_tupleDescriptor, &value, &isnull);
	pfree(DatumGetPointer(value));
	MemoryContextSwitchTo(caller);
}

static void
refresh_changed(Refold *refold)
{
	TimestampTz at = GetCurrentTransactionStartTimestamp();
	MemoryContext caller = MemoryContextSwitchTo(refold->batch);
	int			room = Min(tuplestore_tuple_count(refold->changed), REFRESH_BATCH);
	int			count;

	do
	{
		char	  **addresses = palloc(sizeof(char *) * room);
		bool		isnull;

		for (count = 0; count < room &&
			 tuplestore_gettupleslot(refold->changed, true, false, refold->slot);
			 count++)
			addresses[count] = TextDatumGetCString(slot_getattr(refold->slot, 1, &isnull));
		quarantine_refresh(addresses, count, at);
		/* What comes from disk is in the batch's memory. */
		ExecClearTuple(refold->slot);
		MemoryContextReset(refold->batch);
	} while (count == room);
	MemoryContextSwitchTo(caller);
	ExecDropSingleTupleTableSlot(refold->slot);
	tuplestore_end(refold->changed);
}
