/*
 * consent.h
 *		Changes of preference, with evidence.
 *
 * Every choice has a source and a time of its own.  What stands is the fold of the
 * choices on record (preference.h): of a higher source before a lower one, of one
 * source the latest, whatever the order in which they came in.  bounce.preference
 * holds it, bounce.consent_log the choices.
 */
#ifndef BOUNCE_CONSENT_H
#define BOUNCE_CONSENT_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "preference.h"

typedef struct ConsentChoice
{
	const char *address;		/* canonical */
	const char *topic;			/* '' = all marketing topics */
	ConsentAct	act;			/* CONSENT_SUBSCRIBE is CONSENT_REQUEST for a topic with opt_in double */
	const char *source;			/* person, operator, complaint, import or bounce; else 22023 */
	TimestampTz at;				/* finite; the future counts as now */
	TimestampTz until;			/* of CONSENT_SNOOZE: finite, after at */
	Datum		evidence;		/* jsonb, or 0 for none */
	bool		lenient;		/* a yes that would raise an error is left out; not for the other acts */
} ConsentChoice;

/*
 * Puts the choice on record and, unless another stands above it, in force: writes
 * bounce.consent_log and bounce.preference as their owner.  Returns true when what
 * stands about the topic changed, or when a request now waits to be confirmed.  Waits for a concurrent choice of the same
 * address, and only for that.
 *
 * CONSENT_UNSUBSCRIBE always goes through, for any topic.  The others raise LH001
 * when a higher source stands, LH004 when the move cannot be made (as a
 * confirmation of nothing, or one that comes too late), LH005 for a topic without
 * a row in bounce.topic; and return false when it was so already.
 */
extern bool consent_choose(const ConsentChoice *choice);

/*
 * The person of this canonical address does not want the topic ('' = all
 * marketing topics) any more: consent_choose() of CONSENT_UNSUBSCRIBE.  Returns false
 * when nothing changed (already so, or a later or higher choice stands).  Takes
 * nothing of an address before it has waited for every other writer of that
 * address, so callers with many addresses come in address order to be free of
 * deadlocks.
 */
extern bool consent_unsubscribe(const char *address, const char *topic, const char *source,
								TimestampTz at, Datum evidence);

/*
 * Is it a yes of the person's own, or told for them, which ends what was kept of their
 * choices when they were forgotten?  A request may be anybody's.
 */
extern bool consent_brings_back(ConsentAct act, ConsentSource source);

/* 22023 for an unknown name */
extern ConsentSource consent_source(const char *name);

#endif
