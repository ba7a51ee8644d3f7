/*
 * NAME
 *		address_chars - the characters of an address
 *
 * SUMMARY
 *		Tables of what may stand in a local part and in a domain, and the reader
 *		for what lies beyond ASCII.
 *
 * IN AND OUT
 *		Bytes of any kind; nothing is written.
 *
 * SOURCE
 *		RFC 5321 4.1.2 and RFC 5322 3.2.3 (atext), RFC 1123 2.1 (labels; with the
 *		underscore that real domains have), RFC 6531 3.3, RFC 3629.
 */
#include "address_chars.h"

#define O CHAR_OTHER
#define L CHAR_LOCAL
#define B CHAR_BOTH

const unsigned char ascii_address_char[128] = {
	/* control characters */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
	/*   ! " # $ % & ' ( ) * + , - . / */
	O, L, O, L, L, L, L, L, O, O, L, L, O, B, L, L,
	/* 0 1 2 3 4 5 6 7 8 9 : ; < = > ? */
	B, B, B, B, B, B, B, B, B, B, O, O, O, L, O, L,
	/* @ A B C D E F G H I J K L M N O */
	O, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
	/* P Q R S T U V W X Y Z [ \ ] ^ _ */
	B, B, B, B, B, B, B, B, B, B, B, O, O, O, L, B,
	/* ` a b c d e f g h i j k l m n o */
	L, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
	/* p q r s t u v w x y z { | } ~ DEL */
	B, B, B, B, B, B, B, B, B, B, B, L, L, L, L, O,
};

#undef O
#undef L
#undef B

/* utf8_char - one character, if the bytes are one */
size_t
utf8_char(const char *text, const char *end, uint32_t *character)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first;
	size_t		length;
	uint32_t	c;

	if (text == end)
		return 0;
	first = (unsigned char) *text;
	length = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : 0;
	if (length == 0 || (size_t) (end - text) < length)
		return 0;

	c = length == 1 ? first : first & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++)
	{
		if (((unsigned char) text[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | ((unsigned char) text[i] & 0x3F);
	}
	if (c < smallest[length] || (c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF)
		return 0;
	*character = c;
	return length;
}

/* is_invisible - blanks, controls, marks without a shape, and no characters at all */
bool
is_invisible(uint32_t character)
{
	/* the joiners U+200C and U+200D belong to words of several scripts */
	static const struct
	{
		uint32_t	first;
		uint32_t	last;
	}			ranges[] = {
		{0x0000, 0x0020}, {0x007F, 0x00A0}, {0x00AD, 0x00AD}, {0x1680, 0x1680},
		{0x2000, 0x200B}, {0x200E, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x206F},
		{0x3000, 0x3000}, {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFF},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
	{
		if (character <= ranges[i].last)
			return character >= ranges[i].first;
	}
	return false;
}
