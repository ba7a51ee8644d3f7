/*
 * NAME
 *		letters - UTF-8, entities, and letters without accents
 *
 * SUMMARY
 *		One rule has to read "boîte", "boite", "bo&icirc;te" and the Latin-1 bytes of
 *		the same word.  Here is what makes them one.
 *
 * DESCRIPTION
 *		In: bytes of any kind.  Out: code points, and for letters their spelling in
 *		ASCII.  Invalid UTF-8 (RFC 3629) is read as Windows-1252, byte by byte; what was
 *		read so once too often ("Ã©") is read back.
 *
 * DIAGNOSTICS
 *		None: everything reads as something.
 */
#include "letters.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define LATIN_FIRST 0xC0
#define LATIN_LAST 0x17F
#define ENTITY_MAX 10

static const char latin[LATIN_LAST - LATIN_FIRST + 1][3] = {
#include "latin.def"
};

/* Windows-1252's own part */
static const uint16_t windows_1252[32] = {
	[0x00] = 0x20AC,[0x02] = 0x201A,[0x03] = 0x192,[0x04] = 0x201E,[0x05] = 0x2026,[0x06] = 0x2020,
	[0x07] = 0x2021,[0x08] = 0x2C6,[0x09] = 0x2030,[0x0A] = 0x160,[0x0B] = 0x2039,[0x0C] = 0x152,
	[0x0E] = 0x17D,[0x11] = 0x2018,[0x12] = 0x2019,[0x13] = 0x201C,[0x14] = 0x201D,[0x15] = 0x2022,
	[0x16] = 0x2013,[0x17] = 0x2014,[0x18] = 0x2DC,[0x19] = 0x2122,[0x1A] = 0x161,[0x1B] = 0x203A,
	[0x1C] = 0x153,[0x1E] = 0x17E,[0x1F] = 0x178,
};

/* "&eacute;" is a letter and one of these */
static const char accents[][6] = {"acute", "cedil", "circ", "grave", "ring", "slash", "tilde", "uml"};

