/*
 * token_text.h
 *		Tokens as they stand in a link: sealed, and in base64url.
 */
#ifndef BOUNCE_TOKEN_TEXT_H
#define BOUNCE_TOKEN_TEXT_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "token.h"

/* What a token is asked to say, and says; texts are terminated, in the database's encoding. */
typedef struct TokenSaid
{
	TokenPurpose purpose;
	const char *topic;			/* empty: all marketing topics */
	const char *address;		/* canonical */
	TimestampTz expires_at;		/* DT_NOEND: no end of its own */
} TokenSaid;

/* Sealed with the newest key, which is made where there is none. */
extern text *token_text_make(const TokenSaid *said);

/*
 * Reads and checks it; changes nothing.  purpose 0: any.  Raises LH011 for what is not
 * ours, whatever is wrong with it; LH013 for one of ours made for something else;
 * LH012 for one whose time is over at that time.
 */
extern void token_text_open(const char *given, TokenPurpose purpose, TimestampTz at, TokenSaid *said);

#endif
