/*
 * cap.c
 *		Frequency caps: at most so many messages of a topic to a person in each interval.
 *
 * bounce.pace has a row for each person and topic under a cap, with the times of the
 * last messages, as many as the cap allows.  A message may go out when fewer than
 * that lie less than "per" away from it: the window slides, and at its very end a
 * time has left it.  Times that come out of order count on either side.
 *
 * A slot is taken by one statement, which decides under the lock of that row, so that
 * no two transactions take the same one; a rollback gives it back.  Who finds the
 * window full reads, and locks nothing.
 *
 * Which cap is in force is read anew for each statement; one that grew sees only
 * what was kept under the old one.  A topic without a cap costs the look at its row.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "common/int.h"
#include "fmgr.h"
#include "storage/bufmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "address_text.h"
#include "cap.h"
#include "compat.h"
#include "ladder.h"
#include "owner.h"
#include "state_scan.h"

PG_FUNCTION_INFO_V1(bounce_pace_used);
PG_FUNCTION_INFO_V1(bounce_pace_add);
PG_FUNCTION_INFO_V1(bounce_capped_until);

#define DAYS_A_MONTH 30

/* Of bounce.pace, looked at by one sweep: 80 MB */
#define SWEPT_BLOCKS 10000

static int64 cap_period(const Interval *per);
static TimestampTz shifted(TimestampTz at, int64 by);
static TimestampTz *times_of(ArrayType *array, int *count);
static int	times_near(const TimestampTz *times, int count, TimestampTz at, int64 period);
static Datum array_of(const TimestampTz *times, int count);
static int	time_compare(const void *a, const void *b);

void
cap_of_topic(const char *topic, Cap *cap)
{
	text	   *key = cstring_to_text(topic);
	StateScan	scan;

	cap->max_messages = 0;
	state_scan_begin(&scan, STATE_TOPIC);
	state_scan_find(&scan, key, NULL);
	if (state_scan_next(&scan))
	{
		bool		isnull;
		Datum		per = state_scan_column(&scan, TOPIC_PER, &isnull);

		if (!isnull)
		{
			cap->per = *DatumGetIntervalP(per);
			cap->max_messages = DatumGetInt32(state_scan_column(&scan, TOPIC_MAX_MESSAGES, &isnull));
		}
	}
	state_scan_end(&scan);
	pfree(key);
}

bool
cap_take(const char *address, const char *topic, const Cap *cap, TimestampTz at)
{
	static KeptStatement statement = {
		"INSERT INTO bounce.pace AS p (address, topic, sent) SELECT $1, $2, ARRAY[$3]"
		" WHERE NOT EXISTS (SELECT FROM bounce.pace AS q WHERE q.address OPERATOR(pg_catalog.=) $1"
		" AND q.topic OPERATOR(pg_catalog.=) $2 AND bounce.pace_used(q.sent, $3, $5) OPERATOR(pg_catalog.>=) $4)"
		" ON CONFLICT (address, topic) DO UPDATE SET sent = bounce.pace_add(p.sent, $3, $4)"
		" WHERE bounce.pace_used(p.sent, $3, $5) OPERATOR(pg_catalog.<) $4",
		5, {TEXTOID, TEXTOID, TIMESTAMPTZOID, INT4OID, INTERVALOID}, NULL
	};
	Datum		values[] = {
		CStringGetTextDatum(address), CStringGetTextDatum(topic), TimestampTzGetDatum(at),
		Int32GetDatum(cap->max_messages), IntervalPGetDatum(&cap->per)
	};
	OwnerScope	scope;
	bool		taken;

	owner_spi_begin(&scope);
	kept_execute(&statement, values, NULL, false);
	taken = SPI_processed == 1;
	owner_spi_end(&scope);
	return taken;
}

void
cap_give_back(const char *address, const char *topic)
{
	static KeptStatement statement = {
		"UPDATE bounce.pace AS p SET sent = pg_catalog.trim_array(p.sent, 1)"
		" WHERE p.address OPERATOR(pg_catalog.=) $1 AND p.topic OPERATOR(pg_catalog.=) $2"
		" AND pg_catalog.cardinality(p.sent) OPERATOR(pg_catalog.>) 0",
		2, {TEXTOID, TEXTOID}, NULL
	};
	Datum		values[] = {CStringGetTextDatum(address), CStringGetTextDatum(topic)};

	owner_execute(&statement, values);
}

TimestampTz
cap_until(const char *address, const char *topic, TimestampTz at, Cap *cap)
{
	static KeptStatement statement = {
		"SELECT p.sent FROM bounce.pace AS p WHERE p.address OPERATOR(pg_catalog.=) $1 AND p.topic OPERATOR(pg_catalog.=) $2",
		2, {TEXTOID, TEXTOID}, NULL
	};
	Datum		values[] = {CStringGetTextDatum(address), CStringGetTextDatum(topic)};
	TimestampTz until = DT_NOBEGIN;
	OwnerScope	scope;
	int64		period;

	cap_of_topic(topic, cap);
	if (cap->max_messages == 0)
		return DT_NOBEGIN;
	period = cap_period(&cap->per);
	owner_spi_begin(&scope);
	kept_execute(&statement, values, NULL, true);
	if (SPI_processed > 0)
	{
		bool		isnull;
		Datum		sent = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
		int			count;
		TimestampTz *times = times_of(DatumGetArrayTypeP(sent), &count);

		if (times_near(times, count, at, period) >= cap->max_messages)
			until = shifted(times[count - cap->max_messages], period);
	}
	owner_spi_end(&scope);
	return until;
}

