/*
 * consent_verify.c
 *		Is the record of choices what was put on record?
 *
 * Log and preferences are read side by side, both in the order of addresses, and
 * compared address by address: the chain of hashes, the numbers, and what the log
 * leads to.  One address at a time is in memory.
 *
 * Who can write all tables past their triggers can make up a record that is
 * consistent; a hash that is kept elsewhere (bounce.consent_proof() gives it) shows
 * that too.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "consent_hash.h"
#include "consent_verify.h"
#include "owner.h"
#include "preference.h"
#include "state_args.h"

PG_FUNCTION_INFO_V1(bounce_verify_consent_log);

#define FETCH_ROWS 1000

/* Rows in the order of addresses, one at a time. */
typedef struct Reader
{
	Portal		cursor;
	SPITupleTable *rows;		/* or NULL */
	uint64		row_count;
	uint64		next_row;
	char	   *address;		/* of the next row; NULL behind the last */
} Reader;

typedef struct LogRow
{
	ConsentEntry entry;
	bytea	   *hash;
	PreferenceAct said;
	bool		known;			/* act and source are among the names */
} LogRow;

typedef struct PreferenceRow
{
	const char *topic;
	Choice		now;
	Choice		before;
	int32		last_number;
} PreferenceRow;

/* All about one address. */
typedef struct Dossier
{
	const char *address;
	List	   *log;			/* of LogRow, by number */
	List	   *preferences;	/* of PreferenceRow, by topic */
	ConsentProblemVisitor visit;
	void	   *context;
} Dossier;

static const char log_sql[] =
	"SELECT l.address, l.number, l.topic, l.act, l.old_state, l.new_state, l.until, l.source, l.actor, l.at,"
	" l.evidence, l.recorded_at, l.hash FROM bounce.consent_log l"
	" WHERE $1 IS NULL OR l.address OPERATOR(pg_catalog.=) $1 ORDER BY l.address, l.number";

static const char preference_sql[] =
	"SELECT p.address, p.topic, p.state, p.until, p.since, p.source, p.before, p.before_since, p.before_source,"
	" p.number, p.last_number FROM bounce.preference p"
	" WHERE $1 IS NULL OR p.address OPERATOR(pg_catalog.=) $1 ORDER BY p.address, p.topic";

static HeapTuple
row_of(const Reader *reader)
{
	return reader->rows->vals[reader->next_row];
}

static Datum
column(const Reader *reader, int number, bool *isnull)
{
	return SPI_getbinval(row_of(reader), reader->rows->tupdesc, number, isnull);
}

static char *
column_text(const Reader *reader, int number)
{
	return SPI_getvalue(row_of(reader), reader->rows->tupdesc, number);
}

static int32
column_int(const Reader *reader, int number)
{
	bool		isnull;
	Datum		value = column(reader, number, &isnull);

	return isnull ? 0 : DatumGetInt32(value);
}

static TimestampTz
column_time(const Reader *reader, int number)
{
	bool		isnull;
	Datum		value = column(reader, number, &isnull);

	return isnull ? CHOICE_ENDLESS : DatumGetTimestampTz(value);
}

/* Goes to the next row; its address outlives the contexts of single addresses. */
static void
advance(Reader *reader)
{
	MemoryContext caller = CurrentMemoryContext;
	char	   *address;

	if (reader->rows != NULL && ++reader->next_row == reader->row_count)
	{
		SPI_freetuptable(reader->rows);
		reader->rows = NULL;
	}
	if (reader->rows == NULL)
	{
		SPI_cursor_fetch(reader->cursor, true, FETCH_ROWS);
		reader->rows = SPI_tuptable;
		reader->row_count = SPI_processed;
		reader->next_row = 0;
	}
	MemoryContextSwitchTo(reader->cursor->portalContext);
	address = reader->row_count == 0 ? NULL : column_text(reader, 1);
	if (reader->address != NULL)
		pfree(reader->address);
	reader->address = address;
	MemoryContextSwitchTo(caller);
}

static void
open_reader(Reader *reader, const char *sql, const char *address)
{
	Oid			type = TEXTOID;
	Datum		value = address == NULL ? (Datum) 0 : CStringGetTextDatum(address);

	memset(reader, 0, sizeof(*reader));
	reader->cursor = SPI_cursor_open_with_args(NULL, sql, 1, &type, &value, address == NULL ? "n" : " ", true,
											   CURSOR_OPT_NO_SCROLL);
	advance(reader);
}

static bool
is_at(const Reader *reader, const char *address)
{
	return reader->address != NULL && strcmp(reader->address, address) == 0;
}

