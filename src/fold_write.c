/*
 * fold_write.c
 *		Writing what a fold changed, set-wise.
 *
 * Each statement takes its rows as parallel arrays, so a batch of addresses costs
 * a handful of statements however many of them changed.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "fold_write.h"
#include "lease_row.h"
#include "owner.h"
#include "sweep.h"
#include "types.h"

/* So many in a row are locked one by one, without SQL; fewer among others are not worth a statement more. */
#define IN_PLACE_MIN 16

/* Columns that the statements take, in this order, as far as they need them. */
enum write_column
{
	WRITE_ADDRESS,
	WRITE_CAUSE,
	WRITE_STARTS_AT,
	WRITE_EXPIRES_AT,
	WRITE_ENDED_BY,
	WRITE_CLASS,
	WRITE_STATUS,
	WRITE_STEP,
	WRITE_OCCURRENCES,
	WRITE_LAST_EVENT_AT,
	WRITE_COLUMNS
};

/* What a batch does with its rows. */
typedef enum Action
{
	LOCK_CURRENT,
	PUT_CURRENT,
	DROP_CURRENT,
	PUT_HISTORY,
	DROP_HISTORY,
	ACTIONS
} Action;

#define ROWS \
	"ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4)," \
	" pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8)," \
	" pg_catalog.unnest($9), pg_catalog.unnest($10))" \
	" AS n(address, cause, starts_at, expires_at, ended_by, class, status, step, occurrences, last_event_at)"
#define SAME_KEY(t) \
	t ".address OPERATOR(pg_catalog.=) n.address AND " t ".topic OPERATOR(pg_catalog.=) ''" \
	" AND " t ".cause OPERATOR(pg_catalog.=) n.cause"

#define INSERT_CURRENT \
	"INSERT INTO bounce.suppression AS s" \
	" (address, topic, cause, class, status, step, occurrences, due, starts_at, expires_at, last_event_at)" \
	" SELECT n.address, '', n.cause, n.class, n.status, n.step, n.occurrences, " SWEEP_DUE("n.expires_at") "," \
	" n.starts_at, n.expires_at, n.last_event_at FROM " ROWS " ON CONFLICT (address, topic, cause) DO UPDATE SET "

static KeptStatement statements[ACTIONS] = {
	/* Row by row in the order given: a row that is there is locked, one that is not is made, and told. */
	[LOCK_CURRENT] = {
		INSERT_CURRENT "note = s.note WHERE false RETURNING s.address",
	},
	[PUT_CURRENT] = {
		INSERT_CURRENT "class = excluded.class, status = excluded.status,"
		" step = excluded.step, occurrences = excluded.occurrences, starts_at = excluded.starts_at,"
		" expires_at = excluded.expires_at, last_event_at = excluded.last_event_at,"
		/* Nearly always as it was: then no index is touched. */
		" due = LEAST(s.due, excluded.due)",
	},
	[DROP_CURRENT] = {
		"DELETE FROM bounce.suppression AS s USING " ROWS " WHERE " SAME_KEY("s"),
	},
	[PUT_HISTORY] = {
		"INSERT INTO bounce.suppression_history AS h"
		" (address, topic, cause, class, status, step, occurrences, during, ended_at, ended_by)"
		" SELECT n.address, '', n.cause, n.class, n.status, n.step, n.occurrences,"
		" pg_catalog.tstzrange(n.starts_at, n.expires_at), n.expires_at, n.ended_by"
		" FROM " ROWS
		" ON CONFLICT (address, topic, cause, ended_at) DO UPDATE SET class = excluded.class, status = excluded.status,"
		" step = excluded.step, occurrences = excluded.occurrences, during = excluded.during",
	},
	[DROP_HISTORY] = {
		"DELETE FROM bounce.suppression_history AS h USING " ROWS " WHERE " SAME_KEY("h")
		" AND h.ended_at OPERATOR(pg_catalog.=) n.expires_at",
	},
};

struct FoldWriter
{
	int			changed;		/* addresses */
	bool		touched;		/* the present one */
	Oid			element_type[WRITE_COLUMNS];
	ArrayBuildState *columns[ACTIONS][WRITE_COLUMNS];
};

static const char *const cause_names[] = {"lease", "complaint"};

static void lock_through_sql(FoldWriter *writer, AddressLog *logs, const AddressState *states, int from, int to);
static bool lock_in_place(LeaseRows *rows, AddressLog *log, const AddressState *state);
static void execute(FoldWriter *writer, Action action);
static void write_row(FoldWriter *writer, Action action, const char *address, const StoredCycle *cycle);
static bool write_current(FoldWriter *writer, const char *address, Cause cause,
						  const StoredCycle *stored, const StoredCycle *wanted);
