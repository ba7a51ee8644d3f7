/*
 * NAME
 *		matcher - find the rule that speaks for a text
 *
 * SUMMARY
 *		One pass over the folded text for all rules: an automaton finds the literals,
 *		a bitmap of begun sequences knows the gaps, a rank decides.
 *
 * DESCRIPTION
 *		In: the folded text of response.h, the status, the tables of rules.h.  Out: the
 *		rule with the best rank among those whose pattern occurs and whose condition
 *		holds.  A pattern in the answer itself beats one in a relay's wrapper, if kind
 *		and weight are the same.
 *
 *		The automaton walks both halves of a stretch at once: each step waits for
 *		memory, and two waits side by side cost as much as one.  The first half then
 *		goes on into the second until what it holds began there.
 *
 * DIAGNOSTICS
 *		None.
 *
 * SEE ALSO
 *		Aho and Corasick, Efficient string matching (1975)
 */
#include "matcher.h"

#include <string.h>

#define STRETCH 256				/* symbols walked before hits are looked at */
#define LANE_MIN 32				/* a shorter half is not worth a second lane */
#define BEST_WRAPPER (1U << 16)

/* Where the automaton saw something. */
typedef struct Hits
{
	unsigned	count;
	uint16_t	index[STRETCH];
	uint32_t	state[STRETCH];
} Hits;

static inline uint32_t
step(uint32_t state, unsigned char symbol)
{
	uint32_t	entry = rule_transitions[(state & RULE_STATE_MASK) + symbol];
	uint32_t	start = rule_start[symbol];

	return entry >> RULE_SYMBOL_SHIFT == symbol ? entry : start;
}

static inline void
note_hit(Hits *hits, uint32_t state, size_t index)
{
	hits->index[hits->count] = (uint16_t) index;
	hits->state[hits->count] = state;
	hits->count += state >> RULE_HIT_SHIFT & 1;
}

/* walk - the automaton alone, from .. to */
static uint32_t
walk(const unsigned char *text, size_t from, size_t to, uint32_t state, Hits *hits)
{
	for (size_t i = from; i < to; i++)
	{
		state = step(state, text[i]);
		note_hit(hits, state, i);
	}
	return state;
}

/* walk_on - until what the state has matched began at "begin" or later */
static void
walk_on(const unsigned char *text, size_t begin, size_t to, uint32_t state, Hits *hits)
{
	for (size_t i = begin; i < to; i++)
	{
		uint32_t	depth;

		state = step(state, text[i]);
		depth = state >> RULE_STATE_BITS & RULE_DEPTH_MAX;
		if (depth < RULE_DEPTH_MAX && depth <= i + 1 - begin)
			return;
		note_hit(hits, state, i);
	}
}

/* walk_halves - two lanes; the hits of the first come first */
static uint32_t
walk_halves(const unsigned char *text, size_t from, size_t to, uint32_t state, Hits *first, Hits *second)
{
	size_t		half = (to - from) / 2;
	size_t		middle = from + half;
	uint32_t	other = 0;

	for (size_t i = 0; i < half; i++)
	{
		state = step(state, text[from + i]);
		other = step(other, text[middle + i]);
		note_hit(first, state, from + i);
		note_hit(second, other, middle + i);
	}
	other = walk(text, middle + half, to, other, second);
	walk_on(text, middle, to, state, first);
	return other;
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
consider(Match *m, const RuleSequence *sequence, size_t end)
{
	const uint16_t *number = rule_sequence_entries + sequence->first_entry;
	uint32_t	wrapper = end <= m->answer ? BEST_WRAPPER : 0;

	for (unsigned i = 0; i < sequence->entry_count; i++)
	{
		const RuleEntry *entry = &rule_entries[number[i]];
		uint32_t	rank = (uint32_t) entry->tier << 17 | wrapper | number[i];

		if (rank >= m->best)
			return;
		if (rule_applies(&rules[entry->rule], &m->code))
		{
			m->best = rank;
			return;
		}
	}
}

static inline bool
is_live(const Match *m, unsigned sequence)
{
	return m->live[sequence / 64] >> (sequence % 64) & 1;
}

/* take_literal - go on with every sequence that waited for this literal */
static void
take_literal(Match *m, const RuleLiteral *literal, size_t end)
{
	const RuleEdge *edge = rule_edges + literal->first_edge;
	size_t		begin = end - literal->length;

	for (unsigned i = 0; i < literal->edge_count; i++, edge++)
	{
		if (edge->from != RULE_NO_STEP)
		{
			if (!is_live(m, edge->from) || m->ended[edge->from] > begin)
				continue;
			if (!edge->far && begin - m->ended[edge->from] > RULE_GAP_MAX)
				continue;
		}
		if (edge->to < rule_step_count)
		{
			m->live[edge->to / 64] |= (uint64_t) 1 << (edge->to % 64);
			m->ended[edge->to] = (uint32_t) end;
		}
		consider(m, &rule_sequences[edge->to], end);
	}
}

/* take_hits - the literals that end where the automaton saw something */
static void
take_hits(Match *m, const Hits *hits, const unsigned char *text, size_t offset)
{
	for (unsigned i = 0; i < hits->count; i++)
	{
		uint32_t	state = hits->state[i] & RULE_STATE_MASK;
		size_t		end = hits->index[i] + 1;
		bool		continues = symbol_continues[text[end]];
		const uint16_t *number = rule_hits + (rule_transitions[state] & RULE_STATE_MASK);

		for (; *number != 0; number++)
		{
			const RuleLiteral *literal = &rule_literals[*number];

			if (!(literal->closed && continues))
				take_literal(m, literal, offset + end);
		}
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
	memset(m->live, 0, (rule_step_count + 63) / 64 * sizeof(m->live[0]));
}

/* match_text - the next part of the text */
void
match_text(Match *m, const unsigned char *text, size_t from, size_t to, size_t offset)
{
	while (from < to)
	{
		size_t		stop = to - from > STRETCH ? from + STRETCH : to;
		Hits		first;
		Hits		second;

		first.count = second.count = 0;
		if (stop - from < 2 * LANE_MIN)
			m->state = walk(text, from, stop, m->state, &first);
		else
			m->state = walk_halves(text, from, stop, m->state, &first, &second);
		take_hits(m, &first, text, offset);
		take_hits(m, &second, text, offset);
		from = stop;
	}
}

/* match_result - the rule that won */
const Rule *
match_result(const Match *m)
{
	return m->best == MATCH_NONE ? NULL : &rules[rule_entries[m->best & 0xFFFF].rule];
}
