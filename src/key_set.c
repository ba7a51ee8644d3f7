/*
 * key_set.c
 *		Short strings in memory, each with marks, within a limit of bytes.
 *
 * A set of hundreds of thousands is larger than the caches of the processor, and a
 * look past them takes longer than all else.  So what is looked at each time is kept
 * apart and small: one byte of the hash of each string, in groups of a few.  It says
 * nearly always when a string is not there, and where it is if it is there: one look
 * past the caches then compares it.
 *
 * A string is an entry of 14 bytes: the number of its domain (key_tails.h), and what
 * stands before the @; if that is long the rest of it lies elsewhere.  Entries are
 * collected in parts, by the first bits of their hashes.  When memory runs out a part
 * keeps only fingerprints, of four bytes each, and gives the rest back; so a little
 * too little memory costs a little time.  At the end, part after part is put into the
 * order of its groups, in the memory that it had.
 *
 * Whoever asks reads a table of his own in between, as much of it as drives the strings
 * out of the cache that all processors share before they are looked at again.  So block
 * after block of them is touched in turn: nobody waits for that.
 */
#include "postgres.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "common/pg_prng.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "compat.h"
#include "key_blocks.h"
#include "key_hash.h"
#include "key_set.h"
#include "key_tails.h"

#define PART_BITS 7
#define PARTS (1 << PART_BITS)

/* On average; more than a group holds go on in the next one. */
#define KEYS_PER_GROUP 12
#define GROUP_KEYS 14
#define GROUPS_TOGETHER 64

/* Smaller strings stay near by themselves, larger ones do not even so. */
#define TOUCH_BYTES_MIN (1024 * 1024)
#define TOUCH_BYTES_MAX (16 * 1024 * 1024)
#define TOUCH_EVERY 8			/* questions a block */
#define CACHE_LINE 64

/* For the domains, of the limit. */
#define TAILS_SHARE 16

/* What small allocations take, and what their context keeps. */
#define OVERHEAD (48 * 1024)

#define HEAD_MAX 11
#define HEAD_LONGER 15			/* in place of its length */

/*
 * The head is what stands before the domain, or the whole where that has no number.
 * Of a longer one there is its place in the blocks, and its start; the length
 * and the rest are there.
 */
typedef struct Entry
{
	uint16		tail;
	uint8		length : 4;
	uint8		mark : 4;		/* the number of its bit */
	char		head[HEAD_MAX];
} Entry;

typedef uint32 Place;
typedef uint16 KeyLength;

#define HEAD_START (HEAD_MAX - sizeof(Place))

#define ENTRIES_PER_BLOCK (KEY_BLOCK_BYTES / sizeof(Entry))
#define PRINTS_PER_BLOCK (KEY_BLOCK_BYTES / sizeof(Fingerprint))

/* All are looked at together. */
typedef union Group
{
	struct
	{
		uint16		head;		/* keys of the part before it, since the last 64th group or the first */
		uint8		tags[GROUP_KEYS];	/* 0: none */
	};
	uint8		bytes[16];
} Group;

#define GROUP_GOES_ON 0x8000	/* in the head */
#define GROUP_BEFORE 0x7FFF

#define GROUPS_PER_BLOCK (KEY_BLOCK_BYTES / sizeof(Group))

/* Another 32 bits than those that choose the part. */
typedef uint32 Fingerprint;

/* What is collected goes into a chain of blocks. */
typedef struct Chain
{
	uint32		first;
	uint32		last;
	uint32		used;			/* bytes of the last */
} Chain;

typedef struct Part
{
	bool		fingerprints;
	uint32		count;
	Chain		entries;		/* or fingerprints */
	Chain		strings;
	/* once it is in order */
	uint32		first_block;	/* of its entries, in order */
	uint32		first_group;
	uint32		homes;			/* groups where keys are looked for; behind them may be more */
} Part;

