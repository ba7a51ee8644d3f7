/*
 * smtp_status.h
 *		A reply code (RFC 5321) and/or an enhanced status code (RFC 3463) in 32 bits.
 *
 * Layout, most significant first: class (3 bits), subject + 1 (10; 0 = no enhanced
 * code), detail (10), reply code - 199 (9; 0 = no reply code).  So unsigned order is
 * the order of the SQL type, and all of 5.7.x is one range.
 */
#ifndef BOUNCE_SMTP_STATUS_H
#define BOUNCE_SMTP_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bounce_class.h"

typedef uint32_t SmtpStatus;

#define SMTP_STATUS_NONE ((SmtpStatus) 0)
#define SMTP_STATUS_TEXT_MAX 16 /* "550 5.999.999" and a NUL */

typedef enum SmtpStatusError
{
	SMTP_STATUS_OK = 0,
	SMTP_STATUS_SYNTAX,			/* neither a reply code nor an enhanced code */
	SMTP_STATUS_RANGE,			/* reply code outside 200..599, class not 2/4/5, part over 999 */
	SMTP_STATUS_DISAGREES		/* 550 4.1.1 */
} SmtpStatusError;

typedef enum AcsType
{
	ACS_NONE,
	ACS_HARD,
	ACS_SOFT
} AcsType;

/* reply 0 = none; subject -1 = no enhanced code.  Values must be in range. */
extern SmtpStatus smtp_status_make(int reply, int klass, int subject, int detail);

/* Are the parts in range, and do they agree?  -1 = absent, but not both codes. */
extern SmtpStatusError smtp_status_check(int reply, int klass, int subject, int detail);

/* 0 when there is no reply code */
extern int	smtp_status_reply(SmtpStatus s);

/* 2, 3, 4 or 5 */
extern int	smtp_status_class(SmtpStatus s);
extern bool smtp_status_has_enhanced(SmtpStatus s);
extern int	smtp_status_subject(SmtpStatus s);
extern int	smtp_status_detail(SmtpStatus s);

/* Strict reader of the SQL type's text form: surrounding blanks are allowed, nothing else. */
extern SmtpStatusError smtp_status_parse(const char *text, size_t len, SmtpStatus *status);

/* Is this a value that the reader could have made?  (for recv) */
extern bool smtp_status_valid(SmtpStatus s);

/* Writes the text form and a NUL; returns its length. */
extern size_t smtp_status_format(SmtpStatus s, char text[SMTP_STATUS_TEXT_MAX]);

/* The registry's text (IANA, RFC 5321), of the enhanced code if known, else of the reply code; or NULL. */
extern const char *smtp_status_describe(SmtpStatus s);

/* Azure's own list: the enhanced code if listed, else the reply code. */
extern AcsType smtp_status_acs_type(SmtpStatus s);

/*
 * What the code alone says, severity adjusted to its class (4xx: a hard reason
 * reads soft).  *from_enhanced tells which of the two codes decided.  0 when
 * neither says anything.
 */
extern BounceClass smtp_status_default_class(SmtpStatus s, bool *from_enhanced);

#endif