static void write_history(FoldWriter *writer, const AddressLog *log, const AddressState *state);
static bool same_row(const StoredCycle *a, const StoredCycle *b);
static bool same_cycle(const StoredCycle *a, const StoredCycle *b);

FoldWriter *
fold_write_begin(void)
{
	FoldWriter *writer = palloc0(sizeof(FoldWriter));
	const Oid	types[WRITE_COLUMNS] = {
		TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID,
		bounce_type_oid("bounce_class"), bounce_type_oid("smtp_status"),
		INT2OID, INT4OID, TIMESTAMPTZOID
	};

	memcpy(writer->element_type, types, sizeof(types));
	return writer;
}

bool
fold_write_add(FoldWriter *writer, const AddressLog *log, const AddressState *state)
{
	const StoredCycle *lease = fold_lease_wanted(log, state);
	const StoredCycle *complaint = state->has_complaint ? &state->complaint : NULL;
	bool		changed;

	if (lease == NULL && !log->has_lease)
		/* Only the row that was made for the lock. */
		write_row(writer, DROP_CURRENT, log->address, &(StoredCycle) {.cause = CAUSE_LEASE});
	writer->touched = log->lease_written;
	write_history(writer, log, state);
	changed = log->lease_written;
	if (write_current(writer, log->address, CAUSE_LEASE, log->has_lease ? &log->lease : NULL, lease))
		changed = true;
	if (write_current(writer, log->address, CAUSE_COMPLAINT,
					  log->has_complaint ? &log->complaint : NULL, complaint))
		changed = true;
	if (writer->touched)
		writer->changed++;
	return changed;
}

void
fold_write_lock(FoldWriter *writer, AddressLog *logs, const AddressState *states, int count)
{
	LeaseRows  *rows = lease_rows_begin();
	int			waiting = 0;	/* the first that SQL still has to lock */

	for (int i = 0; i < count;)
	{
		int			end = i;

		while (end < count && logs[end].has_lease)
			end++;
		if (rows != NULL && (end - i >= IN_PLACE_MIN || (waiting == i && end == count)))
		{
			lock_through_sql(writer, logs, states, waiting, i);
			for (int stored = i; stored < end; stored++)
				if (!lock_in_place(rows, &logs[stored], &states[stored]))
					lock_through_sql(writer, logs, states, stored, stored + 1);
			waiting = end;
		}
		i = Max(end, i + 1);
	}
	lock_through_sql(writer, logs, states, waiting, count);
	if (rows != NULL)
		lease_rows_end(rows);
}

/* Those from one number to before another. */
static void
lock_through_sql(FoldWriter *writer, AddressLog *logs, const AddressState *states, int from, int to)
{
	static const StoredCycle nothing = {
		.cause = CAUSE_LEASE,
		.lease = {.starts_at = DT_NOBEGIN, .expires_at = DT_NOBEGIN},
		.last_event_at = DT_NOBEGIN
	};
	int			position = from;
	bool		isnull;

	if (from == to)
		return;
	for (int i = from; i < to; i++)
	{
		const StoredCycle *lease = fold_lease_wanted(&logs[i], &states[i]);

		write_row(writer, LOCK_CURRENT, logs[i].address, lease != NULL ? lease : &nothing);
	}
	execute(writer, LOCK_CURRENT);
	for (uint64 row = 0; row < SPI_processed; row++)
		log_of(logs, to, &position, SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 1, &isnull))->lease_written = true;
	SPI_freetuptable(SPI_tuptable);
	memset(writer->columns[LOCK_CURRENT], 0, sizeof(writer->columns[LOCK_CURRENT]));
}

/* False: another session has written it since it was read, or its place is not known. */
static bool
lock_in_place(LeaseRows *rows, AddressLog *log, const AddressState *state)
{
	const StoredCycle *lease = fold_lease_wanted(log, state);

	if (log->lease_row == NULL)
		return false;
	if (lease == NULL || same_row(&log->lease, lease) || lease->lease.expires_at < log->lease.lease.expires_at)
		return lease_row_lock(rows, log->lease_row);
	log->lease_written = lease_row_put(rows, log->lease_row, lease);
	return log->lease_written;
}

/* One statement an action: what goes away first. */
int
fold_write_finish(FoldWriter *writer)
{
	static const Action order[] = {DROP_HISTORY, DROP_CURRENT, PUT_CURRENT, PUT_HISTORY};

	for (size_t i = 0; i < lengthof(order); i++)
		execute(writer, order[i]);
	return writer->changed;
}

