/*
 * fold.h
 *		The fold: what the events of one address, in the order of their times, leave.
 *
 * Feed the events and the releases of one address in time order; after each call
 * the fold holds the latest cycle, and says when an earlier one ended.  Nothing
 * is allocated; the same events in give the same state out, whenever they came in.
 */
#ifndef BOUNCE_FOLD_H
#define BOUNCE_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "bounce_class.h"
#include "ladder.h"
#include "smtp_status.h"

/* What a policy makes of a class. */
typedef enum PolicyEffect
{
	POLICY_NONE,
	POLICY_LEASE,
	POLICY_COUNT,
	POLICY_COMPLAINT,
	POLICY_UNSUBSCRIBE,
	POLICY_ACS					/* a lease where Azure's list says hard */
} PolicyEffect;

#define FOLD_MAX_THRESHOLD 64

typedef struct PolicyRule
{
	PolicyEffect effect;
	Ladder		ladder;			/* one step LADDER_FOREVER: until released */
	int			threshold;		/* POLICY_COUNT: 1 .. FOLD_MAX_THRESHOLD */
	int64_t		within;			/* POLICY_COUNT: microseconds, > 0 */
	int64_t		memory;			/* microseconds; 0 = none */
	int64_t		max_total;		/* microseconds; 0 = no limit */
} PolicyRule;

typedef struct FoldEvent
{
	int64_t		at;
	int64_t		sent_at;		/* INT64_MIN: not known */
	BounceClass klass;
	SmtpStatus	status;
} FoldEvent;

/* One lease from its beginning on. */
typedef struct Cycle
{
	Lease		lease;
	BounceClass klass;			/* of the last bounce in it */
	SmtpStatus	status;
	int64_t		last_event_at;
	const PolicyRule *rule;		/* of the last bounce in it; NULL: none any more, nothing climbs */
} Cycle;

typedef struct Fold
{
	bool		present;		/* is there a latest cycle? */
	Cycle		cycle;
	bool		ended;			/* did the last call end an earlier cycle? */
	Cycle		ended_cycle;
	int			counted;		/* events that count towards a threshold */
	int64_t		count_at[FOLD_MAX_THRESHOLD];
} Fold;

extern void fold_start(Fold *fold);

/*
 * A bounce with this rule (POLICY_LEASE, POLICY_COUNT or POLICY_ACS).  Returns true when
 * it began or climbed a lease: then it is an occurrence.
 */
extern bool fold_bounce(Fold *fold, const FoldEvent *event, const PolicyRule *rule);

/* A send attempt that was withheld: climbs an active lease. */
extern bool fold_attempt(Fold *fold, int64_t at);

/* A release by hand: ends an active lease at that time; ended_cycle is then cut there. */
extern bool fold_release(Fold *fold, int64_t at);

#endif
