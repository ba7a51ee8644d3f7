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
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/* plain_bytewise - a local part, an @, a domain */
static size_t
plain_bytewise(const char *text, size_t len)
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

#ifdef __SSE2__

#define BLOCK 16

/* The bytes of a text that are of one kind, as bits. */
typedef struct PlainBits
{
	uint32_t	label;			/* letters and digits */
	uint32_t	dot;
	uint32_t	hyphen;
	uint32_t	at;
} PlainBits;

/* bits_equal - which bytes are this one? */
static inline uint32_t
bits_equal(__m128i bytes, char byte)
{
	return (uint32_t) _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)));
}

/* add_block - what 16 bytes are; as signed numbers those beyond ASCII are below all letters */
static inline void
add_block(PlainBits *bits, const char *text, size_t offset)
{
	__m128i		bytes = _mm_loadu_si128((const __m128i *) (text + offset));
	__m128i		letter = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('a' - 1)),
									   _mm_cmplt_epi8(bytes, _mm_set1_epi8('z' + 1)));
	__m128i		digit = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1)),
									  _mm_cmplt_epi8(bytes, _mm_set1_epi8('9' + 1)));

	bits->label |= (uint32_t) _mm_movemask_epi8(_mm_or_si128(letter, digit)) << offset;
	bits->dot |= bits_equal(bytes, '.') << offset;
	bits->hyphen |= bits_equal(bytes, '-') << offset;
	bits->at |= bits_equal(bytes, '@') << offset;
}

/*
 * plain_at_once - address_plain() for 16 to 32 bytes of the most frequent characters
 *
 * In the domain a label begins behind the @ and behind each dot, and ends before
 * the next one and at the end.  None is longer than a label may be.
 */
static inline size_t
plain_at_once(const char *text, size_t len)
{
	PlainBits	bits = {0, 0, 0, 0};
	uint32_t	all = 0xFFFFFFFFu >> (32 - len);
	uint32_t	domain;
	uint32_t	limit;

	add_block(&bits, text, 0);
	add_block(&bits, text, len - BLOCK);
	/* one @, not at the start, which a dot is not either */
	if ((bits.label | bits.dot | bits.hyphen | bits.at) != all ||
		bits.at == 0 || (bits.at & (bits.at - 1)) != 0 || ((bits.at | bits.dot) & 1) != 0)
		return 0;
	domain = all & ~(bits.at | (bits.at - 1));
	limit = bits.at | (bits.dot & domain);
	if ((domain & 1u << (len - 1) & bits.label) == 0 ||
		(limit << 1 & ~bits.label & all) != 0 || (limit >> 1 & bits.hyphen & domain) != 0)
		return 0;
	return (size_t) __builtin_ctz(bits.at) + 1;
}

#endif

/* address_plain - a local part, an @, a domain */
size_t
address_plain(const char *text, size_t len)
{
#ifdef __SSE2__
	size_t		domain = len >= BLOCK && len <= 2 * BLOCK ? plain_at_once(text, len) : 0;

	if (domain != 0)
		return domain;
#endif
	return plain_bytewise(text, len);
}
