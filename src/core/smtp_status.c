/*
 * NAME
 *		smtp_status - reply codes and enhanced status codes
 *
 * SUMMARY
 *		Packs "550 5.1.1" into 32 bits whose unsigned order is the order of the
 *		SQL type, reads and writes its text form, and knows what the registries
 *		say about each code.
 *
 * DESCRIPTION
 *		In: text of a given length (no NUL needed), or the packed value.  Out: the
 *		packed value, constant strings, or text written to the caller's buffer.
 *		What the codes mean stands in reply_codes.def, enhanced_codes.def and
 *		acs_codes.def.
 *
 * DIAGNOSTICS
 *		smtp_status_parse returns a SmtpStatusError and leaves *status alone on
 *		failure.  The accessors expect a value that smtp_status_valid accepts.
 *
 * SEE ALSO
 *		RFC 5321 (reply codes), RFC 3463 (enhanced codes: each part without leading
 *		zeros), RFC 5248 (the registry), RFC 4954, RFC 7504
 */
#include "smtp_status.h"

#include "scan.h"

#define REPLY_BASE 199
#define REPLY_MIN 200
#define REPLY_MAX 599
#define PART_MAX 999

#define REPLY_BITS 9
#define PART_BITS 10
#define DETAIL_SHIFT REPLY_BITS
#define SUBJECT_SHIFT (DETAIL_SHIFT + PART_BITS)
#define CLASS_SHIFT (SUBJECT_SHIFT + PART_BITS)

/* What one line of a code table says. */
typedef struct CodeFact
{
	Reason		transient;		/* at 4xx */
	Reason		permanent;		/* at 5xx */
	const char *text;
} CodeFact;

/* The parts of a status as they were read, not yet checked; -1 = absent. */
typedef struct StatusParts
{
	int			reply;
	int			klass;
	int			subject;
	int			detail;
} StatusParts;

static inline unsigned
bits(SmtpStatus s, int shift, int width)
{
	return (s >> shift) & ((1U << width) - 1);
}

/* smtp_status_make - pack parts that are in range */
SmtpStatus
smtp_status_make(int reply, int klass, int subject, int detail)
{
	SmtpStatus	s = (SmtpStatus) klass << CLASS_SHIFT;

	if (subject >= 0)
		s |= (SmtpStatus) (subject + 1) << SUBJECT_SHIFT | (SmtpStatus) detail << DETAIL_SHIFT;
	if (reply > 0)
		s |= (SmtpStatus) (reply - REPLY_BASE);
	return s;
}

/* smtp_status_reply - the reply code, 0 if there is none */
int
smtp_status_reply(SmtpStatus s)
{
	int			offset = (int) bits(s, 0, REPLY_BITS);

	return offset == 0 ? 0 : offset + REPLY_BASE;
}

/* smtp_status_class - the first digit of either code */
int
smtp_status_class(SmtpStatus s)
{
	return (int) (s >> CLASS_SHIFT);
}

/* smtp_status_has_enhanced - is there an enhanced code? */
bool
smtp_status_has_enhanced(SmtpStatus s)
{
	return bits(s, SUBJECT_SHIFT, PART_BITS) != 0;
}

/* smtp_status_subject - the enhanced code's second part, -1 if there is none */
int
smtp_status_subject(SmtpStatus s)
{
	return (int) bits(s, SUBJECT_SHIFT, PART_BITS) - 1;
}

/* smtp_status_detail - the enhanced code's third part */
int
smtp_status_detail(SmtpStatus s)
{
	return (int) bits(s, DETAIL_SHIFT, PART_BITS);
}

/* scan_tail - the rest of an enhanced code, after its class */
static bool
scan_tail(Scan *scan, StatusParts *parts)
{
	return scan_char(scan, '.') && scan_number(scan, PART_MAX, &parts->subject) &&
		scan_char(scan, '.') && scan_number(scan, PART_MAX, &parts->detail);
}

