/*
 * key_tails.c
 *		The domains behind many addresses, each once.
 */
#include "postgres.h"

#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "key_hash.h"
#include "key_tails.h"

#define TAILS_MAX 16384
/* What a tail takes: its hash, its end, its text, and up to four places in the table. */
#define TEXT_BYTES_PER_TAIL 16
#define BYTES_PER_TAIL (sizeof(uint64) + sizeof(uint32) + TEXT_BYTES_PER_TAIL + 4 * sizeof(uint16))

static uint32 place_of(const KeyTails *tails, const char *bytes, size_t length, uint64 hash);
static inline bool is_tail(const KeyTails *tails, uint16 number, const char *bytes, size_t length);

void
key_tails_init(KeyTails *tails, MemoryContext context, Size limit, uint64 empty_hash)
{
	uint32		table_size;

	tails->room = (uint32) Min(Max(limit / BYTES_PER_TAIL, 1), TAILS_MAX);
	tails->hash = MemoryContextAlloc(context, tails->room * sizeof(uint64));
	tails->end = MemoryContextAlloc(context, tails->room * sizeof(uint32));
	tails->hash[TAIL_EMPTY] = empty_hash;
	tails->end[TAIL_EMPTY] = 0;
	tails->count = 1;
	table_size = pg_nextpower2_32(tails->room) * 2;
	tails->table = MemoryContextAllocZero(context, table_size * sizeof(uint16));
	tails->table_mask = table_size - 1;
	tails->text_room = tails->room * TEXT_BYTES_PER_TAIL;
	tails->text = MemoryContextAlloc(context, tails->text_room);
}

uint16
key_tails_add(KeyTails *tails, const char *bytes, size_t length, uint64 hash)
{
	uint32		place;
	uint32		end;

	if (length == 0)
		return TAIL_EMPTY;
	place = place_of(tails, bytes, length, hash);
	if (tails->table[place] != 0)
		return tails->table[place];
	end = tails->end[tails->count - 1];
	if (tails->count == tails->room || end + length > tails->text_room)
	{
		/* For good: one that came later must not get a number after others like it had none. */
		tails->room = tails->count;
		return TAIL_WITHOUT;
	}
	memcpy(tails->text + end, bytes, length);
	tails->hash[tails->count] = hash;
	tails->end[tails->count] = end + length;
	return tails->table[place] = (uint16) tails->count++;
}

uint16
key_tails_find(const KeyTails *tails, const char *bytes, size_t length, uint64 hash)
{
	uint16		number;

	if (length == 0)
		return TAIL_EMPTY;
	number = tails->table[place_of(tails, bytes, length, hash)];
	return number != 0 ? number : TAIL_WITHOUT;
}

/* Where it is in the table, or would be. */
static uint32
place_of(const KeyTails *tails, const char *bytes, size_t length, uint64 hash)
{
	uint32		place = (uint32) hash & tails->table_mask;

	while (tails->table[place] != 0)
	{
		uint16		number = tails->table[place];

		if (tails->hash[number] == hash && is_tail(tails, number, bytes, length))
			break;
		place = (place + 1) & tails->table_mask;
	}
	return place;
}

static inline bool
is_tail(const KeyTails *tails, uint16 number, const char *bytes, size_t length)
{
	uint32		start = tails->end[number - 1];

	return tails->end[number] - start == length && key_bytes_equal(tails->text + start, bytes, length);
}
