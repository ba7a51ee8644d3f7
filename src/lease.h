/*
 * lease.h
 *		Ladders as SQL writes them, for the parts of the extension that keep leases.
 */
#ifndef BOUNCE_LEASE_H
#define BOUNCE_LEASE_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/array.h"
#include "utils/timestamp.h"

#include "ladder.h"

/*
 * Reads an interval[] of 1 to 32 durations above 0; a day is 24 hours.  Raises
 * 22023 for anything else: months, NULL elements, an empty or nested array.
 */
extern void ladder_from_array(ArrayType *array, Ladder *ladder);

/*
 * An interval in microseconds, days as 24 hours, infinity as LADDER_FOREVER.  Raises
 * 22023 for months; "what" names the value in the message.
 */
extern int64 duration_from_interval(const Interval *interval, const char *what);

/* Refuses an occurrence at plus or minus infinity with 22008. */
extern void check_occurrence(int64 at);

/* The lease as the bounce.lease that the running SQL function returns. */
extern Datum lease_to_datum(FunctionCallInfo fcinfo, const Lease *lease);

#endif
