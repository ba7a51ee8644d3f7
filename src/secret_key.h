/*
 * secret_key.h
 *		Keys that nobody reads: they seal tokens, and hide forgotten addresses.
 */
#ifndef BOUNCE_SECRET_KEY_H
#define BOUNCE_SECRET_KEY_H

#include "postgres.h"

#include "datatype/timestamp.h"


/* As in bounce.secret_key.purpose */
typedef enum SecretPurpose
{
	SECRET_TOKEN,
	SECRET_DIGEST
} SecretPurpose;

#define SECRET_MAC_LENGTH 32	/* HMAC-SHA-256 */

typedef struct SecretKey SecretKey;

/*
 * The newest key for this purpose, or NULL; good until the next call.  Under no
 * snapshot of the caller's: a change holds from the next statement on, everywhere.
 */
extern const SecretKey *secret_key_newest(SecretPurpose purpose);

/* The same, made by this transaction where there is none; 25006 where it cannot write. */
extern const SecretKey *secret_key_made(SecretPurpose purpose);

/* The key of this number, unless it was retired at that time; or NULL. */
extern const SecretKey *secret_key_numbered(SecretPurpose purpose, int32 number, TimestampTz at);

extern int32 secret_key_number(const SecretKey *key);

extern void secret_key_mac(const SecretKey *key, const void *bytes, size_t length, uint8 mac[SECRET_MAC_LENGTH]);

/* The beginning of the macs of very many texts: HMAC-SHA-256 that has read the secret.  To be copied; good as long as the key. */
extern const struct hmac_sha256_ctx *secret_key_hmac(const SecretKey *key);

#endif
