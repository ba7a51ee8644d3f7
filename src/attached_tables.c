/*
 * attached_tables.c
 *		Tables of the application that follow what changes here.
 *
 * Known for the session, and forgotten when anything about any table changes.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "attach.h"
#include "attached_tables.h"

typedef struct Attached
{
	const char *function;		/* what the chief runs: bounce.<function>() */
	bool		known;
	List	   *tables;
} Attached;

/* Counts messages, so that one that comes in while reading is not lost. */
static uint64 messages = 0;

static Attached attached[] = {
	[ATTACHED_QUARANTINE] = {.function = "quarantine_contacts_row"},
	[ATTACHED_PREFERENCES] = {.function = "track_preferences_rows"}
};

static void forget_tables(Datum arg, Oid relation);
static List *read_attached_tables(Oid function);
static Oid	attached_table(Relation triggers, Oid trigger);

/* A copy: what runs meanwhile may make the session forget. */
List *
attached_tables(AttachedKind kind)
{
	static bool registered = false;
	Attached   *asked = &attached[kind];
	uint64		seen;
	MemoryContext caller;
	List	   *tables;

	if (!registered)
	{
		CacheRegisterRelcacheCallback(forget_tables, (Datum) 0);
		registered = true;
	}
	if (asked->known)
		return list_copy(asked->tables);
	seen = messages;
	tables = read_attached_tables(bounce_function_oid(asked->function, InvalidOid));
	caller = MemoryContextSwitchTo(CacheMemoryContext);
	list_free(asked->tables);
	asked->tables = list_copy(tables);
	MemoryContextSwitchTo(caller);
	asked->known = seen == messages;
	return tables;
}

void
attached_parts_each(AttachedKind kind, Relation relation, LOCKMODE lock, AttachedPartVisitor visit, void *context)
{
	Oid			function = bounce_function_oid(attached[kind].function, InvalidOid);
	List	   *parts = relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE ?
		find_all_inheritors(RelationGetRelid(relation), lock, NULL) :
		list_make1_oid(RelationGetRelid(relation));
	ListCell   *cell;

	foreach(cell, parts)
	{
		Relation	part = table_open(lfirst_oid(cell), NoLock);
		Attachment *attachment = part->rd_rel->relkind != RELKIND_RELATION || RELATION_IS_OTHER_TEMP(part) ? NULL :
			attachment_read(part, function);

		if (attachment != NULL)
			visit(part, attachment, context);
		table_close(part, NoLock);
	}
}

static void
forget_tables(Datum arg, Oid relation)
{
	messages++;
	for (int i = 0; i < (int) lengthof(attached); i++)
		attached[i].known = false;
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
