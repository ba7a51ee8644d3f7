/*
 * lease.h
 *		Ladders as SQL writes them, for the parts of the extension that keep leases.
 */
#ifndef BOUNCE_LEASE_H
#define BOUNCE_LEASE_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/array.h"

#include "ladder.h"

/*
 * Reads an interval[] of 1 to 32 durations above 0; a day is 24 hours.  Raises
 * 22023 for anything else: months, NULL elements, an empty or nested array.
 */
extern void ladder_from_array(ArrayType *array, Ladder *ladder);

/* Refuses an occurrence at plus or minus infinity with 22008. */
extern void check_occurrence(int64 at);

/* The lease as the bounce.lease that the running SQL function returns. */
extern Datum lease_to_datum(FunctionCallInfo fcinfo, const Lease *lease);

#endif