struct KeySet
{
	MemoryContext context;
	Size		limit;
	KeySecret	secret;
	KeyTails	tails;
	KeyBlocks	blocks;
	uint32		count;
	Part		part[PARTS];
	/* once all are in */
	char	  **ordered;		/* blocks of entries, */
	Group	  **groups;			/* and of groups */
	uint32	   *before;			/* keys of the part before each 64th group */
	uint32		touch_count;	/* of the ordered blocks */
	uint32		touched;		/* the next one of these */
	uint32		asked;
};

/* A key taken apart. */
typedef struct Key
{
	const char *bytes;
	size_t		length;
	size_t		head_length;
	const char *tail;
	size_t		tail_length;
	uint64		tail_hash;
	uint64		hash;
} Key;

/* While a part is put into order. */
typedef struct Ordering
{
	Entry	   *entries;
	Fingerprint *prints;		/* of all */
	uint8	   *tags;			/* in order */
	uint32	   *ends;			/* of the keys of each home, in order */
	uint32		ordered_count;	/* blocks */
	uint32		group_count;
} Ordering;

static uint32 blocks_to_touch(uint32 count);
static void touch_block(KeySet *set);
static inline void take_apart(const KeySet *set, Key *key, const char *bytes, size_t length, size_t domain);
static size_t find_domain(const char *bytes, size_t length);
static inline Fingerprint fingerprint(uint64 hash);
static inline int part_of(uint64 hash);
static inline uint32 home_of(Fingerprint print, uint32 homes);
static inline uint8 tag_of(Fingerprint print);
static uint32 homes_for(uint32 count);
static bool collect(KeySet *set, Part *part, const Key *key, uint8 mark);
static inline void set_head(Entry *entry, const Key *key, uint16 tail);
static inline size_t length_of_head(const Key *key, uint16 tail);
static bool keep_longer(KeySet *set, Part *part, Entry *entry, const Key *key);
static void *append(KeySet *set, Chain *chain, size_t size);
static uint32 room(const KeySet *set);
static Size groups_for(uint32 count);
static uint32 largest_part(const KeySet *set, bool keeps_strings);
static bool make_room(KeySet *set);
static void keep_fingerprints(KeySet *set, Part *part);
static uint64 hash_of_entry(const KeySet *set, const Entry *entry);
static void order_part(KeySet *set, Part *part, Ordering *ordering);
static void take_collected(KeySet *set, Part *part, Ordering *ordering);
static void place_keys(KeySet *set, const Part *part, Ordering *ordering);
static void make_groups(KeySet *set, Part *part, Ordering *ordering);
static char *take_reserved(KeySet *set);
static Group *add_group(KeySet *set, uint32 number);
static inline Group *group_at(const KeySet *set, uint32 number);
static inline Entry *entry_at(const KeySet *set, const Part *part, Size key);
static inline Fingerprint *print_at(const KeySet *set, const Part *part, Size key);
static inline uint32 candidates_in(const Group *group, uint8 tag);
static uint8 marks_of_candidates(const KeySet *set, const Key *key, const Part *part, uint32 number, uint32 candidates);
static inline Size before_group(const KeySet *set, const Part *part, uint32 number);
static inline void prefetch_entry(const Entry *entry);
static uint8 marks_of_entries(const KeySet *set, const Key *key, const Part *part, Size first, uint32 candidates);
static bool is_longer(const KeySet *set, const Key *key, const Entry *entry);
static const char *longer_at(const KeySet *set, const Entry *entry, KeyLength *length);

StaticAssertDecl(sizeof(Entry) == 14, "an entry has no gaps");
StaticAssertDecl(sizeof(Group) == 16, "a group never lies across two lines of the caches");

