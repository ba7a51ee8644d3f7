/*
 * audience_contacts.c
 *		The contacts that the application attached, as a list of addresses.
 *
 * They are in the tables that bounce.quarantine_contacts() and
 * bounce.track_preferences() were told of.  Nobody is given more than a SELECT of
 * theirs would give.  Rows are read without SQL (contact_walk.h), so that no code of
 * the table's owner runs with the rights of who asks.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "attach.h"
#include "attached_tables.h"
#include "attachment.h"
#include "audience_contacts.h"
#include "contact_walk.h"

TupleDesc
audience_contacts_desc(void)
{
	TupleDesc	desc = CreateTemplateTupleDesc(1);

	TupleDescInitEntry(desc, 1, "address", TEXTOID, -1, 0);
	TupleDescInitEntryCollation(desc, 1, C_COLLATION_OID);
	return desc;
}

static void
check_readable(Relation relation, AttrNumber address)
{
	Oid			table = RelationGetRelid(relation);

	if (pg_class_aclcheck(table, GetUserId(), ACL_SELECT) != ACLCHECK_OK &&
		pg_attribute_aclcheck(table, address, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(relation->rd_rel->relkind), RelationGetRelationName(relation));
	if (check_enable_rls(table, InvalidOid, true) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("row-level security of table \"%s\" hides contacts from you", RelationGetRelationName(relation)),
				 errhint("Ask about the rows that you see: WHERE NOT bounce.is_suppressed(email, topic).")));
}

static void
put_rows(Relation relation, AttrNumber address, Tuplestorestate *addresses, TupleDesc desc)
{
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = table_beginscan(relation, GetActiveSnapshot(), 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		char		canonical[ADDRESS_TEXT_MAX];
		Datum		value;
		bool		isnull = false;

		CHECK_FOR_INTERRUPTS();
		if (contact_address(address, slot, canonical) == NULL)
			continue;
		value = CStringGetTextDatum(canonical);
		tuplestore_putvalues(addresses, desc, &value, &isnull);
		pfree(DatumGetPointer(value));
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
}

/* A partition may have its columns in another order, and its own description of the attachment. */
static void
put_part(Relation part, Oid chief, Tuplestorestate *addresses, TupleDesc desc)
{
	Attachment *attachment = attachment_read(part, chief);
	AttrNumber	address = attachment == NULL || part->rd_rel->relkind != RELKIND_RELATION ? InvalidAttrNumber :
		attachment_column(attachment, part, "address", COLUMN_TEXT);

	if (address != InvalidAttrNumber)
		put_rows(part, address, addresses, desc);
}

static void
put_table(Relation relation, Oid chief, Tuplestorestate *addresses, TupleDesc desc)
{
	ListCell   *cell;

	if (relation->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
	{
		put_part(relation, chief, addresses, desc);
		return;
	}
	foreach(cell, find_all_inheritors(RelationGetRelid(relation), AccessShareLock, NULL))
	{
		Relation	part = table_open(lfirst_oid(cell), NoLock);

		put_part(part, chief, addresses, desc);
		table_close(part, NoLock);
	}
}

/* Those of one kind; returns how many tables there were. */
static int
put_attached(AttachedKind kind, const char *function, Tuplestorestate *addresses, TupleDesc desc)
{
	Oid			chief = bounce_function_oid(function, InvalidOid);
	int			count = 0;
	ListCell   *cell;

	foreach(cell, attached_tables(kind))
	{
		Relation	relation = try_table_open(lfirst_oid(cell), AccessShareLock);
		Attachment *attachment = relation == NULL || RELATION_IS_OTHER_TEMP(relation) ? NULL : attachment_read(relation, chief);
		AttrNumber	address = attachment == NULL ? InvalidAttrNumber :
			attachment_column(attachment, relation, "address", COLUMN_TEXT);

		if (address != InvalidAttrNumber)
		{
			check_readable(relation, address);
			put_table(relation, chief, addresses, desc);
			count++;
		}
		if (relation != NULL)
			table_close(relation, NoLock);
	}
	return count;
}

Tuplestorestate *
audience_contacts(void)
{
	Tuplestorestate *addresses = tuplestore_begin_heap(false, false, work_mem);
	TupleDesc	desc = audience_contacts_desc();

	if (put_attached(ATTACHED_QUARANTINE, "quarantine_contacts_row", addresses, desc) +
			put_attached(ATTACHED_PREFERENCES, "track_preferences_rows", addresses, desc) >
		0)
		return addresses;
	tuplestore_end(addresses);
	return NULL;
}
