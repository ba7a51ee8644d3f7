/*
 * attached_tables.h
 *		Tables of the application that follow what changes here.
 */
#ifndef BOUNCE_ATTACHED_TABLES_H
#define BOUNCE_ATTACHED_TABLES_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "storage/lockdefs.h"
#include "utils/rel.h"

typedef enum AttachedKind
{
	ATTACHED_QUARANTINE,		/* bounce.quarantine_contacts() */
	ATTACHED_PREFERENCES		/* bounce.track_preferences() */
} AttachedKind;

/*
 * The tables (partitioned ones, not their partitions) that this kind is attached to and
 * not disabled, every session in the same order; a copy.  Costs next to nothing
 * while no table changes.
 */
extern List *attached_tables(AttachedKind kind);

/* The table itself, or the partitioned one and all below it, locked: for those that have rows. */
extern List *attached_parts(Relation relation, LOCKMODE lock);

#endif
