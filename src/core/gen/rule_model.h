/*
 * rule_model.h
 *		The rules while they are compiled: what mkrules builds up and then writes.
 */
#ifndef BOUNCE_RULE_MODEL_H
#define BOUNCE_RULE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "response.h"
#include "rules.h"
#include "rules_file.h"

/* A growing array. */
#define LIST(type) struct { type *at; size_t count; size_t room; }
#define APPEND(list, value) \
	(((list).count == (list).room ? \
	  (void) ((list).at = grow((list).at, (list).room = (list).room * 2 + 16, sizeof(*(list).at))) : (void) 0), \
	 (list).at[(list).count++] = (value))

/* A word of a literal; a stem is the begin of one, known by its head. */
typedef struct Word
{
	uint64_t	key;
	uint64_t	mask;			/* of a stem; 0: a whole word */
	unsigned	number;
	unsigned	heat;			/* how often the examples have it */
	size_t		stands_for;		/* of another spelling: the index of the word, plus one */
} Word;

typedef struct Arc
{
	unsigned	number;
	uint32_t	node;
} Arc;

/* A node of the trie. */
typedef struct Node
{
	LIST(Arc) arcs;
	uint16_t	literal;		/* that ends here, or 0 */
	unsigned	heat;			/* how often the examples pass it */
	uint32_t	base;			/* its place in rule_transitions */
} Node;

typedef struct Literal
{
	size_t		word[RULE_LITERAL_MAX];
	uint16_t	place;			/* in rule_literals */
	RuleLiteral fact;
	LIST(RuleEdge) edges;
	LIST(RulePattern) patterns; /* for which it answers */
} Literal;

/* One alternative of a rule's pattern. */
typedef struct Entry
{
	size_t		rule;
	unsigned	tier;
	size_t		length;			/* letters of its literals */
	unsigned	narrow;			/* how much its condition asks for */
	uint32_t	sequence;
	char	   *text;
} Entry;

typedef struct Step
{
	uint32_t	from;
	uint16_t	literal;
	bool		far;
	bool		goes_on;
	bool		doubt;			/* the whole pattern of a hint that casts doubt */
	uint16_t	number;
	LIST(uint32_t) entries;		/* for which it is the whole pattern, best first */
} Step;

typedef struct RuleModel
{
	RuleFile	file;
	LIST(Word) words;
	LIST(Literal) literals;
	LIST(Entry) entries;
	LIST(Step) steps;			/* the tree of sequences; steps.at[0] is the empty one */

	/* The perfect hash: in each slot a word, or SIZE_MAX. */
	uint64_t	word_seed;
	size_t		word_in_slot[1 << RULE_SLOT_BITS];
	uint16_t	spread[1 << RULE_SPREAD_BITS];

	/* The trie. */
	LIST(Node) nodes;
	LIST(uint32_t) slots;
} RuleModel;

extern RuleModel model;

/* Adds other spellings of the words of all patterns. */
extern void add_spellings(void);

/* Gives the words of all patterns their numbers. */
extern void number_words(void);

/* The number of a word of some literal, else RULE_NO_WORD. */
extern unsigned number_of(uint64_t key);

/* Looks at the tokens of every example. */
#define EXAMPLE_WORDS_MAX 4096
extern void each_example(void (*look)(const Token *token, size_t count));

/* Builds the trie of all literals. */
extern void build_trie(void);

/* What RuleWord says of a word. */
extern uint64_t word_fact(unsigned number);

/* The rank of the best rule that a sequence completes. */
extern uint32_t best_rank(const Step *step);

/* Writes rules_table.c to the standard output; going_on: how many sequences go on. */
extern void write_tables(unsigned going_on);

/* Memory, or the end of the program. */
extern void *grow(void *at, size_t room, size_t size);
extern void give_up(const char *message) __attribute__((noreturn));

#endif
