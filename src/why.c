/*
 * why.c
 *		bounce.why_suppressed(): every reason, with what is behind it.
 *
 * The reasons come from ask_each(), the very walk that bounce.is_suppressed()
 * stops at its first find.  For a bounce or a complaint the event that started it
 * is looked up in the log, and the policy row that the class meets today.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "address_text.h"
#include "ask.h"
#include "cap.h"
#include "compat.h"
#include "finding.h"
#include "owner.h"
#include "types.h"

PG_FUNCTION_INFO_V1(why_suppressed);

/* Text of others is quoted up to this many bytes. */
#define QUOTE_MAX 200

enum why_column
{
	WHY_CAUSE,
	WHY_TOPIC,
	WHY_CLASS,
	WHY_STATUS,
	WHY_STEP,
	WHY_SINCE,
	WHY_UNTIL,
	WHY_EVENT_AT,
	WHY_RESPONSE,
	WHY_MESSAGE_ID,
	WHY_SOURCE,
	WHY_POLICY,
	WHY_EXPLANATION,
	WHY_COLUMNS
};

typedef struct WhyRow
{
	Datum		values[WHY_COLUMNS];
	bool		nulls[WHY_COLUMNS];
} WhyRow;

/* What a cause of a suppression means to a reader. */
typedef struct CauseText
{
	const char *cause;
	bool		from_event;		/* the log has the event that started it */
	bool		marketing_only;
	const char *because;
} CauseText;

static const CauseText cause_texts[] = {
	{"lease", true, false, "it bounced"},
	{"complaint", true, true, "the recipient complained"},
	{"manual", false, false, "suppressed by hand"},
	{"import", false, false, "on an imported suppression list"},
	{"unsubscribe", false, true, "the person unsubscribed"},
	{NULL, false, false, "suppressed"}	/* any other */
};

/* A domain bounces by the addresses in it: no one event started it. */
static const CauseText domain_lease = {"lease", false, false, "its addresses bounced"};

static bool add_finding(const Question *question, const Finding *finding, void *context);
static void add_cap(ReturnSetInfo *result, const Question *question);
static void add_invalid(ReturnSetInfo *result, const char *asked, size_t length);
static void add_row(ReturnSetInfo *result, WhyRow *row);
static void row_start(WhyRow *row, const char *cause, const text *topic);
static void fill_suppression(WhyRow *row, const Question *question, const Finding *finding);
static void fill_preference(WhyRow *row, const Question *question, const Finding *finding);
static void fill_retired(WhyRow *row, const Question *question);
static void fill_event(WhyRow *row, const text *address);
static void fill_policy(WhyRow *row);
static void explain_suppression(WhyRow *row, StateScan *scan, FindingKind kind, const CauseText *cause);
static void explain_because(StringInfo sentence, const WhyRow *row, StateScan *scan, const CauseText *cause);
static void explain_preference(WhyRow *row, const Question *question, const Preference *preference);
static const CauseText *cause_text(const char *cause);
static void append_topic(StringInfo sentence, const Question *question);
static void append_until(StringInfo sentence, TimestampTz until);
static void append_quoted(StringInfo sentence, const char *string, size_t length);
static void set_value(WhyRow *row, int column, Datum value);
static void set_text(WhyRow *row, int column, const char *value);
static void copy_column(WhyRow *row, int column, StateScan *scan, int from);

/* why_suppressed(address text, topic text, at timestamptz) */
Datum
why_suppressed(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char		address[ADDRESS_TEXT_MAX];
	size_t		length;
	size_t		domain;
	const text *asked;
	Question	question;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(2))
		return (Datum) 0;
	asked = PG_GETARG_TEXT_PP(0);
	if (!address_normalize_text(VARDATA_ANY(asked), VARSIZE_ANY_EXHDR(asked), address, &length, &domain))
		add_invalid(result, VARDATA_ANY(asked), VARSIZE_ANY_EXHDR(asked));
	else
	{
		question_set(&question, address, length, PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1),
					 PG_GETARG_TIMESTAMPTZ(2));
		(void) ask_each(&question, add_finding, result);
		add_cap(result, &question);
	}
	return (Datum) 0;
}

static bool
add_finding(const Question *question, const Finding *finding, void *context)
{
	WhyRow		row;

	if (finding->kind == FINDING_PREFERENCE)
		fill_preference(&row, question, finding);
	else if (finding->kind == FINDING_RETIRED)
		fill_retired(&row, question);
	else
		fill_suppression(&row, question, finding);
	add_row((ReturnSetInfo *) context, &row);
	return false;
}

