/*
 * key_set.c
 *		Short strings in memory, each with marks, within a limit of bytes.
 *
 * A set of hundreds of thousands is larger than the caches of the processor, and a
 * look past them takes longer than all else.  So what is looked at each time is kept
 * apart and small: a filter of one byte a string, which nearly always says when a
 * string is not there.  The others are found in buckets of a few strings, that lie
 * one behind the other in memory: with one look past the caches.
 *
 * To come into that order they are first collected as they come.
 */
#include "postgres.h"

#ifndef WIN32
#include <sys/mman.h>
#endif

#include "common/hashfn.h"
#include "common/pg_prng.h"
#include "utils/memutils.h"

#include "key_set.h"

/* On average; fewer make the table of buckets large, more the way within one long. */
#define KEYS_PER_BUCKET 8

/* Both bits of a string are in the same word: one in 20 that are not there has them set. */
#define KEYS_PER_FILTER_WORD 8

/* Before the bytes of each string: its length, and its marks in the upper six bits. */
typedef uint16 KeyHeader;

#define HEADER_LENGTH_BITS 10

/* Before that, while they are collected. */
typedef uint32 KeyHash;

/* Strings are collected in blocks that are never moved. */
#define BLOCK_BYTES 32768
#define BLOCK_COUNT_START 16

#define LARGE_PAGE (2 * 1024 * 1024)

typedef struct KeyBlock
{
	uint32		used;
	char		bytes[FLEXIBLE_ARRAY_MEMBER];
} KeyBlock;

#define BLOCK_ROOM (BLOCK_BYTES - offsetof(KeyBlock, bytes))

struct KeySet
{
	MemoryContext context;
	Size		limit;
	uint64		seed;			/* nobody outside can make hashes collide */
	uint32		count;
	Size		bytes;			/* of headers and strings */
	/* while they are collected */
	KeyBlock  **blocks;
	uint32		block_count;
	uint32		block_room;
	/* once all are in */
	uint64	   *filter;
	uint32		filter_words;
	uint32	   *buckets;		/* where each begins; it ends where the next one does */
	uint32		bucket_count;
	char	   *keys;
};

static bool has_room(const KeySet *set, size_t length);
static void add_block(KeySet *set);
static const char *next_collected(const char *collected, KeyHash *hash, KeyHeader *header);
static void *allocate(KeySet *set, Size size);
static void count_in_buckets(KeySet *set);
static void put_in_buckets(KeySet *set);
static inline KeyHash hash_key(const KeySet *set, const char *key, size_t length);
static inline uint32 share(KeyHash hash, uint32 count);
static inline uint64 filter_bits(KeyHash hash);
static uint8 find(const char *at, const char *end, const char *key, size_t length);

StaticAssertDecl(KEY_LENGTH_MAX < 1 << HEADER_LENGTH_BITS, "the length of a key fits its header");
StaticAssertDecl(KEY_MARKS_END << HEADER_LENGTH_BITS <= PG_UINT16_MAX + 1, "the marks of a key fit its header");

KeySet *
key_set_create(MemoryContext context, Size limit)
{
	KeySet	   *set = MemoryContextAllocZero(context, sizeof(KeySet));

	set->context = context;
	set->limit = limit;
	set->seed = pg_prng_uint64(&pg_global_prng_state);
	set->block_room = BLOCK_COUNT_START;
	set->blocks = MemoryContextAlloc(context, BLOCK_COUNT_START * sizeof(KeyBlock *));
	return set;
}

bool
key_set_add(KeySet *set, const char *key, size_t length, uint8 marks)
{
	KeyHash		hash;
	KeyHeader	header = (KeyHeader) (length | (unsigned) marks << HEADER_LENGTH_BITS);
	KeyBlock   *block;
	char	   *end;

	if (length > KEY_LENGTH_MAX)
		return true;
	if (!has_room(set, length))
		return false;
	if (set->block_count == 0 ||
		set->blocks[set->block_count - 1]->used + sizeof(hash) + sizeof(header) + length > BLOCK_ROOM)
		add_block(set);
	block = set->blocks[set->block_count - 1];
	end = block->bytes + block->used;
	hash = hash_key(set, key, length);
	memcpy(end, &hash, sizeof(hash));
	memcpy(end + sizeof(hash), &header, sizeof(header));
	memcpy(end + sizeof(hash) + sizeof(header), key, length);
	block->used += sizeof(hash) + sizeof(header) + length;
	set->bytes += sizeof(header) + length;
	set->count++;
	return true;
}

void
key_set_finish(KeySet *set)
{
	Size		filter_size;
	Size		buckets_size;

	set->filter_words = set->count / KEYS_PER_FILTER_WORD + 1;
	filter_size = set->filter_words * sizeof(uint64);
	set->bucket_count = set->count / KEYS_PER_BUCKET + 1;
	buckets_size = (set->bucket_count + (Size) 1) * sizeof(uint32);
	set->filter = allocate(set, filter_size + buckets_size + set->bytes);
	set->buckets = (uint32 *) ((char *) set->filter + filter_size);
	set->keys = (char *) set->buckets + buckets_size;
	memset(set->filter, 0, filter_size + buckets_size);
	count_in_buckets(set);
	put_in_buckets(set);
	for (uint32 i = 0; i < set->block_count; i++)
		pfree(set->blocks[i]);
	pfree(set->blocks);
	set->blocks = NULL;
}

