/*
 * NAME
 *		sha256 - SHA-256 and its HMAC, of short texts and very many of them
 *
 * SUMMARY
 *		Who asks about a list of addresses while there are digests of forgotten ones
 *		has each address hashed.  The server's library sets up a context for each hash,
 *		which takes several times as long as the hash, and an HMAC reads its key anew.
 *
 * IN AND OUT
 *		Any bytes; 32 bytes.  Tokens are few, and sealed by the server's library.
 *
 * ERRORS
 *		None.
 *
 * SOURCE
 *		FIPS 180-4 (the letters are its own), RFC 2104.
 */
#include "sha256.h"

#include <string.h>

/* The first bits behind the point of the cube roots of the first 64 primes. */
static const uint32_t round_constant[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

/* And of the square roots of the first 8. */
static const uint32_t first_state[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
};

/* rotated - to the right */
static inline uint32_t
rotated(uint32_t word, int bits)
{
	return word >> bits | word << (32 - bits);
}

/* word_at - four bytes, the highest first */
static inline uint32_t
word_at(const unsigned char *bytes)
{
	return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8 | bytes[3];
}

/* put_word - four bytes, the highest first */
static inline void
put_word(unsigned char *bytes, uint32_t word)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (unsigned char) (word >> (24 - 8 * i));
}

/* scheduled - the word of round t, from those before it */
static inline uint32_t
scheduled(const uint32_t *w, int t)
{
	return (rotated(w[t - 2], 17) ^ rotated(w[t - 2], 19) ^ w[t - 2] >> 10) + w[t - 7] +
		(rotated(w[t - 15], 7) ^ rotated(w[t - 15], 18) ^ w[t - 15] >> 3) + w[t - 16];
}

/* one_round - what was a is at place i of s, and moves down by one each round */
static inline void
one_round(uint32_t s[8], int i, uint32_t constant_and_word)
{
	uint32_t	a = s[-i & 7];
	uint32_t	b = s[(1 - i) & 7];
	uint32_t	c = s[(2 - i) & 7];
	uint32_t	e = s[(4 - i) & 7];
	uint32_t	f = s[(5 - i) & 7];
	uint32_t	g = s[(6 - i) & 7];
	uint32_t	t1 = s[(7 - i) & 7] + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + (g ^ (e & (f ^ g))) + constant_and_word;

	s[(3 - i) & 7] += t1;
	s[(7 - i) & 7] = t1 + (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) | (c & (a | b)));
}

/* eight_rounds - written out, so that s stays in registers */
static inline void
eight_rounds(uint32_t s[8], int t, const uint32_t *w)
{
	one_round(s, 0, round_constant[t] + w[0]);
	one_round(s, 1, round_constant[t + 1] + w[1]);
	one_round(s, 2, round_constant[t + 2] + w[2]);
	one_round(s, 3, round_constant[t + 3] + w[3]);
	one_round(s, 4, round_constant[t + 4] + w[4]);
	one_round(s, 5, round_constant[t + 5] + w[5]);
	one_round(s, 6, round_constant[t + 6] + w[6]);
	one_round(s, 7, round_constant[t + 7] + w[7]);
}

/* read_block - one block into the state */
static void
read_block(uint32_t state[8], const unsigned char *block)
{
	uint32_t	s[8];
	uint32_t	w[64];

	for (int t = 0; t < 16; t++)
		w[t] = word_at(block + 4 * t);
	for (int t = 16; t < 64; t++)
		w[t] = scheduled(w, t);
	memcpy(s, state, sizeof(s));
	for (int t = 0; t < 64; t += 8)
		eight_rounds(s, t, w + t);
	for (int i = 0; i < 8; i++)
		state[i] += s[i];
}

/* sha256_start - of nothing yet */
void
sha256_start(Sha256 *hash)
{
	memcpy(hash->state, first_state, sizeof(first_state));
	hash->length = 0;
}

/* sha256_add - more bytes */
void
sha256_add(Sha256 *hash, const void *bytes, size_t length)
{
	const unsigned char *next = bytes;
	size_t		held = hash->length % SHA256_BLOCK;

	hash->length += length;
	while (held + length >= SHA256_BLOCK)
	{
		memcpy(hash->block + held, next, SHA256_BLOCK - held);
		next += SHA256_BLOCK - held;
		length -= SHA256_BLOCK - held;
		held = 0;
		read_block(hash->state, hash->block);
	}
	if (length > 0)
		memcpy(hash->block + held, next, length);
}

/* sha256_end - pads with a bit, zeros and the length in bits; the hash is used up */
void
sha256_end(Sha256 *hash, unsigned char digest[SHA256_LENGTH])
{
	uint64_t	bits = hash->length * 8;
	size_t		held = hash->length % SHA256_BLOCK;

	hash->block[held++] = 0x80;
	if (held > SHA256_BLOCK - 8)
	{
		memset(hash->block + held, 0, SHA256_BLOCK - held);
		read_block(hash->state, hash->block);
		held = 0;
	}
	memset(hash->block + held, 0, SHA256_BLOCK - 8 - held);
	put_word(hash->block + SHA256_BLOCK - 8, (uint32_t) (bits >> 32));
	put_word(hash->block + SHA256_BLOCK - 4, (uint32_t) bits);
	read_block(hash->state, hash->block);
	for (int i = 0; i < 8; i++)
		put_word(digest + 4 * i, hash->state[i]);
}

/* read_padded - the key, each byte with the pad of this hash */
static void
read_padded(Sha256 *hash, const unsigned char *secret, size_t length, unsigned char pad)
{
	unsigned char block[SHA256_BLOCK];

	for (size_t i = 0; i < SHA256_BLOCK; i++)
		block[i] = (unsigned char) ((i < length ? secret[i] : 0) ^ pad);
	sha256_start(hash);
	sha256_add(hash, block, sizeof(block));
}

/* hmac_key_set - what is the same for all texts */
void
hmac_key_set(HmacKey *key, const void *secret, size_t length)
{
	read_padded(&key->inner, secret, length, 0x36);
	read_padded(&key->outer, secret, length, 0x5c);
}

/* hmac_sha256 - of one text */
void
hmac_sha256(const HmacKey *key, const void *bytes, size_t length, unsigned char mac[SHA256_LENGTH])
{
	Sha256		hash = key->inner;

	sha256_add(&hash, bytes, length);
	sha256_end(&hash, mac);
	hash = key->outer;
	sha256_add(&hash, mac, SHA256_LENGTH);
	sha256_end(&hash, mac);
}
