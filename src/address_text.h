/*
 * address_text.h
 *		Canonical addresses in the encoding of the database.
 */
#ifndef BOUNCE_ADDRESS_TEXT_H
#define BOUNCE_ADDRESS_TEXT_H

#include "postgres.h"

#include "address.h"

/*
 * Writes the canonical form of what is written in text (database encoding, no
 * NUL needed) and a NUL; *length is its length, *domain the offset of what stands
 * behind the @.  False when it is no address; never raises for what it says.
 */
extern bool address_normalize_text(const char *text, int len, char out[ADDRESS_TEXT_MAX],
								   size_t *length, size_t *domain);

#endif
