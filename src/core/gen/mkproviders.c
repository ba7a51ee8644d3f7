/*
 * NAME
 *		mkproviders - compile providers.tsv into provider_table.c
 *
 * SYNOPSIS
 *		mkproviders providers.tsv > provider_table.c
 *
 * DIAGNOSTICS
 *		file:line: what is wrong, exit status 1.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provider.h"

#define SLOT_BITS_MAX 16
#define SUFFIXES_MAX (1 << (SLOT_BITS_MAX - 1))

typedef struct Line
{
	unsigned	number;
	char	   *suffix;
	char	   *provider;
	size_t		at;				/* of the suffix in provider_names */
	size_t		provider_at;
} Line;

static Line lines[SUFFIXES_MAX];
static size_t count;

static void
refuse(const char *path, unsigned number, const char *message)
{
	fprintf(stderr, "%s:%u: %s\n", path, number, message);
	exit(1);
}

static int
by_provider(const void *a, const void *b)
{
	int			order = strcmp(((const Line *) a)->provider, ((const Line *) b)->provider);

	return order != 0 ? order : strcmp(((const Line *) a)->suffix, ((const Line *) b)->suffix);
}

static void
read_lines(const char *path)
{
	char		buffer[512];
	unsigned	number = 0;
	FILE	   *stream = fopen(path, "r");

	if (stream == NULL)
	{
		perror(path);
		exit(1);
	}
	while (fgets(buffer, sizeof(buffer), stream) != NULL)
	{
		char	   *tab;

		number++;
		buffer[strcspn(buffer, "\r\n")] = '\0';
		if (*buffer == '#' || *buffer == '\0')
			continue;
		tab = strchr(buffer, '\t');
		if (tab == NULL || tab == buffer || tab[1] == '\0' || strchr(tab + 1, '\t') != NULL)
			refuse(path, number, "a line is: suffix, tab, provider");
		if (count == SUFFIXES_MAX)
			refuse(path, number, "too many lines");
		*tab = '\0';
		if (strspn(buffer, "abcdefghijklmnopqrstuvwxyz0123456789-.") != strlen(buffer))
			refuse(path, number, "a suffix has small letters, digits, hyphens and dots");
		lines[count++] = (Line) {.number = number, .suffix = strdup(buffer), .provider = strdup(tab + 1)};
	}
	fclose(stream);
}

/* write_string - the bytes of a string and its NUL, for an array of char */
static void
write_string(const char *text)
{
	printf("\t");
	for (; *text != '\0'; text++)
		printf("'%c',", *text);
	printf("0,\n");
}

/* write_names - every provider once, its suffixes behind it; the empty string first */
static void
write_names(void)
{
	size_t		at = 1;

	printf("\nconst char provider_names[] =\n{\n\t0,\n");
	for (size_t i = 0; i < count; i++)
	{
		bool		is_new = i == 0 || strcmp(lines[i].provider, lines[i - 1].provider) != 0;

		lines[i].provider_at = is_new ? at : lines[i - 1].provider_at;
		if (is_new)
		{
			write_string(lines[i].provider);
			at += strlen(lines[i].provider) + 1;
		}
		lines[i].at = at;
		write_string(lines[i].suffix);
		at += strlen(lines[i].suffix) + 1;
	}
	printf("};\n");
}

/* write_list - of providers; the lines are sorted by them */
static void
write_list(void)
{
	unsigned	providers = 0;

	printf("\nconst uint32_t provider_list[] =\n{\n");
	for (size_t i = 0; i < count; i++)
	{
		if (i > 0 && lines[i].provider_at == lines[i - 1].provider_at)
			continue;
		printf("\t%zu,\n", lines[i].provider_at);
		providers++;
	}
	printf("};\n\nconst unsigned provider_count = %u;\n", providers);
}

/* slot_of - the first free one; the same suffix may not be there before */
static unsigned
slot_of(const char *path, const Line *const *slots, unsigned bits, const Line *line)
{
	uint32_t	hash = 0;
	unsigned	slot;

	for (size_t i = strlen(line->suffix); i > 0; i--)
		hash = provider_hash(hash, line->suffix[i - 1]);
	for (slot = provider_slot(hash, bits); slots[slot] != NULL; slot = (slot + 1) & ((1U << bits) - 1))
	{
		if (strcmp(slots[slot]->suffix, line->suffix) == 0)
			refuse(path, line->number, "the same suffix twice");
	}
	return slot;
}

/* write_suffixes - at most half of the slots are taken */
static void
write_suffixes(const char *path)
{
	static const Line *slots[1 << SLOT_BITS_MAX];
	size_t		word_max = 0;
	unsigned	bits = 1;

	while ((size_t) 1 << bits < 2 * count)
		bits++;
	for (size_t i = 0; i < count; i++)
	{
		slots[slot_of(path, slots, bits, &lines[i])] = &lines[i];
		if (strchr(lines[i].suffix, '.') == NULL && strlen(lines[i].suffix) > word_max)
			word_max = strlen(lines[i].suffix);
	}
	printf("\nconst ProviderSuffix provider_suffixes[] =\n{\n");
	for (size_t i = 0; i < (size_t) 1 << bits; i++)
		printf("\t{%zu, %zu},\n", slots[i] == NULL ? 0 : slots[i]->at, slots[i] == NULL ? 0 : slots[i]->provider_at);
	printf("};\n\nconst unsigned provider_slot_bits = %u;\nconst unsigned provider_word_max = %zu;\n", bits, word_max);
}

int
main(int argc, char **argv)
{
	if (argc != 2)
	{
		fprintf(stderr, "usage: mkproviders providers.tsv > provider_table.c\n");
		return 1;
	}
	read_lines(argv[1]);
	qsort(lines, count, sizeof(Line), by_provider);
	printf("/* made by mkproviders from providers.tsv: do not edit */\n#include \"provider.h\"\n");
	write_names();
	write_list();
	write_suffixes(argv[1]);
	return ferror(stdout) || fflush(stdout) != 0;
}
