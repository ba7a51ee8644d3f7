/*
 * contact_walk.h
 *		Rows of a contact table by their canonical address.
 *
 * Rows are read here without SQL: the table's owner needs no privilege on schema
 * bounce, and no code that somebody put on the table can run with other rights
 * than its owner's.  Seen under the active snapshot.
 */
#ifndef BOUNCE_CONTACT_WALK_H
#define BOUNCE_CONTACT_WALK_H

#include "postgres.h"

#include "access/attnum.h"
#include "executor/tuptable.h"
#include "storage/itemptr.h"
#include "utils/rel.h"

#include "address.h"
#include "attach.h"

/* Is shown a row and the number of its address. */
typedef void (*ContactVisitor) (TupleTableSlot *slot, int number, void *context);

/*
 * Shows every row of these addresses (canonical, sorted, each once) of a table that has
 * rows of its own: through the index on canonical addresses if there is one.
 */
extern void contact_walk(Relation relation, AttrNumber address, char *const *addresses, int count,
						 ContactVisitor visit, void *context);

/* Shows the canonical address of every row that has one. */
typedef void (*AddressVisitor) (const char *address, void *context);
extern void contact_walk_addresses(Relation relation, AttrNumber address, AddressVisitor visit, void *context);

/* The canonical address of a row, in out; NULL when there is none. */
extern const char *contact_address(AttrNumber address, TupleTableSlot *slot, char out[ADDRESS_TEXT_MAX]);

/*
 * Locks the newest version of the row into the slot, waiting for whoever is changing it.
 * False when it is gone.
 */
extern bool contact_row_lock(Relation relation, const ItemPointerData *row, TupleTableSlot *slot);

/* The index on bounce.normalize_address(address) of a table or partitioned table, or InvalidOid. */
extern Oid	contact_index(Relation relation, AttrNumber address);

/* Makes it, unless there is one; create false: says that there is none.  Noted as ours only when it was made here. */
extern void contact_index_provide(Attaching *attaching, AttrNumber address, bool create);

#endif
