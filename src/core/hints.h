/*
 * hints.h
 *		What an answer tells beside its class: a page to read, a blocklist, when to come back.
 */
#ifndef BOUNCE_HINTS_H
#define BOUNCE_HINTS_H

#include "classify.h"

/* The first URL, without the punctuation that ends a sentence. */
extern TextSpan find_url(const char *text, size_t len);

/* The blocklist that a refusal names: its name (blocklists.def), or its zone as the text has it. */
extern TextSpan find_blocklist(const char *text, size_t len, Reason reason);

/* Seconds until the server wants to see the message again, -1 if it does not say. */
extern int32_t find_retry_after(const char *text, size_t len);

/* What a person should do about a reason: one line. */
extern const char *reason_advice(Reason reason);

#endif
