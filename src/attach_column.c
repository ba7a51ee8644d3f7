/*
 * attach_column.c
 *		Which columns a trigger of ours can work with.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/partition.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_inherits.h"
#include "nodes/bitmapset.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "attach.h"
#include "column_use.h"

static void column_missing(Relation relation, const char *column, ColumnUse use);
static void column_type_wrong(Relation relation, Form_pg_attribute attribute, ColumnUse use);
static void column_generated(Relation relation, Form_pg_attribute attribute);
static char *list_columns(Relation relation, ColumnUse use);
static void check_partition_key(Relation relation, const char *column);

AttrNumber
attach_column(Attaching *attaching, const char *part, const char *column, ColumnUse use)
{
	Relation	relation = attaching->relation;
	AttrNumber	number;
	Form_pg_attribute attribute;

	if (column == NULL)
		return InvalidAttrNumber;
	number = get_attnum(RelationGetRelid(relation), column);
	if (number <= 0)
		column_missing(relation, column, use);
	attribute = TupleDescAttr(RelationGetDescr(relation), number - 1);
	if (!type_serves(attribute->atttypid, use))
		column_type_wrong(relation, attribute, use);
	/* Virtual columns (18 and later) have no value in the rows that a trigger sees. */
	if (attribute->attgenerated != '\0' && attribute->attgenerated != ATTRIBUTE_GENERATED_STORED)
		column_generated(relation, attribute);
	appendStringInfo(&attaching->columns, "%s%s", attaching->columns.len > 0 ? ", " : "", quote_identifier(column));
	appendStringInfo(&attaching->parts, "%s%s", attaching->parts.len > 0 ? "," : "", part);
	return number;
}

static void
column_missing(Relation relation, const char *column, ColumnUse use)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("column \"%s\" of relation \"%s\" does not exist", column, RelationGetRelationName(relation)),
			 errhint("Columns of %s: %s.", column_use_types(use), list_columns(relation, use))));
}

static void
column_type_wrong(Relation relation, Form_pg_attribute attribute, ColumnUse use)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" of relation \"%s\" is of type %s", NameStr(attribute->attname),
					RelationGetRelationName(relation), format_type_be(attribute->atttypid)),
			 errdetail("It must be of %s.", column_use_types(use)),
			 errhint("Columns of %s: %s.", column_use_types(use), list_columns(relation, use))));
}

static void
column_generated(Relation relation, Form_pg_attribute attribute)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_COLUMN_REFERENCE),
			 errmsg("column \"%s\" of relation \"%s\" is a generated column",
					NameStr(attribute->attname), RelationGetRelationName(relation)),
			 errdetail("It is computed after the triggers that would need it."),
			 errhint("Name the column that it is generated from.")));
}

static char *
list_columns(Relation relation, ColumnUse use)
{
	TupleDesc	desc = RelationGetDescr(relation);
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (!attribute->attisdropped && type_serves(attribute->atttypid, use))
			appendStringInfo(&list, "%s\"%s\"", list.len > 0 ? ", " : "", NameStr(attribute->attname));
	}
	return list.len > 0 ? list.data : "none";
}

void
attach_check_before(Attaching *attaching, AttrNumber column, bool written)
{
	Relation	relation = attaching->relation;
	Form_pg_attribute attribute;
	List	   *tables;
	ListCell   *cell;

	if (column == InvalidAttrNumber)
		return;
	attribute = TupleDescAttr(RelationGetDescr(relation), column - 1);
	if (attribute->attgenerated != '\0')
		column_generated(relation, attribute);
	if (!written || relation->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		return;
	tables = find_all_inheritors(RelationGetRelid(relation), AccessShareLock, NULL);
	foreach(cell, tables)
	{
		Relation	table = table_open(lfirst_oid(cell), NoLock);

		check_partition_key(table, NameStr(attribute->attname));
		table_close(table, NoLock);
	}
}

/* The server does not let a BEFORE trigger move a row to another partition. */
static void
check_partition_key(Relation relation, const char *column)
{
	AttrNumber	number = get_attnum(RelationGetRelid(relation), column);
	Bitmapset  *columns = bms_make_singleton(number - FirstLowInvalidHeapAttributeNumber);

	if (has_partition_attrs(relation, columns, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" decides the partition of \"%s\"", column, RelationGetRelationName(relation)),
				 errdetail("A trigger that sets it would move rows to another partition.")));
}
