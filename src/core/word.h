/*
 * word.h
 *		The spelling of a word as a number, letter by letter or eight letters at once.
 */
#ifndef BOUNCE_WORD_H
#define BOUNCE_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ascii.h"
#include "response.h"

#define WORD_MIX UINT64_C(0x9E3779B97F4A7C15)

#define WORD_ROOM 16			/* bytes that are looked at together */

#define EACH_BYTE(byte) ((uint64_t) (byte) * UINT64_C(0x0101010101010101))

/* What letters of other alphabets are spelled with. */
#define CYRILLIC_FIRST 0xC0		/* 32 of them */
#define OTHER_LETTER 0xFF

typedef struct Word
{
	uint64_t	head;			/* the first eight bytes, once there are eight */
	uint64_t	key;			/* of all whole chunks of eight */
	uint64_t	chunk;			/* the bytes since */
	size_t		length;
} Word;

/* word_mix - the key with one more chunk of eight bytes, which begins at byte "at"; no bytes do not change it */
static inline uint64_t
word_mix(uint64_t key, uint64_t chunk, size_t at)
{
	return key ^ chunk * (at == 0 ? 1 : WORD_MIX + 2 * (at - 8));
}

/* word_add - one more byte */
static inline void
word_add(Word *w, unsigned char byte)
{
	w->chunk |= (uint64_t) byte << (w->length % 8 * 8);
	if (++w->length % 8 != 0)
		return;
	if (w->length == 8)
		w->head = w->chunk;
	w->key = word_mix(w->key, w->chunk, w->length - 8);
	w->chunk = 0;
}

/* word_token - what the word is known by */
static inline Token
word_token(const Word *w)
{
	uint64_t	head = w->length < 8 ? w->chunk : w->head;

	return (Token) {head, word_mix(w->key, w->chunk, w->length / 8 * 8)};
}

/* load_whole_eight - bytes, the first one lowest */
static inline uint64_t
load_whole_eight(const unsigned char *at)
{
	uint64_t	eight;

	memcpy(&eight, at, sizeof(eight));
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	eight = __builtin_bswap64(eight);
#endif
	return eight;
}

/* load_eight - the same; behind the end there are zeros */
static inline uint64_t
load_eight(const unsigned char *at, const unsigned char *end)
{
	uint64_t	eight = 0;

	if (end - at >= 8)
		return load_whole_eight(at);
	for (int i = 0; i < end - at; i++)
		eight |= (uint64_t) at[i] << i * 8;
	return eight;
}

/*
 * in_word - the highest bit of each byte that is a letter or a digit of ASCII.  Sums
 * that reach 0x80 tell what is at or above a bound; no sum reaches the next byte.
 */
static inline uint64_t
in_word(uint64_t eight)
{
	uint64_t	small = (eight | EACH_BYTE(0x20)) & EACH_BYTE(0x7F);
	uint64_t	plain = eight & EACH_BYTE(0x7F);
	uint64_t	letter = (small + EACH_BYTE(0x80 - 'a')) & ~(small + EACH_BYTE(0x7F - 'z'));
	uint64_t	digit = (plain + EACH_BYTE(0x80 - '0')) & ~(plain + EACH_BYTE(0x7F - '9'));

	return (letter | digit) & ~eight & EACH_BYTE(0x80);
}

/* What is left of WORD_ROOM bytes for a word of so many: as many as of these, from WORD_ROOM minus its length on. */
static const unsigned char word_mask[2 * WORD_ROOM] = {
	0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF
};

/* bytes_below - all bits of the first bytes, at most seven */
static inline uint64_t
bytes_below(size_t count)
{
	return ((uint64_t) 1 << count * 8) - 1;
}

/* bits_below - the first bits of a set, at most all */
static inline uint64_t
bits_below(size_t count)
{
	return count == 0 ? 0 : UINT64_MAX >> (64 - count);
}

/* count_bits - of a set; without an instruction for it the compiler would call a function */
static inline unsigned
count_bits(uint64_t set)
{
	set -= set >> 1 & EACH_BYTE(0x55);
	set = (set & EACH_BYTE(0x33)) + (set >> 2 & EACH_BYTE(0x33));
	return (unsigned) (((set + (set >> 4)) & EACH_BYTE(0x0F)) * EACH_BYTE(1) >> 56);
}

/* letters_before - how many of eight bytes come before the first that is outside of a word */
static inline size_t
letters_before(uint64_t outside)
{
	return outside == 0 ? 8 : (size_t) __builtin_ctzll(outside) / 8;
}

/* word_append - the first bytes of eight, which have to be letters and digits of ASCII */
static inline void
word_append(Word *w, uint64_t eight, size_t count)
{
	size_t		held = w->length % 8;

	eight = (eight | EACH_BYTE(0x20)) & load_whole_eight(word_mask + WORD_ROOM - count);
	w->chunk |= eight << held * 8;
	w->length += count;
	if (held + count < 8)
		return;
	if (w->length < 16)
		w->head = w->chunk;
	w->key = word_mix(w->key, w->chunk, w->length - w->length % 8 - 8);
	w->chunk = held == 0 ? 0 : eight >> (8 - held) * 8;
}

/*
 * word_read - letters and digits of ASCII from "at" on, eight at once; returns the
 * first byte that is none.  The word's length has to be a multiple of eight.
 */
static inline const unsigned char *
word_read(Word *w, const unsigned char *at, const unsigned char *end)
{
	for (;;)
	{
		uint64_t	eight = load_eight(at, end);
		uint64_t	outside = ~in_word(eight) & EACH_BYTE(0x80);

		eight |= EACH_BYTE(0x20);
		if (outside != 0)
		{
			size_t		count = letters_before(outside);

			w->chunk = eight & bytes_below(count);
			w->length += count;
			return at + count;
		}
		if (w->length == 0)
			w->head = eight;
		w->key = word_mix(w->key, eight, w->length);
		w->length += 8;
		at += 8;
	}
}

#endif
