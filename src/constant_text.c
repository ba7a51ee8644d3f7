/*
 * constant_text.c
 *		Names of the core as text values that are built once a query.
 *
 * A function such as severity() returns one of a few names for each of millions of
 * rows, mostly to be compared and forgotten.  The values live as long as the call
 * site's FmgrInfo; callers of a function never change what it returned.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "constant_text.h"

#define NAME_NUMBERS 256

Datum
constant_text(FunctionCallInfo fcinfo, uint8 number, const char *name)
{
	FmgrInfo   *call_site = fcinfo->flinfo;
	text	  **texts;

	/* called directly from C */
	if (call_site == NULL)
		return CStringGetTextDatum(name);

	if (call_site->fn_extra == NULL)
		call_site->fn_extra = MemoryContextAllocZero(call_site->fn_mcxt, NAME_NUMBERS * sizeof(text *));
	texts = call_site->fn_extra;
	if (texts[number] == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(call_site->fn_mcxt);

		texts[number] = cstring_to_text(name);
		MemoryContextSwitchTo(caller);
	}
	return PointerGetDatum(texts[number]);
}
