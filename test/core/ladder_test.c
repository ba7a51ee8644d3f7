/*
 * ladder_test.c
 *		What always holds for leases, tried on many random ones.
 *
 * cc -Isrc/core -Itest/core test/core/ladder_test.c src/core/ladder.c
 */
#include <stdlib.h>
#include <string.h>

#include "ladder.h"
#include "tap.h"

#define HOUR INT64_C(3600000000)
#define ROUNDS 100000
#define EVENTS 40

/* wide enough for every sum of two int64 */
__extension__ typedef __int128 Wide;

/* the last microsecond of the calendar */
#define LAST_TIME (INT64_C(9223371331200000000) - 1)

static Ladder
random_ladder(void)
{
	Ladder		ladder = {.length = 1 + (int) random_below(LADDER_MAX_STEPS)};

	for (int i = 0; i < ladder.length; i++)
		ladder.step[i] = random_below(20) == 0 ? LADDER_FOREVER : 1 + random_below(400 * HOUR);
	return ladder;
}

static bool
same_lease(Lease a, Lease b)
{
	return a.step == b.step && a.occurrences == b.occurrences &&
		a.starts_at == b.starts_at && a.expires_at == b.expires_at;
}

static int
compare_times(const void *a, const void *b)
{
	int64_t		left = *(const int64_t *) a;
	int64_t		right = *(const int64_t *) b;

	return (left > right) - (left < right);
}

/* A time before, at the edges of, within or after the lease */
static int64_t
time_near(const Lease *lease)
{
	switch (random_below(5))
	{
		case 0:
			return lease->starts_at - random_below(3);
		case 1:
			return lease->expires_at == LADDER_FOREVER ? lease->starts_at : lease->expires_at - random_below(3);
		case 2:
			return lease->starts_at + random_below(500 * HOUR);
		default:
			return lease->starts_at + random_below(48 * HOUR);
	}
}

static void
begins(void)
{
	bool		right = true;

	for (int i = 0; i < ROUNDS; i++)
	{
		Ladder		ladder = random_ladder();
		int64_t		at = random_below(1000 * HOUR) - 500 * HOUR;
		int			first = (int) random_below(40) - 2;
		Lease		lease = lease_begin(at, &ladder, first);

		right &= lease.step >= 1 && lease.step <= ladder.length && lease.occurrences == 1;
		right &= first < 1 || first > ladder.length || lease.step == first;
		right &= lease.starts_at == at && lease.expires_at == time_plus(at, ladder.step[lease.step - 1]);
		right &= lease_active(&lease, at) && !lease_active(&lease, at - 1);
		right &= !lease_active(&lease, lease.expires_at) && lease_active(&lease, lease.expires_at - 1);
		right &= lease_problem(&lease) == NULL;
	}
	ok(right, "a lease begins on its step, and is the half-open interval of its duration");
}

static void
climbs(void)
{
	bool		within = true;
	bool		outside = true;

	for (int i = 0; i < ROUNDS; i++)
	{
		Ladder		ladder = random_ladder();
		Lease		before = lease_begin(random_below(1000 * HOUR), &ladder, 1 + (int) random_below(5));
		int64_t		at = time_near(&before);
		Lease		after = lease_climb(before, at, &ladder);

		if (!lease_active(&before, at))
		{
			outside &= same_lease(before, after);
			continue;
		}
		within &= after.step == (before.step < ladder.length ? before.step + 1 : before.step);
		within &= after.occurrences == before.occurrences + 1 && after.starts_at == before.starts_at;
		within &= after.expires_at >= before.expires_at;
		within &= after.expires_at >= time_plus(at, ladder.step[after.step - 1]);
		within &= after.expires_at == before.expires_at ||
			after.expires_at == time_plus(at, ladder.step[after.step - 1]);
	}
	ok(within, "an occurrence within a lease climbs one step and never shortens it");
	ok(outside, "an occurrence outside a lease leaves it as it is");
}

