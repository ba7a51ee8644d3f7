/*
 * NAME
 *		mkrules - compile rules.tsv into rules_table.c
 *
 * SYNOPSIS
 *		mkrules rules.tsv > rules_table.c
 *
 * SUMMARY
 *		A program of the build.  Reads the rules, refuses what is wrong in them, builds
 *		the automaton and writes the constant tables that rules.h declares.
 *
 * DESCRIPTION
 *		The words of all patterns get numbers by a perfect hash.  The literals make a trie
 *		of words; its failure links are resolved into transitions (Aho and Corasick 1975).
 *		Few states have more transitions than their children, and those lie in one array
 *		in which the rows of all states overlap.
 *
 * DIAGNOSTICS
 *		file:line: what is wrong, exit status 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "response.h"
#include "rules.h"
#include "rules_file.h"

#define LITERAL_MAX 64			/* words */
#define STEM_BYTES 8			/* that a token keeps of its begin */

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
} Word;

typedef struct Arc
{
	unsigned	number;
	uint32_t	node;
} Arc;

/* A node of the trie, and a state of the automaton. */
typedef struct Node
{
	LIST(Arc) arcs;				/* children; with the failure links resolved: all but the default */
	LIST(uint16_t) hits;		/* literals that end here */
	uint32_t	failure;
	uint32_t	base;			/* its place in rule_transitions */
} Node;

typedef struct Literal
{
	size_t		word[LITERAL_MAX];
	RuleLiteral fact;
	LIST(RuleEdge) edges;
} Literal;

/* One alternative of a rule's pattern. */
typedef struct Entry
{
	size_t		rule;
	unsigned	tier;
	size_t		length;			/* letters of its literals */
	unsigned	narrow;			/* how much its condition asks for */
	uint16_t	sequence;
	char	   *text;
} Entry;

typedef struct Step
{
	uint16_t	from;
	uint16_t	literal;
	bool		far;
	bool		goes_on;
	uint16_t	number;
	LIST(uint16_t) entries;		/* for which it is the whole pattern, best first */
} Step;

static RuleFile file;
static LIST(Word) words;
static LIST(Node) nodes;
static LIST(Literal) literals;
static LIST(Entry) entries;
static LIST(Step) steps;		/* the tree of sequences; steps.at[0] is the empty one */
static LIST(uint32_t) slots;
static LIST(uint16_t) hit_lists;
static bool row_begins[RULE_STATE_MAX + 1];

/* The perfect hash: in each slot a word, or SIZE_MAX. */
static uint64_t word_seed = UINT64_C(0x9E3779B97F4A7C15);
static size_t word_in_slot[1 << RULE_NUMBER_BITS];
static uint16_t spread[1 << RULE_SPREAD_BITS];

static void
give_up(const char *message)
{
	fprintf(stderr, "mkrules: %s\n", message);
	exit(1);
}

static void *
grow(void *at, size_t room, size_t size)
{
	at = realloc(at, room * size);
	if (at == NULL)
		give_up("out of memory");
	return at;
}

/* add_word - the index of a word; the same word has one */
static size_t
add_word(uint64_t key, uint64_t mask)
{
	for (size_t i = 0; i < words.count; i++)
	{
		if (words.at[i].key == key && words.at[i].mask == mask)
			return i;
	}
	APPEND(words, ((Word) {key, mask, 0}));
	return words.count - 1;
}

/* slot_of - a word's slot, as the displacements are now */
static unsigned
slot_of(size_t word)
{
	return rule_word_slot(rule_word_hash(words.at[word].key, word_seed), spread);
}

