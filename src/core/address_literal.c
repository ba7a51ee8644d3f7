/*
 * NAME
 *		address_literal - an IP address in the place of a domain
 *
 * SUMMARY
 *		Reads both kinds and writes each in one way: IPv4 as decimal numbers
 *		without leading zeros, IPv6 as RFC 5952 says (lower case, no leading
 *		zeros, the longest run of zeros as ::), always in groups.
 *
 * ERRORS
 *		0 for anything else; a literal with another tag is unknown to the world.
 *
 * SOURCE
 *		RFC 5321 4.1.3, RFC 4291 2.2, RFC 5952 4.
 */
#include "address_literal.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "address_chars.h"

#define IPV6_TAG "ipv6:"
#define IPV6_GROUPS 8

/* read_octet - up to three decimal digits of at most 255; what follows, or NULL */
static const char *
read_octet(const char *p, const char *end, unsigned *octet)
{
	const char *start = p;

	*octet = 0;
	while (p < end && p - start < 3 && *p >= '0' && *p <= '9')
		*octet = *octet * 10 + (unsigned) (*p++ - '0');
	return p > start && *octet <= 255 ? p : NULL;
}

/* read_ipv4 - four octets and nothing else */
static bool
read_ipv4(const char *p, const char *end, unsigned octet[4])
{
	for (int i = 0; i < 4; i++)
	{
		if (i > 0 && (p == end || *p++ != '.'))
			return false;
		p = read_octet(p, end, &octet[i]);
		if (p == NULL)
			return false;
	}
	return p == end;
}

/* read_group - one to four hexadecimal digits; what follows, or NULL */
static const char *
read_group(const char *p, const char *end, uint16_t *group)
{
	const char *start = p;

	*group = 0;
	for (; p < end && p - start < 4; p++)
	{
		char		c = ascii_lower(*p);

		if (c >= '0' && c <= '9')
			*group = (uint16_t) (*group << 4 | (c - '0'));
		else if (c >= 'a' && c <= 'f')
			*group = (uint16_t) (*group << 4 | (c - 'a' + 10));
		else
			break;
	}
	return p > start ? p : NULL;
}

/* read_tail - an IPv4 address as the last two groups */
static bool
read_tail(const char *p, const char *end, uint16_t group[2])
{
	unsigned	octet[4];

	if (!read_ipv4(p, end, octet))
		return false;
	group[0] = (uint16_t) (octet[0] << 8 | octet[1]);
	group[1] = (uint16_t) (octet[2] << 8 | octet[3]);
	return true;
}

/* spread - puts zeros where the :: was, before the gap'th of count groups */
static bool
spread(uint16_t group[IPV6_GROUPS], int count, int gap)
{
	int			zeros = IPV6_GROUPS - count;

	if (gap < 0)
		return zeros == 0;
	if (zeros < 1)
		return false;
	memmove(&group[gap + zeros], &group[gap], (size_t) (count - gap) * sizeof(group[0]));
	memset(&group[gap], 0, (size_t) zeros * sizeof(group[0]));
	return true;
}

/* read_ipv6 - groups, one :: at most, an IPv4 tail perhaps, and nothing else */
static bool
read_ipv6(const char *p, const char *end, uint16_t group[IPV6_GROUPS])
{
	int			count = 0;
	int			gap = -1;

	if (end - p >= 2 && p[0] == ':' && p[1] == ':')
	{
		gap = 0;
		p += 2;
	}
	while (p < end && count < IPV6_GROUPS)
	{
		if (count <= IPV6_GROUPS - 2 && read_tail(p, end, &group[count]))
			return spread(group, count + 2, gap);
		p = read_group(p, end, &group[count++]);
		if (p == NULL)
			return false;
		if (p == end)
			break;
		if (*p++ != ':' || p == end)
			return false;
		if (*p == ':')
		{
			if (gap >= 0)
				return false;
			gap = count;
			p++;
		}
	}
	return p == end && spread(group, count, gap);
}

/* longest_zeros - the first of the longest runs of two or more zero groups */
static int
longest_zeros(const uint16_t group[IPV6_GROUPS], int *length)
{
	int			best = -1;
	int			run = 0;

	*length = 1;
	for (int i = 0; i < IPV6_GROUPS; i++)
	{
		run = group[i] == 0 ? run + 1 : 0;
		if (run > *length)
		{
			*length = run;
			best = i - run + 1;
		}
	}
	return best;
}

/* write_number - in this base, without leading zeros */
static char *
write_number(char *out, unsigned number, unsigned base)
{
	if (number >= base)
		out = write_number(out, number / base, base);
	*out = "0123456789abcdef"[number % base];
	return out + 1;
}

/* write_ipv6 - the one spelling of RFC 5952 */
static char *
write_ipv6(char *out, const uint16_t group[IPV6_GROUPS])
{
	int			length;
	int			zeros = longest_zeros(group, &length);

	for (int i = 0; i < IPV6_GROUPS; i++)
	{
		if (i == zeros)
		{
			*out++ = ':';
			if (i == 0)
				*out++ = ':';
			i += length - 1;
			continue;
		}
		out = write_number(out, group[i], 16);
		if (i < IPV6_GROUPS - 1)
			*out++ = ':';
	}
	return out;
}

/* write_ipv4 - decimal, with dots */
static char *
write_ipv4(char *out, const unsigned octet[4])
{
	for (int i = 0; i < 4; i++)
	{
		if (i > 0)
			*out++ = '.';
		out = write_number(out, octet[i], 10);
	}
	return out;
}

/* has_tag - does it begin with IPv6:, in any case? */
static bool
has_tag(const char *p, const char *end)
{
	const char *tag = IPV6_TAG;

	while (*tag != '\0' && p < end && ascii_lower(*p) == *tag)
	{
		p++;
		tag++;
	}
	return *tag == '\0';
}

/* address_literal - either kind, brackets included */
size_t
address_literal(const char *text, size_t len, char out[ADDRESS_LITERAL_MAX])
{
	const size_t tag = sizeof(IPV6_TAG) - 1;
	const char *p = text + 1;
	const char *end = text + len - 1;
	char	   *o = out;
	uint16_t	group[IPV6_GROUPS];
	unsigned	octet[4];

	if (len < 2 || *text != '[' || *end != ']')
		return 0;
	*o++ = '[';
	if (read_ipv4(p, end, octet))
		o = write_ipv4(o, octet);
	else if (has_tag(p, end) && read_ipv6(p + tag, end, group))
	{
		memcpy(o, IPV6_TAG, tag);
		o = write_ipv6(o + tag, group);
	}
	else
		return 0;
	*o++ = ']';
	return (size_t) (o - out);
}
