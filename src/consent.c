/*
 * consent.c
 *		Changes of preference, with evidence.
 *
 * What goes on record: every choice of a person, an operator or a complaint, once;
 * of an import or a bounce, which repeat themselves, what changes the preference.
 * What is in force: the recorded choice of the highest source, of those the latest,
 * of those at the same instant the one recorded last.
 *
 * The key of the log is also the lock.  A writer reads what stands and the number
 * of the last row under one snapshot, then inserts the next number.  If that number
 * is taken, somebody else was first: read again.  So writers of one address queue,
 * nobody else waits, no lock table fills up, and the preference row is written
 * only by whoever has the number.
 *
 * Errors: 22023 for an address, a topic or a source that cannot be, 22004 for a
 * NULL, 22008 for an infinite time, LH001 when a yes may not overrule a no, 40001
 * for a concurrent choice of the same address under REPEATABLE READ and above,
 * 25006 on a standby.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "consent.h"
#include "consent_erase.h"
#include "consent_hash.h"
#include "digest_keep.h"
#include "owner.h"
#include "sqlstates.h"
#include "state_args.h"

PG_FUNCTION_INFO_V1(bounce_unsubscribe);
PG_FUNCTION_INFO_V1(bounce_unsubscribe_all);
PG_FUNCTION_INFO_V1(bounce_subscribe);
PG_FUNCTION_INFO_V1(bounce_consent_log_guard);

#define SUBSCRIBED "subscribed"
#define UNSUBSCRIBED "unsubscribed"
#define ALL_TOPICS ""

/* The lowest rank first. */
static const char *const sources[] = {"bounce", "import", "complaint", "operator", "person"};

/* Complaints and above are acts of people: each is evidence, also a repeated one. */
#define RANK_OF_ACTS 2

/* What is known of an address and a topic before a choice. */
typedef struct Standing
{
	char	   *state;			/* NULL: nobody ever said anything */
	char	   *source;
	TimestampTz since;
	char	   *global_state;	/* the same for all topics */
	char	   *global_source;
	TimestampTz global_since;
	int32		last_number;	/* 0: no row in the log yet */
	bytea	   *last_hash;
	bool		on_record;		/* this very choice */
} Standing;

static KeptStatement standing_statement = {
	"SELECT mine.state, mine.source, mine.since,"
	" everything.state, everything.source, everything.since,"
	" last.number, last.hash,"
	" EXISTS (SELECT FROM bounce.consent_log AS said"
	"  WHERE said.address OPERATOR(pg_catalog.=) $1 AND said.topic OPERATOR(pg_catalog.=) $2"
	"  AND said.new_state OPERATOR(pg_catalog.=) $3 AND said.source OPERATOR(pg_catalog.=) $4"
	"  AND said.at OPERATOR(pg_catalog.=) $5)"
	" FROM (VALUES (1)) AS one"
	" LEFT JOIN bounce.preference AS mine"
	"  ON mine.address OPERATOR(pg_catalog.=) $1 AND mine.topic OPERATOR(pg_catalog.=) $2"
	" LEFT JOIN bounce.preference AS everything"
	"  ON everything.address OPERATOR(pg_catalog.=) $1 AND everything.topic OPERATOR(pg_catalog.=) ''"
	" LEFT JOIN (SELECT number, hash FROM bounce.consent_log"
	"  WHERE address OPERATOR(pg_catalog.=) $1 ORDER BY number DESC LIMIT 1) AS last ON true",
	5, {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID}, NULL
};

static KeptStatement append_statement = {
	"INSERT INTO bounce.consent_log"
	" (address, number, topic, old_state, new_state, source, actor, at, evidence, recorded_at, hash)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
	" ON CONFLICT (address, number) DO NOTHING",
	11, {TEXTOID, INT4OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, JSONBOID,
	TIMESTAMPTZOID, BYTEAOID}, NULL
};

static KeptStatement force_statement = {
	"INSERT INTO bounce.preference (address, topic, state, since, source)"
	" VALUES ($1, $2, $3, $4, $5)"
	" ON CONFLICT (address, topic) DO UPDATE"
	" SET state = EXCLUDED.state, until = NULL, since = EXCLUDED.since, source = EXCLUDED.source",
	5, {TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID}, NULL
};

int
consent_source_rank(const char *source)
{
	for (int rank = 0; rank < (int) lengthof(sources); rank++)
		if (strcmp(source, sources[rank]) == 0)
			return rank;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown source of a choice: \"%s\"", clipped(source)),
			 errhint("Sources are person, operator, complaint, import and bounce.")));
}

/* Column of the one row that the last statement gave, or 0 for NULL. */
static Datum
result_value(int column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &isnull);

	return isnull ? (Datum) 0 : value;
}

