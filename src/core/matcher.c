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
 *		What literals are there is found first (hits.c).  Of those only such are followed
 *		whose pattern is there with all its literals and would win.
 *
 * DIAGNOSTICS
 *		None.
 */
#include "matcher.h"

#include <string.h>

#include "word.h"

#define NO_MORE UINT16_MAX
#define MARKS 256				/* of literals, MARK_SEEN or MARK_WANTED */
#define MARK_SEEN 1
#define MARK_WANTED 2

/* status_key - a status as conditions ask for it */
static uint64_t
status_key(const StatusCode *code)
{
	unsigned	klass = (unsigned) (code->reply != 0 ? code->reply / 100 : code->klass);
	uint64_t	key = (uint64_t) klass << RULE_STATUS_CLASS | (uint64_t) code->reply << RULE_STATUS_REPLY;

	if (klass == 2)
		key |= RULE_STATUS_SUCCESS;
	if (code->klass == 0)
		return key;
	if (code->detail != 0 && !(code->subject == 7 && code->detail == 1))
		key |= RULE_STATUS_WHY;
	return key | RULE_STATUS_ENHANCED | (uint64_t) code->subject << RULE_STATUS_SUBJECT | (uint64_t) code->detail << RULE_STATUS_DETAIL;
}

/* one_holds - of the conditions from the first on? */
static inline bool
one_holds(unsigned first, uint64_t status)
{
	const RuleCondition *c = &rule_conditions[first];

	while (((status ^ c->value) & c->mask & ~RULE_CONDITION_LAST) != 0)
	{
		if (c++->mask & RULE_CONDITION_LAST)
			return false;
	}
	return true;
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

		if (one_holds(entry->condition, m->status))
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

/* consider_literal - the rules that ask for nothing else; mostly the best one's condition holds */
static inline void
consider_literal(Match *m, const RuleLiteral *literal, size_t end)
{
	uint32_t	rank = ranked(m, literal->best, end);

	if (rank >= m->best)
		return;
	if (one_holds(literal->condition, m->status))
		m->best = rank;
	else
		consider_entries(m, literal->best, end);
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

/* take_edge - if its sequence waits for this literal, it has come further; what begins in a relay's wrapper counts as there */
static inline void
take_edge(Match *m, const RuleEdge *edge, size_t begin, size_t end)
{
	if ((m->live[edge->from / 64] >> edge->from % 64 & 1) == 0 || m->ended[edge->from] > begin)
		return;
	if (!edge->far && begin - m->ended[edge->from] > RULE_GAP_MAX)
		return;
	reach(m, edge->to, end);
	consider(m, edge->best, m->ended[edge->from] <= m->answer ? m->ended[edge->from] : end);
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
	uint64_t	live = literal->from & m->any_live;

	if (live != 0)
		go_on(m, literal, live, end);
	reach(m, literal->goes_on, end);
}

/* mark_of - of a literal, by the end of its number: what examples have often shares none, others may seem to be there */
static inline uint8_t *
mark_of(uint8_t *marks, unsigned literal)
{
	return &marks[literal % MARKS];
}

/* take_best - mostly one literal alone decides: the one with the best rank is considered before all others */
static void
take_best(Match *m, const Hits *hits, size_t first, uint8_t *marks)
{
	uint32_t	best = MATCH_NONE;
	unsigned	best_hit = 0;
	unsigned	doubt = 0;

	for (unsigned h = 0; h < hits->count; h++)
	{
		const RuleLiteral *literal = &rule_literals[literal_of(hits->hit[h])];
		bool		better = literal->best < best;

		best_hit = better ? h : best_hit;
		best = better ? literal->best : best;
		doubt |= literal->doubt;
		*mark_of(marks, hits->hit[h]) = MARK_SEEN;
	}
	m->doubt |= doubt;
	if (best != MATCH_NONE)
		consider_literal(m, &rule_literals[literal_of(hits->hit[best_hit])], first + end_of(hits->hit[best_hit]) + 1);
}

/* want - the literals of the patterns for which one answers, if all are there and can still win; is there such a pattern? */
static bool
want(const Match *m, unsigned number, uint8_t *marks)
{
	const RulePattern *pattern = &rule_patterns[rule_literals[number].first_pattern];
	bool		is_any = false;

	for (; pattern->best < m->best; pattern++)
	{
		if (!*mark_of(marks, pattern->other[0]) || !*mark_of(marks, pattern->other[1]))
			continue;
		*mark_of(marks, pattern->other[0]) = *mark_of(marks, pattern->other[1]) = MARK_WANTED;
		is_any = true;
	}
	if (is_any)
		*mark_of(marks, number) = MARK_WANTED;
	return is_any;
}

/* find_wanted - mark the literals that can still have a part in a better rule; those that are one alone have it */
static bool
find_wanted(Match *m, const Hits *hits, size_t first, uint8_t *marks)
{
	uint16_t	hopeful[HITS_MAX + 1];
	size_t		count = 0;
	bool		is_any = false;

	for (unsigned h = 0; h < hits->count; h++)
	{
		hopeful[count] = (uint16_t) h;
		count += rule_literals[literal_of(hits->hit[h])].hope < m->best;
	}
	for (size_t i = 0; i < count; i++)
	{
		Hit			hit = hits->hit[hopeful[i]];

		consider_literal(m, &rule_literals[literal_of(hit)], first + end_of(hit) + 1);
		is_any |= want(m, literal_of(hit), marks);
	}
	return is_any;
}

/* keep_wanted - of the hits only those that can have a part in a pattern with gaps that wins */
static void
keep_wanted(Hits *hits, uint8_t *marks)
{
	unsigned	kept = 0;

	for (unsigned h = 0; h < hits->count; h++)
	{
		hits->hit[kept] = hits->hit[h];
		kept += *mark_of(marks, hits->hit[h]) / MARK_WANTED;
	}
	hits->count = kept;
}

/* take_in_order - the hits in the order of the text, at a token the longest first */
static void
take_in_order(Match *m, const Hits *hits, size_t first)
{
	uint16_t	longest[PART_MAX];	/* by token: the first hit */
	uint16_t	shorter[HITS_MAX];	/* the next hit at the same token, or NO_MORE */
	uint64_t	tokens[PART_MAX / 64] = {0};
	unsigned	last = 0;

	for (unsigned h = 0; h < hits->count; h++)
	{
		unsigned	i = end_of(hits->hit[h]);

		shorter[h] = tokens[i / 64] >> i % 64 & 1 ? longest[i] : NO_MORE;
		longest[i] = (uint16_t) h;
		tokens[i / 64] |= (uint64_t) 1 << i % 64;
		last = i > last ? i : last;
	}
	for (unsigned n = 0; n <= last / 64; n++)
	{
		for (; tokens[n] != 0; tokens[n] &= tokens[n] - 1)
		{
			unsigned	i = n * 64 + (unsigned) __builtin_ctzll(tokens[n]);

			for (unsigned h = longest[i]; h != NO_MORE; h = shorter[h])
				take_literal(m, literal_of(hits->hit[h]), first + i + 1);
		}
	}
}

/* take_hits - what was seen; whole: there is no more of it */
static void
take_hits(Match *m, Hits *hits, size_t first, bool whole)
{
	uint8_t		marks[MARKS] = {0};

	take_best(m, hits, first, marks);
	if (!find_wanted(m, hits, first, marks) && whole)
		return;
	if (whole)
		keep_wanted(hits, marks);
	if (m->any_live == 0)
		memset(m->live, 0, (rule_step_count + 63) / 64 * sizeof(m->live[0]));
	take_in_order(m, hits, first);
	hits->count = 0;
}

/* match_begin - nothing seen yet */
void
match_begin(Match *m, const StatusCode *code, size_t answer, bool goes_on)
{
	m->status = status_key(code);
	m->answer = answer;
	m->goes_on = goes_on;
	m->open.count = 0;
	m->best = MATCH_NONE;
	m->doubt = 0;
	m->any_live = 0;
}

/* match_tokens - the next part of the answer, stretch by stretch */
void
match_tokens(Match *m, const Token *token, size_t count, size_t first)
{
	bool		whole = !m->goes_on;
	Hits		hits;
	size_t		part;

	hits.count = 0;
	for (size_t at = 0; at < count; at += part)
	{
		part = count - at < STRETCH ? count - at : STRETCH;
		if (hits.count > HITS_MAX - STRETCH_HITS_MAX)
		{
			whole = false;
			take_hits(m, &hits, first, whole);
		}
		hits_find(&hits, &m->open, token + at, part, (unsigned) at, at + part < count || m->goes_on);
	}
	take_hits(m, &hits, first, whole);
}

/* match_result - the rule that won */
const Rule *
match_result(const Match *m)
{
	return m->best == MATCH_NONE ? NULL : &rules[rule_entries[m->best & RULE_RANK_ENTRY].rule];
}
