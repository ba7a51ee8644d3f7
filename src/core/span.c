/*++
 * NAME
 *	span 3
 * SUMMARY
 *	lay a told suppression over the one that stands
 * SYNOPSIS
 *	#include "span.h"
 *
 *	SpanMove span_lay(Span standing, Span told, Span *result)
 * DESCRIPTION
 *	There is one suppression of a key at a time.  What is told when the standing
 *	one is over begins a new one.  What is told while it lasts decides its end:
 *	a later end stretches it; an earlier end begins a new one, so that what had
 *	been said before can be kept.  What is told of a time before it began
 *	stretches it backwards and never shortens it.
 * DIAGNOSTICS
 *	SPAN_TOO_EARLY when told is over before standing begins; *result is standing.
 *--*/
#include "span.h"

/* told_of_before - told begins before standing does, and reaches it */
static SpanMove
told_of_before(Span standing, Span told, Span *result)
{
	result->starts_at = told.starts_at;
	if (told.expires_at > standing.expires_at)
		result->expires_at = told.expires_at;
	return SPAN_RESIZE;
}

/* told_while - told begins while standing lasts */
static SpanMove
told_while(Span standing, Span told, Span *result)
{
	result->expires_at = told.expires_at;
	if (told.expires_at == standing.expires_at)
		return SPAN_SAME;
	if (told.expires_at > standing.expires_at || told.starts_at == standing.starts_at)
		return SPAN_RESIZE;
	result->starts_at = told.starts_at;
	return SPAN_BEGIN;
}

SpanMove
span_lay(Span standing, Span told, Span *result)
{
	*result = standing;
	if (told.expires_at < standing.starts_at)
		return SPAN_TOO_EARLY;
	if (told.starts_at < standing.starts_at)
		return told_of_before(standing, told, result);
	if (told.starts_at < standing.expires_at)
		return told_while(standing, told, result);
	*result = told;
	return SPAN_BEGIN;
}
