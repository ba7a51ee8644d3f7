/*
 * consent_batch.c
 *		Choices of many addresses at once.
 *
 * What is on record of the addresses is read by one statement, consent_choose() runs
 * over it in memory, and what it would write is written by one statement each.
 * The first new row of each address is inserted before all others: whose number was
 * taken meanwhile by somebody else is told again, one by one, and nothing of it has
 * been written.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "address_list.h"
#include "consent_batch.h"
#include "digest_keep.h"
#include "owner.h"

/* Addresses in memory at a time */
#define BATCH_ADDRESSES 5000

/* Columns of a row of bounce.consent_log and of bounce.preference, as consent_log.c has them. */
#define LOG_COLUMNS 13
#define PREFERENCE_COLUMNS 11

typedef struct BatchRow
{
	const char *topic;
	ConsentRow	row;
} BatchRow;

typedef struct BatchPreference
{
	const char *topic;
	Datum		values[PREFERENCE_COLUMNS];
	bool		nulls[PREFERENCE_COLUMNS];
	struct BatchPreference *next;
} BatchPreference;

typedef struct BatchAddress
{
	ConsentHead head;
	bool		appended;		/* its first new row is there */
	bool		lost;			/* somebody else was first */
	BatchRow   *rows;			/* in the order of their times */
	int			row_count;
	int			room;
	BatchPreference *preferences;
} BatchAddress;

typedef struct Batch
{
	MemoryContext context;
	char	  **addresses;		/* sorted, each once */
	BatchAddress *states;
	int			count;
	ArrayBuildState *first[LOG_COLUMNS];	/* of each address */
	ArrayBuildState *others[LOG_COLUMNS];
} Batch;

static const Oid log_types[LOG_COLUMNS] = {
	TEXTOID, INT4OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID, TEXTOID,
	TIMESTAMPTZOID, JSONBOID, TIMESTAMPTZOID, BYTEAOID
};

static const Oid preference_types[PREFERENCE_COLUMNS] = {
	TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID,
	INT4OID, INT4OID
};

/* The one that is in memory, or NULL. */
static Batch *current = NULL;

static int	choose_page(const ConsentChoice *choices, int count);
static void choose_in_memory(Batch *batch, const ConsentChoice *choices, int count);
static Batch *batch_load(const ConsentChoice *choices, int count);
static void load_heads(Batch *batch, Datum addresses);
static void load_rows(Batch *batch, Datum addresses, Datum topics);
static Datum topics_of(const ConsentChoice *choices, int count);
static BatchAddress *state_of(const char *address);
static void add_row(BatchAddress *state, const char *topic, const ConsentRow *row);
static void batch_store(Batch *batch);
static void store_first(Batch *batch);
static void store_others(Batch *batch);
static void store_preferences(Batch *batch);
static Datum lost_addresses(const Batch *batch);

void
consent_choose_all(const ConsentChoice *choices, int count)
{
	int			done = 0;

	while (done < count)
	{
		CHECK_FOR_INTERRUPTS();
		done += choose_page(choices + done, count - done);
	}
}

/* The choices of the next so many addresses; returns how many choices that were. */
static int
choose_page(const ConsentChoice *choices, int count)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "bounce consent batch", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	int			addresses = 0;
	int			told = 0;
	Batch	   *batch;

	while (told < count)
	{
		if (told == 0 || strcmp(choices[told].address, choices[told - 1].address) != 0)
			addresses++;
		if (addresses > BATCH_ADDRESSES)
			break;
		told++;
	}
	batch = batch_load(choices, told);
	choose_in_memory(batch, choices, told);
	batch_store(batch);
	for (int i = 0; i < told; i++)
	{
		char	  **found = bsearch(&choices[i].address, batch->addresses, batch->count, sizeof(char *), address_list_compare);

		if (batch->states[found - batch->addresses].lost)
			(void) consent_choose(&choices[i]);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return told;
}