KeySet *
key_set_create(MemoryContext context, Size limit, KeySetKind kind)
{
	KeySet	   *set = MemoryContextAllocZero(context, sizeof(KeySet));

	set->context = context;
	set->limit = limit;
	set->secret.start = pg_prng_uint64(&pg_global_prng_state);
	set->secret.word = pg_prng_uint64(&pg_global_prng_state) | 1;
	set->secret.rest = pg_prng_uint64(&pg_global_prng_state) | 1;
	key_tails_init(&set->tails, context, limit / TAILS_SHARE, key_hash(&set->secret, "", 0));
	key_blocks_init(&set->blocks, context);
	for (int i = 0; i < PARTS; i++)
	{
		set->part[i].fingerprints = kind == KEYS_FINGERPRINTS;
		set->part[i].entries.last = set->part[i].entries.first = KEY_BLOCK_NONE;
		set->part[i].strings.last = set->part[i].strings.first = KEY_BLOCK_NONE;
	}
	return set;
}

bool
key_set_add(KeySet *set, const char *bytes, size_t length, uint8 mark)
{
	Key			key;
	Part	   *part;

	if (length > KEY_LENGTH_MAX)
		return true;
	if (set->count == PG_INT32_MAX)
		return false;
	take_apart(set, &key, bytes, length, find_domain(bytes, length));
	part = &set->part[part_of(key.hash)];
	while (!collect(set, part, &key, mark))
		if (!make_room(set))
			return false;
	part->count++;
	set->count++;
	return true;
}

void
key_set_finish(KeySet *set)
{
	uint32		largest = largest_part(set, false);
	uint32		most_groups = groups_for(set->count) + set->count / GROUP_KEYS;
	Ordering	ordering = {0};

	set->ordered = MemoryContextAllocHuge(set->context, (set->blocks.count + (Size) 1) * sizeof(char *));
	set->groups = MemoryContextAllocHuge(set->context, (most_groups / GROUPS_PER_BLOCK + (Size) 1) * sizeof(Group *));
	set->before = MemoryContextAllocHuge(set->context, (most_groups / GROUPS_TOGETHER + (Size) 1) * sizeof(uint32));
	ordering.entries = MemoryContextAllocHuge(set->context, (largest_part(set, true) + (Size) 1) * sizeof(Entry));
	ordering.prints = MemoryContextAllocHuge(set->context, (largest + (Size) 1) * sizeof(Fingerprint));
	ordering.tags = MemoryContextAllocHuge(set->context, largest + (Size) 1);
	ordering.ends = MemoryContextAllocHuge(set->context, homes_for(largest) * sizeof(uint32));
	for (int i = 0; i < PARTS; i++)
		order_part(set, &set->part[i], &ordering);
	set->touch_count = blocks_to_touch(ordering.ordered_count);
	pfree(ordering.entries);
	pfree(ordering.prints);
	pfree(ordering.tags);
	pfree(ordering.ends);
}

KeySetKind
key_set_kind(const KeySet *set)
{
	int			fingerprints = 0;

	for (int i = 0; i < PARTS; i++)
		fingerprints += set->part[i].fingerprints;
	return fingerprints == 0 ? KEYS_KEPT : fingerprints < PARTS ? KEYS_PARTLY : KEYS_FINGERPRINTS;
}

uint8
key_set_marks(KeySet *set, const char *bytes, size_t length, size_t domain)
{
	Key			key;
	const Part *part;
	uint32		number;
	uint8		marks = 0;

	if (unlikely(++set->asked % TOUCH_EVERY == 0))
		touch_block(set);
	take_apart(set, &key, bytes, length, domain);
	part = &set->part[part_of(key.hash)];
	number = part->first_group + home_of(fingerprint(key.hash), part->homes);
	for (;;)
	{
		const Group *group = group_at(set, number);
		uint32		candidates = candidates_in(group, tag_of(fingerprint(key.hash)));

		if (unlikely(candidates != 0))
			marks |= marks_of_candidates(set, &key, part, number, candidates);
		if (likely((group->head & GROUP_GOES_ON) == 0))
			return marks;
		number++;
	}
}

static uint32
blocks_to_touch(uint32 count)
{
	Size		bytes = count * KEY_BLOCK_BYTES;

	return bytes >= TOUCH_BYTES_MIN && bytes <= TOUCH_BYTES_MAX ? count : 0;
}

