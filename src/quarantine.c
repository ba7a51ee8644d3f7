/*
 * quarantine.c
 *		The mark that a suppression leaves on the application's own contact rows.
 *
 * Rows are found without SQL (contact_rows.h), locked, looked at again and updated
 * with SQL as the table's owner, so that the application's own triggers, checks
 * and generated columns do their work; what those refuse stays as it is
 * (contact_write.h).  Only rows whose column changes are touched, in address order.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "ask.h"
#include "attached_tables.h"
#include "attachment.h"
#include "contact_rows.h"
#include "contact_walk.h"
#include "contact_write.h"
#include "quarantine.h"
#include "row_writer.h"

/* What is done with each table that has rows of its own. */
typedef struct ContactTask
{
	const ContactTruths *truths;	/* NULL: all rows */
	TimestampTz at;
	int64		changed;
} ContactTask;

/* Rows whose column is written. */
typedef struct UntilWrite
{
	const ContactTable *table;
	const ContactRow *rows;
} UntilWrite;

static void refresh_table(Relation relation, ContactTask *task);
static void refresh_rows(Relation relation, const Attachment *attachment, void *context);
static int64 update_rows(const ContactTable *table, ContactRows *rows);
static const char *address_of_row(const void *context, int row);
static int	write_until(void *context, int first, int count);
static int	row_compare(const void *a, const void *b);

void
quarantine_refresh(char **addresses, int count, TimestampTz at)
{
	List	   *tables;
	ListCell   *cell;
	ContactTruths truths = {addresses, NULL, count};
	ContactTask task = {&truths, Max(at, GetCurrentTimestamp()), 0};

	if (count == 0 || (tables = attached_tables(ATTACHED_QUARANTINE)) == NIL)
		return;
	/* See what the caller wrote. */
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	truths.until = palloc(count * sizeof(TimestampTz));
	for (int i = 0; i < count; i++)
		truths.until[i] = ask_quarantined_until(addresses[i], task.at);
	foreach(cell, tables)
	{
		Relation	relation = try_table_open(lfirst_oid(cell), RowExclusiveLock);

		if (relation == NULL)
			continue;
		refresh_table(relation, &task);
		table_close(relation, NoLock);
	}
	pfree(truths.until);
	PopActiveSnapshot();
}

int64
quarantine_align(Relation table)
{
	ContactTask task = {NULL, GetCurrentTimestamp(), 0};

	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	refresh_table(table, &task);
	PopActiveSnapshot();
	return task.changed;
}

int64
quarantine_align_all(void)
{
	int64		changed = 0;
	List	   *tables = attached_tables(ATTACHED_QUARANTINE);
	ListCell   *cell;

	foreach(cell, tables)
	{
		Relation	relation = try_table_open(lfirst_oid(cell), RowExclusiveLock);

		if (relation == NULL)
			continue;
		changed += quarantine_align(relation);
		table_close(relation, NoLock);
	}
	return changed;
}

TimestampTz
quarantine_truth(const char *address)
{
	TimestampTz until;

	PushActiveSnapshot(GetTransactionSnapshot());
	until = ask_quarantined_until(address, GetCurrentTimestamp());
	PopActiveSnapshot();
	return until;
}

static void
refresh_table(Relation relation, ContactTask *task)
{
	attached_parts_each(ATTACHED_QUARANTINE, relation, RowExclusiveLock, refresh_rows, task);
}

static void
refresh_rows(Relation relation, const Attachment *attachment, void *context)
{
	ContactTask *task = context;
	MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "bounce quarantine", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(memory);
	ContactTable table;
	ContactRows rows = {0};

	if (contact_table_set(&table, relation, attachment))
	{
		if (task->truths != NULL)
			contact_rows_of(&table, task->truths, &rows);
		else
		{
			contact_write_retract(relation, "quarantine_contacts");
			contact_rows_all(&table, task->at, &rows);
		}
		task->changed += update_rows(&table, &rows);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(memory);
}

static int64
update_rows(const ContactTable *table, ContactRows *rows)
{
	UntilWrite	until = {table, rows->rows};
	ContactWrite write = {
		.relation = table->relation, .kind = "quarantine_contacts",
		.remedy = "When the table can store it, call bounce.refresh_quarantine().",
		.write = write_until, .address = address_of_row, .context = &until
	};

	if (rows->count > 1)
		qsort(rows->rows, rows->count, sizeof(ContactRow), row_compare);
	return contact_write(&write, rows->count);
}

static const char *
address_of_row(const void *context, int row)
{
	return ((const UntilWrite *) context)->rows[row].address;
}

static int
write_until(void *context, int first, int count)
{
	UntilWrite *until = context;
	const ContactTable *table = until->table;
	TupleTableSlot *slot = table_slot_create(table->relation, NULL);
	RowWriter	writer;
	int			changed = 0;

	row_writer_begin(&writer, table->relation, table->until);
	for (int i = first; i < first + count; i++)
	{
		ItemPointerData place = until->rows[i].row;

		CHECK_FOR_INTERRUPTS();
		if (!contact_row_lock(table->relation, &place, slot) || !contact_row_wrong(table, &until->rows[i], slot))
			continue;
		if (!row_writer_set(&writer, &slot->tts_tid, TimestampTzGetDatum(until->rows[i].until),
							until->rows[i].until == DT_NOBEGIN))
			contact_write_skipped();
		changed++;
	}
	row_writer_end(&writer);
	ExecDropSingleTupleTableSlot(slot);
	return changed;
}

/* By address; rows of one address by place. */
static int
row_compare(const void *a, const void *b)
{
	const ContactRow *one = a;
	const ContactRow *other = b;
	int			order = 0;

	if (one->address != NULL && other->address != NULL)
		order = strcmp(one->address, other->address);
	else if (one->address != other->address)
		order = one->address == NULL ? -1 : 1;
	return order != 0 ? order : ItemPointerCompare((ItemPointer) &one->row, (ItemPointer) &other->row);
}
