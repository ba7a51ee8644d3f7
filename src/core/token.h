/*
 * token.h
 *		What a token of a link says, in bytes; its seal is not part of it.
 */
#ifndef BOUNCE_TOKEN_H
#define BOUNCE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"

/* What a token is good for; the numbers are in the tokens of mails long sent. */
typedef enum TokenPurpose
{
	TOKEN_UNSUBSCRIBE = 1,
	TOKEN_CONFIRM = 2,
	TOKEN_PREFERENCES = 3
} TokenPurpose;

#define TOKEN_NEVER 0			/* no end of its own */
#define TOKEN_TOPIC_MAX 1000

/* version and purpose, key, end, length of the topic */
#define TOKEN_BYTES_MAX (1 + 5 + 9 + 2 + TOKEN_TOPIC_MAX + ADDRESS_LENGTH_MAX)

/* Texts are not terminated. */
typedef struct Token
{
	TokenPurpose purpose;
	uint32_t	key;			/* number of the key that seals it */
	uint64_t	expires_at;		/* seconds since 2000, or TOKEN_NEVER */
	const char *topic;			/* empty: all marketing topics */
	size_t		topic_length;
	const char *address;		/* canonical */
	size_t		address_length;
} Token;

/* The number of bytes written; 0: the texts are too long, or there is no address. */
extern size_t token_write(const Token *token, uint8_t out[TOKEN_BYTES_MAX]);

/* False: these bytes are no token of ours.  Texts point into the bytes. */
extern bool token_read(const uint8_t *bytes, size_t length, Token *token);

/* The word for a purpose; NULL for none of them. */
extern const char *token_purpose_name(TokenPurpose purpose);

/* The purpose of this word; 0: there is none. */
extern TokenPurpose token_purpose_named(const char *name);

#endif
