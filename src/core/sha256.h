/*
 * sha256.h
 *		SHA-256 and its HMAC, of short texts and very many of them.
 */
#ifndef BOUNCE_SHA256_H
#define BOUNCE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_LENGTH 32
#define SHA256_BLOCK 64

typedef struct Sha256
{
	uint32_t	state[8];
	uint64_t	length;			/* bytes added */
	unsigned char block[SHA256_BLOCK];	/* the last of them, not yet in the state */
} Sha256;

extern void sha256_start(Sha256 *hash);
extern void sha256_add(Sha256 *hash, const void *bytes, size_t length);
extern void sha256_end(Sha256 *hash, unsigned char digest[SHA256_LENGTH]);

/* The two hashes of HMAC when they have read the key: each mac begins with a copy. */
typedef struct HmacKey
{
	Sha256		inner;
	Sha256		outer;
} HmacKey;

/* A secret of at most SHA256_BLOCK bytes. */
extern void hmac_key_set(HmacKey *key, const void *secret, size_t length);
extern void hmac_sha256(const HmacKey *key, const void *bytes, size_t length, unsigned char mac[SHA256_LENGTH]);

#endif
