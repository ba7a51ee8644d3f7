/*
 * address.h
 *		Mail addresses (RFC 5321 Mailbox, RFC 6531 for UTF-8) in one canonical spelling.
 *
 * Canonical: angle brackets, display name, mailto: and surrounding blanks off;
 * ASCII letters in lower case; domain as A-labels, without the final dot; a quoted
 * local part that needs no quotes without them.  A canonical address read again
 * gives itself.
 */
#ifndef BOUNCE_ADDRESS_H
#define BOUNCE_ADDRESS_H

#include <stddef.h>

/* local part 64, @, domain 255 (RFC 5321 4.5.3.1), and a NUL */
#define ADDRESS_TEXT_MAX 321

/* both together, from the 256 of a path in its angle brackets */
#define ADDRESS_LENGTH_MAX 254

/* what is read at all, display name included */
#define ADDRESS_INPUT_MAX 4096

typedef enum AddressError
{
	ADDRESS_OK = 0,
	ADDRESS_EMPTY,
	ADDRESS_NO_AT,
	ADDRESS_LOCAL_PART,			/* empty, over 64 bytes, or malformed */
	ADDRESS_DOMAIN,				/* empty, over 255 bytes, malformed, or no A-label form */
	ADDRESS_TOO_LONG,			/* over one of the limits above */
	ADDRESS_SEVERAL,			/* a list of addresses */
	ADDRESS_BRACKETS			/* angle brackets that do not pair */
} AddressError;

/*
 * Converts a UTF-8 domain to A-labels (RFC 5890): writes at most 255 bytes and a
 * NUL, returns the length, or 0 when there is no such form.  The glue gives one
 * that calls libidn2; it is called only for domains that are not ASCII.
 */
typedef size_t (*DomainToAscii) (const char *domain, size_t len, char out[256]);

/* Writes the canonical address and a NUL, sets *length; *domain is the offset after the @. */
extern AddressError address_normalize(const char *text, size_t len, DomainToAscii to_ascii,
									  char out[ADDRESS_TEXT_MAX], size_t *length, size_t *domain);

/* A sentence for people, lower case, no full stop. */
extern const char *address_error_text(AddressError error);

#endif
