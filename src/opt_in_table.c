/*
 * opt_in_table.c
 *		The opt-in columns of a contact table, as bounce.track_preferences() was told.
 *
 * The chief calls its columns address, topic1, topic2 ...; options of the same names
 * hold the topics.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "opt_in_table.h"

bool
opt_in_table_read(OptInTable *table, Relation relation, const Attachment *attachment)
{
	table->address = attachment_column(attachment, relation, "address", COLUMN_TEXT);
	table->count = 0;
	while (table->count < OPT_IN_COLUMNS_MAX)
	{
		OptInColumn *column = &table->column[table->count];
		const char *part = opt_in_part(table->count + 1);
		Form_pg_attribute attribute;

		column->topic = attachment_option(attachment, part);
		column->number = attachment_column(attachment, relation, part, COLUMN_OPT_IN);
		if (column->topic == NULL || column->number == InvalidAttrNumber)
			break;
		attribute = TupleDescAttr(RelationGetDescr(relation), column->number - 1);
		column->is_time = attribute->atttypid == TIMESTAMPTZOID;
		column->not_null = attribute->attnotnull;
		table->count++;
	}
	return table->address != InvalidAttrNumber && table->count > 0;
}

const char *
opt_in_part(int n)
{
	return psprintf("topic%d", n);
}

Said
opt_in_said(const OptInColumn *column, const OptInValue *before, const OptInValue *after, TimestampTz *at)
{
	if (before != NULL && opt_in_same(column, before, after))
		return SAID_NOTHING;
	if (!column->is_time)
		return after->isnull ? SAID_NOTHING : DatumGetBool(after->value) ? SAID_YES : SAID_NO;
	if (after->isnull)
		return before == NULL ? SAID_NOTHING : SAID_YES;
	if (!TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(after->value)))
		*at = Min(*at, DatumGetTimestampTz(after->value));
	return SAID_NO;
}

OptInValue
opt_in_value(const OptInColumn *column, Said said, TimestampTz since)
{
	OptInValue	value = {(Datum) 0, true};

	if (column->is_time)
	{
		if (said == SAID_NO)
			value = (OptInValue) {TimestampTzGetDatum(since), false};
	}
	else if (said != SAID_NOTHING || column->not_null)
		value = (OptInValue) {BoolGetDatum(said == SAID_YES), false};
	return value;
}

bool
opt_in_same(const OptInColumn *column, const OptInValue *one, const OptInValue *other)
{
	if (one->isnull || other->isnull)
		return one->isnull == other->isnull;
	return column->is_time ? DatumGetTimestampTz(one->value) == DatumGetTimestampTz(other->value) :
		DatumGetBool(one->value) == DatumGetBool(other->value);
}
