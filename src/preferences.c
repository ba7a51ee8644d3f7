/*
 * preferences.c
 *		bounce.preferences(): everything a preference page shows about an address.
 *
 * One row a topic: what the person said, what of that decides, whether mail flows,
 * and if not, why not and until when.  The reasons come from ask_each(), so they are
 * those of bounce.is_suppressed(), and a cap that is used up is one more.
 *
 * Errors: 22023 for what is no address, 22004 for a NULL.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "ask.h"
#include "cap.h"
#include "compat.h"
#include "finding.h"
#include "owner.h"
#include "state_args.h"

PG_FUNCTION_INFO_V1(bounce_preferences);

/* The columns up to here are those of topics_statement. */
enum preferences_column
{
	SHOWN_TOPIC,
	SHOWN_TITLE,
	SHOWN_DESCRIPTION,
	SHOWN_LANGUAGE,
	SHOWN_KIND,
	SHOWN_OPT_IN,
	SHOWN_RETIRED_AT,
	SHOWN_STATE,
	SHOWN_ALL_TOPICS,
	SHOWN_SINCE,
	SHOWN_UNTIL,
	SHOWN_SOURCE,
	SHOWN_MAIL_FLOWS,
	SHOWN_WHY_NOT,
	SHOWN_FLOWS_FROM,
	SHOWN_COLUMNS
};

/*
 * Topics, and names without a row in bounce.topic that the person said something
 * about.  Of texts: the longest tag that the language begins with, as RFC 4647
 * looks it up; failing that, one of the same language.
 */
static KeptStatement topics_statement = {
	"SELECT t.topic, coalesce(x.title, t.title, t.topic), coalesce(x.description, t.description), x.language, t.kind, t.opt_in,"
	" t.retired_at"
	" FROM (SELECT o.topic, o.title, o.description, o.kind, o.opt_in, o.retired_at, o.position"
	"  FROM bounce.topic o WHERE $3 OR o.retired_at IS NULL OR o.retired_at OPERATOR(pg_catalog.>) $4"
	"  UNION ALL SELECT p.topic, NULL, NULL, 'marketing', 'none', NULL, NULL FROM bounce.preference p"
	"  WHERE p.address OPERATOR(pg_catalog.=) $1 AND p.topic OPERATOR(pg_catalog.<>) ''"
	"  AND NOT EXISTS (SELECT FROM bounce.topic o WHERE o.topic OPERATOR(pg_catalog.=) p.topic)) AS t"
	" LEFT JOIN LATERAL (SELECT y.language, y.title, y.description FROM bounce.topic_text y,"
	"  LATERAL pg_catalog.translate(pg_catalog.lower($2), '_', '-') AS wanted,"
	"  LATERAL pg_catalog.starts_with(wanted OPERATOR(pg_catalog.||) '-',"
	"   pg_catalog.lower(y.language) OPERATOR(pg_catalog.||) '-') AS fits"
	"  WHERE y.topic OPERATOR(pg_catalog.=) t.topic"
	"  AND pg_catalog.split_part(pg_catalog.lower(y.language), '-', 1)"
	"   OPERATOR(pg_catalog.=) pg_catalog.split_part(wanted, '-', 1)"
	"  ORDER BY fits DESC, CASE WHEN fits THEN pg_catalog.length(y.language) END DESC, y.language LIMIT 1) AS x ON true"
	" ORDER BY t.position, t.topic",
	4, {TEXTOID, TEXTOID, BOOLOID, TIMESTAMPTZOID}, NULL
};

/* Why mail does not flow. */
typedef struct Reasons
{
	ArrayBuildState *causes;	/* or NULL */
	TimestampTz until;			/* of the longest; DT_NOBEGIN: none */
} Reasons;

static void
add_reason(Reasons *reasons, const char *cause, TimestampTz until)
{
	reasons->causes = accumArrayResult(reasons->causes, CStringGetTextDatum(cause), false, TEXTOID, CurrentMemoryContext);
	reasons->until = Max(reasons->until, until);
}

static bool
collect(const Question *question, const Finding *finding, void *context)
{
	bool		all = finding->kind == FINDING_PREFERENCE && finding->preference->global;

	add_reason(context, psprintf("%s%s", finding_cause(finding), all ? "_all" : ""), finding_until(finding));
	return false;
}

/* No suppression, but nothing goes out. */
static void
collect_cap(const Question *question, Reasons *reasons)
{
	Cap			cap;
	TimestampTz until = cap_until(text_to_cstring(question->address), text_to_cstring(question->topic),
								  question->at, &cap);

	if (until != DT_NOBEGIN)
		add_reason(reasons, "capped", until);
}

