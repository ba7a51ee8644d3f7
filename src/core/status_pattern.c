/*
 * NAME
 *		status_pattern - sets of reply codes and enhanced status codes
 *
 * SUMMARY
 *		Reads and writes patterns such as 5.7.x, says whether a status is in the set,
 *		and in which range of the order of statuses the whole set lies.
 *
 * DESCRIPTION
 *		In: text of a given length (no NUL needed), or the packed value.  Out: the
 *		packed value, a range, or text written to the caller's buffer.
 *
 *		A pattern has the layout of a status.  An x in the enhanced code is a subject or
 *		detail over 999; a reply code with x is a number over 599: first the four of
 *		2xx to 5xx, then the forty of 20x to 59x.
 *
 * DIAGNOSTICS
 *		status_pattern_parse returns a SmtpStatusError and leaves *pattern alone on
 *		failure.  The other functions expect a value that status_pattern_valid accepts.
 *
 * SEE ALSO
 *		RFC 5321 4.2.1 (what the digits of a reply code mean), RFC 3463
 */
#include "status_pattern.h"

#include <stdio.h>

#include "scan.h"

#define PART_MAX 999
#define ANY_SUBJECT 1022
#define ANY_DETAIL 1023
#define REPLY_XX_BASE 600
#define REPLY_X_BASE 604

/* What a pattern asks; -1 = that part is not given. */
typedef struct PatternParts
{
	int			klass;
	int			reply;			/* with 0 for x */
	int			reply_step;		/* so many reply codes match: 1, 10 or 100 */
	int			subject;
	int			detail;
} PatternParts;

static StatusPattern
pack(const PatternParts *parts)
{
	int			reply = parts->reply;

	if (parts->reply_step == 100)
		reply = REPLY_XX_BASE + reply / 100 - 2;
	else if (parts->reply_step == 10)
		reply = REPLY_X_BASE + reply / 10 - 20;
	return smtp_status_make(reply, parts->klass, parts->subject, parts->detail);
}

static PatternParts
unpack(StatusPattern p)
{
	int			reply = smtp_status_reply(p);
	PatternParts parts = {smtp_status_class(p), reply, 1, smtp_status_subject(p), smtp_status_detail(p)};

	if (reply == 0)
		parts.reply = -1;
	else if (reply >= REPLY_X_BASE)
	{
		parts.reply = (reply - REPLY_X_BASE + 20) * 10;
		parts.reply_step = 10;
	}
	else if (reply >= REPLY_XX_BASE)
	{
		parts.reply = (reply - REPLY_XX_BASE + 2) * 100;
		parts.reply_step = 100;
	}
	return parts;
}

static bool
scan_x(Scan *scan)
{
	return scan_char(scan, 'x') || scan_char(scan, 'X');
}

/* scan_part - a number or x */
static bool
scan_part(Scan *scan, int any, int *part)
{
	if (scan_x(scan))
	{
		*part = any;
		return true;
	}
	return scan_number(scan, PART_MAX, part);
}

/* scan_tail - the rest of an enhanced code, after its class; after x only x can follow */
static bool
scan_tail(Scan *scan, PatternParts *parts)
{
	return scan_char(scan, '.') && scan_part(scan, ANY_SUBJECT, &parts->subject) &&
		scan_char(scan, '.') && scan_part(scan, ANY_DETAIL, &parts->detail) &&
		(parts->subject != ANY_SUBJECT || parts->detail == ANY_DETAIL);
}

/* scan_reply - the end of a reply code whose first digits have been read: x or xx */
static void
scan_reply(Scan *scan, PatternParts *parts)
{
	for (; parts->reply < 100 && scan_x(scan); parts->reply_step *= 10)
		parts->reply *= 10;
}

/* scan_pattern - the shape of a pattern */
static bool
scan_pattern(Scan *scan, PatternParts *parts)
{
	int			first;

	if (!scan_number(scan, PART_MAX, &first))
		return false;
	if (scan_at(scan, '.'))
	{
		parts->klass = first;
		return scan_tail(scan, parts);
	}
	if (first < 10 && (scan->at == scan->end || is_blank(*scan->at)))
	{
		parts->klass = first;
		return true;
	}
	parts->reply = first;
	scan_reply(scan, parts);
	if (scan_char(scan, '-') || (scan_blanks(scan) && scan->at < scan->end))
		return scan_number(scan, PART_MAX, &parts->klass) && scan_tail(scan, parts);
	parts->klass = parts->reply / 100;
	return true;
}

