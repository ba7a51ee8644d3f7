/*
 * NAME
 *		automaton - all literals as one automaton over words
 *
 * SUMMARY
 *		The literals make a trie of words; its failure links are resolved into transitions,
 *		but for those that the word before alone, or none, leads to: the matcher looks those
 *		up itself.  So few states have more transitions than their children, and those lie in
 *		one array in which the rows of all states overlap.
 *
 * SEE ALSO
 *		Aho and Corasick, Efficient string matching (1975)
 */
#include <stdlib.h>

#include "rule_model.h"

static bool row_begins[RULE_STATE_MAX + 1];

/* child - the node's child on a word, 0 if there is none */
static uint32_t
child(uint32_t node, unsigned number)
{
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
			model.nodes.at[next].depth = model.nodes.at[at].depth + 1;
			APPEND(model.nodes.at[at].arcs, ((Arc) {word, next}));
		}
		at = next;
	}
	model.nodes.at[at].literal = number;
}

/* go - where the automaton goes from a node, which is resolved */
static uint32_t
go(uint32_t node, unsigned number)
{
	for (; node != 0; node = model.nodes.at[node].failure)
	{
		uint32_t	next = child(node, number);

		if (next != 0)
			return next;
	}
	return child(0, number);
}

/* inherit_literal - from the longest suffix: what ends there ends here, too */
static void
inherit_literal(Node *node, const Node *suffix)
{
	if (node->literal == 0)
		node->literal = suffix->literal;
	else
		model.literals.at[node->literal].fact.shorter = suffix->literal;
}

/* resolve_node - inherit from the longest suffix, which is resolved already */
static void
resolve_node(uint32_t node)
{
	uint32_t	failure = model.nodes.at[node].failure;
	size_t		children = model.nodes.at[node].arcs.count;

	for (size_t i = 0; i < children; i++)
	{
		Arc			arc = model.nodes.at[node].arcs.at[i];

		model.nodes.at[arc.node].failure = go(failure, arc.number);
	}
	if (failure == 0)
		return;
	inherit_literal(&model.nodes.at[node], &model.nodes.at[failure]);
	if (model.nodes.at[failure].depth == 1)
		return;
	for (size_t i = 0; i < model.nodes.at[failure].arcs.count; i++)
	{
		Arc			arc = model.nodes.at[failure].arcs.at[i];

		if (child(node, arc.number) == 0)
			APPEND(model.nodes.at[node].arcs, arc);
	}
}

/* breadth_first - the nodes in order of depth, the root first */
static uint32_t *
breadth_first(void)
{
	uint32_t   *order = grow(NULL, model.nodes.count, sizeof(*order));
	size_t		count = 1;

	order[0] = 0;
	for (size_t i = 0; i < count; i++)
	{
		for (size_t j = 0; j < model.nodes.at[order[i]].arcs.count; j++)
			order[count++] = model.nodes.at[order[i]].arcs.at[j].node;
	}
	return order;
}

/* row_fits - is every slot of the node free when its row begins at base? */
static bool
row_fits(const Node *node, size_t base)
{
	while (model.slots.count <= base + RULE_NUMBER_MAX)
		APPEND(model.slots, 0);
	if (node->literal != 0 && model.slots.at[base] != 0)
		return false;
	for (size_t i = 0; i < node->arcs.count; i++)
	{
		if (model.slots.at[base + node->arcs.at[i].number] != 0)
			return false;
	}
	return true;
}

/* A slot that is taken before its entry is known. */
#define SLOT_TAKEN UINT32_MAX

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
		model.slots.at[node->base] = (uint32_t) node->literal << RULE_NUMBER_BITS | RULE_NUMBER_MAX;
	for (size_t i = 0; i < node->arcs.count; i++)
		model.slots.at[node->base + node->arcs.at[i].number] = entry_of(node->arcs.at[i].node, node->arcs.at[i].number);
}

/* build_automaton - trie, failure links, one array of overlapping rows */
void
build_automaton(void)
{
	uint32_t   *order;

	add_node();
	for (size_t i = 1; i < model.literals.count; i++)
		add_to_trie(&model.literals.at[i], (uint16_t) i);
	order = breadth_first();
	for (size_t i = 1; i < model.nodes.count; i++)
		resolve_node(order[i]);
	for (size_t i = 1; i < model.nodes.count; i++)
		place_row(&model.nodes.at[order[i]]);
	for (size_t i = 1; i < model.nodes.count; i++)
		fill_row(&model.nodes.at[i]);
	free(order);
}

/* start_of - where the automaton goes with a word from nowhere */
uint32_t
start_of(unsigned number)
{
	uint32_t	node = child(0, number);

	return node == 0 ? 0 : entry_of(node, number);
}
