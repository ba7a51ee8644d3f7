/*
 * NAME
 *		response - read a server's answer
 *
 * SUMMARY
 *		Servers fold lines, shout, quote each other, send HTML, quoted-printable
 *		and text without accents.  This reads all of that into one sequence of words, on
 *		which the rules match, and finds the status codes in it.
 *
 * DESCRIPTION
 *		In: bytes of any kind.  Out, block by block: tokens (response.h says what they
 *		are), and the status of the server that answered in the end (status_note.c).
 *		Nothing is allocated, every byte is read a bounded number of times.
 *
 * DIAGNOSTICS
 *		None: everything reads as something.
 *
 * SEE ALSO
 *		RFC 5321 4.2 (replies and their continuation lines), RFC 2045 6.7
 *		(quoted-printable)
 */
#include "response.h"

#include <string.h>

#include "byte_class.h"
#include "character.h"
#include "code_scan.h"
#include "letters.h"
#include "markup.h"
#include "status_note.h"
#include "view.h"
#include "window.h"
#include "word.h"

#define ADDRESS_LOOK 320		/* RFC 5321: 64 + 1 + 254, and a bracket */
#define STAGE_LOOK 8			/* behind what a relay closes its log with */
#define FOLDING_LOOK 256
#define FIRST_OF_IDEOGRAPHIC 0xE3	/* the UTF-8 of kana, ideographs, hangul and their punctuation begins with this or more */
#define PARAMETER_LOOK 24
#define LOST_LETTER 0xFFFD		/* what decoders write for what they cannot read */

static void
put_token(Response *r, Token token)
{
	r->token[r->length++] = token;
}

/* put_blank - nothing to see, but here ends what was */
static void
put_blank(Response *r)
{
	r->word = false;
	r->run = r->length;
}

/* put_sign - a sign of its own */
static void
put_sign(Response *r, unsigned char sign)
{
	put_token(r, (Token) {SIGN(sign), SIGN(sign)});
	r->word = false;
	if (byte_class[sign] != IS_PLUS && byte_class[sign] != IS_HYPHEN && sign != '.')
		r->run = r->length;
}

static void
put_word(Response *r, const Word *w)
{
	put_token(r, word_token(w));
	r->word = true;
}

/* skip_repeated_code - the "550-5.1.1 " with which each line of a reply begins */
static const unsigned char *
skip_repeated_code(const Response *r, const unsigned char *line)
{
	StatusCode	code;
	const unsigned char *after = code_scan(r->start, line, r->end, &code);

	if (after == NULL || code.reply == 0 || code.reply != r->code.reply)
		return line;
	while (after < r->end && (*after == '-' || *after == ' '))
		after++;
	return after;
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
	while (line < r->end && is_blank(*line) && line - at < FOLDING_LOOK)
		line++;
	return skip_repeated_code(r, line);
}

/* soft_break - behind a soft line break of quoted-printable, or NULL if there is none */
static const unsigned char *
soft_break(const Response *r, const unsigned char *at)
{
	if (at == r->end || *at != '=')
		return NULL;
	at++;
	if (at < r->end && *at == '\r')
		at++;
	return at < r->end && *at == '\n' ? at + 1 : NULL;
}

/* letter_at - is there a letter, of any alphabet? */
static bool
letter_at(const Response *r, const unsigned char *at)
{
	return at < r->end && (is_letter(*at) || *at >= 0xC3);
}

/* is_article - is the letter before an apostrophe an article or "of" of its own ("l'adresse", "dell'utente")? */
static bool
is_article(const Response *r, const unsigned char *apostrophe)
{
	unsigned char last = apostrophe[-1] | 0x20;
	unsigned char before = apostrophe - r->start > 1 ? apostrophe[-2] : ' ';

	if (last == 'l' && (before | 0x20) == 'l')
		return true;
	if (before == 0xA0 && apostrophe - r->start > 2 && apostrophe[-3] == 0xC2)
		before = ' ';			/* U+00A0 */
	return (last == 'l' || last == 'd') && byte_class[before] != IS_HIGH && !is_alphanumeric(before);
}

/*
 * after_joiner - a hyphen or an apostrophe between letters is no part of the word, and
 * does not end it ("e-mail", "doesn't", also at the end of a line).  Returns where the
 * word goes on, or NULL.  The character has len bytes of source.
 */
static const unsigned char *
after_joiner(const Response *r, unsigned c, size_t len)
{
	const unsigned char *at = r->at;
	bool		behind_letter = is_letter(at[-1]) || at[-1] >= 0x80 || at[-1] == ';';

	if (is_hyphen(c))
		at = skip_folding(r, at + len);
	else if (is_apostrophe(c) && !is_article(r, at))
		at += len;
	else
		return NULL;
	return behind_letter && letter_at(r, at) ? at : NULL;
}