/* try_spread - give the words of one bucket free slots; false if no displacement does */
static bool
try_spread(const size_t *bucket, size_t count, size_t which)
{
	for (unsigned d = 0; d < 1U << RULE_NUMBER_BITS; d++)
	{
		size_t		placed;

		spread[which] = (uint16_t) d;
		for (placed = 0; placed < count; placed++)
		{
			unsigned	slot = slot_of(bucket[placed]);

			if (slot == RULE_NO_WORD || slot == RULE_NUMBER_MAX || word_in_slot[slot] != SIZE_MAX)
				break;
			word_in_slot[slot] = bucket[placed];
		}
		if (placed == count)
			return true;
		while (placed-- > 0)
			word_in_slot[slot_of(bucket[placed])] = SIZE_MAX;
	}
	return false;
}

/* spread_words - the buckets with most words first, while there is room */
static bool
spread_words(void)
{
	size_t		buckets = (size_t) 1 << RULE_SPREAD_BITS;
	LIST(size_t) *bucket = calloc(buckets, sizeof(*bucket));
	size_t		largest = 0;
	bool		found = true;

	for (size_t i = 0; i < words.count; i++)
	{
		size_t		which = rule_word_bucket(rule_word_hash(words.at[i].key, word_seed));

		if (words.at[i].mask != 0)
			continue;
		APPEND(bucket[which], i);
		if (bucket[which].count > largest)
			largest = bucket[which].count;
	}
	for (size_t size = largest; size > 0 && found; size--)
	{
		for (size_t b = 0; b < buckets && found; b++)
		{
			if (bucket[b].count == size)
				found = try_spread(bucket[b].at, size, b);
		}
	}
	free(bucket);
	return found;
}

/* number_words - a perfect hash with some room; stems get numbers that no word has */
static void
number_words(void)
{
	unsigned	number;

	if (words.count > RULE_NUMBER_MAX * 7 / 8)
		give_up("too many words for RULE_NUMBER_BITS");
	do
	{
		word_seed += UINT64_C(0x2545F4914F6CDD1E);
		for (size_t i = 0; i < RULE_NUMBER_MAX + 1; i++)
			word_in_slot[i] = SIZE_MAX;
	} while (!spread_words());
	for (size_t i = 0; i < RULE_NUMBER_MAX + 1; i++)
	{
		if (word_in_slot[i] != SIZE_MAX)
			words.at[word_in_slot[i]].number = (unsigned) i;
	}
	number = 1;
	for (size_t i = 0; i < words.count; i++)
	{
		if (words.at[i].mask == 0)
			continue;
		while (word_in_slot[number] != SIZE_MAX)
			number++;
		words.at[i].number = number++;
	}
}

/* child - the node's child on a word, 0 if there is none */
static uint32_t
child(uint32_t node, unsigned number)
{
	for (size_t i = 0; i < nodes.at[node].arcs.count; i++)
	{
		if (nodes.at[node].arcs.at[i].number == number)
			return nodes.at[node].arcs.at[i].node;
	}
	return 0;
}

static uint32_t
add_node(void)
{
	APPEND(nodes, (Node) {0});
	return (uint32_t) nodes.count - 1;
}

/* add_to_trie - one literal, its number as a mark at the end */
static void
add_to_trie(const Literal *literal, uint16_t number)
{
	uint32_t	at = 0;

	for (size_t i = 0; i < literal->fact.length; i++)
	{
		unsigned	word = words.at[literal->word[i]].number;
		uint32_t	next = child(at, word);

		if (next == 0)
		{
			next = add_node();
			APPEND(nodes.at[at].arcs, ((Arc) {word, next}));
		}
		at = next;
	}
	APPEND(nodes.at[at].hits, number);
}

/* go - where the resolved automaton goes from a node */
static uint32_t
go(uint32_t node, unsigned number)
{
	uint32_t	next = node == 0 ? 0 : child(node, number);

	return next != 0 ? next : child(0, number);
}

