/*
 * preference.h
 *		What a person said about one topic, or about all of them, act by act.
 *
 * Three things may stand side by side: a yes or a no, a pause, and a request that
 * waits for its confirmation.  Feed the acts about one topic in the order of their
 * times; what stands is the same whenever they came in.  Times are microseconds,
 * from any beginning.
 */
#ifndef BOUNCE_PREFERENCE_H
#define BOUNCE_PREFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum PreferenceState
{
	PREFERENCE_NONE,			/* nobody said anything */
	PREFERENCE_PENDING,
	PREFERENCE_SUBSCRIBED,
	PREFERENCE_UNSUBSCRIBED,
	PREFERENCE_SNOOZED
} PreferenceState;

#define PREFERENCE_STATE_COUNT (PREFERENCE_SNOOZED + 1)

typedef enum ConsentAct
{
	CONSENT_SUBSCRIBE,
	CONSENT_REQUEST,			/* a yes that needs to be confirmed */
	CONSENT_CONFIRM,
	CONSENT_UNSUBSCRIBE,
	CONSENT_SNOOZE,
	CONSENT_RESUME
} ConsentAct;

#define CONSENT_ACT_COUNT (CONSENT_RESUME + 1)

/* Who said so; the higher one stands above the lower. */
typedef enum ConsentSource
{
	SOURCE_BOUNCE,
	SOURCE_IMPORT,
	SOURCE_COMPLAINT,
	SOURCE_OPERATOR,
	SOURCE_PERSON
} ConsentSource;

#define CONSENT_SOURCE_COUNT (SOURCE_PERSON + 1)

/* Without end */
#define CHOICE_ENDLESS INT64_MAX

typedef struct Choice
{
	PreferenceState state;
	ConsentSource source;
	int64_t		since;
	int64_t		until;			/* end of a pause, or of the time to confirm */
	int			number;			/* of the act, which counts where times are the same; 0: not known */
} Choice;

/* Each with state PREFERENCE_NONE where there is none: all zero is the beginning. */
typedef struct Standing
{
	Choice		base;			/* a yes or a no */
	Choice		pause;
	Choice		request;
} Standing;

typedef struct PreferenceAct
{
	ConsentAct	act;
	ConsentSource source;
	int64_t		at;
	int64_t		until;			/* of CONSENT_SNOOZE and CONSENT_REQUEST */
	int			number;
} PreferenceAct;

typedef enum MoveResult
{
	MOVE_MADE,
	MOVE_NEEDLESS,				/* it was so already */
	MOVE_REFUSED,				/* it cannot be made from that state */
	MOVE_OUTRANKED				/* a higher source stands */
} MoveResult;

/* Makes the act's move; unless MOVE_MADE, only what is over at its time goes. */
extern MoveResult preference_move(Standing *standing, const PreferenceAct *act);

/* What stands at that time. */
extern const Choice *preference_at(const Standing *standing, int64_t at);

/* What outranks the act there, or NULL. */
extern const Choice *preference_outranking(const Standing *standing, const PreferenceAct *act);

/* Does what was said about one topic stand against what was said about all of them? */
extern bool preference_stands_above(const Choice *own, const Choice *global);

/*
 * What stands as a row keeps it: one choice, and what it returns to when its time is
 * over (state PREFERENCE_NONE: to nothing).
 */
extern void preference_row(const Standing *standing, Choice *now, Choice *before);

/* Names as they are stored; NULL for what is none, -1 for an unknown name. */
extern const char *preference_state_name(PreferenceState state);
extern const char *consent_act_name(ConsentAct act);
extern const char *consent_source_name(ConsentSource source);
extern int	preference_state_named(const char *name, size_t length);
extern int	consent_act_named(const char *name, size_t length);
extern int	consent_source_named(const char *name, size_t length);

#endif