static const struct
{
	char		name[7];
	uint16_t	code_point;
}			entities[] = {
	{"amp", '&'}, {"apos", '\''}, {"gt", '>'}, {"lt", '<'}, {"nbsp", 0xA0}, {"quot", '"'},
	{"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201C}, {"rdquo", 0x201D}, {"szlig", 0xDF},
	{"ndash", 0x2013}, {"mdash", 0x2014}, {"hellip", 0x2026}, {"laquo", 0xAB}, {"raquo", 0xBB},
};

/* continuation - the six bits of a UTF-8 continuation byte, or more */
static inline unsigned
continuation(const unsigned char *at, const unsigned char *end)
{
	return at < end ? *at ^ 0x80U : 0x40;
}

/* decode_once - one character; a byte that is not UTF-8 reads as Windows-1252 */
static size_t
decode_once(const unsigned char *at, const unsigned char *end, unsigned *code_point)
{
	unsigned	lead = *at;
	unsigned	a;
	unsigned	b;
	unsigned	c;

	*code_point = lead;
	if (lead < 0x80)
		return 1;
	a = continuation(at + 1, end);
	if (lead >= 0xC2 && lead < 0xE0 && a < 0x40)
	{
		*code_point = (lead & 0x1F) << 6 | a;
		return 2;
	}
	if (lead >= 0xE0 && lead < 0xF5 && a < 0x40)
	{
		b = continuation(at + 2, end);
		if (lead < 0xF0 && b < 0x40 && (lead > 0xE0 || a >= 0x20))
		{
			*code_point = (lead & 0x0F) << 12 | a << 6 | b;
			return 3;
		}
		c = b < 0x40 ? continuation(at + 3, end) : 0x40;
		if (lead >= 0xF0 && c < 0x40)
		{
			*code_point = (lead & 0x07) << 18 | a << 12 | b << 6 | c;
			return 4;
		}
	}
	if (lead < 0xA0)
		*code_point = windows_1252[lead - 0x80];
	return 1;
}

/* windows_byte - the byte with which Windows-1252 or Latin-1 spells a character, 0 if there is none */
static unsigned char
windows_byte(unsigned c)
{
	if (c >= 0x80 && c <= 0xFF)
		return (unsigned char) c;
	for (size_t i = 0; i < COUNT_OF(windows_1252); i++)
	{
		if (windows_1252[i] == c && c != 0)
			return (unsigned char) (0x80 + i);
	}
	return 0;
}

/* is_quotation - a letter with an accent, a blank that does not break and a French quotation mark: no ideograph */
static bool
is_quotation(const unsigned char *bytes)
{
	return bytes[0] >= 0xE0 && bytes[1] == 0xA0 && (bytes[2] == 0xAB || bytes[2] == 0xBB);
}

/*
 * decode_twice - UTF-8 that was once read as Windows-1252 ("Ã©"): the rest of what begins with the
 * byte "lead", spelled at "at".  Returns the length of its source, 0 if it is not that.
 */
static size_t
decode_twice(const unsigned char *at, const unsigned char *end, unsigned char lead, unsigned *code_point)
{
	unsigned char bytes[4] = {lead};
	size_t		wanted = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	size_t		len = 0;
	unsigned	c;

	for (size_t count = 1; count < wanted; count++)
	{
		if (at + len == end)
			return 0;
		len += decode_once(at + len, end, &c);
		bytes[count] = windows_byte(c);
		if (bytes[count] < 0x80 || bytes[count] >= 0xC0)
			return 0;
	}
	if (is_quotation(bytes) || decode_once(bytes, bytes + wanted, &c) != wanted)
		return 0;
	*code_point = c;
	return len;
}

/* utf8_decode - see letters.h */
size_t
utf8_decode(const unsigned char *at, const unsigned char *end, unsigned *code_point)
{
	size_t		len = decode_once(at, end, code_point);

	if (len == 2 && *code_point >= 0xC2 && *code_point < 0xF5)
		len += decode_twice(at + len, end, (unsigned char) *code_point, code_point);
	return len;
}

/* latin_letters - the ASCII spelling of a letter with an accent */
const char *
latin_letters(unsigned code_point)
{
	if (code_point < LATIN_FIRST || code_point > LATIN_LAST || code_point == 0xD7 || code_point == 0xF7)
		return NULL;
	return latin[code_point - LATIN_FIRST];
}

/* russian_letter - its place in the alphabet; yo is ye, as most people write it */
int
russian_letter(unsigned code_point)
{
	if (code_point >= 0x410 && code_point <= 0x42F)
		return (int) (code_point - 0x410);
	if (code_point >= 0x430 && code_point <= 0x44F)
		return (int) (code_point - 0x430);
	if (code_point == 0x401 || code_point == 0x451)
		return 5;
	return -1;
}

/* numeric_entity - "#233" and "#xE9" */
static unsigned
numeric_entity(const char *name, size_t len)
{
	unsigned	base = len > 1 && (name[1] | 0x20) == 'x' ? 16 : 10;
	unsigned	n = 0;

	for (size_t i = base == 16 ? 2 : 1; i < len; i++)
	{
		unsigned	digit = name[i] <= '9' ? (unsigned) name[i] - '0' : ((unsigned) name[i] | 0x20) - 'a' + 10;

		if (digit >= base)
			return 0;
		n = n * base + digit;
	}
	return n > 0x10FFFF ? 0 : n;
}

/* named_entity - "eacute" reads as its letter, "nbsp" as what it is; 0 when unknown */
static unsigned
named_entity(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(entities); i++)
	{
		if (strlen(entities[i].name) == len && memcmp(name, entities[i].name, len) == 0)
			return entities[i].code_point;
	}
	for (size_t i = 0; i < COUNT_OF(accents) && len > 1; i++)
	{
		if (strlen(accents[i]) != len - 1 || memcmp(name + 1, accents[i], len - 1) != 0)
			continue;
		if (strcmp(accents[i], "uml") != 0)
			return (unsigned) name[0];
		switch (name[0] | 0x20)
		{
			case 'a':
				return 0xE4;
			case 'o':
				return 0xF6;
			case 'u':
				return 0xFC;
			default:
				return (unsigned) name[0];
		}
	}
	return 0;
}

/* entity_decode - an HTML entity, semicolon included */
size_t
entity_decode(const unsigned char *at, const unsigned char *end, unsigned *code_point)
{
	const char *name = (const char *) at + 1;
	size_t		room = (size_t) (end - at) - 1;
	size_t		len = 0;

	while (len < room && len < ENTITY_MAX && name[len] != ';' && name[len] != ' ' && name[len] != '&')
		len++;
	if (len == 0 || len == room || name[len] != ';')
		return 0;
	*code_point = name[0] == '#' ? numeric_entity(name, len) : named_entity(name, len);
	return *code_point == 0 ? 0 : len + 2;
}
