/*
 * sweep.c
 *		sweep(): what is over goes to history, contacts leave quarantine, and what no
 *		cap counts any more is removed.
 *
 * Nothing depends on it having run: asking compares times.
 *
 * It looks at the rows that are due, not at all of those that last: what has climbed
 * since is put off to the hour of its new end (sweep.h).
 *
 * Locks rows in address order, and leaves alone those that somebody else has locked:
 * they are being moved by an event, and the next sweep sees them again.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "address_list.h"
#include "cap.h"
#include "digest_keep.h"
#include "domain_findings.h"
#include "owner.h"
#include "quarantine.h"
#include "sweep.h"

PG_FUNCTION_INFO_V1(sweep);

/* Rows moved by one statement: bounds memory. */
#define SWEEP_BATCH 10000

/* What never ends is not in the index. */
#define DUE "s.due OPERATOR(pg_catalog.<=) $1 AND s.due OPERATOR(pg_catalog.<) 'infinity'"
#define SAME_ROW(n) \
	"s.address OPERATOR(pg_catalog.=) " n ".address AND s.topic OPERATOR(pg_catalog.=) " n ".topic" \
	" AND s.cause OPERATOR(pg_catalog.=) " n ".cause"

static Portal open_over(TimestampTz at);
static int	sweep_batch(Portal over, MemoryContext caller, char ***addresses);
static char **fetched(int number);
static void put_off(TimestampTz at);

/* sweep(at timestamptz): how many suppressions were moved */
Datum
sweep(PG_FUNCTION_ARGS)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(0);
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext batch = AllocSetContextCreate(caller, "bounce sweep", ALLOCSET_DEFAULT_SIZES);
	Portal		over;
	int64		moved = 0;
	int			count;

	PreventCommandIfReadOnly("bounce.sweep()");
	over = open_over(at);
	do
	{
		char	  **addresses;

		CHECK_FOR_INTERRUPTS();
		count = sweep_batch(over, batch, &addresses);
		MemoryContextSwitchTo(batch);
		quarantine_refresh(addresses, count, at);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(batch);
		moved += count;
	} while (count > 0);
	SPI_cursor_close(over);
	put_off(at);
	domain_findings_sweep(at);
	cap_sweep(at);
	digest_sweep(at);
	MemoryContextDelete(batch);
	PG_RETURN_INT64(moved);
}

/* One pass however many there are; a row is locked when it is fetched. */
static Portal
open_over(TimestampTz at)
{
	static KeptStatement statement = {
		"SELECT s.address, s.topic, s.cause FROM bounce.suppression s"
		" WHERE " DUE " AND s.expires_at OPERATOR(pg_catalog.<=) $1"
		" ORDER BY s.address, s.topic, s.cause FOR UPDATE SKIP LOCKED",
		1, {TIMESTAMPTZOID}, NULL
	};
	Datum		value = TimestampTzGetDatum(at);
	OwnerScope	scope;
	Portal		over;

	owner_spi_begin(&scope);
	over = kept_cursor(&statement, &value);
	owner_spi_end(&scope);
	return over;
}

static int
sweep_batch(Portal over, MemoryContext caller, char ***addresses)
{
	static KeptStatement statement = {
		"WITH gone AS ("
		" DELETE FROM bounce.suppression s USING ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3))"
		" AS o(address, topic, cause) WHERE " SAME_ROW("o") " RETURNING s.*),"
		" kept AS ("
		" INSERT INTO bounce.suppression_history (address, topic, cause, class, status, step, occurrences, during, ended_at, ended_by)"
		" SELECT g.address, g.topic, g.cause, g.class, g.status, g.step, g.occurrences,"
		" pg_catalog.tstzrange(g.starts_at, g.expires_at), g.expires_at, 'expired' FROM gone g"
		" ON CONFLICT (address, topic, cause, ended_at) DO NOTHING)"
		" SELECT g.address FROM gone g ORDER BY g.address",
		3, {TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID}, NULL
	};
	Datum		values[3];
	OwnerScope	scope;
	MemoryContext spi_context;
	int			count;

	owner_spi_begin(&scope);
	SPI_cursor_fetch(over, true, SWEEP_BATCH);
	for (int i = 0; i < 3; i++)
		values[i] = address_list_array(fetched(i + 1), SPI_processed);
	kept_execute(&statement, values, NULL, false);
	count = SPI_processed;
	spi_context = MemoryContextSwitchTo(caller);
	*addresses = fetched(1);
	MemoryContextSwitchTo(spi_context);
	owner_spi_end(&scope);
	return count;
}

/* A column of SPI_tuptable */
static char **
fetched(int number)
{
	int			count = (int) SPI_processed;
	char	  **texts = palloc(sizeof(char *) * (count + 1));

	for (int i = 0; i < count; i++)
		texts[i] = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, number);
	return texts;
}

/* What is due but lasts longer is looked at again in its last hour. */
static void
put_off(TimestampTz at)
{
	static KeptStatement statement = {
		"WITH later AS ("
		" SELECT s.address, s.topic, s.cause FROM bounce.suppression s WHERE " DUE
		" AND s.expires_at OPERATOR(pg_catalog.>) $1 AND s.due OPERATOR(pg_catalog.<) " SWEEP_DUE("s.expires_at")
		" ORDER BY s.address, s.topic, s.cause FOR UPDATE SKIP LOCKED)"
		" UPDATE bounce.suppression s SET due = " SWEEP_DUE("s.expires_at") " FROM later l WHERE " SAME_ROW("l"),
		1, {TIMESTAMPTZOID}, NULL
	};
	Datum		value = TimestampTzGetDatum(at);

	owner_execute(&statement, &value);
}
