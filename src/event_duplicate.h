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
 */
extern bool event_is_duplicate(Relation partition, Datum recipient, Datum occurred_at, Datum event_key);

#endif
