/*
 * NAME
 *		word_numbers - slots and numbers for the words of all patterns
 *
 * SUMMARY
 *		A perfect hash: each word has a slot of its own.  The words of one bucket are moved
 *		together until all of them find a free slot.
 *
 * SEE ALSO
 *		Belazzougui, Botelho and Dietzfelbinger, Hash, displace, and compress (2009)
 */
#include <stdlib.h>

#include "rule_model.h"

/* slot_of - a word's slot, as the displacements are now */
static unsigned
slot_of(size_t word)
{
	return rule_word_slot(model.words.at[word].key * model.word_seed, model.spread);
}

/* try_spread - give the words of one bucket free slots; false if no displacement does */
static bool
try_spread(const size_t *bucket, size_t count, size_t which)
{
	for (unsigned d = 0; d < 1U << RULE_NUMBER_BITS; d++)
	{
		size_t		placed;

		model.spread[which] = (uint16_t) d;
		for (placed = 0; placed < count; placed++)
		{
			unsigned	slot = slot_of(bucket[placed]);

			if (slot == RULE_NO_WORD || slot == RULE_NUMBER_MAX || model.word_in_slot[slot] != SIZE_MAX)
				break;
			model.word_in_slot[slot] = bucket[placed];
		}
		if (placed == count)
			return true;
		while (placed-- > 0)
			model.word_in_slot[slot_of(bucket[placed])] = SIZE_MAX;
	}
	return false;
}

/* spread_words - the buckets with most words first, while there is room */
static bool
spread_words(void)
{
	size_t		buckets = (size_t) 1 << RULE_SPREAD_BITS;
	LIST(size_t) *bucket = calloc(buckets, sizeof(*bucket));
	size_t		largest = 0;
	bool		found = true;

	for (size_t i = 0; i < model.words.count; i++)
	{
		size_t		which = rule_word_bucket(model.words.at[i].key * model.word_seed);

		if (model.words.at[i].mask != 0)
			continue;
		APPEND(bucket[which], i);
		if (bucket[which].count > largest)
			largest = bucket[which].count;
	}
	for (size_t size = largest; size > 0 && found; size--)
	{
		for (size_t b = 0; b < buckets && found; b++)
		{
			if (bucket[b].count == size)
				found = try_spread(bucket[b].at, size, b);
		}
	}
	free(bucket);
	return found;
}

/* find_slots - a perfect hash with some room */
static void
find_slots(void)
{
	do
	{
		model.word_seed += UINT64_C(0x2545F4914F6CDD1E);
		for (size_t i = 0; i < RULE_NUMBER_MAX + 1; i++)
			model.word_in_slot[i] = SIZE_MAX;
	} while (!spread_words());
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

/* warm_words - count how often the examples have each */
static void
warm_words(void)
{
	for (size_t i = 0; i < model.file.count; i++)
	{
		for (size_t j = 0; j < model.file.lines[i].example_count; j++)
		{
			static Token token[RULE_PATTERN_MAX];
			size_t		count = text_tokens(model.file.lines[i].examples[j], token, RULE_PATTERN_MAX);

			for (size_t k = 0; k < count; k++)
			{
				Word	   *word = word_of(token[k].key);

				if (word != NULL)
					word->heat++;
			}
		}
	}
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

/* number_words - slots, and numbers in the order of heat: what is needed often lies together */
void
number_words(void)
{
	size_t	   *order = grow(NULL, model.words.count, sizeof(*order));

	if (model.words.count > RULE_NUMBER_MAX * 7 / 8)
		give_up("too many words for RULE_NUMBER_BITS");
	find_slots();
	warm_words();
	for (size_t i = 0; i < model.words.count; i++)
		order[i] = i;
	qsort(order, model.words.count, sizeof(*order), hotter);
	for (size_t i = 0; i < model.words.count; i++)
		model.words.at[order[i]].number = (unsigned) i + 1;
	free(order);
}
