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
 *		The literals of all patterns make a trie; its failure links are resolved into
 *		transitions (Aho and Corasick 1975).  Because a literal begins at the begin of a
 *		word, few states have more transitions than their children, and those lie in
 *		one array in which the rows of all states overlap.
 *
 * DIAGNOSTICS
 *		file:line: what is wrong, exit status 1.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "response.h"
#include "rules.h"
#include "rules_file.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A growing array. */
#define LIST(type) struct { type *at; size_t count; size_t room; }
#define APPEND(list, value) \
	(((list).count == (list).room ? \
	  (void) ((list).at = grow((list).at, (list).room = (list).room * 2 + 16, sizeof(*(list).at))) : (void) 0), \
	 (list).at[(list).count++] = (value))

typedef struct Arc
{
	unsigned char symbol;
	uint32_t	node;
} Arc;

/* A node of the trie, and a state of the automaton. */
typedef struct Node
{
	LIST(Arc) arcs;				/* children; with the failure links resolved: all but the default */
	LIST(uint16_t) hits;		/* literals that end here */
	uint32_t	failure;
	uint32_t	base;			/* its place in rule_transitions */
	uint32_t	visits;			/* how often the examples come by */
	unsigned	depth;
} Node;

typedef struct Literal
{
	unsigned char text[RESPONSE_BLOCK / 2];
	RuleLiteral fact;
	LIST(RuleEdge) edges;
} Literal;

