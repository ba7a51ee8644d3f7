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
 * rule_start[symbol] is where the automaton goes.  An entry, from the low bits:
 * next state, length of what it has matched (saturated), hit, symbol.
 */
#define RULE_STATE_BITS 17
#define RULE_DEPTH_BITS 6
#define RULE_STATE_MASK ((1U << RULE_STATE_BITS) - 1)
#define RULE_DEPTH_MAX ((1U << RULE_DEPTH_BITS) - 1)
#define RULE_HIT_SHIFT (RULE_STATE_BITS + RULE_DEPTH_BITS)
#define RULE_SYMBOL_SHIFT 24

#define RULE_GAP_MAX 80			/* symbols that "*" may skip; "**" any number */
#define RULE_STEPS_MAX 1024		/* sequences that are the begin of a longer one */
#define RULE_NO_STEP 0			/* the empty sequence */

/* A literal; what it leads to stands in rule_edges. */
typedef struct RuleLiteral
{
	uint16_t	length;
	uint16_t	first_edge;
	uint16_t	edge_count;
	bool		closed;			/* a word ends with it */
} RuleLiteral;

/* After the sequence "from" this literal makes the sequence "to". */
typedef struct RuleEdge
{
	uint16_t	from;
	uint16_t	to;
	bool		far;			/* any distance */
} RuleEdge;

/* A sequence of literals, and the entries for which it is the whole pattern. */
typedef struct RuleSequence
{
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
