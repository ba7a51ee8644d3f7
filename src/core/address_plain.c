/*
 * NAME
 *		address_plain - is this text a canonical address already, in plain ASCII?
 *
 * SUMMARY
 *		One look at each byte.  What needs quotes, brackets, another case or another
 *		alphabet is left to address_normalize().
 *
 * IN AND OUT
 *		Bytes of any kind; nothing is written.
 *
 * ERRORS
 *		0 says "not certainly", never "no".
 *
 * SOURCE
 *		As for address.c, whose limits these are.
 */
#include "address_plain.h"

#include <stdbool.h>

#include "address.h"

#define LOCAL_PART_MAX 64
#define LABEL_MAX 63

/* What a byte of a canonical address can be; unlike address_chars.h no capitals. */
typedef enum PlainChar
{
	PLAIN_NONE,
	PLAIN_LOCAL,				/* in a local part only */
	PLAIN_DOT,
	PLAIN_HYPHEN,
	PLAIN_LABEL					/* anywhere */
} PlainChar;

#define O PLAIN_NONE
#define L PLAIN_LOCAL
#define D PLAIN_DOT
#define H PLAIN_HYPHEN
#define B PLAIN_LABEL

static const unsigned char plain_char[256] = {
	/* control characters */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
	/*   ! " # $ % & ' ( ) * + , - . / */
	O, L, O, L, L, L, L, L, O, O, L, L, O, H, D, L,
	/* 0 1 2 3 4 5 6 7 8 9 : ; < = > ? */
	B, B, B, B, B, B, B, B, B, B, O, O, O, L, O, L,
	/* @ and the capitals */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, L, B,
	/* ` a b c d e f g h i j k l m n o */
	L, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
	/* p q r s t u v w x y z { | } ~ DEL */
	B, B, B, B, B, B, B, B, B, B, B, L, L, L, L, O,
	/* the rest, from 128 on, is O */
};

#undef O
#undef L
#undef D
#undef H
#undef B

/* plain_domain - labels in lower case, without a final dot */
static bool
plain_domain(const unsigned char *p, const unsigned char *end)
{
	const unsigned char *label = p;

	for (; p < end; p++)
	{
		unsigned char c = plain_char[*p];

		if (c == PLAIN_LABEL || (c == PLAIN_HYPHEN && p > label))
			continue;
		if (c != PLAIN_DOT || p == label || p - label > LABEL_MAX || p[-1] == '-')
			return false;
		label = p + 1;
	}
	return p > label && p - label <= LABEL_MAX && p[-1] != '-';
}

/* address_plain - a local part, an @, a domain */
size_t
address_plain(const char *text, size_t len)
{
	const unsigned char *start = (const unsigned char *) text;
	const unsigned char *end = start + len;
	const unsigned char *p = start;

	if (len > ADDRESS_LENGTH_MAX)
		return 0;
	while (p < end && plain_char[*p] != PLAIN_NONE)
		p++;
	if (p == start || p == end || *p != '@' || p - start > LOCAL_PART_MAX || *start == '.' ||
		!plain_domain(p + 1, end))
		return 0;
	return (size_t) (p + 1 - start);
}
