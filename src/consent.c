/*
 * consent.c
 *		Changes of preference, with evidence: the rules.
 *
 * What goes on record: every choice of a person, an operator or a complaint, once;
 * of an import or a bounce, which repeat themselves, what changes what stands.  What
 * is refused or needless is not on record.  A no is never refused: at worst it
 * stays without effect.
 *
 * Whether a move can be made is asked of what stood at the choice's own time; what
 * stands after it is the fold of all choices.
 *
 * Errors: 22023 for an address, a topic or a source that cannot be, 22004 for a
 * NULL, 22008 for a time that cannot be, LH001 when a higher source stands, LH004
 * for a move that cannot be made, LH005 for an unknown topic, 40001 for a
 * concurrent choice of the same address under REPEATABLE READ and above, 25006 on a
 * standby.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "consent.h"
#include "consent_log.h"
#include "digest_keep.h"
#include "opt_in_follow.h"
#include "owner.h"
#include "setting.h"
#include "sqlstates.h"
#include "state_args.h"
#include "topic.h"

/* A choice on its way. */
typedef struct Attempted
{
	const ConsentChoice *choice;
	PreferenceAct said;
	const Topic *topic;			/* or NULL: a no needs none, nor do all topics */
	ConsentHead head;
	ConsentRows rows;			/* of the topic and of all topics */
	bool		global;			/* it is about all topics */
	/* what stood at its time, and what the move makes of that */
	Standing	stood;
	Standing	moved;
	MoveResult	result;
} Attempted;

ConsentSource
consent_source(const char *name)
{
	int			source = consent_source_named(name, strlen(name));

	if (source < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown source of a choice: \"%s\"", clipped(name)),
				 errhint("Sources are person, operator, complaint, import and bounce.")));
	return source;
}

/* The topic as the object of a sentence */
static const char *
named_topic(const ConsentChoice *choice)
{
	return choice->topic[0] == '\0' ? "all topics" : psprintf("topic \"%s\"", clipped(choice->topic));
}

static void
refuse_outranked(const ConsentChoice *choice, const Choice *stands, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_BOUNCE_CHOICE_STANDS),
			 errmsg("the source \"%s\" cannot overrule the choice of a \"%s\"",
					choice->source, consent_source_name(stands->source)),
			 errdetail("The address is %s for %s since %s.",
					   preference_state_name(stands->state), what, timestamptz_to_str(stands->since)),
			 errhint("A choice of the person's own is told with source => 'person' and its evidence.")));
}

static void
refuse_move(const ConsentChoice *choice, const char *detail)
{
	static const struct
	{
		const char *verb;
		const char *hint;
	}			words[] = {
		[CONSENT_SUBSCRIBE] = {"subscribe to", "It takes no subscriptions any more."},
		[CONSENT_CONFIRM] = {"confirm", "It is asked for with bounce.subscribe()."},
		[CONSENT_SNOOZE] = {"pause", "There is nothing to pause where no mail goes out."},
		[CONSENT_RESUME] = {"resume", "There is no pause to end."}
	};

	ereport(ERROR,
			(errcode(ERRCODE_BOUNCE_MOVE_REFUSED),
			 errmsg("cannot %s %s", words[choice->act].verb, named_topic(choice)),
			 errdetail("%s", detail),
			 errhint("%s", words[choice->act].hint)));
}

static void
refuse_from(const Attempted *attempted)
{
	const ConsentChoice *choice = attempted->choice;
	const Choice *stood = preference_at(&attempted->stood, attempted->said.at);
	const Choice *request = &attempted->stood.request;

	if (choice->act == CONSENT_CONFIRM && request->state != PREFERENCE_NONE)
		refuse_move(choice, psprintf("It could be confirmed until %s.", timestamptz_to_str(request->until)));
	if (stood->state == PREFERENCE_NONE)
		refuse_move(choice, "Nothing was said about it.");
	refuse_move(choice, psprintf("The address is %s since %s.", preference_state_name(stood->state), timestamptz_to_str(stood->since)));
}

