/*
 * guard_outbox.h
 *		What bounce.guard_outbox() and the triggers that it attaches share.
 */
#ifndef BOUNCE_GUARD_OUTBOX_H
#define BOUNCE_GUARD_OUTBOX_H

#include "postgres.h"

typedef enum OnSuppressed
{
	SUPPRESSED_SKIP,			/* the row is not written */
	SUPPRESSED_MARK,			/* its status becomes mark_as */
	SUPPRESSED_ERROR			/* the statement fails */
} OnSuppressed;

/* By name; 22023 when there is no such name. */
extern OnSuppressed on_suppressed_of(const char *name);

#endif
