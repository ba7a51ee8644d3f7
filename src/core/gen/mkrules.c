/*
 * NAME
 *		mkrules - compile rules.tsv into rules_table.c
 *
 * SYNOPSIS
 *		mkrules rules.tsv > rules_table.c
 *
 * SUMMARY
 *		A program of the build.  Reads the rules, refuses what is wrong in them, builds
 *		the trie and writes the constant tables that rules.h declares.
 *
 * DESCRIPTION
 *		Here the patterns are taken apart: into alternatives, those into literals with
 *		gaps, and literals into words.  word_numbers.c numbers the words, trie.c builds
 *		the trie, examples.c says what is common, write_tables.c writes.
 *
 * DIAGNOSTICS
 *		file:line: what is wrong, exit status 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rule_model.h"

#define STEM_BYTES 8			/* that a token keeps of its begin */

RuleModel	model = {.word_seed = UINT64_C(0x9E3779B97F4A7C15)};

void
give_up(const char *message)
{
	fprintf(stderr, "mkrules: %s\n", message);
	exit(1);
}

void *
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
	for (size_t i = 0; i < model.words.count; i++)
	{
		if (model.words.at[i].key == key && model.words.at[i].mask == mask)
			return i;
	}
	APPEND(model.words, ((Word) {.key = key, .mask = mask}));
	return model.words.count - 1;
}

/* stem_mask - the bytes of the token's head that the last word of a literal, a stem, asks for */
static uint64_t
stem_mask(const RuleLine *line, const Token *token, const char *text, size_t len)
{
	unsigned	bytes = 0;

	while (bytes < STEM_BYTES && (token->head >> bytes * 8 & 0xFF) != 0)
		bytes++;
	if (bytes < RULE_STEM_MIN)
		rule_file_error(line, "\"%.*s~\": a begin of a word needs %d letters", (int) len, text, RULE_STEM_MIN);
	return bytes == STEM_BYTES ? UINT64_MAX : ((uint64_t) 1 << bytes * 8) - 1;
}

/* same_literal - the number of the literal if there is one like it, else 0 */
static uint16_t
same_literal(const Literal *literal)
{
	for (size_t i = 1; i < model.literals.count; i++)
	{
		if (model.literals.at[i].fact.length == literal->fact.length &&
			memcmp(model.literals.at[i].word, literal->word, literal->fact.length * sizeof(size_t)) == 0)
			return (uint16_t) i;
	}
	return 0;
}

