/*
 * domain_to_ascii.h
 *		Internationalised domains: from U-labels to A-labels with libidn2.
 *
 * Knows nothing of the server, so that the fuzzers and benchmarks use it too.
 */
#ifndef BOUNCE_DOMAIN_TO_ASCII_H
#define BOUNCE_DOMAIN_TO_ASCII_H

#include <stddef.h>

/*
 * IDNA 2008 with the non-transitional mapping of UTS 46 (upper case, width, dots).
 * domain is UTF-8 without NUL; writes the A-labels and a NUL, returns their
 * length, or 0 when there is no such form or it is longer than 255 bytes.
 */
extern size_t domain_to_ascii(const char *domain, size_t len, char out[256]);

#endif
