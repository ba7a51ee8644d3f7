/*
 * NAME
 *		response - read a server's answer
 *
 * SUMMARY
 *		Servers fold lines, shout, quote each other, send HTML, quoted-printable
 *		and text without accents.  This reads all of that into one folded text, on
 *		which the rules match, and finds the status code of the server that
 *		answered in the end.
 *
 * DESCRIPTION
 *		In: bytes of any kind.  Out, block by block: the folded text (response.h says
 *		how it is spelled), and the status.  Nothing is allocated, every byte is read
 *		a bounded number of times.
 *
 *		Whose status?  An answer is often quoted by a relay: "550 host mx said: 551
 *		not here".  A code behind a quoting word or mark replaces the one before it;
 *		any other later code only completes it, or is a consequence ("503 need RCPT")
 *		and does not count.
 *
 * DIAGNOSTICS
 *		None: everything reads as something.
 *
 * SEE ALSO
 *		RFC 5321 4.2 (replies and their continuation lines), RFC 2045 6.7
 *		(quoted-printable), RFC 3463
 */
#include "response.h"

#include <string.h>

#include "code_scan.h"
#include "letters.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define CYRILLIC_FIRST 0xC0
#define OTHER_LETTER 0xFF
#define START_BIT 0x20			/* between a symbol inside a word and at its begin */

#define ADDRESS_LOOK 320		/* RFC 5321: 64 + 1 + 254, and a bracket */
#define TAG_LOOK 256
#define MARK_WORD_MAX 10
#define NEXT_TO_MAX 5			/* bytes between two codes that stand together */

/* What a byte needs: its plain symbol, or a thought (values below 0x10). */
typedef enum Thought
{
	THINK_DIGIT = 1,			/* may begin a status code */
	THINK_HYPHEN,
	THINK_APOSTROPHE,
	THINK_AT,
	THINK_LESS,
	THINK_EQUALS,
	THINK_AMPERSAND,
	THINK_BACKSLASH,
	THINK_HIGH,					/* not ASCII */
	THINK_LAST
} Thought;

/*
 * What each byte says.  A symbol below 0x10 is a thought; a letter or digit is there
 * as the first of its word.
 */
#define B ' '
#define D THINK_DIGIT
#define H THINK_HIGH
#define H16 H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H
#define YES START_BIT
#define YES10 YES, YES, YES, YES, YES, YES, YES, YES, YES, YES
#define YES26 YES10, YES10, YES, YES, YES, YES, YES, YES
#define ONE10 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
#define ONE26 ONE10, ONE10, 1, 1, 1, 1, 1, 1

static const struct
{
	unsigned char symbol[256];
	unsigned char in_word[256]; /* letters and digits: START_BIT */
	unsigned char keeps_word[256];	/* those and the dot: START_BIT */
	unsigned char is_seen[256]; /* all but blanks: 1 */
}			bytes = {
	{
		B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
		B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
		/* blank ! " # $ % & ' ( ) * + , - . / */
		B, B, B, '#', '$', '%', THINK_AMPERSAND, THINK_APOSTROPHE,
		'(', ')', B, '+', B, THINK_HYPHEN, '.', '/',
		0x10, 0x11, D, 0x13, D, D, 0x16, 0x17, 0x18, 0x19,
		/* : ; < = > ? @ */
		B, B, THINK_LESS, THINK_EQUALS, B, B, THINK_AT,
		'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M',
		'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
		/* [ \ ] ^ _ ` */
		'[', THINK_BACKSLASH, ']', B, B, THINK_APOSTROPHE,
		'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M',
		'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
		B, B, B, B, B,
		H16, H16, H16, H16, H16, H16, H16, H16
	},
	{['0'] = YES10,['A'] = YES26,['a'] = YES26},
	{['0'] = YES10,['A'] = YES26,['a'] = YES26,['.'] = YES},
	{
		['0'] = ONE10,['A'] = ONE26,['a'] = ONE26,['.'] = 1,['#'] = 1,['$'] = 1,['%'] = 1,
		['('] = 1,[')'] = 1,['+'] = 1,['/'] = 1,['['] = 1,[']'] = 1,
	},
};

