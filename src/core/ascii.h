/*
 * ascii.h
 *		What characters of ASCII are, whatever the locale.
 *
 * No byte of a character beyond ASCII is any of these.
 */
#ifndef BOUNCE_ASCII_H
#define BOUNCE_ASCII_H

#include <stdbool.h>

static inline bool
is_digit(unsigned char c)
{
	return (unsigned char) (c - '0') < 10;
}

static inline bool
is_letter(unsigned char c)
{
	return (unsigned char) ((c | 0x20) - 'a') < 26;
}

/* is_hex - a digit of base 16, in any case */
static inline bool
is_hex(unsigned char c)
{
	return is_digit(c) || (unsigned char) ((c | 0x20) - 'a') < 6;
}

/* is_blank - a blank, a tab, a line's or a page's end */
static inline bool
is_blank(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

#endif
