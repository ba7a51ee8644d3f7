/*
 * guard_move.h
 *		Rows that an UPDATE moves to another partition.
 *
 * The server moves a row by DELETE and INSERT and fires the INSERT triggers of the
 * new partition.  A guard that said no there would lose the row.
 */
#ifndef BOUNCE_GUARD_MOVE_H
#define BOUNCE_GUARD_MOVE_H

#include "postgres.h"

#include "storage/itemptr.h"
#include "utils/rel.h"

/* A BEFORE UPDATE trigger of a partition saw this row. */
extern void guard_move_note(Relation partition, ItemPointer row);

/* Called by a BEFORE INSERT trigger: is its row the one noted, moved? */
extern bool guard_move_arrives(void);

#endif
