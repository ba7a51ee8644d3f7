/*
 * opt_in_follow.h
 *		Opt-in columns say what stands about their topics.
 */
#ifndef BOUNCE_OPT_IN_FOLLOW_H
#define BOUNCE_OPT_IN_FOLLOW_H

#include "postgres.h"

#include "utils/rel.h"

/*
 * Brings the columns of every table attached with bounce.track_preferences() in line
 * for these canonical addresses (sorted, each once), as each table's owner.  Called
 * after state was written, outside owner_spi_begin().  Costs nothing when no table is
 * attached.
 */
extern void opt_in_follow(char **addresses, int count);

/* The same for one of them; returns how many rows changed. */
extern int64 opt_in_follow_table(Relation relation, char **addresses, int count);

/*
 * Locks the rows of an address, so that who changes a preference and who changes a
 * contact come in the same order: contacts before preferences.
 */
extern void opt_in_lock(const char *address);

/*
 * Between these, preferences that are written neither lock contacts nor move their
 * columns: the caller follows them.  To be released after an error, too.
 */
extern int	opt_in_hold(void);
extern void opt_in_release(int held);

/* Is it opt_in_follow() that is writing this table?  Then the values are no news. */
extern bool opt_in_writes(Relation relation);

#endif
