/*
 * consent.h
 *		Changes of preference, with evidence.
 */
#ifndef BOUNCE_CONSENT_H
#define BOUNCE_CONSENT_H

#include "postgres.h"

#include "datatype/timestamp.h"

/*
 * The person of this canonical address does not want the topic ('' = all
 * marketing topics) any more: writes bounce.preference and bounce.consent_log.
 * source: person, operator, complaint, import or bounce.  evidence: jsonb, or 0 for
 * none.  Returns false when nothing changed (already so, or a later choice
 * stands).  Locks the preference row of (address, topic).
 */
extern bool consent_unsubscribe(const char *address, const char *topic, const char *source,
								TimestampTz at, Datum evidence);

#endif
