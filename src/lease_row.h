/*
 * lease_row.h
 *		Locking and writing rows of bounce.suppression in place.
 *
 *		LeaseRows *rows = lease_rows_begin();		NULL: only SQL may write them
 *		lease_row_lock(rows, row);
 *		lease_row_put(rows, row, &lease);
 *		lease_rows_end(rows);
 *
 * A row that was read a moment ago is known by its place, and locked and written
 * without being searched for again.  Who read it keeps a snapshot from before that
 * until the end, so that the place is not given to another row.
 */
#ifndef BOUNCE_LEASE_ROW_H
#define BOUNCE_LEASE_ROW_H

#include "postgres.h"

#include "fold_log.h"

typedef struct LeaseRows LeaseRows;

/* As the owner; after an error nothing needs to be ended. */
extern LeaseRows *lease_rows_begin(void);

/*
 * Waits for whoever has the row.  False: he wrote another version, and nothing was
 * done.
 */
extern bool lease_row_lock(LeaseRows *rows, HeapTuple row);

/* The same, and writes a lease that ends no earlier than the one that is there. */
extern bool lease_row_put(LeaseRows *rows, HeapTuple row, const StoredCycle *lease);

/* What was written is seen from here on. */
extern void lease_rows_end(LeaseRows *rows);

#endif
