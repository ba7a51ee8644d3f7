/*
 * NAME
 *		hits - find the literals of rules in an answer
 *
 * SUMMARY
 *		Words are looked up in a perfect hash, and a trie of words is walked, both without
 *		branches that depend on the text.
 *
 * DESCRIPTION
 *		In: the tokens of response.h, the tables of rules.h.  Out: the literals that end at
 *		each of them.  A word costs at most as many steps as the longest literal has words.
 *
 * DIAGNOSTICS
 *		None.
 */
#include "hits.h"

#define REACHED_MAX (STRETCH * RULE_LITERAL_MAX)

/*
 * A stretch of tokens.  The word at a token is what rule_words has of it, or 0; behind
 * the last one is another 0.
 */
typedef struct Stretch
{
	uint64_t	stems;			/* where a word may begin like a stem, the last token lowest */
	unsigned	reached;
	uint64_t	word[STRETCH + 1];
	uint32_t	node[REACHED_MAX + 1];	/* of the trie, as an entry, to which two words or more lead; the longer ways later */
	uint8_t		last[REACHED_MAX + 1];	/* token of such a way */
} Stretch;

/*
 * step - whether a node goes on with a word, and where it is then.  Nobody can guess
 * whether it does, so there is no branch.
 */
static inline unsigned
step(uint32_t node, unsigned number, uint32_t *entry)
{
	*entry = rule_transitions[(node >> RULE_STATE_SHIFT) + number];
	return ((*entry ^ number) & RULE_NUMBER_MAX) == 0;
}

static inline unsigned
is_hit(uint32_t entry)
{
	return entry >> RULE_HIT_SHIFT & 1;
}

/* literal_at - the one that ends at a node, if "is_one"; else what no cache has to be filled for */
static inline unsigned
literal_at(uint32_t node, unsigned is_one)
{
	return rule_transitions[(node >> RULE_STATE_SHIFT) & (0 - is_one)] >> RULE_NUMBER_BITS;
}

/* find_word - what rule_words has of a token */
static inline uint64_t
find_word(const Token *token)
{
	const RuleWord *word = &rule_words[rule_word_slot(token->key * rule_word_seed, rule_spread)];
	uint64_t	found = word->word;

	return word->key == token->key ? found : 0;
}

/* may_be_stem - 1 if the token begins with the first letters of one */
static inline unsigned
may_be_stem(const Token *token)
{
	return rule_stem_fourth[rule_stem_bucket(token->head)] >> rule_stem_letter(token->head) & 1;
}

/* find_words - which tokens are words of rules */
static void
find_words(Stretch *s, const Token *token, size_t count)
{
	uint64_t	stems = 0;

	for (size_t i = 0; i < count; i++)
	{
		s->word[i] = find_word(&token[i]);
		stems = stems + stems + may_be_stem(&token[i]);
	}
	s->word[count] = 0;
	s->stems = stems;
}

/*
 * walk - the trie from every word on, all ways one word further in each round: they do
 * not wait for each other, and few are left after the first one
 */
static void
walk(const OpenWays *open, Stretch *s, size_t count, Hits *hits, unsigned first)
{
	size_t		reached = 0;
	size_t		n = hits->count;
	Hit			here = first << HIT_END;

	for (unsigned i = 0; i < open->count; i++)
	{
		s->last[reached] = 0;
		reached += step(open->node[i], rule_word_number(s->word[0]), &s->node[reached]);
	}
	for (size_t i = 1; i <= count; i++)
	{
		uint64_t	word = s->word[i - 1];

		hits->hit[n] = rule_word_literal(word) | here;
		n += rule_word_literal(word) != 0;
		s->last[reached] = (uint8_t) i;
		reached += step(rule_word_start(word), rule_word_number(s->word[i]), &s->node[reached]);
		here += 1U << HIT_END;
	}
	for (size_t done = 0; done < reached; done++)
	{
		uint32_t	node = s->node[done];
		size_t		last = s->last[done];

		hits->hit[n] = literal_at(node, is_hit(node)) | (first + (unsigned) last) << HIT_END;
		n += is_hit(node);
		s->last[reached] = (uint8_t) (last + 1);
		reached += step(node, rule_word_number(s->word[last + 1]), &s->node[reached]);
	}
	s->reached = (unsigned) reached;
	hits->count = (unsigned) n;
}

/* add_hit - of a literal that ends at a token, if it is one; there is room for more of them than any text has */
static inline void
add_hit(Hits *hits, unsigned literal, unsigned end, unsigned is_one)
{
	hits->hit[hits->count] = literal | end << HIT_END;
	hits->count += is_one & (hits->count < HITS_MAX);
}

/* take_stem - behind a node, if that goes on with it */
static inline void
take_stem(Hits *hits, uint32_t node, unsigned number, unsigned end)
{
	uint32_t	entry;
	unsigned	goes_on = step(node, number, &entry);

	add_hit(hits, literal_at(entry, goes_on), end, goes_on);
}

/* take_behind - a stem at token i behind all that ends at the token before it, the longest last */
static void
take_behind(const OpenWays *open, const Stretch *s, const RuleStem *stem, unsigned i, Hits *hits, unsigned end)
{
	unsigned	number = rule_word_number(stem->word);

	if (i == 0)
	{
		for (unsigned j = 0; j < open->count; j++)
			take_stem(hits, open->node[j], number, end);
	}
	else if (s->word[i - 1] != 0)
	{
		take_stem(hits, rule_word_start(s->word[i - 1]), number, end);
		for (unsigned j = 0; stem->behind > 1 && j < s->reached; j++)
		{
			if (s->last[j] == i - 1)
				take_stem(hits, s->node[j], number, end);
		}
	}
}

/* take_stems - the literals that end with the begin of a word */
static void
take_stems(const OpenWays *open, const Stretch *s, const Token *token, size_t count, Hits *hits, unsigned first)
{
	for (uint64_t stems = s->stems; stems != 0; stems &= stems - 1)
	{
		unsigned	i = (unsigned) count - 1 - (unsigned) __builtin_ctzll(stems);
		uint64_t	head = token[i].head;
		unsigned	bucket = rule_stem_bucket(head);

		for (unsigned j = rule_stem_first[bucket]; j < rule_stem_first[bucket + 1]; j++)
		{
			const RuleStem *stem = &rule_stems[j];

			if ((head & stem->mask) != stem->head)
				continue;
			add_hit(hits, rule_word_literal(stem->word), first + i, rule_word_literal(stem->word) != 0);
			if (stem->behind > 0)
				take_behind(open, s, stem, i, hits, first + i);
		}
	}
}

/* keep_open - the nodes that the next stretch may go on from, the longer ways later */
static void
keep_open(OpenWays *open, const Stretch *s, size_t count)
{
	open->count = 0;
	open->node[open->count++] = rule_word_start(s->word[count - 1]);
	for (unsigned j = 0; j < s->reached; j++)
	{
		if ((size_t) s->last[j] + 1 == count)
			open->node[open->count++] = s->node[j];
	}
}

/* hits_find - see hits.h */
void
hits_find(Hits *hits, OpenWays *open, const Token *token, size_t count, unsigned first, bool goes_on)
{
	Stretch		s;

	find_words(&s, token, count);
	walk(open, &s, count, hits, first);
	take_stems(open, &s, token, count, hits, first);
	if (goes_on && count > 0)
		keep_open(open, &s, count);
}
