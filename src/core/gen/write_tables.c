/*
 * NAME
 *		write_tables - the compiled rules as C
 *
 * SUMMARY
 *		Writes the constant tables that rules.h declares.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rule_model.h"

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
	printf("\nconst RuleWord rule_words[1 << RULE_SLOT_BITS] =\n{\n");
	for (size_t i = 0; i < (size_t) 1 << RULE_SLOT_BITS; i++)
	{
		if (model.word_in_slot[i] == SIZE_MAX)
			printf("\t{0, 0},\n");
		else
		{
			const Word *w = &model.words.at[model.word_in_slot[i]];

			printf("\t{0x%llxu, 0x%llxu},\n", (unsigned long long) w->key, (unsigned long long) word_fact(w->number));
		}
	}
	printf("};\n");
	WRITE_ARRAY("const uint16_t rule_spread[1 << RULE_SPREAD_BITS] =", (size_t) 1 << RULE_SPREAD_BITS, "%u", model.spread[i]);
	printf("\nconst uint64_t rule_word_seed = 0x%llxu;\n", (unsigned long long) model.word_seed);
}

/* words_before - how many words literals have before a stem, at most */
static unsigned
words_before(const Word *stem)
{
	unsigned	most = 0;

	for (size_t i = 1; i < model.literals.count; i++)
	{
		const Literal *literal = &model.literals.at[i];
		unsigned	before = literal->fact.length - 1U;

		if (model.words.at[literal->word[before]].number == stem->number && before > most)
			most = before;
	}
	return most;
}

/* write_stems - bucket by bucket */
static void
write_stems(void)
{
	size_t		count = 0;
	size_t		first[RULE_STEM_BUCKETS + 1];
	uint32_t	fourth[RULE_STEM_BUCKETS] = {0};

	printf("\nconst RuleStem rule_stems[] =\n{\n");
	for (unsigned bucket = 0; bucket < RULE_STEM_BUCKETS; bucket++)
	{
		first[bucket] = count;
		for (size_t i = 0; i < model.words.count; i++)
		{
			const Word *w = &model.words.at[i];

			if (w->mask == 0 || rule_stem_bucket(w->key) != bucket)
				continue;
			printf("\t{0x%llxu, 0x%llxu, 0x%llxu, %u},\n", (unsigned long long) w->key, (unsigned long long) w->mask,
				   (unsigned long long) word_fact(w->number), words_before(w));
			fourth[bucket] |= w->mask >> 24 == 0 ? UINT32_MAX : (uint32_t) 1 << rule_stem_letter(w->key);
			count++;
		}
	}
	first[RULE_STEM_BUCKETS] = count;
	printf("\t{0, 0, 0, 0}\n};\n");
	if (count > UINT16_MAX)
		give_up("more begins of words than 16 bits can number");
	WRITE_ARRAY("const uint16_t rule_stem_first[RULE_STEM_BUCKETS + 1] =", RULE_STEM_BUCKETS + 1, "%zu", first[i]);
	WRITE_ARRAY("const uint32_t rule_stem_fourth[RULE_STEM_BUCKETS] =", RULE_STEM_BUCKETS, "%u", fourth[i]);
}

static bool
same_condition(const RuleCondition *a, const RuleCondition *b)
{
	return a->mask == b->mask && a->value == b->value;
}

/* place_conditions - where a rule's conditions begin: those of another rule if they are the same */
static size_t
place_conditions(RuleFile *conditions, const RuleLine *line)
{
	RuleCondition *own = model.file.conditions + line->first_condition;
	size_t		same = 0;

	if (line->condition_count == 0)
		return 0;
	own[line->condition_count - 1].mask |= RULE_CONDITION_LAST;
	for (size_t i = 1; i + line->condition_count <= conditions->condition_count; i++)
	{
		for (same = 0; same < line->condition_count; same++)
		{
			if (!same_condition(&conditions->conditions[i + same], &own[same]))
				break;
		}
		if (same == line->condition_count)
			return i;
	}
	memcpy(conditions->conditions + conditions->condition_count, own, line->condition_count * sizeof(*own));
	conditions->condition_count += line->condition_count;
	return conditions->condition_count - line->condition_count;
}