static void
choose_in_memory(Batch *batch, const ConsentChoice *choices, int count)
{
	current = batch;
	PG_TRY();
	{
		for (int i = 0; i < count; i++)
			(void) consent_choose(&choices[i]);
	}
	PG_FINALLY();
	{
		current = NULL;
	}
	PG_END_TRY();
}

static Batch *
batch_load(const ConsentChoice *choices, int count)
{
	Batch	   *batch = palloc0(sizeof(Batch));
	OwnerScope	scope;
	Datum		addresses;
	Datum		topics;

	batch->context = CurrentMemoryContext;
	batch->addresses = palloc(sizeof(char *) * count);
	for (int i = 0; i < count; i++)
		batch->addresses[i] = unconstify(char *, choices[i].address);
	batch->count = address_list_distinct(batch->addresses, count);
	batch->states = palloc0(sizeof(BatchAddress) * batch->count);
	addresses = address_list_array(batch->addresses, batch->count);
	topics = topics_of(choices, count);
	owner_spi_begin(&scope);
	consent_log_hold_all(addresses);
	digest_give_back_all(choices, count);
	/* In this order: whoever comes in between takes the number. */
	load_heads(batch, addresses);
	load_rows(batch, addresses, topics);
	owner_spi_end(&scope);
	return batch;
}

static void
load_heads(Batch *batch, Datum addresses)
{
	static KeptStatement statement = {
		"SELECT a.number, l.number, l.hash FROM pg_catalog.unnest($1) WITH ORDINALITY AS a (address, number)"
		" CROSS JOIN LATERAL (SELECT c.number, c.hash FROM bounce.consent_log AS c"
		" WHERE c.address OPERATOR(pg_catalog.=) a.address ORDER BY c.number DESC LIMIT 1) AS l",
		1, {TEXTARRAYOID}, NULL
	};

	kept_execute(&statement, &addresses, NULL, false);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		isnull;
		int64		number = DatumGetInt64(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 1, &isnull));
		ConsentHead *head = &batch->states[number - 1].head;
		MemoryContext caller = MemoryContextSwitchTo(batch->context);

		head->number = DatumGetInt32(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &isnull));
		head->hash = DatumGetByteaPCopy(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 3, &isnull));
		MemoryContextSwitchTo(caller);
	}
	SPI_freetuptable(SPI_tuptable);
}

static void
load_rows(Batch *batch, Datum addresses, Datum topics)
{
	static KeptStatement statement = {
		"SELECT said.number, said.topic, said.act, said.source, said.at, said.until, a.number"
		" FROM pg_catalog.unnest($1) WITH ORDINALITY AS a (address, number) JOIN (" CONSENT_SAID ") AS said"
		" (address, number, topic, act, source, at, until) ON said.address OPERATOR(pg_catalog.=) a.address"
		" WHERE said.topic OPERATOR(pg_catalog.=) ANY ($2) ORDER BY a.number, said.at, said.number",
		2, {TEXTARRAYOID, TEXTARRAYOID}, NULL
	};
	Datum		values[] = {addresses, topics};

	kept_execute(&statement, values, NULL, false);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		MemoryContext caller = MemoryContextSwitchTo(batch->context);
		bool		isnull;
		int64		number = DatumGetInt64(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 7, &isnull));
		const char *topic = SPI_getvalue(tuple, SPI_tuptable->tupdesc, 2);
		ConsentRow	row;

		consent_log_read_row(tuple, &row);
		add_row(&batch->states[number - 1], topic, &row);
		MemoryContextSwitchTo(caller);
	}
	SPI_freetuptable(SPI_tuptable);
}

/* Each once, and all topics. */
static Datum
topics_of(const ConsentChoice *choices, int count)
{
	const char **topics = palloc(sizeof(char *) * (count + 1));
	int			kept = 1;

	topics[0] = "";
	for (int i = 0; i < count; i++)
	{
		int			same = 0;

		while (same < kept && strcmp(topics[same], choices[i].topic) != 0)
			same++;
		if (same == kept)
			topics[kept++] = choices[i].topic;
	}
	return address_list_array((char *const *) topics, kept);
}