const unsigned char symbol_continues[256] = {
	['0'] = ONE10,
	['a'] = ONE26,
	[CYRILLIC_FIRST] = ONE26, 1, 1, 1, 1, 1, 1,
	[OTHER_LETTER] = 1,
};

#undef B
#undef D
#undef H
#undef H16

/* Words behind which a relay quotes the answer that it got ("talk to me: 421"). */
static const char quoting_words[][MARK_WORD_MAX + 1] = {
	"answer", "answered", "got", "lmtp", "me", "replied", "reply", "responded", "response",
	"returned", "returns", "said", "saying", "says", "smtp", "was", "with",
};

/* Markup that separates words; any other "<word>" is text. */
static const char tags[][MARK_WORD_MAX + 1] = {
	"a", "b", "big", "body", "br", "center", "code", "div", "em", "font", "h1", "h2", "h3", "head",
	"hr", "html", "i", "li", "meta", "ol", "p", "pre", "small", "span", "strong", "style", "table",
	"tbody", "td", "th", "title", "tr", "tt", "u", "ul",
};

/* symbol_starts - see response.h */
bool
symbol_starts(unsigned char symbol)
{
	bool		inside = symbol_continues[symbol] && (symbol < CYRILLIC_FIRST || symbol == OTHER_LETTER);

	return !inside && symbol != 0 && (symbol < 0x80 || symbol >= CYRILLIC_FIRST) && symbol != ' ';
}

static inline bool
is_letter(unsigned char c)
{
	return (unsigned char) ((c | 0x20) - 'a') < 26;
}

static inline bool
is_digit(unsigned char c)
{
	return (unsigned char) (c - '0') < 10;
}

static inline bool
is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline unsigned char
last_symbol(const Response *r)
{
	return r->text[r->length - 1];
}

/* put_blank - one blank, whatever was there before */
static void
put_blank(Response *r)
{
	if (last_symbol(r) != ' ')
		r->text[r->length++] = ' ';
	r->word = false;
}

/* put_mark - a symbol that is no letter; a dot between letters keeps them one word */
static void
put_mark(Response *r, unsigned char mark)
{
	r->text[r->length++] = mark;
	r->word = r->word && mark == '.';
}

/* put_letter - a small letter or digit of ASCII */
static void
put_letter(Response *r, unsigned char letter)
{
	r->text[r->length++] = r->word ? letter : letter ^ START_BIT;
	r->word = true;
}

static void
put_letters(Response *r, const char *letters)
{
	for (; *letters != '\0'; letters++)
	{
		if (*letters == ' ')
			put_blank(r);
		else
			put_letter(r, (unsigned char) *letters);
	}
}

/* put_symbol - what a plain byte says */
static void
put_symbol(Response *r, unsigned char symbol)
{
	if (symbol == ' ')
		put_blank(r);
	else if (is_letter(symbol) || is_digit(symbol))
		put_letter(r, symbol);
	else
		put_mark(r, symbol);
}

/* ends_in_letter - is the last symbol a letter of a word (not a digit)? */
static bool
ends_in_letter(const Response *r)
{
	unsigned char last = last_symbol(r);

	return is_letter(last) || last >= CYRILLIC_FIRST;
}

/* word_before - the last word of the folded text, if no more than blanks and "(#[" come after it */
static size_t
word_before(const Response *r, char word[MARK_WORD_MAX + 1])
{
	size_t		end = r->length;
	size_t		begin;

	while (end > 0 && r->length - end < NEXT_TO_MAX && memchr(" (#[", r->text[end - 1], 4) != NULL)
		end--;
	for (begin = end; begin > 0 && end - begin <= MARK_WORD_MAX && is_letter(r->text[begin - 1]);)
		begin--;
	if (end - begin > MARK_WORD_MAX)
		return 0;
	for (size_t i = begin; i < end; i++)
		word[i - begin] = (char) (r->text[i] | START_BIT);
	word[end - begin] = '\0';
	return end - begin;
}

