/*
 * key_blocks.c
 *		Memory in small blocks of one size, to be chained and used again.
 *
 * They are cut from pieces that grow with what is there.  Where the system has pages
 * of more than one size, large ones are asked for: the processor then knows where
 * they are.
 */
#include "postgres.h"

#ifndef WIN32
#include <sys/mman.h>
#endif

#include "utils/memutils.h"

#include "key_blocks.h"

#define ROOM_START 64
#define PIECE_MIN 8				/* blocks */
#define CACHE_LINE 64
#define LARGE_PAGE (2 * 1024 * 1024)

static void add_piece(KeyBlocks *blocks, uint32 count);
static void want_large_pages(char *start, char *end);
static void make_room(KeyBlocks *blocks, uint32 count);

void
key_blocks_init(KeyBlocks *blocks, MemoryContext context)
{
	blocks->context = context;
	blocks->count = 0;
	blocks->room = ROOM_START;
	blocks->memory = MemoryContextAlloc(context, ROOM_START * sizeof(char *));
	blocks->next = MemoryContextAlloc(context, ROOM_START * sizeof(uint32));
	blocks->free = KEY_BLOCK_NONE;
	blocks->free_count = 0;
}

uint32
key_blocks_take(KeyBlocks *blocks, uint32 most)
{
	uint32		used = blocks->count - blocks->free_count;
	uint32		taken;

	most = Min(most, KEY_BLOCKS_MAX);
	if (used >= most)
		return KEY_BLOCK_NONE;
	if (blocks->free_count == 0)
		add_piece(blocks, Min(Max(used / KEY_BLOCK_PIECE, PIECE_MIN), most - used));
	taken = blocks->free;
	blocks->free = blocks->next[taken];
	blocks->free_count--;
	blocks->next[taken] = KEY_BLOCK_NONE;
	return taken;
}

void
key_blocks_return(KeyBlocks *blocks, uint32 first)
{
	while (first != KEY_BLOCK_NONE)
	{
		uint32		next = blocks->next[first];

		blocks->next[first] = blocks->free;
		blocks->free = first;
		blocks->free_count++;
		first = next;
	}
}

/* The free chain is empty. */
static void
add_piece(KeyBlocks *blocks, uint32 count)
{
	Size		size = count * KEY_BLOCK_BYTES;
	char	   *memory;

	make_room(blocks, blocks->count + count);
	memory = (char *) TYPEALIGN(CACHE_LINE, MemoryContextAllocHuge(blocks->context, size + CACHE_LINE));
	want_large_pages(memory, memory + size);
	for (uint32 i = 0; i < count; i++)
	{
		blocks->memory[blocks->count + i] = memory + i * KEY_BLOCK_BYTES;
		blocks->next[blocks->count + i] = i + 1 < count ? blocks->count + i + 1 : KEY_BLOCK_NONE;
	}
	blocks->free = blocks->count;
	blocks->free_count = count;
	blocks->count += count;
}

static void
want_large_pages(char *start, char *end)
{
#ifdef MADV_HUGEPAGE
	start = (char *) TYPEALIGN(LARGE_PAGE, start);
	end = (char *) TYPEALIGN_DOWN(LARGE_PAGE, end);
	if (start < end)
		(void) madvise(start, end - start, MADV_HUGEPAGE);
#endif
}

static void
make_room(KeyBlocks *blocks, uint32 count)
{
	if (count <= blocks->room)
		return;
	blocks->room = Max(count, blocks->room + blocks->room / 4);
	blocks->memory = repalloc_huge(blocks->memory, blocks->room * sizeof(char *));
	blocks->next = repalloc_huge(blocks->next, blocks->room * sizeof(uint32));
}
