/*
 * maintain.c
 *		maintain(): the coming partitions of the log, and the end of old ones.
 *
 * Two settings say what is wanted: "partition" (month, week or day; in UTC), and
 * "retention" (an interval; absent: everything is kept).  The events of a time that
 * has gone are dropped with their partition; what they left for the leases of today
 * is kept in bounce.fold_base first (fold_base.h).
 *
 * Locks: SHARE UPDATE EXCLUSIVE on bounce.delivery_event, so that one session
 * maintains at a time and others wait for it; loaders do not notice.  Only when
 * there is something to do ACCESS EXCLUSIVE, taken before anything else, so that
 * there is no circle: it waits for transactions that use the log, and they wait
 * for it.  Asking (is_suppressed) uses other tables and goes on.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "fold_base.h"
#include "log_partitions.h"
#include "owner.h"
#include "setting.h"
#include "state_args.h"

PG_FUNCTION_INFO_V1(maintain);

/* The current period and the next two; so many past ones, if the default partition has events of theirs */
#define PERIODS_AHEAD 3
#define PERIODS_BACK 60

/* A range of time, half open. */
typedef struct Period
{
	TimestampTz lower;
	TimestampTz upper;
} Period;

/* What the settings make of "at". */
typedef struct Wanted
{
	char	   *unit;
	TimestampTz horizon;		/* what was before may go; DT_NOBEGIN: nothing */
} Wanted;

static void read_wanted(TimestampTz at, Wanted *wanted);
static Period *read_periods(TimestampTz at, const Wanted *wanted, Oid rest, int *count);
static Period *find_gaps(const LogPartitions *partitions, const Period *periods, int period_count, int *count);
static bool has_old(const LogPartitions *partitions, TimestampTz horizon);
static void drop_old(const LogPartitions *partitions, TimestampTz horizon, ReturnSetInfo *result);
static void tell(ReturnSetInfo *result, const char *action, const char *object, int64 events);

/* maintain(at timestamptz): action, object, events */
Datum
maintain(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	TimestampTz at;
	Oid			log = bounce_relation_oid("delivery_event");
	LogPartitions partitions;
	Wanted		wanted;
	OwnerScope	scope;
	Period	   *periods;
	int			period_count;
	Period	   *gaps;
	int			gap_count;
	bool		drops;

	PreventCommandIfReadOnly("bounce.maintain()");
	at = instant_arg(fcinfo, 0, "at");
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("bounce.maintain() must run at isolation level READ COMMITTED"),
				 errdetail("It has to see all events, also those that came after the transaction's snapshot."),
				 errhint("BEGIN ISOLATION LEVEL READ COMMITTED, or SET default_transaction_isolation.")));
	InitMaterializedSRF(fcinfo, 0);
	LockRelationOid(log, ShareUpdateExclusiveLock);
	read_wanted(at, &wanted);
	log_partitions_read(&partitions);
	periods = read_periods(at, &wanted, partitions.rest, &period_count);
	gaps = find_gaps(&partitions, periods, period_count, &gap_count);
	owner_spi_begin(&scope);
	drops = has_old(&partitions, wanted.horizon);
	owner_spi_end(&scope);
	if (gap_count == 0 && !drops)
		return (Datum) 0;

	LockRelationOid(log, AccessExclusiveLock);
	if (drops)
		drop_old(&partitions, wanted.horizon, result);
	for (int i = 0; i < gap_count; i++)
	{
		int64		moved;
		char	   *name;

		owner_spi_begin(&scope);
		name = log_partition_create(gaps[i].lower, gaps[i].upper, partitions.rest, &moved);
		tell(result, "create", name, moved);
		owner_spi_end(&scope);
	}
	return (Datum) 0;
}

