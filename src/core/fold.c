/*++
 * NAME
 *	fold 3
 * SUMMARY
 *	leases of one address from its events
 * SYNOPSIS
 *	#include "fold.h"
 *
 *	void	fold_start(Fold *fold)
 *	bool	fold_bounce(Fold *fold, const FoldEvent *event, const PolicyRule *rule)
 *	bool	fold_attempt(Fold *fold, int64_t at)
 *	bool	fold_release(Fold *fold, int64_t at)
 * DESCRIPTION
 *	A bounce whose rule is a lease begins a cycle, or climbs the cycle that is
 *	active.  A bounce whose rule counts begins one when the threshold is reached
 *	within the window, and climbs an active one like any other bounce.  A bounce
 *	for a mail sent before the active lease began changes nothing: that mail
 *	could not have known.
 *
 *	A new cycle starts at step 1; with memory, one step above the cycle before it
 *	if that one ended no longer ago than the memory reaches.
 *
 *	Calls must come in time order.  Times and durations are microseconds.
 * DIAGNOSTICS
 *	None: every call is defined.
 *--*/
#include <string.h>

#include "fold.h"

/* count_reached - note one event of a counting rule; is the threshold reached? */
static bool
count_reached(Fold *fold, int64_t at, const PolicyRule *rule)
{
	int			kept = 0;

	for (int i = 0; i < fold->counted; i++)
		if (time_plus(fold->count_at[i], rule->within) >= at)
			fold->count_at[kept++] = fold->count_at[i];
	/* More than the largest threshold never counts: forget the oldest. */
	if (kept == FOLD_MAX_THRESHOLD)
		memmove(fold->count_at, fold->count_at + 1, (size_t) --kept * sizeof(int64_t));
	fold->count_at[kept++] = at;
	fold->counted = kept;
	return kept >= rule->threshold;
}

/* first_step - where a new cycle enters the ladder */
static int
first_step(const Fold *fold, int64_t at, const PolicyRule *rule)
{
	if (!fold->present || rule->memory == 0 ||
		time_plus(fold->cycle.lease.expires_at, rule->memory) < at)
		return 1;
	return fold->cycle.lease.step + 1;
}

/*
 * cap_total - no cycle grows longer than its rule allows
 *
 * What was promised before stands: another rule may come into a cycle that is
 * longer already, and an end never moves nearer.
 */
static void
cap_total(Cycle *cycle, int64_t promised)
{
	int64_t		end;

	if (cycle->rule->max_total == 0)
		return;
	end = time_plus(cycle->lease.starts_at, cycle->rule->max_total);
	if (end < promised)
		end = promised;
	if (cycle->lease.expires_at > end)
		cycle->lease.expires_at = end;
}

/* note_bounce - the cycle carries the evidence of its last bounce */
static void
note_bounce(Fold *fold, const FoldEvent *event, const PolicyRule *rule, int64_t promised)
{
	fold->cycle.klass = event->klass;
	fold->cycle.status = event->status;
	fold->cycle.last_event_at = event->at;
	fold->cycle.rule = rule;
	cap_total(&fold->cycle, promised);
}

/* begin - a new cycle; the one before it, if any, has ended by itself */
static void
begin(Fold *fold, const FoldEvent *event, const PolicyRule *rule)
{
	int			step = first_step(fold, event->at, rule);

	fold->ended = fold->present;
	fold->ended_cycle = fold->cycle;
	fold->present = true;
	fold->cycle.lease = lease_begin(event->at, &rule->ladder, step);
	fold->counted = 0;
	note_bounce(fold, event, rule, event->at);
}

void
fold_start(Fold *fold)
{
	memset(fold, 0, sizeof(*fold));
}

bool
fold_bounce(Fold *fold, const FoldEvent *event, const PolicyRule *rule)
{
	int64_t		promised = fold->cycle.lease.expires_at;

	fold->ended = false;
	if (fold->present && lease_active(&fold->cycle.lease, event->at))
	{
		if (event->sent_at != INT64_MIN && event->sent_at < fold->cycle.lease.starts_at)
			return false;
		fold->cycle.lease = lease_climb(fold->cycle.lease, event->at, &rule->ladder);
		note_bounce(fold, event, rule, promised);
		return true;
	}
	if (rule->effect == POLICY_COUNT && !count_reached(fold, event->at, rule))
		return false;
	begin(fold, event, rule);
	return true;
}

bool
fold_attempt(Fold *fold, int64_t at)
{
	int64_t		promised = fold->cycle.lease.expires_at;

	fold->ended = false;
	if (!fold->present || fold->cycle.rule == NULL || !lease_active(&fold->cycle.lease, at))
		return false;
	fold->cycle.lease = lease_climb(fold->cycle.lease, at, &fold->cycle.rule->ladder);
	fold->cycle.last_event_at = at;
	cap_total(&fold->cycle, promised);
	return true;
}

bool
fold_release(Fold *fold, int64_t at)
{
	fold->ended = false;
	if (!fold->present || !lease_active(&fold->cycle.lease, at))
		return false;
	fold->ended = true;
	fold->ended_cycle = fold->cycle;
	fold->ended_cycle.lease.expires_at = at;
	fold->present = false;
	fold->counted = 0;
	return true;
}
