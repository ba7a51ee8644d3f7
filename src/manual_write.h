/*
 * manual_write.h
 *		Writing suppressions that people make and end.
 */
#ifndef BOUNCE_MANUAL_WRITE_H
#define BOUNCE_MANUAL_WRITE_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "span.h"

/* What is suppressed */
typedef enum ManualSubject
{
	MANUAL_ADDRESS,
	MANUAL_DOMAIN
} ManualSubject;

/* One suppression that is told; a domain has no topic. */
typedef struct Told
{
	const char *name;			/* canonical address, or domain */
	const char *topic;
	const char *cause;
	Span		span;
	const char *note;			/* or NULL */
} Told;

/* What is released; a domain has neither topic nor cause. */
typedef struct Release
{
	const char *name;
	const char *topic;			/* NULL: all topics */
	const char *cause;			/* NULL: all causes */
	TimestampTz at;
	const char *why;			/* or NULL */
} Release;

/*
 * Lays it over the one that stands.  True when another time is suppressed then;
 * 22023 when it is over before that one begins.
 */
extern bool manual_suppress(ManualSubject subject, const Told *told);

/*
 * Returns how many suppressions ended; those that were over already only move to
 * history.  Before it ends what the fold of the log may write too, the caller takes
 * the lock of the address (refold_lock); afterwards he folds it.
 * 22023 when one of them has not begun.
 */
extern int32 manual_release(ManualSubject subject, const Release *release);

#endif
