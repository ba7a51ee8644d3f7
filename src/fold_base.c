/*
 * fold_base.c
 *		What the folds start from where the old log is gone.
 *
 * A base is what a fold knows when it has read all events before the horizon: the
 * latest lease, the complaint, what counts towards a threshold, and the messages
 * that were heard of.  Addresses of which nothing is left to know have no row.  A
 * row stays right when the horizon moves on and nothing happened in between, so
 * only addresses with events in between are settled anew.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "address_list.h"
#include "address_pages.h"
#include "fold_base.h"
#include "owner.h"
#include "policy.h"
#include "types.h"

/* Columns of bounce.fold_base, by number. */
enum base_column
{
	BASE_ADDRESS = 1,
	BASE_CLASS,
	BASE_STATUS,
	BASE_STEP,
	BASE_OCCURRENCES,
	BASE_STARTS_AT,
	BASE_EXPIRES_AT,
	BASE_LAST_EVENT_AT,
	BASE_COMPLAINT_CLASS,
	BASE_COMPLAINT_SINCE,
	BASE_COMPLAINT_LAST_EVENT_AT,
	BASE_COUNTED,
	BASE_OCCURRED,
	BASE_REPORTED
};

#define BASE_COLUMNS BASE_REPORTED
#define COLUMN_NAMES \
	"address, class, status, step, occurrences, starts_at, expires_at, last_event_at," \
	" complaint_class, complaint_since, complaint_last_event_at, counted, occurred, reported"

static FoldBase *base_of_row(HeapTuple tuple, TupleDesc desc);
static int	settle_page(char **last, TimestampTz horizon, MemoryContext caller);
static void settle(char **addresses, int count, TimestampTz horizon);
static void write_base(const char *address, const FoldBase *base);
static void drop_base(const char *address);

TimestampTz
fold_horizon(void)
{
	static KeptStatement statement = {
		"SELECT h.at FROM bounce.log_horizon h ORDER BY h.at DESC LIMIT 1", 0, {0}, NULL
	};
	TimestampTz horizon = DT_NOBEGIN;
	bool		isnull;

	kept_execute_latest(&statement, NULL, NULL);
	if (SPI_processed > 0)
		horizon = DatumGetTimestampTz(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_freetuptable(SPI_tuptable);
	return horizon;
}

void
fold_base_read(Datum address_array, AddressLog *logs, int count)
{
	static KeptStatement statement = {
		"SELECT " COLUMN_NAMES " FROM bounce.fold_base"
		" WHERE address OPERATOR(pg_catalog.=) ANY ($1) ORDER BY address",
		1, {TEXTARRAYOID}, NULL
	};
	int			position = 0;

	kept_execute_latest(&statement, &address_array, NULL);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[row];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull;

		log_of(logs, count, &position, SPI_getbinval(tuple, desc, BASE_ADDRESS, &isnull))->base =
			base_of_row(tuple, desc);
	}
	SPI_freetuptable(SPI_tuptable);
}

/* A column, NULL as the given default. */
static Datum
column(HeapTuple tuple, TupleDesc desc, int number, Datum when_null)
{
	bool		isnull;
	Datum		value = SPI_getbinval(tuple, desc, number, &isnull);

	return isnull ? when_null : value;
}

static TimestampTz
time_column(HeapTuple tuple, TupleDesc desc, int number)
{
	return DatumGetTimestampTz(column(tuple, desc, number, TimestampTzGetDatum(DT_NOBEGIN)));
}

static char **
text_array_column(HeapTuple tuple, TupleDesc desc, int number, int *count)
{
	Datum	   *elements;
	char	  **texts;

	deconstruct_array(DatumGetArrayTypeP(column(tuple, desc, number, (Datum) 0)), TEXTOID, -1, false,
					  TYPALIGN_INT, &elements, NULL, count);
	texts = palloc(sizeof(char *) * (*count + 1));
	for (int i = 0; i < *count; i++)
		texts[i] = TextDatumGetCString(elements[i]);
	return texts;
}