/* quoting_word_before - does "said", "returned", "smtp;" stand directly before? */
static bool
quoting_word_before(const Response *r)
{
	char		word[MARK_WORD_MAX + 1];

	if (word_before(r, word) == 0)
		return false;
	for (size_t i = 0; i < COUNT_OF(quoting_words); i++)
	{
		if (word[0] == quoting_words[i][0] && strcmp(word, quoting_words[i]) == 0)
			return true;
	}
	return false;
}

/*
 * quoted - is the code at r->at another server's answer in this one's text?  By a
 * quotation mark, "<", "->", a colon (a whole reply only), or a quoting word.
 */
static bool
quoted(const Response *r, const StatusCode *code)
{
	const unsigned char *before = r->at;

	if (before > r->start && memchr("'\"<`", before[-1], 4) != NULL)
		return true;
	while (before > r->start && memchr(" \t\r\n#([", before[-1], 7) != NULL)
		before--;
	if (before > r->start && (before[-1] == '<' || (before[-1] == ':' && code->reply != 0)))
		return true;
	if (before - r->start > 1 && before[-1] == '>' && before[-2] == '-')
		return true;
	return quoting_word_before(r);
}

/* stands_with_last - "550 554 5.7.0": the second code of two that stand together is the inner one */
static bool
stands_with_last(const Response *r)
{
	return r->code_end != NULL && r->at >= r->code_end && r->at - r->code_end <= NEXT_TO_MAX;
}

/* complete_code - take from a later code what is still missing, if they speak of the same thing */
static void
complete_code(Response *r, const StatusCode *code)
{
	if (r->code.klass == 0 && code->klass != 0 && (code->reply == 0 || code->reply == r->code.reply))
	{
		r->code.klass = code->klass;
		r->code.subject = code->subject;
		r->code.detail = code->detail;
	}
	else if (r->code.reply == 0 && code->reply / 100 == r->code.klass
			 && (code->klass == 0 || (code->subject == r->code.subject && code->detail == r->code.detail)))
		r->code.reply = code->reply;
}

/* replace_code - an inner answer; an enhanced code alone keeps the reply code it belongs to */
static void
replace_code(Response *r, const StatusCode *code)
{
	int			reply = r->code.reply;

	if (code->klass == 0 && code->reply == reply)
		return;
	r->code = *code;
	if (code->reply == 0 && reply / 100 == code->klass)
		r->code.reply = reply;
	r->answer = r->offset + r->length;
}

/* code_class - the first digit; the reply code is the server's own */
static int
code_class(const StatusCode *code)
{
	return code->reply != 0 ? code->reply / 100 : code->klass;
}

/* note_code - decide what a code found at r->at means for the whole; a failure stands against a success */
static void
note_code(Response *r, const StatusCode *code)
{
	bool		first = r->code.reply == 0 && r->code.klass == 0;

	if (!first && code_class(code) == 2)
		return;
	if ((first && r->offset + r->length == 1) || code_class(&r->code) == 2)
		r->code = *code;
	else if (quoted(r, code) || (!first && stands_with_last(r)))
		replace_code(r, code);
	else if (first)
		r->code = *code;
	else
		complete_code(r, code);
}

/* read_code - a status code is noted and left out of the folded text */
static bool
read_code(Response *r)
{
	StatusCode	code;
	const unsigned char *after;

	if (r->word || r->literal)
		return false;
	after = code_scan(r->start, r->at, r->end, &code);
	if (after == NULL)
		return false;
	note_code(r, &code);
	r->code_end = r->at = after;
	if (r->at < r->end && *r->at == '-')
		r->at++;
	put_blank(r);
	return true;
}