/* scan_status - the shape of a status: 550, 5.1.1, 550 5.1.1 or 550-5.1.1 */
static bool
scan_status(Scan *scan, StatusParts *parts)
{
	int			first;
	bool		more;

	if (!scan_number(scan, PART_MAX, &first))
		return false;
	if (scan_at(scan, '.'))
	{
		parts->klass = first;
		return scan_tail(scan, parts);
	}
	parts->reply = first;
	more = scan_char(scan, '-') || (scan_blanks(scan) && scan->at < scan->end);
	return !more || (scan_number(scan, PART_MAX, &parts->klass) && scan_tail(scan, parts));
}

/* smtp_status_check - are the parts in range, and do they agree? */
SmtpStatusError
smtp_status_check(int reply, int klass, int subject, int detail)
{
	if (reply >= 0 && (reply < REPLY_MIN || reply > REPLY_MAX))
		return SMTP_STATUS_RANGE;
	if (klass < 0)
		return SMTP_STATUS_OK;
	if (klass != 2 && klass != 4 && klass != 5)
		return SMTP_STATUS_RANGE;
	if (subject > PART_MAX || detail > PART_MAX)
		return SMTP_STATUS_RANGE;
	if (reply >= 0 && reply / 100 != klass)
		return SMTP_STATUS_DISAGREES;
	return SMTP_STATUS_OK;
}

/* smtp_status_parse - read the text form */
SmtpStatusError
smtp_status_parse(const char *text, size_t len, SmtpStatus *status)
{
	StatusParts parts = {-1, -1, -1, -1};
	Scan		scan = {text, text + len};
	SmtpStatusError error;

	scan_blanks(&scan);
	if (!scan_status(&scan, &parts))
		return SMTP_STATUS_SYNTAX;
	scan_blanks(&scan);
	if (scan.at < scan.end)
		return SMTP_STATUS_SYNTAX;

	error = smtp_status_check(parts.reply, parts.klass, parts.subject, parts.detail);
	if (error == SMTP_STATUS_OK)
		*status = smtp_status_make(parts.reply, parts.klass >= 0 ? parts.klass : parts.reply / 100,
								   parts.subject, parts.detail);
	return error;
}

/* smtp_status_valid - could the reader have made this value? */
bool
smtp_status_valid(SmtpStatus s)
{
	int			reply = smtp_status_reply(s);
	int			klass = smtp_status_class(s);
	int			detail = smtp_status_detail(s);

	if (!smtp_status_has_enhanced(s))
		return reply / 100 == klass && detail == 0 && smtp_status_check(reply, -1, -1, -1) == SMTP_STATUS_OK;
	return smtp_status_check(reply > 0 ? reply : -1, klass, smtp_status_subject(s), detail) == SMTP_STATUS_OK;
}

/* put_number - decimal digits of 0 .. 999; returns where they end */
static char *
put_number(char *out, int number)
{
	if (number >= 100)
		*out++ = (char) ('0' + number / 100);
	if (number >= 10)
		*out++ = (char) ('0' + number / 10 % 10);
	*out++ = (char) ('0' + number % 10);
	return out;
}

/* smtp_status_format - write the text form */
size_t
smtp_status_format(SmtpStatus s, char text[SMTP_STATUS_TEXT_MAX])
{
	char	   *out = text;
	int			reply = smtp_status_reply(s);

	if (reply != 0)
		out = put_number(out, reply);
	if (smtp_status_has_enhanced(s))
	{
		if (reply != 0)
			*out++ = ' ';
		out = put_number(out, smtp_status_class(s));
		*out++ = '.';
		out = put_number(out, smtp_status_subject(s));
		*out++ = '.';
		out = put_number(out, smtp_status_detail(s));
	}
	*out = '\0';
	return (size_t) (out - text);
}

#define ENHANCED_KEY(subject, detail) ((subject) << PART_BITS | (detail))

