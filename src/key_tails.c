/*
 * key_tails.c
 *		The domains behind many addresses, each once.
 *
 * One is found by two looks: into the table, and at what lies there together, its hash,
 * its length and its text.
 */
#include "postgres.h"

#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "key_hash.h"
#include "key_tails.h"

#define UNITS_MAX TAIL_WITHOUT
/* What a unit takes, with up to two places in the table. */
#define BYTES_PER_UNIT (sizeof(TailUnit) + 2 * sizeof(uint16))

#define TEXT_START (sizeof(uint64) + sizeof(uint8))

static uint32 place_of(const KeyTails *tails, const char *bytes, size_t length, uint64 hash);
static uint32 units_for(size_t length);

StaticAssertDecl(sizeof(TailUnit) == 16, "a unit has no gaps");

void
key_tails_init(KeyTails *tails, MemoryContext context, Size limit, uint64 empty_hash)
{
	uint32		table_size;

	tails->room = (uint32) Min(Max(limit / BYTES_PER_UNIT, 1), UNITS_MAX);
	tails->unit = MemoryContextAlloc(context, (tails->room + 1) * sizeof(TailUnit));
	tails->unit = (TailUnit *) TYPEALIGN(sizeof(TailUnit), tails->unit);
	tails->unit[TAIL_EMPTY].hash = empty_hash;
	tails->unit[TAIL_EMPTY].length = 0;
	tails->used = 1;
	table_size = pg_nextpower2_32(tails->room);
	tails->table = MemoryContextAllocZero(context, table_size * sizeof(uint16));
	tails->table_mask = table_size - 1;
	tails->count = 0;
}

/* One for which there is no room never finds any later: what is used only grows. */
uint16
key_tails_add(KeyTails *tails, const char *bytes, size_t length, uint64 hash)
{
	uint32		place;
	TailUnit   *tail;

	if (length == 0)
		return TAIL_EMPTY;
	place = place_of(tails, bytes, length, hash);
	if (tails->table[place] != 0)
		return tails->table[place];
	if (length > PG_UINT8_MAX || units_for(length) > tails->room - tails->used ||
		tails->count >= tails->table_mask / 4 * 3)
		return TAIL_WITHOUT;
	tail = &tails->unit[tails->used];
	tail->hash = hash;
	tail->length = (uint8) length;
	memcpy((char *) tail + TEXT_START, bytes, length);
	tails->table[place] = (uint16) tails->used;
	tails->used += units_for(length);
	tails->count++;
	return tails->table[place];
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
		const TailUnit *tail = &tails->unit[tails->table[place]];

		if (tail->hash == hash && tail->length == length && key_bytes_equal((const char *) tail + TEXT_START, bytes, length))
			break;
		place = (place + 1) & tails->table_mask;
	}
	return place;
}

static uint32
units_for(size_t length)
{
	return (TEXT_START + length + sizeof(TailUnit) - 1) / sizeof(TailUnit);
}
