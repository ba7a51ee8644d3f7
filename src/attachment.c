/*
 * attachment.c
 *		What our triggers on a table of the application know about it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"

#include "attachment.h"
#include "compat.h"

PG_FUNCTION_INFO_V1(bounce_attachment_options);

static bool used_as(const TriggerData *trigger, TriggerUse use);
static Attachment *copy_chief(const Trigger *chief);
static AttrNumber column_of_part(const Attachment *attachment, const char *part);
static const char *value_behind(const char *argument, const char *name);
static void add_pair(StringInfo json, const char *name, size_t length, const char *value);
static void add_columns(StringInfo json, StringInfo topics, const char *arguments, const char *end,
						ArrayType  *columns, const char *parts);
static const char *topic_of(const char *arguments, const char *end, const char *part, size_t length);
static bool is_topic(const char *name, size_t length);

TriggerData *
trigger_called(FunctionCallInfo fcinfo, TriggerUse use, const char *function, const char *attach_with)
{
	static const char *const uses[] = {
		[TRIGGER_USE_BEFORE_ROW] = "a BEFORE INSERT OR UPDATE ROW",
		[TRIGGER_USE_STATEMENT] = "an INSERT OR UPDATE STATEMENT",
		[TRIGGER_USE_AFTER] = "an AFTER INSERT"
	};

	if (!CALLED_AS_TRIGGER(fcinfo) || !used_as((TriggerData *) fcinfo->context, use))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" must be called as %s trigger", function, uses[use]),
				 errhint("Attach it to a table with %s.", attach_with)));
	return (TriggerData *) fcinfo->context;
}

static bool
used_as(const TriggerData *trigger, TriggerUse use)
{
	TriggerEvent event = trigger->tg_event;

	if (!TRIGGER_FIRED_BY_INSERT(event) && !TRIGGER_FIRED_BY_UPDATE(event))
		return false;
	switch (use)
	{
		case TRIGGER_USE_BEFORE_ROW:
			return TRIGGER_FIRED_BEFORE(event) && TRIGGER_FIRED_FOR_ROW(event);
		case TRIGGER_USE_STATEMENT:
			return TRIGGER_FIRED_FOR_STATEMENT(event);
		case TRIGGER_USE_AFTER:
			return TRIGGER_FIRED_AFTER(event);
	}
	return false;
}

Attachment *
attachment_read(Relation relation, Oid function)
{
	const TriggerDesc *triggers = relation->trigdesc;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (trigger->tgfoid == function && trigger->tgnattr > 0)
			return copy_chief(trigger);
	}
	return NULL;
}

static Attachment *
copy_chief(const Trigger *chief)
{
	Attachment *attachment = palloc(sizeof(Attachment));

	attachment->is_clone = chief->tgisclone;
	attachment->column_count = chief->tgnattr;
	attachment->columns = palloc(chief->tgnattr * sizeof(AttrNumber));
	memcpy(attachment->columns, chief->tgattr, chief->tgnattr * sizeof(AttrNumber));
	attachment->argument_count = chief->tgnargs;
	attachment->arguments = palloc(chief->tgnargs * sizeof(char *));
	for (int i = 0; i < chief->tgnargs; i++)
		attachment->arguments[i] = pstrdup(chief->tgargs[i]);
	return attachment;
}

AttrNumber
attachment_column(const Attachment *attachment, Relation relation, const char *part, ColumnUse use)
{
	AttrNumber	column = column_of_part(attachment, part);
	Form_pg_attribute attribute;

	if (column == InvalidAttrNumber)
		return column;
	attribute = TupleDescAttr(RelationGetDescr(relation), column - 1);
	if (!type_serves(attribute->atttypid, use))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of relation \"%s\" is of type %s", NameStr(attribute->attname),
						RelationGetRelationName(relation), format_type_be(attribute->atttypid)),
				 errdetail("It must be of %s.", column_use_types(use)),
				 errhint("Call bounce.detach() for the table, and attach it with another column.")));
	return column;
}

static AttrNumber
column_of_part(const Attachment *attachment, const char *part)
{
	const char *parts = attachment_option(attachment, "columns");
	size_t		length = strlen(part);

	for (int i = 0; parts != NULL && i < attachment->column_count; i++)
	{
		if (strncmp(parts, part, length) == 0 && (parts[length] == ',' || parts[length] == '\0'))
			return attachment->columns[i];
		parts = strchr(parts, ',');
		if (parts != NULL)
			parts++;
	}
	return InvalidAttrNumber;
}

const char *
attachment_option(const Attachment *attachment, const char *name)
{
	for (int i = 0; i < attachment->argument_count; i++)
	{
		const char *value = value_behind(attachment->arguments[i], name);

		if (value != NULL)
			return value;
	}
	return NULL;
}

static const char *
value_behind(const char *argument, const char *name)
{
	size_t		length = strlen(name);

	if (strncmp(argument, name, length) != 0 || argument[length] != '=')
		return NULL;
	return argument + length + 1;
}

/*
 * attachment_options(columns text[], arguments bytea) -> jsonb
 *
 * For the view bounce.watched_table: the columns and arguments of a chief as the
 * named arguments of the function that attached it.
 */
