/*
 * letters.h
 *		Letters of the languages in which servers answer, in the spelling of servers without them.
 */
#ifndef BOUNCE_LETTERS_H
#define BOUNCE_LETTERS_H

#include <stddef.h>

/*
 * Decodes one UTF-8 character of at most end - at bytes; returns its length.  A byte
 * that is not UTF-8 is taken for Windows-1252, length 1; UTF-8 that was taken so and
 * encoded once more ("Ã©") is undone.
 */
extern size_t utf8_decode(const unsigned char *at, const unsigned char *end, unsigned *code_point);

/* "e" for U+00E9, "ss" for U+00DF; NULL when it is no letter of a Latin alphabet. */
extern const char *latin_letters(unsigned code_point);

/* 0 .. 31 for a letter of the Russian alphabet, else -1. */
extern int	russian_letter(unsigned code_point);

/*
 * Reads an HTML entity ("&eacute;", "&#39;", "&nbsp;") at the ampersand; returns its
 * length, or 0 if there is none.
 */
extern size_t entity_decode(const unsigned char *at, const unsigned char *end, unsigned *code_point);

#endif
