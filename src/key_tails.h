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

/* Tails lie in units; the number is that of the first one. */
typedef struct TailUnit
{
	uint64		hash;
	uint8		length;
	char		text[7];		/* and on in the units behind */
} TailUnit;

typedef struct KeyTails
{
	TailUnit   *unit;			/* the first one is the empty tail */
	uint32		used;			/* units */
	uint32		room;
	uint16	   *table;			/* numbers by hash, 0: none */
	uint32		table_mask;
	uint32		count;
} KeyTails;

/* In this memory context, with limit bytes for all; empty_hash is that of no bytes. */
extern void key_tails_init(KeyTails *tails, MemoryContext context, Size limit, uint64 empty_hash);

/* Its number; a tail without one at first has none later. */
extern uint16 key_tails_add(KeyTails *tails, const char *bytes, size_t length, uint64 hash);

extern uint16 key_tails_find(const KeyTails *tails, const char *bytes, size_t length, uint64 hash);

static inline uint64
key_tail_hash(const KeyTails *tails, uint16 number)
{
	return tails->unit[number].hash;
}

#endif
