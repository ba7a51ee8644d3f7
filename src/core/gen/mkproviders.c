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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIXES_MAX 20000

typedef struct Line
{
	unsigned	number;
	char	   *suffix;
	char	   *provider;
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
by_suffix(const void *a, const void *b)
{
	return strcmp(((const Line *) a)->suffix, ((const Line *) b)->suffix);
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
		lines[count++] = (Line) {number, strdup(buffer), strdup(tab + 1)};
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

int
main(int argc, char **argv)
{
	size_t		at = 0;
	size_t		word_max = 0;

	if (argc != 2)
	{
		fprintf(stderr, "usage: mkproviders providers.tsv > provider_table.c\n");
		return 1;
	}
	read_lines(argv[1]);
	qsort(lines, count, sizeof(Line), by_suffix);
	printf("/* made by mkproviders from providers.tsv: do not edit */\n#include \"provider.h\"\n\n"
		   "const ProviderSuffix provider_suffixes[] =\n{\n");
	for (size_t i = 0; i < count; i++)
	{
		if (i > 0 && strcmp(lines[i].suffix, lines[i - 1].suffix) == 0)
			refuse(argv[1], lines[i].number, "the same suffix twice");
		printf("\t{%zu, %zu},\n", at, at + strlen(lines[i].suffix) + 1);
		at += strlen(lines[i].suffix) + strlen(lines[i].provider) + 2;
		if (strchr(lines[i].suffix, '.') == NULL && strlen(lines[i].suffix) > word_max)
			word_max = strlen(lines[i].suffix);
	}
	printf("};\n\nconst unsigned provider_suffix_count = %zu;\nconst unsigned provider_word_max = %zu;\n\nconst char provider_names[] =\n{\n", count, word_max);
	for (size_t i = 0; i < count; i++)
	{
		write_string(lines[i].suffix);
		write_string(lines[i].provider);
	}
	printf("};\n");
	return ferror(stdout) || fflush(stdout) != 0;
}
