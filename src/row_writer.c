/*
 * row_writer.c
 *		Setting one column of single rows of a table of the application.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "kept_plan.h"
#include "row_writer.h"

static char *update_text(Relation table, const char *column);

void
row_writer_begin(RowWriter *writer, Relation table, AttrNumber column)
{
	Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(table), column - 1);
	Oid			types[2] = {attribute->atttypid, TIDOID};
	char	   *sql = update_text(table, NameStr(attribute->attname));

	table_owner_begin(&writer->owner, table);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	writer->plan = kept_plan(RelationGetRelid(table), sql, 2, types);
}

/* No name but the application's own: its owner may have no privilege on schema bounce. */
static char *
update_text(Relation table, const char *column)
{
	return psprintf("UPDATE ONLY %s SET %s = $1 WHERE ctid OPERATOR(pg_catalog.=) $2",
					quote_qualified_identifier(get_namespace_name(RelationGetNamespace(table)),
											   RelationGetRelationName(table)),
					quote_identifier(column));
}

bool
row_writer_set(RowWriter *writer, ItemPointer row, Datum value, bool isnull)
{
	Datum		values[2] = {value, PointerGetDatum(row)};
	int			rc = SPI_execute_plan(writer->plan, values, isnull ? "n " : "  ", false, 0);

	if (rc != SPI_OK_UPDATE)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(rc));
	return SPI_processed > 0;
}

void
row_writer_end(RowWriter *writer)
{
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	table_owner_end(&writer->owner);
}
