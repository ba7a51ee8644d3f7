/*
 * snapshot_view.h
 *		Do two snapshots see the same rows?
 *
 * What was found out under one snapshot may be used under another only if both see
 * the same: then a quiet database answers many statements from one look.
 */
#ifndef BOUNCE_SNAPSHOT_VIEW_H
#define BOUNCE_SNAPSHOT_VIEW_H

#include "postgres.h"

#include "utils/snapshot.h"

/* With more running transactions than this, no two snapshots are called the same. */
#define VIEW_RUNNING_MAX 1000

/* All zero: like no snapshot. */
typedef struct SnapshotView
{
	bool		known;
	bool		in_recovery;
	bool		suboverflowed;
	uint64		taken_back;		/* subtransactions that had been, in this session */
	TransactionId own;			/* of the transaction, if it has one */
	TransactionId xmin;
	TransactionId xmax;
	CommandId	curcid;
	uint32		xcnt;
	int32		subxcnt;
	TransactionId running[VIEW_RUNNING_MAX];	/* xip, then subxip */
} SnapshotView;

/* How many subtransactions were taken back, with what they had locked, since this was first called. */
extern uint64 subtransactions_taken_back(void);

extern void snapshot_view_set(SnapshotView *view, Snapshot snapshot);

/* May say false of two that do see the same. */
extern bool snapshot_view_matches(const SnapshotView *view, Snapshot snapshot);

#endif
