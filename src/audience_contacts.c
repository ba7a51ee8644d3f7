/*
 * audience_contacts.c
 *		Whom a topic goes to that needs no yes: the contacts that the application attached.
 *
 * Such a topic flows until a no, and who is there to say none is known from the tables
 * that bounce.quarantine_contacts() and bounce.track_preferences() were told of.  They
 * are read with the rights of whoever asks: nobody lists more than he could select.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "attach.h"
#include "attached_tables.h"
#include "attachment.h"
#include "audience_contacts.h"

/* Its canonical addresses; what is none of them is NULL. */
static void
append_contacts(StringInfo sql, Relation relation, AttrNumber address)
{
	bool		partitioned = relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE;

	appendStringInfo(sql, " UNION ALL SELECT bounce.normalize_address(c.%s::pg_catalog.text) COLLATE \"C\", NULL FROM %s%s AS c",
					 quote_identifier(NameStr(TupleDescAttr(RelationGetDescr(relation), address - 1)->attname)),
					 partitioned ? "" : "ONLY ",
					 quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)),
												RelationGetRelationName(relation)));
}

/* Adds the tables of one kind; returns how many. */
static int
append_attached(StringInfo sql, AttachedKind kind, const char *function)
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
			append_contacts(sql, relation, address);
			count++;
		}
		if (relation != NULL)
			table_close(relation, NoLock);
	}
	return count;
}

/* OFFSET 0: each address is asked about once, however often it is there. */
char *
audience_contacts_sql(const char *yes)
{
	StringInfoData sql;
	int			tables;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT a.address, a.since FROM (SELECT k.address, pg_catalog.max(k.since) FROM (%s", yes);
	tables = append_attached(&sql, ATTACHED_QUARANTINE, "quarantine_contacts_row") +
		append_attached(&sql, ATTACHED_PREFERENCES, "track_preferences_rows");
	appendStringInfoString(&sql, ") AS k (address, since) GROUP BY k.address OFFSET 0) AS a (address, since)"
								 " WHERE NOT bounce.is_suppressed(a.address, $1, $2)");
	return tables == 0 ? NULL : sql.data;
}
