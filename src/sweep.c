/*
 * sweep.c
 *		sweep(): what is over goes to history, contacts leave quarantine, and what no
 *		cap counts any more is removed.
 *
 * Nothing depends on it having run: asking compares times.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "cap.h"
#include "digest_keep.h"
#include "domain_findings.h"
#include "owner.h"
#include "quarantine.h"

PG_FUNCTION_INFO_V1(sweep);

/* Rows moved by one statement: bounds memory. */
#define SWEEP_BATCH 10000

static int	sweep_batch(TimestampTz at, MemoryContext caller, char ***addresses);

/* sweep(at timestamptz): how many suppressions were moved */
Datum
sweep(PG_FUNCTION_ARGS)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(0);
	int64		moved = 0;
	int			count;

	PreventCommandIfReadOnly("bounce.sweep()");
	do
	{
		char	  **addresses;

		CHECK_FOR_INTERRUPTS();
		count = sweep_batch(at, CurrentMemoryContext, &addresses);
		quarantine_refresh(addresses, count, at);
		moved += count;
	} while (count == SWEEP_BATCH);
	domain_findings_sweep(at);
	cap_sweep(at);
	digest_sweep(at);
	PG_RETURN_INT64(moved);
}

/*
 * Locks the rows in address order and leaves alone those that somebody else has
 * locked: they are being moved by an event, and the next sweep sees them again.
 */
static int
sweep_batch(TimestampTz at, MemoryContext caller, char ***addresses)
{
	static KeptStatement statement = {
		"WITH over AS ("
		" SELECT s.address, s.topic, s.cause FROM bounce.suppression s WHERE s.expires_at OPERATOR(pg_catalog.<=) $1"
		" ORDER BY s.address, s.topic, s.cause LIMIT " CppAsString2(SWEEP_BATCH) " FOR UPDATE SKIP LOCKED),"
		" gone AS ("
		" DELETE FROM bounce.suppression s USING over o WHERE s.address OPERATOR(pg_catalog.=) o.address"
		" AND s.topic OPERATOR(pg_catalog.=) o.topic AND s.cause OPERATOR(pg_catalog.=) o.cause RETURNING s.*),"
		" kept AS ("
		" INSERT INTO bounce.suppression_history (address, topic, cause, class, status, step, occurrences, during, ended_at, ended_by)"
		" SELECT g.address, g.topic, g.cause, g.class, g.status, g.step, g.occurrences,"
		" pg_catalog.tstzrange(g.starts_at, g.expires_at), g.expires_at, 'expired' FROM gone g"
		" ON CONFLICT (address, topic, cause, ended_at) DO NOTHING)"
		" SELECT g.address FROM gone g ORDER BY g.address",
		1, {TIMESTAMPTZOID}, NULL
	};
	Datum		value = TimestampTzGetDatum(at);
	OwnerScope	scope;
	MemoryContext spi_context;
	int			count;

	owner_spi_begin(&scope);
	kept_execute(&statement, &value, NULL, false);
	count = SPI_processed;
	spi_context = MemoryContextSwitchTo(caller);
	*addresses = palloc(sizeof(char *) * (count + 1));
	for (int i = 0; i < count; i++)
		(*addresses)[i] = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
	MemoryContextSwitchTo(spi_context);
	owner_spi_end(&scope);
	return count;
}
