/*
 * key_set.h
 *		Short strings in memory, each with marks, within a limit of bytes.
 *
 * As long as there is room the strings themselves are kept and compared; beyond that
 * some of them, and at last all, are known by a fingerprint only.
 */
#ifndef BOUNCE_KEY_SET_H
#define BOUNCE_KEY_SET_H

#include "postgres.h"

/* Of what is longer, nothing is kept: no address, domain or digest is. */
#define KEY_LENGTH_MAX 1000

/* Marks are bits below this. */
#define KEY_MARKS_END 64

/* The mark of a string of which only a fingerprint is kept: it may be another. */
#define KEY_UNSURE 128

typedef struct KeySet KeySet;

typedef enum KeySetKind
{
	KEYS_KEPT,					/* all strings */
	KEYS_PARTLY,				/* of some only fingerprints */
	KEYS_FINGERPRINTS
} KeySetKind;

/*
 * In this memory context, which owns all of it; limit in bytes.  The kind is what to
 * begin with.
 */
extern KeySet *key_set_create(MemoryContext context, Size limit, KeySetKind kind);

/* Adds a mark to those of the string.  False: there is no room for it. */
extern bool key_set_add(KeySet *set, const char *key, size_t length, uint8 mark);

/* All are in: from here on it can be asked. */
extern void key_set_finish(KeySet *set);

/* What it has become. */
extern KeySetKind key_set_kind(const KeySet *set);

/*
 * The marks of a string; 0 when it is not there.  domain is the offset of what stands
 * behind the last @, or the length where there is none.
 */
extern uint8 key_set_marks(KeySet *set, const char *key, size_t length, size_t domain);

#endif
