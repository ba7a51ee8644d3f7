/*
 * opt_in_standing.h
 *		What stands about a topic, as a yes or a no, for many addresses at once.
 */
#ifndef BOUNCE_OPT_IN_STANDING_H
#define BOUNCE_OPT_IN_STANDING_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "opt_in_table.h"

typedef struct OptInStanding
{
	bool		known;			/* false: nobody said anything that bears on it */
	Said		said;			/* SAID_NOTHING: a yes that is not confirmed yet */
	TimestampTz since;
} OptInStanding;

/*
 * Of these canonical addresses, in their order; under a new snapshot.  A no to all
 * marketing topics counts where no word on the topic stands above it; a pause is
 * neither a yes nor a no.
 */
extern void opt_in_standing(char **addresses, int count, const char *topic, OptInStanding *standing);

/*
 * Keeps the preferences of these addresses as they stand until the transaction ends,
 * but for those that it wrote itself; waits for who is changing one, in address order.
 */
extern void opt_in_standing_keep(char **addresses, int count);

#endif
