/*
 * lease.c
 *		The type bounce.lease and the ladder it climbs, as SQL functions.
 *
 * Pure arithmetic on what comes in: no clock, no time zone, no state.  What the
 * arithmetic means is in core/ladder.c; here values are read and checked.
 *
 * Errors: 22023 for a ladder or a lease that cannot be, 22008 for an occurrence
 * at plus or minus infinity.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "compat.h"
#include "ladder.h"
#include "lease.h"

enum
{
	LEASE_STEP,
	LEASE_OCCURRENCES,
	LEASE_STARTS_AT,
	LEASE_EXPIRES_AT,
	LEASE_COLUMNS
};

PG_FUNCTION_INFO_V1(bounce_acs_ladder);
PG_FUNCTION_INFO_V1(bounce_lease_begin);
PG_FUNCTION_INFO_V1(bounce_lease_climb);
PG_FUNCTION_INFO_V1(bounce_lease_active);

/* How SQL writes a duration, for messages. */
static char *
interval_text(const Interval *interval)
{
	return DatumGetCString(DirectFunctionCall1(interval_out, IntervalPGetDatum(interval)));
}

/* See lease.h. */
int64
duration_from_interval(const Interval *interval, const char *what)
{
	if (INTERVAL_IS_NOEND(interval))
		return LADDER_FOREVER;
	if (interval->month != 0 && !INTERVAL_IS_NOBEGIN(interval))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s has months or years", what),
				 errdetail("The value is \"%s\"; a month has no fixed length.", interval_text(interval)),
				 errhint("Use days or hours; a day is 24 hours.")));
	return duration_of(interval->day, interval->time);
}

/* One step of a ladder as a duration; number counts from 1. */
static int64
step_duration(const Interval *interval, int number)
{
	int64		duration = duration_from_interval(interval, psprintf("step %d of the ladder", number));

	if (duration <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step %d of the ladder is not above zero", number),
				 errdetail("The value is \"%s\".", interval_text(interval))));
	return duration;
}

/* Refuses an array that cannot be a ladder whatever its elements are. */
static void
check_ladder_shape(ArrayType *array)
{
	int			length = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	if (length == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("ladder is empty"),
				 errhint("A ladder has at least one step, as in ARRAY['24 hours'::interval].")));
	if (ARR_NDIM(array) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("ladder has %d dimensions", ARR_NDIM(array)),
				 errhint("A ladder is a plain list of durations.")));
	if (length > LADDER_MAX_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("ladder has %d steps", length),
				 errdetail("A ladder has at most %d steps.", LADDER_MAX_STEPS)));
}

/* See lease.h. */
void
ladder_from_array(ArrayType *array, Ladder *ladder)
{
	Datum	   *steps;
	bool	   *nulls;

	check_ladder_shape(array);
	deconstruct_array(array, INTERVALOID, sizeof(Interval), false, TYPALIGN_DOUBLE,
					  &steps, &nulls, &ladder->length);
	for (int i = 0; i < ladder->length; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("step %d of the ladder is NULL", i + 1)));
		ladder->step[i] = step_duration(DatumGetIntervalP(steps[i]), i + 1);
	}
	pfree(steps);
	pfree(nulls);
}

/* See lease.h. */
void
check_occurrence(int64 at)
{
	if (TIMESTAMP_NOT_FINITE(at))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("a lease cannot have an occurrence at \"%s\"",
						TIMESTAMP_IS_NOEND(at) ? "infinity" : "-infinity")));
}

/* The function's lease argument or result type: every function here has at least one of them. */
static Oid
lease_type(FunctionCallInfo fcinfo)
{
	Oid			result = get_func_rettype(fcinfo->flinfo->fn_oid);

	if (type_is_rowtype(result))
		return result;
	return HeapTupleHeaderGetTypeId(PG_GETARG_HEAPTUPLEHEADER(0));
}

