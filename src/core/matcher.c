/*
 * NAME
 *		matcher - find the rule that speaks for an answer
 *
 * SUMMARY
 *		One pass over the words for all rules: a trie finds the literals, a bitmap of begun
 *		sequences knows the gaps, a rank decides.
 *
 * DESCRIPTION
 *		In: the tokens of response.h, the status, the tables of rules.h.  Out: the rule
 *		with the best rank among those whose pattern occurs and whose condition holds.  A
 *		pattern in the answer itself beats one in a relay's wrapper, if kind and weight
 *		are the same.
 *
 *		The work is done in turns over a stretch of tokens: words are looked up, the trie
 *		is walked, both without branches that depend on the text; then what it saw.  A
 *		word costs at most as many steps as the longest literal has words.
 *
 * DIAGNOSTICS
 *		None.
 */
#include "matcher.h"

#include <string.h>

#include "word.h"

#define STRETCH 64				/* tokens, and bits */
#define REACHED_MAX (STRETCH * RULE_LITERAL_MAX)
#define HITS_MAX (REACHED_MAX + 8 * STRETCH)
#define NO_MORE UINT16_MAX

/*
 * A stretch of tokens.  The word at a token is what rule_words has of it, or 0; behind
 * the last one is another 0.
 */
typedef struct Stretch
{
	uint64_t	stems;			/* where a word may begin like a stem, the last token lowest */
	unsigned	reached;
	unsigned	words_hit;		/* hits that are one word */
	unsigned	hits;
	uint64_t	word[STRETCH + 1];
	uint32_t	node[REACHED_MAX];	/* of the trie, as an entry, to which two words or more lead; the longer ways later */
	uint8_t		last[REACHED_MAX];	/* token of such a way */
	uint32_t	hit[HITS_MAX];	/* a node where a literal ends; the longer ones later */
	uint8_t		end[HITS_MAX];	/* its token */
	uint16_t	literal[HITS_MAX];
	uint16_t	shorter[HITS_MAX];	/* the next hit at the same token, or NO_MORE */
	uint16_t	longest[STRETCH];	/* by token: the first hit */
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

/* find_words - which tokens are words of rules */
static void
find_words(Stretch *s, const Token *token, size_t count)
{
	uint64_t	stems = 0;

	for (size_t i = 0; i < count; i++)
	{
		const RuleWord *word = &rule_words[rule_word_slot(token[i].key * rule_word_seed, rule_spread)];
		uint32_t	fourth = rule_stem_fourth[rule_stem_bucket(token[i].head)];

		s->word[i] = word->word & (0 - (uint64_t) (word->key == token[i].key));
		stems = stems << 1 | (fourth >> rule_stem_letter(token[i].head) & 1);
	}
	s->word[count] = 0;
	s->stems = stems;
}

/*
 * walk - the trie from every word on, all ways one word further in each round: they do
 * not wait for each other, and few are left after the first one
 */
static void
walk(const Match *m, Stretch *s, size_t count)
{
	unsigned	reached = 0;
	unsigned	hits = 0;

	for (unsigned i = 0; i < m->open_count; i++)
	{
		s->last[reached] = 0;
		reached += step(m->open[i], rule_word_number(s->word[0]), &s->node[reached]);
	}
	for (size_t i = 0; i < count; i++)
	{
		uint32_t	start = rule_word_start(s->word[i]);

		s->hit[hits] = start;
		s->end[hits] = (uint8_t) i;
		hits += is_hit(start);
		s->last[reached] = (uint8_t) (i + 1);
		reached += step(start, rule_word_number(s->word[i + 1]), &s->node[reached]);
	}
	s->words_hit = hits;
	for (unsigned done = 0; done < reached; done++)
	{
		uint32_t	node = s->node[done];
		unsigned	next = s->last[done] + 1U;

		s->hit[hits] = node;
		s->end[hits] = s->last[done];
		hits += is_hit(node);
		s->last[reached] = (uint8_t) next;
		reached += step(node, rule_word_number(s->word[next]), &s->node[reached]);
	}
	s->reached = reached;
	s->hits = hits;
}

/* literal_of - the one that ends at a node */
static inline unsigned
literal_of(uint32_t node)
{
	return rule_transitions[node >> RULE_STATE_SHIFT] >> RULE_NUMBER_BITS;
}

/* add_hit - of a literal that ends with a stem; there is room for more of them than any text has */
static inline void
add_hit(Stretch *s, uint32_t node, unsigned i)
{
	if (s->hits == HITS_MAX)
		return;
	s->hit[s->hits] = node;
	s->end[s->hits++] = (uint8_t) i;
}

/* take_stem - at token i, behind a node, if that goes on with it */
static inline void
take_stem(Stretch *s, uint32_t node, const RuleStem *stem, unsigned i)
{
	uint32_t	entry;

	if (step(node, stem->number, &entry))
		add_hit(s, entry, i);
}

/* take_behind - a stem at token i behind all that ends at the token before it, the longest last */
static void
take_behind(const Match *m, Stretch *s, const RuleStem *stem, unsigned i)
{
	if (i == 0)
	{
		for (unsigned j = 0; j < m->open_count; j++)
			take_stem(s, m->open[j], stem, i);
		return;
	}
	if (s->word[i - 1] == 0)
		return;
	take_stem(s, rule_word_start(s->word[i - 1]), stem, i);
	for (unsigned j = 0; j < s->reached; j++)
	{
		if (s->last[j] == i - 1)
			take_stem(s, s->node[j], stem, i);
	}
}

/* take_stems - the literals that end with the begin of a word */
static void
take_stems(const Match *m, Stretch *s, const Token *token, size_t count)
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
			if (is_hit(stem->start))
				add_hit(s, stem->start, i);
			take_behind(m, s, stem, i);
		}
	}
}

