/*
 * key_set.h
 *		Short strings in memory, each with marks, within a limit of bytes.
 *
 * Exact: the strings themselves are kept and compared.
 */
#ifndef BOUNCE_KEY_SET_H
#define BOUNCE_KEY_SET_H

#include "postgres.h"

/* Of what is longer, nothing is kept: no address, domain or digest is. */
#define KEY_LENGTH_MAX 1000

typedef struct KeySet KeySet;

/* In this memory context, which owns all of it; limit in bytes. */
extern KeySet *key_set_create(MemoryContext context, Size limit);

/* Adds marks, not 0, to those of the string.  False: there is no room for it. */
extern bool key_set_add(KeySet *set, const char *key, size_t length, uint8 marks);

/* The marks of a string; 0 when it is not there. */
extern uint8 key_set_marks(const KeySet *set, const char *key, size_t length);

#endif
