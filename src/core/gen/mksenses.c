/*
 * NAME
 *		mksenses - compile stems.tsv and senses.tsv into sense_table.c
 *
 * SYNOPSIS
 *		mksenses stems.tsv senses.tsv > sense_table.c
 *
 * SUMMARY
 *		A program of the build.  Reads the stems as an answer is read and writes the
 *		constant tables that sense.h declares.
 *
 * DIAGNOSTICS
 *		file:line: what is wrong, exit status 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "senses_file.h"

#define BEGIN_BYTES 8			/* that a token keeps of its begin */
#define BEGIN_MIN 3				/* letters of the begin of a word */

/* A stem, read. */
typedef struct Compiled
{
	uint64_t	roles;
	unsigned	bucket;
	uint32_t	fourth;			/* its bits of StemBucket.fourth */
	size_t		count;
	unsigned	open_letters;	/* of a last word that is a begin; 0: it is whole */
	StemWord	word[SENSE_STEM_WORDS];
} Compiled;

static SensesFile file;
static Compiled compiled[STEMS_MAX];

/* begin_mask - the bytes of a token's head that the begin of a word asks for */
static uint64_t
begin_mask(const char *path, const StemLine *line, const Token *token, unsigned *letters)
{
	while (*letters < BEGIN_BYTES && (token->head >> *letters * 8 & 0xFF) != 0)
		++*letters;
	if (*letters < BEGIN_MIN)
		senses_file_error(path, line->line, "\"%s\": a begin of a word needs %d letters", line->text, BEGIN_MIN);
	return *letters == BEGIN_BYTES ? UINT64_MAX : ((uint64_t) 1 << *letters * 8) - 1;
}

/* compile - the words of a stem */
static void
compile(const char *path, const StemLine *line, Compiled *c)
{
	Token		token[SENSE_STEM_WORDS];
	size_t		len = strlen(line->text);
	bool		is_begin = line->text[len - 1] == '~';

	c->roles = line->roles;
	c->count = response_tokens(line->text, len - is_begin, token, SENSE_STEM_WORDS);
	if (c->count == 0)
		senses_file_error(path, line->line, "\"%s\" has no word, or too many", line->text);
	c->bucket = sense_bucket(token[0].head);
	c->fourth = (uint32_t) 1 << sense_letter(token[0].head);
	for (size_t i = 0; i < c->count; i++)
		c->word[i] = (StemWord) {token[i].key, 0};
	if (is_begin)
	{
		const Token *last = &token[c->count - 1];
		uint64_t	mask = begin_mask(path, line, last, &c->open_letters);

		c->word[c->count - 1] = (StemWord) {last->head & mask, mask};
		if (c->count == 1 && mask >> 24 == 0)
			c->fourth = UINT32_MAX;
	}
}

/* longer - by bucket; in it more words first, then whole ones, then more letters */
static int
longer(const void *a, const void *b)
{
	const Compiled *x = a;
	const Compiled *y = b;

	if (x->bucket != y->bucket)
		return x->bucket < y->bucket ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	if ((x->open_letters == 0) != (y->open_letters == 0))
		return x->open_letters == 0 ? -1 : 1;
	if (x->open_letters != y->open_letters)
		return x->open_letters > y->open_letters ? -1 : 1;
	return memcmp(x->word, y->word, sizeof(x->word));
}

/* join_twins - stems that are spelled the same are one with the roles of both */
static size_t
join_twins(size_t count)
{
	size_t		kept = 0;

	for (size_t i = 1; i < count; i++)
	{
		if (longer(&compiled[kept], &compiled[i]) == 0)
			compiled[kept].roles |= compiled[i].roles;
		else
			compiled[++kept] = compiled[i];
	}
	return count == 0 ? 0 : kept + 1;
}