static void
read_wanted(TimestampTz at, Wanted *wanted)
{
	static KeptStatement horizon = {
		"SELECT pg_catalog.timezone('UTC', pg_catalog.date_trunc($1, pg_catalog.timezone('UTC', $2)"
		" OPERATOR(pg_catalog.-) $3))",
		3, {TEXTOID, TIMESTAMPTZOID, INTERVALOID}, NULL
	};
	MemoryContext caller = CurrentMemoryContext;
	Interval	retention;
	bool		isnull;
	OwnerScope	scope;

	owner_spi_begin(&scope);
	wanted->unit = MemoryContextStrdup(caller, setting_text("partition"));
	wanted->horizon = DT_NOBEGIN;
	if (setting_interval("retention", &retention))
	{
		Datum		values[] = {CStringGetTextDatum(wanted->unit), TimestampTzGetDatum(at), IntervalPGetDatum(&retention)};

		kept_execute(&horizon, values, NULL, false);
		wanted->horizon = DatumGetTimestampTz(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	}
	owner_spi_end(&scope);
}

/*
 * The periods that should have a partition, in time order.  The default partition
 * has events of past ones after a restore, or an import.
 */
static Period *
read_periods(TimestampTz at, const Wanted *wanted, Oid rest, int *count)
{
#define STEP "('1 ' OPERATOR(pg_catalog.||) $1)::pg_catalog.interval"
#define TRUNCATED(t) "pg_catalog.date_trunc($1, pg_catalog.timezone('UTC', " t "))"
	static const char *const ahead =
		"SELECT pg_catalog.timezone('UTC', p), pg_catalog.timezone('UTC', p OPERATOR(pg_catalog.+) " STEP ") FROM ("
		"SELECT " TRUNCATED("$2") " OPERATOR(pg_catalog.+) (" STEP " OPERATOR(pg_catalog.*) n)"
								  " FROM pg_catalog.generate_series(0, " CppAsString2(PERIODS_AHEAD) " OPERATOR(pg_catalog.-) 1) AS n%s) AS s(p) ORDER BY p";
	static const char *const past =
		" UNION SELECT " TRUNCATED("e.occurred_at") " FROM ONLY %s e WHERE e.occurred_at OPERATOR(pg_catalog.<) $2"
													" AND e.occurred_at OPERATOR(pg_catalog.>=) $3 AND e.occurred_at OPERATOR(pg_catalog.>=) pg_catalog.timezone('UTC', " TRUNCATED("$2") " OPERATOR(pg_catalog.-) (" STEP " OPERATOR(pg_catalog.*) " CppAsString2(PERIODS_BACK) "))";
	MemoryContext caller = CurrentMemoryContext;
	Oid			types[] = {TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID};
	Datum		values[] = {
		CStringGetTextDatum(wanted->unit), TimestampTzGetDatum(at), TimestampTzGetDatum(wanted->horizon)
	};
	Period	   *periods;
	OwnerScope	scope;
	bool		isnull;
	int			rc;

	owner_spi_begin(&scope);
	rc = SPI_execute_with_args(psprintf(ahead, OidIsValid(rest) ? psprintf(past, log_partition_name(rest)) : ""),
							   3, types, values, NULL, false, 0);
	if (rc != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(rc));
	*count = (int) SPI_processed;
	periods = MemoryContextAlloc(caller, sizeof(Period) * *count);
	for (int i = 0; i < *count; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];

		periods[i].lower = DatumGetTimestampTz(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 1, &isnull));
		periods[i].upper = DatumGetTimestampTz(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &isnull));
	}
	owner_spi_end(&scope);
	return periods;
}

/* What of the periods no partition covers, in time order. */
static Period *
find_gaps(const LogPartitions *partitions, const Period *periods, int period_count, int *count)
{
	Period	   *gaps = palloc(sizeof(Period) * (period_count + partitions->count));
	int			next = 0;

	*count = 0;
	for (int i = 0; i < period_count; i++)
	{
		TimestampTz at = periods[i].lower;

		while (at < periods[i].upper)
		{
			const LogPartition *partition;

			while (next < partitions->count && partitions->range[next].upper <= at)
				next++;
			partition = next < partitions->count ? &partitions->range[next] : NULL;
			if (partition != NULL && partition->lower <= at)
				at = partition->upper;
			else
			{
				gaps[*count].lower = at;
				at = partition != NULL ? Min(partition->lower, periods[i].upper) : periods[i].upper;
				gaps[(*count)++].upper = at;
			}
		}
	}
	return gaps;
}

static bool
has_old(const LogPartitions *partitions, TimestampTz horizon)
{
	if (horizon == DT_NOBEGIN)
		return false;
	return (partitions->count > 0 && partitions->range[0].upper <= horizon) ||
		(OidIsValid(partitions->rest) && log_partition_reaches(partitions->rest, horizon));
}

static void
drop_old(const LogPartitions *partitions, TimestampTz horizon, ReturnSetInfo *result)
{
	TimestampTz reached;
	OwnerScope	scope;
	int64		events;

	owner_spi_begin(&scope);
	reached = fold_horizon();
	owner_spi_end(&scope);
	/* Events may come that are older than a horizon of earlier days: they go, too. */
	if (reached < horizon)
		fold_horizon_move(horizon);
	owner_spi_begin(&scope);
	for (int i = 0; i < partitions->count && partitions->range[i].upper <= horizon; i++)
		tell(result, "drop", log_partition_drop(partitions->range[i].relation), -1);
	if (OidIsValid(partitions->rest) && (events = log_partition_trim(partitions->rest, horizon)) > 0)
		tell(result, "trim", log_partition_name(partitions->rest), events);
	owner_spi_end(&scope);
}

/* One row of the answer; -1 where events were not counted. */
static void
tell(ReturnSetInfo *result, const char *action, const char *object, int64 events)
{
	Datum		values[] = {CStringGetTextDatum(action), CStringGetTextDatum(object), Int64GetDatum(events)};
	bool		nulls[] = {false, false, events < 0};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}
