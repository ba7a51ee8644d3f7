/*
 * watch_deliveries.c
 *		bounce.watch_deliveries(): what the application writes to its own delivery
 *		log is told to bounce.delivery_event.
 *
 * All rows of a statement are told by one statement, which reads them where the
 * trigger has them.  When replication applies rows there are no statements: a
 * watch that is to work there tells row by row.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "attach.h"
#include "attachment.h"
#include "kept_plan.h"
#include "owner.h"

PG_FUNCTION_INFO_V1(bounce_watch_deliveries);
PG_FUNCTION_INFO_V1(bounce_watch_deliveries_rows);

/* The arguments after "table", each the name of a column and of a column of bounce.delivery_event */
static const struct
{
	const char *part;
	ColumnUse	use;
}			parts[] = {
	{"recipient", COLUMN_TEXT},
	{"response", COLUMN_TEXT},
	{"status", COLUMN_CODE},
	{"occurred_at", COLUMN_TIME},
	{"topic", COLUMN_WORD},
	{"message_id", COLUMN_KEY},
	{"event_key", COLUMN_KEY},
	{"sent_at", COLUMN_TIME},
	{"remote_host", COLUMN_TEXT}
};

#define PARTS ((int) lengthof(parts))
#define ARGUMENT_SOURCE (PARTS + 1)
#define ARGUMENT_ALWAYS (PARTS + 2)

/* The columns that are told, in the order of parts[]. */
typedef struct Telling
{
	int			count;
	int			part[lengthof(parts)];
	AttrNumber	column[lengthof(parts)];
} Telling;

static void add_columns(FunctionCallInfo fcinfo, Attaching *attaching);
static void read_telling(const Attachment *attachment, Relation relation, Telling *telling);
static void tell(Relation table, const char *sql, int nargs, Oid *types, Datum *values, const char *nulls);
static char *build_insert(TupleDesc desc, const Telling *telling, const char *source, const char *rows);
static void add_expression(StringInfo sql, TupleDesc desc, const Telling *telling, int i);
static void add_status(StringInfo sql, TupleDesc desc, const Telling *telling, const char *value);
static char *column_reference(TupleDesc desc, AttrNumber column);
static char *build_row(TupleDesc desc, const Telling *telling, Oid *types);
static void tell_statement(TriggerData *trigger, const Telling *telling, const char *source);
static void tell_row(TriggerData *trigger, const Telling *telling, const char *source);

Datum
bounce_watch_deliveries(PG_FUNCTION_ARGS)
{
	const char *source = attach_text_argument(fcinfo, ARGUMENT_SOURCE);
	bool		always = attach_flag_argument(fcinfo, ARGUMENT_ALWAYS, false);
	Attaching  *attaching;

	PreventCommandIfReadOnly("bounce.watch_deliveries()");
	attaching = attach_begin(attach_table_argument(fcinfo, 0), "watch_deliveries", "watch_deliveries_rows", always);
	add_columns(fcinfo, attaching);
	attach_option(attaching, "source", source == NULL ? attaching->table : source);
	/* This one never fires: it is there for its columns. */
	attach_chief(attaching, "zz_bounce_watch", "AFTER UPDATE",
				 always ? "FOR EACH ROW WHEN (false)" : "FOR EACH STATEMENT WHEN (false)");
	attach_trigger(attaching, "zz_bounce_watch_insert", "AFTER INSERT",
				   always ? "FOR EACH ROW" : "REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT",
				   "watch_deliveries_rows");
	attach_end(attaching);
	PG_RETURN_VOID();
}

static void
add_columns(FunctionCallInfo fcinfo, Attaching *attaching)
{
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"recipient\" must not be null"),
				 errhint("Name the column that holds the address.")));
	if (PG_ARGISNULL(2) && PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("arguments \"response\" and \"status\" must not both be null"),
				 errhint("Name the column that holds what the mail server answered.")));
	for (int i = 0; i < PARTS; i++)
		(void) attach_column(attaching, parts[i].part, attach_name_argument(fcinfo, i + 1), parts[i].use);
}

/* watch_deliveries_rows(): trigger AFTER INSERT, FOR EACH STATEMENT with its new rows, or FOR EACH ROW */
Datum
bounce_watch_deliveries_rows(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_called(fcinfo, TRIGGER_USE_AFTER,
										  "bounce.watch_deliveries_rows", "bounce.watch_deliveries()");
	Attachment *attachment = attachment_read(trigger->tg_relation, fcinfo->flinfo->fn_oid);
	const char *source;
	Telling		telling;

	if (attachment == NULL || !TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return PointerGetDatum(NULL);
	read_telling(attachment, trigger->tg_relation, &telling);
	source = attachment_option(attachment, "source");
	if (source == NULL || (TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) && trigger->tg_newtable == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" was not made by %s", trigger->tg_trigger->tgname, "bounce.watch_deliveries()"),
				 errhint("Call bounce.detach() for the table, and attach it again.")));
	if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		tell_row(trigger, &telling, source);
	else
		tell_statement(trigger, &telling, source);
	return PointerGetDatum(NULL);
}

static void
read_telling(const Attachment *attachment, Relation relation, Telling *telling)
{
	telling->count = 0;
	for (int i = 0; i < PARTS; i++)
	{
		AttrNumber	column = attachment_column(attachment, relation, parts[i].part, parts[i].use);

		if (column == InvalidAttrNumber)
			continue;
		telling->part[telling->count] = i;
		telling->column[telling->count++] = column;
	}
}