/* names_parameter - does "name=" follow, as in "page?name=value"? */
static bool
names_parameter(const Response *r, const unsigned char *at)
{
	const unsigned char *name = at;

	while (name < r->end && name - at < PARAMETER_LOOK && (is_alphanumeric(*name) || *name == '_'))
		name++;
	return name < r->end && *name == '=';
}

/* after_lost_letter - behind what stands for it, if that is within a word or at its begin; else NULL */
static const unsigned char *
after_lost_letter(const Response *r)
{
	size_t		len = lost_letter(r->at, r->end);
	const unsigned char *at = r->at + len;

	if (len == 0 || !letter_at(r, at) || names_parameter(r, at))
		return NULL;
	return r->at == r->start || is_blank(r->at[-1]) || letter_at(r, r->at - 1) || r->at[-1] >= 0x80 ? at : NULL;
}

/* skip_letter - one more letter, or what belongs to a word without being one; NULL if the word ends here */
static const unsigned char *
skip_letter(Response *r, Word *w)
{
	unsigned	c = *r->at;
	size_t		len = spelled_character(r->at, r->end, &c);
	LetterKind	kind = add_character(w, c);
	const unsigned char *after;

	if (len == 0)
		len = 1;
	if (kind == A_LETTER)
		return r->at + len;
	after = soft_break(r, r->at);
	if (after == NULL && (after = after_lost_letter(r)) != NULL)
		word_add(w, OTHER_LETTER);
	if (after == NULL)
		after = after_joiner(r, c, len);
	if (after == NULL && kind == NO_WIDTH)
		after = r->at + len;
	return after;
}

/* read_letters - the rest of a word, whatever its letters are made of */
static void
read_letters(Response *r, Word *w)
{
	while (r->at < r->end)
	{
		const unsigned char *after;

		if (is_alphanumeric(*r->at))
		{
			uint64_t	eight = load_eight(r->at, r->end);
			size_t		count = letters_before(~in_word(eight) & EACH_BYTE(0x80));

			word_append(w, eight, count);
			r->at += count;
			continue;
		}
		after = byte_class[*r->at] < IN_WORD_FIRST ? NULL : skip_letter(r, w);
		if (after == NULL)
			return;
		r->at = after;
	}
}

/* read_word - a word that begins with a letter or digit of ASCII */
static inline void
read_word(Response *r)
{
	Word		w = {0};

	r->at = word_read(&w, r->at, r->end);
	if (r->at < r->end && byte_class[*r->at] >= IN_WORD_FIRST)
		read_letters(r, &w);
	put_word(r, &w);
}

/* read_code - a status code is noted and left out */
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

/* read_dot - the first letter of a word that it joins to the one before, or a sign of its own */
static void
read_dot(Response *r)
{
	bool		joins = r->word && r->end - r->at > 1 && (is_letter(r->at[1]) || is_digit(r->at[1]));
	Word		w = {0};

	r->at++;
	if (!joins)
	{
		put_sign(r, '.');
		return;
	}
	word_add(&w, '.');
	read_letters(r, &w);
	put_word(r, &w);
}

/*
 * goes_on_as_domain - behind the @: a letter, or a dot or hyphen before one.  What is written without blanks goes
 * on behind the address, and so it does behind blanks and quotation marks that are not ASCII (0xC2, 0xE2)
 */
static bool
goes_on_as_domain(const Response *r)
{
	const unsigned char *at = r->at;

	if (at < r->end && (*at == '.' || *at == '-'))
		at++;
	if (at == r->end)
		return false;
	if (*at >= FIRST_OF_IDEOGRAPHIC)
		return at[-1] >= 0x80 || at[-1] == '@';
	return is_letter(*at) || is_digit(*at) || (at == r->at && *at >= 0x80 && *at != 0xC2 && *at != 0xE2);
}

/* read_address - one @ in place of the local part, already read, and the domain */
static void
read_address(Response *r)
{
	r->at++;
	if (!r->literal && r->length > r->run)
	{
		r->length = r->run > r->given ? r->run : r->given;
		while (goes_on_as_domain(r))
			r->at++;
	}
	put_sign(r, '@');
}

/* skip_address - behind the ">" of an address in brackets, or NULL if it is none */
static const unsigned char *
skip_address(const Response *r, const unsigned char *at)
{
	const unsigned char *most = r->end - at < ADDRESS_LOOK ? r->end : at + ADDRESS_LOOK;
	const unsigned char *greater = window_find(at, most, '>', '<', ' ');

	return greater < most && *greater == '>' && memchr(at, '@', (size_t) (greater - at)) != NULL ? greater + 1 : NULL;
}

