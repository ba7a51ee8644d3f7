/*
 * key_blocks.h
 *		Memory in small blocks of one size, to be chained and used again.
 */
#ifndef BOUNCE_KEY_BLOCKS_H
#define BOUNCE_KEY_BLOCKS_H

#include "postgres.h"

#define KEY_BLOCK_BITS 11
#define KEY_BLOCK_BYTES ((Size) 1 << KEY_BLOCK_BITS)
#define KEY_BLOCK_NONE PG_UINT32_MAX
/* So many more than are needed, as part of those in use, are allocated at once. */
#define KEY_BLOCK_PIECE 32
/* The place of a byte in all of them fits into 32 bits. */
#define KEY_BLOCKS_MAX (1 << (32 - KEY_BLOCK_BITS))

typedef struct KeyBlocks
{
	MemoryContext context;
	char	  **memory;			/* of each block */
	uint32	   *next;			/* the block behind it in its chain, or none */
	uint32		count;
	uint32		room;
	uint32		free;			/* a chain */
	uint32		free_count;
} KeyBlocks;

/* What a block takes at most, with its places in the tables. */
#define KEY_BLOCK_COST (KEY_BLOCK_BYTES + (sizeof(char *) + sizeof(uint32)) * 5 / 4)

extern void key_blocks_init(KeyBlocks *blocks, MemoryContext context);

/* A block, chained to none; none when so many are in use already. */
extern uint32 key_blocks_take(KeyBlocks *blocks, uint32 most);

/* Takes back a chain of them. */
extern void key_blocks_return(KeyBlocks *blocks, uint32 first);

#endif
