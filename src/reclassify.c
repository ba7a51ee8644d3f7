/*
 * reclassify.c
 *		CALL bounce.reclassify(since, until, batch): today's rules for the log.
 *
 * The log is read in the order of its key, so that the events of an address come
 * together and its leases are folded about once.  Each batch is a transaction: it
 * changes the classes that differ, whose triggers fold the leases of the addresses,
 * and notes how far it has come.
 *
 * A procedure that commits cannot be SECURITY DEFINER: each batch becomes the owner
 * within its transaction and the caller again before it commits.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/lock.h"
#include "tcop/pquery.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "owner.h"
#include "reclassify_run.h"
#include "site_rule.h"
#include "state_args.h"

PG_FUNCTION_INFO_V1(bounce_reclassify);

#define BATCH_MAX 1000000

/* How often the caller is told. */
#define TELL_EVERY (10 * USECS_PER_SEC)

/* Columns that go from the reading statement to the writing one. */
enum
{
	ROW_RECIPIENT,
	ROW_OCCURRED_AT,
	ROW_EVENT_KEY,
	ROW_CLASS,
	ROW_NEW_CLASS,
	ROW_COLUMNS
};

static void check_call(FunctionCallInfo fcinfo);
static int32 batch_arg(FunctionCallInfo fcinfo, int n);
static void lock_out_others(LOCKTAG *tag, Oid procedure);
static void reclassify(ReclassifyRun *run, bool open_end, int32 batch);
static uint64 reclassify_batch(ReclassifyRun *run, int32 batch, MemoryContext context);
static uint64 read_batch(const ReclassifyRun *run, int32 batch);
static int64 change_classes(void);
static void advance(ReclassifyRun *run, uint64 count, MemoryContext context);
static void commit(void);
static void tell(const ReclassifyRun *run);

Datum
bounce_reclassify(PG_FUNCTION_ARGS)
{
	ReclassifyRun run = {0};
	int32		batch;
	bool		open_end;
	LOCKTAG		tag;

	check_call(fcinfo);
	run.since = DatumGetTimestampTz(required_arg(fcinfo, 0, "since"));
	run.until = DatumGetTimestampTz(required_arg(fcinfo, 1, "until"));
	batch = batch_arg(fcinfo, 2);
	open_end = run.until == GetCurrentTransactionStartTimestamp();
	lock_out_others(&tag, fcinfo->flinfo->fn_oid);
	/* A lock of the session outlives the commits, and also an error. */
	PG_TRY();
	{
		reclassify(&run, open_end, batch);
	}
	PG_FINALLY();
	{
		LockRelease(&tag, ShareUpdateExclusiveLock, true);
	}
	PG_END_TRY();
	PG_RETURN_VOID();
}

static void
check_call(FunctionCallInfo fcinfo)
{
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("bounce.reclassify() cannot run inside a transaction block"),
				 errhint("It commits after each batch: CALL it by itself.")));
	PreventCommandIfReadOnly("bounce.reclassify()");
}

static int32
batch_arg(FunctionCallInfo fcinfo, int n)
{
	int32		batch = DatumGetInt32(required_arg(fcinfo, n, "batch"));

	if (batch < 1 || batch > BATCH_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("parameter \"batch\" must be from 1 to %d", BATCH_MAX)));
	return batch;
}

/* The lock on the procedure itself: nobody else has a reason to take it. */
static void
lock_out_others(LOCKTAG *tag, Oid procedure)
{
	SET_LOCKTAG_OBJECT(*tag, MyDatabaseId, ProcedureRelationId, procedure, 0);
	if (LockAcquire(tag, ShareUpdateExclusiveLock, true, true) == LOCKACQUIRE_NOT_AVAIL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("bounce.reclassify() is running already"),
				 errhint("bounce.reclassify_progress says how far it is; call again when it has finished.")));
}

static void
reclassify(ReclassifyRun *run, bool open_end, int32 batch)
{
	MemoryContext context;
	TimestampTz told_at = GetCurrentTimestamp();

	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	/* Below that of the SPI connection, which outlives transactions. */
	context = AllocSetContextCreate(CurrentMemoryContext, "bounce reclassify", ALLOCSET_SMALL_SIZES);
	if (reclassify_run_open(run, open_end, context))
		ereport(NOTICE,
				(errmsg("going on where the last run was interrupted, after %lld of %lld events",
						(long long) run->events_read, (long long) run->events)));
	commit();
	while (reclassify_batch(run, batch, context) == (uint64) batch)
	{
		commit();
		CHECK_FOR_INTERRUPTS();
		if (GetCurrentTimestamp() - told_at >= TELL_EVERY)
		{
			tell(run);
			told_at = GetCurrentTimestamp();
		}
	}
	ereport(NOTICE,
			(errmsg("%lld events read, %lld classes changed",
					(long long) run->events_read, (long long) run->events_changed)));
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
}

/* One batch, without its commit; returns how many events it read. */
static uint64
reclassify_batch(ReclassifyRun *run, int32 batch, MemoryContext context)
{
	uint64		rules = site_rules_fingerprint();
	uint64		count;
	OwnerScope	scope;

	if (rules != run->rules)
	{
		ereport(NOTICE,
				(errmsg("site rules have changed, starting again from the beginning")));
		reclassify_run_restart(run, rules, context);
	}
	owner_spi_begin(&scope);
	count = read_batch(run, batch);
	advance(run, count, context);
	run->events_changed += change_classes();
	reclassify_run_save(run, count < (uint64) batch);
	owner_spi_end(&scope);
	return count;
}

