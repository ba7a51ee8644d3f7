/*
 * window.h
 *		What the next 64 bytes of a text are, as sets of bits.
 *
 * Most of an answer is words of ASCII, blanks and a few signs.  Where they are can be
 * computed for many bytes at once, without a branch that depends on the text.  Bit i of
 * a set speaks of byte i.
 */
#ifndef BOUNCE_WINDOW_H
#define BOUNCE_WINDOW_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define WINDOW_SIZE 64
#define WINDOW_LANE 16			/* bytes that are looked at together */

typedef struct Window
{
	uint64_t	word;			/* letters and digits */
	uint64_t	dot;
	uint64_t	sign;			/* # $ % ( ) - / [ ], and & */
	uint64_t	joiner;			/* - ' */
	uint64_t	underscore;
	uint64_t	thought;		/* what is not told by itself or is rare: & + < = ? @ \ ` and all that is not ASCII */
	uint64_t	code_digit;		/* 2 4 5 */
	uint64_t	blank;			/* the blank itself */
} Window;

/* Vectors, which compilers know how to compute with on any machine. */
typedef unsigned char Lane __attribute__((vector_size(WINDOW_LANE)));
typedef signed char LaneTruth __attribute__((vector_size(WINDOW_LANE)));

#define EACH_OF_LANE(c) ((Lane) {c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c})
#define LANE_WITHIN(lane, first, last) ((lane) - EACH_OF_LANE(first) <= EACH_OF_LANE((last) - (first)))

/* lane_bits - the highest bit of each byte */
static inline uint64_t
lane_bits(LaneTruth truth)
{
#if defined(__SSE2__)
	return (uint64_t) (unsigned) _mm_movemask_epi8((__m128i) truth);
#else
	uint64_t	half[2];
	uint64_t	bits = 0;

	memcpy(half, &truth, sizeof(half));
	for (int i = 0; i < 2; i++)
	{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		half[i] = __builtin_bswap64(half[i]);
#endif
		bits |= (half[i] >> 7 & UINT64_C(0x0101010101010101)) * UINT64_C(0x0102040810204080) >> 56 << i * 8;
	}
	return bits;
#endif
}

/* window_find - the first place of one of three bytes, or the end */
static inline const unsigned char *
window_find(const unsigned char *at, const unsigned char *end, unsigned char a, unsigned char b, unsigned char c)
{
	for (; end - at >= WINDOW_LANE; at += WINDOW_LANE)
	{
		Lane		v;
		uint64_t	found;

		memcpy(&v, at, sizeof(v));
		found = lane_bits((v == EACH_OF_LANE(a)) | (v == EACH_OF_LANE(b)) | (v == EACH_OF_LANE(c)));
		if (found != 0)
			return at + __builtin_ctzll(found);
	}
	while (at < end && *at != a && *at != b && *at != c)
		at++;
	return at;
}

/* window_read - sort 64 bytes */
extern void (*window_read)(Window *w, const unsigned char *at);

/* window_read_plain - the same, on any machine */
extern void window_read_plain(Window *w, const unsigned char *at);

#endif