static BatchAddress *
state_of(const char *address)
{
	char	  **found = bsearch(&address, current->addresses, current->count, sizeof(char *), address_list_compare);

	if (found == NULL)
		elog(ERROR, "address is not in the batch");
	return &current->states[found - current->addresses];
}

/* Behind all that are not later. */
static void
add_row(BatchAddress *state, const char *topic, const ConsentRow *row)
{
	int			place = state->row_count;

	if (state->row_count == state->room)
	{
		state->room = state->room == 0 ? 2 : state->room * 2;
		state->rows = state->rows == NULL ? palloc(sizeof(BatchRow) * state->room) :
			repalloc(state->rows, sizeof(BatchRow) * state->room);
	}
	while (place > 0 && state->rows[place - 1].row.said.at > row->said.at)
		place--;
	memmove(&state->rows[place + 1], &state->rows[place], sizeof(BatchRow) * (state->row_count - place));
	state->rows[place] = (BatchRow) {topic, *row};
	state->row_count++;
}

bool
consent_batch_head(const char *address, ConsentHead *head)
{
	if (current == NULL)
		return false;
	*head = state_of(address)->head;
	return true;
}

bool
consent_batch_rows(const char *address, const char *topic, ConsentRows *rows)
{
	BatchAddress *state;

	if (current == NULL)
		return false;
	state = state_of(address);
	rows->count = 0;
	rows->row = palloc(sizeof(ConsentRow) * Max(state->row_count, 1));
	for (int i = 0; i < state->row_count; i++)
	{
		if (state->rows[i].row.global || strcmp(state->rows[i].topic, topic) == 0)
			rows->row[rows->count++] = state->rows[i].row;
	}
	return true;
}

bool
consent_batch_append(const ConsentEntry *entry, bytea *hash, const Datum *values, const char *nulls)
{
	MemoryContext caller;
	BatchAddress *state;
	ArrayBuildState **columns;
	ConsentRow	row;

	if (current == NULL)
		return false;
	caller = MemoryContextSwitchTo(current->context);
	state = state_of(entry->address);
	columns = state->appended ? current->others : current->first;
	for (int i = 0; i < LOG_COLUMNS; i++)
		columns[i] = accumArrayResult(columns[i], values[i], nulls[i] == 'n', log_types[i], current->context);
	state->appended = true;
	state->head.number = entry->number;
	state->head.hash = DatumGetByteaPCopy(PointerGetDatum(hash));
	row.number = row.said.number = entry->number;
	row.global = entry->topic[0] == '\0';
	row.said.act = consent_act_named(entry->act, strlen(entry->act));
	row.said.source = consent_source_named(entry->source, strlen(entry->source));
	row.said.at = entry->at;
	row.said.until = entry->until;
	add_row(state, pstrdup(entry->topic), &row);
	MemoryContextSwitchTo(caller);
	return true;
}

bool
consent_batch_write(const char *address, const char *topic, const Datum *values, const char *nulls)
{
	MemoryContext caller;
	BatchAddress *state;
	BatchPreference *preference;

	if (current == NULL)
		return false;
	caller = MemoryContextSwitchTo(current->context);
	state = state_of(address);
	for (preference = state->preferences; preference != NULL; preference = preference->next)
		if (strcmp(preference->topic, topic) == 0)
			break;
	if (preference == NULL)
	{
		preference = palloc(sizeof(BatchPreference));
		preference->topic = pstrdup(topic);
		preference->next = state->preferences;
		state->preferences = preference;
	}
	for (int i = 0; i < PREFERENCE_COLUMNS; i++)
	{
		preference->nulls[i] = nulls[i] == 'n';
		preference->values[i] = preference->nulls[i] || preference_types[i] != TEXTOID ? values[i] :
			datumCopy(values[i], false, -1);
	}
	MemoryContextSwitchTo(caller);
	return true;
}

static void
batch_store(Batch *batch)
{
	OwnerScope	scope;

	if (batch->first[0] == NULL)
		return;
	owner_spi_begin(&scope);
	store_first(batch);
	if (batch->others[0] != NULL)
		store_others(batch);
	store_preferences(batch);
	owner_spi_end(&scope);
}