static void
touch_block(KeySet *set)
{
	const char *block;

	if (set->touch_count == 0)
		return;
	block = set->ordered[set->touched];
	for (Size at = 0; at < KEY_BLOCK_BYTES; at += CACHE_LINE)
		prefetch(block + at);
	set->touched = (set->touched + 1) % set->touch_count;
}

static inline void
take_apart(const KeySet *set, Key *key, const char *bytes, size_t length, size_t domain)
{
	key->bytes = bytes;
	key->length = length;
	key->head_length = domain < length ? domain - 1 : length;
	key->tail = bytes + domain;
	key->tail_length = length - domain;
	key->tail_hash = key_hash(&set->secret, key->tail, key->tail_length);
	key->hash = key_hash_join(&set->secret, key_hash(&set->secret, bytes, key->head_length), key->tail_hash);
}

/* An @ with nothing behind it is like any other character. */
static size_t
find_domain(const char *bytes, size_t length)
{
	size_t		domain = length;

	/* Only a quoted local part holds others. */
	if (length > 0 && bytes[0] != '"')
	{
		const char *at = memchr(bytes, '@', length);

		return at != NULL ? (size_t) (at + 1 - bytes) : length;
	}
	while (domain > 0 && bytes[domain - 1] != '@')
		domain--;
	return domain > 0 ? domain : length;
}

static inline Fingerprint
fingerprint(uint64 hash)
{
	return (Fingerprint) (hash >> (64 - PART_BITS - 32));
}

static inline int
part_of(uint64 hash)
{
	return (int) (hash >> (64 - PART_BITS));
}

/* Its upper bits choose the group, its lowest ones are the tag. */
static inline uint32
home_of(Fingerprint print, uint32 homes)
{
	return (uint32) ((uint64) print * homes >> 32);
}

static inline uint8
tag_of(Fingerprint print)
{
	uint8		tag = (uint8) print;

	return tag != 0 ? tag : 1;
}

static uint32
homes_for(uint32 count)
{
	return count / KEYS_PER_GROUP + 1;
}

/* False: there is no room. */
static bool
collect(KeySet *set, Part *part, const Key *key, uint8 mark)
{
	Entry		entry = {.tail = 0};
	void	   *place;

	if (part->fingerprints)
	{
		Fingerprint print = fingerprint(key->hash);

		place = append(set, &part->entries, sizeof(print));
		if (place != NULL)
			memcpy(place, &print, sizeof(print));
		return place != NULL;
	}
	set_head(&entry, key, key_tails_add(&set->tails, key->tail, key->tail_length, key->tail_hash));
	if (entry.length == HEAD_LONGER && !keep_longer(set, part, &entry, key))
		return false;
	entry.mark = pg_rightmost_one_pos32(mark);
	place = append(set, &part->entries, sizeof(entry));
	if (place != NULL)
		memcpy(place, &entry, sizeof(entry));
	return place != NULL;
}

/* All but the mark, and the place of a longer one. */
static inline void
set_head(Entry *entry, const Key *key, uint16 tail)
{
	size_t		length = length_of_head(key, tail);

	entry->tail = tail;
	entry->length = length <= HEAD_MAX ? length : HEAD_LONGER;
	if (length <= HEAD_MAX)
		memcpy(entry->head, key->bytes, length);
	else
		memcpy(entry->head + sizeof(Place), key->bytes, HEAD_START);
}

static inline size_t
length_of_head(const Key *key, uint16 tail)
{
	return tail == TAIL_WITHOUT ? key->length : key->head_length;
}

static bool
keep_longer(KeySet *set, Part *part, Entry *entry, const Key *key)
{
	KeyLength	length = length_of_head(key, entry->tail);
	size_t		rest = length - HEAD_START;
	char	   *longer = append(set, &part->strings, sizeof(length) + rest);
	Place		place;

	if (longer == NULL)
		return false;
	memcpy(longer, &length, sizeof(length));
	memcpy(longer + sizeof(length), key->bytes + HEAD_START, rest);
	place = part->strings.last << KEY_BLOCK_BITS | (part->strings.used - sizeof(length) - rest);
	memcpy(entry->head, &place, sizeof(place));
	return true;
}

