/*++
 * NAME
 *	preference 3
 * SUMMARY
 *	what stands about a topic after what a person said
 * SYNOPSIS
 *	#include "preference.h"
 *
 *	MoveResult	preference_move(Standing *standing, const PreferenceAct *act)
 *	const Choice *preference_at(const Standing *standing, int64_t at)
 *	const Choice *preference_outranking(const Standing *standing, const PreferenceAct *act)
 *	bool	preference_stands_above(const Choice *own, const Choice *global)
 *	void	preference_row(const Standing *standing, Choice *now, Choice *before)
 * DESCRIPTION
 *	moves[] is the whole state machine.  The state that it asks for is the one
 *	that shows at the time of the act: a pause over all else, a yes or a no over
 *	a request, except that a request shows while there is no yes.
 *
 *	A lower source never replaces what a higher one said; of one rank the later
 *	act wins.  A request and a pause end by themselves, so what they covered is
 *	kept.  A new no ends what is open; a new yes too.
 * DIAGNOSTICS
 *	A move that cannot be made says why not and leaves standing as it is.
 *--*/
#include <string.h>

#include "preference.h"

typedef enum Move
{
	REFUSE,
	KEEP,
	CHOOSE,						/* a yes or a no */
	ASK,						/* waits to be confirmed */
	CONFIRM,					/* a yes, if a request is open */
	PAUSE,
	RESUME
} Move;

/* By what shows, and by the act. */
static const Move moves[PREFERENCE_STATE_COUNT][CONSENT_ACT_COUNT] = {
	/*                          subscribe request  confirm  unsubscribe snooze resume */
	[PREFERENCE_NONE] =         {CHOOSE,  ASK,     REFUSE,  CHOOSE,     PAUSE,  REFUSE},
	[PREFERENCE_PENDING] =      {CHOOSE,  ASK,     CONFIRM, CHOOSE,     REFUSE, REFUSE},
	[PREFERENCE_SUBSCRIBED] =   {CHOOSE,  ASK,     CONFIRM, CHOOSE,     PAUSE,  KEEP},
	[PREFERENCE_UNSUBSCRIBED] = {CHOOSE,  ASK,     REFUSE,  CHOOSE,     REFUSE, REFUSE},
	[PREFERENCE_SNOOZED] =      {CHOOSE,  ASK,     CONFIRM, CHOOSE,     PAUSE,  RESUME},
};

static const char *const state_names[PREFERENCE_STATE_COUNT] = {
	NULL, "pending", "subscribed", "unsubscribed", "snoozed"
};

static const char *const act_names[CONSENT_ACT_COUNT] = {
	"subscribe", "request", "confirm", "unsubscribe", "snooze", "resume"
};

static const char *const source_names[CONSENT_SOURCE_COUNT] = {
	"bounce", "import", "complaint", "operator", "person"
};

static const Choice nothing = {PREFERENCE_NONE, SOURCE_BOUNCE, 0, 0, 0};

/* is_open - does it stand, and is its time not over? */
static bool
is_open(const Choice *choice, int64_t at)
{
	return choice->state != PREFERENCE_NONE && at < choice->until;
}

/* outranks - does what stands come from a higher source than the act? */
static bool
outranks(const Choice *choice, const PreferenceAct *act)
{
	return choice->state != PREFERENCE_NONE && choice->source > act->source;
}

/* expire - take away what ended by itself */
static void
expire(Standing *standing, int64_t at)
{
	if (!is_open(&standing->pause, at))
		standing->pause = nothing;
	if (!is_open(&standing->request, at))
		standing->request = nothing;
}

/* choose - a yes or a no in place of the one that stands */
static MoveResult
choose(Standing *standing, const PreferenceAct *act, PreferenceState state)
{
	if (outranks(&standing->base, act))
		return standing->base.state == state ? MOVE_NEEDLESS : MOVE_OUTRANKED;
	standing->base = (Choice) {state, act->source, act->at, CHOICE_ENDLESS, act->number};
	if (!outranks(&standing->pause, act))
		standing->pause = nothing;
	if (state == PREFERENCE_SUBSCRIBED || !outranks(&standing->request, act))
		standing->request = nothing;
	return MOVE_MADE;
}

