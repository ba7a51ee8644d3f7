/*
 * consent.h
 *		Changes of preference, with evidence.
 *
 * Every choice has a source and a time of its own.  The choice that stands is the
 * latest one of the highest source: person, operator, complaint, import, bounce.
 * bounce.preference holds it; it is the fold of bounce.consent_log, whatever the
 * order in which the choices came in.
 */
#ifndef BOUNCE_CONSENT_H
#define BOUNCE_CONSENT_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct ConsentChoice
{
	const char *address;		/* canonical */
	const char *topic;			/* '' = all marketing topics */
	const char *state;			/* subscribed or unsubscribed */
	const char *source;			/* of the five above; anything else raises 22023 */
	TimestampTz at;				/* finite; the future counts as now */
	Datum		evidence;		/* jsonb, or 0 for none */
} ConsentChoice;

/*
 * Puts the choice on record and, unless another stands above it, in force: writes
 * bounce.consent_log and bounce.preference as their owner.  Returns true when the
 * state changed.  Waits for a concurrent choice of the same address, and only for
 * that.
 */
extern bool consent_choose(const ConsentChoice *choice);

/*
 * The person of this canonical address does not want the topic ('' = all
 * marketing topics) any more: consent_choose() of unsubscribed.  Returns false when
 * nothing changed (already so, or a later or higher choice stands).  Takes nothing
 * of an address before it has waited for every other writer of that address, so
 * callers with many addresses come in address order to be free of deadlocks.
 */
extern bool consent_unsubscribe(const char *address, const char *topic, const char *source,
								TimestampTz at, Datum evidence);

/* How much a source counts, a person's own word most; 22023 for an unknown one. */
extern int	consent_source_rank(const char *source);

#endif