/* condition_holds - does the status satisfy one condition? */
static bool
condition_holds(const RuleCondition *c, const StatusCode *code)
{
	int			klass = code->reply != 0 ? code->reply / 100 : code->klass;

	if (c->none)
		return klass == 0;
	if (c->klass != 0 && c->klass != klass)
		return false;
	if (c->reply != 0 && c->reply != code->reply)
		return false;
	if (c->plain && code->klass != 0)
		return false;
	if (c->bare && code->klass != 0 && code->detail != 0 && !(code->subject == 7 && code->detail == 1))
		return false;
	if (c->subject >= 0 && (code->klass == 0 || c->subject != code->subject))
		return false;
	return c->detail < 0 || c->detail == code->detail;
}

/* one_holds - of the conditions from the first on?  A success is no failure unless the rule says so. */
static bool
one_holds(unsigned first, const StatusCode *code)
{
	bool		success = code->reply != 0 ? code->reply < 300 : code->klass == 2;
	const RuleCondition *c = &rule_conditions[first];

	if (first == 0)
		return !success;
	do
	{
		if (condition_holds(c, code) && (!success || c->klass == 2 || c->reply / 100 == 2))
			return true;
	} while (!c++->last);
	return false;
}

/* ranked - a rank at a place of the text */
static inline uint32_t
ranked(const Match *m, uint32_t rank, size_t end)
{
	return rank | (end <= m->answer ? RULE_RANK_WRAPPER : 0);
}

/* consider_entries - of a sequence that is complete, best first; rank is that of the best */
static void
consider_entries(Match *m, uint32_t rank, size_t end)
{
	while (ranked(m, rank, end) < m->best)
	{
		const RuleEntry *entry = &rule_entries[rank & RULE_RANK_ENTRY];

		if (one_holds(entry->condition, &m->code))
			m->best = ranked(m, rank, end);
		else if (entry->next != 0)
			rank = entry->next | (uint32_t) rule_entries[entry->next].tier << RULE_RANK_TIER;
		else
			return;
	}
}

/* consider - the same, if there is any hope: mostly there is none */
static inline void
consider(Match *m, uint32_t rank, size_t end)
{
	if (rank < m->best)
		consider_entries(m, rank, end);
}

/*
 * reach - a sequence has come to its end here.  What cannot go on is noted as number 0,
 * which nothing comes from.
 */
static inline void
reach(Match *m, unsigned number, size_t end)
{
	m->live[number / 64] |= (uint64_t) 1 << number % 64;
	m->any_live |= (uint64_t) (number != 0) << number % 64;
	m->ended[number] = (uint32_t) end;
}

/* take_edge - if its sequence waits for this literal, it has come further */
static inline void
take_edge(Match *m, const RuleEdge *edge, size_t begin, size_t end)
{
	if ((m->live[edge->from / 64] >> edge->from % 64 & 1) == 0 || m->ended[edge->from] > begin)
		return;
	if (!edge->far && begin - m->ended[edge->from] > RULE_GAP_MAX)
		return;
	reach(m, edge->to < rule_step_count ? edge->to : 0, end);
	consider(m, rule_sequence_best[edge->to], end);
}

/* count_bits - of a set; without an instruction for it the compiler would call a function */
static inline unsigned
count_bits(uint64_t set)
{
	set -= set >> 1 & EACH_BYTE(0x55);
	set = (set & EACH_BYTE(0x33)) + (set >> 2 & EACH_BYTE(0x33));
	return (unsigned) (((set + (set >> 4)) & EACH_BYTE(0x0F)) * EACH_BYTE(1) >> 56);
}

