/*
 * NAME
 *		character - one character, however it is spelled
 *
 * SUMMARY
 *		A letter may come as UTF-8, as a byte of Windows-1252, as "&eacute;", as
 *		"=C3=A9" or, in a log, as "\u00e9", "\xc3\xa9" or "\303\251".  Here it is
 *		decoded, and it is decided what it is in a word.
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

#define LOST_LETTER_MAX 12		/* U+FFFD in UTF-8 for each byte of UTF-8 */

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

/* digit_value - of a digit up to base 16, in any case; 16 if it is none */
static inline unsigned
digit_value(unsigned char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10U : 16;
}

/* escaped_number - so many digits; -1 if they are not there */
static int
escaped_number(const unsigned char *at, const unsigned char *end, size_t digits, unsigned base)
{
	unsigned	n = 0;

	if ((size_t) (end - at) < digits)
		return -1;
	for (size_t i = 0; i < digits; i++)
	{
		unsigned	digit = digit_value(at[i]);

		if (digit >= base)
			return -1;
		n = n * base + digit;
	}
	return (int) n;
}

/* escaped_byte - "\xc3" or "\303" of a character that is not ASCII; returns the length of its source, 0 if there is none */
static size_t
escaped_byte(const unsigned char *at, const unsigned char *end, unsigned char *byte)
{
	int			n = -1;

	if (end - at < 4 || *at != '\\')
		return 0;
	if (at[1] == 'x')
		n = escaped_number(at + 2, end, 2, 16);
	else if (at[1] == '2' || at[1] == '3')
		n = escaped_number(at + 1, end, 3, 8);
	*byte = (unsigned char) n;
	return n >= 0x80 ? 4 : 0;
}

/* escaped_character - as logs and JSON spell it, the backslash doubled or not; returns the length of its source, 0 if there is none */
size_t
escaped_character(const unsigned char *at, const unsigned char *end, unsigned *c)
{
	unsigned char bytes[4];
	size_t		count = 0;
	size_t		doubled = end - at > 1 && at[1] == '\\';
	int			n = -1;

	at += doubled;
	if (end - at > 1 && at[1] == 'u')
		n = escaped_number(at + 2, end, 4, 16);
	if (n >= 0)
	{
		*c = (unsigned) n;
		return doubled + 6;
	}
	while (count < sizeof(bytes) && escaped_byte(at + 4 * count, end, &bytes[count]) > 0)
		count++;
	return count == 0 ? 0 : doubled + 4 * utf8_decode(bytes, bytes + count, c);
}

/* spelled_character - one that is not plain ASCII; returns the length of its source, 0 if it is */
size_t
spelled_character(const unsigned char *at, const unsigned char *end, unsigned *c)
{
	if (*at >= 0x80)
		return utf8_decode(at, end, c);
	if (*at == '&')
		return entity_decode(at, end, c);
	if (*at == '\\')
		return escaped_character(at, end, c);
	return *at == '=' ? quoted_character(at, end, c) : 0;
}

/* lost_letter - the length of what stands for one, a mark for each of its bytes; 0 if there is none, or too many marks */
size_t
lost_letter(const unsigned char *at, const unsigned char *end)
{
	const unsigned char *mark = at;

	while (mark - at < LOST_LETTER_MAX)
	{
		if (mark < end && *mark == '?')
			mark++;
		else if (end - mark >= 3 && mark[0] == 0xEF && mark[1] == 0xBF && mark[2] == 0xBD)
			mark += 3;
		else
			return (size_t) (mark - at);
	}
	return 0;
}

/* add_character - see character.h */
LetterKind
add_character(Word *w, unsigned c)
{
	const char *latin;
	int			russian;

	c = narrow(c);
	if (c < 0x80)
	{
		if (!is_letter((unsigned char) c) && !is_digit((unsigned char) c))
			return NO_LETTER;
		word_add(w, (unsigned char) (c | 0x20));
		return A_LETTER;
	}
	latin = latin_letters(c);
	if (latin != NULL && *latin != ' ')
	{
		for (; *latin != '\0'; latin++)
			word_add(w, (unsigned char) *latin);
		return A_LETTER;
	}
	russian = russian_letter(c);
	if (is_dropped(c))
		return NO_WIDTH;
	if (russian >= 0)
		word_add(w, (unsigned char) (CYRILLIC_FIRST + russian));
	else if (is_letter_elsewhere(c) && !is_apostrophe(c))
		word_add(w, OTHER_LETTER);
	else
		return NO_LETTER;
	return A_LETTER;
}
