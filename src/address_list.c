/*
 * address_list.c
 *		Lists of canonical addresses.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "address_list.h"

int
address_list_distinct(char **addresses, int count)
{
	int			kept = 0;

	if (count > 1)
		qsort(addresses, count, sizeof(char *), address_list_compare);
	for (int i = 0; i < count; i++)
		if (i == 0 || strcmp(addresses[i], addresses[kept - 1]) != 0)
			addresses[kept++] = addresses[i];
	return kept;
}

Datum
address_list_array(char *const *addresses, int count)
{
	Datum	   *elements = palloc(sizeof(Datum) * (count + 1));

	for (int i = 0; i < count; i++)
		elements[i] = CStringGetTextDatum(addresses[i]);
	return PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT));
}

int
address_list_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}
