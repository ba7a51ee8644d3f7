/*
 * address_chars.h
 *		The characters of an address: which may stand where, byte by byte and in UTF-8.
 */
#ifndef BOUNCE_ADDRESS_CHARS_H
#define BOUNCE_ADDRESS_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum AddressChar
{
	CHAR_OTHER,					/* blanks, controls, specials */
	CHAR_LOCAL,					/* in a local part without quotes (atext and the dot) */
	CHAR_BOTH					/* there, and in a domain's label */
} AddressChar;

/* What each of the 128 ASCII characters is. */
extern const unsigned char ascii_address_char[128];

static inline AddressChar
address_char(char c)
{
	unsigned char byte = (unsigned char) c;

	return byte < 128 ? (AddressChar) ascii_address_char[byte] : CHAR_OTHER;
}

static inline bool
is_ascii(char c)
{
	return (unsigned char) c < 128;
}

static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
}

/*
 * Length of the UTF-8 character at text, and the character; 0 when the bytes are
 * no such character (RFC 3629: shortest form, no surrogates, up to U+10FFFF).
 */
extern size_t utf8_char(const char *text, const char *end, uint32_t *character);

/* Blanks, controls and marks without a shape, ASCII's included: what copying drags along. */
extern bool is_invisible(uint32_t character);

#endif
