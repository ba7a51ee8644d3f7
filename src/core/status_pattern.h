/*
 * status_pattern.h
 *		A set of statuses: one in which the last parts may be x.
 *
 *	5.7.x		every enhanced code of class 5, subject 7, with any reply code or none
 *	5.x.x		every enhanced code of class 5
 *	55x, 5xx	every reply code that begins so, with any enhanced code or none
 *	550 5.7.x	both at once
 *	5			class 5, whichever code says so
 *
 * A part that is not given may be anything.  The layout is that of SmtpStatus, with
 * values for x that no status has, so that an exact status is its own pattern.
 */
#ifndef BOUNCE_STATUS_PATTERN_H
#define BOUNCE_STATUS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smtp_status.h"

typedef uint32_t StatusPattern;

/* Where in the order of statuses the matches lie, both ends included. */
typedef struct StatusRange
{
	SmtpStatus	low;
	SmtpStatus	high;
	bool		exact;			/* everything in the range matches */
} StatusRange;

/* Strict reader of the text form, with surrounding blanks allowed; x or X. */
extern SmtpStatusError status_pattern_parse(const char *text, size_t len, StatusPattern *pattern);

/* Is this a value that the reader could have made?  (for recv) */
extern bool status_pattern_valid(StatusPattern p);

/* Writes the text form and a NUL; returns its length. */
extern size_t status_pattern_format(StatusPattern p, char text[SMTP_STATUS_TEXT_MAX]);

extern StatusRange status_pattern_range(StatusPattern p);
extern bool status_pattern_matches(StatusPattern p, SmtpStatus s);

#endif