/* A no to all topics that stands against an act about one of them; false: there is none. */
static bool
no_to_all(const Attempted *attempted, Choice *no)
{
	Standing	all = consent_log_fold(&attempted->rows, true, attempted->said.at);

	*no = *preference_at(&all, attempted->said.at);
	return no->state == PREFERENCE_UNSUBSCRIBED && !preference_stands_above(&attempted->stood.base, no);
}

static void
check_against_all(const Attempted *attempted)
{
	const ConsentChoice *choice = attempted->choice;
	Choice		no;

	if (!no_to_all(attempted, &no))
		return;
	if (no.source > attempted->said.source)
		refuse_outranked(choice, &no, "all topics");
	if (choice->act == CONSENT_SNOOZE)
		refuse_move(choice, psprintf("The address is unsubscribed from all topics since %s.", timestamptz_to_str(no.since)));
}

/* A topic that was given up takes no new subscriptions, nor one without a yes a pause. */
static void
check_topic(const Attempted *attempted)
{
	const ConsentChoice *choice = attempted->choice;
	const Topic *topic = attempted->topic;

	if (topic->retired_at <= attempted->said.at && choice->act != CONSENT_RESUME)
		refuse_move(choice, psprintf("The topic is retired since %s.", timestamptz_to_str(topic->retired_at)));
	if (choice->act == CONSENT_SNOOZE && topic->opt_in != OPT_IN_NONE &&
		preference_at(&attempted->stood, attempted->said.at)->state == PREFERENCE_NONE)
		refuse_move(choice, "The topic needs a yes, and there is none.");
}

static void
check_move(const Attempted *attempted)
{
	if (attempted->choice->act == CONSENT_UNSUBSCRIBE)
		return;
	if (attempted->topic != NULL && attempted->result != MOVE_NEEDLESS)
		check_topic(attempted);
	if (attempted->result == MOVE_OUTRANKED)
		refuse_outranked(attempted->choice, preference_outranking(&attempted->stood, &attempted->said),
						 named_topic(attempted->choice));
	if (attempted->result == MOVE_REFUSED)
		refuse_from(attempted);
	if (!attempted->global)
		check_against_all(attempted);
}

/* Would check_move() raise an error?  Asked of a yes or a no. */
static bool
is_refused(const Attempted *attempted)
{
	Choice		no;

	if (attempted->choice->act == CONSENT_UNSUBSCRIBE)
		return false;
	return attempted->result == MOVE_OUTRANKED || attempted->result == MOVE_REFUSED ||
		(attempted->topic != NULL && attempted->result != MOVE_NEEDLESS &&
		 attempted->topic->retired_at <= attempted->said.at) ||
		(!attempted->global && no_to_all(attempted, &no) && no.source > attempted->said.source);
}

/*
 * Is it told again: the last that this source said about the topic at that instant?
 * In one transaction, where time stands still, a no, a yes and a no are three acts.
 */
static bool
is_on_record(const Attempted *attempted)
{
	const PreferenceAct *said = &attempted->said;
	const ConsentRow *last = NULL;

	for (int i = 0; i < attempted->rows.count; i++)
	{
		const ConsentRow *row = &attempted->rows.row[i];

		if (row->number > 0 && row->global == attempted->global &&
			row->said.source == said->source && row->said.at == said->at)
			last = row;
	}
	return last != NULL && last->said.act == said->act &&
		(said->act != CONSENT_SNOOZE || last->said.until == said->until);
}

/* All choices about the topic and this one, in the order of their times. */
static Standing
fold_with(const Attempted *attempted)
{
	ConsentRows rows = {0, palloc(sizeof(ConsentRow) * (attempted->rows.count + 1))};
	bool		added = false;

	for (int i = 0; i <= attempted->rows.count; i++)
	{
		if (!added && (i == attempted->rows.count || attempted->rows.row[i].said.at > attempted->said.at))
		{
			rows.row[rows.count++] = (ConsentRow) {attempted->said.number, attempted->global, attempted->said};
			added = true;
		}
		if (i < attempted->rows.count)
			rows.row[rows.count++] = attempted->rows.row[i];
	}
	return consent_log_fold(&rows, attempted->global, DT_NOEND);
}

