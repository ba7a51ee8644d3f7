/*
 * key_tails.h
 *		The domains behind many addresses, each once: an address needs only its number.
 *
 * As many as there is room for; those met first, which are the frequent ones.
 */
#ifndef BOUNCE_KEY_TAILS_H
#define BOUNCE_KEY_TAILS_H

#include "postgres.h"

/* The number of the empty tail, and of one that has none. */
#define TAIL_EMPTY 0
#define TAIL_WITHOUT PG_UINT16_MAX

typedef struct KeyTails
{
	uint64	   *hash;			/* by number; the first is the empty one */
	uint32	   *end;			/* in the text of all; it begins where the one before ends */
	uint32		count;
	uint32		room;
	uint16	   *table;			/* numbers by hash, 0: none */
	uint32		table_mask;
	char	   *text;
	uint32		text_room;
} KeyTails;

/* In this memory context, with limit bytes for all; empty_hash is that of no bytes. */
extern void key_tails_init(KeyTails *tails, MemoryContext context, Size limit, uint64 empty_hash);

/* Its number; a tail without one at first has none later. */
extern uint16 key_tails_add(KeyTails *tails, const char *bytes, size_t length, uint64 hash);

extern uint16 key_tails_find(const KeyTails *tails, const char *bytes, size_t length, uint64 hash);

#endif