/* NULL: there is no room. */
static void *
append(KeySet *set, Chain *chain, size_t size)
{
	if (chain->last == KEY_BLOCK_NONE || chain->used + size > KEY_BLOCK_BYTES)
	{
		uint32		block = key_blocks_take(&set->blocks, room(set));

		if (block == KEY_BLOCK_NONE)
			return NULL;
		if (chain->last == KEY_BLOCK_NONE)
			chain->first = block;
		else
			set->blocks.next[chain->last] = block;
		chain->last = block;
		chain->used = 0;
	}
	chain->used += size;
	return set->blocks.memory[chain->last] + chain->used - size;
}

/*
 * Blocks for what is collected: what domains take and what order takes at the end is
 * not for them.  Parts may still grow by half when all blocks are taken.
 */
static uint32
room(const KeySet *set)
{
	Size		largest = largest_part(set, false) * (Size) 3 / 2;
	Size		prints = largest * (sizeof(Fingerprint) + 1) + homes_for(largest) * sizeof(uint32);
	Size		entries = largest_part(set, true) * sizeof(Entry);
	Size		groups = groups_for(set->count + set->count / KEY_BLOCK_PIECE) * sizeof(Group);
	Size		taken = OVERHEAD + set->limit / TAILS_SHARE + prints + entries + groups;

	return taken < set->limit ? (set->limit - taken) / (KEY_BLOCK_COST + sizeof(char *)) : 0;
}

static Size
groups_for(uint32 count)
{
	return count / KEYS_PER_GROUP + PARTS + (count >> 7);
}

/* The keys of the largest part; or of the largest one that keeps strings. */
static uint32
largest_part(const KeySet *set, bool keeps_strings)
{
	uint32		largest = 0;

	for (int i = 0; i < PARTS; i++)
		if (!(keeps_strings && set->part[i].fingerprints))
			largest = Max(largest, set->part[i].count);
	return largest;
}

/* Gives up the strings of a part; false: there is none left. */
static bool
make_room(KeySet *set)
{
	for (int i = 0; i < PARTS; i++)
	{
		if (!set->part[i].fingerprints)
		{
			keep_fingerprints(set, &set->part[i]);
			return true;
		}
	}
	return false;
}

/* They are written over the entries, of which each is larger. */
static void
keep_fingerprints(KeySet *set, Part *part)
{
	Chain	   *chain = &part->entries;
	uint32		to = chain->first;
	Size		written = 0;

	part->fingerprints = true;
	key_blocks_return(&set->blocks, part->strings.first);
	if (to == KEY_BLOCK_NONE)
		return;
	for (uint32 from = chain->first; from != KEY_BLOCK_NONE; from = set->blocks.next[from])
	{
		Size		used = from == chain->last ? chain->used : KEY_BLOCK_BYTES;

		for (Size at = 0; at + sizeof(Entry) <= used; at += sizeof(Entry))
		{
			Fingerprint print = fingerprint(hash_of_entry(set, (Entry *) (set->blocks.memory[from] + at)));

			if (written == KEY_BLOCK_BYTES)
			{
				to = set->blocks.next[to];
				written = 0;
			}
			memcpy(set->blocks.memory[to] + written, &print, sizeof(print));
			written += sizeof(print);
		}
	}
	key_blocks_return(&set->blocks, set->blocks.next[to]);
	set->blocks.next[to] = KEY_BLOCK_NONE;
	chain->last = to;
	chain->used = written;
}

static uint64
hash_of_entry(const KeySet *set, const Entry *entry)
{
	char		longer[KEY_LENGTH_MAX];
	const char *head = entry->head;
	KeyLength	length = entry->length;
	Key			key;

	if (length == HEAD_LONGER)
	{
		const char *rest = longer_at(set, entry, &length);

		memcpy(longer, entry->head + sizeof(Place), HEAD_START);
		memcpy(longer + HEAD_START, rest, length - HEAD_START);
		head = longer;
	}
	if (entry->tail != TAIL_WITHOUT)
		return key_hash_join(&set->secret, key_hash(&set->secret, head, length), key_tail_hash(&set->tails, entry->tail));
	take_apart(set, &key, head, length, find_domain(head, length));
	return key.hash;
}