static char *
result_text(int column)
{
	return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);
}

static void
read_standing(const ConsentChoice *choice, Standing *standing)
{
	Datum		values[] = {
		CStringGetTextDatum(choice->address),
		CStringGetTextDatum(choice->topic),
		CStringGetTextDatum(choice->state),
		CStringGetTextDatum(choice->source),
		TimestampTzGetDatum(choice->at)
	};

	kept_execute(&standing_statement, values, NULL, false);
	if (SPI_processed != 1)
		elog(ERROR, "expected one row of standing preferences, got " UINT64_FORMAT, SPI_processed);
	standing->state = result_text(1);
	standing->source = result_text(2);
	standing->since = DatumGetTimestampTz(result_value(3));
	standing->global_state = result_text(4);
	standing->global_source = result_text(5);
	standing->global_since = DatumGetTimestampTz(result_value(6));
	standing->last_number = DatumGetInt32(result_value(7));
	standing->last_hash = standing->last_number == 0 ? NULL : DatumGetByteaPP(result_value(8));
	standing->on_record = DatumGetBool(result_value(9));
}

/* Raises LH001 when a choice that says no to mail ranks above a yes. */
static void
refuse_overruling(const ConsentChoice *choice, const char *state, const char *source,
				  TimestampTz since, const char *what)
{
	if (state == NULL || strcmp(state, SUBSCRIBED) == 0 ||
		consent_source_rank(source) <= consent_source_rank(choice->source))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_BOUNCE_CHOICE_STANDS),
			 errmsg("the source \"%s\" cannot overrule the choice of a \"%s\"", choice->source, source),
			 errdetail("The address is %s for %s since %s.", state, what, timestamptz_to_str(since)),
			 errhint("A yes of the person's own is told with source => 'person' and its evidence.")));
}

/* A no may always be told: at worst it stays without effect. */
static void
check_move(const ConsentChoice *choice, const Standing *standing)
{
	if (strcmp(choice->state, SUBSCRIBED) != 0)
		return;
	refuse_overruling(choice, standing->state, standing->source, standing->since,
					  choice->topic[0] == '\0' ? "all topics" : psprintf("topic \"%s\"", choice->topic));
	refuse_overruling(choice, standing->global_state, standing->global_source,
					  standing->global_since, "all topics");
}

static bool
changes_state(const ConsentChoice *choice, const Standing *standing)
{
	return standing->state == NULL || strcmp(choice->state, standing->state) != 0;
}

static bool
comes_into_force(const ConsentChoice *choice, const Standing *standing)
{
	int			rank = consent_source_rank(choice->source);
	int			standing_rank = standing->state == NULL ? -1 : consent_source_rank(standing->source);

	return rank > standing_rank || (rank == standing_rank && choice->at >= standing->since);
}

static bool
belongs_on_record(const ConsentChoice *choice, const Standing *standing)
{
	if (standing->on_record)
		return false;
	if (consent_source_rank(choice->source) >= RANK_OF_ACTS)
		return true;
	return comes_into_force(choice, standing) &&
		(changes_state(choice, standing) || strcmp(choice->source, standing->source) != 0);
}

/* Inserts the next row of the address's log; false when somebody else was first. */
static bool
append_to_log(const ConsentChoice *choice, const Standing *standing)
{
	ConsentEntry entry = {
		.address = choice->address,
		.number = standing->last_number + 1,
		.topic = choice->topic,
		.old_state = standing->state,
		.new_state = choice->state,
		.source = choice->source,
		.actor = GetUserNameFromId(GetSessionUserId(), false),
		.at = choice->at,
		.evidence = choice->evidence == 0 ? NULL : DatumGetJsonbP(choice->evidence),
		.recorded_at = GetCurrentTransactionStartTimestamp()
	};
	Datum		values[] = {
		CStringGetTextDatum(entry.address),
		Int32GetDatum(entry.number),
		CStringGetTextDatum(entry.topic),
		entry.old_state == NULL ? (Datum) 0 : CStringGetTextDatum(entry.old_state),
		CStringGetTextDatum(entry.new_state),
		CStringGetTextDatum(entry.source),
		CStringGetTextDatum(entry.actor),
		TimestampTzGetDatum(entry.at),
		choice->evidence,
		TimestampTzGetDatum(entry.recorded_at),
		PointerGetDatum(consent_hash(standing->last_hash, &entry))
	};
	char		nulls[] = "           ";

	nulls[3] = entry.old_state == NULL ? 'n' : ' ';
	nulls[8] = entry.evidence == NULL ? 'n' : ' ';
	kept_execute(&append_statement, values, nulls, false);
	return SPI_processed == 1;
}