/* One alternative of a rule's pattern. */
typedef struct Entry
{
	size_t		rule;
	unsigned	tier;
	size_t		length;			/* of its literals */
	unsigned	narrow;			/* how much its condition asks for */
	size_t		last_edge;		/* the edge that completes it */
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
static LIST(Node) nodes;
static LIST(Literal) literals;
static LIST(Entry) entries;
static LIST(Step) steps;		/* the tree of sequences; steps.at[0] is the empty one */
static LIST(uint32_t) slots;
static LIST(uint16_t) hit_lists;
static uint32_t start[256];
static bool row_begins[RULE_STATE_MAX + 1];

/* Visited so often by the examples, a state belongs near the others that are. */
#define HOT 2

static void *
grow(void *at, size_t room, size_t size)
{
	at = realloc(at, room * size);
	if (at == NULL)
	{
		perror("mkrules");
		exit(1);
	}
	return at;
}

/* child - the node's child on a symbol, 0 if there is none */
static uint32_t
child(uint32_t node, unsigned char symbol)
{
	for (size_t i = 0; i < nodes.at[node].arcs.count; i++)
	{
		if (nodes.at[node].arcs.at[i].symbol == symbol)
			return nodes.at[node].arcs.at[i].node;
	}
	return 0;
}

static uint32_t
add_node(unsigned depth)
{
	Node		node = {.depth = depth};

	APPEND(nodes, node);
	return (uint32_t) nodes.count - 1;
}

/* add_to_trie - one literal, number as its mark at the end */
static void
add_to_trie(const Literal *literal, uint16_t number)
{
	uint32_t	at = 0;

	for (size_t i = 0; i < literal->fact.length; i++)
	{
		uint32_t	next = child(at, literal->text[i]);

		if (next == 0)
		{
			next = add_node((unsigned) i + 1);
			APPEND(nodes.at[at].arcs, ((Arc) {literal->text[i], next}));
		}
		at = next;
	}
	APPEND(nodes.at[at].hits, number);
}

/* go - where the resolved automaton goes from a node */
static uint32_t
go(uint32_t node, unsigned char symbol)
{
	uint32_t	next = node == 0 ? 0 : child(node, symbol);

	return next != 0 ? next : child(0, symbol);
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

		nodes.at[arc.node].failure = go(failure, arc.symbol);
	}
	if (failure == 0)
		return;
	for (size_t i = 0; i < nodes.at[failure].arcs.count; i++)
	{
		Arc			arc = nodes.at[failure].arcs.at[i];

		if (child(node, arc.symbol) == 0)
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

static void
need_slots(size_t count)
{
	while (slots.count < count)
		APPEND(slots, 0);
}

/* row_fits - is every slot of the node free when its row begins at base? */
static bool
row_fits(const Node *node, size_t base)
{
	need_slots(base + 256);
	if (node->hits.count > 0 && slots.at[base] != 0)
		return false;
	for (size_t i = 0; i < node->arcs.count; i++)
	{
		if (slots.at[base + node->arcs.at[i].symbol] != 0)
			return false;
	}
	return true;
}

/* A slot that is taken before its entry is known. */
#define SLOT_TAKEN UINT32_MAX

/* take_row - the node's row begins here; no two rows begin at the same slot */
static void
take_row(Node *node, size_t base)
{
	row_begins[base] = true;
	node->base = (uint32_t) base;
	if (node->hits.count > 0)
		slots.at[base] = SLOT_TAKEN;
	for (size_t i = 0; i < node->arcs.count; i++)
		slots.at[base + node->arcs.at[i].symbol] = SLOT_TAKEN;
}

/* free_base - the first place from "base" on where the node's row fits */
static size_t
free_base(const Node *node, size_t base)
{
	for (; base <= RULE_STATE_MAX - 256; base++)
	{
		if (!row_begins[base] && row_fits(node, base))
			return base;
	}
	fprintf(stderr, "mkrules: too many states for RULE_STATE_MAX\n");
	exit(1);
}

/* place_cold - where there is room, from the begin on */
static void
place_cold(Node *node)
{
	static size_t first = 1;
	size_t		base = free_base(node, first);

	take_row(node, base);
	/* do not search again and again through what is full */
	if (base > first + 400)
		first = base - 200;
}

/* best_arc - the arc that the examples take most */
static const Arc *
best_arc(const Node *node)
{
	const Arc  *best = NULL;

	for (size_t i = 0; i < node->arcs.count; i++)
	{
		const Arc  *arc = &node->arcs.at[i];

		if (best == NULL || nodes.at[arc->node].visits > nodes.at[best->node].visits)
			best = arc;
	}
	return best;
}

/*
 * place_hot - a node, and after it what mostly follows: the entries that a common
 * word is looked up by lie side by side, and so in few lines of the cache.
 */
static void
place_hot(uint32_t number)
{
	static size_t next = 1;

	while (nodes.at[number].base == 0)
	{
		Node	   *node = &nodes.at[number];
		const Arc  *arc = best_arc(node);
		size_t		symbol = arc == NULL ? 0 : arc->symbol;

		take_row(node, free_base(node, next > symbol ? next - symbol : 1));
		next = node->base + symbol + 1;
		if (arc != NULL && nodes.at[arc->node].visits >= HOT)
			number = arc->node;
	}
}

/* entry_of - how a transition to a node is written */
static uint32_t
entry_of(uint32_t number, unsigned char symbol)
{
	const Node *node = &nodes.at[number];

	return symbol | (node->hits.count > 0 ? 1U : 0U) << RULE_HIT_SHIFT
		| node->base << RULE_STATE_SHIFT;
}

static void
fill_row(const Node *node)
{
	if (node->hits.count > 0)
	{
		/* above the symbol, so that nobody takes it for a transition */
		slots.at[node->base] = (uint32_t) hit_lists.count << RULE_SYMBOL_BITS;
		for (size_t i = 0; i < node->hits.count; i++)
			APPEND(hit_lists, node->hits.at[i]);
		APPEND(hit_lists, 0);
	}
	for (size_t i = 0; i < node->arcs.count; i++)
		slots.at[node->base + node->arcs.at[i].symbol] = entry_of(node->arcs.at[i].node, node->arcs.at[i].symbol);
}

/* visit - walk an example as the matcher will, and count */
static void
visit(const char *example)
{
	unsigned char text[RESPONSE_BLOCK];
	size_t		length = response_fold(example, strlen(example), text, sizeof(text));
	uint32_t	at = 0;

	for (size_t i = 0; i < length; i++)
	{
		at = go(at, text[i]);
		nodes.at[at].visits++;
	}
}

/* more_visited - for sorting: what is visited often lies together, and so in the cache */
static int
more_visited(const void *a, const void *b)
{
	const Node *x = &nodes.at[*(const uint32_t *) a];
	const Node *y = &nodes.at[*(const uint32_t *) b];

	if (x->visits != y->visits)
		return x->visits > y->visits ? -1 : 1;
	if (x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1;
	return x < y ? -1 : 1;
}

/* place_rows - the most visited first; the rest fills the holes */
static void
place_rows(uint32_t *order)
{
	for (size_t i = 0; i < file.count; i++)
	{
		for (size_t j = 0; j < file.lines[i].example_count; j++)
			visit(file.lines[i].examples[j]);
	}
	qsort(order + 1, nodes.count - 1, sizeof(*order), more_visited);
	for (size_t i = 1; i < nodes.count; i++)
	{
		Node	   *node = &nodes.at[order[i]];

		if (node->visits >= HOT)
			place_hot(order[i]);
		else if (node->base == 0)
			place_cold(node);
	}
}

/* build_automaton - trie, failure links, one array of overlapping rows */
static void
build_automaton(void)
{
	uint32_t   *order;

	add_node(0);
	APPEND(hit_lists, 0);
	for (size_t i = 1; i < literals.count; i++)
		add_to_trie(&literals.at[i], (uint16_t) i);
	order = breadth_first();
	for (size_t i = 1; i < nodes.count; i++)
		resolve_node(order[i]);
	place_rows(order);
	for (size_t i = 1; i < nodes.count; i++)
		fill_row(&nodes.at[i]);
	for (unsigned symbol = 0; symbol < 256; symbol++)
	{
		uint32_t	node = child(0, (unsigned char) symbol);

		if (node != 0)
			start[symbol] = entry_of(node, (unsigned char) symbol);
	}
	need_slots(slots.count + 256);
	free(order);
}

/* add_literal - its number; the same literal has one number */
static uint16_t
add_literal(const RuleLine *line, const char *text, size_t len)
{
	Literal		literal = {.fact.closed = true};

	if (len > 0 && text[len - 1] == '~')
	{
		literal.fact.closed = false;
		len--;
	}
	literal.fact.length = (uint16_t) response_fold(text, len, literal.text, sizeof(literal.text));
	if (literal.fact.length == 0)
		rule_file_error(line, "\"%.*s\" has no letter or digit", (int) len, text);
	if (!symbol_starts(literal.text[0]))
		rule_file_error(line, "\"%.*s\" begins with a letter that no rule can begin with", (int) len, text);
	if (!symbol_continues[literal.text[literal.fact.length - 1]]
		&& !isalnum(literal.text[literal.fact.length - 1] | 0x20))
		literal.fact.closed = false;
	if (literals.count == 0)
		APPEND(literals, (Literal) {0});
	for (size_t i = 1; i < literals.count; i++)
	{
		if (literals.at[i].fact.length == literal.fact.length && literals.at[i].fact.closed == literal.fact.closed
			&& memcmp(literals.at[i].text, literal.text, literal.fact.length) == 0)
			return (uint16_t) i;
	}
	APPEND(literals, literal);
	return (uint16_t) (literals.count - 1);
}

/* add_step - the sequence that a literal makes of another; the same sequence has one number */
static uint16_t
add_step(uint16_t from, uint16_t literal, bool far)
{
	Step		step = {.from = from,.literal = literal,.far = far};

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
	Entry		entry = {.rule = line->number,.tier = line->tier,.narrow = line->narrow};
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
		entry.length += literals.at[literal].fact.length;
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
	{
		fprintf(stderr, "mkrules: more than RULE_STEPS_MAX patterns go on after a gap\n");
		exit(1);
	}
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

static void
write_literals(void)
{
	size_t		edge = 1;

	printf("\nconst RuleLiteral rule_literals[] =\n{\n\t{0, UINT32_MAX, 0, 0, 0, 0, false},\n");
	for (size_t i = 1; i < literals.count; i++)
	{
		const Literal *literal = &literals.at[i];

		printf("\t{0x%llxu, %uu, %u, %u, %zu, %zu, %s},\n", (unsigned long long) literal->fact.from,
			   literal->fact.best, literal->fact.length, literal->fact.begins, edge, literal->edges.count,
			   literal->fact.closed ? "true" : "false");
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
	WRITE_ARRAY("const uint32_t rule_start[256] =", 256, "%u", start[i]);
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
	for (size_t i = 0; i < file.count; i++)
		expand(&file.lines[i], file.lines[i].pattern);
	qsort(entries.at, entries.count, sizeof(Entry), better);
	if (entries.count > UINT16_MAX || literals.count > UINT16_MAX || steps.count > UINT16_MAX)
	{
		fprintf(stderr, "mkrules: more patterns than 16 bits can number\n");
		return 1;
	}
	for (size_t i = 0; i < entries.count; i++)
		APPEND(steps.at[entries.at[i].sequence].entries, (uint16_t) i);
	build_automaton();
	going_on = number_steps();
	write_tables(going_on);
	fprintf(stderr, "%zu rules, %zu patterns, %zu literals, %zu states, %zu kB of transitions\n", file.count,
			entries.count, literals.count - 1, nodes.count, slots.count * sizeof(uint32_t) / 1024);
	return ferror(stdout) || fflush(stdout) != 0;
}