static void
order_part(KeySet *set, Part *part, Ordering *ordering)
{
	uint32		per_block = part->fingerprints ? PRINTS_PER_BLOCK : ENTRIES_PER_BLOCK;

	part->homes = homes_for(part->count);
	part->first_block = ordering->ordered_count;
	take_collected(set, part, ordering);
	for (uint32 i = 0; i < part->count; i += per_block)
		set->ordered[ordering->ordered_count++] = take_reserved(set);
	place_keys(set, part, ordering);
	make_groups(set, part, ordering);
}

/* Its blocks are free then: as many as it needs when it is in order. */
static void
take_collected(KeySet *set, Part *part, Ordering *ordering)
{
	char	   *to = part->fingerprints ? (char *) ordering->prints : (char *) ordering->entries;
	Size		full = part->fingerprints ? KEY_BLOCK_BYTES : ENTRIES_PER_BLOCK * sizeof(Entry);

	for (uint32 from = part->entries.first; from != KEY_BLOCK_NONE; from = set->blocks.next[from])
	{
		Size		used = from == part->entries.last ? part->entries.used : full;

		memcpy(to, set->blocks.memory[from], used);
		to += used;
	}
	key_blocks_return(&set->blocks, part->entries.first);
	if (!part->fingerprints)
		for (uint32 i = 0; i < part->count; i++)
			ordering->prints[i] = fingerprint(hash_of_entry(set, &ordering->entries[i]));
}

/* Those of each home from its end to its start; then the ends are where the homes start. */
static void
place_keys(KeySet *set, const Part *part, Ordering *ordering)
{
	uint32		end = 0;

	memset(ordering->ends, 0, part->homes * sizeof(uint32));
	for (uint32 i = 0; i < part->count; i++)
		ordering->ends[home_of(ordering->prints[i], part->homes)]++;
	for (uint32 i = 0; i < part->homes; i++)
	{
		end += ordering->ends[i];
		ordering->ends[i] = end;
	}
	for (uint32 i = 0; i < part->count; i++)
	{
		uint32		key = --ordering->ends[home_of(ordering->prints[i], part->homes)];

		ordering->tags[key] = tag_of(ordering->prints[i]);
		if (part->fingerprints)
			*print_at(set, part, key) = ordering->prints[i];
		else
			*entry_at(set, part, key) = ordering->entries[i];
	}
}

/* What does not fit into a group is in the next one, before what is at home there. */
static void
make_groups(KeySet *set, Part *part, Ordering *ordering)
{
	uint32		placed = 0;
	uint32		base = 0;

	part->first_group = ordering->group_count;
	for (uint32 i = 0; i < part->homes || placed < part->count; i++)
	{
		uint32		number = ordering->group_count++;
		Group	   *group = add_group(set, number);
		uint32		end = i + 1 < part->homes ? ordering->ends[i + 1] : part->count;
		uint32		here = Min(end - placed, GROUP_KEYS);

		if (number % GROUPS_TOGETHER == 0)
			set->before[number / GROUPS_TOGETHER] = base = placed;
		group->head = placed - base;
		memcpy(group->tags, ordering->tags + placed, here);
		placed += here;
		if (placed < end)
			group->head |= GROUP_GOES_ON;
	}
}

static Group *
add_group(KeySet *set, uint32 number)
{
	Group	   *group;

	if (number % GROUPS_PER_BLOCK == 0)
		set->groups[number / GROUPS_PER_BLOCK] = (Group *) take_reserved(set);
	group = group_at(set, number);
	memset(group, 0, sizeof(Group));
	return group;
}

/* A block for what room() left room for. */
static char *
take_reserved(KeySet *set)
{
	uint32		block = key_blocks_take(&set->blocks, KEY_BLOCKS_MAX);

	return set->blocks.memory[block];
}