/* read_digit - a status code, or the rest of some other number */
static void
read_digit(Response *r)
{
	const unsigned char *stop = r->end - r->at > RESPONSE_ROOM / 2 ? r->at + RESPONSE_ROOM / 2 : r->end;

	if (read_code(r))
		return;
	do
	{
		if (*r->at == '.')
			put_mark(r, '.');
		else
			put_letter(r, *r->at);
		r->at++;
	} while (r->at < stop && (is_digit(*r->at) || *r->at == '.'));
}

/* letter_at - is there a letter, of any alphabet? */
static bool
letter_at(const Response *r, const unsigned char *at)
{
	return at < r->end && (is_letter(*at) || *at >= 0xC3);
}

/* skip_folding - over a line end and the blanks of the next line; at itself if there is no line end */
static const unsigned char *
skip_folding(const Response *r, const unsigned char *at)
{
	const unsigned char *line = at;

	if (line < r->end && *line == '\r')
		line++;
	if (line == r->end || *line != '\n')
		return at;
	while (line < r->end && is_space(*line) && line - at < TAG_LOOK)
		line++;
	return line;
}

/* read_hyphen - "e-mail" is "email", also at the end of a line; elsewhere it is a mark */
static void
read_hyphen(Response *r)
{
	const unsigned char *after = skip_folding(r, r->at + 1);

	r->at++;
	if (r->word && ends_in_letter(r) && letter_at(r, after))
		r->at = after;
	else
		put_mark(r, '-');
}

/* read_apostrophe - "doesn't" is "doesnt"; elsewhere it is a quotation mark */
static void
read_apostrophe(Response *r)
{
	r->at++;
	if (!(r->word && ends_in_letter(r) && letter_at(r, r->at)))
		put_blank(r);
}

/* read_address - replace the local part, already folded, and the domain by one @ */
static void
read_address(Response *r)
{
	size_t		begin = r->length;

	while (begin > 1 && r->length - begin < 64
		   && (symbol_continues[r->text[begin - 1]] || is_letter(r->text[begin - 1])
			   || is_digit(r->text[begin - 1] ^ START_BIT) || memchr(".+-&", r->text[begin - 1], 4) != NULL))
		begin--;
	r->at++;
	if (!r->literal && begin < r->length)
	{
		r->length = begin;
		while (r->at < r->end && (is_letter(*r->at) || is_digit(*r->at) || *r->at >= 0x80
								  || ((*r->at == '.' || *r->at == '-') && r->end - r->at > 1
									  && (is_letter(r->at[1]) || is_digit(r->at[1])))))
			r->at++;
	}
	put_mark(r, '@');
}

/* find_greater - the ">" that ends what begins at at, with no other "<" between; NULL if too far */
static const unsigned char *
find_greater(const Response *r, const unsigned char *at, int look)
{
	for (; at < r->end && look > 0; at++, look--)
	{
		if (*at == '>')
			return at;
		if (*at == '<')
			return NULL;
	}
	return NULL;
}

/* is_tag - "<br>", "</p>", "<a href=...>" */
static bool
is_tag(const Response *r, const unsigned char *at)
{
	char		name[MARK_WORD_MAX + 1];
	size_t		len = 0;

	if (at < r->end && *at == '/')
		at++;
	while (at < r->end && len < MARK_WORD_MAX && (is_letter(*at) || (len > 0 && is_digit(*at))))
		name[len++] = (char) (*at++ | START_BIT);
	if (at == r->end || (*at != '>' && *at != '/' && !is_space(*at)))
		return false;
	name[len] = '\0';
	for (size_t i = 0; i < COUNT_OF(tags); i++)
	{
		if (name[0] == tags[i][0] && strcmp(name, tags[i]) == 0)
			return true;
	}
	return false;
}