/* No suppression, but record_attempt() says no for it, and here one asks why. */
static void
add_cap(ReturnSetInfo *result, const Question *question)
{
	char	   *topic = question->topic == NULL ? NULL : text_to_cstring(question->topic);
	StringInfoData sentence;
	TimestampTz until;
	WhyRow		row;
	Cap			cap;

	if (topic == NULL)
		return;
	until = cap_until(text_to_cstring(question->address), topic, question->at, &cap);
	if (until == DT_NOBEGIN)
		return;
	row_start(&row, "capped", question->topic);
	set_value(&row, WHY_UNTIL, TimestampTzGetDatum(until));
	initStringInfo(&sentence);
	appendStringInfoString(&sentence, "No mail of the topic ");
	append_quoted(&sentence, topic, strlen(topic));
	append_until(&sentence, until);
	appendStringInfo(&sentence, ": %d went out within %s.", cap.max_messages,
					 DatumGetCString(DirectFunctionCall1(interval_out, IntervalPGetDatum(&cap.per))));
	set_text(&row, WHY_EXPLANATION, sentence.data);
	add_row(result, &row);
}

static void
add_invalid(ReturnSetInfo *result, const char *asked, size_t length)
{
	StringInfoData sentence;
	WhyRow		row;

	row_start(&row, "invalid", NULL);
	initStringInfo(&sentence);
	appendStringInfoString(&sentence, "No mail can go out: ");
	append_quoted(&sentence, asked, length);
	appendStringInfoString(&sentence, " is no mail address.");
	set_text(&row, WHY_EXPLANATION, sentence.data);
	add_row(result, &row);
}

static void
add_row(ReturnSetInfo *result, WhyRow *row)
{
	tuplestore_putvalues(result->setResult, result->setDesc, row->values, row->nulls);
}

/* topic NULL: all topics */
static void
row_start(WhyRow *row, const char *cause, const text *topic)
{
	memset(row->nulls, true, sizeof(row->nulls));
	set_text(row, WHY_CAUSE, cause);
	set_value(row, WHY_TOPIC, PointerGetDatum(topic ? topic : cstring_to_text("")));
}

static void
fill_suppression(WhyRow *row, const Question *question, const Finding *finding)
{
	StateScan  *scan = finding->row;
	bool		isnull;
	Datum		value = state_scan_column(scan, SUPPRESSION_CAUSE, &isnull);
	const char *name = isnull ? "" : TextDatumGetCString(value);
	const CauseText *cause = cause_text(name);

	if (finding->kind == FINDING_DOMAIN && strcmp(name, domain_lease.cause) == 0)
		cause = &domain_lease;
	row_start(row, finding_cause(finding), NULL);
	copy_column(row, WHY_SINCE, scan, SUPPRESSION_STARTS_AT);
	copy_column(row, WHY_UNTIL, scan, SUPPRESSION_EXPIRES_AT);
	copy_column(row, WHY_SOURCE, scan, SUPPRESSION_MADE_BY);
	copy_column(row, WHY_CLASS, scan, SUPPRESSION_CLASS);
	if (finding->kind != FINDING_DOMAIN)
		copy_column(row, WHY_TOPIC, scan, SUPPRESSION_TOPIC);
	if (finding->kind == FINDING_ADDRESS)
	{
		copy_column(row, WHY_STATUS, scan, SUPPRESSION_STATUS);
		copy_column(row, WHY_STEP, scan, SUPPRESSION_STEP);
		if (cause->from_event)
			fill_event(row, question->address);
	}
	if (cause == &domain_lease || (finding->kind == FINDING_ADDRESS && cause->from_event))
		fill_policy(row);
	explain_suppression(row, scan, finding->kind, cause);
}

/*
 * The event that started it: at the very time the suppression began, or the first
 * of its class since.  Deliveries and withheld attempts start nothing.
 */
static void
fill_event(WhyRow *row, const text *address)
{
	static KeptStatement statement = {
		"SELECT e.occurred_at, e.response, e.message_id, e.source FROM bounce.delivery_event e"
		" WHERE e.recipient OPERATOR(pg_catalog.=) $1"
		" AND e.occurred_at OPERATOR(pg_catalog.>=) $2 AND e.occurred_at OPERATOR(pg_catalog.<) $3"
		" AND (e.occurred_at OPERATOR(pg_catalog.=) $2 OR e.class OPERATOR(bounce.=) $4)"
		" AND bounce.severity(e.class) OPERATOR(pg_catalog.<>) ALL ('{ok,admin}'::pg_catalog.text[])"
		" ORDER BY e.occurred_at, (e.class OPERATOR(bounce.=) $4) DESC NULLS LAST, e.event_key"
		" LIMIT 1",
		4, {TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, InvalidOid}, NULL
	};
	static const int columns[] = {WHY_EVENT_AT, WHY_RESPONSE, WHY_MESSAGE_ID, WHY_SOURCE};
	Datum		values[] = {
		PointerGetDatum(address), row->values[WHY_SINCE], row->values[WHY_UNTIL], row->values[WHY_CLASS]
	};
	MemoryContext caller = CurrentMemoryContext;
	OwnerScope	owner;

	statement.argtypes[3] = bounce_type_oid("bounce_class");
	owner_spi_begin(&owner);
	kept_execute(&statement, values, row->nulls[WHY_CLASS] ? "   n" : NULL, true);
	for (int i = 0; SPI_processed > 0 && i < (int) lengthof(columns); i++)
	{
		bool		isnull;
		Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1, &isnull);

		if (isnull)
			continue;
		if (columns[i] != WHY_EVENT_AT)
		{
			MemoryContext spi = MemoryContextSwitchTo(caller);

			value = PointerGetDatum(DatumGetTextPCopy(value));
			MemoryContextSwitchTo(spi);
		}
		set_value(row, columns[i], value);
	}
	owner_spi_end(&owner);
}