static void
tell_statement(TriggerData *trigger, const Telling *telling, const char *source)
{
	char	   *sql = build_insert(RelationGetDescr(trigger->tg_relation), telling, source,
								   quote_identifier(trigger->tg_trigger->tgnewtable));
	OwnerScope	scope;

	owner_spi_begin(&scope);
	if (SPI_register_trigger_data(trigger) != SPI_OK_TD_REGISTER)
		elog(ERROR, "SPI_register_trigger_data failed");
	tell(trigger->tg_relation, sql, 0, NULL, NULL, NULL);
	owner_spi_end(&scope);
}

static void
tell_row(TriggerData *trigger, const Telling *telling, const char *source)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	Oid			types[lengthof(parts)] = {InvalidOid};
	Datum		values[lengthof(parts)];
	char		nulls[lengthof(parts)];
	char	   *sql = build_insert(desc, telling, source, build_row(desc, telling, types));
	OwnerScope	scope;

	for (int i = 0; i < telling->count; i++)
	{
		bool		isnull;

		values[i] = heap_getattr(trigger->tg_trigtuple, telling->column[i], desc, &isnull);
		nulls[i] = isnull ? 'n' : ' ';
	}
	owner_spi_begin(&scope);
	tell(trigger->tg_relation, sql, telling->count, types, values, nulls);
	owner_spi_end(&scope);
}

static void
tell(Relation table, const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	int			rc = SPI_execute_plan(kept_plan(RelationGetRelid(table), sql, nargs, types), values, nulls, false, 0);

	if (rc != SPI_OK_INSERT)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(rc));
}

/*
 * This runs with the rights of our owner, so only types that are read without
 * anybody's code come in (ColumnUse), and the names of columns are quoted.
 */
static char *
build_insert(TupleDesc desc, const Telling *telling, const char *source, const char *rows)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "INSERT INTO bounce.delivery_event (source");
	for (int i = 0; i < telling->count; i++)
		appendStringInfo(&sql, ", %s", parts[telling->part[i]].part);
	appendStringInfo(&sql, ") SELECT %s", quote_literal_cstr(source));
	for (int i = 0; i < telling->count; i++)
		add_expression(&sql, desc, telling, i);
	appendStringInfo(&sql, " FROM %s AS n", rows);
	return sql.data;
}

static void
add_expression(StringInfo sql, TupleDesc desc, const Telling *telling, int i)
{
	Form_pg_attribute column = TupleDescAttr(desc, telling->column[i] - 1);
	ColumnUse	use = parts[telling->part[i]].use;
	const char *value = column_reference(desc, telling->column[i]);

	if (use == COLUMN_CODE && getBaseType(column->atttypid) != bounce_type_oid("smtp_status"))
		add_status(sql, desc, telling, value);
	else if (use == COLUMN_CODE || use == COLUMN_TIME)
		appendStringInfo(sql, strcmp(parts[telling->part[i]].part, "occurred_at") == 0 ?
						 ", COALESCE(%s, pg_catalog.now())" : ", %s", value);
	else if (get_typtype(getBaseType(column->atttypid)) == TYPTYPE_ENUM)
		/* Its owner may have made a cast of his own. */
		appendStringInfo(sql, ", CASE WHEN %s IS NOT NULL THEN pg_catalog.concat(%s) END", value, value);
	else
		appendStringInfo(sql, ", %s::pg_catalog.text", value);
}

/*
 * A response that begins with the code may say more; and a bare reply code is read
 * with the response, which may have an enhanced code.
 */
static void
add_status(StringInfo sql, TupleDesc desc, const Telling *telling, const char *value)
{
	const char *code = psprintf("%s::pg_catalog.text", value);
	const char *response = NULL;

	for (int i = 0; i < telling->count; i++)
	{
		if (strcmp(parts[telling->part[i]].part, "response") == 0)
			response = psprintf("%s::pg_catalog.text", column_reference(desc, telling->column[i]));
	}
	if (response == NULL)
	{
		appendStringInfo(sql, ", bounce.extract_status(%s)", code);
		return;
	}
	appendStringInfo(sql, ", bounce.extract_status(CASE WHEN pg_catalog.starts_with(%s, %s) THEN %s",
					 response, code, response);
	appendStringInfo(sql, " WHEN %s OPERATOR(pg_catalog.~) '^[0-9]{3}$' THEN pg_catalog.concat_ws(' ', %s, %s)",
					 code, code, response);
	appendStringInfo(sql, " ELSE %s END)", code);
}

static char *
column_reference(TupleDesc desc, AttrNumber column)
{
	return psprintf("n.%s", quote_identifier(NameStr(TupleDescAttr(desc, column - 1)->attname)));
}

/* One row of parameters under the names of its columns. */
static char *
build_row(TupleDesc desc, const Telling *telling, Oid *types)
{
	StringInfoData sql;

	initStringInfo(&sql);
	for (int i = 0; i < telling->count; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, telling->column[i] - 1);

		types[i] = column->atttypid;
		appendStringInfo(&sql, "%s$%d AS %s", i == 0 ? "(SELECT " : ", ", i + 1,
						 quote_identifier(NameStr(column->attname)));
	}
	appendStringInfoChar(&sql, ')');
	return sql.data;
}
