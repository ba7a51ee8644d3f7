/*
 * address_pages.h
 *		Many addresses in their order, a page at a time.
 */
#ifndef BOUNCE_ADDRESS_PAGES_H
#define BOUNCE_ADDRESS_PAGES_H

#include "postgres.h"

#include "owner.h"

/* Addresses in a page: bounds memory.  The last page is the one that is not full. */
#define ADDRESS_PAGE 1000

/*
 * Runs, within owner_spi_begin(), a statement that gives one address a row, sorted by
 * bytes, at most ADDRESS_PAGE of them; returns them in the current context.
 */
extern char **address_page(KeptStatement *statement, Datum *values, int *count);

#endif
