/*
 * NAME
 *		trie - all literals as one trie over words
 *
 * SUMMARY
 *		A node's row has an entry for each word on which it goes on.  The rows of all nodes
 *		overlap in one array.  What the examples of the rules pass often is placed first, so
 *		that it lies together.
 *
 * SEE ALSO
 *		Tarjan and Yao, Storing a sparse table (1979)
 */
#include <stdlib.h>
#include <string.h>

#include "rule_model.h"

static bool row_begins[RULE_STATE_MAX + 1];
static uint32_t root_child[RULE_NUMBER_MAX + 1];

/* child - the node's child on a word, 0 if there is none */
static uint32_t
child(uint32_t node, unsigned number)
{
	if (node == 0)
		return root_child[number];
	for (size_t i = 0; i < model.nodes.at[node].arcs.count; i++)
	{
		if (model.nodes.at[node].arcs.at[i].number == number)
			return model.nodes.at[node].arcs.at[i].node;
	}
	return 0;
}

static uint32_t
add_node(void)
{
	APPEND(model.nodes, (Node) {0});
	return (uint32_t) model.nodes.count - 1;
}

static void
add_child(uint32_t node, unsigned number, uint32_t next)
{
	if (node == 0)
		root_child[number] = next;
	else
		APPEND(model.nodes.at[node].arcs, ((Arc) {number, next}));
}

/* add_to_trie - one literal, its number as a mark at the end */
static void
add_to_trie(const Literal *literal, uint16_t number)
{
	uint32_t	at = 0;

	for (size_t i = 0; i < literal->fact.length; i++)
	{
		unsigned	word = model.words.at[literal->word[i]].number;
		uint32_t	next = child(at, word);

		if (next == 0)
		{
			next = add_node();
			add_child(at, word, next);
		}
		at = next;
	}
	model.nodes.at[at].literal = number;
}

/* warm_stems - count which literals end behind a node with the begin of a word */
static void
warm_stems(uint32_t node, const Token *token)
{
	for (size_t i = 0; i < model.words.count; i++)
	{
		const Word *word = &model.words.at[i];

		if (word->mask != 0 && (token->head & word->mask) == word->key)
			model.nodes.at[child(node, word->number)].heat++;
	}
}

/* warm_nodes - count which nodes the words of an example pass; node 0 is passed by what leads nowhere */
static void
warm_nodes(const Token *token, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		uint32_t	node = 0;

		for (size_t j = i; j < count && (j == i || node != 0); j++)
		{
			warm_stems(node, &token[j]);
			node = child(node, number_of(token[j].key));
			model.nodes.at[node].heat++;
		}
	}
}

/* hotter - more heat first, else in the order in which they came */
static int
hotter(const void *a, const void *b)
{
	uint32_t	x = *(const uint32_t *) a;
	uint32_t	y = *(const uint32_t *) b;
	unsigned	heat_x = model.nodes.at[x].heat;
	unsigned	heat_y = model.nodes.at[y].heat;

	return heat_x != heat_y ? (heat_x > heat_y ? -1 : 1) : (x > y) - (x < y);
}

/* by_heat - the nodes in the order in which they get their places */
static uint32_t *
by_heat(void)
{
	uint32_t   *order = grow(NULL, model.nodes.count, sizeof(*order));

	for (uint32_t i = 0; i < model.nodes.count; i++)
		order[i] = i;
	qsort(order + 1, model.nodes.count - 1, sizeof(*order), hotter);
	return order;
}

/* A slot that is free has a number that no word has, and so has one that is taken before its entry is known. */
#define SLOT_FREE RULE_NUMBER_MAX
#define SLOT_TAKEN UINT32_MAX

/* row_fits - is every slot of the node free when its row begins at base? */
static bool
row_fits(const Node *node, size_t base)
{
	while (model.slots.count <= base + RULE_NUMBER_MAX)
		APPEND(model.slots, SLOT_FREE);
	if (node->literal != 0 && model.slots.at[base] != SLOT_FREE)
		return false;
	for (size_t i = 0; i < node->arcs.count; i++)
	{
		if (model.slots.at[base + node->arcs.at[i].number] != SLOT_FREE)
			return false;
	}
	return true;
}

/* place_row - find the first place for a node's row; no two rows begin at the same slot */
static void
place_row(Node *node)
{
	static size_t first = 1;
	size_t		base = first;

	while (base < RULE_STATE_MAX && (row_begins[base] || !row_fits(node, base)))
		base++;
	if (base >= RULE_STATE_MAX)
		give_up("too many states for RULE_STATE_MAX");
	row_begins[base] = true;
	node->base = (uint32_t) base;
	if (node->literal != 0)
		model.slots.at[base] = SLOT_TAKEN;
	for (size_t i = 0; i < node->arcs.count; i++)
		model.slots.at[base + node->arcs.at[i].number] = SLOT_TAKEN;
	while (row_begins[first])
		first++;
}

/* entry_of - how a transition to a node is written */
static uint32_t
entry_of(uint32_t number, unsigned word)
{
	const Node *node = &model.nodes.at[number];

	return word | (node->literal != 0 ? 1U : 0U) << RULE_HIT_SHIFT | node->base << RULE_STATE_SHIFT;
}

static void
fill_row(const Node *node)
{
	/* marked with a number that no word has, so that nobody takes it for a transition */
	if (node->literal != 0)
		model.slots.at[node->base] = (uint32_t) model.literals.at[node->literal].place << RULE_NUMBER_BITS | RULE_NUMBER_MAX;
	for (size_t i = 0; i < node->arcs.count; i++)
		model.slots.at[node->base + node->arcs.at[i].number] = entry_of(node->arcs.at[i].node, node->arcs.at[i].number);
}

/* build_trie - see rule_model.h */
void
build_trie(void)
{
	uint32_t   *order;
	uint16_t	place = 1;

	add_node();
	for (size_t i = 1; i < model.literals.count; i++)
		add_to_trie(&model.literals.at[i], (uint16_t) i);
	each_example(warm_nodes);
	order = by_heat();
	for (size_t i = 1; i < model.nodes.count; i++)
	{
		const Node *node = &model.nodes.at[order[i]];

		if (node->literal != 0)
			model.literals.at[node->literal].place = place++;
		place_row(&model.nodes.at[order[i]]);
	}
	for (size_t i = 1; i < model.nodes.count; i++)
		fill_row(&model.nodes.at[i]);
	free(order);
}

/* word_fact - see rule_model.h */
uint64_t
word_fact(unsigned number)
{
	uint32_t	child = root_child[number];

	if (child == 0)
		return number;
	return entry_of(child, number) | (uint64_t) model.literals.at[model.nodes.at[child].literal].place << 32;
}
