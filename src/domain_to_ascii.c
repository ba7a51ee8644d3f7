/*
 * domain_to_ascii.c
 *		Internationalised domains: from U-labels to A-labels with libidn2.
 *
 * The library allocates with malloc; what it gives is freed before anything
 * else can happen.
 */
#include <idn2.h>
#include <stdint.h>
#include <string.h>

#include "domain_to_ascii.h"

/* A domain of 255 bytes in A-labels can be as long as this in UTF-8. */
#define UTF8_DOMAIN_MAX 1020

/* See domain_to_ascii.h. */
size_t
domain_to_ascii(const char *domain, size_t len, char out[256])
{
	uint8_t		text[UTF8_DOMAIN_MAX + 1];
	uint8_t    *labels = NULL;
	size_t		length = 0;

	if (len > UTF8_DOMAIN_MAX)
		return 0;
	memcpy(text, domain, len);
	text[len] = '\0';
	if (idn2_lookup_u8(text, &labels, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return 0;
	length = strlen((char *) labels);
	if (length <= 255)
		memcpy(out, labels, length + 1);
	else
		length = 0;
	idn2_free(labels);
	return length;
}
