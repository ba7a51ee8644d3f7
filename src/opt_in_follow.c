/*
 * opt_in_follow.c
 *		Opt-in columns say what stands about their topics.
 *
 * Rows are found and locked without SQL (contact_walk.h), in address order, and
 * those that differ are updated together with SQL as the table's owner, so that
 * the application's own triggers, checks and generated columns do their work.  Rows that
 * those refuse stay as they are (contact_write.h).
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

#include "address_list.h"
#include "attached_tables.h"
#include "contact_walk.h"
#include "contact_write.h"
#include "kept_plan.h"
#include "opt_in_follow.h"
#include "opt_in_standing.h"
#include "owner_of_table.h"

PG_FUNCTION_INFO_V1(bounce_preference_follow);

/* Rows updated by one statement: bounds memory. */
#define UPDATE_BATCH 20000

/* A row of an attached table, or of a partition, that has one of the addresses. */
typedef struct OptInRow
{
	ItemPointerData row;
	int			number;			/* of the address */
	OptInValue *values;			/* what the columns should say, when they differ */
} OptInRow;

/* What is done with each table that has rows of its own. */
typedef struct Follow
{
	char	  **addresses;
	int			count;
	bool		lock_only;
	Relation	relation;
	OptInTable	table;
	OptInStanding *standing[OPT_IN_COLUMNS_MAX];	/* by column, then by address */
	OptInRow   *rows;
	int			row_count;
	int			room;
	int64		changed;
} Follow;

/* The table that is being written, and how deep in triggers. */
static Oid	written = InvalidOid;
static int	written_depth;
static int	holding = 0;

static int	trigger_depth(void);
static void each_table(Follow *follow);
static void follow_part(Relation part, const Attachment *attachment, void *context);
static void follow_rows(Follow *follow);
static void read_standing(Follow *follow);
static void note_row(TupleTableSlot *slot, int number, void *context);
static bool lock_row(Follow *follow, OptInRow *row, TupleTableSlot *slot);
static OptInValue *values_of(const Follow *follow, TupleTableSlot *slot, int number);
static void write_rows(Follow *follow, int wrong);
static const char *address_of_row(const void *context, int row);
static int	update_rows(void *context, int first, int count);
static SPIPlanPtr update_plan(const Follow *follow);
static Datum column_array(const Follow *follow, const OptInRow *rows, int count, int column);
static Datum row_array(const OptInRow *rows, int count);
static int	row_compare(const void *a, const void *b);

void
opt_in_follow(char **addresses, int count)
{
	Follow		follow = {.addresses = addresses, .count = count};

	each_table(&follow);
}

int64
opt_in_follow_table(Relation relation, char **addresses, int count)
{
	Follow		follow = {.addresses = addresses, .count = count};

	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	attached_parts_each(ATTACHED_PREFERENCES, relation, RowExclusiveLock, follow_part, &follow);
	PopActiveSnapshot();
	return follow.changed;
}

void
opt_in_lock(const char *address)
{
	char	   *addresses[] = {unconstify(char *, address)};
	Follow		follow = {.addresses = addresses, .count = 1, .lock_only = true};

	if (holding == 0)
		each_table(&follow);
}

int
opt_in_hold(void)
{
	return holding++;
}

void
opt_in_release(int held)
{
	holding = held;
}

bool
opt_in_writes(Relation relation)
{
	return RelationGetRelid(relation) == written && trigger_depth() == written_depth + 1;
}

/* pg_trigger_depth() ignores its argument */
static int
trigger_depth(void)
{
	return DatumGetInt32(pg_trigger_depth(NULL));
}

static void
each_table(Follow *follow)
{
	List	   *tables;
	ListCell   *cell;

	if (follow->count == 0 || (tables = attached_tables(ATTACHED_PREFERENCES)) == NIL)
		return;
	/* See what the caller wrote. */
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	foreach(cell, tables)
	{
		Relation	relation = try_table_open(lfirst_oid(cell), RowExclusiveLock);

		if (relation == NULL)
			continue;
		attached_parts_each(ATTACHED_PREFERENCES, relation, RowExclusiveLock, follow_part, follow);
		table_close(relation, NoLock);
	}
	PopActiveSnapshot();
}

static void
follow_part(Relation part, const Attachment *attachment, void *context)
{
	Follow	   *follow = context;

	follow->relation = part;
	if (opt_in_table_read(&follow->table, part, attachment))
		follow_rows(follow);
}