static FoldBase *
base_of_row(HeapTuple tuple, TupleDesc desc)
{
	FoldBase   *base = palloc0(sizeof(FoldBase));
	Datum	   *counted;

	base->lease.cause = CAUSE_LEASE;
	base->lease.klass = DatumGetBounceClass(column(tuple, desc, BASE_CLASS, (Datum) 0));
	base->lease.status = DatumGetSmtpStatus(column(tuple, desc, BASE_STATUS, (Datum) 0));
	base->lease.lease.step = DatumGetInt16(column(tuple, desc, BASE_STEP, (Datum) 0));
	base->lease.lease.occurrences = DatumGetInt32(column(tuple, desc, BASE_OCCURRENCES, (Datum) 0));
	base->lease.lease.starts_at = time_column(tuple, desc, BASE_STARTS_AT);
	base->lease.lease.expires_at = time_column(tuple, desc, BASE_EXPIRES_AT);
	base->lease.last_event_at = time_column(tuple, desc, BASE_LAST_EVENT_AT);
	base->has_lease = base->lease.lease.step != 0;
	base->complaint.cause = CAUSE_COMPLAINT;
	base->complaint.klass = DatumGetBounceClass(column(tuple, desc, BASE_COMPLAINT_CLASS, (Datum) 0));
	base->complaint.lease.starts_at = time_column(tuple, desc, BASE_COMPLAINT_SINCE);
	base->complaint.lease.expires_at = DT_NOEND;
	base->complaint.last_event_at = time_column(tuple, desc, BASE_COMPLAINT_LAST_EVENT_AT);
	base->has_complaint = base->complaint.klass != BOUNCE_CLASS_NONE;
	deconstruct_array(DatumGetArrayTypeP(column(tuple, desc, BASE_COUNTED, (Datum) 0)), TIMESTAMPTZOID,
					  sizeof(TimestampTz), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &counted, NULL, &base->counted);
	base->count_at = palloc(sizeof(int64) * (base->counted + 1));
	for (int i = 0; i < base->counted; i++)
		base->count_at[i] = DatumGetTimestampTz(counted[i]);
	base->occurred = text_array_column(tuple, desc, BASE_OCCURRED, &base->occurred_count);
	base->reported = text_array_column(tuple, desc, BASE_REPORTED, &base->reported_count);
	return base;
}

void
fold_horizon_move(TimestampTz horizon)
{
	static KeptStatement statement = {
		"INSERT INTO bounce.log_horizon (at) VALUES ($1)", 1, {TIMESTAMPTZOID}, NULL
	};
	MemoryContext caller = CurrentMemoryContext;
	char	   *last = pstrdup("");
	Datum		value = TimestampTzGetDatum(horizon);
	OwnerScope	scope;
	int			count;

	do
	{
		CHECK_FOR_INTERRUPTS();
		/* A scope of its own gives back a page's memory. */
		owner_spi_begin(&scope);
		count = settle_page(&last, horizon, caller);
		owner_spi_end(&scope);
	} while (count == ADDRESS_PAGE);
	owner_execute(&statement, &value);
}

/* Settles the next addresses; returns how many there were. */
static int
settle_page(char **last, TimestampTz horizon, MemoryContext caller)
{
	/* Accepted mails leave nothing: see fold_log_read(). */
	static KeptStatement statement = {
		"SELECT DISTINCT e.recipient FROM bounce.delivery_event e WHERE e.recipient OPERATOR(pg_catalog.>) $1"
		" AND e.occurred_at OPERATOR(pg_catalog.>=) $2 AND e.occurred_at OPERATOR(pg_catalog.<) $3"
		" AND e.class OPERATOR(bounce.>=) 'hard:delivered'"
		" ORDER BY e.recipient LIMIT " CppAsString2(ADDRESS_PAGE),
		3, {TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID}, NULL
	};
	Datum		values[] = {
		CStringGetTextDatum(*last), TimestampTzGetDatum(fold_horizon()), TimestampTzGetDatum(horizon)
	};
	int			count;
	char	  **addresses = address_page(&statement, values, &count);

	if (count > 0)
	{
		settle(addresses, count, horizon);
		*last = MemoryContextStrdup(caller, addresses[count - 1]);
	}
	return count;
}