static inline Group *
group_at(const KeySet *set, uint32 number)
{
	return set->groups[number / GROUPS_PER_BLOCK] + number % GROUPS_PER_BLOCK;
}

static inline Entry *
entry_at(const KeySet *set, const Part *part, Size key)
{
	return (Entry *) set->ordered[part->first_block + key / ENTRIES_PER_BLOCK] + key % ENTRIES_PER_BLOCK;
}

static inline Fingerprint *
print_at(const KeySet *set, const Part *part, Size key)
{
	return (Fingerprint *) set->ordered[part->first_block + key / PRINTS_PER_BLOCK] + key % PRINTS_PER_BLOCK;
}

/* A bit for each key of the group that has this tag. */
static inline uint32
candidates_in(const Group *group, uint8 tag)
{
	uint32		equal = 0;

#ifdef __SSE2__
	equal = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_load_si128((const __m128i *) group), _mm_set1_epi8((char) tag)));
#else
	for (size_t i = 0; i < sizeof(Group); i++)
		equal |= (uint32) (group->bytes[i] == tag) << i;
#endif
	return equal >> offsetof(Group, tags);
}

static uint8
marks_of_candidates(const KeySet *set, const Key *key, const Part *part, uint32 number, uint32 candidates)
{
	Size		first = before_group(set, part, number);

	if (!part->fingerprints)
		return marks_of_entries(set, key, part, first, candidates);
	for (; candidates != 0; candidates &= candidates - 1)
		if (*print_at(set, part, first + pg_rightmost_one_pos32(candidates)) == fingerprint(key->hash))
			return KEY_UNSURE;
	return 0;
}

/* The number of its first key. */
static inline Size
before_group(const KeySet *set, const Part *part, uint32 number)
{
	Size		before = number / GROUPS_TOGETHER == part->first_group / GROUPS_TOGETHER ? 0 : set->before[number / GROUPS_TOGETHER];

	return before + (group_at(set, number)->head & GROUP_BEFORE);
}

/* It may lie across two lines of the caches. */
static inline void
prefetch_entry(const Entry *entry)
{
	prefetch(entry);
	prefetch((const char *) (entry + 1) - 1);
}

static uint8
marks_of_entries(const KeySet *set, const Key *key, const Part *part, Size first, uint32 candidates)
{
	Entry		asked = {.tail = 0};
	uint8		marks = 0;

	prefetch_entry(entry_at(set, part, first + pg_rightmost_one_pos32(candidates)));
	set_head(&asked, key, key_tails_find(&set->tails, key->tail, key->tail_length, key->tail_hash));
	for (; candidates != 0; candidates &= candidates - 1)
	{
		const Entry *entry = entry_at(set, part, first + pg_rightmost_one_pos32(candidates));

		asked.mark = entry->mark;
		if (asked.length == HEAD_LONGER)
			memcpy(asked.head, entry->head, sizeof(Place));
		if (key_bytes_equal((const char *) &asked, (const char *) entry, sizeof(Entry)) &&
			(asked.length != HEAD_LONGER || is_longer(set, key, entry)))
			marks |= 1 << entry->mark;
	}
	return marks;
}

static bool
is_longer(const KeySet *set, const Key *key, const Entry *entry)
{
	KeyLength	length;
	const char *rest = longer_at(set, entry, &length);

	return length == length_of_head(key, entry->tail) &&
		key_bytes_equal(rest, key->bytes + HEAD_START, length - HEAD_START);
}

/* Its length, and what is behind the start. */
static const char *
longer_at(const KeySet *set, const Entry *entry, KeyLength *length)
{
	Place		place;
	const char *longer;

	memcpy(&place, entry->head, sizeof(place));
	longer = set->blocks.memory[place >> KEY_BLOCK_BITS] + (place & (KEY_BLOCK_BYTES - 1));
	memcpy(length, longer, sizeof(*length));
	return longer + sizeof(*length);
}