/*
 * The next events into SPI_tuptable.  A complaint is what a person said, and came
 * with the event: no rule about texts takes it back.  Not kept: planned with the
 * values, so that the index is used wherever the batch is a small part of the log.
 */
static uint64
read_batch(const ReclassifyRun *run, int32 batch)
{
	Oid			types[] = {TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TIMESTAMPTZOID, TEXTOID, INT4OID};
	Datum		values[] = {
		TimestampTzGetDatum(run->since), TimestampTzGetDatum(run->until),
		CStringGetTextDatum(run->position.recipient), TimestampTzGetDatum(run->position.occurred_at),
		CStringGetTextDatum(run->position.event_key), Int32GetDatum(batch)
	};

	if (SPI_execute_with_args("SELECT e.recipient, e.occurred_at, e.event_key, e.class,"
							  " CASE WHEN bounce.severity(e.class) OPERATOR(pg_catalog.=) 'complaint' THEN e.class"
							  " ELSE bounce.classify_here(e.status, e.response) END"
							  " FROM bounce.delivery_event AS e"
							  " WHERE e.occurred_at OPERATOR(pg_catalog.>=) $1 AND e.occurred_at OPERATOR(pg_catalog.<) $2"
							  " AND e.response IS NOT NULL"
							  " AND ROW(e.recipient, e.occurred_at, e.event_key) OPERATOR(pg_catalog.>) ROW($3, $4, $5)"
							  " ORDER BY e.recipient, e.occurred_at, e.event_key LIMIT $6",
							  lengthof(types), types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the log");
	return SPI_processed;
}

/* The position after the last row of SPI_tuptable. */
static void
advance(ReclassifyRun *run, uint64 count, MemoryContext context)
{
	HeapTuple	last;
	TupleDesc	desc = SPI_tuptable->tupdesc;
	bool		isnull;

	if (count == 0)
		return;
	last = SPI_tuptable->vals[count - 1];
	MemoryContextReset(context);
	run->position.recipient = MemoryContextStrdup(context, SPI_getvalue(last, desc, ROW_RECIPIENT + 1));
	run->position.occurred_at = DatumGetTimestampTz(SPI_getbinval(last, desc, ROW_OCCURRED_AT + 1, &isnull));
	run->position.event_key = MemoryContextStrdup(context, SPI_getvalue(last, desc, ROW_EVENT_KEY + 1));
	run->events_read += count;
}

/* Writes what differs in SPI_tuptable, unless it was changed meanwhile; returns how many rows. */
static int64
change_classes(void)
{
	Oid			klass = bounce_type_oid("bounce_class");
	const Oid	element[ROW_COLUMNS] = {TEXTOID, TIMESTAMPTZOID, TEXTOID, klass, klass};
	ArrayBuildState *columns[ROW_COLUMNS] = {NULL};
	Oid			types[ROW_COLUMNS];
	Datum		values[ROW_COLUMNS];
	bool		isnull;

	for (uint64 i = 0; i < SPI_processed; i++)
	{
		for (int column = 0; column < ROW_COLUMNS; column++)
			values[column] = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, column + 1, &isnull);
		if (DatumGetBounceClass(values[ROW_CLASS]) == DatumGetBounceClass(values[ROW_NEW_CLASS]))
			continue;
		for (int column = 0; column < ROW_COLUMNS; column++)
			columns[column] = accumArrayResult(columns[column], values[column], false, element[column], CurrentMemoryContext);
	}
	if (columns[0] == NULL)
		return 0;
	for (int column = 0; column < ROW_COLUMNS; column++)
	{
		types[column] = get_array_type(element[column]);
		values[column] = makeArrayResult(columns[column], CurrentMemoryContext);
	}
	if (SPI_execute_with_args("UPDATE bounce.delivery_event AS e SET class = n.new_class"
							  " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),"
							  " pg_catalog.unnest($4), pg_catalog.unnest($5))"
							  " AS n(recipient, occurred_at, event_key, old_class, new_class)"
							  " WHERE e.recipient OPERATOR(pg_catalog.=) n.recipient"
							  " AND e.occurred_at OPERATOR(pg_catalog.=) n.occurred_at"
							  " AND e.event_key OPERATOR(pg_catalog.=) n.event_key"
							  " AND e.class OPERATOR(bounce.=) n.old_class",
							  lengthof(types), types, values, NULL, false, 0) != SPI_OK_UPDATE)
		elog(ERROR, "could not change the log");
	return (int64) SPI_processed;
}

/* And the next transaction; what runs in it before any statement of its own needs a snapshot. */
static void
commit(void)
{
	SPI_commit();
	EnsurePortalSnapshotExists();
}

static void
tell(const ReclassifyRun *run)
{
	int64		left = reclassify_time_left(run);

	ereport(NOTICE,
			(errmsg("%lld of %lld events read (%.1f %%), %lld changed, about %lld s left",
					(long long) run->events_read, (long long) run->events, reclassify_percent(run),
					(long long) run->events_changed, (long long) (Max(left, 0) / USECS_PER_SEC))));
}