uint8
key_set_marks(const KeySet *set, const char *key, size_t length)
{
	KeyHash		hash = hash_key(set, key, length);
	uint64		bits = filter_bits(hash);
	const uint32 *bucket;

	if (likely((set->filter[share(hash, set->filter_words)] & bits) != bits))
		return 0;
	bucket = &set->buckets[share(hash, set->bucket_count)];
	return find(set->keys + bucket[0], set->keys + bucket[1], key, length);
}

/* What was collected is still there while the buckets are filled. */
static bool
has_room(const KeySet *set, size_t length)
{
	Size		bytes = set->bytes + sizeof(KeyHeader) + length;
	Size		tables = (set->count / KEYS_PER_BUCKET + (Size) 3) * sizeof(uint32) +
		(set->count / KEYS_PER_FILTER_WORD + (Size) 2) * sizeof(uint64);
	Size		collected = (set->block_count + (Size) 1) * (BLOCK_BYTES + sizeof(KeyBlock *));
	Size		sum = bytes + tables + collected;

	if (bytes + tables >= LARGE_PAGE)
		sum += LARGE_PAGE;
	return sum <= set->limit && bytes <= PG_UINT32_MAX && set->count < PG_INT32_MAX;
}

static void
add_block(KeySet *set)
{
	if (set->block_count == set->block_room)
	{
		set->block_room *= 2;
		set->blocks = repalloc_huge(set->blocks, set->block_room * sizeof(KeyBlock *));
	}
	set->blocks[set->block_count] = MemoryContextAlloc(set->context, BLOCK_BYTES);
	set->blocks[set->block_count++]->used = 0;
}

/* Reads what stands before the string; returns where the string is. */
static const char *
next_collected(const char *collected, KeyHash *hash, KeyHeader *header)
{
	memcpy(hash, collected, sizeof(*hash));
	memcpy(header, collected + sizeof(*hash), sizeof(*header));
	return collected + sizeof(*hash) + sizeof(*header);
}

/*
 * Where the system has pages of more than one size, large ones make a look up to
 * four times as fast: the processor knows where they are.
 */
static void *
allocate(KeySet *set, Size size)
{
	char	   *memory;
	char	   *start;

	if (size < LARGE_PAGE)
		return MemoryContextAllocHuge(set->context, size);
	memory = MemoryContextAllocHuge(set->context, size + LARGE_PAGE);
	start = (char *) TYPEALIGN(LARGE_PAGE, memory);
#ifdef MADV_HUGEPAGE
	(void) madvise(start, (Size) (memory + size + LARGE_PAGE - start), MADV_HUGEPAGE);
#endif
	return start;
}

/* Leaves in each bucket where its strings will end, and makes the filter. */
static void
count_in_buckets(KeySet *set)
{
	uint32		end = 0;

	for (uint32 i = 0; i < set->block_count; i++)
	{
		const char *at = set->blocks[i]->bytes;
		const char *block_end = at + set->blocks[i]->used;

		while (at < block_end)
		{
			KeyHash		hash;
			KeyHeader	header;
			const char *key = next_collected(at, &hash, &header);
			size_t		length = header & ((1 << HEADER_LENGTH_BITS) - 1);

			set->buckets[share(hash, set->bucket_count)] += sizeof(header) + length;
			set->filter[share(hash, set->filter_words)] |= filter_bits(hash);
			at = key + length;
		}
	}
	for (uint32 i = 0; i <= set->bucket_count; i++)
	{
		end += set->buckets[i];
		set->buckets[i] = end;
	}
}

/* From the end of each bucket to its start. */
static void
put_in_buckets(KeySet *set)
{
	for (uint32 i = 0; i < set->block_count; i++)
	{
		const char *at = set->blocks[i]->bytes;
		const char *block_end = at + set->blocks[i]->used;

		while (at < block_end)
		{
			KeyHash		hash;
			KeyHeader	header;
			const char *key = next_collected(at, &hash, &header);
			size_t		length = header & ((1 << HEADER_LENGTH_BITS) - 1);
			uint32	   *bucket = &set->buckets[share(hash, set->bucket_count)];

			*bucket -= sizeof(header) + length;
			memcpy(set->keys + *bucket, key - sizeof(header), sizeof(header) + length);
			at = key + length;
		}
	}
}

static inline KeyHash
hash_key(const KeySet *set, const char *key, size_t length)
{
	return (KeyHash) hash_bytes_extended((const unsigned char *) key, (int) length, set->seed);
}

/* Spreads hashes over so many places, by their upper bits; the filter takes the lower ones. */
static inline uint32
share(KeyHash hash, uint32 count)
{
	return (uint32) ((uint64) hash * count >> 32);
}

static inline uint64
filter_bits(KeyHash hash)
{
	return UINT64CONST(1) << (hash & 63) | UINT64CONST(1) << (hash >> 6 & 63);
}

/* The marks of all strings that are this one. */
static uint8
find(const char *at, const char *end, const char *key, size_t length)
{
	uint8		marks = 0;

	while (at < end)
	{
		KeyHeader	header;
		size_t		here;

		memcpy(&header, at, sizeof(header));
		here = header & ((1 << HEADER_LENGTH_BITS) - 1);
		at += sizeof(header);
		if (here == length && memcmp(at, key, length) == 0)
			marks |= header >> HEADER_LENGTH_BITS;
		at += here;
	}
	return marks;
}
