/*
 * quarantine.c
 *		The mark that a suppression leaves on the application's own contact rows.
 *
 * Rows are found without SQL (contact_rows.h), locked, looked at again and updated
 * with SQL as the table's owner, so that the application's own triggers, checks
 * and generated columns do their work.  Only rows whose column changes are
 * touched, in address order.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "ask.h"
#include "attach.h"
#include "attachment.h"
#include "contact_rows.h"
#include "quarantine.h"
#include "row_writer.h"

/* What is done with each table that has rows of its own. */
typedef struct ContactTask
{
	const ContactTruths *truths;	/* NULL: all rows */
	TimestampTz at;
	int64		changed;
} ContactTask;

/* Attached tables, for the session; forgotten when anything about any table changes. */
static List *contact_tables = NIL;
static bool contact_tables_known = false;

static List *attached_tables(void);
static void forget_tables(Datum arg, Oid relation);
static List *read_attached_tables(Oid function);
static Oid	attached_table(Relation triggers, Oid trigger);
static void refresh_table(Relation relation, ContactTask *task);
static void refresh_rows(Relation relation, ContactTask *task);
static int64 update_rows(const ContactTable *table, ContactRows *rows);
static bool lock_row(const ContactTable *table, const ContactRow *row, TupleTableSlot *slot);
static int	row_compare(const void *a, const void *b);

void
quarantine_refresh(char **addresses, int count, TimestampTz at)
{
	List	   *tables;
	ListCell   *cell;
	ContactTruths truths = {addresses, NULL, count};
	ContactTask task = {&truths, Max(at, GetCurrentTimestamp()), 0};

	if (count == 0 || (tables = attached_tables()) == NIL)
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
	List	   *tables = attached_tables();
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

/* A copy: what runs meanwhile may make the session forget. */
static List *
attached_tables(void)
{
	static bool registered = false;
	MemoryContext caller;
	List	   *tables;

	if (!registered)
	{
		CacheRegisterRelcacheCallback(forget_tables, (Datum) 0);
		registered = true;
	}
	if (contact_tables_known)
		return list_copy(contact_tables);
	list_free(contact_tables);
	contact_tables = NIL;
	/* Known from here on, unless a message arrives while we read. */
	contact_tables_known = true;
	tables = read_attached_tables(bounce_function_oid("quarantine_contacts_row", InvalidOid));
	caller = MemoryContextSwitchTo(CacheMemoryContext);
	contact_tables = list_copy(tables);
	MemoryContextSwitchTo(caller);
	return tables;
}

static void
forget_tables(Datum arg, Oid relation)
{
	contact_tables_known = false;
}

/* Triggers depend on the function that they run, and that is indexed. */
static List *
read_attached_tables(Oid function)
{
	Relation	depend = table_open(DependRelationId, AccessShareLock);
	Relation	triggers = table_open(TriggerRelationId, AccessShareLock);
	List	   *tables = NIL;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(ProcedureRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(function));
	scan = systable_beginscan(depend, DependReferenceIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);
		Oid			table = form->classid == TriggerRelationId ? attached_table(triggers, form->objid) : InvalidOid;

		if (OidIsValid(table))
			tables = lappend_oid(tables, table);
	}
	systable_endscan(scan);
	table_close(triggers, AccessShareLock);
	table_close(depend, AccessShareLock);
	/* Every session takes the tables in the same order. */
	list_sort(tables, list_oid_cmp);
	return tables;
}

/* The table of a chief that was not made for a partition and is not disabled. */
static Oid
attached_table(Relation triggers, Oid trigger)
{
	Oid			table = InvalidOid;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_trigger_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(trigger));
	scan = systable_beginscan(triggers, TriggerOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		Form_pg_trigger form = (Form_pg_trigger) GETSTRUCT(tuple);

		if (form->tgattr.dim1 > 0 && !OidIsValid(form->tgparentid) && form->tgenabled != TRIGGER_DISABLED)
			table = form->tgrelid;
	}
	systable_endscan(scan);
	return table;
}

static void
refresh_table(Relation relation, ContactTask *task)
{
	List	   *tables;
	ListCell   *cell;

	if (relation->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
	{
		refresh_rows(relation, task);
		return;
	}
	tables = find_all_inheritors(RelationGetRelid(relation), RowExclusiveLock, NULL);
	foreach(cell, tables)
	{
		Relation	partition = table_open(lfirst_oid(cell), NoLock);

		if (partition->rd_rel->relkind == RELKIND_RELATION)
			refresh_rows(partition, task);
		table_close(partition, NoLock);
	}
}

static void
refresh_rows(Relation relation, ContactTask *task)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "bounce quarantine", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Attachment *attachment = attachment_read(relation, bounce_function_oid("quarantine_contacts_row", InvalidOid));
	ContactTable table;
	ContactRows rows = {0};

	if (attachment != NULL && !RELATION_IS_OTHER_TEMP(relation) &&
		contact_table_set(&table, relation, attachment))
	{
		if (task->truths != NULL)
			contact_rows_of(&table, task->truths, &rows);
		else
			contact_rows_all(&table, task->at, &rows);
		task->changed += update_rows(&table, &rows);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}

static int64
update_rows(const ContactTable *table, ContactRows *rows)
{
	TupleTableSlot *slot;
	RowWriter	writer;
	int64		changed = 0;

	if (rows->count == 0)
		return 0;
	qsort(rows->rows, rows->count, sizeof(ContactRow), row_compare);
	slot = table_slot_create(table->relation, NULL);
	row_writer_begin(&writer, table->relation, table->until);
	for (int i = 0; i < rows->count; i++)
	{
		ContactRow *row = &rows->rows[i];

		CHECK_FOR_INTERRUPTS();
		if (lock_row(table, row, slot) &&
			row_writer_set(&writer, &slot->tts_tid, TimestampTzGetDatum(row->until), row->until == DT_NOBEGIN))
			changed++;
	}
	row_writer_end(&writer);
	ExecDropSingleTupleTableSlot(slot);
	return changed;
}

/*
 * Locks the newest version of the row into the slot, waiting for whoever is
 * changing it.  False when that version is gone, or right by now.
 */
static bool
lock_row(const ContactTable *table, const ContactRow *row, TupleTableSlot *slot)
{
	ItemPointerData tid = row->row;
	TM_FailureData failure;
	uint8		flags = IsolationUsesXactSnapshot() ? 0 : TUPLE_LOCK_FLAG_FIND_LAST_VERSION;
	TM_Result	result = table_tuple_lock(table->relation, &tid, GetActiveSnapshot(), slot,
										  GetCurrentCommandId(true), LockTupleNoKeyExclusive,
										  LockWaitBlock, flags, &failure);

	if (result == TM_Ok)
		return contact_row_wrong(table, row, slot);
	if ((result == TM_Updated || result == TM_Deleted) && IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access due to concurrent update")));
	/* Deleted, or changed by a statement of ours that runs still: its own trigger sees to it. */
	return false;
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