/* The last time that a choice about these topics was made at. */
static TimestampTz
latest_at(const Attempted *attempted)
{
	TimestampTz at = attempted->said.at;

	for (int i = 0; i < attempted->rows.count; i++)
		at = Max(at, attempted->rows.row[i].said.at);
	return at;
}

static bool
same_choice(const Choice *a, const Choice *b)
{
	return a->state == b->state && a->source == b->source && a->until == b->until;
}

/* Sources below people repeat themselves: on record is what they change. */
static bool
belongs_on_record(const Attempted *attempted, const Standing *stands, const Standing *will_stand)
{
	return attempted->said.source >= SOURCE_COMPLAINT ||
		!same_choice(&stands->base, &will_stand->base) ||
		!same_choice(&stands->pause, &will_stand->pause) ||
		!same_choice(&stands->request, &will_stand->request);
}

static ConsentEntry
entry_of(const Attempted *attempted, const PreferenceAct *said, const Standing *stood, const Standing *moved)
{
	return (ConsentEntry) {
		.address = attempted->choice->address,
		.topic = attempted->choice->topic,
		.act = consent_act_name(said->act),
		.old_state = preference_state_name(preference_at(stood, said->at)->state),
		.new_state = preference_state_name(preference_at(moved, said->at)->state),
		.until = said->until,
		.source = consent_source_name(said->source),
		.at = said->at};
}

static bool
stands_without_evidence(const Attempted *attempted)
{
	for (int i = 0; i < attempted->rows.count; i++)
		if (attempted->rows.row[i].number == 0 && attempted->rows.row[i].global == attempted->global)
			return true;
	return false;
}

/* Puts what stands without evidence on record, unless somebody else comes first. */
static void
adopt(Attempted *attempted)
{
	Standing	standing = {0};

	for (int i = 0; i < attempted->rows.count; i++)
	{
		ConsentRow *row = &attempted->rows.row[i];
		Standing	stood = standing;
		ConsentEntry entry;

		if (row->global != attempted->global)
			continue;
		row->said.number = attempted->head.number + 1;
		(void) preference_move(&standing, &row->said);
		entry = entry_of(attempted, &row->said, &stood, &standing);
		if (!consent_log_append(&attempted->head, &entry, (Datum) 0))
			return;
	}
	consent_preference_write(attempted->choice->address, attempted->choice->topic, &standing, attempted->head.number);
}

static bool
append_choice(Attempted *attempted)
{
	ConsentEntry entry = entry_of(attempted, &attempted->said, &attempted->stood, &attempted->moved);

	return consent_log_append(&attempted->head, &entry, attempted->choice->evidence);
}

/* What stood at the time of the choice, and what the choice makes of it. */
static void
look_up(Attempted *attempted)
{
	const ConsentChoice *choice = attempted->choice;

	attempted->head = consent_log_head(choice->address);
	attempted->rows = consent_log_read(choice->address, choice->topic, false);
	attempted->said.number = attempted->head.number + 1;
	attempted->stood = consent_log_fold(&attempted->rows, attempted->global, attempted->said.at);
	attempted->moved = attempted->stood;
	attempted->result = preference_move(&attempted->moved, &attempted->said);
}

/* What decides about mail of the topic: the word on it, or that on all topics. */
static const Choice *
deciding(const Attempted *attempted, const Standing *standing, const Standing *all, TimestampTz at)
{
	const Choice *own = preference_at(standing, at);
	const Choice *global = preference_at(all, at);

	return attempted->global || preference_stands_above(own, global) ||
			(global->state != PREFERENCE_UNSUBSCRIBED && global->state != PREFERENCE_SNOOZED) ?
		own :
		global;
}

/* Did it move anything: what was said about the topic, what decides, or a request that waits? */
static bool
changes(const Attempted *attempted, const Standing *stands, const Standing *will_stand)
{
	TimestampTz at = latest_at(attempted);
	Standing	all = consent_log_fold(&attempted->rows, true, DT_NOEND);
	const Choice *before = deciding(attempted, stands, &all, at);
	const Choice *after = deciding(attempted, will_stand, &all, at);

	return before->state != after->state || before->until != after->until ||
		preference_at(stands, at)->state != preference_at(will_stand, at)->state ||
		(after->state != PREFERENCE_SUBSCRIBED && after->state != PREFERENCE_SNOOZED &&
		 stands->request.until != will_stand->request.until);
}

