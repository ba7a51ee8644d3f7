/*
 * code_scan.h
 *		Is there an SMTP status code at this place of the text?
 */
#ifndef BOUNCE_CODE_SCAN_H
#define BOUNCE_CODE_SCAN_H

#include <stdbool.h>

#include "response.h"

/*
 * Reads "550", "5.1.1", "550-5.1.1", "550 (#5.1.1" and the like at at, which begins
 * a word.  start is as far as one may look back.  Returns the first byte after the
 * code, or NULL: a number that is no status (address, date, version, size, port).
 */
extern const unsigned char *code_scan(const unsigned char *start, const unsigned char *at,
									  const unsigned char *end, StatusCode *code);

#endif
