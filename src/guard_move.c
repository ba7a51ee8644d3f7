/*
 * guard_move.c
 *		Rows that an UPDATE moves to another partition.
 *
 * Nothing tells an INSERT trigger where its row comes from.  But the UPDATE trigger
 * of the old partition ran just before, and a row that was moved away says so in
 * its header.  Other triggers may run statements in between, so each depth of
 * triggers has a note of its own.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "storage/bufmgr.h"
#include "utils/fmgrprotos.h"
#include "utils/snapmgr.h"

#include "guard_move.h"

#define NOTES 32

typedef struct MoveNote
{
	Oid			partition;		/* InvalidOid: empty */
	ItemPointerData row;
} MoveNote;

static MoveNote notes[NOTES];

static MoveNote *note_of_depth(void);
static bool was_moved(Relation partition, ItemPointer row);

void
guard_move_note(Relation partition, ItemPointer row)
{
	MoveNote   *note = note_of_depth();

	note->partition = RelationGetRelid(partition);
	note->row = *row;
}

bool
guard_move_arrives(void)
{
	MoveNote   *note = note_of_depth();
	Relation	partition;
	bool		moved;

	if (!OidIsValid(note->partition))
		return false;
	/* A note may be of an older transaction, and its table gone. */
	partition = try_table_open(note->partition, AccessShareLock);
	note->partition = InvalidOid;
	if (partition == NULL)
		return false;
	moved = was_moved(partition, &note->row);
	table_close(partition, AccessShareLock);
	return moved;
}

/* pg_trigger_depth() ignores its argument */
static MoveNote *
note_of_depth(void)
{
	return &notes[DatumGetInt32(pg_trigger_depth(NULL)) % NOTES];
}

/* Moved away by this very transaction? */
static bool
was_moved(Relation partition, ItemPointer row)
{
	HeapTupleData tuple;
	Buffer		buffer;
	bool		moved = false;

	/* Only heap can tell; for others, better a row that was not guarded than one lost. */
	if (partition->rd_rel->relam != HEAP_TABLE_AM_OID)
		return true;
	if (ItemPointerGetBlockNumber(row) >= RelationGetNumberOfBlocks(partition))
		return false;
	tuple.t_self = *row;
	if (heap_fetch(partition, SnapshotAny, &tuple, &buffer, true))
	{
		moved = HeapTupleHeaderIndicatesMovedPartitions(tuple.t_data) &&
			TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetUpdateXid(tuple.t_data));
		ReleaseBuffer(buffer);
	}
	return moved;
}