/* go_on - with the sequences that waited for this literal, as far as their bits say so */
static void
go_on(Match *m, const RuleLiteral *literal, uint64_t live, size_t end)
{
	for (; live != 0; live &= live - 1)
	{
		uint64_t	before = literal->from & ((live & -live) - 1);
		const RuleEdge *edge = rule_edges + rule_edge_runs[literal->first_run + count_bits(before)];

		do
			take_edge(m, edge, end - literal->length, end);
		while (!edge++->last);
	}
}

/* take_literal - one that ends here */
static void
take_literal(Match *m, unsigned number, size_t end)
{
	const RuleLiteral *literal = &rule_literals[number];
	uint64_t	live;

	if (rule_ranks[number].hope >= m->best)
		return;
	live = literal->from & m->any_live;
	if (live != 0)
		go_on(m, literal, live, end);
	reach(m, literal->goes_on, end);
	consider(m, rule_ranks[number].best, end);
}

/* take_best - mostly one literal alone decides: the one with the best rank is considered before all others */
static void
take_best(Match *m, Stretch *s, size_t first)
{
	uint32_t	best = MATCH_NONE;
	size_t		best_end = 0;

	for (unsigned h = 0; h < s->hits; h++)
	{
		unsigned	literal = literal_of(s->hit[h]);
		size_t		end = first + s->end[h] + 1;
		uint32_t	rank = ranked(m, rule_ranks[literal].best, end);

		s->literal[h] = (uint16_t) literal;
		best_end = rank < best ? end : best_end;
		best = rank < best ? rank : best;
	}
	if (best != MATCH_NONE)
		consider(m, best & ~RULE_RANK_WRAPPER, best_end);
}

/* hopeful - the tokens with a hit that can still lead to a better rule; all such hits at a token are strung together */
static uint64_t
hopeful(const Match *m, Stretch *s)
{
	uint64_t	set = 0;
	unsigned	h = 0;

	for (; h < s->words_hit; h++)
	{
		unsigned	i = s->end[h];

		s->shorter[h] = NO_MORE;
		s->longest[i] = (uint16_t) h;
		set |= (uint64_t) (rule_ranks[s->literal[h]].hope < m->best) << i;
	}
	for (; h < s->hits; h++)
	{
		unsigned	i = s->end[h];
		unsigned	none = 0 - (unsigned) (~set >> i & 1);
		unsigned	hope = rule_ranks[s->literal[h]].hope < m->best;
		unsigned	longest = (s->longest[i] | none) & NO_MORE;

		s->shorter[h] = (uint16_t) longest;
		s->longest[i] = (uint16_t) (longest ^ ((longest ^ h) & (0 - hope)));
		set |= (uint64_t) hope << i;
	}
	return set;
}

/* take_all - what was seen, in the order of the text */
static void
take_all(Match *m, Stretch *s, size_t first)
{
	take_best(m, s, first);
	for (uint64_t hits = hopeful(m, s); hits != 0; hits &= hits - 1)
	{
		unsigned	i = (unsigned) __builtin_ctzll(hits);

		for (unsigned h = s->longest[i]; h != NO_MORE; h = s->shorter[h])
			take_literal(m, s->literal[h], first + i + 1);
	}
}

/* keep_open - the nodes that the next stretch may go on from, the longer ways later */
static void
keep_open(Match *m, const Stretch *s, size_t count)
{
	uint32_t	start = rule_word_start(s->word[count - 1]);

	m->open_count = 0;
	if (start != 0)
		m->open[m->open_count++] = start;
	for (unsigned j = 0; j < s->reached; j++)
	{
		if ((size_t) s->last[j] + 1 == count)
			m->open[m->open_count++] = s->node[j];
	}
}

/* match_begin - nothing seen yet */
void
match_begin(Match *m, const StatusCode *code, size_t answer, bool goes_on)
{
	m->code = *code;
	m->answer = answer;
	m->goes_on = goes_on;
	m->open_count = 0;
	m->best = MATCH_NONE;
	m->any_live = 0;
	memset(m->live, 0, (rule_step_count + 63) / 64 * sizeof(m->live[0]));
}

/* match_tokens - the next part of the answer */
void
match_tokens(Match *m, const Token *token, size_t count, size_t first)
{
	while (count > 0)
	{
		size_t		part = count < STRETCH ? count : STRETCH;
		Stretch		s;

		find_words(&s, token, part);
		walk(m, &s, part);
		take_stems(m, &s, token, part);
		take_all(m, &s, first);
		if (count > part || m->goes_on)
			keep_open(m, &s, part);
		token += part;
		first += part;
		count -= part;
	}
}

/* match_result - the rule that won */
const Rule *
match_result(const Match *m)
{
	return m->best == MATCH_NONE ? NULL : &rules[rule_entries[m->best & RULE_RANK_ENTRY].rule];
}
