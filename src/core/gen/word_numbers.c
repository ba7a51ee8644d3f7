/*
 * NAME
 *		word_numbers - numbers for the words of all patterns
 *
 * SUMMARY
 *		A perfect hash: each word has a slot of its own, and the slot is its number.  The
 *		words of one bucket are moved together until all of them find a free slot.
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
	return rule_word_slot(rule_word_hash(model.words.at[word].key, model.word_seed), model.spread);
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
		size_t		which = rule_word_bucket(rule_word_hash(model.words.at[i].key, model.word_seed));

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

/* number_words - a perfect hash with some room; stems get numbers that no word has */
void
number_words(void)
{
	unsigned	number;

	if (model.words.count > RULE_NUMBER_MAX * 7 / 8)
		give_up("too many words for RULE_NUMBER_BITS");
	do
	{
		model.word_seed += UINT64_C(0x2545F4914F6CDD1E);
		for (size_t i = 0; i < RULE_NUMBER_MAX + 1; i++)
			model.word_in_slot[i] = SIZE_MAX;
	} while (!spread_words());
	for (size_t i = 0; i < RULE_NUMBER_MAX + 1; i++)
	{
		if (model.word_in_slot[i] != SIZE_MAX)
			model.words.at[model.word_in_slot[i]].number = (unsigned) i;
	}
	number = 1;
	for (size_t i = 0; i < model.words.count; i++)
	{
		if (model.words.at[i].mask == 0)
			continue;
		while (model.word_in_slot[number] != SIZE_MAX)
			number++;
		model.words.at[i].number = number++;
	}
}