Datum
bounce_attachment_options(PG_FUNCTION_ARGS)
{
	ArrayType  *columns = PG_GETARG_ARRAYTYPE_P(0);
	bytea	   *arguments = PG_GETARG_BYTEA_PP(1);
	const char *at = VARDATA_ANY(arguments);
	const char *end = at + VARSIZE_ANY_EXHDR(arguments);
	StringInfoData json;
	StringInfoData topics;

	initStringInfo(&json);
	initStringInfo(&topics);
	appendStringInfoChar(&json, '{');
	while (at < end)
	{
		/* Each ends with a NUL, but bytes that somebody made up need not. */
		char	   *argument = pnstrdup(at, end - at);
		char	   *value = strchr(argument, '=');

		at += strlen(argument) + 1;
		pg_verifymbstr(argument, strlen(argument), false);
		if (value == NULL)
			continue;
		value++;
		if (value_behind(argument, "columns") != NULL)
			add_columns(&json, &topics, VARDATA_ANY(arguments), end, columns, value);
		else if (!is_topic(argument, value - 1 - argument))
			add_pair(&json, argument, value - 1 - argument, value);
	}
	if (topics.len > 0)
		appendStringInfo(&json, "%s\"topics\":{%s}", json.len > 1 ? "," : "", topics.data);
	appendStringInfoChar(&json, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

static void
add_columns(StringInfo json, StringInfo topics, const char *arguments, const char *end, ArrayType *columns, const char *parts)
{
	Datum	   *names;
	bool	   *nulls;
	int			count;

	deconstruct_array(columns, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
	for (int i = 0; i < count && *parts != '\0'; i++)
	{
		size_t		length = strcspn(parts, ",");

		if (!nulls[i] && is_topic(parts, length))
		{
			const char *name = TextDatumGetCString(names[i]);

			add_pair(topics, name, strlen(name), topic_of(arguments, end, parts, length));
		}
		else if (!nulls[i])
			add_pair(json, parts, length, TextDatumGetCString(names[i]));
		parts += length;
		if (*parts == ',')
			parts++;
	}
}

/* The option of the same name (opt_in_table.c). */
static const char *
topic_of(const char *arguments, const char *end, const char *part, size_t length)
{
	const char *name = pnstrdup(part, length);

	while (arguments < end)
	{
		const char *argument = pnstrdup(arguments, end - arguments);
		const char *value = value_behind(argument, name);

		if (value != NULL)
			return value;
		arguments += strlen(argument) + 1;
	}
	return "";
}

/* topic and a number: column and topic make a pair of "topics". */
static bool
is_topic(const char *name, size_t length)
{
	return length > 5 && strncmp(name, "topic", 5) == 0 && strspn(name + 5, "0123456789") == length - 5;
}

static void
add_pair(StringInfo json, const char *name, size_t length, const char *value)
{
	if (json->len > 0 && json->data[json->len - 1] != '{')
		appendStringInfoChar(json, ',');
	escape_json(json, pnstrdup(name, length));
	appendStringInfoChar(json, ':');
	escape_json(json, value);
}
