/*
 * regex_literal.h
 *		Text that every match of a regular expression contains.
 */
#ifndef BOUNCE_REGEX_LITERAL_H
#define BOUNCE_REGEX_LITERAL_H

#include <stddef.h>

#define REGEX_LITERAL_MAX 32	/* with the NUL */

/*
 * The longest run of ASCII characters that a text must contain, whatever else, to
 * match; in lower case, ended by a NUL.  The empty string when none is certain.
 */
extern void regex_literal(const char *pattern, size_t len, char literal[REGEX_LITERAL_MAX]);

#endif