static LogRow *
read_log_row(const Reader *reader)
{
	LogRow	   *row = palloc(sizeof(LogRow));
	ConsentEntry *entry = &row->entry;
	bool		isnull;
	Datum		evidence;
	int			act;
	int			source;

	entry->address = column_text(reader, 1);
	entry->number = column_int(reader, 2);
	entry->topic = column_text(reader, 3);
	entry->act = column_text(reader, 4);
	entry->old_state = column_text(reader, 5);
	entry->new_state = column_text(reader, 6);
	entry->until = column_time(reader, 7);
	entry->source = column_text(reader, 8);
	entry->actor = column_text(reader, 9);
	entry->at = column_time(reader, 10);
	evidence = column(reader, 11, &isnull);
	entry->evidence = isnull ? NULL : DatumGetJsonbPCopy(evidence);
	entry->recorded_at = column_time(reader, 12);
	row->hash = DatumGetByteaPCopy(column(reader, 13, &isnull));
	act = consent_act_named(entry->act, strlen(entry->act));
	source = consent_source_named(entry->source, strlen(entry->source));
	row->known = act >= 0 && source >= 0;
	row->said = (PreferenceAct) {act, source, entry->at, entry->until, entry->number};
	return row;
}

static Choice
read_choice(const Reader *reader, int state, int since, int source)
{
	Choice		choice = {0};
	char	   *name = column_text(reader, state);

	if (name == NULL)
		return choice;
	choice.state = preference_state_named(name, strlen(name));
	choice.since = column_time(reader, since);
	name = column_text(reader, source);
	choice.source = consent_source_named(name, strlen(name));
	choice.until = CHOICE_ENDLESS;
	return choice;
}

static PreferenceRow *
read_preference_row(const Reader *reader)
{
	PreferenceRow *row = palloc(sizeof(PreferenceRow));

	row->topic = column_text(reader, 2);
	row->now = read_choice(reader, 3, 5, 6);
	row->now.until = column_time(reader, 4);
	row->now.number = column_int(reader, 10);
	row->before = read_choice(reader, 7, 8, 9);
	row->last_number = column_int(reader, 11);
	return row;
}

static void
report(const Dossier *dossier, ConsentProblemKind kind, int32 number, const char *topic, const char *detail)
{
	ConsentProblem problem = {kind, dossier->address, number, topic, detail};

	dossier->visit(&problem, dossier->context);
}

static bool
is_chained(const bytea *previous, const LogRow *row)
{
	const bytea *hash = consent_hash(previous, &row->entry);

	return VARSIZE_ANY_EXHDR(hash) == VARSIZE_ANY_EXHDR(row->hash) &&
		memcmp(VARDATA_ANY(hash), VARDATA_ANY(row->hash), VARSIZE_ANY_EXHDR(hash)) == 0;
}

/* A row behind a gap is chained to one that is not there: it cannot be checked. */
static void
check_chain(const Dossier *dossier)
{
	const bytea *previous = NULL;
	int32		expected = 1;
	ListCell   *cell;

	foreach(cell, dossier->log)
	{
		const LogRow *row = lfirst(cell);
		int32		number = row->entry.number;

		if (number > expected)
			report(dossier, PROBLEM_MISSING, expected, NULL,
				   number == expected + 1 ? "This row is missing." :
				   psprintf("The rows up to %d are missing.", number - 1));
		else if (!is_chained(previous, row))
			report(dossier, PROBLEM_CHANGED, number, row->entry.topic,
				   "The hash is not that of the row and the hash before it.");
		previous = row->hash;
		expected = number + 1;
	}
}

static int
compare_rows(const ListCell *a, const ListCell *b)
{
	const LogRow *left = lfirst(a);
	const LogRow *right = lfirst(b);
	int			topics = strcmp(left->entry.topic, right->entry.topic);

	if (topics != 0)
		return topics;
	if (left->said.at != right->said.at)
		return left->said.at < right->said.at ? -1 : 1;
	return left->said.number - right->said.number;
}

static bool
same_choice(const Choice *a, const Choice *b)
{
	return a->state == b->state &&
		(a->state == PREFERENCE_NONE ||
		 (a->source == b->source && a->since == b->since && a->until == b->until));
}

static const char *
in_words(const Choice *choice)
{
	return choice->state == PREFERENCE_NONE ? "nothing" :
		psprintf("%s since %s (%s)", preference_state_name(choice->state), timestamptz_to_str(choice->since),
				 consent_source_name(choice->source));
}

/* What the log leads to about one topic, against what stands. */
static void
compare_preference(const Dossier *dossier, const PreferenceRow *row, const Standing *standing, int32 last_number)
{
	Choice		now;
	Choice		before;

	preference_row(standing, &now, &before);
	if (row->last_number > last_number)
		report(dossier, PROBLEM_MISSING, row->last_number, row->topic, "This row is missing: the preference is its work.");
	/* Where nothing stands there is no row. */
	if (!same_choice(&now, &row->now) || !same_choice(&before, &row->before) ||
		now.number != row->now.number || last_number > row->last_number)
		report(dossier, PROBLEM_PREFERENCE, now.number, row->topic,
			   psprintf("It says %s; the log says %s.", in_words(&row->now),
						now.number != row->now.number && same_choice(&now, &row->now) ? psprintf("so by row %d", now.number) : in_words(&now)));
}

