/*
 * response_text.h
 *		Answers of servers in the encoding of the database, as the core reads them.
 */
#ifndef BOUNCE_RESPONSE_TEXT_H
#define BOUNCE_RESPONSE_TEXT_H

#include "postgres.h"

/*
 * The text in UTF-8: itself where that is right, else converted into palloc'd
 * memory.  Bytes that have no conversion stay as they are; never an error.
 */
extern const char *response_utf8(const char *text, int len, int *utf8_len);

#endif
