/*
 * view.h
 *		The plain part of an answer: words of ASCII, blanks, dots and signs, 64 bytes at once.
 */
#ifndef BOUNCE_VIEW_H
#define BOUNCE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "response.h"
#include "window.h"
#include "word.h"

/* A part of the text: 64 bytes, of which the first "size" can be read. */
typedef struct View
{
	const unsigned char *source;	/* in the text */
	const unsigned char *bytes; /* the same, with WORD_ROOM bytes behind each */
	size_t		size;
	Window		sets;
	uint64_t	code;			/* where a code could begin, if a token does */
	uint64_t	stop;			/* other places that need a thought */
	unsigned char copy[WINDOW_SIZE + WORD_ROOM];
} View;

/* Nothing has been looked at yet. */
static inline void
view_begin(View *v, const Response *r)
{
	v->source = r->at;
	v->size = 0;
}

/* Reads on until something needs a thought (true), or there are so many tokens or a few more, or all is read (false). */
extern bool view_read(View *v, Response *r, size_t limit);

#endif
