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
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/rls.h"

#include "attach.h"
#include "attached_tables.h"
#include "attachment.h"
#include "audience_contacts.h"
#include "contact_walk.h"

typedef struct AddressSink
{
	Tuplestorestate *addresses;
	TupleDesc	desc;
} AddressSink;

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
put_address(const char *address, void *context)
{
	AddressSink *sink = context;
	Datum		value = CStringGetTextDatum(address);
	bool		isnull = false;

	tuplestore_putvalues(sink->addresses, sink->desc, &value, &isnull);
	pfree(DatumGetPointer(value));
}

static void
put_part(Relation part, const Attachment *attachment, void *sink)
{
	AttrNumber	address = attachment_column(attachment, part, "address", COLUMN_TEXT);

	if (address != InvalidAttrNumber)
		contact_walk_addresses(part, address, put_address, sink);
}

/* Those of one kind; returns how many tables there were. */
static int
put_attached(AttachedKind kind, const char *function, AddressSink *sink)
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
			attached_parts_each(kind, relation, AccessShareLock, put_part, sink);
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
	AddressSink sink = {tuplestore_begin_heap(false, false, work_mem), audience_contacts_desc()};

	if (put_attached(ATTACHED_QUARANTINE, "quarantine_contacts_row", &sink) +
			put_attached(ATTACHED_PREFERENCES, "track_preferences_rows", &sink) >
		0)
		return sink.addresses;
	tuplestore_end(sink.addresses);
	return NULL;
}
