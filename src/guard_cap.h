/*
 * guard_cap.h
 *		Counts what one statement's rows send under the caps of their topics.
 */
#ifndef BOUNCE_GUARD_CAP_H
#define BOUNCE_GUARD_CAP_H

#include "postgres.h"

#include "guard_ask.h"

typedef struct GuardCap GuardCap;

typedef enum CapAnswer
{
	CAP_NONE,					/* the topic has none */
	CAP_TAKEN,					/* counted */
	CAP_USED_UP
} CapAnswer;

/* For a statement, in this memory context. */
extern GuardCap *guard_cap_begin(MemoryContext context);

/* Waits for who sends to the same person under the same cap (cap_take). */
extern CapAnswer guard_cap_take(GuardCap *caps, const Mail *mail);

/* The mail, counted by this or an earlier statement, does not go out after all. */
extern void guard_cap_give_back(GuardCap *caps, const Mail *mail);

#endif
