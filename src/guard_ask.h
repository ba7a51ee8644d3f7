/*
 * guard_ask.h
 *		Asks about the recipients of one statement's rows.
 */
#ifndef BOUNCE_GUARD_ASK_H
#define BOUNCE_GUARD_ASK_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "address.h"

/* The mail that a row stands for. */
typedef struct Mail
{
	char		address[ADDRESS_TEXT_MAX];	/* canonical */
	size_t		length;
	size_t		domain;			/* offset of what stands behind the @ */
	const text *topic;			/* or NULL */
	TimestampTz at;
} Mail;

typedef struct GuardAsk GuardAsk;

/* For a statement, in this memory context. */
extern GuardAsk *guard_ask_begin(MemoryContext context, bool insert);

/* Must it not go?  Of an INSERT, all mails should have the same time. */
extern bool guard_ask(GuardAsk *ask, const Mail *mail);

#endif