/* check_parts - are the parts in range, and do they agree? */
static SmtpStatusError
check_parts(const PatternParts *parts)
{
	int			subject = parts->subject == ANY_SUBJECT ? 0 : parts->subject;
	int			detail = parts->detail == ANY_DETAIL ? 0 : parts->detail;

	if (subject >= 0)
		return smtp_status_check(parts->reply, parts->klass, subject, detail);
	if (parts->reply >= 0)
		return smtp_status_check(parts->reply, -1, -1, -1);
	return parts->klass >= 2 && parts->klass <= 5 ? SMTP_STATUS_OK : SMTP_STATUS_RANGE;
}

/* status_pattern_parse - read the text form */
SmtpStatusError
status_pattern_parse(const char *text, size_t len, StatusPattern *pattern)
{
	PatternParts parts = {-1, -1, 1, -1, -1};
	Scan		scan = {text, text + len};
	SmtpStatusError error;

	scan_blanks(&scan);
	if (!scan_pattern(&scan, &parts))
		return SMTP_STATUS_SYNTAX;
	scan_blanks(&scan);
	if (scan.at < scan.end)
		return SMTP_STATUS_SYNTAX;

	error = check_parts(&parts);
	if (error == SMTP_STATUS_OK)
		*pattern = pack(&parts);
	return error;
}

/* status_pattern_valid - could the reader have made this value? */
bool
status_pattern_valid(StatusPattern p)
{
	PatternParts parts = unpack(p);

	if (parts.subject == ANY_SUBJECT && parts.detail != ANY_DETAIL)
		return false;
	if (parts.subject < 0 && parts.reply >= 0 && parts.reply / 100 != parts.klass)
		return false;
	return check_parts(&parts) == SMTP_STATUS_OK && pack(&parts) == p;
}

/* put_part - a number or x after a dot; returns the length */
static int
put_part(char *out, int part)
{
	if (part > PART_MAX)
		return sprintf(out, ".x");
	return sprintf(out, ".%d", part);
}

/* status_pattern_format - write the text form */
size_t
status_pattern_format(StatusPattern p, char text[SMTP_STATUS_TEXT_MAX])
{
	PatternParts parts = unpack(p);
	int			len = 0;

	if (parts.reply >= 0)
	{
		len = sprintf(text, "%d", parts.reply);
		for (int step = parts.reply_step, at = len - 1; step > 1; step /= 10)
			text[at--] = 'x';
	}
	if (parts.subject >= 0 || parts.reply < 0)
		len += sprintf(text + len, "%s%d", len > 0 ? " " : "", parts.klass);
	if (parts.subject >= 0)
	{
		len += put_part(text + len, parts.subject);
		len += put_part(text + len, parts.detail);
	}
	return (size_t) len;
}

/* status_pattern_range - the range in which all matches lie */
StatusRange
status_pattern_range(StatusPattern p)
{
	PatternParts parts = unpack(p);
	bool		any_reply = parts.reply < 0;
	bool		any_enhanced = parts.subject < 0;
	int			first = any_reply ? (any_enhanced ? parts.klass * 100 : 0) : parts.reply;
	int			last = any_reply ? parts.klass * 100 + 99 : parts.reply + parts.reply_step - 1;
	StatusRange range;

	range.low = smtp_status_make(first, parts.klass,
								 parts.subject == ANY_SUBJECT ? 0 : parts.subject,
								 parts.detail == ANY_DETAIL ? 0 : parts.detail);

	/* no enhanced code begins with 3 */
	if (any_enhanced && parts.klass == 3)
		range.high = smtp_status_make(last, 3, -1, 0);
	else
		range.high = smtp_status_make(last, parts.klass,
									  any_enhanced || parts.subject == ANY_SUBJECT ? PART_MAX : parts.subject,
									  any_enhanced || parts.detail == ANY_DETAIL ? PART_MAX : parts.detail);

	/* Within one enhanced code, or without any, the reply codes lie side by side. */
	range.exact = any_reply || parts.klass == 3 || (!any_enhanced && parts.detail != ANY_DETAIL);
	return range;
}

/* status_pattern_matches - is the status in the set? */
bool
status_pattern_matches(StatusPattern p, SmtpStatus s)
{
	PatternParts parts = unpack(p);
	int			reply = smtp_status_reply(s);

	if (smtp_status_class(s) != parts.klass)
		return false;
	if (parts.reply >= 0 && (reply < parts.reply || reply >= parts.reply + parts.reply_step))
		return false;
	if (parts.subject < 0)
		return true;
	if (!smtp_status_has_enhanced(s))
		return false;
	return (parts.subject == ANY_SUBJECT || parts.subject == smtp_status_subject(s)) &&
		(parts.detail == ANY_DETAIL || parts.detail == smtp_status_detail(s));
}
