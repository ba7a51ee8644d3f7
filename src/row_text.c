/*
 * row_text.c
 *		Addresses and words in a row of the application.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "address_text.h"
#include "compat.h"
#include "row_text.h"

RowAddress
row_address(Datum value, bool isnull, char out[ADDRESS_TEXT_MAX])
{
	size_t		length;
	size_t		domain;

	return row_address_parts(value, isnull, out, &length, &domain);
}

RowAddress
row_address_parts(Datum value, bool isnull, char out[ADDRESS_TEXT_MAX], size_t *length, size_t *domain)
{
	text	   *given;
	bool		found;

	if (isnull)
		return ROW_ADDRESS_NULL;
	given = DatumGetTextPP(value);
	found = address_normalize_text(VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given), out, length, domain);
	if ((Pointer) given != DatumGetPointer(value))
		pfree(given);
	return found ? ROW_ADDRESS : ROW_ADDRESS_INVALID;
}

char *
row_word(Datum value, Oid type)
{
	if (get_typtype(getBaseType(type)) == TYPTYPE_ENUM)
		return DatumGetCString(DirectFunctionCall1(enum_out, value));
	return TextDatumGetCString(value);
}
