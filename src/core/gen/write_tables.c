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
	printf("\nconst RuleWord rule_words[1 << RULE_NUMBER_BITS] =\n{\n");
	for (size_t i = 0; i < RULE_NUMBER_MAX + 1; i++)
	{
		if (model.word_in_slot[i] == SIZE_MAX)
			printf("\t{0, 0},\n");
		else
			printf("\t{0x%llxu, %uu},\n", (unsigned long long) model.words.at[model.word_in_slot[i]].key, start_of((unsigned) i));
	}
	printf("};\n");
	WRITE_ARRAY("const uint16_t rule_spread[1 << RULE_SPREAD_BITS] =", (size_t) 1 << RULE_SPREAD_BITS, "%u", model.spread[i]);
	printf("\nconst uint64_t rule_word_seed = 0x%llxu;\n", (unsigned long long) model.word_seed);
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
		for (size_t i = 0; i < model.words.count; i++)
		{
			const Word *w = &model.words.at[i];

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
	for (size_t i = 1; i < model.literals.count; i++)
	{
		const Literal *literal = &model.literals.at[i];

		printf("\t{0x%llxu, %uu, %u, %u, %zu, %zu},\n", (unsigned long long) literal->fact.from,
			   literal->fact.best, literal->fact.length, literal->fact.begins, edge, literal->edges.count);
		edge += literal->edges.count;
	}
	printf("};\n\nconst RuleEdge rule_edges[] =\n{\n\t{0, 0, 0, false},\n");
	for (size_t i = 1; i < model.literals.count; i++)
	{
		for (size_t j = 0; j < model.literals.at[i].edges.count; j++)
		{
			const RuleEdge *e = &model.literals.at[i].edges.at[j];

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
	size_t	   *by_number = grow(NULL, model.steps.count, sizeof(size_t));

	for (size_t i = 1; i < model.steps.count; i++)
		by_number[model.steps.at[i].number] = i;
	printf("\nconst RuleSequence rule_sequences[] =\n{\n\t{UINT32_MAX, 0, 0},\n");
	for (size_t n = 1; n < model.steps.count; n++)
	{
		const Step *step = &model.steps.at[by_number[n]];

		printf("\t{%uu, %zu, %zu},\n", best_rank(step), first, step->entries.count);
		first += step->entries.count;
	}
	printf("};\n\nconst uint16_t rule_sequence_entries[] =\n{");
	for (size_t n = 1; n < model.steps.count; n++)
	{
		for (size_t i = 0; i < model.steps.at[by_number[n]].entries.count; i++)
			printf("\n\t%u,", model.steps.at[by_number[n]].entries.at[i]);
	}
	printf("\n};\n");
	free(by_number);
}

static void
write_conditions(void)
{
	printf("\nconst RuleCondition rule_conditions[] =\n{\n");
	for (size_t i = 0; i < model.file.condition_count; i++)
	{
		const RuleCondition *c = &model.file.conditions[i];

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
	for (size_t i = 0; i < model.file.count; i++)
	{
		const RuleLine *line = &model.file.lines[i];

		printf("\t{0x%04x, %zu, %zu, %s, %s, %s, %zu, %zu},\n", line->klass, line->first_condition, line->condition_count,
			   line->vendor ? "true" : "false", line->final ? "true" : "false",
			   line->vague ? "true" : "false", at, *line->provider == '\0' ? 0 : at + strlen(line->name) + 1);
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
	printf("/* made by mkrules from rules.tsv: do not edit */\n#include \"rules.h\"\n");
	WRITE_ARRAY("const uint32_t rule_transitions[] =", model.slots.count, "%u", model.slots.at[i]);
	write_words();
	write_stems();
	WRITE_ARRAY("const uint16_t rule_hits[] =", model.hit_lists.count, "%u", model.hit_lists.at[i]);
	write_literals();
	write_sequences();
	printf("\nconst RuleEntry rule_entries[] =\n{\n");
	for (size_t i = 0; i < model.entries.count; i++)
		printf("\t{%zu, %u},\n", model.entries.at[i].rule, model.entries.at[i].tier);
	printf("};\n");
	write_conditions();
	write_rules();
	printf("\nconst unsigned rule_step_count = %u;\nconst unsigned rule_count = %zu;\n", going_on, model.file.count);
}
