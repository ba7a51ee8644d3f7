/*
 * row_text.h
 *		Addresses and words in a row of the application.
 */
#ifndef BOUNCE_ROW_TEXT_H
#define BOUNCE_ROW_TEXT_H

#include "postgres.h"

#include "address.h"

typedef enum RowAddress
{
	ROW_ADDRESS,				/* canonical, in out */
	ROW_ADDRESS_NULL,
	ROW_ADDRESS_INVALID			/* a text that is no address */
} RowAddress;

/* Reads a value of a text-like type (type_is_text). */
extern RowAddress row_address(Datum value, bool isnull, char out[ADDRESS_TEXT_MAX]);

/* The same; also its length, and the offset of what stands behind the @. */
extern RowAddress row_address_parts(Datum value, bool isnull, char out[ADDRESS_TEXT_MAX], size_t *length, size_t *domain);

/* The text of a value, not NULL, of a text-like type or an enum. */
extern char *row_word(Datum value, Oid type);

#endif
