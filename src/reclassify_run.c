/*
 * reclassify_run.c
 *		How far bounce.reclassify() has come: its row in bounce.reclassify_progress.
 *
 * The row is written by the transaction of each batch, so it says exactly what is
 * done.  A run can go on only under the rules it began with: the part that is done
 * would else keep the classes of older rules.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "owner.h"
#include "reclassify_run.h"
#include "site_rule.h"

static bool find_unfinished(ReclassifyRun *run, bool open_end, MemoryContext context);
static int64 count_events(const ReclassifyRun *run);
static void insert_run(const ReclassifyRun *run);

bool
reclassify_run_open(ReclassifyRun *run, bool open_end, MemoryContext context)
{
	/* What is finished, or can never go on, makes room. */
	static KeptStatement clear = {
		"DELETE FROM bounce.reclassify_progress AS p"
		" WHERE p.finished_at IS NOT NULL OR p.rules OPERATOR(pg_catalog.<>) $1",
		1, {INT8OID}, NULL
	};
	Datum		rules = Int64GetDatum((int64) site_rules_fingerprint());
	bool		found;
	OwnerScope	scope;

	run->rules = (uint64) DatumGetInt64(rules);
	run->called_at = GetCurrentTimestamp();
	owner_spi_begin(&scope);
	kept_execute(&clear, &rules, NULL, false);
	found = find_unfinished(run, open_end, context);
	if (!found)
	{
		reclassify_run_restart(run, run->rules, context);
		run->events = count_events(run);
		run->events_changed = 0;
		insert_run(run);
	}
	run->read_before = run->events_read;
	owner_spi_end(&scope);
	return found;
}

void
reclassify_run_restart(ReclassifyRun *run, uint64 rules, MemoryContext context)
{
	run->rules = rules;
	run->events_read = 0;
	run->read_before = 0;
	run->called_at = GetCurrentTimestamp();
	run->position.recipient = MemoryContextStrdup(context, "");
	run->position.occurred_at = DT_NOBEGIN;
	run->position.event_key = MemoryContextStrdup(context, "");
}

static bool
find_unfinished(ReclassifyRun *run, bool open_end, MemoryContext context)
{
	static KeptStatement statement = {
		"SELECT p.until, p.events, p.events_read, p.events_changed, p.at_recipient, p.at_occurred_at, p.at_event_key"
		" FROM bounce.reclassify_progress AS p WHERE p.since OPERATOR(pg_catalog.=) $1"
		" AND (p.until OPERATOR(pg_catalog.=) $2 OR $3) AND p.finished_at IS NULL"
		" ORDER BY p.until DESC LIMIT 1",
		3, {TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID}, NULL
	};
	Datum		values[] = {TimestampTzGetDatum(run->since), TimestampTzGetDatum(run->until), BoolGetDatum(open_end)};
	Datum		columns[7];
	bool		isnull;

	kept_execute(&statement, values, NULL, false);
	if (SPI_processed == 0)
		return false;
	for (int i = 0; i < 7; i++)
		columns[i] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1, &isnull);
	run->until = DatumGetTimestampTz(columns[0]);
	run->events = DatumGetInt64(columns[1]);
	run->events_read = DatumGetInt64(columns[2]);
	run->events_changed = DatumGetInt64(columns[3]);
	run->position.recipient = MemoryContextStrdup(context, TextDatumGetCString(columns[4]));
	run->position.occurred_at = DatumGetTimestampTz(columns[5]);
	run->position.event_key = MemoryContextStrdup(context, TextDatumGetCString(columns[6]));
	return true;
}

static int64
count_events(const ReclassifyRun *run)
{
	Oid			types[] = {TIMESTAMPTZOID, TIMESTAMPTZOID};
	Datum		values[] = {TimestampTzGetDatum(run->since), TimestampTzGetDatum(run->until)};
	bool		isnull;

	/* For this range only; reading, it can do in parallel. */
	if (SPI_execute_with_args("SELECT pg_catalog.count(*) FROM bounce.delivery_event AS e"
							  " WHERE e.occurred_at OPERATOR(pg_catalog.>=) $1"
							  " AND e.occurred_at OPERATOR(pg_catalog.<) $2 AND e.response IS NOT NULL",
							  2, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not count the events");
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

static void
insert_run(const ReclassifyRun *run)
{
	static KeptStatement statement = {
		"INSERT INTO bounce.reclassify_progress (since, until, events, rules) VALUES ($1, $2, $3, $4)",
		4, {TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, INT8OID}, NULL
	};
	Datum		values[] = {
		TimestampTzGetDatum(run->since), TimestampTzGetDatum(run->until),
		Int64GetDatum(run->events), Int64GetDatum((int64) run->rules)
	};

	kept_execute(&statement, values, NULL, false);
}

void
reclassify_run_save(const ReclassifyRun *run, bool finished)
{
	static KeptStatement statement = {
		"UPDATE bounce.reclassify_progress AS p SET events_read = $3, events_changed = $4, percent = $5, time_left = $6,"
		" updated_at = pg_catalog.clock_timestamp(),"
		" finished_at = CASE WHEN $7 THEN pg_catalog.clock_timestamp() END,"
		" at_recipient = $8, at_occurred_at = $9, at_event_key = $10, rules = $11"
		" WHERE p.since OPERATOR(pg_catalog.=) $1 AND p.until OPERATOR(pg_catalog.=) $2",
		11,
		{TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, INT8OID, FLOAT8OID, INTERVALOID, BOOLOID,
		TEXTOID, TIMESTAMPTZOID, TEXTOID, INT8OID},
		NULL
	};
	Interval   *left = palloc0(sizeof(Interval));
	char		nulls[11];
	Datum		values[11];
	OwnerScope	scope;

	left->time = finished ? 0 : reclassify_time_left(run);
	memset(nulls, ' ', sizeof(nulls));
	if (left->time < 0)
		nulls[5] = 'n';
	values[0] = TimestampTzGetDatum(run->since);
	values[1] = TimestampTzGetDatum(run->until);
	values[2] = Int64GetDatum(run->events_read);
	values[3] = Int64GetDatum(run->events_changed);
	values[4] = Float8GetDatum(finished ? 100 : reclassify_percent(run));
	values[5] = IntervalPGetDatum(left);
	values[6] = BoolGetDatum(finished);
	values[7] = CStringGetTextDatum(run->position.recipient);
	values[8] = TimestampTzGetDatum(run->position.occurred_at);
	values[9] = CStringGetTextDatum(run->position.event_key);
	values[10] = Int64GetDatum((int64) run->rules);
	owner_spi_begin(&scope);
	kept_execute(&statement, values, nulls, false);
	owner_spi_end(&scope);
}

/* At the speed of this call, pauses not counted. */
int64
reclassify_time_left(const ReclassifyRun *run)
{
	int64		done = run->events_read - run->read_before;
	int64		to_do = Max(run->events - run->events_read, 0);

	if (done <= 0)
		return -1;
	return (int64) ((double) (GetCurrentTimestamp() - run->called_at) * to_do / done);
}

/* Events that arrive meanwhile are read too, so it may be more than was counted. */
double
reclassify_percent(const ReclassifyRun *run)
{
	if (run->events_read >= run->events)
		return 100;
	return rint(1000.0 * run->events_read / run->events) / 10;
}