/* resolve_node - inherit transitions and hits from the longest suffix, which is resolved already */
static void
resolve_node(uint32_t node)
{
	uint32_t	failure = nodes.at[node].failure;
	size_t		children = nodes.at[node].arcs.count;

	for (size_t i = 0; i < children; i++)
	{
		Arc			arc = nodes.at[node].arcs.at[i];

		nodes.at[arc.node].failure = go(failure, arc.number);
	}
	if (failure == 0)
		return;
	for (size_t i = 0; i < nodes.at[failure].arcs.count; i++)
	{
		Arc			arc = nodes.at[failure].arcs.at[i];

		if (child(node, arc.number) == 0)
			APPEND(nodes.at[node].arcs, arc);
	}
	for (size_t i = 0; i < nodes.at[failure].hits.count; i++)
		APPEND(nodes.at[node].hits, nodes.at[failure].hits.at[i]);
}

/* breadth_first - the nodes in order of depth, the root first */
static uint32_t *
breadth_first(void)
{
	uint32_t   *order = grow(NULL, nodes.count, sizeof(*order));
	size_t		count = 1;

	order[0] = 0;
	for (size_t i = 0; i < count; i++)
	{
		for (size_t j = 0; j < nodes.at[order[i]].arcs.count; j++)
			order[count++] = nodes.at[order[i]].arcs.at[j].node;
	}
	return order;
}

/* row_fits - is every slot of the node free when its row begins at base? */
static bool
row_fits(const Node *node, size_t base)
{
	while (slots.count <= base + RULE_NUMBER_MAX)
		APPEND(slots, 0);
	if (node->hits.count > 0 && slots.at[base] != 0)
		return false;
	for (size_t i = 0; i < node->arcs.count; i++)
	{
		if (slots.at[base + node->arcs.at[i].number] != 0)
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
	if (node->hits.count > 0)
		slots.at[base] = SLOT_TAKEN;
	for (size_t i = 0; i < node->arcs.count; i++)
		slots.at[base + node->arcs.at[i].number] = SLOT_TAKEN;
	while (row_begins[first])
		first++;
}

/* entry_of - how a transition to a node is written */
static uint32_t
entry_of(uint32_t number, unsigned word)
{
	const Node *node = &nodes.at[number];

	return word | (node->hits.count > 0 ? 1U : 0U) << RULE_HIT_SHIFT | node->base << RULE_STATE_SHIFT;
}

static void
fill_row(const Node *node)
{
	if (node->hits.count > 0)
	{
		/* marked with a number that no word has, so that nobody takes it for a transition */
		slots.at[node->base] = (uint32_t) hit_lists.count << RULE_NUMBER_BITS | RULE_NUMBER_MAX;
		for (size_t i = 0; i < node->hits.count; i++)
			APPEND(hit_lists, node->hits.at[i]);
		APPEND(hit_lists, 0);
	}
	for (size_t i = 0; i < node->arcs.count; i++)
		slots.at[node->base + node->arcs.at[i].number] = entry_of(node->arcs.at[i].node, node->arcs.at[i].number);
}

/* build_automaton - trie, failure links, one array of overlapping rows */
static void
build_automaton(void)
{
	uint32_t   *order;

	add_node();
	APPEND(hit_lists, 0);
	for (size_t i = 1; i < literals.count; i++)
		add_to_trie(&literals.at[i], (uint16_t) i);
	order = breadth_first();
	for (size_t i = 1; i < nodes.count; i++)
		resolve_node(order[i]);
	for (size_t i = 1; i < nodes.count; i++)
		place_row(&nodes.at[order[i]]);
	for (size_t i = 1; i < nodes.count; i++)
		fill_row(&nodes.at[i]);
	free(order);
}

/* start_of - where the automaton goes with a word from nowhere */
static uint32_t
start_of(unsigned number)
{
	uint32_t	node = child(0, number);

	return node == 0 ? 0 : entry_of(node, number);
}

/* stem_mask - the bytes of the token's head that the last word of a literal, a stem, asks for */
static uint64_t
stem_mask(const RuleLine *line, const Token *token, const char *text, size_t len)
{
	unsigned	bytes = 0;

	while (bytes < STEM_BYTES && (token->head >> bytes * 8 & 0xFF) != 0 && (token->head >> bytes * 8 & 0xFF) != '.')
		bytes++;
	if (bytes < RULE_STEM_MIN)
		rule_file_error(line, "\"%.*s~\": a begin of a word needs %d letters", (int) len, text, RULE_STEM_MIN);
	return bytes == STEM_BYTES ? UINT64_MAX : ((uint64_t) 1 << bytes * 8) - 1;
}

/* same_literal - the number of the literal if there is one like it, else 0 */
static uint16_t
same_literal(const Literal *literal)
{
	for (size_t i = 1; i < literals.count; i++)
	{
		if (literals.at[i].fact.length == literal->fact.length &&
			memcmp(literals.at[i].word, literal->word, literal->fact.length * sizeof(size_t)) == 0)
			return (uint16_t) i;
	}
	return 0;
}

/* add_literal - its number; the same literal has one number */
static uint16_t
add_literal(const RuleLine *line, const char *text, size_t len)
{
	Literal		literal = {0};
	Token		token[LITERAL_MAX];
	bool		is_stem = len > 1 && text[len - 1] == '~';
	size_t		count = response_tokens(text, len - is_stem, token, LITERAL_MAX);
	uint16_t	number;

	if (count == 0)
		rule_file_error(line, "\"%.*s\" has no word, or too many", (int) len, text);
	for (size_t i = 0; i < count; i++)
		literal.word[i] = add_word(token[i].key, 0);
	if (is_stem)
	{
		uint64_t	mask = stem_mask(line, &token[count - 1], text, len - 1);

		literal.word[count - 1] = add_word(token[count - 1].head & mask, mask);
	}
	literal.fact.length = (uint16_t) count;
	number = same_literal(&literal);
	if (number == 0)
	{
		APPEND(literals, literal);
		number = (uint16_t) (literals.count - 1);
	}
	return number;
}

/* letters_of - how long a literal is, for its rank: characters, three for an ideograph */
static size_t
letters_of(const char *text, size_t len)
{
	size_t		letters = 0;

	for (size_t i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char) text[i];

		letters += (c & 0xC0) != 0x80;
		letters += c >= 0xE3 ? 2 : 0;
	}
	return letters;
}

