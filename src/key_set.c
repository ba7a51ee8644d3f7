/*
 * key_set.c
 *		Short strings in memory, each with marks, within a limit of bytes.
 *
 * The table of hashes has 8 bytes an entry, so that what is not there, the usual
 * answer, costs one cache line; the strings lie beside it, packed in blocks that
 * are never moved.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "common/pg_prng.h"
#include "utils/memutils.h"

#include "key_set.h"

/* One entry; place 0 is the string that is looked for. */
typedef struct KeyEntry
{
	uint32		hash;
	uint32		status:1;
	uint32		place:31;
} KeyEntry;

/* How a string is kept: this, then its bytes. */
typedef struct KeptKey
{
	uint16		length;
	uint8		marks;
	char		bytes[FLEXIBLE_ARRAY_MEMBER];
} KeptKey;

#define KEPT_KEY_HEADER offsetof(KeptKey, bytes)

/* Places count pairs of bytes, so that lengths are aligned. */
#define BLOCK_BYTES 32768
#define PLACES_IN_BLOCK (BLOCK_BYTES / 2)
#define PLACE_MAX PG_INT32_MAX

struct key_table_hash;

static bool is_key(struct key_table_hash *table, uint32 place);

#define SH_PREFIX key_table
#define SH_ELEMENT_TYPE KeyEntry
#define SH_KEY_TYPE uint32
#define SH_KEY place
#define SH_HASH_KEY(table, key) 0
#define SH_EQUAL(table, kept, looked_for) is_key(table, kept)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct KeySet
{
	MemoryContext context;
	Size		limit;
	uint64		seed;			/* nobody outside can make hashes collide */
	struct key_table_hash *table;
	char	  **blocks;
	uint32		block_count;
	uint32		block_room;
	uint32		next_place;
	/* what is looked for */
	const char *key;
	size_t		length;
};

/* To begin with; a table that is asked about often is larger than this. */
#define ENTRIES_START 1024
#define BLOCKS_START 16

static bool has_room(const KeySet *set, size_t length);
static uint32 keep(KeySet *set, uint8 marks);
static void add_block(KeySet *set);
static inline KeptKey *kept_key(const KeySet *set, uint32 place);
static inline KeyEntry *find(const KeySet *set, const char *key, size_t length);

KeySet *
key_set_create(MemoryContext context, Size limit)
{
	KeySet	   *set = MemoryContextAllocZero(context, sizeof(KeySet));

	set->context = context;
	set->limit = limit;
	set->seed = pg_prng_uint64(&pg_global_prng_state);
	set->table = key_table_create(context, ENTRIES_START, set);
	set->block_room = BLOCKS_START;
	set->blocks = MemoryContextAlloc(context, BLOCKS_START * sizeof(char *));
	set->next_place = 1;
	return set;
}

bool
key_set_add(KeySet *set, const char *key, size_t length, uint8 marks)
{
	KeyEntry   *entry;
	bool		found;

	if (length > KEY_LENGTH_MAX)
		return true;
	if (!has_room(set, length))
		return false;
	set->key = key;
	set->length = length;
	entry = key_table_insert_hash(set->table, 0,
								  (uint32) hash_bytes_extended((const unsigned char *) key, length, set->seed),
								  &found);
	if (found)
		kept_key(set, entry->place)->marks |= marks;
	else
		entry->place = keep(set, marks);
	return true;
}

uint8
key_set_marks(const KeySet *set, const char *key, size_t length)
{
	KeyEntry   *entry = find(set, key, length);

	return entry == NULL ? 0 : kept_key(set, entry->place)->marks;
}

static inline KeyEntry *
find(const KeySet *set, const char *key, size_t length)
{
	KeySet	   *looking = unconstify(KeySet *, set);

	looking->key = key;
	looking->length = length;
	return key_table_lookup_hash(set->table, 0,
								 (uint32) hash_bytes_extended((const unsigned char *) key, length, set->seed));
}

static bool
is_key(struct key_table_hash *table, uint32 place)
{
	const KeySet *set = table->private_data;
	const KeptKey *kept = kept_key(set, place);

	return kept->length == set->length && memcmp(kept->bytes, set->key, set->length) == 0;
}

static inline KeptKey *
kept_key(const KeySet *set, uint32 place)
{
	return (KeptKey *) (set->blocks[place / PLACES_IN_BLOCK] + place % PLACES_IN_BLOCK * 2);
}

/* Also for the old table beside the one of twice its size, should it have to grow. */
static bool
has_room(const KeySet *set, size_t length)
{
	uint64		entries = set->table->size;

	if (set->table->members >= set->table->grow_threshold)
		entries *= 3;
	return entries * sizeof(KeyEntry) + ((Size) set->block_count + 1) * (BLOCK_BYTES + sizeof(char *)) <= set->limit &&
		set->next_place < PLACE_MAX - PLACES_IN_BLOCK;
}

/* Puts what is looked for behind the last string. */
static uint32
keep(KeySet *set, uint8 marks)
{
	uint32		size = (KEPT_KEY_HEADER + set->length + 1) / 2;
	uint32		place;
	KeptKey    *kept;

	if (set->next_place + size > set->block_count * PLACES_IN_BLOCK)
		add_block(set);
	place = set->next_place;
	kept = kept_key(set, place);
	kept->length = set->length;
	kept->marks = marks;
	memcpy(kept->bytes, set->key, set->length);
	set->next_place += size;
	return place;
}

static void
add_block(KeySet *set)
{
	if (set->block_count == set->block_room)
	{
		set->block_room *= 2;
		set->blocks = repalloc_huge(set->blocks, set->block_room * sizeof(char *));
	}
	set->blocks[set->block_count] = MemoryContextAlloc(set->context, BLOCK_BYTES);
	set->next_place = Max(set->next_place, set->block_count * PLACES_IN_BLOCK);
	set->block_count++;
}