/* What is needless is on record where it says yes or no once more. */
static bool
is_needless(const Attempted *attempted)
{
	return attempted->result == MOVE_NEEDLESS &&
		(attempted->said.act == CONSENT_CONFIRM || attempted->said.act == CONSENT_RESUME);
}

bool
consent_brings_back(ConsentAct act, ConsentSource source)
{
	return source >= SOURCE_OPERATOR && (act == CONSENT_SUBSCRIBE || act == CONSENT_CONFIRM);
}

/* One try; false when it must be tried again: another choice of the address came first. */
static bool
try_choice(Attempted *attempted, bool *changed)
{
	const ConsentChoice *choice = attempted->choice;
	Standing	stands;
	Standing	will_stand;

	*changed = false;
	if (consent_log_hold(choice->address) && consent_brings_back(attempted->said.act, attempted->said.source))
		digest_give_back_choices(choice->address, choice->topic);
	look_up(attempted);
	if (is_on_record(attempted))
		return true;
	if (choice->lenient && is_refused(attempted))
		return true;
	check_move(attempted);
	if (is_needless(attempted))
		return true;
	stands = consent_log_fold(&attempted->rows, attempted->global, DT_NOEND);
	will_stand = fold_with(attempted);
	if (!belongs_on_record(attempted, &stands, &will_stand))
		return true;
	if (stands_without_evidence(attempted))
	{
		adopt(attempted);
		return false;
	}
	if (!append_choice(attempted))
		return false;
	consent_preference_write(choice->address, choice->topic, &will_stand, attempted->head.number);
	*changed = changes(attempted, &stands, &will_stand);
	return true;
}

/* Until when a request may be confirmed. */
static TimestampTz
confirm_until(TimestampTz at)
{
	Interval	within;

	(void) setting_interval("confirm_within", &within);
	return DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(at), IntervalPGetDatum(&within)));
}

static void
check_pause(const PreferenceAct *said)
{
	if (said->until <= said->at)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("a pause must end after it begins"),
				 errdetail("It would begin at %s and end at %s.",
						   pstrdup(timestamptz_to_str(said->at)), pstrdup(timestamptz_to_str(said->until)))));
}

/* What is said, as the topic takes it. */
static PreferenceAct
act_of(const ConsentChoice *choice, const Topic *topic)
{
	PreferenceAct said = {choice->act, consent_source(choice->source), choice->at, CHOICE_ENDLESS, 0};

	/* A clock that is ahead must not make a choice that no later one can undo. */
	said.at = Min(said.at, GetCurrentTransactionStartTimestamp());
	if (said.act == CONSENT_SUBSCRIBE && topic != NULL && topic->opt_in == OPT_IN_DOUBLE)
		said.act = CONSENT_REQUEST;
	if (said.act == CONSENT_REQUEST)
		said.until = confirm_until(said.at);
	if (said.act == CONSENT_SNOOZE)
	{
		said.until = choice->until;
		check_pause(&said);
	}
	return said;
}

bool
consent_choose(const ConsentChoice *choice)
{
	Attempted	attempted = {.choice = choice, .global = choice->topic[0] == '\0'};
	Topic		topic;
	OwnerScope	scope;
	bool		changed;

	if (!attempted.global && choice->act != CONSENT_UNSUBSCRIBE)
	{
		if (!choice->lenient)
			topic_required(choice->topic, &topic);
		else if (!topic_read(cstring_to_text(choice->topic), &topic))
			return false;
		attempted.topic = &topic;
	}
	opt_in_lock(choice->address);
	owner_spi_begin(&scope);
	attempted.said = act_of(choice, attempted.topic);
	while (!try_choice(&attempted, &changed))
		CHECK_FOR_INTERRUPTS();
	owner_spi_end(&scope);
	return changed;
}

bool
consent_unsubscribe(const char *address, const char *topic, const char *source,
					TimestampTz at, Datum evidence)
{
	ConsentChoice choice = {
		.address = address, .topic = topic, .act = CONSENT_UNSUBSCRIBE, .source = source, .at = at, .evidence = evidence
	};

	return consent_choose(&choice);
}
