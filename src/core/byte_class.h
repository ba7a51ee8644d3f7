/*
 * byte_class.h
 *		What a byte of an answer is to its reader.
 */
#ifndef BOUNCE_BYTE_CLASS_H
#define BOUNCE_BYTE_CLASS_H

#include <stdbool.h>

/*
 * What a byte is, where no word goes on.  Behind a word the last ones may be part of it.
 */
typedef enum ByteClass
{
	IS_BLANK,					/* also punctuation without meaning */
	IS_LETTER,
	IS_DIGIT,
	IS_CODE_DIGIT,				/* with which a status code begins */
	IS_DOT,
	IS_BRACKET,					/* a sign that ends an address */
	IS_PLUS,					/* one that does not */
	IS_UNDERSCORE,				/* a blank that does not */
	IS_AT,
	IS_LESS,
	IS_HYPHEN,
	IS_APOSTROPHE,
	IS_BACKSLASH,
	IS_QUESTION,				/* a letter may have been lost here */
	IS_EQUALS,
	IS_AMPERSAND,
	IS_HIGH						/* not ASCII */
} ByteClass;

#define IN_WORD_FIRST IS_HYPHEN

extern const unsigned char byte_class[256];

/* is_alphanumeric - of ASCII */
static inline bool
is_alphanumeric(unsigned char c)
{
	return (unsigned) byte_class[c] - IS_LETTER <= IS_CODE_DIGIT - IS_LETTER;
}

#endif