/* add_step - the sequence that a literal makes of another; the same sequence has one number */
static uint16_t
add_step(uint16_t from, uint16_t literal, bool far)
{
	Step		step = {.from = from, .literal = literal, .far = far};

	for (size_t i = 1; i < steps.count; i++)
	{
		if (steps.at[i].from == from && steps.at[i].literal == literal && steps.at[i].far == far)
			return (uint16_t) i;
	}
	APPEND(steps, step);
	steps.at[from].goes_on = true;
	return (uint16_t) (steps.count - 1);
}

/* add_pattern - one alternative: literals with "*" or "**" between them */
static void
add_pattern(const RuleLine *line, const char *pattern)
{
	Entry		entry = {.rule = line->number, .tier = line->tier, .narrow = line->narrow};
	uint16_t	at = 0;
	bool		far = false;
	const char *text = pattern;

	for (;;)
	{
		const char *gap = strstr(text, " *");
		size_t		len;
		uint16_t	literal;

		while (gap != NULL && gap[2 + (gap[2] == '*')] != ' ')
			gap = strstr(gap + 1, " *");
		len = gap == NULL ? strlen(text) : (size_t) (gap - text);
		literal = add_literal(line, text, len);
		at = add_step(at, literal, far);
		entry.length += letters_of(text, len);
		if (gap == NULL)
			break;
		far = gap[2] == '*';
		text = gap + 3 + far;
	}
	entry.sequence = at;
	entry.text = strdup(pattern);
	APPEND(entries, entry);
}

