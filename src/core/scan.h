/*
 * scan.h
 *		Small steps through a text that has an end and no NUL.
 *
 * Each step moves scan->at past what it took.
 */
#ifndef BOUNCE_SCAN_H
#define BOUNCE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "ascii.h"

/* The rest of the text to be read. */
typedef struct Scan
{
	const char *at;
	const char *end;
} Scan;

/* Is c the next character? */
static inline bool
scan_at(const Scan *scan, char c)
{
	return scan->at < scan->end && *scan->at == c;
}

/* Takes c, if it is next. */
static inline bool
scan_char(Scan *scan, char c)
{
	if (!scan_at(scan, c))
		return false;
	scan->at++;
	return true;
}

/* Takes blanks; were there any? */
static inline bool
scan_blanks(Scan *scan)
{
	const char *start = scan->at;

	while (scan->at < scan->end && is_blank(*scan->at))
		scan->at++;
	return scan->at > start;
}

/* Takes digits, which must be some and without a leading zero; a number over max is max + 1. */
static inline bool
scan_number(Scan *scan, int max, int *number)
{
	const char *start = scan->at;
	int			n = 0;

	for (; scan->at < scan->end && is_digit(*scan->at); scan->at++)
		if (n <= max)
			n = n * 10 + (*scan->at - '0');
	*number = n <= max ? n : max + 1;
	return scan->at > start && (*start != '0' || scan->at == start + 1);
}

#endif