static void
follow_rows(Follow *follow)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "bounce opt-in columns", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	TupleTableSlot *slot = table_slot_create(follow->relation, NULL);
	int			wrong = 0;

	follow->rows = NULL;
	follow->row_count = follow->room = 0;
	if (!follow->lock_only)
		read_standing(follow);
	contact_walk(follow->relation, follow->table.address, follow->addresses, follow->count, note_row, follow);
	if (follow->row_count > 1)
		qsort(follow->rows, follow->row_count, sizeof(OptInRow), row_compare);
	for (int i = 0; i < follow->row_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (lock_row(follow, &follow->rows[i], slot))
			follow->rows[wrong++] = follow->rows[i];
	}
	ExecDropSingleTupleTableSlot(slot);
	write_rows(follow, wrong);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}

/* Several columns may be about one topic. */
static void
read_standing(Follow *follow)
{
	for (int i = 0; i < follow->table.count; i++)
	{
		const char *topic = follow->table.column[i].topic;
		int			same = 0;

		while (strcmp(follow->table.column[same].topic, topic) != 0)
			same++;
		if (same == i)
		{
			follow->standing[i] = palloc(sizeof(OptInStanding) * follow->count);
			opt_in_standing(follow->addresses, follow->count, topic, follow->standing[i]);
		}
		else
			follow->standing[i] = follow->standing[same];
	}
}

/* Those that must change, or all of them. */
static void
note_row(TupleTableSlot *slot, int number, void *context)
{
	Follow	   *follow = context;
	OptInRow   *row;

	if (!follow->lock_only && values_of(follow, slot, number) == NULL)
		return;
	if (follow->row_count == follow->room)
	{
		follow->room = follow->room == 0 ? 64 : follow->room * 2;
		follow->rows = follow->rows == NULL ? palloc(follow->room * sizeof(OptInRow)) :
			repalloc_huge(follow->rows, follow->room * sizeof(OptInRow));
	}
	row = &follow->rows[follow->row_count++];
	row->row = slot->tts_tid;
	row->number = number;
}

/* Waits for whoever is changing the row; false when nothing is to be written to it. */
static bool
lock_row(Follow *follow, OptInRow *row, TupleTableSlot *slot)
{
	char		canonical[ADDRESS_TEXT_MAX];
	const char *address;

	if (!contact_row_lock(follow->relation, &row->row, slot) || follow->lock_only)
		return false;
	address = contact_address(follow->table.address, slot, canonical);
	if (address == NULL || strcmp(address, follow->addresses[row->number]) != 0)
		return false;
	row->row = slot->tts_tid;
	row->values = values_of(follow, slot, row->number);
	return row->values != NULL;
}

/* What the columns of the row should say; NULL when they do. */
static OptInValue *
values_of(const Follow *follow, TupleTableSlot *slot, int number)
{
	OptInValue	values[OPT_IN_COLUMNS_MAX];
	bool		differs = false;

	for (int i = 0; i < follow->table.count; i++)
	{
		const OptInColumn *column = &follow->table.column[i];
		const OptInStanding *standing = &follow->standing[i][number];
		OptInValue	value;

		values[i].value = slot_getattr(slot, column->number, &values[i].isnull);
		if (!standing->known)
			continue;
		value = opt_in_value(column, standing->said, standing->since);
		differs |= !opt_in_same(column, &values[i], &value);
		values[i] = value;
	}
	if (!differs)
		return NULL;
	return memcpy(palloc(sizeof(OptInValue) * follow->table.count), values, sizeof(OptInValue) * follow->table.count);
}

static void
write_rows(Follow *follow, int wrong)
{
	OptInRow   *all = follow->rows;
	ContactWrite write = {
		.relation = follow->relation, .kind = "track_preferences",
		.remedy = "When the table can store it, call bounce.refresh_preferences().",
		.write = update_rows, .address = address_of_row, .context = follow
	};

	for (int done = 0; done < wrong; done += UPDATE_BATCH)
	{
		follow->rows = all + done;
		follow->changed += contact_write(&write, Min(wrong - done, UPDATE_BATCH));
	}
}

static const char *
address_of_row(const void *context, int row)
{
	const Follow *follow = context;

	return follow->addresses[follow->rows[row].number];
}

static int
update_rows(void *context, int first, int count)
{
	Follow	   *follow = context;
	OptInRow   *rows = follow->rows + first;
	Datum		values[OPT_IN_COLUMNS_MAX + 1] = {row_array(rows, count)};
	TableOwnerScope owner;
	Oid			outer = written;
	int			outer_depth = written_depth;
	int			rc;

	for (int i = 0; i < follow->table.count; i++)
		values[i + 1] = column_array(follow, rows, count, i);
	table_owner_begin(&owner, follow->relation);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	written = RelationGetRelid(follow->relation);
	written_depth = trigger_depth();
	PG_TRY();
	{
		rc = SPI_execute_plan(update_plan(follow), values, NULL, false, 0);
	}
	PG_FINALLY();
	{
		/* A trigger of the application may have brought us here from another update. */
		written = outer;
		written_depth = outer_depth;
	}
	PG_END_TRY();
	if (rc != SPI_OK_UPDATE)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(rc));
	if (SPI_processed != (uint64) count)
		contact_write_skipped();
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	table_owner_end(&owner);
	return count;
}

