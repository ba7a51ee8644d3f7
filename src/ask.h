/*
 * ask.h
 *		Is an address suppressed?  Read-only, by direct index probes where the
 *		tables are plain, through SPI otherwise (state_table.h knows which).
 *
 * Addresses are canonical.  topic NULL: asked without a topic.  Everything is
 * seen under the active snapshot: a trigger that must see what was committed a
 * moment ago pushes a new one first.
 */
#ifndef BOUNCE_ASK_H
#define BOUNCE_ASK_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* An active suppression of the address or its domain, or what the person said. */
extern bool ask_suppressed(const char *address, const char *topic, TimestampTz at);

/*
 * End of the longest active suppression of the address itself that stops all
 * topics (any cause, topic ''), for the quarantine column; DT_NOBEGIN when there is none.
 */
extern TimestampTz ask_quarantined_until(const char *address, TimestampTz at);

#endif