static void
put_in_force(const ConsentChoice *choice)
{
	Datum		values[] = {
		CStringGetTextDatum(choice->address),
		CStringGetTextDatum(choice->topic),
		CStringGetTextDatum(choice->state),
		TimestampTzGetDatum(choice->at),
		CStringGetTextDatum(choice->source)
	};

	kept_execute(&force_statement, values, NULL, false);
}

/* One try; false when another choice of the address came in between. */
static bool
try_choice(const ConsentChoice *choice, bool *changed)
{
	Standing	standing;

	*changed = false;
	consent_hold(choice->address);
	if (strcmp(choice->state, SUBSCRIBED) == 0 && consent_source_rank(choice->source) > RANK_OF_ACTS)
		digest_give_back_choices(choice->address);
	read_standing(choice, &standing);
	check_move(choice, &standing);
	if (!belongs_on_record(choice, &standing))
		return true;
	if (!append_to_log(choice, &standing))
		return false;
	if (comes_into_force(choice, &standing))
	{
		put_in_force(choice);
		*changed = changes_state(choice, &standing);
	}
	return true;
}

bool
consent_choose(const ConsentChoice *choice)
{
	ConsentChoice made = *choice;
	OwnerScope	scope;
	bool		changed;

	(void) consent_source_rank(made.source);
	/* A clock that is ahead must not make a choice that no later one can undo. */
	made.at = Min(made.at, GetCurrentTransactionStartTimestamp());
	owner_spi_begin(&scope);
	while (!try_choice(&made, &changed))
		CHECK_FOR_INTERRUPTS();
	owner_spi_end(&scope);
	return changed;
}

bool
consent_unsubscribe(const char *address, const char *topic, const char *source,
					TimestampTz at, Datum evidence)
{
	ConsentChoice choice = {address, topic, UNSUBSCRIBED, source, at, evidence};

	return consent_choose(&choice);
}

/* The arguments from "at" on, which all doors share. */
static bool
choose_with_args(FunctionCallInfo fcinfo, ConsentChoice *choice, int at_position)
{
	choice->at = instant_arg(fcinfo, at_position, "at");
	choice->source = required_text_arg(fcinfo, at_position + 1, "source");
	choice->evidence = PG_ARGISNULL(at_position + 2) ? (Datum) 0 : PG_GETARG_DATUM(at_position + 2);
	return consent_choose(choice);
}

/* unsubscribe(address, topic, at, source, evidence) */
Datum
bounce_unsubscribe(PG_FUNCTION_ARGS)
{
	ConsentChoice choice = {.state = UNSUBSCRIBED};

	PreventCommandIfReadOnly("bounce.unsubscribe()");
	choice.address = address_arg(fcinfo, 0, "address");
	choice.topic = topic_arg(fcinfo, 1, "topic");
	if (choice.topic[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("topic is empty"),
				 errhint("To stop all marketing topics, use bounce.unsubscribe_all(address).")));
	PG_RETURN_BOOL(choose_with_args(fcinfo, &choice, 2));
}

/* unsubscribe_all(address, at, source, evidence) */
Datum
bounce_unsubscribe_all(PG_FUNCTION_ARGS)
{
	ConsentChoice choice = {.topic = ALL_TOPICS, .state = UNSUBSCRIBED};

	PreventCommandIfReadOnly("bounce.unsubscribe_all()");
	choice.address = address_arg(fcinfo, 0, "address");
	PG_RETURN_BOOL(choose_with_args(fcinfo, &choice, 1));
}

/* subscribe(address, topic, at, source, evidence); topic '' takes back unsubscribe_all() */
Datum
bounce_subscribe(PG_FUNCTION_ARGS)
{
	ConsentChoice choice = {.state = SUBSCRIBED};

	PreventCommandIfReadOnly("bounce.subscribe()");
	choice.address = address_arg(fcinfo, 0, "address");
	choice.topic = topic_arg(fcinfo, 1, "topic");
	PG_RETURN_BOOL(choose_with_args(fcinfo, &choice, 2));
}

/* Trigger on bounce.consent_log: what is on record stays as it is. */
Datum
bounce_consent_log_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"bounce.consent_log_guard\" can only be called as a trigger")));
	if (consent_is_erasing() && TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		return PointerGetDatum(TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ? trigger->tg_trigtuple : NULL);
	ereport(ERROR,
			(errcode(ERRCODE_BOUNCE_APPEND_ONLY),
			 errmsg("rows of \"bounce.consent_log\" cannot be changed or removed"),
			 errdetail("The log is the evidence of what people chose."),
			 errhint("A choice that was wrong is followed by the right one.")));
}
