/*
 * state_walk.h
 *		Every row of a table of state, as the active snapshot sees it: by a scan of
 *		the heap or through SQL (state_table.h knows which).
 *
 *		state_walk_begin(&walk, STATE_TOPIC);
 *		while ((row = state_walk_next(&walk)) != NULL)
 *			... state_scan_column(row, TOPIC_KIND, &isnull) ...
 *		state_walk_end(&walk);
 *
 * A walk is known to other serializable transactions.  After an error nothing needs
 * to be ended.
 */
#ifndef BOUNCE_STATE_WALK_H
#define BOUNCE_STATE_WALK_H

#include "postgres.h"

#include "access/tableam.h"
#include "utils/portal.h"

#include "state_scan.h"

typedef struct StateWalk
{
	StateScan	row;			/* for state_scan_column() only */
	TableScanDesc scan;			/* of a heap */
	HeapRow		heap_row;
	uint32		page_row;		/* the next one, of the rows of its page */
	uint32		page_rows;
	Portal		cursor;			/* through SQL */
} StateWalk;

extern void state_walk_begin(StateWalk *walk, StateTable table);

/* The next row, until the one after it; NULL behind the last. */
extern StateScan *state_walk_next(StateWalk *walk);

extern void state_walk_end(StateWalk *walk);

/* How many rows it has, or 0 when that is not known; how many pages to read. */
extern double state_walk_rows(StateTable table, double *pages);

#endif
