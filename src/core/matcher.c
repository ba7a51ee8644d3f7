/*
 * NAME
 *		matcher - find the rule that speaks for an answer
 *
 * SUMMARY
 *		One pass over the words for all rules: an automaton finds the literals, a bitmap
 *		of begun sequences knows the gaps, a rank decides.
 *
 * DESCRIPTION
 *		In: the tokens of response.h, the status, the tables of rules.h.  Out: the rule
 *		with the best rank among those whose pattern occurs and whose condition holds.  A
 *		pattern in the answer itself beats one in a relay's wrapper, if kind and weight
 *		are the same.
 *
 *		The work is done in turns over a stretch of tokens: numbers for the words, steps
 *		of the automaton, both without branches that depend on the text; then what it saw.
 *
 * DIAGNOSTICS
 *		None.
 *
 * SEE ALSO
 *		Aho and Corasick, Efficient string matching (1975)
 */
#include "matcher.h"

#include <string.h>

#define STRETCH 64				/* tokens, and bits */

/*
 * A stretch of tokens.  Bit i of a set speaks of token i; the known words stand one
 * after the other, with the place of each.
 */
typedef struct Stretch
{
	uint64_t	known;			/* words that some rule has */
	uint64_t	hits;			/* where a literal ends */
	uint64_t	stems;			/* where a word may begin like a stem */
	unsigned	words;			/* how many are known */
	uint32_t	start[STRETCH]; /* where the word leads from nowhere; 0 where not known */
	uint8_t		place[STRETCH];
	uint16_t	number[STRETCH];
	uint32_t	keeps[STRETCH]; /* all ones if the token before is known, too */
	uint32_t	pair[STRETCH];	/* where it leads behind the word before alone */
	uint32_t	state[STRETCH]; /* of the automaton, by token: where known */
	uint16_t	literal[STRETCH];	/* the longest that ends there: where a hit is */
} Stretch;

/* step - where the automaton goes from a state with a word; otherwise: if the state has no own way */
static inline uint32_t
step(uint32_t state, unsigned number, uint32_t otherwise)
{
	uint32_t	entry = rule_transitions[(state >> RULE_STATE_SHIFT) + number];

	return (entry & RULE_NUMBER_MAX) == number ? entry : otherwise;
}

/*
 * number_words - look the words up.  No branch depends on whether one is known: half of
 * them are.
 */
static void
number_words(Stretch *s, const Token *token, size_t count, bool goes_on, uint32_t before)
{
	uint32_t	keeps = goes_on ? UINT32_MAX : 0;
	unsigned	words = 0;

	s->known = s->stems = 0;
	for (size_t i = 0; i < count; i++)
	{
		unsigned	slot = rule_word_slot(rule_word_hash(token[i].key, rule_word_seed), rule_spread);
		uint32_t	fourth = rule_stem_fourth[rule_stem_bucket(token[i].head)];
		unsigned	known = rule_words[slot].key == token[i].key;

		s->place[words] = (uint8_t) i;
		s->number[words] = (uint16_t) slot;
		s->pair[words] = step(before, slot, rule_words[slot].start);
		s->keeps[words] = keeps;
		words += known;
		keeps = 0 - known;
		s->start[i] = before = rule_words[slot].start & keeps;
		s->known |= (uint64_t) known << i;
		s->stems |= (uint64_t) (fourth >> rule_stem_letter(token[i].head) & 1) << i;
	}
	s->words = words;
}

/* note - one more step: the state after word w */
static inline uint32_t
note(Stretch *s, uint32_t state, unsigned w)
{
	state = step(state & s->keeps[w], s->number[w], s->pair[w]);
	s->state[s->place[w]] = state;
	s->hits |= (uint64_t) (state >> RULE_HIT_SHIFT & 1) << s->place[w];
	return state;
}

/* middle - a word near the middle that begins from nowhere; all words if there is none */
static unsigned
middle(const Stretch *s)
{
	for (unsigned w = s->words / 2; w < s->words; w++)
	{
		if (s->keeps[w] == 0)
			return w;
	}
	return s->words;
}

/*
 * walk - the automaton alone.  Each step waits for memory, and two waits side by side
 * cost as much as one: behind a word that is not known another lane can begin.
 */
