/*
 * classify.h
 *		What a server's answer says: the one door to the classifier.
 *
 * Text is UTF-8 or rubbish; any bytes are safe, no NUL needed.  Nothing is
 * allocated; spans point into the caller's text or to constants.  Time is linear in
 * the text; of more than CLASSIFY_TEXT_MAX bytes the first 48 kB and the last 16 kB
 * are read.
 */
#ifndef BOUNCE_CLASSIFY_H
#define BOUNCE_CLASSIFY_H

#include <stddef.h>
#include <stdint.h>

#include "bounce_class.h"
#include "smtp_status.h"

#define CLASSIFY_TEXT_MAX 65536

typedef enum Basis
{
	BASIS_NONE,
	BASIS_REPLY,
	BASIS_ENHANCED,
	BASIS_PHRASE,
	BASIS_VENDOR
} Basis;

typedef struct TextSpan
{
	const char *start;			/* NULL: absent */
	size_t		length;
} TextSpan;

typedef struct Diagnosis
{
	SmtpStatus	status;			/* what the text says, completed by the status given; 0 = none */
	BounceClass klass;			/* never 0: unknown:unknown at least */
	Basis		basis;
	const char *rule;			/* the rule's name, or NULL */
	const char *provider;		/* or NULL */
	TextSpan	url;			/* the explanatory URL in the text */
	TextSpan	blocklist;		/* the blocklist's name, or its zone */
	int32_t		retry_after;	/* seconds, -1 = not said */
} Diagnosis;

/* status: what the caller knows beside the text (a DSN's Status field), or SMTP_STATUS_NONE. */
extern void diagnose_response(const char *text, size_t len, SmtpStatus status, Diagnosis *diagnosis);

/* The same answer, class only, without the look for URL, retry time and so on. */
extern BounceClass classify_response(const char *text, size_t len, SmtpStatus status);

/* The same class, and the status that diagnose_response() gives. */
extern BounceClass classify_status(const char *text, size_t len, SmtpStatus given, SmtpStatus *status);

/* The status that the text carries, or SMTP_STATUS_NONE. */
extern SmtpStatus extract_status(const char *text, size_t len);

/* "vendor", "phrase", "enhanced", "reply", "none" */
extern const char *basis_name(Basis basis);

#endif