/* read_less - an address in angle brackets, a tag, or just a bracket */
static void
read_less(Response *r)
{
	const unsigned char *greater;

	r->at++;
	put_blank(r);
	if (r->literal)
		return;
	if (is_tag(r, r->at))
	{
		greater = find_greater(r, r->at, TAG_LOOK);
		if (greater != NULL)
			r->at = greater + 1;
		return;
	}
	greater = find_greater(r, r->at, ADDRESS_LOOK);
	if (greater == NULL || memchr(r->at, '@', (size_t) (greater - r->at)) == NULL)
		return;
	if (memchr(r->at, ' ', (size_t) (greater - r->at)) != NULL)
		return;
	put_mark(r, '@');
	r->at = greater + 1;
}

static void put_code_point(Response *r, unsigned code_point);

/* hex_pair - the byte that "3D" spells, in capitals as RFC 2045 wants; -1 if it does not */
static int
hex_pair(const unsigned char *at, const unsigned char *end)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *high;
	const char *low;

	if (end - at < 2 || at[0] == '\0' || at[1] == '\0')
		return -1;
	high = strchr(digits, at[0]);
	low = strchr(digits, at[1]);
	return high == NULL || low == NULL ? -1 : (int) ((high - digits) << 4 | (low - digits));
}

/* read_quoted_bytes - "=C3=A9": the bytes of one character */
static void
read_quoted_bytes(Response *r)
{
	unsigned char bytes[4];
	size_t		count = 0;
	size_t		used;
	unsigned	code_point;
	const unsigned char *at = r->at;

	while (count < sizeof(bytes) && at < r->end && *at == '=' && hex_pair(at + 1, r->end) >= 0x80)
	{
		bytes[count++] = (unsigned char) hex_pair(at + 1, r->end);
		at += 3;
	}
	used = utf8_decode(bytes, bytes + count, &code_point);
	r->at += 3 * used;
	put_code_point(r, code_point);
}

/* read_equals - what is left of quoted-printable, else the sign itself */
static void
read_equals(Response *r)
{
	const unsigned char *after = r->at + 1;
	const unsigned char *line = after;
	int			byte = hex_pair(after, r->end);

	if (line < r->end && *line == '\r')
		line++;
	if (line < r->end && *line == '\n')
	{
		r->at = line + 1;		/* a soft line break */
		return;
	}
	if (byte >= 0x80)
	{
		read_quoted_bytes(r);
		return;
	}
	r->at++;
	if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n')
	{
		r->at += 2;
		put_blank(r);
		return;
	}
	if (byte == '=')
		r->at += 2;
	put_mark(r, '=');
}

/* read_ampersand - an entity, else the sign itself */
static void
read_ampersand(Response *r)
{
	unsigned	code_point = 0;
	size_t		len = entity_decode(r->at, r->end, &code_point);

	if (len == 0)
	{
		r->at++;
		put_mark(r, '&');
		return;
	}
	r->at += len;
	put_code_point(r, code_point);
}

/* read_backslash - "\r\n" as a log spells it */
static void
read_backslash(Response *r)
{
	r->at++;
	if (r->at < r->end && memchr("rnt", *r->at, 3) != NULL)
		r->at++;
	put_blank(r);
}

/* put_ascii - a character that reached us as a code point */
static void
put_ascii(Response *r, unsigned char c)
{
	unsigned char symbol = bytes.symbol[c] ^ bytes.in_word[c];

	if (bytes.symbol[c] == THINK_DIGIT)
		symbol = c;
	else if (bytes.symbol[c] < THINK_LAST)
		symbol = c == '-' || c == '@' || c == '=' || c == '&' ? c : ' ';
	if (!(c == '\'' && ends_in_letter(r)))
		put_symbol(r, symbol);
}

/* is_dropped - marks that stand on a letter, and characters without a width */
static bool
is_dropped(unsigned c)
{
	return (c >= 0x300 && c <= 0x36F) || c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF;
}

/* is_ideographic - scripts that do not separate words */
static bool
is_ideographic(unsigned c)
{
	return (c >= 0x2E80 && c <= 0x9FFF && (c < 0x3000 || c > 0x3020) && c != 0x30FB)
		|| (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF66 && c <= 0xFF9F);
}

