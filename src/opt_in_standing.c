/*
 * opt_in_standing.c
 *		What stands about a topic, as a yes or a no, for many addresses at once.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "address_list.h"
#include "consent.h"
#include "opt_in_standing.h"
#include "owner.h"
#include "topic.h"

/* Columns of the statement: what stands, and what it returns to when that is over */
enum standing_column
{
	OWN_STATE = 1,
	OWN_SOURCE,
	OWN_SINCE,
	OWN_BEFORE,
	OWN_BEFORE_SOURCE,
	OWN_BEFORE_SINCE,
	ALL_STATE					/* and the others of all topics, in the same order */
};

static bool read_topic(const char *name, Topic *topic);
static void judge(HeapTuple tuple, const Topic *topic, OptInStanding *standing);
static Choice read_base(HeapTuple tuple, int first, bool *found);
static bool read_choice(HeapTuple tuple, int state_column, int source_column, int since_column, Choice *choice);

void
opt_in_standing(char **addresses, int count, const char *topic_name, OptInStanding *standing)
{
	static KeptStatement statement = {
		"SELECT own.state, own.source, own.since, own.before, own.before_source, own.before_since,"
		" everything.state, everything.source, everything.since, everything.before, everything.before_source, everything.before_since"
		" FROM pg_catalog.unnest($1) WITH ORDINALITY AS a (address, number)"
		" LEFT JOIN bounce.preference AS own ON own.address OPERATOR(pg_catalog.=) a.address AND own.topic OPERATOR(pg_catalog.=) $2"
		" LEFT JOIN bounce.preference AS everything ON everything.address OPERATOR(pg_catalog.=) a.address"
		" AND everything.topic OPERATOR(pg_catalog.=) ''"
		" ORDER BY a.number",
		2, {TEXTARRAYOID, TEXTOID}, NULL
	};
	Datum		values[] = {address_list_array(addresses, count), CStringGetTextDatum(topic_name)};
	OwnerScope	scope;
	Topic		topic;

	read_topic(topic_name, &topic);
	owner_spi_begin(&scope);
	kept_execute(&statement, values, NULL, false);
	if (SPI_processed != (uint64) count)
		elog(ERROR, "expected %d rows of standing preferences, got " UINT64_FORMAT, count, SPI_processed);
	for (int i = 0; i < count; i++)
		judge(SPI_tuptable->vals[i], &topic, &standing[i]);
	owner_spi_end(&scope);
}

void
opt_in_standing_keep(char **addresses, int count)
{
	static KeptStatement statement = {
		"SELECT FROM bounce.preference AS p WHERE p.address OPERATOR(pg_catalog.=) ANY ($1)"
		" AND p.xmin OPERATOR(pg_catalog.<>) pg_catalog.pg_current_xact_id()::pg_catalog.xid"
		" ORDER BY p.address, p.topic FOR SHARE",
		1, {TEXTARRAYOID}, NULL
	};
	Datum		value = address_list_array(addresses, count);

	owner_execute(&statement, &value);
}

static bool
read_topic(const char *name, Topic *topic)
{
	bool		found;

	PushActiveSnapshot(GetTransactionSnapshot());
	found = topic_read(cstring_to_text(name), topic);
	PopActiveSnapshot();
	return found;
}

/* As is_suppressed() judges, but for pauses, which end by themselves. */
static void
judge(HeapTuple tuple, const Topic *topic, OptInStanding *standing)
{
	bool		own_found;
	bool		all_found;
	Choice		own = read_base(tuple, OWN_STATE, &own_found);
	Choice		all = read_base(tuple, ALL_STATE, &all_found);
	const Choice *decides = &own;

	if (topic->marketing && all.state == PREFERENCE_UNSUBSCRIBED && !preference_stands_above(&own, &all))
		decides = &all;
	/* Who took back a no to all topics is where nothing is said of this one. */
	else if (topic->marketing && all.state == PREFERENCE_SUBSCRIBED && !own_found && topic->opt_in == OPT_IN_NONE)
		decides = &all;
	standing->known = decides->state != PREFERENCE_NONE || own_found || (topic->marketing && all.state == PREFERENCE_SUBSCRIBED);
	standing->said = decides->state == PREFERENCE_SUBSCRIBED ? SAID_YES :
		decides->state == PREFERENCE_UNSUBSCRIBED ? SAID_NO : SAID_NOTHING;
	standing->since = decides->since;
}

/* The yes or no of a row, also under a pause or a request; found: there is a request, or any of them. */
static Choice
read_base(HeapTuple tuple, int first, bool *found)
{
	Choice		choice = {.state = PREFERENCE_NONE};

	*found = read_choice(tuple, first, first + 1, first + 2, &choice);
	if (!*found || choice.state == PREFERENCE_SUBSCRIBED || choice.state == PREFERENCE_UNSUBSCRIBED)
		return choice;
	*found = choice.state == PREFERENCE_PENDING;
	choice.state = PREFERENCE_NONE;
	*found |= read_choice(tuple, first + 3, first + 4, first + 5, &choice);
	return choice;
}

static bool
read_choice(HeapTuple tuple, int state_column, int source_column, int since_column, Choice *choice)
{
	char	   *state = SPI_getvalue(tuple, SPI_tuptable->tupdesc, state_column);
	char	   *source = SPI_getvalue(tuple, SPI_tuptable->tupdesc, source_column);
	bool		isnull;

	if (state == NULL)
		return false;
	choice->state = preference_state_named(state, strlen(state));
	choice->source = consent_source_named(source, strlen(source));
	choice->since = DatumGetTimestampTz(SPI_getbinval(tuple, SPI_tuptable->tupdesc, since_column, &isnull));
	return true;
}
