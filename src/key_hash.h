/*
 * key_hash.h
 *		Hashes of short strings that nobody outside can make collide.
 *
 * The first and the last eight bytes, each hidden by a secret of this set, are multiplied;
 * of the product the upper half, which all bits reach, is folded into the lower one.
 * What is longer than both goes before, eight bytes at a time.  Strings that
 * collide under one secret do not under another.
 */
#ifndef BOUNCE_KEY_HASH_H
#define BOUNCE_KEY_HASH_H

#include "postgres.h"

typedef struct KeySecret
{
	uint64		start;
	uint64		word;
	uint64		rest;
} KeySecret;

static inline uint64
key_hash_fold(uint64 a, uint64 b)
{
#ifdef HAVE_INT128
	uint128		product = (uint128) a * b;

	return (uint64) product ^ (uint64) (product >> 64);
#else
	uint64		low = a * (b | 1);
	uint64		high = (a >> 32 | a << 32) * (b >> 32 | 1);

	return low ^ high ^ (low >> 32) ^ (high >> 29);
#endif
}

/* Fewer than eight bytes, without a loop: some of them twice. */
static inline uint64
key_hash_rest(const char *bytes, size_t length)
{
	uint32		first;
	uint32		last;

	if (length >= sizeof(first))
	{
		memcpy(&first, bytes, sizeof(first));
		memcpy(&last, bytes + length - sizeof(last), sizeof(last));
		return (uint64) first << 32 | last;
	}
	if (length == 0)
		return 0;
	return (uint64) (unsigned char) bytes[0] << 16 | (uint64) (unsigned char) bytes[length / 2] << 8 |
		(unsigned char) bytes[length - 1];
}

static inline uint64
key_hash(const KeySecret *secret, const char *bytes, size_t length)
{
	uint64		start = secret->start ^ length;
	uint64		first;
	uint64		last;

	if (unlikely(length < sizeof(first)))
		return key_hash_fold(start ^ key_hash_rest(bytes, length), secret->rest);
	for (; unlikely(length > sizeof(first) + sizeof(last)); bytes += sizeof(first), length -= sizeof(first))
	{
		memcpy(&first, bytes, sizeof(first));
		start = key_hash_fold(start ^ first, secret->word);
	}
	memcpy(&first, bytes, sizeof(first));
	memcpy(&last, bytes + length - sizeof(last), sizeof(last));
	return key_hash_fold(start ^ first, secret->word ^ last);
}

/* Short ones are compared where they stand, without a call. */
static inline bool
key_bytes_equal(const char *a, const char *b, size_t length)
{
	uint64		word_a;
	uint64		word_b;

	if (length < sizeof(word_a))
		return key_hash_rest(a, length) == key_hash_rest(b, length);
	for (size_t at = 0; at < length - sizeof(word_a); at += sizeof(word_a))
	{
		memcpy(&word_a, a + at, sizeof(word_a));
		memcpy(&word_b, b + at, sizeof(word_b));
		if (word_a != word_b)
			return false;
	}
	memcpy(&word_a, a + length - sizeof(word_a), sizeof(word_a));
	memcpy(&word_b, b + length - sizeof(word_b), sizeof(word_b));
	return word_a == word_b;
}

/* Of two hashes, in this order. */
static inline uint64
key_hash_join(const KeySecret *secret, uint64 first, uint64 second)
{
	return key_hash_fold(first ^ secret->start, second ^ secret->word);
}

#endif