/* is_letter_elsewhere - letters of scripts that no rule is written in */
static bool
is_letter_elsewhere(unsigned c)
{
	return (c >= 0x180 && c < 0x2000) || (c >= 0xA000 && c < 0xE000);
}

/* put_ideograph - in UTF-8, however it reached us */
static void
put_ideograph(Response *r, unsigned c)
{
	r->text[r->length++] = (unsigned char) (0xE0 | c >> 12);
	r->text[r->length++] = (unsigned char) (0x80 | (c >> 6 & 0x3F));
	r->text[r->length++] = (unsigned char) (0x80 | (c & 0x3F));
	r->word = false;
}

/* put_code_point - a character that is not ASCII */
static void
put_code_point(Response *r, unsigned c)
{
	const char *letters = latin_letters(c);
	int			russian = russian_letter(c);

	if (c < 0x80)
		put_ascii(r, (unsigned char) c);
	else if (c >= 0xFF01 && c <= 0xFF5E)
		put_ascii(r, (unsigned char) (c - 0xFEE0));
	else if (letters != NULL)
		put_letters(r, letters);
	else if (russian >= 0)
	{
		r->text[r->length++] = (unsigned char) (CYRILLIC_FIRST + russian);
		r->word = true;
	}
	else if (is_ideographic(c))
		put_ideograph(r, c);
	else if (c >= 0x2010 && c <= 0x2015)
		put_mark(r, '-');
	else if (is_letter_elsewhere(c) && !is_dropped(c))
	{
		r->text[r->length++] = OTHER_LETTER;
		r->word = true;
	}
	else if (!is_dropped(c))
		put_blank(r);
}

/* wide_code - a status code in full-width digits; the length of its source, or 0 */
static bool
read_wide_code(Response *r)
{
	unsigned char narrow[24];
	size_t		ends[24];
	size_t		count = 0;
	const unsigned char *at = r->at;
	const unsigned char *after;
	StatusCode	code;

	while (count < sizeof(narrow) && at < r->end)
	{
		unsigned	c;
		size_t		len = utf8_decode(at, r->end, &c);

		if (c == 0x3000)
			c = ' ';
		else if (c >= 0xFF01 && c <= 0xFF5E)
			c -= 0xFEE0;
		at += len;
		narrow[count] = c < 0x80 ? (unsigned char) c : ' ';
		ends[count++] = (size_t) (at - r->at);
	}
	after = code_scan(narrow, narrow, narrow + count, &code);
	if (after == NULL)
		return false;
	note_code(r, &code);
	r->at += ends[after - narrow - 1];
	r->code_end = r->at;
	put_blank(r);
	return true;
}

/* read_high - a character that is not ASCII */
static void
read_high(Response *r)
{
	unsigned	c;
	const unsigned char *raw = r->at;
	size_t		len = utf8_decode(raw, r->end, &c);

	if (c >= 0xFF10 && c <= 0xFF19 && !r->word && !r->literal && read_wide_code(r))
		return;
	r->at += len;
	if (c == 0x2018 || c == 0x2019 || c == 0x201B || c == 0xB4 || c == 0x2BC)
	{
		if (!(r->word && ends_in_letter(r) && letter_at(r, r->at)))
			put_blank(r);
	}
	else
		put_code_point(r, c);
}

/* think - a byte whose meaning depends on what is around it */
static void
think(Response *r, Thought thought)
{
	static void (*const readers[]) (Response *) = {
		[THINK_DIGIT] = read_digit,
		[THINK_HYPHEN] = read_hyphen,
		[THINK_APOSTROPHE] = read_apostrophe,
		[THINK_AT] = read_address,
		[THINK_LESS] = read_less,
		[THINK_EQUALS] = read_equals,
		[THINK_AMPERSAND] = read_ampersand,
		[THINK_BACKSLASH] = read_backslash,
		[THINK_HIGH] = read_high,
	};

	readers[thought] (r);
}