static void
walk(Stretch *s, uint32_t state)
{
	unsigned	split = middle(s);
	unsigned	w = 0;
	uint32_t	other = 0;

	s->hits = 0;
	for (; w < s->words - split; w++)
	{
		state = note(s, state, w);
		other = note(s, other, split + w);
	}
	for (; w < split; w++)
		state = note(s, state, w);
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

/* consider - the entries of a sequence that is complete, best first; rank is that of the best */
static void
consider(Match *m, uint32_t rank, size_t end)
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

/* go_on - with the sequences that waited for this literal, as far as their bits say so */
static void
go_on(Match *m, const RuleLiteral *literal, uint64_t live, size_t end)
{
	for (; live != 0; live &= live - 1)
	{
		uint64_t	before = literal->from & ((live & -live) - 1);
		const RuleEdge *edge = rule_edges + rule_edge_runs[literal->first_run + __builtin_popcountll(before)];

		do
			take_edge(m, edge, end - literal->length, end);
		while (!edge++->last);
	}
}

/* take_literals - one that ends here, and the shorter ones that end with it */
static void
take_literals(Match *m, unsigned number, size_t end)
{
	for (; rule_literals[number].hope < m->best; number = rule_literals[number].shorter)
	{
		const RuleLiteral *literal = &rule_literals[number];
		uint64_t	live = literal->from & m->any_live;

		if (live != 0)
			go_on(m, literal, live, end);
		reach(m, literal->goes_on, end);
		consider(m, literal->best, end);
	}
}

/* literal_of - the longest that ends with a state */
static inline unsigned
literal_of(uint32_t state)
{
	return rule_transitions[state >> RULE_STATE_SHIFT] >> RULE_NUMBER_BITS;
}

/* take_stems - the literals that end with the begin of a word; state and start are those before it */
static void
take_stems(Match *m, uint32_t state, uint32_t start, uint64_t head, size_t end)
{
	unsigned	bucket = rule_stem_bucket(head);

	for (unsigned i = rule_stem_first[bucket]; i < rule_stem_first[bucket + 1]; i++)
	{
		const RuleStem *stem = &rule_stems[i];

		if ((head & stem->mask) == stem->head)
		{
			uint32_t	next = step(state, stem->number, step(start, stem->number, stem->start));

			if (next >> RULE_HIT_SHIFT & 1)
				take_literals(m, literal_of(next), end);
		}
	}
}

/* state_before - of the automaton, at a token */
static uint32_t
state_before(const Match *m, const Stretch *s, unsigned i)
{
	if (i == 0)
		return m->state;
	return s->known >> (i - 1) & 1 ? s->state[i - 1] : 0;
}

/* take_best - mostly one literal alone decides: the one with the best rank is considered before all others */
static void
take_best(Match *m, Stretch *s, size_t first)
{
	uint32_t	best = MATCH_NONE;
	size_t		best_end = 0;

	for (uint64_t hits = s->hits; hits != 0; hits &= hits - 1)
	{
		unsigned	i = (unsigned) __builtin_ctzll(hits);
		size_t		end = first + i + 1;
		uint32_t	rank;

		s->literal[i] = (uint16_t) literal_of(s->state[i]);
		rank = ranked(m, rule_literals[s->literal[i]].best, end);
		best_end = rank < best ? end : best_end;
		best = rank < best ? rank : best;
	}
	if (best != MATCH_NONE)
		consider(m, best & ~RULE_RANK_WRAPPER, best_end);
}

/* hopeful - the hits that can still lead to a better rule */
static uint64_t
hopeful(const Match *m, const Stretch *s)
{
	uint64_t	set = 0;

	for (uint64_t hits = s->hits; hits != 0; hits &= hits - 1)
	{
		unsigned	i = (unsigned) __builtin_ctzll(hits);

		set |= (uint64_t) (rule_literals[s->literal[i]].hope < m->best) << i;
	}
	return set;
}

/* take_all - what was seen, in the order of the text */
static void
take_all(Match *m, Stretch *s, const Token *token, size_t first)
{
	uint64_t	hits;

	take_best(m, s, first);
	hits = hopeful(m, s);
	for (uint64_t seen = hits | s->stems; seen != 0; seen &= seen - 1)
	{
		unsigned	i = (unsigned) __builtin_ctzll(seen);

		if (s->stems >> i & 1)
			take_stems(m, state_before(m, s, i), i == 0 ? m->start : s->start[i - 1], token[i].head, first + i + 1);
		if (hits >> i & 1)
			take_literals(m, s->literal[i], first + i + 1);
	}
}

/* match_begin - nothing seen yet */
void
match_begin(Match *m, const StatusCode *code, size_t answer)
{
	m->code = *code;
	m->answer = answer;
	m->state = m->start = 0;
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

		number_words(&s, token, part, m->state != 0, m->start);
		walk(&s, m->state);
		take_all(m, &s, token, first);
		m->state = state_before(m, &s, (unsigned) part);
		m->start = s.start[part - 1];
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