#define LOG_INSERT \
	"INSERT INTO bounce.consent_log" \
	" (address, number, topic, act, old_state, new_state, until, source, actor, at, evidence, recorded_at, hash)" \
	" SELECT n.* FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4)," \
	" pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8), pg_catalog.unnest($9)," \
	" pg_catalog.unnest($10), pg_catalog.unnest($11), pg_catalog.unnest($12), pg_catalog.unnest($13)) AS n (address)"
#define LOG_ARRAYS \
	TEXTARRAYOID, INT4ARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID, \
	TEXTARRAYOID, TIMESTAMPTZARRAYOID, JSONBARRAYOID, TIMESTAMPTZARRAYOID, BYTEAARRAYOID

/* Waits for other writers of the addresses, in address order. */
static void
store_first(Batch *batch)
{
	static KeptStatement statement = {
		LOG_INSERT " ON CONFLICT (address, number) DO NOTHING RETURNING address", LOG_COLUMNS, {LOG_ARRAYS}, NULL
	};
	Datum		values[LOG_COLUMNS];

	for (int i = 0; i < LOG_COLUMNS; i++)
		values[i] = makeArrayResult(batch->first[i], CurrentMemoryContext);
	kept_execute(&statement, values, NULL, false);
	for (int i = 0; i < batch->count; i++)
		batch->states[i].lost = batch->states[i].appended;
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		const char *address = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		char	  **found = bsearch(&address, batch->addresses, batch->count, sizeof(char *), address_list_compare);

		batch->states[found - batch->addresses].lost = false;
	}
	SPI_freetuptable(SPI_tuptable);
}

static void
store_others(Batch *batch)
{
	static KeptStatement statement = {
		LOG_INSERT " WHERE n.address OPERATOR(pg_catalog.<>) ALL ($14)", LOG_COLUMNS + 1, {LOG_ARRAYS, TEXTARRAYOID}, NULL
	};
	Datum		values[LOG_COLUMNS + 1];

	for (int i = 0; i < LOG_COLUMNS; i++)
		values[i] = makeArrayResult(batch->others[i], CurrentMemoryContext);
	values[LOG_COLUMNS] = lost_addresses(batch);
	kept_execute(&statement, values, NULL, false);
}

static void
store_preferences(Batch *batch)
{
	static KeptStatement statement = {
		"INSERT INTO bounce.preference AS p"
		" (address, topic, state, until, since, source, before, before_since, before_source, number, last_number)"
		" SELECT n.* FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),"
		" pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8), pg_catalog.unnest($9),"
		" pg_catalog.unnest($10), pg_catalog.unnest($11)) AS n"
		CONSENT_PREFERENCE_TAKES,
		PREFERENCE_COLUMNS, {TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID,
		TEXTARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID, INT4ARRAYOID, INT4ARRAYOID}, NULL
	};
	ArrayBuildState *columns[PREFERENCE_COLUMNS] = {NULL};
	Datum		values[PREFERENCE_COLUMNS];

	for (int i = 0; i < batch->count; i++)
	{
		BatchPreference *preference = batch->states[i].lost ? NULL : batch->states[i].preferences;

		for (; preference != NULL; preference = preference->next)
			for (int column = 0; column < PREFERENCE_COLUMNS; column++)
				columns[column] = accumArrayResult(columns[column], preference->values[column], preference->nulls[column],
												   preference_types[column], CurrentMemoryContext);
	}
	if (columns[0] == NULL)
		return;
	for (int i = 0; i < PREFERENCE_COLUMNS; i++)
		values[i] = makeArrayResult(columns[i], CurrentMemoryContext);
	kept_execute(&statement, values, NULL, false);
}

static Datum
lost_addresses(const Batch *batch)
{
	char	  **lost = palloc(sizeof(char *) * batch->count);
	int			count = 0;

	for (int i = 0; i < batch->count; i++)
		if (batch->states[i].lost)
			lost[count++] = batch->addresses[i];
	return address_list_array(lost, count);
}