static void
write_stems(size_t count)
{
	static StemBucket buckets[SENSE_BUCKETS];
	size_t		words = 0;

	printf("\nconst Stem sense_stems[] =\n{\n");
	for (size_t i = 0; i < count; i++)
	{
		const Compiled *c = &compiled[i];

		if (buckets[c->bucket].count++ == 0)
			buckets[c->bucket].first = (uint16_t) i;
		buckets[c->bucket].fourth |= c->fourth;
		printf("\t{{0x%llxu, 0x%llxu}, 0x%llxu, %zu, %zu},\n", (unsigned long long) c->word[0].text,
			   (unsigned long long) c->word[0].mask, (unsigned long long) c->roles, words, c->count - 1);
		words += c->count - 1;
	}
	printf("\t{{0, 0}, 0, 0, 0}\n};\n\nconst StemWord sense_words[] =\n{\n");
	for (size_t i = 0; i < count; i++)
	{
		for (size_t j = 1; j < compiled[i].count; j++)
			printf("\t{0x%llxu, 0x%llxu},\n", (unsigned long long) compiled[i].word[j].text, (unsigned long long) compiled[i].word[j].mask);
	}
	printf("\t{0, 0}\n};\n\nconst StemBucket sense_buckets[SENSE_BUCKETS] =\n{\n");
	for (size_t b = 0; b < SENSE_BUCKETS; b++)
		printf("\t{%uu, %u, %u},\n", buckets[b].fourth, buckets[b].first, buckets[b].count);
	printf("};\n");
	if (words > UINT16_MAX || count > UINT16_MAX)
		senses_file_error("stems", 0, "more than 16 bits of words");
}

static void
write_roles(const Roles *r)
{
	printf("{0x%llxu, 0x%llxu, 0x%llxu, 0x%llxu}, ", (unsigned long long) r->there, (unsigned long long) r->denied,
		   (unsigned long long) r->none, (unsigned long long) r->yours);
}

/* write_name - its letters: a literal of all names would be longer than a compiler has to take */
static void
write_name(const char *name)
{
	printf("\t");
	for (const char *c = name; *c != '\0'; c++)
		printf("%d, ", *c);
	printf("0,\n");
}

static void
write_senses(void)
{
	size_t		at = 0;

	printf("\nconst Sense senses[] =\n{\n");
	for (size_t i = 0; i < file.sense_count; i++)
	{
		const Sense *s = &file.senses[i].sense;

		printf("\t{");
		write_roles(&s->has);
		write_roles(&s->lacks);
		printf("0x%llxu, 0x%04x, %zu},\n", (unsigned long long) s->adds, s->klass, at);
		at += strlen(file.senses[i].name) + 1;
	}
	printf("};\n\nconst uint64_t sense_needs[] =\n{\n");
	for (size_t i = 0; i < file.sense_count; i++)
		printf("\t0x%llxu,\n", (unsigned long long) file.senses[i].sense.has.there);
	printf("};\n\nconst char sense_names[] =\n{\n");
	for (size_t i = 0; i < file.sense_count; i++)
		write_name(file.senses[i].name);
	printf("};\n\nconst unsigned sense_count = %zu;\nconst uint64_t sense_verbs = 0x%llxu;\n", file.sense_count, (unsigned long long) file.verbs);
	printf("const uint64_t sense_fingerprint = 0x%llxu;\n", (unsigned long long) file.fingerprint);
}

int
main(int argc, char **argv)
{
	size_t		count;

	if (argc != 3)
	{
		fprintf(stderr, "usage: mksenses stems.tsv senses.tsv > sense_table.c\n");
		return 1;
	}
	senses_file_read(&file, argv[1], argv[2]);
	for (size_t i = 0; i < file.stem_count; i++)
		compile(argv[1], &file.stems[i], &compiled[i]);
	qsort(compiled, file.stem_count, sizeof(Compiled), longer);
	count = join_twins(file.stem_count);
	printf("/* made by mksenses from stems.tsv and senses.tsv: do not edit */\n#include \"sense.h\"\n");
	write_stems(count);
	write_senses();
	fprintf(stderr, "%zu stems, %zu roles, %zu senses\n", count, file.role_count, file.sense_count);
	return ferror(stdout) || fflush(stdout) != 0;
}