/* write_conditions - each list of them once; returns the place of each rule's */
static size_t *
write_conditions(void)
{
	RuleFile	placed = {.condition_count = 1};
	size_t	   *place = grow(NULL, model.file.count, sizeof(*place));

	placed.conditions = grow(NULL, model.file.condition_count + 1, sizeof(RuleCondition));
	placed.conditions[0] = (RuleCondition) {RULE_STATUS_SUCCESS | RULE_CONDITION_LAST, 0};
	for (size_t i = 0; i < model.file.count; i++)
		place[i] = place_conditions(&placed, &model.file.lines[i]);
	printf("\nconst RuleCondition rule_conditions[] =\n{\n");
	for (size_t i = 0; i < placed.condition_count; i++)
	{
		const RuleCondition *c = &placed.conditions[i];

		printf("\t{0x%llxu, 0x%llxu},\n", (unsigned long long) c->mask, (unsigned long long) c->value);
	}
	printf("};\n");
	free(placed.conditions);
	return place;
}

/* placed_literals - by their places */
static const Literal **
placed_literals(void)
{
	const Literal **placed = grow(NULL, model.literals.count, sizeof(*placed));

	for (size_t i = 1; i < model.literals.count; i++)
		placed[model.literals.at[i].place] = &model.literals.at[i];
	return placed;
}

/* by_rank - the order of the patterns for which a literal answers */
static int
by_rank(const void *a, const void *b)
{
	const RulePattern *x = a;
	const RulePattern *y = b;

	return x->best != y->best ? (x->best < y->best ? -1 : 1) : (x->other[0] > y->other[0]) - (x->other[0] < y->other[0]);
}

/* write_patterns - literal by literal, which then knows its own; the first list is empty, for those that answer for none */
static void
write_patterns(void)
{
	size_t		count = 1;

	printf("\nconst RulePattern rule_patterns[] =\n{\n\t{UINT32_MAX, {0, 0}},\n");
	for (size_t i = 1; i < model.literals.count; i++)
	{
		Literal    *literal = &model.literals.at[i];

		literal->fact.hope = literal->fact.best;
		if (literal->patterns.count == 0)
			continue;
		qsort(literal->patterns.at, literal->patterns.count, sizeof(RulePattern), by_rank);
		if (literal->patterns.at[0].best < literal->fact.hope)
			literal->fact.hope = literal->patterns.at[0].best;
		literal->fact.first_pattern = (uint32_t) count;
		for (size_t j = 0; j < literal->patterns.count; j++)
		{
			const RulePattern *pattern = &literal->patterns.at[j];

			printf("\t{%uu, {%u, %u}},\n", pattern->best, pattern->other[0], pattern->other[1]);
		}
		printf("\t{UINT32_MAX, {0, 0}},\n");
		count += literal->patterns.count + 1;
	}
	printf("};\n");
}

/* write_literals - conditions: of each rule */
static void
write_literals(const size_t *conditions)
{
	const Literal **placed = placed_literals();
	size_t		run = 0;

	printf("\nconst RuleLiteral rule_literals[] =\n{\n\t{0, UINT32_MAX, UINT32_MAX, 0, 0, 0, 0, 0, 0},\n");
	for (size_t i = 1; i < model.literals.count; i++)
	{
		const RuleLiteral *fact = &placed[i]->fact;

		size_t		condition = fact->best == UINT32_MAX ? 0 : conditions[model.entries.at[fact->best & RULE_RANK_ENTRY].rule];

		printf("\t{0x%llxu, %uu, %uu, %u, %zu, %zu, %u, %u, %u},\n", (unsigned long long) fact->from, fact->best, fact->hope,
			   fact->first_pattern, condition, run, fact->goes_on, fact->length, fact->doubt);
		run += (size_t) __builtin_popcountll(fact->from);
	}
	printf("};\n");
	free(placed);
	if (run > UINT16_MAX)
		give_up("more than 16 bits of edges");
}

