/*
 * rules.h
 *		The rules as the build compiles them from rules.tsv (gen/mkrules.c writes rules_table.c).
 *
 * A rule's pattern is a sequence of literals with gaps, a literal a sequence of words.
 * Every word of every literal has a number, small if examples have it often.  All literals
 * together are one trie over these numbers; what follows what is a small tree of
 * sequences.  Everything is constant and without pointers:
 * shared by all processes.
 */
#ifndef BOUNCE_RULES_H
#define BOUNCE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "bounce_class.h"

/*
 * A state, a node of the trie, is an offset into rule_transitions.  It goes on with a
 * word if the entry at state + number of the word is marked with the number.  At the
 * state itself is the literal that ends there, if one does.  An entry, from the low
 * bits: number, hit, next state.
 */
#define RULE_NUMBER_BITS 14
#define RULE_SLOT_BITS 14
#define RULE_SPREAD_BITS 11
#define RULE_HIT_SHIFT RULE_NUMBER_BITS
#define RULE_STATE_SHIFT (RULE_HIT_SHIFT + 1)
#define RULE_NUMBER_MAX ((1U << RULE_NUMBER_BITS) - 1)	/* no word has it */
#define RULE_STATE_MAX ((1U << (32 - RULE_STATE_SHIFT)) - 1)
#define RULE_NO_WORD 0			/* the number of a word that is in no literal */
#define RULE_LITERAL_MAX 32		/* words of a literal */

#define RULE_GAP_MAX 16			/* tokens that "*" may skip; "**" any number */
#define RULE_STEPS_MAX 6144		/* sequences that are the begin of a longer one */
#define RULE_STEM_BUCKETS 1024
#define RULE_STEM_MIN 3			/* letters of a stem */

/* A rank: the entry, above it whether it stands in a relay's wrapper, above that the tier. */
#define RULE_RANK_ENTRY 0x3FFFFU
#define RULE_RANK_WRAPPER (RULE_RANK_ENTRY + 1)
#define RULE_RANK_TIER 19

/*
 * A slot of the perfect hash.  Of the word, from the low bits: as an entry its number and
 * where it leads from nowhere; the literal that it is alone, or 0.
 */
typedef struct RuleWord
{
	uint64_t	key;
	uint64_t	word;
} RuleWord;

/*
 * The begin of a word ("block~"), only as the last word of a literal.  Of a longer
 * begin the first eight bytes count.
 */
typedef struct RuleStem
{
	uint64_t	head;
	uint64_t	mask;
	uint64_t	word;			/* as in RuleWord */
	unsigned	behind;			/* how many words literals have before it, at most */
} RuleStem;

/*
 * A literal.  What it makes of sequences stands in rule_edges, in the order of the bits of what the
 * edges come from, and bit by bit rule_edge_runs says where those begin.
 *
 * No pattern occurs without the one of its literals that the examples have least: that one answers for it.
 */
typedef struct RuleLiteral
{
	uint64_t	from;			/* what its edges come from: bit number % 64 */
	uint32_t	best;			/* the rank of the best rule of which it is the whole pattern, or UINT32_MAX */
	uint32_t	hope;			/* the best rank of that and of the patterns with gaps for which it answers */
	uint32_t	first_pattern;	/* of those, in rule_patterns */
	uint16_t	condition;		/* of that rule, as in RuleEntry */
	uint16_t	first_run;		/* in rule_edge_runs */
	uint16_t	goes_on;		/* the sequence of this literal alone, 0 if it cannot go on */
	uint8_t		length;			/* in words */
	uint8_t		doubt;			/* 1: it alone is a hint that casts doubt on a missing recipient */
} RuleLiteral;

/*
 * A pattern with gaps, by the other literals that it needs; one that needs more than two stands there several times.
 * Those for which a literal answers, best first, end with UINT32_MAX.
 */
typedef struct RulePattern
{
	uint32_t	best;			/* rank of the best rule that has it */
	uint16_t	other[2];		/* may be the same one */
} RulePattern;

/* After the (not empty) sequence "from" the literal makes the sequence "to", which is 0 if it cannot go on. */
typedef struct RuleEdge
{
	uint32_t	best;			/* rank of the best rule that is complete then, or UINT32_MAX */
	unsigned	from : 15;
	unsigned	last : 1;		/* of its run */
	unsigned	to : 15;
	unsigned	far : 1;		/* any distance */
} RuleEdge;

