/*
 * address_pages.c
 *		Many addresses in their order, a page at a time.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "utils/builtins.h"

#include "address_pages.h"

char **
address_page(KeptStatement *statement, Datum *values, int *count)
{
	char	  **addresses;
	bool		isnull;

	kept_execute_latest(statement, values, NULL);
	*count = (int) SPI_processed;
	addresses = palloc(sizeof(char *) * (*count + 1));
	for (int i = 0; i < *count; i++)
		addresses[i] = TextDatumGetCString(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_freetuptable(SPI_tuptable);
	return addresses;
}
