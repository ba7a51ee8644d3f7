/*
 * markup.h
 *		Tags of HTML in an answer.
 */
#ifndef BOUNCE_MARKUP_H
#define BOUNCE_MARKUP_H

#include <stdbool.h>

/* Does a "<" before "at" begin a tag that separates words: "<br>", "</p>", "<a href=...>"?  Any other "<word>" is text. */
extern bool is_tag(const unsigned char *at, const unsigned char *end);

/* Behind the ">" of a tag; at itself if there is none near. */
extern const unsigned char *skip_tag(const unsigned char *at, const unsigned char *end);

#endif
