/*
 * refold.h
 *		Bringing suppressions in line with the log.
 */
#ifndef BOUNCE_REFOLD_H
#define BOUNCE_REFOLD_H

#include "postgres.h"

/*
 * Folds the log of canonical addresses anew and writes what changed to
 * bounce.suppression (lease, complaint) and bounce.suppression_history; then lets
 * quarantine follow.  Memory is bounded however many there are.
 *
 * Give the addresses sorted by bytes, each once.  refold_end() returns how many have
 * other rows than before.
 *
 * Locks the lease row of each address in the order given; the events of a
 * transaction that held it are seen.  Under REPEATABLE READ and above they are seen
 * as well, though the transaction's own snapshot is older: the fold is right, or,
 * where it has to change a row that the snapshot does not show, raises 40001.
 */
typedef struct Refold Refold;

/*
 * Addresses folded and written together: what is read of them is still in the caches when
 * it is written, and seldom has another transaction ended in between (refold.c).
 */
#define REFOLD_BATCH 128

extern Refold *refold_begin(void);
extern void refold_add(Refold *refold, const char *address);
extern int64 refold_end(Refold *refold);

/* The same for all of these. */
extern int64 refold_addresses(char **addresses, int count);

/*
 * Takes only the lock, for whoever writes rows of this address that the fold may
 * write too: everybody takes the lease's row first.  Where there is no lease it
 * leaves a row that begins and ends at -infinity; the caller folds the address
 * afterwards, which takes it away.
 */
extern void refold_lock(const char *address);

#endif
