/*
 * address_list.h
 *		Lists of canonical addresses.
 */
#ifndef BOUNCE_ADDRESS_LIST_H
#define BOUNCE_ADDRESS_LIST_H

#include "postgres.h"

/* Sorts by bytes and drops repetitions; returns how many are left. */
extern int	address_list_distinct(char **addresses, int count);

/* Compares two elements of such a list, for bsearch(). */
extern int	address_list_compare(const void *a, const void *b);

/* A text[] with a copy of each. */
extern Datum address_list_array(char *const *addresses, int count);

#endif
