/*
 * test_rule.c
 *		test_rule(): what a site rule would change in the log, before it is one.
 *
 * The answers of the log are tried one by one; only counts by class are kept.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "bounce_class.h"
#include "compat.h"
#include "owner.h"
#include "site_rule.h"
#include "state_args.h"

PG_FUNCTION_INFO_V1(bounce_test_rule);

#define CLASS_COUNT (UINT16_MAX + 1)

/* Rows that are held at a time. */
#define FETCH_ROWS 100

/* What matched and has one class so far. */
typedef struct Matches
{
	int64		events;
	char	   *example;		/* the shortest, then the first by bytes */
} Matches;

typedef struct Trial
{
	SitePattern pattern;
	bool		any_status;
	StatusPattern status;
	BounceClass klass;			/* BOUNCE_CLASS_NONE: not given */
	MemoryContext context;		/* of the examples */
	Matches    *matches;		/* by class */
} Trial;

/* With site_rule_for()'s meaning of a status. */
static void
try_answer(Trial *trial, BounceClass klass, SmtpStatus status, const char *response, int len)
{
	Matches    *matches = &trial->matches[klass];
	SiteText	text;

	if (klass == trial->klass)
		return;
	if (!trial->any_status && (status == SMTP_STATUS_NONE || !status_pattern_matches(trial->status, status)))
		return;
	site_text(response, len, &text);
	if (!site_pattern_may_match(&trial->pattern, &text) || !site_pattern_matches(&trial->pattern, &text))
		return;
	matches->events++;
	if (matches->example != NULL)
	{
		size_t		kept = strlen(matches->example);

		if ((size_t) len > kept || ((size_t) len == kept && memcmp(response, matches->example, len) >= 0))
			return;
		pfree(matches->example);
	}
	matches->example = MemoryContextStrdup(trial->context, pnstrdup(response, len));
}

static void
try_rows(Trial *trial)
{
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	row = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull;
		BounceClass klass = DatumGetBounceClass(SPI_getbinval(row, desc, 1, &isnull));
		Datum		status = SPI_getbinval(row, desc, 2, &isnull);
		text	   *response;

		if (isnull)
			status = SmtpStatusGetDatum(SMTP_STATUS_NONE);
		response = DatumGetTextPP(SPI_getbinval(row, desc, 3, &isnull));
		try_answer(trial, klass, DatumGetSmtpStatus(status), VARDATA_ANY(response), VARSIZE_ANY_EXHDR(response));
	}
}

/* Every event that bounce.reclassify() would look at. */
static void
try_log(Trial *trial, Datum since, Datum until)
{
	Oid			types[] = {TIMESTAMPTZOID, TIMESTAMPTZOID};
	Datum		values[] = {since, until};
	MemoryContext batch;
	MemoryContext caller;
	OwnerScope	scope;
	Portal		portal;

	owner_spi_begin(&scope);
	batch = AllocSetContextCreate(CurrentMemoryContext, "bounce test_rule", ALLOCSET_DEFAULT_SIZES);
	portal = SPI_cursor_open_with_args(NULL,
									   "SELECT e.class, e.status, e.response FROM bounce.delivery_event AS e"
									   " WHERE e.occurred_at OPERATOR(pg_catalog.>=) $1 AND e.occurred_at OPERATOR(pg_catalog.<) $2"
									   " AND e.response IS NOT NULL AND bounce.severity(e.class) OPERATOR(pg_catalog.<>) 'complaint'",
									   2, types, values, NULL, true, CURSOR_OPT_NO_SCROLL);
	do
	{
		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(portal, true, FETCH_ROWS);
		caller = MemoryContextSwitchTo(batch);
		try_rows(trial);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(batch);
		SPI_freetuptable(SPI_tuptable);
	} while (SPI_processed > 0);
	SPI_cursor_close(portal);
	owner_spi_end(&scope);
}

static void
return_matches(const Trial *trial, ReturnSetInfo *result)
{
	for (int klass = 0; klass < CLASS_COUNT; klass++)
	{
		const Matches *matches = &trial->matches[klass];
		Datum		values[4];
		bool		nulls[4] = {false, trial->klass == BOUNCE_CLASS_NONE, false, false};

		if (matches->events == 0)
			continue;
		values[0] = BounceClassGetDatum((BounceClass) klass);
		values[1] = BounceClassGetDatum(trial->klass);
		values[2] = Int64GetDatum(matches->events);
		values[3] = CStringGetTextDatum(matches->example);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

/* test_rule(pattern, class, status_pattern, since, until): old class, new class, events, example */
Datum
bounce_test_rule(PG_FUNCTION_ARGS)
{
	const char *source = required_text_arg(fcinfo, 0, "pattern");
	Datum		since = required_arg(fcinfo, 3, "since");
	Datum		until = required_arg(fcinfo, 4, "until");
	Trial	   *trial = palloc0(sizeof(Trial));

	InitMaterializedSRF(fcinfo, 0);
	trial->klass = PG_ARGISNULL(1) ? BOUNCE_CLASS_NONE : DatumGetBounceClass(PG_GETARG_DATUM(1));
	trial->any_status = PG_ARGISNULL(2);
	trial->status = trial->any_status ? 0 : PG_GETARG_STATUS_PATTERN(2);
	trial->context = CurrentMemoryContext;
	trial->matches = palloc0(sizeof(Matches) * CLASS_COUNT);
	site_pattern_check(&trial->pattern, source, strlen(source));
	/* Before 16 the pattern is in the C library's memory. */
	PG_TRY();
	{
		try_log(trial, since, until);
	}
	PG_FINALLY();
	{
		site_pattern_free(&trial->pattern);
	}
	PG_END_TRY();
	return_matches(trial, (ReturnSetInfo *) fcinfo->resultinfo);
	return (Datum) 0;
}
