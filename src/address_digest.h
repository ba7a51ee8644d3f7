/*
 * address_digest.h
 *		The digests by which bounce.digest_suppression knows an address.
 */
#ifndef BOUNCE_ADDRESS_DIGEST_H
#define BOUNCE_ADDRESS_DIGEST_H

#include "postgres.h"

#include <nettle/sha2.h>

typedef enum DigestKind
{
	DIGEST_PLAIN,				/* sha256: anybody can compute it, and so try out addresses */
	DIGEST_KEYED				/* hmac-sha256: only this database and its copies can */
} DigestKind;

#define DIGEST_KINDS (DIGEST_KEYED + 1)

/*
 * "sha256:" or "hmac-sha256:" and the hexadecimal digest of the canonical address in
 * UTF-8.  NULL when the address has no UTF-8 form in this database's encoding, or
 * there is no key.  Raises nothing for any bytes.
 */
extern text *address_digest(DigestKind kind, const char *address, size_t length);

#define DIGEST_TEXT_MAX (sizeof("hmac-sha256:") + 2 * SHA256_DIGEST_SIZE)

/* The same in digest, without a NUL; returns its length, 0 where there is none. */
extern size_t address_digest_text(DigestKind kind, const char *address, size_t length, char digest[DIGEST_TEXT_MAX]);

/* Is it one of this kind, going by its prefix? */
extern bool is_digest_of_kind(const text *digest, DigestKind kind);

/* Both, as far as there are any, as text[]. */
extern Datum address_digests(const char *address);

#endif