/* read_span - up to limit symbols of the span */
static void
read_span(Response *r, size_t limit)
{
	while (r->at < r->end && r->length < limit)
	{
		const unsigned char *at = r->at;
		unsigned char *out = r->text + r->length;
		const unsigned char *stop = r->end - at > (ptrdiff_t) (limit - r->length) ? at + (limit - r->length) : r->end;
		unsigned	seen = out[-1] != ' ';
		unsigned	word = r->word ? START_BIT : 0;
		unsigned	symbol = 0;

		/* the plain bytes, without a branch for what they are */
		for (; at < stop; at++)
		{
			unsigned char byte = *at;

			symbol = bytes.symbol[byte];
			if (symbol < THINK_LAST)
				break;
			*out = (unsigned char) (symbol ^ (word & bytes.in_word[byte]));
			word = (word | bytes.in_word[byte]) & bytes.keeps_word[byte];
			out += seen | bytes.is_seen[byte];
			seen = bytes.is_seen[byte];
		}
		r->at = at;
		r->length = (size_t) (out - r->text);
		r->word = word != 0;
		if (at < stop)
			think(r, (Thought) symbol);
	}
}

/* response_open - begin with a text */
void
response_open(Response *r, const char *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *) text;

	r->start = r->at = bytes;
	r->end = bytes + len;
	r->next = r->next_end = NULL;
	if (len > RESPONSE_HEAD_MAX + RESPONSE_TAIL_MAX)
	{
		r->next = r->end - RESPONSE_TAIL_MAX;
		r->next_end = r->end;
		r->end = bytes + RESPONSE_HEAD_MAX;
	}
	r->code_end = NULL;
	r->code = (StatusCode) {0};
	r->answer = 0;
	r->offset = 0;
	r->word = r->literal = false;
	r->text[0] = ' ';
	r->length = 1;
}

/* response_at_end - is everything read? */
bool
response_at_end(const Response *r)
{
	return r->at == r->end && r->next == NULL;
}

/* response_read - the next block */
bool
response_read(Response *r, size_t *carried)
{
	if (response_at_end(r))
		return false;
	if (r->length > RESPONSE_CARRY)
	{
		r->offset += r->length - RESPONSE_CARRY;
		memmove(r->text, r->text + r->length - RESPONSE_CARRY, RESPONSE_CARRY);
		r->length = RESPONSE_CARRY;
	}
	*carried = r->length;
	read_span(r, RESPONSE_CARRY + RESPONSE_BLOCK);
	if (r->at == r->end && r->next != NULL)
	{
		r->start = r->at = r->next;
		r->end = r->next_end;
		r->next = NULL;
		r->code_end = NULL;
		put_blank(r);
	}
	r->text[r->length] = '\0';
	return true;
}

/* response_status - both codes if they agree; else the one that promises another try */
SmtpStatus
response_status(const Response *r)
{
	const StatusCode *code = &r->code;
	int			reply_class = code->reply / 100;

	if (code->klass == 0)
		return code->reply == 0 ? SMTP_STATUS_NONE : smtp_status_make(code->reply, reply_class, -1, 0);
	if (code->reply == 0 || reply_class == code->klass)
		return smtp_status_make(code->reply, code->klass, code->subject, code->detail);
	if (reply_class == 4 || code->klass == 2)
		return smtp_status_make(code->reply, reply_class, -1, 0);
	return smtp_status_make(0, code->klass, code->subject, code->detail);
}

/* response_fold - fold a literal of a rule */
size_t
response_fold(const char *text, size_t len, unsigned char *out, size_t size)
{
	Response	r;
	size_t		carried;
	size_t		folded;

	response_open(&r, text, len);
	r.literal = true;
	r.word = len > 0 && *text == '.';	/* ".example.com" goes on after a host */
	if (len > RESPONSE_BLOCK / 2 || !response_read(&r, &carried))
		return 0;
	folded = r.length - carried;
	if (folded > 0 && last_symbol(&r) == ' ')
		folded--;
	if (folded > size)
		return 0;
	memcpy(out, r.text + carried, folded);
	return folded;
}