void
cap_sweep(TimestampTz at)
{
	static KeptStatement statement = {
		"WITH over AS (SELECT p.address, p.topic FROM bounce.pace AS p"
		" LEFT JOIN bounce.topic AS t ON t.topic OPERATOR(pg_catalog.=) p.topic AND t.per IS NOT NULL"
		" WHERE p.ctid OPERATOR(pg_catalog.>=) $2 AND p.ctid OPERATOR(pg_catalog.<) $3"
		" AND (t.topic IS NULL OR pg_catalog.cardinality(p.sent) OPERATOR(pg_catalog.=) 0"
		" OR (p.sent[pg_catalog.cardinality(p.sent)] OPERATOR(pg_catalog.<=) $1"
		" AND bounce.pace_used(p.sent, $1, t.per) OPERATOR(pg_catalog.=) 0)) FOR UPDATE OF p SKIP LOCKED)"
		" DELETE FROM bounce.pace AS p USING over AS o WHERE p.address OPERATOR(pg_catalog.=) o.address"
		" AND p.topic OPERATOR(pg_catalog.=) o.topic",
		3, {TIMESTAMPTZOID, TIDOID, TIDOID}, NULL
	};
	Relation	pace = table_open(bounce_relation_oid("pace"), AccessShareLock);
	BlockNumber blocks = RelationGetNumberOfBlocks(pace);
	BlockNumber first = blocks <= SWEPT_BLOCKS ? 0 : (uint64) GetCurrentTimestamp() % blocks;
	ItemPointerData begin;
	ItemPointerData end;
	Datum		values[] = {TimestampTzGetDatum(at), PointerGetDatum(&begin), PointerGetDatum(&end)};

	table_close(pace, NoLock);
	ItemPointerSet(&begin, first, 0);
	ItemPointerSet(&end, first + SWEPT_BLOCKS, 0);
	owner_execute(&statement, values);
}

/* In microseconds; no time zone bends it. */
static int64
cap_period(const Interval *per)
{
	int64		days = (int64) per->month * DAYS_A_MONTH + per->day;

	if (INTERVAL_IS_NOEND(per) || days > PG_INT32_MAX)
		return LADDER_FOREVER;
	return duration_of((int32) Max(days, PG_INT32_MIN), per->time);
}

/* Saturating; by is not negative. */
static TimestampTz
shifted(TimestampTz at, int64 by)
{
	TimestampTz result;

	if (TIMESTAMP_NOT_FINITE(at) || by == LADDER_FOREVER || pg_add_s64_overflow(at, by, &result) ||
		!IS_VALID_TIMESTAMP(result))
		return DT_NOEND;
	return result;
}

static TimestampTz *
times_of(ArrayType *array, int *count)
{
	Datum	   *values;
	bool	   *nulls;
	TimestampTz *times;

	deconstruct_array(array, TIMESTAMPTZOID, sizeof(TimestampTz), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &values, &nulls, count);
	/* Room for one more. */
	times = palloc(sizeof(TimestampTz) * (*count + 1));
	for (int i = 0; i < *count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("times of messages must not be null")));
		times[i] = DatumGetTimestampTz(values[i]);
	}
	return times;
}

static int
times_near(const TimestampTz *times, int count, TimestampTz at, int64 period)
{
	int			near = 0;

	for (int i = 0; i < count; i++)
	{
		if (times[i] <= at ? at < shifted(times[i], period) : times[i] < shifted(at, period))
			near++;
	}
	return near;
}

/* pace_used(sent timestamptz[], at timestamptz, per interval) -> integer */
Datum
bounce_pace_used(PG_FUNCTION_ARGS)
{
	int			count;
	TimestampTz *times = times_of(PG_GETARG_ARRAYTYPE_P(0), &count);

	PG_RETURN_INT32(times_near(times, count, PG_GETARG_TIMESTAMPTZ(1), cap_period(PG_GETARG_INTERVAL_P(2))));
}

/* pace_add(sent timestamptz[], at timestamptz, keep integer) -> timestamptz[] */
Datum
bounce_pace_add(PG_FUNCTION_ARGS)
{
	int			count;
	TimestampTz *times = times_of(PG_GETARG_ARRAYTYPE_P(0), &count);
	int			keep = Max(PG_GETARG_INT32(2), 0);

	times[count++] = PG_GETARG_TIMESTAMPTZ(1);
	qsort(times, count, sizeof(TimestampTz), time_compare);
	keep = Min(keep, count);
	PG_RETURN_DATUM(array_of(times + count - keep, keep));
}

static Datum
array_of(const TimestampTz *times, int count)
{
	Datum	   *values = palloc(sizeof(Datum) * (count + 1));

	for (int i = 0; i < count; i++)
		values[i] = TimestampTzGetDatum(times[i]);
	return PointerGetDatum(construct_array(values, count, TIMESTAMPTZOID, sizeof(TimestampTz),
										   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

static int
time_compare(const void *a, const void *b)
{
	TimestampTz one = *(const TimestampTz *) a;
	TimestampTz other = *(const TimestampTz *) b;

	return (one > other) - (one < other);
}

/* capped_until(address text, topic text, at timestamptz) -> timestamptz */
Datum
bounce_capped_until(PG_FUNCTION_ARGS)
{
	char		address[ADDRESS_TEXT_MAX];
	size_t		length;
	size_t		domain;
	text	   *given;
	TimestampTz until;
	Cap			cap;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	given = PG_GETARG_TEXT_PP(0);
	if (!address_normalize_text(VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given), address, &length, &domain))
		PG_RETURN_NULL();
	until = cap_until(address, text_to_cstring(PG_GETARG_TEXT_PP(1)), PG_GETARG_TIMESTAMPTZ(2), &cap);
	if (until == DT_NOBEGIN)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(until);
}
