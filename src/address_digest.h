/*
 * address_digest.h
 *		The digest by which bounce.digest_suppression knows an address.
 */
#ifndef BOUNCE_ADDRESS_DIGEST_H
#define BOUNCE_ADDRESS_DIGEST_H

#include "postgres.h"

/*
 * "sha256:" and the hexadecimal SHA-256 of the canonical address in UTF-8, or NULL
 * when the address has no UTF-8 form in this database's encoding.  Raises nothing
 * for any bytes.
 */
extern text *address_digest(const char *address, size_t length);

#endif