/*
 * One pattern of a rule (a rule with alternatives has several).  The number of an
 * entry is its rank: of two that match, the smaller number wins.
 */
typedef struct RuleEntry
{
	uint16_t	rule;
	uint16_t	condition;		/* the first of those of which one has to hold */
	unsigned	next : 24;		/* the next best entry with the same pattern, or 0 */
	unsigned	tier : 8;		/* kind and weight; the smaller wins */
} RuleEntry;

/*
 * What the status, as rule_status() packs it, has to be in the bits of the mask.  The first one is for
 * rules that ask for nothing: any status but a success.
 */
typedef struct RuleCondition
{
	uint64_t	mask;			/* with RULE_CONDITION_LAST in the last one of a rule */
	uint64_t	value;
} RuleCondition;

#define RULE_CONDITION_LAST (UINT64_C(1) << 63)

/* A status packed: the detail, above it the subject, the reply code, the class, and what conditions ask for. */
#define RULE_STATUS_DETAIL 0
#define RULE_STATUS_SUBJECT 10
#define RULE_STATUS_REPLY 20
#define RULE_STATUS_CLASS 30
#define RULE_STATUS_PART UINT64_C(0x3FF)
#define RULE_STATUS_SUCCESS (UINT64_C(1) << 40)
#define RULE_STATUS_ENHANCED (UINT64_C(1) << 41)	/* there is an enhanced code */
#define RULE_STATUS_WHY (UINT64_C(1) << 42) /* and it says why */

typedef struct Rule
{
	BounceClass klass;
	bool		vendor;
	bool		final;
	bool		vague;			/* yields to an enhanced code that says why */
	bool		hint;			/* yields to a sense (sense.h), too: what is vaguest */
	uint32_t	name;			/* in rule_names */
	uint32_t	provider;		/* in rule_names; the empty string when generic */
} Rule;

/* The perfect hash: slots, displacements, a multiplier. */
extern const RuleWord rule_words[1 << RULE_SLOT_BITS];
extern const uint16_t rule_spread[1 << RULE_SPREAD_BITS];
extern const uint64_t rule_word_seed;

/*
 * Stems, in the order of their buckets; bucket b has those from rule_stem_first[b] on,
 * and rule_stem_fourth[b] says with which fourth letters they may go on.
 */
extern const RuleStem rule_stems[];
extern const uint16_t rule_stem_first[RULE_STEM_BUCKETS + 1];
extern const uint32_t rule_stem_fourth[RULE_STEM_BUCKETS];

extern const uint32_t rule_transitions[];
extern const RuleLiteral rule_literals[];
extern const RulePattern rule_patterns[];
extern const RuleEdge rule_edges[];
extern const uint16_t rule_edge_runs[];
extern const RuleEntry rule_entries[];
extern const RuleCondition rule_conditions[];
extern const Rule rules[];
extern const char rule_names[];
extern const unsigned rule_step_count;	/* sequences below this number can go on */
extern const unsigned rule_count;
extern const uint64_t rule_fingerprint; /* other rules, another number */

/* Where a word leads from nowhere, as an entry: to state 0, from which nothing goes on, if no literal begins with it. */
static inline uint32_t
rule_word_start(uint64_t word)
{
	return (uint32_t) word;
}

static inline unsigned
rule_word_number(uint64_t word)
{
	return (unsigned) word & RULE_NUMBER_MAX;
}

static inline unsigned
rule_word_literal(uint64_t word)
{
	return (unsigned) (word >> 32);
}

static inline unsigned
rule_word_bucket(uint64_t hash)
{
	return (unsigned) (hash >> (64 - RULE_SLOT_BITS - RULE_SPREAD_BITS)) & ((1U << RULE_SPREAD_BITS) - 1);
}

/* The slot in which the word of a hash, its key times the seed, would be if it is in any literal. */
static inline unsigned
rule_word_slot(uint64_t hash, const uint16_t *spread)
{
	return (unsigned) (hash >> (64 - RULE_SLOT_BITS)) ^ spread[rule_word_bucket(hash)];
}

/* The bucket of the stems with which a word may begin: by its first three letters. */
static inline unsigned
rule_stem_bucket(uint64_t head)
{
	return (unsigned) ((head & 0xFFFFFF) * UINT64_C(0x9E3779B97F4A7C15) >> 54);
}

/* The bit of a word's fourth letter in rule_stem_fourth. */
static inline unsigned
rule_stem_letter(uint64_t head)
{
	return (unsigned) (head >> 24) & 31;
}

#endif
