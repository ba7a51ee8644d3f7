/*
 * NAME
 *		ladder - the arithmetic of a lease that climbs a ladder of durations
 *
 * SUMMARY
 *		An address that bounces is left alone for a first, short time.  Each
 *		occurrence within that time (a send attempt, another bounce) climbs one
 *		step and moves the end: to the occurrence plus the duration of the new
 *		step, but never nearer.  At the top each occurrence re-arms the top
 *		duration.  A lease that ran out is over; the next bounce begins anew.
 *
 * IN AND OUT
 *		Times and durations in microseconds, see ladder.h.  A Ladder must hold
 *		1 .. LADDER_MAX_STEPS durations above 0: whoever fills it checks.
 *
 * ERRORS
 *		None.  Sums that leave the calendar become LADDER_FOREVER, a count at its
 *		maximum stays there.
 *
 * SOURCE
 *		The managed suppression list of Azure Communication Services.
 */
#include "ladder.h"

#include <stddef.h>

#define HOUR INT64_C(3600000000)
#define DAY (24 * HOUR)

/* 294277-01-01: the first instant that a timestamptz cannot hold */
#define END_OF_TIME INT64_C(9223371331200000000)

const Ladder acs_ladder = {
	.length = 5,
	.step = {24 * HOUR, 48 * HOUR, 96 * HOUR, 168 * HOUR, 336 * HOUR},
};

/* time_plus - at + duration, saturating at infinity */
int64_t
time_plus(int64_t at, int64_t duration)
{
	if (at == INT64_MIN || at >= END_OF_TIME)
		return at;
	if (duration == LADDER_FOREVER || (at > 0 && duration >= END_OF_TIME - at))
		return LADDER_FOREVER;
	return at + duration >= END_OF_TIME ? LADDER_FOREVER : at + duration;
}

/* duration_of - days of 24 hours and microseconds, saturating */
int64_t
duration_of(int32_t days, int64_t microseconds)
{
	int64_t		whole = days + microseconds / DAY;
	int64_t		rest = microseconds % DAY;

	/* The last whole day of either range is given up, so that adding the rest cannot overflow. */
	if (whole >= INT64_MAX / DAY)
		return LADDER_FOREVER;
	if (whole <= INT64_MIN / DAY)
		return INT64_MIN;
	return whole * DAY + rest;
}

/* capped - a step number within the ladder */
static int
capped(int step, const Ladder *ladder)
{
	if (step < 1)
		return 1;
	return step < ladder->length ? step : ladder->length;
}

/* lease_begin - the first occurrence of a cycle */
Lease
lease_begin(int64_t at, const Ladder *ladder, int first_step)
{
	int			step = capped(first_step, ladder);

	return (Lease) {
		.step = (int16_t) step,
		.occurrences = 1,
		.starts_at = at,
		.expires_at = time_plus(at, ladder->step[step - 1]),
	};
}

/* lease_active - is this instant within the half-open lease? */
bool
lease_active(const Lease *lease, int64_t at)
{
	return at >= lease->starts_at && at < lease->expires_at;
}

/* lease_climb - an occurrence while the lease is active */
Lease
lease_climb(Lease lease, int64_t at, const Ladder *ladder)
{
	int64_t		end;

	if (!lease_active(&lease, at))
		return lease;

	lease.step = (int16_t) capped(lease.step + 1, ladder);
	if (lease.occurrences < INT32_MAX)
		lease.occurrences++;
	end = time_plus(at, ladder->step[lease.step - 1]);
	if (end > lease.expires_at)
		lease.expires_at = end;
	return lease;
}

/* lease_occur - the next event of a fold in time order */
Lease
lease_occur(Lease lease, int64_t at, const Ladder *ladder)
{
	return at < lease.expires_at ? lease_climb(lease, at, ladder) : lease_begin(at, ladder, 1);
}

/* lease_problem - what is wrong with a lease from outside */
const char *
lease_problem(const Lease *lease)
{
	if (lease->step < 1 || lease->step > LADDER_MAX_STEPS)
		return "Its step is not a step of any ladder.";
	if (lease->occurrences < 1)
		return "It has less than one occurrence.";
	if (lease->starts_at > lease->expires_at)
		return "It starts after its end.";
	return NULL;
}
