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
 *		Each step of the automaton waits for memory, and four waits side by side cost as
 *		much as one.  So it walks the four quarters of a stretch at once; then each lane
 *		goes on into the next one's part until both are in the same state, since what it
 *		holds then began there.  That is seldom more than a few words.
 *
 * DIAGNOSTICS
 *		None.
 *
 * SEE ALSO
 *		Aho and Corasick, Efficient string matching (1975)
 */
#include "matcher.h"

#include <string.h>

#define LANES 4
#define LANE_MAX 64				/* symbols a lane */
#define LANE_MIN 8				/* shorter lanes are not worth it */

/* Where one lane came by, and (lowest bit) whether it saw something there. */
typedef struct Lane
{
	unsigned char seen[LANE_MAX];
	uint32_t	states[LANE_MAX];
} Lane;

static inline uint32_t
step(uint32_t state, unsigned char symbol)
{
	uint32_t	entry = (rule_transitions + symbol)[state >> RULE_STATE_SHIFT];
	uint32_t	start = rule_start[symbol];

	return (unsigned char) entry == symbol ? entry : start;
}

/* note - remember the state; what is above its lowest bit is not wanted, but free */
static inline void
note(Lane *lane, size_t i, uint32_t state)
{
	lane->states[i] = state;
	lane->seen[i] = (unsigned char) (state >> RULE_HIT_SHIFT);
}