/* The row of the profile in force that decides about the class, most specific first. */
static void
fill_policy(WhyRow *row)
{
	static KeptStatement statement = {
		"SELECT pg_catalog.concat_ws('/', p.profile, p.severity, p.reason) FROM bounce.policy p"
		" WHERE p.profile OPERATOR(pg_catalog.=) coalesce((SELECT s.value FROM bounce.setting s"
		" WHERE s.name OPERATOR(pg_catalog.=) 'profile'), 'default')"
		" AND p.severity OPERATOR(pg_catalog.=) ANY (ARRAY['*', bounce.severity($1)])"
		" AND p.reason OPERATOR(pg_catalog.=) ANY (ARRAY['*', bounce.reason($1)])"
		" ORDER BY p.reason OPERATOR(pg_catalog.=) '*', p.severity OPERATOR(pg_catalog.=) '*'"
		" LIMIT 1",
		1, {InvalidOid}, NULL
	};
	OwnerScope	owner;
	char	   *policy = NULL;
	MemoryContext caller = CurrentMemoryContext;

	if (row->nulls[WHY_CLASS])
		return;
	statement.argtypes[0] = bounce_type_oid("bounce_class");
	owner_spi_begin(&owner);
	kept_execute(&statement, &row->values[WHY_CLASS], NULL, true);
	if (SPI_processed > 0)
		policy = MemoryContextStrdup(caller, SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1));
	owner_spi_end(&owner);
	if (policy != NULL)
		set_text(row, WHY_POLICY, policy);
}

static bool
is_own_no(const CauseText *cause)
{
	return cause->cause != NULL && strcmp(cause->cause, "unsubscribe") == 0;
}

static void
explain_suppression(WhyRow *row, StateScan *scan, FindingKind kind, const CauseText *cause)
{
	const text *topic = DatumGetTextPP(row->values[WHY_TOPIC]);
	StringInfoData sentence;

	initStringInfo(&sentence);
	appendStringInfoString(&sentence, cause->marketing_only ? "No marketing mail" : "No mail");
	if (VARSIZE_ANY_EXHDR(topic) > 0)
	{
		appendStringInfoString(&sentence, " of the topic ");
		append_quoted(&sentence, VARDATA_ANY(topic), VARSIZE_ANY_EXHDR(topic));
	}
	if (kind == FINDING_DOMAIN)
	{
		bool		isnull;
		const text *domain = DatumGetTextPP(state_scan_column(scan, SUPPRESSION_KEY, &isnull));

		appendStringInfoString(&sentence, " to the domain ");
		append_quoted(&sentence, VARDATA_ANY(domain), VARSIZE_ANY_EXHDR(domain));
	}
	/* A person's own no is not for anybody else to release. */
	if (!TIMESTAMP_IS_NOEND(DatumGetTimestampTz(row->values[WHY_UNTIL])) || !is_own_no(cause))
		append_until(&sentence, DatumGetTimestampTz(row->values[WHY_UNTIL]));
	if (!row->nulls[WHY_STEP] && !TIMESTAMP_IS_NOEND(DatumGetTimestampTz(row->values[WHY_UNTIL])))
		appendStringInfo(&sentence, " (step %d of the ladder)", DatumGetInt16(row->values[WHY_STEP]));
	appendStringInfoString(&sentence, kind == FINDING_DIGEST ? ", known by digest only: " : ": ");
	explain_because(&sentence, row, scan, cause);
	set_text(row, WHY_EXPLANATION, sentence.data);
}

