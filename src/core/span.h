/*
 * span.h
 *		A suppression told by hand, laid over the one that stands.
 */
#ifndef BOUNCE_SPAN_H
#define BOUNCE_SPAN_H

#include <stdint.h>

/* From starts_at until just before expires_at, in microseconds. */
typedef struct Span
{
	int64_t		starts_at;
	int64_t		expires_at;
} Span;

typedef enum SpanMove
{
	SPAN_SAME,					/* nothing changes */
	SPAN_RESIZE,				/* the same suppression, with another start or end */
	SPAN_BEGIN,					/* a new one; what stood belongs to the past */
	SPAN_TOO_EARLY				/* over before the one that stands begins: no room for both */
} SpanMove;

/* Lays told over standing, neither of them empty; *result is what stands then. */
extern SpanMove span_lay(Span standing, Span told, Span *result);

#endif
