/*
 * character.h
 *		One character, however it is spelled, and what it is in a word.
 */
#ifndef BOUNCE_CHARACTER_H
#define BOUNCE_CHARACTER_H

#include <stdbool.h>
#include <stddef.h>

#include "word.h"

/* What a character is in a word. */
typedef enum LetterKind
{
	NO_LETTER,
	A_LETTER,					/* one or more bytes were added to the word */
	NO_WIDTH					/* a mark on the letter before, a soft hyphen, ... */
} LetterKind;

/*
 * A character in UTF-8, as an entity, in quoted-printable or escaped; returns the length of its
 * source, 0 if it is plain ASCII.
 */
extern size_t spelled_character(const unsigned char *at, const unsigned char *end, unsigned *c);

/* The same of quoted-printable alone ("=C3=A9"). */
extern size_t quoted_character(const unsigned char *at, const unsigned char *end, unsigned *c);

/* The same as logs and JSON spell it ("\u00e9", "\303\251"); it may be plain ASCII. */
extern size_t escaped_character(const unsigned char *at, const unsigned char *end, unsigned *c);

/* The byte that "3D" spells, in capitals as RFC 2045 wants; -1 if it does not. */
extern int	hex_pair(const unsigned char *at, const unsigned char *end);

/* What stands where a letter was lost, question marks or U+FFFD; returns its length, 0 if there is none. */
extern size_t lost_letter(const unsigned char *at, const unsigned char *end);

/* Adds the character, if it belongs to a word. */
extern LetterKind add_character(Word *w, unsigned c);

/* narrow - the ASCII of a full-width character, else the character itself */
static inline unsigned
narrow(unsigned c)
{
	if (c == 0x3000)
		return ' ';
	return c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c;
}

/* is_dropped - marks that stand on a letter, and characters without a width */
static inline bool
is_dropped(unsigned c)
{
	return (c >= 0x300 && c <= 0x36F) || c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF;
}

/* is_ideographic - scripts that do not separate words, and Hangul, whose words end in particles */
static inline bool
is_ideographic(unsigned c)
{
	return (c >= 0x2E80 && c <= 0x9FFF && (c < 0x3000 || c > 0x3020) && c != 0x30FB) ||
		(c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF66 && c <= 0xFF9F);
}

static inline bool
is_apostrophe(unsigned c)
{
	return c == '\'' || c == '`' || c == 0x2018 || c == 0x2019 || c == 0x201B || c == 0xB4 || c == 0x2BC;
}

static inline bool
is_hyphen(unsigned c)
{
	return c == '-' || (c >= 0x2010 && c <= 0x2015);
}

#endif