/* hits_of - one bit a symbol; a multiplication gathers the lowest bits of eight bytes */
static uint64_t
hits_of(const Lane *lane, size_t length)
{
	uint64_t	hits = 0;

	for (size_t i = 0; i < length; i += 8)
	{
		uint64_t	eight;

		memcpy(&eight, lane->seen + i, sizeof(eight));
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		eight = __builtin_bswap64(eight);
#endif
		eight = (eight & 0x0101010101010101) * 0x0102040810204080 >> 56;
		hits |= eight << i;
	}
	return length < LANE_MAX ? hits & (((uint64_t) 1 << length) - 1) : hits;
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
	unsigned number = sequence < rule_step_count ? sequence : 0;
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

/* take_literal - go on, or begin, with the literal that ends here */
static inline void
take_literal(Match *m, const RuleLiteral *literal, size_t end)
{
	uint64_t	live = literal->from & m->any_live;

	if (live != 0)
		go_on(m, literal, live, end);
	if (literal->begins != 0)
		reach(m, literal->begins, literal->best, end);
}

/* take_hit - the literals that end at text[index] */
static inline void
take_hit(Match *m, uint32_t state, const unsigned char *text, size_t index, size_t offset)
{
	const uint16_t *number = rule_hits + (rule_transitions[state >> RULE_STATE_SHIFT] >> RULE_SYMBOL_BITS);
	bool		continues = symbol_continues[text[index + 1]];

	for (; *number != 0; number++)
	{
		const RuleLiteral *literal = &rule_literals[*number];

		if (!(literal->closed && continues))
			take_literal(m, literal, offset + index + 1);
	}
}

static void
take_hits(Match *m, const Lane *lane, const unsigned char *text, size_t first, size_t length, size_t offset)
{
	for (uint64_t hits = hits_of(lane, length); hits != 0; hits &= hits - 1)
	{
		unsigned	i = (unsigned) __builtin_ctzll(hits);

		take_hit(m, lane->states[i], text, first + i, offset);
	}
}

/* walk - one lane alone */
static void
walk(Match *m, const unsigned char *text, size_t from, size_t to, size_t offset)
{
	Lane		lane;
	uint32_t	state = m->state;

	for (size_t i = from; i < to; i++)
	{
		state = step(state, text[i]);
		note(&lane, i - from, state);
	}
	m->state = state;
	take_hits(m, &lane, text, from, to - from, offset);
}

/*
 * walk_far - a lane that met nobody goes on alone from "at" to the end of the stretch;
 * false when it still holds then what began before all others.
 */
static bool
walk_far(Match *m, uint32_t state, const unsigned char *text, const Lane *lanes, size_t from, size_t part,
		 size_t at, size_t to, size_t offset)
{
	for (; at < to; at++)
	{
		size_t		lane = (at - from) / part;

		state = step(state, text[at]);
		if (lane < LANES && state == lanes[lane].states[(at - from) % part])
			return true;
		if (state >> RULE_HIT_SHIFT & 1)
			take_hit(m, state, text, at, offset);
	}
	m->state = state;
	return false;
}

/*
 * meet - three lanes on, side by side, until each is in the state that the lane ahead
 * was in at the same place.  What they see on the way is left in ways.  Returns how
 * far they went; *open has a bit for each that met nobody.
 */
static size_t
meet(const unsigned char *text, const Lane *lanes, size_t part, Lane *ways, unsigned *open)
{
	uint32_t	a = lanes[0].states[part - 1];
	uint32_t	b = lanes[1].states[part - 1];
	uint32_t	c = lanes[2].states[part - 1];
	unsigned	still = 7;
	size_t		i;

	for (i = 0; i < part && still != 0; i++)
	{
		a = step(a, text[part + i]);
		b = step(b, text[2 * part + i]);
		c = step(c, text[3 * part + i]);
		still &= (a != lanes[1].states[i] ? 1U : 0U) | (b != lanes[2].states[i] ? 2U : 0U)
			| (c != lanes[3].states[i] ? 4U : 0U);
		note(&ways[0], i, still & 1 ? a : 0);
		note(&ways[1], i, still & 2 ? b : 0);
		note(&ways[2], i, still & 4 ? c : 0);
	}
	*open = still;
	return i;
}

/* walk_lanes - four parts at once, each of which then meets the next */
static void
walk_lanes(Match *m, const unsigned char *text, size_t from, size_t to, size_t offset)
{
	size_t		part = (to - from) / LANES;
	size_t		met;
	const unsigned char *at = text + from;
	Lane		lanes[LANES];
	Lane		ways[LANES - 1];
	uint32_t	a = m->state;
	uint32_t	b = 0;
	uint32_t	c = 0;
	uint32_t	d = 0;
	unsigned	open;
	bool		over = false;	/* a lane has gone on to the end */

	for (size_t i = 0; i < part; i++, at++)
	{
		a = step(a, at[0]);
		b = step(b, at[part]);
		c = step(c, at[2 * part]);
		d = step(d, at[3 * part]);
		note(&lanes[0], i, a);
		note(&lanes[1], i, b);
		note(&lanes[2], i, c);
		note(&lanes[3], i, d);
	}
	m->state = d;
	met = meet(text + from, lanes, part, ways, &open);
	for (size_t i = 0; i < LANES; i++)
	{
		size_t		next = from + (i + 1) * part;

		take_hits(m, &lanes[i], text, next - part, part, offset);
		if (i + 1 == LANES || over)
			continue;
		take_hits(m, &ways[i], text, next, met, offset);
		if ((open >> i & 1) != 0)
			over = !walk_far(m, ways[i].states[met - 1], text, lanes, from, part, next + met, to, offset);
	}
	if (!over)
		walk(m, text, from + LANES * part, to, offset);
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

/* match_text - the next part of the text */
void
match_text(Match *m, const unsigned char *text, size_t from, size_t to, size_t offset)
{
	while (from < to)
	{
		size_t		length = to - from > LANES * LANE_MAX ? LANES * LANE_MAX : to - from;

		if (length >= LANES * LANE_MIN)
			walk_lanes(m, text, from, from + length, offset);
		else
			walk(m, text, from, from + length, offset);
		from += length;
	}
}

/* match_result - the rule that won */
const Rule *
match_result(const Match *m)
{
	return m->best == MATCH_NONE ? NULL : &rules[rule_entries[m->best & 0xFFFF].rule];
}