static void
execute(FoldWriter *writer, Action action)
{
	KeptStatement *statement = &statements[action];
	Datum		values[WRITE_COLUMNS];

	if (writer->columns[action][0] == NULL)
		return;
	statement->nargs = WRITE_COLUMNS;
	for (int column = 0; column < WRITE_COLUMNS; column++)
	{
		statement->argtypes[column] = get_array_type(writer->element_type[column]);
		values[column] = makeArrayResult(writer->columns[action][column], CurrentMemoryContext);
	}
	/* Before a row was locked, the transaction's own snapshot says whether it may be changed. */
	if (action == LOCK_CURRENT)
		kept_execute(statement, values, NULL, false);
	else
		kept_execute_latest(statement, values, NULL);
}

/* Notes the difference between what is stored and what should be; true if there is one. */
static bool
write_current(FoldWriter *writer, const char *address, Cause cause,
			  const StoredCycle *stored, const StoredCycle *wanted)
{
	if (wanted != NULL)
	{
		if (stored != NULL && same_row(stored, wanted))
			return false;
		write_row(writer, PUT_CURRENT, address, wanted);
		return true;
	}
	if (stored != NULL)
		write_row(writer, DROP_CURRENT, address, stored);
	return stored != NULL;
}

/*
 * Releases by hand are kept even where the log no longer shows what they ended, and
 * what ended before the horizon stays as it was written.
 */
static void
write_history(FoldWriter *writer, const AddressLog *log, const AddressState *state)
{
	for (int i = 0; i < state->history_count; i++)
	{
		const StoredCycle *stored = find_ended(log->history, log->history_count, &state->history[i]);

		if (stored == NULL || (!same_cycle(stored, &state->history[i]) && stored->ended_at >= log->horizon))
			write_row(writer, PUT_HISTORY, log->address, &state->history[i]);
	}
	for (int i = 0; i < log->history_count; i++)
		if (!log->history[i].released && log->history[i].ended_at >= log->horizon &&
			find_ended(state->history, state->history_count, &log->history[i]) == NULL &&
			!(state->has_lease && log->history[i].cause == CAUSE_LEASE &&
			  same_cycle(&log->history[i], &state->lease)))
			write_row(writer, DROP_HISTORY, log->address, &log->history[i]);
}

static bool
same_row(const StoredCycle *a, const StoredCycle *b)
{
	return same_cycle(a, b) && a->last_event_at == b->last_event_at;
}

static bool
same_cycle(const StoredCycle *a, const StoredCycle *b)
{
	return a->cause == b->cause &&
		a->lease.step == b->lease.step &&
		a->lease.occurrences == b->lease.occurrences &&
		a->lease.starts_at == b->lease.starts_at &&
		a->lease.expires_at == b->lease.expires_at &&
		a->klass == b->klass && a->status == b->status;
}

static void
write_row(FoldWriter *writer, Action action, const char *address, const StoredCycle *cycle)
{
	bool		no_step = cycle->lease.step == 0;
	const struct
	{
		Datum		value;
		bool		isnull;
	}			row[WRITE_COLUMNS] = {
		[WRITE_ADDRESS] = {CStringGetTextDatum(address), false},
		[WRITE_CAUSE] = {CStringGetTextDatum(cause_names[cycle->cause]), false},
		[WRITE_STARTS_AT] = {TimestampTzGetDatum(cycle->lease.starts_at), false},
		[WRITE_EXPIRES_AT] = {TimestampTzGetDatum(cycle->released ? cycle->ended_at : cycle->lease.expires_at), false},
		[WRITE_ENDED_BY] = {CStringGetTextDatum(cycle->released ? "released" : "expired"), false},
		[WRITE_CLASS] = {BounceClassGetDatum(cycle->klass), cycle->klass == BOUNCE_CLASS_NONE},
		[WRITE_STATUS] = {SmtpStatusGetDatum(cycle->status), cycle->status == SMTP_STATUS_NONE},
		[WRITE_STEP] = {Int16GetDatum(cycle->lease.step), no_step},
		[WRITE_OCCURRENCES] = {Int32GetDatum(cycle->lease.occurrences), no_step},
		[WRITE_LAST_EVENT_AT] = {TimestampTzGetDatum(cycle->last_event_at), cycle->last_event_at == DT_NOBEGIN},
	};

	writer->touched = true;
	for (int column = 0; column < WRITE_COLUMNS; column++)
		writer->columns[action][column] =
			accumArrayResult(writer->columns[action][column], row[column].value, row[column].isnull,
							 writer->element_type[column], CurrentMemoryContext);
}
