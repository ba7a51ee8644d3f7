/*
 * address_plain.h
 *		Is this text a canonical address already, in plain ASCII?
 *
 * Nearly every address in a table is.  Then nothing needs to be read by the whole
 * grammar (address.h), and nothing copied.
 */
#ifndef BOUNCE_ADDRESS_PLAIN_H
#define BOUNCE_ADDRESS_PLAIN_H

#include <stddef.h>

/*
 * The offset of what stands behind the @ when address_normalize() would give this
 * very text; 0 when it would not, or when that takes a longer look.
 */
extern size_t address_plain(const char *text, size_t len);

#endif
