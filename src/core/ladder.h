/*
 * ladder.h
 *		The arithmetic of a suppression lease that climbs a ladder of durations.
 *
 * Times are microseconds since 2000-01-01 UTC, as in PostgreSQL; the largest and
 * smallest int64 are plus and minus infinity.  Durations are microseconds.
 * A lease is the half-open interval [starts_at, expires_at).
 */
#ifndef BOUNCE_LADDER_H
#define BOUNCE_LADDER_H

#include <stdbool.h>
#include <stdint.h>

#define LADDER_MAX_STEPS 32
#define LADDER_FOREVER INT64_MAX	/* a step, or an end, without end */

typedef struct Ladder
{
	int			length;			/* 1 .. LADDER_MAX_STEPS */
	int64_t		step[LADDER_MAX_STEPS]; /* each above 0 */
} Ladder;

typedef struct Lease
{
	int16_t		step;			/* 1 .. length */
	int32_t		occurrences;
	int64_t		starts_at;
	int64_t		expires_at;
} Lease;

/* 24, 48, 96, 168 and 336 hours */
extern const Ladder acs_ladder;

/* A new cycle at first_step (1 without memory; never above the ladder's top). */
extern Lease lease_begin(int64_t at, const Ladder *ladder, int first_step);

/* An occurrence while the lease is active; at any other time the lease is returned as it is. */
extern Lease lease_climb(Lease lease, int64_t at, const Ladder *ladder);
extern bool lease_active(const Lease *lease, int64_t at);

/*
 * One event of a fold in time order: climbs the active lease, or begins a new
 * cycle at step 1.  The first event of a fold is lease_begin's.
 */
extern Lease lease_occur(Lease lease, int64_t at, const Ladder *ladder);

/* What is wrong with a lease that came from outside, as a sentence; or NULL. */
extern const char *lease_problem(const Lease *lease);

/* at + duration, saturating at infinity */
extern int64_t time_plus(int64_t at, int64_t duration);

/* Days of 24 hours and microseconds as one duration, saturating; the signs may differ. */
extern int64_t duration_of(int32_t days, int64_t microseconds);

#endif
