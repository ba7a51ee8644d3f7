/*
 * provider.h
 *		Who runs a mail host or a domain (providers.tsv).
 */
#ifndef BOUNCE_PROVIDER_H
#define BOUNCE_PROVIDER_H

#include <stddef.h>
#include <stdint.h>

typedef struct ProviderSuffix
{
	uint32_t	suffix;			/* in provider_names */
	uint32_t	provider;
} ProviderSuffix;

/* provider_table.c, made by gen/mkproviders.c; sorted by suffix */
extern const ProviderSuffix provider_suffixes[];
extern const unsigned provider_suffix_count;
extern const unsigned provider_word_max;	/* letters of the longest suffix without a dot */
extern const char provider_names[];

/* The provider of a host, a domain or an address (blanks and a final dot allowed), or NULL. */
extern const char *provider_of(const char *text, size_t len);

/* The provider that has this name, or NULL if no domain in the table belongs to it. */
extern const char *provider_by_name(const char *name);

/* The provider of the first known host in a text, else of the first address, or NULL. */
extern const char *find_provider(const char *text, size_t len);

#endif