static void
settle(char **addresses, int count, TimestampTz horizon)
{
	const Policy *policy = policy_in_force();
	AddressLog *logs = fold_log_read(address_list_array(addresses, count), addresses, count, horizon);

	for (int i = 0; i < count; i++)
	{
		FoldBase	base;

		if (fold_log_base(&logs[i], policy, horizon, &base))
			write_base(addresses[i], &base);
		else if (logs[i].base != NULL)
			drop_base(addresses[i]);
	}
}

static void
write_base(const char *address, const FoldBase *base)
{
	static KeptStatement statement = {
		"INSERT INTO bounce.fold_base AS b (" COLUMN_NAMES ")"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
		" ON CONFLICT (address) DO UPDATE SET class = excluded.class, status = excluded.status, step = excluded.step,"
		" occurrences = excluded.occurrences, starts_at = excluded.starts_at, expires_at = excluded.expires_at,"
		" last_event_at = excluded.last_event_at, complaint_class = excluded.complaint_class,"
		" complaint_since = excluded.complaint_since, complaint_last_event_at = excluded.complaint_last_event_at,"
		" counted = excluded.counted, occurred = excluded.occurred, reported = excluded.reported",
		BASE_COLUMNS, {0}, NULL
	};
	const Oid	types[BASE_COLUMNS] = {
		TEXTOID, bounce_type_oid("bounce_class"), bounce_type_oid("smtp_status"), INT2OID, INT4OID,
		TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, bounce_type_oid("bounce_class"), TIMESTAMPTZOID,
		TIMESTAMPTZOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID, TEXTARRAYOID
	};
	const StoredCycle *lease = &base->lease;
	Datum	   *counted = palloc(sizeof(Datum) * (base->counted + 1));
	char		nulls[] = "              ";

	for (int i = 0; i < base->counted; i++)
		counted[i] = TimestampTzGetDatum(base->count_at[i]);
	{
		Datum		values[BASE_COLUMNS] = {
			CStringGetTextDatum(address),
			BounceClassGetDatum(lease->klass), SmtpStatusGetDatum(lease->status),
			Int16GetDatum(lease->lease.step), Int32GetDatum(lease->lease.occurrences),
			TimestampTzGetDatum(lease->lease.starts_at), TimestampTzGetDatum(lease->lease.expires_at),
			TimestampTzGetDatum(lease->last_event_at),
			BounceClassGetDatum(base->complaint.klass),
			TimestampTzGetDatum(base->complaint.lease.starts_at), TimestampTzGetDatum(base->complaint.last_event_at),
			PointerGetDatum(construct_array(counted, base->counted, TIMESTAMPTZOID, sizeof(TimestampTz),
											FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)),
			address_list_array(base->occurred, base->occurred_count),
			address_list_array(base->reported, base->reported_count)
		};

		if (!base->has_lease)
			memset(nulls + BASE_CLASS - 1, 'n', BASE_LAST_EVENT_AT - BASE_CLASS + 1);
		else if (lease->status == SMTP_STATUS_NONE)
			nulls[BASE_STATUS - 1] = 'n';
		if (!base->has_complaint)
			memset(nulls + BASE_COMPLAINT_CLASS - 1, 'n', BASE_COMPLAINT_LAST_EVENT_AT - BASE_COMPLAINT_CLASS + 1);
		memcpy(statement.argtypes, types, sizeof(types));
		kept_execute(&statement, values, nulls, false);
	}
}

static void
drop_base(const char *address)
{
	static KeptStatement statement = {
		"DELETE FROM bounce.fold_base WHERE address OPERATOR(pg_catalog.=) $1", 1, {TEXTOID}, NULL
	};
	Datum		value = CStringGetTextDatum(address);

	kept_execute(&statement, &value, NULL, false);
}
