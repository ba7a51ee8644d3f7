/*
 * column_use.c
 *		What is done with a column of the application decides which types it may have.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "parser/parse_coerce.h"
#include "utils/lsyscache.h"

#include "column_use.h"
#include "owner.h"

static bool type_is_text(Oid type);
static bool type_is_integer(Oid type);

bool
type_serves(Oid type, ColumnUse use)
{
	Oid			base = getBaseType(type);

	switch (use)
	{
		case COLUMN_TEXT:
			return type_is_text(base);
		case COLUMN_WORD:
			return type_is_text(base) || get_typtype(base) == TYPTYPE_ENUM;
		case COLUMN_KEY:
			return type_is_text(base) || type_is_integer(base) || base == UUIDOID;
		case COLUMN_CODE:
			return type_is_text(base) || type_is_integer(base) || base == bounce_type_oid("smtp_status");
		case COLUMN_TIME:
			return type == TIMESTAMPTZOID;
		case COLUMN_OPT_IN:
			return type == BOOLOID || type == TIMESTAMPTZOID;
		case COLUMN_ANY:
			return true;
	}
	return false;
}

const char *
column_use_types(ColumnUse use)
{
	static const char *const types[] = {
		[COLUMN_TEXT] = "a text type",
		[COLUMN_WORD] = "a text type or an enum",
		[COLUMN_KEY] = "a text type, an integer or uuid",
		[COLUMN_CODE] = "a text type, an integer or bounce.smtp_status",
		[COLUMN_TIME] = "type timestamp with time zone",
		[COLUMN_OPT_IN] = "type boolean or timestamp with time zone",
		[COLUMN_ANY] = "any type"
	};

	return types[use];
}

/* Any other way to text may be a function that somebody wrote. */
static bool
type_is_text(Oid type)
{
	return type == BPCHAROID || (IsBinaryCoercible(type, TEXTOID) && get_typlen(type) == -1);
}

static bool
type_is_integer(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}
