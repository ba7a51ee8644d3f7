/*
 * response.h
 *		Reading a server's answer: its words, and the status in it.
 *
 * Rules are about words.  A token is
 *		a word		letters and digits, in small letters without their accents
 *		.word		a word joined to the one before by a dot ("mx.example.com": mx .example .com)
 *		a sign		# ( ) + - . / = & $ % [ ], and @, which stands for a whole address
 *		an ideograph	each of Chinese and Japanese, and each syllable of Korean, in UTF-8
 * Blanks and punctuation without meaning, status codes, markup, and hyphens and
 * apostrophes between letters are in none.
 */
#ifndef BOUNCE_RESPONSE_H
#define BOUNCE_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smtp_status.h"

/* Of a longer text the first and the last part are read. */
#define RESPONSE_HEAD_MAX 49152
#define RESPONSE_TAIL_MAX 16384

#define RESPONSE_BLOCK 512
#define RESPONSE_MORE 64		/* by which a block may be longer */
#define RESPONSE_CARRY 40		/* what stays of the block before, for looking back */

/* The parts of a status; reply 0 and klass 0 mean absent. */
typedef struct StatusCode
{
	int			reply;			/* 200 .. 599 */
	int			klass;			/* of the enhanced code: 2, 4, 5 */
	int			subject;
	int			detail;
} StatusCode;

/*
 * head: the first eight bytes of the spelling, the first one lowest.  key: the same
 * if there are no more, else all mixed.  A dot between two words is the first letter of the second one.
 */
typedef struct Token
{
	uint64_t	head;
	uint64_t	key;
} Token;

/* The key of a sign: read as letters are, with the bit that makes them small. */
#define SIGN(c) ((c) | 0x20U)

typedef struct Response
{
	const unsigned char *start; /* of the span being read */
	const unsigned char *at;
	const unsigned char *end;
	const unsigned char *next;	/* the other span, or NULL */
	const unsigned char *next_end;
	const unsigned char *code_end;	/* where the last status code ended in the source */
	StatusCode	code;			/* the innermost server's, so far */
	size_t		answer;			/* number of the token with which its answer begins */
	size_t		offset;			/* number of token[0] */
	size_t		length;			/* tokens in token */
	size_t		given;			/* of them, those of the blocks before: they stay */
	size_t		run;			/* where the tokens of the text since the last blank begin */
	bool		word;			/* the byte before belongs to a word */
	bool		literal;		/* a rule's pattern: no codes, addresses, markup */
	Token		token[RESPONSE_CARRY + RESPONSE_BLOCK + RESPONSE_MORE];
} Response;

extern void response_open(Response *r, const char *text, size_t len);

/*
 * Reads the next block of tokens; false when there was nothing left.  token[0] ..
 * token[carried - 1] were there before.
 */
extern bool response_read(Response *r, size_t *carried);
extern bool response_at_end(const Response *r);

/* What the text says as one valid status: of two codes that disagree, the temporary one. */
extern SmtpStatus response_status(const Response *r);

/* The tokens of a rule's pattern; returns how many, or 0 if they are more than max. */
extern size_t response_tokens(const char *text, size_t len, Token *token, size_t max);

#endif