static PreferenceRow *
preference_of(const Dossier *dossier, const char *topic)
{
	ListCell   *cell;

	foreach(cell, dossier->preferences)
	{
		PreferenceRow *row = lfirst(cell);

		if (strcmp(row->topic, topic) == 0)
			return row;
	}
	return NULL;
}

/* The rows from the first on that are about its topic, which are taken off the list. */
static Standing
fold_topic(List **rows, int32 *last_number)
{
	const char *topic = ((LogRow *) linitial(*rows))->entry.topic;
	Standing	standing = {0};

	*last_number = 0;
	while (*rows != NIL && strcmp(((LogRow *) linitial(*rows))->entry.topic, topic) == 0)
	{
		const LogRow *row = linitial(*rows);

		if (row->known)
			(void) preference_move(&standing, &row->said);
		*last_number = Max(*last_number, row->entry.number);
		*rows = list_delete_first(*rows);
	}
	return standing;
}

static void
check_preferences(Dossier *dossier)
{
	List	   *rows = list_copy(dossier->log);
	ListCell   *cell;

	list_sort(rows, compare_rows);
	while (rows != NIL)
	{
		const char *topic = ((LogRow *) linitial(rows))->entry.topic;
		PreferenceRow *row = preference_of(dossier, topic);
		int32		last_number;
		Standing	standing = fold_topic(&rows, &last_number);

		compare_preference(dossier, row != NULL ? row : &(PreferenceRow) {.topic = topic, .last_number = last_number},
						   &standing, last_number);
		dossier->preferences = list_delete_ptr(dossier->preferences, row);
	}
	foreach(cell, dossier->preferences)
	{
		const PreferenceRow *row = lfirst(cell);

		if (row->last_number == 0)
			report(dossier, PROBLEM_PREFERENCE, 0, row->topic, "It came in without evidence.");
		else
			report(dossier, PROBLEM_MISSING, row->last_number, row->topic,
				   "This row is missing: the preference is its work.");
	}
}

/* Takes the next address off both readers. */
static void
check_next(Reader *log, Reader *preferences, ConsentProblemVisitor visit, void *context)
{
	bool		log_first = log->address != NULL &&
		(preferences->address == NULL || strcmp(log->address, preferences->address) <= 0);
	Dossier		dossier = {pstrdup(log_first ? log->address : preferences->address), NIL, NIL, visit, context};

	for (; is_at(log, dossier.address); advance(log))
		dossier.log = lappend(dossier.log, read_log_row(log));
	for (; is_at(preferences, dossier.address); advance(preferences))
		dossier.preferences = lappend(dossier.preferences, read_preference_row(preferences));
	check_chain(&dossier);
	check_preferences(&dossier);
}

void
consent_verify(const char *address, ConsentProblemVisitor visit, void *context)
{
	OwnerScope	owner;
	Reader		log;
	Reader		preferences;
	MemoryContext one;
	MemoryContext caller;

	owner_spi_begin(&owner);
	open_reader(&log, log_sql, address);
	open_reader(&preferences, preference_sql, address);
	one = AllocSetContextCreate(CurrentMemoryContext, "bounce consent of an address", ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(one);
	while (log.address != NULL || preferences.address != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		check_next(&log, &preferences, visit, context);
		MemoryContextReset(one);
	}
	MemoryContextSwitchTo(caller);
	SPI_cursor_close(log.cursor);
	SPI_cursor_close(preferences.cursor);
	owner_spi_end(&owner);
}

static void
add_problem(const ConsentProblem *problem, void *context)
{
	static const char *const kinds[] = {
		[PROBLEM_CHANGED] = "changed",
		[PROBLEM_MISSING] = "missing",
		[PROBLEM_PREFERENCE] = "preference"
	};
	ReturnSetInfo *result = context;
	Datum		values[] = {
		CStringGetTextDatum(problem->address),
		Int32GetDatum(problem->number),
		problem->topic == NULL ? (Datum) 0 : CStringGetTextDatum(problem->topic),
		CStringGetTextDatum(kinds[problem->kind]),
		CStringGetTextDatum(problem->detail)
	};
	bool		nulls[] = {false, problem->number == 0, problem->topic == NULL, false, false};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* verify_consent_log(address): address, number, topic, problem, detail */
Datum
bounce_verify_consent_log(PG_FUNCTION_ARGS)
{
	const char *address = PG_ARGISNULL(0) ? NULL : address_arg(fcinfo, 0, "address");

	InitMaterializedSRF(fcinfo, 0);
	consent_verify(address, add_problem, fcinfo->resultinfo);
	return (Datum) 0;
}
