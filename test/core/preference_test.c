/*
 * preference_test.c
 *		Every move from every state, and what holds after any sequence of acts.
 *
 * cc -Isrc/core -Itest/core test/core/preference_test.c src/core/preference.c
 */
#include <string.h>

#include "preference.h"
#include "tap.h"

#define DAY INT64_C(86400000000)
#define ROUNDS 200000
#define ACTS 12

#define REFUSED (-1)

/* What shows after a person's act, from each state; by hand, not by the table under test. */
static const int expected[PREFERENCE_STATE_COUNT][CONSENT_ACT_COUNT] = {
	[PREFERENCE_NONE] = {PREFERENCE_SUBSCRIBED, PREFERENCE_PENDING, REFUSED,
	PREFERENCE_UNSUBSCRIBED, PREFERENCE_SNOOZED, REFUSED},
	[PREFERENCE_PENDING] = {PREFERENCE_SUBSCRIBED, PREFERENCE_PENDING, PREFERENCE_SUBSCRIBED,
	PREFERENCE_UNSUBSCRIBED, REFUSED, REFUSED},
	[PREFERENCE_SUBSCRIBED] = {PREFERENCE_SUBSCRIBED, PREFERENCE_SUBSCRIBED, PREFERENCE_SUBSCRIBED,
	PREFERENCE_UNSUBSCRIBED, PREFERENCE_SNOOZED, PREFERENCE_SUBSCRIBED},
	[PREFERENCE_UNSUBSCRIBED] = {PREFERENCE_SUBSCRIBED, PREFERENCE_PENDING, REFUSED,
	PREFERENCE_UNSUBSCRIBED, REFUSED, REFUSED},
	[PREFERENCE_SNOOZED] = {PREFERENCE_SUBSCRIBED, PREFERENCE_SNOOZED, PREFERENCE_SNOOZED,
	PREFERENCE_UNSUBSCRIBED, PREFERENCE_SNOOZED, PREFERENCE_SUBSCRIBED}
};

static PreferenceAct
said(ConsentAct act, ConsentSource source, int64_t at)
{
	return (PreferenceAct) {act, source, at, act == CONSENT_SNOOZE || act == CONSENT_REQUEST ? at + 7 * DAY : CHOICE_ENDLESS, 0};
}

static MoveResult
tell(Standing *standing, ConsentAct act, ConsentSource source, int64_t at)
{
	PreferenceAct choice = said(act, source, at);

	return preference_move(standing, &choice);
}

/* A state as a person gets there; a pause is one of a subscription. */
static Standing
standing_in(PreferenceState state)
{
	static const ConsentAct ways[] = {CONSENT_SUBSCRIBE, CONSENT_REQUEST, CONSENT_SUBSCRIBE, CONSENT_UNSUBSCRIBE, CONSENT_SUBSCRIBE};
	Standing	standing = {0};

	if (state != PREFERENCE_NONE)
		(void) tell(&standing, ways[state], SOURCE_PERSON, 0);
	if (state == PREFERENCE_SNOOZED)
		(void) tell(&standing, CONSENT_SNOOZE, SOURCE_PERSON, DAY);
	return standing;
}

static const char *
state_name(int state)
{
	const char *name = state < 0 ? "refused" : preference_state_name((PreferenceState) state);

	return name ? name : "nothing said";
}

static void
try_moves(void)
{
	for (int state = 0; state < PREFERENCE_STATE_COUNT; state++)
		for (int act = 0; act < CONSENT_ACT_COUNT; act++)
		{
			Standing	standing = standing_in((PreferenceState) state);
			bool		refused = tell(&standing, (ConsentAct) act, SOURCE_PERSON, 2 * DAY) == MOVE_REFUSED;
			int			shows = refused ? REFUSED : (int) preference_at(&standing, 2 * DAY)->state;
			char		what[100];

			snprintf(what, sizeof(what), "%s, %s: %s", state_name(state), consent_act_name((ConsentAct) act),
					 state_name(expected[state][act]));
			ok(shows == expected[state][act] &&
				   (!refused || (int) preference_at(&standing, 2 * DAY)->state == state),
			   what);
		}
}

/* A lower source never moves what a higher one said. */
static void
try_sources(void)
{
	bool		kept = true;

	for (int state = PREFERENCE_SUBSCRIBED; state < PREFERENCE_STATE_COUNT; state++)
		for (int act = 0; act < CONSENT_ACT_COUNT; act++)
			for (int source = SOURCE_BOUNCE; source < SOURCE_PERSON; source++)
			{
				Standing	standing = standing_in((PreferenceState) state);

				(void) tell(&standing, (ConsentAct) act, (ConsentSource) source, 2 * DAY);
				kept &= (int) preference_at(&standing, 2 * DAY)->state == state;
			}
	ok(kept, "no act of another source moves what a person said");
}