/* add_literal - its number; the same literal has one number */
static uint16_t
add_literal(const RuleLine *line, const char *text, size_t len)
{
	Literal		literal = {0};
	Token		token[RULE_LITERAL_MAX];
	bool		is_stem = len > 1 && text[len - 1] == '~';
	size_t		count = response_tokens(text, len - is_stem, token, RULE_LITERAL_MAX);
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
	literal.fact.length = (uint8_t) count;
	literal.fact.best = UINT32_MAX;
	number = same_literal(&literal);
	if (number == 0)
	{
		APPEND(model.literals, literal);
		number = (uint16_t) (model.literals.count - 1);
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
static uint32_t
add_step(uint32_t from, uint16_t literal, bool far)
{
	Step		step = {.from = from, .literal = literal, .far = far};

	for (size_t i = 1; i < model.steps.count; i++)
	{
		if (model.steps.at[i].from == from && model.steps.at[i].literal == literal && model.steps.at[i].far == far)
			return (uint32_t) i;
	}
	APPEND(model.steps, step);
	model.steps.at[from].goes_on = true;
	return (uint32_t) (model.steps.count - 1);
}

/* casts_doubt - does a hint of this reason, beside words for a missing recipient, say that something else is meant? */
static bool
casts_doubt(Reason reason)
{
	return reason == REASON_SENDER_REJECTED || reason == REASON_SMTP_AUTH_REQUIRED || reason == REASON_MAILBOX_FULL;
}

/* add_pattern - one alternative: literals with "*" or "**" between them */
static void
add_pattern(const RuleLine *line, const char *pattern)
{
	Entry		entry = {.rule = line->number, .tier = line->tier, .narrow = line->narrow};
	uint32_t	at = 0;
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
	model.steps.at[at].doubt |= line->hint && casts_doubt(bounce_class_reason(line->klass));
	entry.text = strdup(pattern);
	APPEND(model.entries, entry);
}

/* expand - write out the first {a|b|c} and go on; without one it is a pattern */
static void
expand(const RuleLine *line, const char *pattern)
{
	const char *open = strchr(pattern, '{');
	char		text[RULE_PATTERN_MAX * 2];
	const char *close;

	if (open == NULL)
	{
		add_pattern(line, pattern);
		return;
	}
	close = strchr(open, '}');
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
	const RuleLine *p = &model.file.lines[x->rule];
	const RuleLine *q = &model.file.lines[y->rule];
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

/* drop_hidden - entries that never win: a better one with the same pattern asks for nothing */
static void
drop_hidden(void)
{
	bool	   *answered = grow(NULL, model.steps.count, sizeof(*answered));
	size_t		kept = 0;

	memset(answered, 0, model.steps.count * sizeof(*answered));
	for (size_t i = 0; i < model.entries.count; i++)
	{
		Entry		entry = model.entries.at[i];
		bool		always = model.file.lines[entry.rule].condition_count == 0;

		if (always && answered[entry.sequence])
			continue;
		answered[entry.sequence] |= always;
		model.entries.at[kept++] = entry;
	}
	model.entries.count = kept;
	free(answered);
}

/* best_rank - of the rules that a sequence completes */
uint32_t
best_rank(const Step *step)
{
	if (step->entries.count == 0)
		return UINT32_MAX;
	return step->entries.at[0] | model.entries.at[step->entries.at[0]].tier << RULE_RANK_TIER;
}

/* add_edge - what a literal makes of a sequence, or begins */
static void
add_edge(const Step *step)
{
	Literal    *literal = &model.literals.at[step->literal];
	RuleEdge	edge = {
		.best = best_rank(step),
		.from = model.steps.at[step->from].number,
		.to = step->goes_on ? step->number : 0,
		.far = step->far
	};

	if (step->from == 0)
	{
		literal->fact.goes_on = step->goes_on ? step->number : 0;
		literal->fact.best = best_rank(step);
		literal->fact.doubt = step->doubt;
		return;
	}
	literal->fact.from |= (uint64_t) 1 << edge.from % 64;
	APPEND(literal->edges, edge);
}

/* coldest - the literal of a sequence that the examples have least */
static Literal *
coldest(const Step *step)
{
	Literal    *coldest = &model.literals.at[step->literal];

	for (; step != model.steps.at; step = &model.steps.at[step->from])
	{
		if (model.literals.at[step->literal].place > coldest->place)
			coldest = &model.literals.at[step->literal];
	}
	return coldest;
}

/* give_hope - a complete sequence to the literal that answers for it, with the others; it is another one where it occurs again */
static void
give_hope(const Step *step)
{
	Literal    *literal = coldest(step);
	RulePattern pattern = {.best = best_rank(step)};
	bool		passed = false;
	size_t		others = 0;

	for (; step != model.steps.at; step = &model.steps.at[step->from])
	{
		if (&model.literals.at[step->literal] == literal && !passed)
		{
			passed = true;
			continue;
		}
		pattern.other[others % 2] = model.literals.at[step->literal].place;
		if (others++ % 2 == 0)
			pattern.other[1] = pattern.other[0];
		else
			APPEND(literal->patterns, pattern);
	}
	if (others % 2 != 0)
		APPEND(literal->patterns, pattern);
}

/* number_steps - those that go on: only they are remembered at run time; returns how many, with the one that is none */
static unsigned
number_steps(void)
{
	uint16_t	number = 1;

	for (size_t i = 1; i < model.steps.count; i++)
	{
		if (model.steps.at[i].goes_on)
			model.steps.at[i].number = number++;
	}
	if (number > RULE_STEPS_MAX)
		give_up("more than RULE_STEPS_MAX patterns go on after a gap");
	for (size_t i = 1; i < model.steps.count; i++)
		add_edge(&model.steps.at[i]);
	return number;
}

int
main(int argc, char **argv)
{
	unsigned	going_on;
	size_t		word_count;

	if (argc != 2)
	{
		fprintf(stderr, "usage: mkrules rules.tsv > rules_table.c\n");
		return 1;
	}
	rule_file_read(&model.file, argv[1]);
	APPEND(model.steps, (Step) {0});
	APPEND(model.literals, (Literal) {0});
	for (size_t i = 0; i < model.file.count; i++)
		expand(&model.file.lines[i], model.file.lines[i].pattern);
	qsort(model.entries.at, model.entries.count, sizeof(Entry), better);
	drop_hidden();
	if (model.entries.count > RULE_RANK_ENTRY || model.literals.count > UINT16_MAX || model.file.count > UINT16_MAX)
		give_up("more patterns, literals or rules than can be numbered");
	word_count = model.words.count;
	add_spellings();
	number_words();
	for (size_t i = 0; i < model.entries.count; i++)
		APPEND(model.steps.at[model.entries.at[i].sequence].entries, (uint32_t) i);
	build_trie();
	going_on = number_steps();
	for (size_t i = 1; i < model.steps.count; i++)
	{
		if (model.steps.at[i].entries.count > 0)
			give_hope(&model.steps.at[i]);
	}
	write_tables(going_on);
	fprintf(stderr, "%zu rules, %zu patterns, %zu literals of %zu words in %zu spellings, %zu nodes, %zu kB of transitions\n", model.file.count,
			model.entries.count, model.literals.count - 1, word_count, model.words.count, model.nodes.count, model.slots.count * sizeof(uint32_t) / 1024);
	return ferror(stdout) || fflush(stdout) != 0;
}