/* Its row descriptor, looked up at the first call of a query. */
static TupleDesc
lease_row(FunctionCallInfo fcinfo)
{
	MemoryContext caller;

	if (fcinfo->flinfo->fn_extra == NULL)
	{
		caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = lookup_rowtype_tupdesc_copy(lease_type(fcinfo), -1);
		MemoryContextSwitchTo(caller);
	}
	if (((TupleDesc) fcinfo->flinfo->fn_extra)->natts != LEASE_COLUMNS)
		elog(ERROR, "bounce.lease does not have %d columns", LEASE_COLUMNS);
	return fcinfo->flinfo->fn_extra;
}

/* See lease.h. */
Datum
lease_to_datum(FunctionCallInfo fcinfo, const Lease *lease)
{
	bool		nulls[LEASE_COLUMNS] = {false};
	Datum		values[LEASE_COLUMNS];

	values[LEASE_STEP] = Int16GetDatum(lease->step);
	values[LEASE_OCCURRENCES] = Int32GetDatum(lease->occurrences);
	values[LEASE_STARTS_AT] = TimestampTzGetDatum(lease->starts_at);
	values[LEASE_EXPIRES_AT] = TimestampTzGetDatum(lease->expires_at);
	return HeapTupleGetDatum(heap_form_tuple(lease_row(fcinfo), values, nulls));
}

/* Reads argument 0, a bounce.lease that anybody may have made with ROW(...). */
static Lease
lease_argument(FunctionCallInfo fcinfo)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(0);
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(header), .t_data = header};
	Datum		values[LEASE_COLUMNS];
	bool		nulls[LEASE_COLUMNS];
	const char *problem = NULL;
	Lease		lease = {0};

	heap_deform_tuple(&tuple, lease_row(fcinfo), values, nulls);
	for (int i = 0; i < LEASE_COLUMNS; i++)
	{
		if (nulls[i])
			problem = "One of its fields is NULL.";
	}
	if (problem == NULL)
	{
		lease.step = DatumGetInt16(values[LEASE_STEP]);
		lease.occurrences = DatumGetInt32(values[LEASE_OCCURRENCES]);
		lease.starts_at = DatumGetTimestampTz(values[LEASE_STARTS_AT]);
		lease.expires_at = DatumGetTimestampTz(values[LEASE_EXPIRES_AT]);
		problem = lease_problem(&lease);
	}
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid lease"),
				 errdetail_internal("%s", problem)));
	return lease;
}

/* acs_ladder() -> interval[]: in hours, so that no clock change bends it */
Datum
bounce_acs_ladder(PG_FUNCTION_ARGS)
{
	Interval	steps[LADDER_MAX_STEPS] = {0};
	Datum		elements[LADDER_MAX_STEPS];

	for (int i = 0; i < acs_ladder.length; i++)
	{
		steps[i].time = acs_ladder.step[i];
		elements[i] = IntervalPGetDatum(&steps[i]);
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, acs_ladder.length, INTERVALOID,
										  sizeof(Interval), false, TYPALIGN_DOUBLE));
}

/* lease_begin(at, ladder) -> lease */
Datum
bounce_lease_begin(PG_FUNCTION_ARGS)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(0);
	Ladder		ladder;
	Lease		lease;

	check_occurrence(at);
	ladder_from_array(PG_GETARG_ARRAYTYPE_P(1), &ladder);
	lease = lease_begin(at, &ladder, 1);
	PG_RETURN_DATUM(lease_to_datum(fcinfo, &lease));
}

/* lease_climb(lease, at, ladder) -> lease */
Datum
bounce_lease_climb(PG_FUNCTION_ARGS)
{
	Lease		lease = lease_argument(fcinfo);
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(1);
	Ladder		ladder;

	check_occurrence(at);
	ladder_from_array(PG_GETARG_ARRAYTYPE_P(2), &ladder);
	lease = lease_climb(lease, at, &ladder);
	PG_RETURN_DATUM(lease_to_datum(fcinfo, &lease));
}

/* lease_active(lease, at) -> boolean */
Datum
bounce_lease_active(PG_FUNCTION_ARGS)
{
	Lease		lease = lease_argument(fcinfo);

	PG_RETURN_BOOL(lease_active(&lease, PG_GETARG_TIMESTAMPTZ(1)));
}