static void
try_times(void)
{
	Standing	standing = standing_in(PREFERENCE_PENDING);
	Choice		now;
	Choice		before;

	ok(tell(&standing, CONSENT_CONFIRM, SOURCE_PERSON, 7 * DAY - 1) == MOVE_MADE, "confirmed at the last microsecond");
	standing = standing_in(PREFERENCE_PENDING);
	ok(tell(&standing, CONSENT_CONFIRM, SOURCE_PERSON, 7 * DAY) == MOVE_REFUSED, "a microsecond later it is too late");
	ok(preference_at(&standing, 7 * DAY)->state == PREFERENCE_NONE, "and nothing stands");

	standing = standing_in(PREFERENCE_SNOOZED);
	ok(preference_at(&standing, 8 * DAY - 1)->state == PREFERENCE_SNOOZED &&
		   preference_at(&standing, 8 * DAY)->state == PREFERENCE_SUBSCRIBED,
	   "a pause is over at its very end");
	preference_row(&standing, &now, &before);
	ok(now.state == PREFERENCE_SNOOZED && now.until == 8 * DAY && before.state == PREFERENCE_SUBSCRIBED && before.since == 0,
	   "the row of a pause has what was before");
	standing = (Standing) {0};
	(void) tell(&standing, CONSENT_SNOOZE, SOURCE_PERSON, 0);
	(void) tell(&standing, CONSENT_RESUME, SOURCE_PERSON, DAY);
	ok(preference_at(&standing, DAY)->state == PREFERENCE_NONE, "a pause of nothing goes back to nothing");

	/* import: yes; person: pause; import: no, beneath it */
	standing = (Standing) {0};
	(void) tell(&standing, CONSENT_SUBSCRIBE, SOURCE_IMPORT, 0);
	(void) tell(&standing, CONSENT_SNOOZE, SOURCE_PERSON, 1);
	(void) tell(&standing, CONSENT_UNSUBSCRIBE, SOURCE_IMPORT, 2);
	ok(preference_at(&standing, 3)->state == PREFERENCE_SNOOZED &&
		   preference_at(&standing, 8 * DAY)->state == PREFERENCE_UNSUBSCRIBED,
	   "a no beneath a pause shows when that is over");

	/* a yes stands, and is asked for once more */
	standing = standing_in(PREFERENCE_SUBSCRIBED);
	ok(tell(&standing, CONSENT_REQUEST, SOURCE_PERSON, DAY) == MOVE_MADE &&
		   preference_at(&standing, DAY)->state == PREFERENCE_SUBSCRIBED &&
		   tell(&standing, CONSENT_CONFIRM, SOURCE_PERSON, 2 * DAY) == MOVE_MADE &&
		   preference_at(&standing, 2 * DAY)->since == 2 * DAY,
	   "a yes can be confirmed anew");
	ok(tell(&standing, CONSENT_CONFIRM, SOURCE_PERSON, 3 * DAY) == MOVE_NEEDLESS, "confirmed twice: harmless");
}

/* After any acts: what the person did last is what stands. */
static void
try_any(void)
{
	int64_t		wrong = 0;

	for (int round = 0; round < ROUNDS; round++)
	{
		Standing	standing = {0};
		PreferenceAct last = {0};
		bool		spoke = false;
		int64_t		at = 0;
		PreferenceState state;

		for (int i = 0; i < ACTS; i++)
		{
			PreferenceAct act = said((ConsentAct) random_below(CONSENT_ACT_COUNT), (ConsentSource) random_below(CONSENT_SOURCE_COUNT),
									 at += random_below(4 * DAY));

			if (preference_move(&standing, &act) == MOVE_MADE && act.source == SOURCE_PERSON)
			{
				last = act;
				spoke = true;
			}
		}
		if (!spoke)
			continue;
		state = preference_at(&standing, at)->state;
		if (last.act == CONSENT_UNSUBSCRIBE)
			wrong += state != PREFERENCE_UNSUBSCRIBED;
		else if (last.act == CONSENT_SUBSCRIBE || last.act == CONSENT_CONFIRM)
			wrong += state != PREFERENCE_SUBSCRIBED;
		else if (last.act == CONSENT_SNOOZE && at < last.until)
			wrong += state != PREFERENCE_SNOOZED;
	}
	ok(wrong == 0, "the person's latest act stands, whatever others said");
}

int
main(void)
{
	try_moves();
	try_sources();
	try_times();
	try_any();
	return tap_end();
}