/* expand - write out the first {a|b|c} and go on; without one it is a pattern */
static void
expand(const RuleLine *line, const char *pattern)
{
	const char *open = strchr(pattern, '{');
	const char *close = open == NULL ? NULL : strchr(open, '}');
	char		text[RULE_PATTERN_MAX * 2];

	if (open == NULL)
	{
		add_pattern(line, pattern);
		return;
	}
	if (close == NULL)
		rule_file_error(line, "\"{\" without \"}\"");
	for (const char *choice = open + 1; choice <= close;)
	{
		size_t		len = strcspn(choice, "|}");

		snprintf(text, sizeof(text), "%.*s%.*s%s", (int) (open - pattern), pattern, (int) len, choice, close + 1);
		expand(line, text);
		choice += len + 1;
	}
}

/* better - the order of entries is their rank; the file's own order plays no part */
static int
better(const void *a, const void *b)
{
	const Entry *x = a;
	const Entry *y = b;
	const RuleLine *p = &file.lines[x->rule];
	const RuleLine *q = &file.lines[y->rule];
	int			order;

	if (x->tier != y->tier)
		return x->tier < y->tier ? -1 : 1;
	if (x->length != y->length)
		return x->length > y->length ? -1 : 1;
	if (x->narrow != y->narrow)
		return x->narrow > y->narrow ? -1 : 1;
	if ((*p->provider == '\0') != (*q->provider == '\0'))
		return *q->provider == '\0' ? -1 : 1;
	order = strcmp(x->text, y->text);
	return order != 0 ? order : strcmp(p->name, q->name);
}

/* best_rank - of the rules that a sequence completes */
static uint32_t
best_rank(const Step *step)
{
	if (step->entries.count == 0)
		return UINT32_MAX;
	return step->entries.at[0] | entries.at[step->entries.at[0]].tier << RULE_RANK_TIER;
}

/* add_edge - what a literal makes of a sequence, or begins */
static void
add_edge(const Step *step)
{
	Literal    *literal = &literals.at[step->literal];
	RuleEdge	edge = {steps.at[step->from].number, step->number, steps.at[step->from].number % 64, step->far};

	if (step->from == 0)
	{
		literal->fact.begins = step->number;
		literal->fact.best = best_rank(step);
		return;
	}
	literal->fact.from |= (uint64_t) 1 << edge.from % 64;
	APPEND(literal->edges, edge);
}

/* number_steps - those that go on come first, so that few need memory at run time */
static unsigned
number_steps(void)
{
	uint16_t	number = 1;
	unsigned	going_on;

	for (size_t i = 1; i < steps.count; i++)
	{
		if (steps.at[i].goes_on)
			steps.at[i].number = number++;
	}
	going_on = number;
	if (going_on > RULE_STEPS_MAX)
		give_up("more than RULE_STEPS_MAX patterns go on after a gap");
	for (size_t i = 1; i < steps.count; i++)
	{
		if (!steps.at[i].goes_on)
			steps.at[i].number = number++;
	}
	for (size_t i = 1; i < steps.count; i++)
		add_edge(&steps.at[i]);
	return going_on;
}

/* write_array - numbers, a few to a line */
#define WRITE_ARRAY(declaration, count, format, ...) \
	do { \
		printf("\n" declaration "\n{"); \
		for (size_t i = 0; i < (count); i++) \
			printf("%s" format ",", i % 8 == 0 ? "\n\t" : " ", __VA_ARGS__); \
		printf("\n};\n"); \
	} while (0)

