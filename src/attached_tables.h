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

#include "attachment.h"

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

/* Opened and locked; a partition may have its columns in another order, and its own description of the attachment. */
typedef void (*AttachedPartVisitor) (Relation part, const Attachment *attachment, void *context);

/* Shows the table itself, or those below the partitioned one that have rows. */
extern void attached_parts_each(AttachedKind kind, Relation relation, LOCKMODE lock,
								AttachedPartVisitor visit, void *context);

#endif
