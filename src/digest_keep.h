/*
 * digest_keep.h
 *		What stays of a person who was forgotten, and how it comes to an end.
 */
#ifndef BOUNCE_DIGEST_KEEP_H
#define BOUNCE_DIGEST_KEEP_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "consent.h"

/* How many rows a step met, and how many digests it left. */
typedef struct Kept
{
	uint64		erased;
	uint64		kept;
} Kept;

/*
 * Erases the suppressions, or the preferences, of this address and keeps by digest
 * those that last beyond "at"; within owner_spi_begin().  The caller holds their locks.
 */
extern Kept digest_keep_suppressions(const char *address, TimestampTz at);
extern Kept digest_keep_choices(const char *address, TimestampTz at);

/* Keeps a no to all marketing topics. */
extern Kept digest_keep_refusal(const char *address, TimestampTz at);

/* What was noted about these digests, as in an imported list, goes; returns of how many. */
extern uint64 digest_erase_notes(Datum digests);

/*
 * The person is back, with a yes of their own to this topic: what was kept of their
 * choices becomes preferences again, so that the rules of choices decide.  Before the
 * yes is recorded, within owner_spi_begin(), after consent_log_hold().
 */
extern void digest_give_back_choices(const char *address, const char *topic);

/* The same for those of many choices that bring somebody back. */
extern void digest_give_back_all(const ConsentChoice *choices, int count);

/*
 * Ends suppressions by digest of this topic and cause (NULL: of any), but no choice of
 * the person's own; returns how many lasted at that time.
 */
extern int	digest_release(const char *address, const char *topic, const char *cause, TimestampTz at);

/*
 * Removes keyed digests that are over at that time: nothing is kept of a person longer
 * than it counts.  A plain one may be of an imported list.
 */
extern void digest_sweep(TimestampTz at);

#endif