static void
explain_because(StringInfo sentence, const WhyRow *row, StateScan *scan, const CauseText *cause)
{
	bool		isnull;
	Datum		note = state_scan_column(scan, SUPPRESSION_NOTE, &isnull);
	int			at = row->nulls[WHY_EVENT_AT] ? WHY_SINCE : WHY_EVENT_AT;

	if (!row->nulls[WHY_RESPONSE] && !cause->marketing_only)
	{
		const text *response = DatumGetTextPP(row->values[WHY_RESPONSE]);

		appendStringInfoString(sentence, "the server answered ");
		append_quoted(sentence, VARDATA_ANY(response), VARSIZE_ANY_EXHDR(response));
	}
	else
		appendStringInfoString(sentence, cause->because);
	appendStringInfo(sentence, cause->from_event ? " on %s" : ", since %s",
					 timestamptz_to_str(DatumGetTimestampTz(row->values[at])));
	if (!cause->from_event && !row->nulls[WHY_SOURCE])
		appendStringInfo(sentence, ", made by %s", TextDatumGetCString(row->values[WHY_SOURCE]));
	if (!isnull)
	{
		const text *words = DatumGetTextPP(note);

		appendStringInfoString(sentence, ", with the note ");
		append_quoted(sentence, VARDATA_ANY(words), VARSIZE_ANY_EXHDR(words));
	}
	appendStringInfoChar(sentence, '.');
}

static void
fill_preference(WhyRow *row, const Question *question, const Finding *finding)
{
	const Preference *preference = finding->preference;
	const Choice *choice = &preference->choice;

	row_start(row, finding_cause(finding), preference->global ? NULL : question->topic);
	if (choice->state != PREFERENCE_NONE)
	{
		set_value(row, WHY_SINCE, TimestampTzGetDatum(choice->since));
		set_text(row, WHY_SOURCE, consent_source_name(choice->source));
	}
	set_value(row, WHY_UNTIL, TimestampTzGetDatum(finding_until(finding)));
	explain_preference(row, question, preference);
}

static void
explain_preference(WhyRow *row, const Question *question, const Preference *preference)
{
	static const char *const because[] = {
		[PREFERENCE_NONE] = ": it needs a yes of the person, and there is none.",
		[PREFERENCE_PENDING] = ": the subscription is not confirmed, asked for",
		[PREFERENCE_UNSUBSCRIBED] = ": the person unsubscribed",
		[PREFERENCE_SNOOZED] = ": the person paused it"
	};
	const Choice *choice = &preference->choice;
	StringInfoData sentence;

	initStringInfo(&sentence);
	if (preference->global)
		appendStringInfoString(&sentence, "No marketing mail");
	else
		append_topic(&sentence, question);
	if (choice->state == PREFERENCE_SNOOZED)
		append_until(&sentence, choice->until);
	appendStringInfoString(&sentence, because[choice->state]);
	if (choice->state != PREFERENCE_NONE)
		appendStringInfo(&sentence, " on %s (told by %s).", timestamptz_to_str(choice->since),
						 consent_source_name(choice->source));
	set_text(row, WHY_EXPLANATION, sentence.data);
}

static void
fill_retired(WhyRow *row, const Question *question)
{
	StringInfoData sentence;

	row_start(row, "retired", question->topic);
	set_value(row, WHY_SINCE, TimestampTzGetDatum(question->retired_at));
	set_value(row, WHY_UNTIL, TimestampTzGetDatum(DT_NOEND));
	initStringInfo(&sentence);
	append_topic(&sentence, question);
	appendStringInfo(&sentence, ": it is retired since %s.", timestamptz_to_str(question->retired_at));
	set_text(row, WHY_EXPLANATION, sentence.data);
}

static void
append_topic(StringInfo sentence, const Question *question)
{
	appendStringInfoString(sentence, "No mail of the topic ");
	append_quoted(sentence, VARDATA_ANY(question->topic), VARSIZE_ANY_EXHDR(question->topic));
}

static const CauseText *
cause_text(const char *cause)
{
	const CauseText *text = cause_texts;

	while (text->cause != NULL && strcmp(cause, text->cause) != 0)
		text++;
	return text;
}

static void
append_until(StringInfo sentence, TimestampTz until)
{
	if (TIMESTAMP_IS_NOEND(until))
		appendStringInfoString(sentence, " until it is released");
	else
		appendStringInfo(sentence, " until %s", timestamptz_to_str(until));
}

static void
append_quoted(StringInfo sentence, const char *string, size_t length)
{
	int			shown = pg_mbcliplen(string, length, QUOTE_MAX);

	appendStringInfo(sentence, "\"%.*s%s\"", shown, string, shown < (int) length ? "..." : "");
}

static void
set_value(WhyRow *row, int column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
}

static void
set_text(WhyRow *row, int column, const char *value)
{
	set_value(row, column, CStringGetTextDatum(value));
}

/* Points into the scan's row: the result takes a copy before the scan goes on. */
static void
copy_column(WhyRow *row, int column, StateScan *scan, int from)
{
	row->values[column] = state_scan_column(scan, from, &row->nulls[column]);
}
