/*
 * attempt.h
 *		Send attempts that met a suppression: logged as admin:suppressed, and so
 *		they climb the lease.
 */
#ifndef BOUNCE_ATTEMPT_H
#define BOUNCE_ATTEMPT_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct Attempt
{
	const char *recipient;		/* canonical */
	const char *topic;			/* or NULL */
	TimestampTz at;
} Attempt;

/*
 * Logs all of them, sorted by address, as source "guard" or "attempt"; every attempt
 * is an occurrence of its own.  Left out are addresses that a digest suppresses: there
 * is no lease to climb, and nothing is to be kept about them.  Under the active snapshot.
 * Locks the lease rows of the addresses in address
 * order.  The caller need not hold any privilege.
 */
extern void attempts_log(const Attempt *attempts, int count, const char *source);

#endif