/* ask - a request beside what stands */
static MoveResult
ask(Standing *standing, const PreferenceAct *act)
{
	if (outranks(&standing->request, act))
		return MOVE_NEEDLESS;
	if (outranks(&standing->base, act))
		return standing->base.state == PREFERENCE_SUBSCRIBED ? MOVE_NEEDLESS : MOVE_OUTRANKED;
	standing->request = (Choice) {PREFERENCE_PENDING, act->source, act->at, act->until, act->number};
	return MOVE_MADE;
}

/* confirm - the yes that was requested; told again it is needless */
static MoveResult
confirm(Standing *standing, const PreferenceAct *act)
{
	if (standing->request.state == PREFERENCE_NONE)
		return MOVE_NEEDLESS;
	if (outranks(&standing->request, act))
		return MOVE_OUTRANKED;
	return choose(standing, act, PREFERENCE_SUBSCRIBED);
}

/* snooze - no mail until then, whatever stands */
static MoveResult
snooze(Standing *standing, const PreferenceAct *act)
{
	if (outranks(&standing->base, act) || outranks(&standing->pause, act))
		return MOVE_OUTRANKED;
	standing->pause = (Choice) {PREFERENCE_SNOOZED, act->source, act->at, act->until, act->number};
	return MOVE_MADE;
}

/* resume - back to what the pause covered */
static MoveResult
resume(Standing *standing, const PreferenceAct *act)
{
	if (outranks(&standing->pause, act))
		return MOVE_OUTRANKED;
	standing->pause = nothing;
	return MOVE_MADE;
}

MoveResult
preference_move(Standing *standing, const PreferenceAct *act)
{
	expire(standing, act->at);
	switch (moves[preference_at(standing, act->at)->state][act->act])
	{
		case KEEP:
			return MOVE_NEEDLESS;
		case CHOOSE:
			return choose(standing, act, act->act == CONSENT_SUBSCRIBE ? PREFERENCE_SUBSCRIBED : PREFERENCE_UNSUBSCRIBED);
		case ASK:
			return ask(standing, act);
		case CONFIRM:
			return confirm(standing, act);
		case PAUSE:
			return snooze(standing, act);
		case RESUME:
			return resume(standing, act);
		default:
			return MOVE_REFUSED;
	}
}

const Choice *
preference_at(const Standing *standing, int64_t at)
{
	if (is_open(&standing->pause, at))
		return &standing->pause;
	if (standing->base.state != PREFERENCE_SUBSCRIBED && is_open(&standing->request, at))
		return &standing->request;
	return &standing->base;
}

const Choice *
preference_outranking(const Standing *standing, const PreferenceAct *act)
{
	const Choice *choices[] = {&standing->base, &standing->pause, &standing->request};

	for (int i = 0; i < 3; i++)
		if (outranks(choices[i], act))
			return choices[i];
	return NULL;
}

bool
preference_stands_above(const Choice *own, const Choice *global)
{
	if (own->state == PREFERENCE_NONE || global->state == PREFERENCE_NONE)
		return own->state != PREFERENCE_NONE;
	if (own->source != global->source)
		return own->source > global->source;
	return own->since > global->since || (own->since == global->since && own->number > global->number);
}

void
preference_row(const Standing *standing, Choice *now, Choice *before)
{
	*now = standing->base;
	*before = nothing;
	if (standing->pause.state != PREFERENCE_NONE)
		*now = standing->pause;
	else if (standing->base.state != PREFERENCE_SUBSCRIBED && standing->request.state != PREFERENCE_NONE)
		*now = standing->request;
	if (now->state != standing->base.state)
		*before = standing->base;
}

/* named - the place of a name in a list; -1: none */
static int
named(const char *const *names, int count, const char *name, size_t length)
{
	for (int i = 0; i < count; i++)
		if (names[i] != NULL && strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return i;
	return -1;
}

const char *
preference_state_name(PreferenceState state)
{
	return state_names[state];
}

const char *
consent_act_name(ConsentAct act)
{
	return act_names[act];
}

const char *
consent_source_name(ConsentSource source)
{
	return source_names[source];
}

int
preference_state_named(const char *name, size_t length)
{
	return named(state_names, PREFERENCE_STATE_COUNT, name, length);
}

int
consent_act_named(const char *name, size_t length)
{
	return named(act_names, CONSENT_ACT_COUNT, name, length);
}

int
consent_source_named(const char *name, size_t length)
{
	return named(source_names, CONSENT_SOURCE_COUNT, name, length);
}
