/*
 * rules.h
 *		The rules as the build compiles them from rules.tsv (gen/mkrules.c writes rules_table.c).
 *
 * A rule's pattern is a sequence of literals with gaps.  All literals together are
 * one automaton (Aho and Corasick 1975); what follows what is a small tree of
 * sequences.  Everything is constant and without pointers: shared by all processes.
 */
#ifndef BOUNCE_RULES_H
#define BOUNCE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "bounce_class.h"

/*
 * A state is an offset into rule_transitions.  Its transition on a symbol is the
 * entry at state + symbol, if that entry is marked with the symbol; else
 * rule_start[symbol] is where the automaton goes.  An entry, from the low bits: the
 * symbol, hit, the next state.
 */
#define RULE_SYMBOL_BITS 8
#define RULE_HIT_SHIFT RULE_SYMBOL_BITS
#define RULE_STATE_SHIFT (RULE_HIT_SHIFT + 1)
#define RULE_STATE_MAX ((1U << 20) - 1)	/* 4 MB of entries */

#define RULE_GAP_MAX 80			/* symbols that "*" may skip; "**" any number */
#define RULE_STEPS_MAX 2048		/* sequences that are the begin of a longer one */

/* A rank: the entry, above it whether it stands in a relay's wrapper, above that the tier. */
#define RULE_RANK_WRAPPER (1U << 16)
#define RULE_RANK_TIER 17

/* A literal; what it leads to stands in rule_edges. */
typedef struct RuleLiteral
{
	uint64_t	from;			/* what its edges come from: bit number % 64 */
	uint32_t	best;			/* rank of the best rule of which it is the whole pattern */
	uint16_t	length;
	uint16_t	begins;			/* the sequence of this literal alone, 0 if there is none */
	uint16_t	first_edge;
	uint16_t	edge_count;
	bool		closed;			/* a word ends with it */
} RuleLiteral;

/* After the (not empty) sequence "from" this literal makes the sequence "to". */
typedef struct RuleEdge
{
	uint16_t	from;
	uint16_t	to;
	uint8_t		bit;			/* from % 64 */
	bool		far;			/* any distance */
} RuleEdge;

/* A sequence of literals, and the entries for which it is the whole pattern. */
typedef struct RuleSequence
{
	uint32_t	best;			/* the rank of the first entry, UINT32_MAX if there is none */
	uint16_t	first_entry;	/* in rule_sequence_entries */
	uint16_t	entry_count;
} RuleSequence;

/*
 * One pattern of a rule (a rule with alternatives has several).  The number of an
 * entry is its rank: of two that match, the smaller number wins.
 */
typedef struct RuleEntry
{
	uint16_t	rule;
	uint8_t		tier;			/* kind and weight; the smaller wins */
} RuleEntry;

/* What the status has to be; zero and -1 mean any. */
typedef struct RuleCondition
{
	int16_t		reply;
	int16_t		subject;
	int16_t		detail;
	uint8_t		klass;
	bool		none;			/* no status at all */
	bool		bare;			/* no enhanced code that says why */
	bool		plain;			/* no enhanced code at all */
} RuleCondition;

typedef struct Rule
{
	BounceClass klass;
	uint16_t	first_condition;	/* one of them has to hold; none: always */
	uint8_t		condition_count;
	bool		vendor;
	bool		final;
	bool		vague;			/* yields to an enhanced code that says why */
	uint32_t	name;			/* in rule_names */
	uint32_t	provider;		/* in rule_names; the empty string when generic */
} Rule;

extern const uint32_t rule_transitions[];
extern const uint32_t rule_start[256];
extern const uint16_t rule_hits[];	/* lists of literals, each ended by 0 */
extern const RuleLiteral rule_literals[];
extern const RuleEdge rule_edges[];
extern const RuleSequence rule_sequences[];
extern const uint16_t rule_sequence_entries[];
extern const RuleEntry rule_entries[];
extern const RuleCondition rule_conditions[];
extern const Rule rules[];
extern const char rule_names[];
extern const unsigned rule_step_count;	/* sequences below this number can go on */
extern const unsigned rule_count;

#endif
