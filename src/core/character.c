/*
 * NAME
 *		character - one character, however it is spelled
 *
 * SUMMARY
 *		A letter may come as UTF-8, as a byte of Windows-1252, as "&eacute;" or as
 *		"=C3=A9".  Here it is decoded, and it is decided what it is in a word.
 *
 * DESCRIPTION
 *		In: bytes of any kind, code points.  Out: code points, letters added to a word.
 *
 * DIAGNOSTICS
 *		None: everything reads as something.
 *
 * SEE ALSO
 *		RFC 2045 6.7 (quoted-printable)
 */
#include "character.h"

#include "letters.h"

/* is_letter_elsewhere - letters of scripts that no rule is written in */
static bool
is_letter_elsewhere(unsigned c)
{
	return (c >= 0x180 && c < 0x2000) || (c >= 0xA000 && c < 0xE000 && !is_ideographic(c));
}

static inline int
hex_digit(unsigned char c)
{
	if (is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* hex_pair - the byte that "3D" spells, in capitals as RFC 2045 wants; -1 if it does not */
int
hex_pair(const unsigned char *at, const unsigned char *end)
{
	if (end - at < 2 || hex_digit(at[0]) < 0 || hex_digit(at[1]) < 0)
		return -1;
	return hex_digit(at[0]) << 4 | hex_digit(at[1]);
}

/* quoted_character - "=C3=A9": one character; returns the length of its source, 0 if there is none */
size_t
quoted_character(const unsigned char *at, const unsigned char *end, unsigned *c)
{
	unsigned char bytes[4];
	size_t		count = 0;

	while (count < sizeof(bytes) && at < end && *at == '=' && hex_pair(at + 1, end) >= 0x80)
	{
		bytes[count++] = (unsigned char) hex_pair(at + 1, end);
		at += 3;
	}
	return count == 0 ? 0 : 3 * utf8_decode(bytes, bytes + count, c);
}

/* spelled_character - one that is not plain ASCII; returns the length of its source, 0 if it is */
size_t
spelled_character(const unsigned char *at, const unsigned char *end, unsigned *c)
{
	if (*at >= 0x80)
		return utf8_decode(at, end, c);
	if (*at == '&')
		return entity_decode(at, end, c);
	return *at == '=' ? quoted_character(at, end, c) : 0;
}

/* add_character - see character.h */
LetterKind
add_character(Word *w, unsigned c)
{
	const char *latin = latin_letters(c);
	int			russian = russian_letter(c);

	c = narrow(c);
	if (c < 0x80)
	{
		if (!is_letter((unsigned char) c) && !is_digit((unsigned char) c))
			return NO_LETTER;
		word_add(w, (unsigned char) (c | 0x20));
	}
	else if (is_dropped(c))
		return NO_WIDTH;
	else if (latin != NULL && *latin != ' ')
	{
		for (; *latin != '\0'; latin++)
			word_add(w, (unsigned char) *latin);
	}
	else if (russian >= 0)
		word_add(w, (unsigned char) (CYRILLIC_FIRST + russian));
	else if (is_letter_elsewhere(c) && !is_apostrophe(c))
		word_add(w, OTHER_LETTER);
	else
		return NO_LETTER;
	return A_LETTER;
}