/* No name but the application's own: the owner of the table may have no privilege on schema bounce. */
static SPIPlanPtr
update_plan(const Follow *follow)
{
	Relation	relation = follow->relation;
	Oid			types[OPT_IN_COLUMNS_MAX + 1] = {get_array_type(TIDOID)};
	StringInfoData set;
	StringInfoData from;
	StringInfoData names;

	initStringInfo(&set);
	initStringInfo(&from);
	initStringInfo(&names);
	for (int i = 0; i < follow->table.count; i++)
	{
		const OptInColumn *column = &follow->table.column[i];

		types[i + 1] = get_array_type(column->is_time ? TIMESTAMPTZOID : BOOLOID);
		appendStringInfo(&set, "%s%s = x.v%d", i == 0 ? "" : ", ",
						 quote_identifier(NameStr(TupleDescAttr(RelationGetDescr(relation), column->number - 1)->attname)), i);
		appendStringInfo(&from, ", pg_catalog.unnest($%d)", i + 2);
		appendStringInfo(&names, ", v%d", i);
	}
	return kept_plan(RelationGetRelid(relation),
					 psprintf("UPDATE ONLY %s AS c SET %s FROM ROWS FROM (pg_catalog.unnest($1)%s) AS x (row%s)"
							  " WHERE c.ctid OPERATOR(pg_catalog.=) x.row",
							  quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)),
														 RelationGetRelationName(relation)),
							  set.data, from.data, names.data),
					 follow->table.count + 1, types);
}

static Datum
column_array(const Follow *follow, const OptInRow *rows, int count, int column)
{
	bool		is_time = follow->table.column[column].is_time;
	Datum	   *values = palloc(sizeof(Datum) * count);
	bool	   *nulls = palloc(sizeof(bool) * count);
	int			lower = 1;

	for (int i = 0; i < count; i++)
	{
		values[i] = rows[i].values[column].value;
		nulls[i] = rows[i].values[column].isnull;
	}
	if (is_time)
		return PointerGetDatum(construct_md_array(values, nulls, 1, &count, &lower, TIMESTAMPTZOID, sizeof(TimestampTz),
												  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	return PointerGetDatum(construct_md_array(values, nulls, 1, &count, &lower, BOOLOID, 1, true, TYPALIGN_CHAR));
}

static Datum
row_array(const OptInRow *rows, int count)
{
	Datum	   *values = palloc(sizeof(Datum) * count);

	for (int i = 0; i < count; i++)
		values[i] = PointerGetDatum(&rows[i].row);
	return PointerGetDatum(construct_array(values, count, TIDOID, sizeof(ItemPointerData), false, TYPALIGN_SHORT));
}

/* By address; rows of one address by place. */
static int
row_compare(const void *a, const void *b)
{
	const OptInRow *one = a;
	const OptInRow *other = b;

	if (one->number != other->number)
		return one->number < other->number ? -1 : 1;
	return ItemPointerCompare((ItemPointer) &one->row, (ItemPointer) &other->row);
}

/* Trigger AFTER INSERT and AFTER UPDATE on bounce.preference, FOR EACH STATEMENT with its new rows. */
Datum
bounce_preference_follow(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleTableSlot *slot;
	char	  **addresses;
	AttrNumber	address;
	int64		count;

	if (!CALLED_AS_TRIGGER(fcinfo) || trigger->tg_newtable == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("\"%s\" must be called as an AFTER STATEMENT trigger with transition tables",
						"bounce.preference_follow")));
	if (holding > 0 || attached_tables(ATTACHED_PREFERENCES) == NIL ||
		(count = tuplestore_tuple_count(trigger->tg_newtable)) == 0)
		return PointerGetDatum(NULL);
	address = SPI_fnumber(RelationGetDescr(trigger->tg_relation), "address");
	addresses = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(char *) * count);
	slot = MakeSingleTupleTableSlot(RelationGetDescr(trigger->tg_relation), &TTSOpsMinimalTuple);
	for (int64 i = 0; tuplestore_gettupleslot(trigger->tg_newtable, true, false, slot) && i < count; i++)
	{
		bool		isnull;

		addresses[i] = TextDatumGetCString(slot_getattr(slot, address, &isnull));
	}
	ExecDropSingleTupleTableSlot(slot);
	opt_in_follow(addresses, address_list_distinct(addresses, count));
	return PointerGetDatum(NULL);
}
