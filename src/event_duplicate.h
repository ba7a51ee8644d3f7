/*
 * event_duplicate.h
 *		Is this event in the log already?
 */
#ifndef BOUNCE_EVENT_DUPLICATE_H
#define BOUNCE_EVENT_DUPLICATE_H

#include "postgres.h"

#include "utils/rel.h"

/*
 * Looks in the log's partition for the key (recipient, occurred_at, event_key),
 * whoever wrote it: if its writer is still running, waits for him to end first.
 * False: nobody else will store it until the caller has.
 */
extern bool event_is_duplicate(Relation partition, Datum recipient, Datum occurred_at, Datum event_key);

/*
 * The row of the last probe is in the log, or never comes there: others who want to
 * store the same one need not wait.  Called when a statement is through; the next
 * probe does it by itself.
 */
extern void event_stored(void);

#endif