/* by_bit - the order of a literal's edges */
static int
by_bit(const void *a, const void *b)
{
	const RuleEdge *x = a;
	const RuleEdge *y = b;

	if (x->from % 64 != y->from % 64)
		return x->from % 64 < y->from % 64 ? -1 : 1;
	return x->from != y->from ? (x->from < y->from ? -1 : 1) : (x->best > y->best) - (x->best < y->best);
}

/* write_edges - literal by literal, bit by bit, and where each bit's begin */
static void
write_edges(void)
{
	const Literal **placed = placed_literals();
	LIST(size_t) runs = {0};
	size_t		count = 0;

	printf("\nconst RuleEdge rule_edges[] =\n{\n");
	for (size_t i = 1; i < model.literals.count; i++)
	{
		RuleEdge   *edge = placed[i]->edges.at;
		size_t		edges = placed[i]->edges.count;

		qsort(edge, edges, sizeof(*edge), by_bit);
		for (size_t j = 0; j < edges; j++)
		{
			bool		last = j + 1 == edges || edge[j + 1].from % 64 != edge[j].from % 64;

			if (j == 0 || edge[j - 1].from % 64 != edge[j].from % 64)
				APPEND(runs, count);
			printf("\t{%uu, %u, %d, %u, %u},\n", edge[j].best, edge[j].from, last, edge[j].to, edge[j].far);
			count++;
		}
	}
	printf("\t{UINT32_MAX, 0, 1, 0, 0}\n};\n");
	APPEND(runs, count);
	WRITE_ARRAY("const uint16_t rule_edge_runs[] =", runs.count, "%zu", runs.at[i]);
	free(runs.at);
	free(placed);
	if (count > UINT16_MAX)
		give_up("more than 16 bits of edges");
}

/* write_entries - conditions: of each rule */
static void
write_entries(const size_t *conditions)
{
	uint32_t   *next = grow(NULL, model.entries.count, sizeof(*next));

	for (size_t i = 0; i < model.steps.count; i++)
	{
		const Step *step = &model.steps.at[i];

		for (size_t j = 0; j < step->entries.count; j++)
			next[step->entries.at[j]] = j + 1 < step->entries.count ? step->entries.at[j + 1] : 0;
	}
	printf("\nconst RuleEntry rule_entries[] =\n{\n");
	for (size_t i = 0; i < model.entries.count; i++)
		printf("\t{%zu, %zu, %u, %u},\n", model.entries.at[i].rule, conditions[model.entries.at[i].rule], next[i],
			   model.entries.at[i].tier);
	printf("};\n");
	free(next);
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
	for (size_t i = 0; i < model.file.count; i++)
	{
		const RuleLine *line = &model.file.lines[i];

		printf("\t{0x%04x, %s, %s, %s, %s, %zu, %zu},\n", line->klass,
			   line->vendor ? "true" : "false", line->final ? "true" : "false",
			   line->vague ? "true" : "false", line->hint ? "true" : "false", at, *line->provider == '\0' ? 0 : at + strlen(line->name) + 1);
		at += strlen(line->name) + 1 + strlen(line->provider) + 1;
	}
	printf("};\n\nconst char rule_names[] =\n{\n");
	write_string("");
	for (size_t i = 0; i < model.file.count; i++)
	{
		write_string(model.file.lines[i].name);
		write_string(model.file.lines[i].provider);
	}
	printf("};\n");
}

/* write_tables - see rule_model.h */
void
write_tables(unsigned going_on)
{
	size_t	   *conditions;

	printf("/* made by mkrules from rules.tsv: do not edit */\n#include \"rules.h\"\n");
	WRITE_ARRAY("const uint32_t rule_transitions[] =", model.slots.count, "%u", model.slots.at[i]);
	write_words();
	write_stems();
	conditions = write_conditions();
	write_patterns();
	write_literals(conditions);
	write_edges();
	write_entries(conditions);
	write_rules();
	printf("\nconst unsigned rule_step_count = %u;\nconst unsigned rule_count = %zu;\n", going_on, model.file.count);
	free(conditions);
	printf("const uint64_t rule_fingerprint = 0x%llxu;\n", (unsigned long long) model.file.fingerprint);
}
