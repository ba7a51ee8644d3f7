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

/*
 * provider_table.c, made by gen/mkproviders.c.  provider_suffixes is a hash table, with the empty string
 * where nothing is: what is not in its slot is in one of the next, or in none before an empty one.
 */
extern const ProviderSuffix provider_suffixes[];
extern const unsigned provider_slot_bits;
extern const uint32_t provider_list[];	/* all providers, sorted, in provider_names */
extern const unsigned provider_count;
extern const unsigned provider_word_max;	/* letters of the longest suffix without a dot */
extern const char provider_names[];

/* The hash of a suffix is made from its last character to the first one; it begins with 0. */
static inline uint32_t
provider_hash(uint32_t hash, char c)
{
	return (hash ^ (unsigned char) c) * UINT32_C(0x9E3779B1);
}

static inline unsigned
provider_slot(uint32_t hash, unsigned slot_bits)
{
	return hash >> (32 - slot_bits);
}

/* The provider of a host, a domain or an address (blanks and a final dot allowed), or NULL. */
extern const char *provider_of(const char *text, size_t len);

/* The provider that has this name, or NULL if no domain in the table belongs to it. */
extern const char *provider_by_name(const char *name);

/* The provider of the first known host in a text, else of the first address, or NULL. */
extern const char *find_provider(const char *text, size_t len);

#endif
