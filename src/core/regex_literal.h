/*
 * regex_literal.h
 *		Text that every match of a regular expression contains.
 */
#ifndef BOUNCE_REGEX_LITERAL_H
#define BOUNCE_REGEX_LITERAL_H

#include <stddef.h>

#define REGEX_LITERAL_MAX 32	/* with the NUL */
#define REGEX_ALTERNATIVES_MAX 8

typedef struct RegexLiterals
{
	int			count;			/* 0: nothing is certain */
	char		text[REGEX_ALTERNATIVES_MAX][REGEX_LITERAL_MAX];
} RegexLiterals;

/*
 * Runs of ASCII characters, in lower case, of which a text must contain at least
 * one, whatever else, to match: the longest of each alternative.
 */
extern void regex_literals(const char *pattern, size_t len, RegexLiterals *literals);

#endif