static Reasons
reasons_at(const Question *question, TimestampTz at)
{
	Question	then;
	Reasons		reasons = {NULL, DT_NOBEGIN};

	question_set(&then, VARDATA_ANY(question->address), VARSIZE_ANY_EXHDR(question->address), question->topic, at);
	(void) ask_each(&then, collect, &reasons);
	collect_cap(&then, &reasons);
	return reasons;
}

/* When mail flows by itself: what ends may uncover what lasts longer. */
static TimestampTz
flows_from(const Question *question, TimestampTz until)
{
	while (!TIMESTAMP_IS_NOEND(until))
	{
		Reasons		later = reasons_at(question, until);

		if (later.causes == NULL)
			break;
		until = later.until;
	}
	return until;
}

static void
set_value(Datum *values, bool *nulls, int column, Datum value)
{
	values[column] = value;
	nulls[column] = false;
}

/* What the person said: about all topics where that decides, otherwise about this one. */
static void
fill_choice(Datum *values, bool *nulls, const Question *question)
{
	Preference	own = {.global = false};
	Preference	global = {.global = true};
	const Choice *choice = &own.choice;
	bool		all;

	ask_preferences(question, &own, &global);
	all = (global.choice.state == PREFERENCE_UNSUBSCRIBED || global.choice.state == PREFERENCE_SNOOZED) &&
		question->marketing && !preference_stands_above(&own.choice, &global.choice);
	if (all)
		choice = &global.choice;
	set_value(values, nulls, SHOWN_ALL_TOPICS, BoolGetDatum(all));
	set_value(values, nulls, SHOWN_STATE, CStringGetTextDatum(choice->state == PREFERENCE_NONE ? "nothing said" :
															  preference_state_name(choice->state)));
	if (choice->state == PREFERENCE_NONE)
		return;
	set_value(values, nulls, SHOWN_SINCE, TimestampTzGetDatum(choice->since));
	if (choice->until != CHOICE_ENDLESS)
		set_value(values, nulls, SHOWN_UNTIL, TimestampTzGetDatum(choice->until));
	set_value(values, nulls, SHOWN_SOURCE, CStringGetTextDatum(consent_source_name(choice->source)));
}

static void
fill_flow(Datum *values, bool *nulls, const Question *question)
{
	Reasons		reasons = reasons_at(question, question->at);

	set_value(values, nulls, SHOWN_MAIL_FLOWS, BoolGetDatum(reasons.causes == NULL));
	if (reasons.causes == NULL)
		return;
	set_value(values, nulls, SHOWN_WHY_NOT, makeArrayResult(reasons.causes, CurrentMemoryContext));
	set_value(values, nulls, SHOWN_FLOWS_FROM, TimestampTzGetDatum(flows_from(question, reasons.until)));
}

static void
add_topic(ReturnSetInfo *result, const char *address, TimestampTz at, HeapTuple topic, TupleDesc desc)
{
	Datum		values[SHOWN_COLUMNS] = {0};
	bool		nulls[SHOWN_COLUMNS];
	Question	question;

	memset(nulls, true, sizeof(nulls));
	for (int i = SHOWN_TOPIC; i <= SHOWN_RETIRED_AT; i++)
		values[i] = SPI_getbinval(topic, desc, i + 1, &nulls[i]);
	question_set(&question, address, strlen(address), DatumGetTextPP(values[SHOWN_TOPIC]), at);
	fill_choice(values, nulls, &question);
	fill_flow(values, nulls, &question);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* preferences(address, language, retired, at) */
Datum
bounce_preferences(PG_FUNCTION_ARGS)
{
	const char *address = address_arg(fcinfo, 0, "address");
	TimestampTz at = DatumGetTimestampTz(required_arg(fcinfo, 3, "at"));
	Datum		arguments[] = {
		CStringGetTextDatum(address), PG_ARGISNULL(1) ? (Datum) 0 : PG_GETARG_DATUM(1),
		required_arg(fcinfo, 2, "retired"), TimestampTzGetDatum(at)
	};
	OwnerScope	owner;
	SPITupleTable *topics;
	uint64		count;

	InitMaterializedSRF(fcinfo, 0);
	owner_spi_begin(&owner);
	kept_execute(&topics_statement, arguments, PG_ARGISNULL(1) ? " n  " : NULL, true);
	topics = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
		add_topic((ReturnSetInfo *) fcinfo->resultinfo, address, at, topics->vals[i], topics->tupdesc);
	owner_spi_end(&owner);
	return (Datum) 0;
}