/* write_words - the slots of the perfect hash, and what leads to them */
static void
write_words(void)
{
	printf("\nconst RuleWord rule_words[1 << RULE_NUMBER_BITS] =\n{\n");
	for (size_t i = 0; i < RULE_NUMBER_MAX + 1; i++)
	{
		if (word_in_slot[i] == SIZE_MAX)
			printf("\t{0, 0},\n");
		else
			printf("\t{0x%llxu, %uu},\n", (unsigned long long) words.at[word_in_slot[i]].key, start_of((unsigned) i));
	}
	printf("};\n");
	WRITE_ARRAY("const uint16_t rule_spread[1 << RULE_SPREAD_BITS] =", (size_t) 1 << RULE_SPREAD_BITS, "%u", spread[i]);
	printf("\nconst uint64_t rule_word_seed = 0x%llxu;\n", (unsigned long long) word_seed);
}

/* write_stems - bucket by bucket */
static void
write_stems(void)
{
	size_t		count = 0;
	size_t		first[RULE_STEM_BUCKETS + 1];

	printf("\nconst RuleStem rule_stems[] =\n{\n");
	for (unsigned bucket = 0; bucket < RULE_STEM_BUCKETS; bucket++)
	{
		first[bucket] = count;
		for (size_t i = 0; i < words.count; i++)
		{
			const Word *w = &words.at[i];

			if (w->mask == 0 || rule_stem_bucket(w->key) != bucket)
				continue;
			printf("\t{0x%llxu, 0x%llxu, %uu, %u},\n", (unsigned long long) w->key, (unsigned long long) w->mask,
				   start_of(w->number), w->number);
			count++;
		}
	}
	first[RULE_STEM_BUCKETS] = count;
	printf("\t{0, 0, 0, 0}\n};\n");
	if (count > UINT8_MAX)
		give_up("more than 255 begins of words");
	WRITE_ARRAY("const uint8_t rule_stem_first[RULE_STEM_BUCKETS + 1] =", RULE_STEM_BUCKETS + 1, "%zu", first[i]);
}

static void
write_literals(void)
{
	size_t		edge = 1;

	printf("\nconst RuleLiteral rule_literals[] =\n{\n\t{0, UINT32_MAX, 0, 0, 0, 0},\n");
	for (size_t i = 1; i < literals.count; i++)
	{
		const Literal *literal = &literals.at[i];

		printf("\t{0x%llxu, %uu, %u, %u, %zu, %zu},\n", (unsigned long long) literal->fact.from,
			   literal->fact.best, literal->fact.length, literal->fact.begins, edge, literal->edges.count);
		edge += literal->edges.count;
	}
	printf("};\n\nconst RuleEdge rule_edges[] =\n{\n\t{0, 0, 0, false},\n");
	for (size_t i = 1; i < literals.count; i++)
	{
		for (size_t j = 0; j < literals.at[i].edges.count; j++)
		{
			const RuleEdge *e = &literals.at[i].edges.at[j];

			printf("\t{%u, %u, %u, %s},\n", e->from, e->to, e->bit, e->far ? "true" : "false");
		}
	}
	printf("};\n");
}

/* write_sequences - in order of their numbers */
static void
write_sequences(void)
{
	size_t		first = 0;
	size_t	   *by_number = grow(NULL, steps.count, sizeof(size_t));

	for (size_t i = 1; i < steps.count; i++)
		by_number[steps.at[i].number] = i;
	printf("\nconst RuleSequence rule_sequences[] =\n{\n\t{UINT32_MAX, 0, 0},\n");
	for (size_t n = 1; n < steps.count; n++)
	{
		const Step *step = &steps.at[by_number[n]];

		printf("\t{%uu, %zu, %zu},\n", best_rank(step), first, step->entries.count);
		first += step->entries.count;
	}
	printf("};\n\nconst uint16_t rule_sequence_entries[] =\n{");
	for (size_t n = 1; n < steps.count; n++)
	{
		for (size_t i = 0; i < steps.at[by_number[n]].entries.count; i++)
			printf("\n\t%u,", steps.at[by_number[n]].entries.at[i]);
	}
	printf("\n};\n");
	free(by_number);
}

