/*
 * NAME
 *		provider - who runs a mail host or a domain
 *
 * SUMMARY
 *		Looks a host name up in the table of providers' domains, label by label.
 *
 * DESCRIPTION
 *		In: an MX host, a domain or an address in any case, with what logs write behind it
 *		("[192.0.2.1]:25"), or an answer with hosts in it.  Out: the provider's name, a constant.  The longest suffix in providers.tsv
 *		that begins at a label decides.
 *
 * DIAGNOSTICS
 *		NULL when no suffix is known.
 */
#include "provider.h"

#include <stdbool.h>
#include <string.h>

#define HOST_MAX 253			/* RFC 1035, without the final dot */

static inline char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
}

static inline bool
is_host_char(char c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* same_suffix - is this text, in any case, the suffix? */
static bool
same_suffix(const char *suffix, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
	{
		if (suffix[i] != lower(text[i]))
			return false;
	}
	return suffix[len] == '\0';
}

/* suffix_provider - the provider of exactly this suffix */
static const char *
suffix_provider(const char *text, size_t len, uint32_t hash)
{
	unsigned	last = (1U << provider_slot_bits) - 1;

	for (unsigned slot = provider_slot(hash, provider_slot_bits);; slot = (slot + 1) & last)
	{
		const char *suffix = provider_names + provider_suffixes[slot].suffix;

		if (*suffix == '\0')
			return NULL;
		if (same_suffix(suffix, text, len))
			return provider_names + provider_suffixes[slot].provider;
	}
}

/* host_provider - the longest known suffix of a host name */
static const char *
host_provider(const char *host, size_t len)
{
	const char *longest = NULL;
	uint32_t	hash = 0;

	while (len > 0 && host[len - 1] == '.')
		len--;
	if (len > HOST_MAX)
		return NULL;
	for (size_t i = len; i > 0; i--)
	{
		hash = provider_hash(hash, lower(host[i - 1]));
		if (i == 1 || host[i - 2] == '.')
		{
			const char *provider = suffix_provider(host + i - 1, len - i + 1, hash);

			longest = provider != NULL ? provider : longest;
		}
	}
	return longest;
}

/* provider_of - see provider.h */
const char *
provider_of(const char *text, size_t len)
{
	const char *end = text + len;
	const char *host = text;

	for (const char *at = text; at < end; at++)
		host = *at == '@' ? at + 1 : host;
	/* what follows is an address or a port */
	for (const char *at = host; at < end; at++)
		end = at > host && memchr("[](:", *at, 4) != NULL ? at : end;
	while (end > host && strchr(" \t\r\n>.", end[-1]) != NULL)
		end--;
	for (const char *at = host; at < end; at++)
		host = memchr(" \t\r\n<[", *at, 6) != NULL ? at + 1 : host;
	return host_provider(host, (size_t) (end - host));
}

/* provider_by_name - see provider.h */
const char *
provider_by_name(const char *name)
{
	unsigned	low = 0;
	unsigned	high = provider_count;

	while (low < high)
	{
		unsigned	middle = (low + high) / 2;
		const char *provider = provider_names + provider_list[middle];
		int			order = strcmp(provider, name);

		if (order == 0)
			return provider;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* find_provider - see provider.h */
const char *
find_provider(const char *text, size_t len)
{
	const char *of_address = NULL;
	bool		addresses = false;

	for (size_t i = 0; i < len; i++)
	{
		size_t		begin = i;
		bool		dotted = false;
		const char *provider = NULL;

		for (; i < len && is_host_char(text[i]); i++)
			dotted |= text[i] == '.';
		if (i - begin < 4 || (i < len && text[i] == '@'))
			continue;
		if (dotted || i - begin <= provider_word_max)
			provider = host_provider(text + begin, i - begin);
		if (begin == 0 || text[begin - 1] != '@')
		{
			if (provider != NULL)
				return provider;
		}
		else if (!addresses)
		{
			addresses = true;
			of_address = provider;
		}
	}
	return of_address;
}