/* read_less - an address in angle brackets, a tag, or just a bracket */
static void
read_less(Response *r)
{
	const unsigned char *after;

	r->at++;
	put_blank(r);
	if (r->literal)
		return;
	if (is_tag(r->at, r->end))
	{
		r->at = skip_tag(r->at, r->end);
		return;
	}
	after = skip_address(r, r->at);
	if (after == NULL)
		return;
	put_sign(r, '@');
	r->at = after;
}

/* put_character - one that is not plain ASCII, and does not begin a word; an ideograph by its UTF-8 bytes */
static void
put_character(Response *r, unsigned c)
{
	c = narrow(c);
	if (is_hyphen(c))
		put_sign(r, '-');
	else if (c < 0x80 && memchr("#$%&()+./=@[]", (int) c, 13) != NULL)
		put_sign(r, (unsigned char) c);
	else if (is_ideographic(c))
	{
		uint64_t	bytes = (0xE0 | c >> 12) | (0x80 | (c >> 6 & 0x3F)) << 8 | (0x80 | (c & 0x3F)) << 16;

		put_token(r, (Token) {bytes, bytes});
		put_blank(r);
	}
	else if (!is_dropped(c))
		put_blank(r);
}

/* read_character - one that is not plain ASCII: a word, an ideograph, a sign */
static void
read_character(Response *r, unsigned c, size_t len)
{
	Word		w = {0};
	LetterKind	kind = add_character(&w, c);

	r->at += len;
	if (kind == A_LETTER)
	{
		read_letters(r, &w);
		put_word(r, &w);
	}
	else if (kind == NO_LETTER)
		put_character(r, c);
}

/* read_equals - what is left of quoted-printable, else the sign itself */
static void
read_equals(Response *r)
{
	const unsigned char *line = soft_break(r, r->at);
	int			byte = hex_pair(r->at + 1, r->end);
	unsigned	c;

	if (line != NULL)
		r->at = line;
	else if (byte >= 0x80)
	{
		size_t		len = quoted_character(r->at, r->end, &c);

		read_character(r, c, len);
	}
	else if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n')
	{
		r->at += 3;
		put_blank(r);
	}
	else
	{
		r->at += byte == '=' ? 3 : 1;
		put_sign(r, '=');
	}
}

/* read_ampersand - an entity, else the sign itself */
static void
read_ampersand(Response *r)
{
	unsigned	c = 0;
	size_t		len = entity_decode(r->at, r->end, &c);

	if (len > 0)
		read_character(r, c, len);
	else
	{
		r->at++;
		put_sign(r, '&');
	}
}

/* read_backslash - a character or "\r\n" as a log spells it */
static void
read_backslash(Response *r)
{
	unsigned	c;
	size_t		len = escaped_character(r->at, r->end, &c);

	if (len > 0)
	{
		read_character(r, c, len);
		return;
	}
	r->at++;
	if (r->at < r->end && memchr("rnt", *r->at, 3) != NULL)
		r->at++;
	put_blank(r);
}

/* read_wide_code - a status code in full-width digits */
static bool
read_wide_code(Response *r)
{
	unsigned char narrowed[24];
	size_t		ends[24];
	size_t		count = 0;
	const unsigned char *at = r->at;
	const unsigned char *after;
	StatusCode	code;

	while (count < sizeof(narrowed) && at < r->end)
	{
		unsigned	c;

		at += utf8_decode(at, r->end, &c);
		c = narrow(c);
		narrowed[count] = c < 0x80 ? (unsigned char) c : ' ';
		ends[count++] = (size_t) (at - r->at);
	}
	after = code_scan(narrowed, narrowed, narrowed + count, &code);
	if (after == NULL)
		return false;
	note_code(r, &code);
	r->at += ends[after - narrowed - 1];
	r->code_end = r->at;
	put_blank(r);
	return true;
}

/* read_lost_letter - a word whose first letter was lost, else a blank */
static bool
read_lost_letter(Response *r)
{
	Word		w = {0};
	const unsigned char *after = after_lost_letter(r);

	if (after == NULL)
		return false;
	r->at = after;
	word_add(&w, OTHER_LETTER);
	read_letters(r, &w);
	put_word(r, &w);
	return true;
}

/* read_high - a character that is not ASCII */
static void
read_high(Response *r)
{
	unsigned	c;
	size_t		len = utf8_decode(r->at, r->end, &c);

	if (c == LOST_LETTER && read_lost_letter(r))
		return;
	if (is_ideographic(c))
	{
		put_character(r, c);
		r->at += len;
	}
	else if (!(c >= 0xFF10 && c <= 0xFF19 && !r->word && !r->literal && read_wide_code(r)))
		read_character(r, c, len);
}