/* Replays the events on paper: every cycle from its first event on. */
static void
folds(void)
{
	bool		right = true;

	for (int i = 0; i < ROUNDS / 10; i++)
	{
		Ladder		ladder = random_ladder();
		int64_t		at[EVENTS];
		int			first = 0;
		Lease		lease;
		int64_t		end;

		for (int e = 0; e < EVENTS; e++)
			at[e] = random_below(3000 * HOUR);
		qsort(at, EVENTS, sizeof(at[0]), compare_times);

		lease = lease_begin(at[0], &ladder, 1);
		end = lease.expires_at;
		for (int e = 1; e < EVENTS; e++)
		{
			int64_t		armed;
			int			step;

			lease = lease_occur(lease, at[e], &ladder);
			if (at[e] >= end)
			{
				first = e;
				end = INT64_MIN;
			}
			step = e - first + 1 < ladder.length ? e - first + 1 : ladder.length;
			armed = time_plus(at[e], ladder.step[step - 1]);
			end = armed > end ? armed : end;
			right &= lease.step == step && lease.occurrences == e - first + 1;
			right &= lease.starts_at == at[first] && lease.expires_at == end;
		}
	}
	ok(right, "a fold in time order climbs within a cycle and begins anew after it");
}

static void
sums(void)
{
	bool		right = true;

	for (int i = 0; i < ROUNDS; i++)
	{
		int64_t		at = (int64_t) (random_number() >> 1) - (int64_t) random_below(INT64_MAX / 40);
		int64_t		duration = 1 + random_below(INT64_MAX);
		int64_t		sum = time_plus(at, duration);

		if (at > LAST_TIME)
			right &= sum == at;
		else if ((Wide) at + duration > LAST_TIME)
			right &= sum == LADDER_FOREVER;
		else
			right &= sum == at + duration;
	}
	ok(right, "a sum that leaves the calendar is infinity");
	ok(time_plus(INT64_MAX, 1) == INT64_MAX, "infinity stays");
	ok(time_plus(INT64_MIN, 1) == INT64_MIN, "minus infinity stays");
	ok(time_plus(0, LADDER_FOREVER) == LADDER_FOREVER, "a step without end has no end");
	ok(time_plus(-HOUR, LADDER_FOREVER) == LADDER_FOREVER, "nor has one that starts before 2000");
	ok(time_plus(LAST_TIME - HOUR, HOUR) == LAST_TIME, "the last microsecond of the calendar is an end");
	ok(time_plus(LAST_TIME, 1) == LADDER_FOREVER, "the one after it is infinity");
}

static void
durations(void)
{
	bool		right = true;

	for (int i = 0; i < ROUNDS; i++)
	{
		int32_t		days = (int32_t) random_number() >> random_below(31);
		int64_t		rest = (int64_t) random_number() >> random_below(63);
		Wide		sum = (Wide) days * 24 * HOUR + rest;
		int64_t		duration = duration_of(days, rest);

		if (duration != LADDER_FOREVER && duration != INT64_MIN)
			right &= duration == sum;
		else
			right &= sum > INT64_MAX - 48 * HOUR || sum < INT64_MIN + 48 * HOUR;
	}
	ok(right, "days and microseconds add up, or saturate");
	ok(duration_of(1, -12 * HOUR) == 12 * HOUR, "signs may differ");
	ok(duration_of(INT32_MAX, INT64_MIN) == LADDER_FOREVER, "more days than a duration holds are without end");
	ok(duration_of(INT32_MIN, INT64_MAX) == INT64_MIN, "and as many the other way");
}

static void
problems(void)
{
	Lease		lease = lease_begin(0, &acs_ladder, 1);
	Lease		bad = lease;

	ok(lease_problem(&lease) == NULL, "a lease that was begun can be");
	bad.step = 0;
	ok(lease_problem(&bad) != NULL, "not one on step 0");
	bad.step = LADDER_MAX_STEPS + 1;
	ok(lease_problem(&bad) != NULL, "nor above the highest ladder");
	bad = lease;
	bad.occurrences = 0;
	ok(lease_problem(&bad) != NULL, "nor one without occurrence");
	bad = lease;
	bad.expires_at = bad.starts_at - 1;
	ok(lease_problem(&bad) != NULL, "nor one that ends before it starts");
}

static void
counts(void)
{
	Lease		lease = lease_begin(0, &acs_ladder, 1);

	lease.occurrences = INT32_MAX;
	lease = lease_climb(lease, 1, &acs_ladder);
	ok(lease.occurrences == INT32_MAX && lease.step == 2, "the count stops at its maximum, the climb does not");
}

int
main(void)
{
	begins();
	climbs();
	folds();
	sums();
	durations();
	problems();
	counts();
	return tap_end();
}
