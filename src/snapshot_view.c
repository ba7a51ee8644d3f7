/*
 * snapshot_view.c
 *		Do two snapshots see the same rows?
 *
 * Of others they see the same when they count the same transactions as running and
 * end at the same xmax.  Of the transaction itself they see the same when it is the
 * same one at the same command.  If it had no transaction ID at the first snapshot,
 * the second may belong to a later transaction: an ID that was given out in between
 * is not below the common xmax, so neither snapshot sees what was written under it.
 *
 * A subtransaction that is taken back changes what is seen without changing the
 * snapshot: xmax may be beyond it already, and the command counter never goes back.
 * So those are counted.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/snapmgr.h"

#include "snapshot_view.h"

/* Subtransactions taken back since somebody first wanted to know. */
static uint64 taken_back = 0;
static bool callback_registered = false;

static void count_taken_back(SubXactEvent event, SubTransactionId own, SubTransactionId parent, void *arg);
static bool counts_match(const SnapshotView *view, Snapshot snapshot);

uint64
subtransactions_taken_back(void)
{
	if (unlikely(!callback_registered))
	{
		RegisterSubXactCallback(count_taken_back, NULL);
		callback_registered = true;
	}
	return taken_back;
}

void
snapshot_view_set(SnapshotView *view, Snapshot snapshot)
{
	view->known = snapshot->snapshot_type == SNAPSHOT_MVCC &&
		(uint64) snapshot->xcnt + (uint64) snapshot->subxcnt <= VIEW_RUNNING_MAX;
	if (!view->known)
		return;
	view->taken_back = subtransactions_taken_back();
	view->in_recovery = snapshot->takenDuringRecovery;
	view->suboverflowed = snapshot->suboverflowed;
	view->own = GetTopTransactionIdIfAny();
	view->xmin = snapshot->xmin;
	view->xmax = snapshot->xmax;
	view->curcid = snapshot->curcid;
	view->xcnt = snapshot->xcnt;
	view->subxcnt = snapshot->subxcnt;
	if (view->xcnt > 0)
		memcpy(view->running, snapshot->xip, view->xcnt * sizeof(TransactionId));
	if (view->subxcnt > 0)
		memcpy(view->running + view->xcnt, snapshot->subxip, view->subxcnt * sizeof(TransactionId));
}

bool
snapshot_view_matches(const SnapshotView *view, Snapshot snapshot)
{
	if (!view->known || snapshot->snapshot_type != SNAPSHOT_MVCC || !counts_match(view, snapshot))
		return false;
	return (view->xcnt == 0 ||
			memcmp(view->running, snapshot->xip, view->xcnt * sizeof(TransactionId)) == 0) &&
		(view->subxcnt == 0 ||
		 memcmp(view->running + view->xcnt, snapshot->subxip, view->subxcnt * sizeof(TransactionId)) == 0);
}

static bool
counts_match(const SnapshotView *view, Snapshot snapshot)
{
	return view->xmin == snapshot->xmin && view->xmax == snapshot->xmax &&
		view->curcid == snapshot->curcid &&
		view->xcnt == snapshot->xcnt && view->subxcnt == snapshot->subxcnt &&
		view->suboverflowed == snapshot->suboverflowed &&
		view->taken_back == taken_back &&
		view->in_recovery == snapshot->takenDuringRecovery &&
		view->own == GetTopTransactionIdIfAny();
}

static void
count_taken_back(SubXactEvent event, SubTransactionId own, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		taken_back++;
}
