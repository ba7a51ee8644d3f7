/*
 * response.h
 *		Reading a server's answer: one folded text for the rules, and the status in it.
 *
 * The folded text is what rules are written in.  It has one byte (a symbol) a
 * letter, in blocks:
 *		a-z 0-9		inside a word; letters of Latin alphabets without their accents
 *		A-Z, 0x10-0x19	the same, as first symbol of a word
 *		0xC0-0xDF	Cyrillic small letters; 0xFF any other letter
 *		0x80-0xBF, 0xE0-0xEF	UTF-8 of Chinese and Japanese, as it came
 *		blank		any run of blanks and of punctuation without meaning
 *		# ( ) + - . / = @ [ ] & $ %	themselves; @ stands for a whole address
 * Status codes, markup, and hyphens and apostrophes between letters are not in it.
 */
#ifndef BOUNCE_RESPONSE_H
#define BOUNCE_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "smtp_status.h"

/* Of a longer text the first and the last part are read. */
#define RESPONSE_HEAD_MAX 49152
#define RESPONSE_TAIL_MAX 16384

#define RESPONSE_BLOCK 2048
#define RESPONSE_CARRY 80		/* what stays of the block before, for looking back */
#define RESPONSE_ROOM 16		/* more than one source character can give */

/* The parts of a status; reply 0 and klass 0 mean absent. */
typedef struct StatusCode
{
	int			reply;			/* 200 .. 599 */
	int			klass;			/* of the enhanced code: 2, 4, 5 */
	int			subject;
	int			detail;
} StatusCode;

typedef struct Response
{
	const unsigned char *start; /* of the span being read */
	const unsigned char *at;
	const unsigned char *end;
	const unsigned char *next;	/* the other span, or NULL */
	const unsigned char *next_end;
	const unsigned char *code_end;	/* where the last status code ended in the source */
	StatusCode	code;			/* the innermost server's, so far */
	size_t		answer;			/* position in the folded text where its answer begins */
	size_t		offset;			/* position of text[0] */
	size_t		length;			/* symbols in text */
	bool		word;			/* the last symbol belongs to a word */
	bool		literal;		/* a rule's pattern: no codes, addresses, markup */
	unsigned char text[RESPONSE_CARRY + RESPONSE_BLOCK + RESPONSE_ROOM];
} Response;

extern void response_open(Response *r, const char *text, size_t len);

/*
 * Reads the next block into text; false when there was nothing left.  text[0] ..
 * text[carried - 1] were there before; text[length] is 0 for looking ahead.
 */
extern bool response_read(Response *r, size_t *carried);
extern bool response_at_end(const Response *r);

/* What the text says as one valid status: of two codes that disagree, the temporary one. */
extern SmtpStatus response_status(const Response *r);

/* Folds a rule's literal; returns its length, or 0 if it does not fit. */
extern size_t response_fold(const char *text, size_t len, unsigned char *out, size_t size);

/* Does the symbol continue a word that has begun? */
extern const unsigned char symbol_continues[256];

/* May a rule's literal begin with the symbol? */
extern bool symbol_starts(unsigned char symbol);

#endif
