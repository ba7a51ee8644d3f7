/*
 * NAME
 *		word_numbers - slots and numbers for the words of all patterns
 *
 * SUMMARY
 *		A perfect hash: each word has a slot of its own.  The words of one bucket are moved
 *		together until all of them find a free slot.  Words that the examples of the rules
 *		have often come first, in low slots and with small numbers.
 *
 * SEE ALSO
 *		Belazzougui, Botelho and Dietzfelbinger, Hash, displace, and compress (2009)
 */
#include <stdlib.h>
#include <string.h>

#include "rule_model.h"

/* The words with one displacement, those of most heat first. */
typedef struct Bucket
{
	LIST(size_t) words;
	size_t		which;
} Bucket;

/* hash_of - what a word's slot and bucket are made from */
static uint64_t
hash_of(size_t word)
{
	return model.words.at[word].key * model.word_seed;
}

/* slot_of - a word's slot, as the displacements are now */
static unsigned
slot_of(size_t word)
{
	return rule_word_slot(hash_of(word), model.spread);
}

/* hotter - more heat first, else in the order in which they came */
static int
hotter(const void *a, const void *b)
{
	size_t		x = *(const size_t *) a;
	size_t		y = *(const size_t *) b;
	unsigned	heat_x = model.words.at[x].heat;
	unsigned	heat_y = model.words.at[y].heat;

	return heat_x != heat_y ? (heat_x > heat_y ? -1 : 1) : (x > y) - (x < y);
}

/* hotter_bucket - the one with the word of most heat first, those without words last */
static int
hotter_bucket(const void *a, const void *b)
{
	const Bucket *x = a;
	const Bucket *y = b;

	if (x->words.count == 0 || y->words.count == 0)
		return x->words.count != 0 ? -1 : y->words.count != 0 ? 1 : (x->which > y->which) - (x->which < y->which);
	return hotter(&x->words.at[0], &y->words.at[0]);
}

/* try_spread - give the words of a bucket free slots, the first one the lowest that does; false if none does */
static bool
try_spread(const Bucket *bucket)
{
	unsigned	first = (unsigned) (hash_of(bucket->words.at[0]) >> (64 - RULE_SLOT_BITS));

	for (unsigned slot = 0; slot < 1U << RULE_SLOT_BITS; slot++)
	{
		size_t		placed;

		model.spread[bucket->which] = (uint16_t) (slot ^ first);
		for (placed = 0; placed < bucket->words.count; placed++)
		{
			size_t	   *word = &model.word_in_slot[slot_of(bucket->words.at[placed])];

			if (*word != SIZE_MAX)
				break;
			*word = bucket->words.at[placed];
		}
		if (placed == bucket->words.count)
			return true;
		while (placed-- > 0)
			model.word_in_slot[slot_of(bucket->words.at[placed])] = SIZE_MAX;
	}
	return false;
}

/* spread_words - what is needed most often first, so that it lies together; order: of all words */
static bool
spread_words(const size_t *order)
{
	static Bucket bucket[1 << RULE_SPREAD_BITS];
	bool		found = true;

	memset(bucket, 0, sizeof(bucket));
	for (size_t i = 0; i < sizeof(bucket) / sizeof(bucket[0]); i++)
		bucket[i].which = i;
	for (size_t i = 0; i < model.words.count; i++)
	{
		if (model.words.at[order[i]].mask == 0)
			APPEND(bucket[rule_word_bucket(hash_of(order[i]))].words, order[i]);
	}
	qsort(bucket, sizeof(bucket) / sizeof(bucket[0]), sizeof(bucket[0]), hotter_bucket);
	for (const Bucket *b = bucket; found && b->words.count > 0; b++)
		found = try_spread(b);
	return found;
}

/* find_slots - a perfect hash with some room; returns the words by their heat */
static size_t *
find_slots(void)
{
	size_t	   *order = grow(NULL, model.words.count, sizeof(*order));

	for (size_t i = 0; i < model.words.count; i++)
		order[i] = i;
	qsort(order, model.words.count, sizeof(*order), hotter);
	do
	{
		model.word_seed += UINT64_C(0x2545F4914F6CDD1E);
		for (size_t i = 0; i < (size_t) 1 << RULE_SLOT_BITS; i++)
			model.word_in_slot[i] = SIZE_MAX;
	} while (!spread_words(order));
	return order;
}

/* word_of - the word of a literal, or NULL */
static Word *
word_of(uint64_t key)
{
	size_t		word = model.word_in_slot[rule_word_slot(key * model.word_seed, model.spread)];

	return word != SIZE_MAX && model.words.at[word].key == key ? &model.words.at[word] : NULL;
}

/* number_of - see rule_model.h */
unsigned
number_of(uint64_t key)
{
	const Word *word = word_of(key);

	return word == NULL ? RULE_NO_WORD : word->number;
}

/* warm_words - count which words an example has */
static void
warm_words(const Token *token, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		Word	   *word = word_of(token[i].key);

		if (word != NULL)
			word->heat++;
	}
}

/* number_words - numbers in the order of heat, too */
void
number_words(void)
{
	size_t	   *order;

	if (model.words.count > RULE_NUMBER_MAX * 7 / 8)
		give_up("too many words for RULE_NUMBER_BITS");
	/* heat is counted with slots of any kind */
	free(find_slots());
	each_example(warm_words);
	order = find_slots();
	for (size_t i = 0; i < model.words.count; i++)
		model.words.at[order[i]].number = (unsigned) i + 1;
	for (size_t i = 0; i < model.words.count; i++)
	{
		Word	   *word = &model.words.at[i];

		if (word->stands_for != 0)
			word->number = model.words.at[word->stands_for - 1].number;
	}
	free(order);
}