/* enhanced_fact - the table's line for X.subject.detail, or NULL; the compiler refuses doubles */
static const CodeFact *
enhanced_fact(int subject, int detail)
{
	switch (ENHANCED_KEY(subject, detail))
	{
#define ENHANCED(subject, detail, transient, permanent, text) \
	case ENHANCED_KEY(subject, detail): \
	{ \
		static const CodeFact fact = {REASON_##transient, REASON_##permanent, text}; \
		return &fact; \
	}
#include "enhanced_codes.def"
#undef ENHANCED
		default:
			return NULL;
	}
}

/* reply_fact - the table's line for a reply code, or NULL */
static const CodeFact *
reply_fact(int reply)
{
	switch (reply)
	{
#define REPLY(code, reason, text) \
	case code: \
	{ \
		static const CodeFact fact = {REASON_##reason, REASON_##reason, text}; \
		return &fact; \
	}
#include "reply_codes.def"
#undef REPLY
		default:
			return NULL;
	}
}

/* smtp_status_describe - the registry's text of the better known of the two codes */
const char *
smtp_status_describe(SmtpStatus s)
{
	const CodeFact *fact = NULL;

	if (smtp_status_has_enhanced(s))
		fact = enhanced_fact(smtp_status_subject(s), smtp_status_detail(s));
	if (fact == NULL)
		fact = reply_fact(smtp_status_reply(s));
	return fact == NULL ? NULL : fact->text;
}

static AcsType
acs_type_of_enhanced(int subject, int detail)
{
	switch (ENHANCED_KEY(subject, detail))
	{
#define ACS_REPLY(code, type)
#define ACS_ENHANCED(subject, detail, type) \
	case ENHANCED_KEY(subject, detail): \
		return ACS_##type;
#include "acs_codes.def"
#undef ACS_ENHANCED
#undef ACS_REPLY
		default:
			return ACS_NONE;
	}
}

static AcsType
acs_type_of_reply(int reply)
{
	switch (reply)
	{
#define ACS_REPLY(code, type) \
	case code: \
		return ACS_##type;
#define ACS_ENHANCED(subject, detail, type)
#include "acs_codes.def"
#undef ACS_ENHANCED
#undef ACS_REPLY
		default:
			return ACS_NONE;
	}
}

/* smtp_status_acs_type - Azure's own label */
AcsType
smtp_status_acs_type(SmtpStatus s)
{
	AcsType		type = ACS_NONE;

	if (smtp_status_class(s) == 5 && smtp_status_has_enhanced(s))
		type = acs_type_of_enhanced(smtp_status_subject(s), smtp_status_detail(s));
	if (type == ACS_NONE)
		type = acs_type_of_reply(smtp_status_reply(s));
	return type;
}

/*
 * deciding_fact - the line that says most about a failure, or NULL
 *
 * A detail that is not registered is read as its subject's X.n.0.  X.0.0 says no
 * more than its class, so a reply code beside it goes first; X.7.0 and X.7.1 beside a reply to
 * AUTH (RFC 4954) say no more than that.
 */
static const CodeFact *
deciding_fact(SmtpStatus s, bool *from_enhanced)
{
	const CodeFact *enhanced = NULL;
	const CodeFact *reply = reply_fact(smtp_status_reply(s));
	int			subject = smtp_status_subject(s);

	if (subject >= 0)
		enhanced = enhanced_fact(subject, smtp_status_detail(s));
	if (enhanced == NULL && subject > 0)
		enhanced = enhanced_fact(subject, 0);

	*from_enhanced = enhanced != NULL && (subject > 0 || reply == NULL) &&
		!(smtp_status_reply(s) / 10 == 53 && subject == 7 && smtp_status_detail(s) <= 1);
	return *from_enhanced ? enhanced : reply;
}

/* smtp_status_default_class - what the code alone says */
BounceClass
smtp_status_default_class(SmtpStatus s, bool *from_enhanced)
{
	int			klass = smtp_status_class(s);
	const CodeFact *fact = deciding_fact(s, from_enhanced);
	Reason		reason;
	Severity	severity;

	if (klass != 4 && klass != 5)
	{
		*from_enhanced = smtp_status_has_enhanced(s);
		return klass == 2 ? bounce_class_make(SEVERITY_OK, REASON_DELIVERED) : BOUNCE_CLASS_NONE;
	}
	if (fact == NULL)
	{
		*from_enhanced = smtp_status_has_enhanced(s);
		return bounce_class_make(SEVERITY_SOFT, klass == 4 ? REASON_TRANSIENT_OTHER : REASON_PERMANENT_OTHER);
	}

	reason = klass == 4 ? fact->transient : fact->permanent;
	severity = reason_fact(reason)->severity;
	if (klass == 4 && severity == SEVERITY_HARD)
		severity = SEVERITY_SOFT;
	return bounce_class_make(severity, reason);
}
