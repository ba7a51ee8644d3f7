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
	uint8_t		place[STRETCH];
	uint16_t	number[STRETCH];
	uint32_t	keeps[STRETCH]; /* all ones if the token before is known, too */
	uint32_t	start[STRETCH];	/* where the word leads from nowhere */
	uint32_t	state[STRETCH];	/* of the automaton, by token: where known */
} Stretch;

/* step - where the automaton goes from a state with a word */
static inline uint32_t
step(uint32_t state, unsigned number, uint32_t start)
{
	uint32_t	entry = rule_transitions[(state >> RULE_STATE_SHIFT) + number];

	return (entry & RULE_NUMBER_MAX) == number ? entry : start;
}

/*
 * number_words - look the words up.  No branch depends on whether one is known: half of
 * them are.
 */
static void
number_words(Stretch *s, const Token *token, size_t count, bool goes_on)
{
	uint32_t	before = goes_on ? UINT32_MAX : 0;
	unsigned	words = 0;

	s->known = s->stems = 0;
	for (size_t i = 0; i < count; i++)
	{
		unsigned	slot = rule_word_slot(rule_word_hash(token[i].key, rule_word_seed), rule_spread);
		unsigned	bucket = rule_stem_bucket(token[i].head);
		unsigned	known = rule_words[slot].key == token[i].key;

		s->place[words] = (uint8_t) i;
		s->number[words] = (uint16_t) slot;
		s->start[words] = rule_words[slot].start;
		s->keeps[words] = before;
		words += known;
		before = 0 - known;
		s->known |= (uint64_t) known << i;
		s->stems |= (uint64_t) (rule_stem_first[bucket] != rule_stem_first[bucket + 1]) << i;
	}
	s->words = words;
}

/* note - one more step: the state after word w */
static inline uint32_t
note(Stretch *s, uint32_t state, unsigned w)
{
	state = step(state & s->keeps[w], s->number[w], s->start[w]);
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

/* rule_applies - does one of its conditions hold?  A success is no failure unless the rule says so. */
static bool
rule_applies(const Rule *rule, const StatusCode *code)
{
	bool		success = code->reply != 0 ? code->reply < 300 : code->klass == 2;

	for (unsigned i = 0; i < rule->condition_count; i++)
	{
		const RuleCondition *c = &rule_conditions[rule->first_condition + i];

		if (condition_holds(c, code) && (!success || c->klass == 2 || c->reply / 100 == 2))
			return true;
	}
	return rule->condition_count == 0 && !success;
}

/* consider - the entries of a sequence that is complete, best first */
static void
consider(Match *m, unsigned number_of_sequence, size_t end)
{
	const RuleSequence *sequence = &rule_sequences[number_of_sequence];
	const uint16_t *number = rule_sequence_entries + sequence->first_entry;
	uint32_t	wrapper = end <= m->answer ? RULE_RANK_WRAPPER : 0;

	for (unsigned i = 0; i < sequence->entry_count; i++)
	{
		const RuleEntry *entry = &rule_entries[number[i]];
		uint32_t	rank = (uint32_t) entry->tier << RULE_RANK_TIER | wrapper | number[i];

		if (rank >= m->best)
			return;
		if (rule_applies(&rules[entry->rule], &m->code))
		{
			m->best = rank;
			return;
		}
	}
}

/* reach - a sequence has come to its end here; best is the rank of the best rule that it completes */
static inline void
reach(Match *m, unsigned sequence, uint32_t best, size_t end)
{
	/* what cannot go on is noted as number 0, which nothing comes from */
	unsigned	number = sequence < rule_step_count ? sequence : 0;

	m->live[number / 64] |= (uint64_t) 1 << number % 64;
	m->any_live |= (uint64_t) (number != 0) << number % 64;
	m->ended[number] = (uint32_t) end;
	if (best < m->best)
		consider(m, sequence, end);
}

/* go_on - with the sequences that waited for this literal, as far as their bits say so */
static void
go_on(Match *m, const RuleLiteral *literal, uint64_t live, size_t end)
{
	const RuleEdge *edge = rule_edges + literal->first_edge;
	const RuleEdge *edges_end = edge + literal->edge_count;
	size_t		begin = end - literal->length;

	for (; edge < edges_end; edge++)
	{
		if ((live >> edge->bit & 1) == 0)
			continue;
		if ((m->live[edge->from / 64] >> edge->bit & 1) == 0 || m->ended[edge->from] > begin)
			continue;
		if (edge->far || begin - m->ended[edge->from] <= RULE_GAP_MAX)
			reach(m, edge->to, rule_sequences[edge->to].best, end);
	}
}

/* take_hit - the literals that end with a state */
static void
take_hit(Match *m, uint32_t state, size_t end)
{
	const uint16_t *number = rule_hits + (rule_transitions[state >> RULE_STATE_SHIFT] >> RULE_NUMBER_BITS);

	for (; *number != 0; number++)
	{
		const RuleLiteral *literal = &rule_literals[*number];
		uint64_t	live = literal->from & m->any_live;

		if (live != 0)
			go_on(m, literal, live, end);
		if (literal->begins != 0)
			reach(m, literal->begins, literal->best, end);
	}
}

/* take_stems - the literals that end with the begin of a word; before is the state before it */
static void
take_stems(Match *m, uint32_t before, uint64_t head, size_t end)
{
	unsigned	bucket = rule_stem_bucket(head);

	for (unsigned i = rule_stem_first[bucket]; i < rule_stem_first[bucket + 1]; i++)
	{
		const RuleStem *stem = &rule_stems[i];

		if ((head & stem->mask) == stem->head)
		{
			uint32_t	state = step(before, stem->number, stem->start);

			if (state >> RULE_HIT_SHIFT & 1)
				take_hit(m, state, end);
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

/* take_all - what was seen, in the order of the text */
static void
take_all(Match *m, const Stretch *s, const Token *token, size_t first)
{
	for (uint64_t seen = s->hits | s->stems; seen != 0; seen &= seen - 1)
	{
		unsigned	i = (unsigned) __builtin_ctzll(seen);

		if (s->stems >> i & 1)
			take_stems(m, state_before(m, s, i), token[i].head, first + i + 1);
		if (s->hits >> i & 1)
			take_hit(m, s->state[i], first + i + 1);
	}
}

/* match_begin - nothing seen yet */
void
match_begin(Match *m, const StatusCode *code, size_t answer)
{
	m->code = *code;
	m->answer = answer;
	m->state = 0;
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

		number_words(&s, token, part, m->state != 0);
		walk(&s, m->state);
		take_all(m, &s, token, first);
		m->state = state_before(m, &s, (unsigned) part);
		token += part;
		first += part;
		count -= part;
	}
}

/* match_result - the rule that won */
const Rule *
match_result(const Match *m)
{
	return m->best == MATCH_NONE ? NULL : &rules[rule_entries[m->best & 0xFFFF].rule];
}
