/*
 * lease_fold.c
 *		The aggregate bounce.lease_fold(at, ladder): the lease that a set of
 *		occurrences leaves behind, in whatever order they are read.
 *
 * The state keeps every time, because a late row may belong before all others.
 * As long as rows come in time order each final call goes on where the last one
 * stopped, so the aggregate as a window function costs one pass.
 *
 * NULL times are ignored; no time at all gives NULL.  Errors: those of lease.c,
 * 22004 for a NULL ladder and 22023 when the ladder changes between rows.
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "ladder.h"
#include "lease.h"

typedef struct LeaseFold
{
	ArrayType  *ladder;			/* of the first row; the others must have the same */
	bool		sorted;
	Size		count;
	Size		capacity;
	int64	   *times;
	Size		folded;			/* so many of the times are in the lease below */
	Lease		lease;
} LeaseFold;

PG_FUNCTION_INFO_V1(bounce_lease_fold_add);
PG_FUNCTION_INFO_V1(bounce_lease_fold_combine);
PG_FUNCTION_INFO_V1(bounce_lease_fold_serialize);
PG_FUNCTION_INFO_V1(bounce_lease_fold_deserialize);
PG_FUNCTION_INFO_V1(bounce_lease_fold_result);

/* An empty state with a checked copy of the ladder. */
static LeaseFold *
fold_make(MemoryContext context, ArrayType *ladder)
{
	LeaseFold  *fold = MemoryContextAllocZero(context, sizeof(LeaseFold));
	Ladder		checked;

	ladder_from_array(ladder, &checked);
	fold->ladder = MemoryContextAlloc(context, VARSIZE(ladder));
	memcpy(fold->ladder, ladder, VARSIZE(ladder));
	fold->sorted = true;
	fold->capacity = 8;
	fold->times = MemoryContextAlloc(context, fold->capacity * sizeof(int64));
	return fold;
}

/* Nearly always the very same bytes; 1 day and 24:00:00 are the same step too. */
static void
check_same_ladder(ArrayType *first, ArrayType *other)
{
	Ladder		a;
	Ladder		b;

	if (VARSIZE(first) == VARSIZE(other) && memcmp(first, other, VARSIZE(first)) == 0)
		return;
	ladder_from_array(first, &a);
	ladder_from_array(other, &b);
	if (a.length != b.length || memcmp(a.step, b.step, a.length * sizeof(a.step[0])) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("ladder changes between the rows of one lease_fold"),
				 errhint("Group by what decides the ladder.")));
}

/* Makes room for so many more times. */
static void
fold_reserve(LeaseFold *fold, Size more)
{
	if (fold->count + more <= fold->capacity)
		return;
	fold->capacity = Max(fold->capacity * 2, fold->count + more);
	fold->times = repalloc_huge(fold->times, fold->capacity * sizeof(int64));
}

/* Adds times that are in order themselves, or not. */
static void
fold_append(LeaseFold *fold, const int64 *times, Size count, bool sorted)
{
	if (count == 0)
		return;
	fold_reserve(fold, count);
	if (!sorted || (fold->count > 0 && times[0] < fold->times[fold->count - 1]))
		fold->sorted = false;
	memcpy(fold->times + fold->count, times, count * sizeof(int64));
	fold->count += count;
}

static int
compare_times(const void *a, const void *b)
{
	int64		left = *(const int64 *) a;
	int64		right = *(const int64 *) b;

	return (left > right) - (left < right);
}

/* Brings the lease up to date with all times. */
static const Lease *
fold_lease(LeaseFold *fold)
{
	Ladder		ladder;

	ladder_from_array(fold->ladder, &ladder);
	if (!fold->sorted)
	{
		qsort(fold->times, fold->count, sizeof(int64), compare_times);
		fold->sorted = true;
		fold->folded = 0;
	}
	if (fold->folded == 0)
		fold->lease = lease_begin(fold->times[fold->folded++], &ladder, 1);
	while (fold->folded < fold->count)
		fold->lease = lease_occur(fold->lease, fold->times[fold->folded++], &ladder);
	return &fold->lease;
}