/* read_one - whatever is there */
static void
read_one(Response *r)
{
	unsigned char byte = *r->at;

	switch ((ByteClass) byte_class[byte])
	{
		case IS_BLANK:
		case IS_APOSTROPHE:
			r->at++;
			put_blank(r);
			break;
		case IS_QUESTION:
			if (read_lost_letter(r))
				break;
			r->at++;
			put_blank(r);
			break;
		case IS_UNDERSCORE:
			r->at++;
			r->word = false;
			break;
		case IS_LETTER:
		case IS_DIGIT:
			read_word(r);
			break;
		case IS_CODE_DIGIT:
			if (!read_code(r))
				read_word(r);
			break;
		case IS_DOT:
			read_dot(r);
			break;
		case IS_BRACKET:
		case IS_PLUS:
		case IS_HYPHEN:
			r->at++;
			put_sign(r, byte);
			break;
		case IS_AT:
			read_address(r);
			break;
		case IS_LESS:
			read_less(r);
			break;
		case IS_BACKSLASH:
			read_backslash(r);
			break;
		case IS_EQUALS:
			read_equals(r);
			break;
		case IS_AMPERSAND:
			read_ampersand(r);
			break;
		case IS_HIGH:
			read_high(r);
			break;
	}
}

/* read_span - limit tokens of the span, or a few more */
static void
read_span(Response *r, size_t limit)
{
	View		v;

	view_begin(&v, r);
	while (view_read(&v, r, limit))
	{
		do
			read_one(r);
		while (r->at < r->end && *r->at >= 0x80 && r->length < limit);
	}
}

/*
 * before_stage - the end of a text without "(in reply to RCPT TO command)", with which
 * Postfix closes what was said of a recipient, as of most mails it is
 */
static const unsigned char *
before_stage(const unsigned char *start, const unsigned char *end)
{
	static const char stage[] = "(in reply to RCPT TO command";
	const size_t len = sizeof(stage) - 1;
	const unsigned char *last = end;

	while (last > start && end - last < STAGE_LOOK && (is_blank(last[-1]) || last[-1] == ')'))
		last--;
	return (size_t) (last - start) > len && memcmp(last - len, stage, len) == 0 ? last - len : end;
}

/* response_open - begin with a text */
void
response_open(Response *r, const char *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *) text;

	for (; len > 0 && is_blank(*bytes); len--)
		bytes++;
	r->start = r->at = bytes;
	r->end = before_stage(bytes, bytes + len);
	len = (size_t) (r->end - bytes);
	r->next = r->next_end = NULL;
	if (len > RESPONSE_HEAD_MAX + RESPONSE_TAIL_MAX)
	{
		r->next = r->end - RESPONSE_TAIL_MAX;
		r->next_end = r->end;
		r->end = bytes + RESPONSE_HEAD_MAX;
	}
	r->code_end = NULL;
	r->code = (StatusCode) {0};
	r->answer = r->offset = r->length = r->given = r->run = 0;
	r->word = r->literal = false;
}

/* response_at_end - is everything read? */
bool
response_at_end(const Response *r)
{
	return r->at == r->end && r->next == NULL;
}

/* carry - keep the last tokens only */
static void
carry(Response *r)
{
	size_t		gone = r->length > RESPONSE_CARRY ? r->length - RESPONSE_CARRY : 0;

	memmove(r->token, r->token + gone, (r->length - gone) * sizeof(Token));
	r->offset += gone;
	r->length -= gone;
	r->run = r->run > gone ? r->run - gone : 0;
}

/* response_read - the next block */
bool
response_read(Response *r, size_t *carried)
{
	if (response_at_end(r))
		return false;
	carry(r);
	*carried = r->given = r->length;
	read_span(r, RESPONSE_CARRY + RESPONSE_BLOCK);
	if (r->at == r->end && r->next != NULL)
	{
		r->start = r->at = r->next;
		r->end = r->next_end;
		r->next = NULL;
		r->code_end = NULL;
		put_blank(r);
	}
	return true;
}

/* response_tokens - read a rule's pattern */
size_t
response_tokens(const char *text, size_t len, Token *token, size_t max)
{
	Response	r;
	size_t		carried;

	response_open(&r, text, len);
	r.literal = true;
	r.word = len > 0 && *text == '.';	/* ".example.com" goes on after a host */
	if (!response_read(&r, &carried) || !response_at_end(&r) || r.length > max)
		return 0;
	memcpy(token, r.token, r.length * sizeof(Token));
	return r.length;
}