static void
write_conditions(void)
{
	printf("\nconst RuleCondition rule_conditions[] =\n{\n");
	for (size_t i = 0; i < file.condition_count; i++)
	{
		const RuleCondition *c = &file.conditions[i];

		printf("\t{%d, %d, %d, %u, %s, %s, %s},\n", c->reply, c->subject, c->detail, c->klass,
			   c->none ? "true" : "false", c->bare ? "true" : "false",
			   c->plain ? "true" : "false");
	}
	printf("\t{0, -1, -1, 0, false, false, false}\n};\n");
}

/* write_string - the bytes of a string and its NUL, for an array of char */
static void
write_string(const char *text)
{
	printf("\t");
	for (const char *c = text; *c != '\0'; c++)
	{
		if (*c == '\'' || *c == '\\')
			printf("'\\%c',", *c);
		else
			printf("'%c',", *c);
	}
	printf("0,\n");
}

static void
write_rules(void)
{
	size_t		at = 1;

	printf("\nconst Rule rules[] =\n{\n");
	for (size_t i = 0; i < file.count; i++)
	{
		const RuleLine *line = &file.lines[i];

		printf("\t{0x%04x, %zu, %zu, %s, %s, %s, %zu, %zu},\n", line->klass, line->first_condition, line->condition_count,
			   line->vendor ? "true" : "false", line->final ? "true" : "false",
			   line->vague ? "true" : "false", at, *line->provider == '\0' ? 0 : at + strlen(line->name) + 1);
		at += strlen(line->name) + 1 + strlen(line->provider) + 1;
	}
	printf("};\n\nconst char rule_names[] =\n{\n");
	write_string("");
	for (size_t i = 0; i < file.count; i++)
	{
		write_string(file.lines[i].name);
		write_string(file.lines[i].provider);
	}
	printf("};\n");
}

static void
write_tables(unsigned going_on)
{
	printf("/* made by mkrules from rules.tsv: do not edit */\n#include \"rules.h\"\n");
	WRITE_ARRAY("const uint32_t rule_transitions[] =", slots.count, "%u", slots.at[i]);
	write_words();
	write_stems();
	WRITE_ARRAY("const uint16_t rule_hits[] =", hit_lists.count, "%u", hit_lists.at[i]);
	write_literals();
	write_sequences();
	printf("\nconst RuleEntry rule_entries[] =\n{\n");
	for (size_t i = 0; i < entries.count; i++)
		printf("\t{%zu, %u},\n", entries.at[i].rule, entries.at[i].tier);
	printf("};\n");
	write_conditions();
	write_rules();
	printf("\nconst unsigned rule_step_count = %u;\nconst unsigned rule_count = %zu;\n", going_on, file.count);
}

int
main(int argc, char **argv)
{
	unsigned	going_on;

	if (argc != 2)
	{
		fprintf(stderr, "usage: mkrules rules.tsv > rules_table.c\n");
		return 1;
	}
	rule_file_read(&file, argv[1]);
	APPEND(steps, (Step) {0});
	APPEND(literals, (Literal) {0});
	for (size_t i = 0; i < file.count; i++)
		expand(&file.lines[i], file.lines[i].pattern);
	qsort(entries.at, entries.count, sizeof(Entry), better);
	if (entries.count > UINT16_MAX || literals.count > UINT16_MAX || steps.count > UINT16_MAX)
		give_up("more patterns than 16 bits can number");
	number_words();
	for (size_t i = 0; i < entries.count; i++)
		APPEND(steps.at[entries.at[i].sequence].entries, (uint16_t) i);
	build_automaton();
	going_on = number_steps();
	write_tables(going_on);
	fprintf(stderr, "%zu rules, %zu patterns, %zu literals of %zu words, %zu states, %zu kB of transitions\n", file.count,
			entries.count, literals.count - 1, words.count, nodes.count, slots.count * sizeof(uint32_t) / 1024);
	return ferror(stdout) || fflush(stdout) != 0;
}