/* The context in which states live. */
static MemoryContext
fold_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "lease_fold called outside an aggregate");
	return context;
}

/* lease_fold_add(internal, at, ladder) -> internal */
Datum
bounce_lease_fold_add(PG_FUNCTION_ARGS)
{
	MemoryContext context = fold_context(fcinfo);
	LeaseFold  *fold = PG_ARGISNULL(0) ? NULL : (LeaseFold *) PG_GETARG_POINTER(0);
	ArrayType  *ladder;
	int64		at;

	if (PG_ARGISNULL(1))
	{
		if (fold == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(fold);
	}
	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("ladder of lease_fold is NULL")));

	at = PG_GETARG_TIMESTAMPTZ(1);
	ladder = PG_GETARG_ARRAYTYPE_P(2);
	check_occurrence(at);
	if (fold == NULL)
		fold = fold_make(context, ladder);
	else
		check_same_ladder(fold->ladder, ladder);
	fold_append(fold, &at, 1, true);
	PG_RETURN_POINTER(fold);
}

/* lease_fold_combine(internal, internal) -> internal */
Datum
bounce_lease_fold_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = fold_context(fcinfo);
	LeaseFold  *fold = PG_ARGISNULL(0) ? NULL : (LeaseFold *) PG_GETARG_POINTER(0);
	LeaseFold  *other = PG_ARGISNULL(1) ? NULL : (LeaseFold *) PG_GETARG_POINTER(1);

	if (fold == NULL && other == NULL)
		PG_RETURN_NULL();
	if (other == NULL)
		PG_RETURN_POINTER(fold);
	if (fold == NULL)
		fold = fold_make(context, other->ladder);
	else
		check_same_ladder(fold->ladder, other->ladder);
	fold_append(fold, other->times, other->count, other->sorted);
	PG_RETURN_POINTER(fold);
}

/* lease_fold_serialize(internal) -> bytea: ladder, order, times */
Datum
bounce_lease_fold_serialize(PG_FUNCTION_ARGS)
{
	LeaseFold  *fold = (LeaseFold *) PG_GETARG_POINTER(0);
	StringInfoData out;

	fold_context(fcinfo);
	pq_begintypsend(&out);
	pq_sendint32(&out, VARSIZE(fold->ladder));
	pq_sendbytes(&out, (const char *) fold->ladder, VARSIZE(fold->ladder));
	pq_sendint8(&out, fold->sorted);
	pq_sendint64(&out, fold->count);
	for (Size i = 0; i < fold->count; i++)
		pq_sendint64(&out, fold->times[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

/* lease_fold_deserialize(bytea, internal) -> internal */
Datum
bounce_lease_fold_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	StringInfoData in;
	ArrayType  *ladder;
	LeaseFold  *fold;
	int			size;

	fold_context(fcinfo);
	initStringInfo(&in);
	appendBinaryStringInfo(&in, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));

	size = pq_getmsgint(&in, 4);
	ladder = palloc(size);
	pq_copymsgbytes(&in, (char *) ladder, size);
	fold = fold_make(CurrentMemoryContext, ladder);
	fold->sorted = pq_getmsgbyte(&in);
	fold_reserve(fold, pq_getmsgint64(&in));
	while (in.cursor < in.len)
		fold->times[fold->count++] = pq_getmsgint64(&in);
	PG_RETURN_POINTER(fold);
}

/* lease_fold_result(internal) -> lease */
Datum
bounce_lease_fold_result(PG_FUNCTION_ARGS)
{
	LeaseFold  *fold = (LeaseFold *) PG_GETARG_POINTER(0);

	fold_context(fcinfo);
	PG_RETURN_DATUM(lease_to_datum(fcinfo, fold_lease(fold)));
}
