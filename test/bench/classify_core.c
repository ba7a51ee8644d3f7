/*
 * NAME
 *		classify_core - answers classified in a second, in the core alone
 *
 * SYNOPSIS
 *		classify_core [-s seconds] file ...
 *
 * SUMMARY
 *		Reads the answers (the first column of tab-separated files, "#" lines and the
 *		heading "response" left out) into memory, classifies them again and again on one
 *		core, and prints how many it did in a second.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "classify.h"

#define ANSWERS_MAX 1000000
#define ROUND 20000				/* answers between two looks at the clock, at least */

typedef struct Answer
{
	const char *text;
	size_t		length;
} Answer;

static Answer answers[ANSWERS_MAX];
static size_t count;
static size_t bytes;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

static void
read_answers(const char *path)
{
	static char line[1 << 17];
	FILE	   *stream = fopen(path, "r");

	if (stream == NULL)
	{
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), stream) != NULL && count < ANSWERS_MAX)
	{
		size_t		length = strcspn(line, "\t\r\n");
		char	   *text = malloc(length + 1);

		if (text == NULL)
			exit(1);
		memcpy(text, line, length);
		text[length] = '\0';
		if (length == 0 || *text == '#' || strcmp(text, "response") == 0)
			continue;
		answers[count++] = (Answer) {text, length};
		bytes += length;
	}
	fclose(stream);
}

int
main(int argc, char **argv)
{
	double		seconds = 2;
	double		begin;
	double		end;
	double		best = 1e9;
	double		ns_all;
	unsigned	rounds = 0;
	unsigned long sum = 0;		/* so that no call can be left out */

	for (int i = 1; i < argc; i++)
	{
		if (strcmp(argv[i], "-s") == 0 && i + 1 < argc)
			seconds = atof(argv[++i]);
		else
			read_answers(argv[i]);
	}
	if (count == 0)
	{
		fprintf(stderr, "usage: classify_core [-s seconds] file ...\n");
		return 1;
	}
	for (end = begin = now(); end - begin < seconds;)
	{
		double		round = end;
		double		ns;

		for (size_t i = 0; i < count || i < ROUND; i++)
			sum += classify_response(answers[i % count].text, answers[i % count].length, SMTP_STATUS_NONE);
		end = now();
		ns = 1e9 * (end - round) / (double) (count > ROUND ? count : ROUND);
		best = ns < best ? ns : best;
		rounds++;
	}
	ns_all = 1e9 * (end - begin) / ((double) rounds * (double) (count > ROUND ? count : ROUND));
	printf("%zu answers, %.0f bytes each: %.0f answers/s (%.0f ns each; best round %.0f ns; sum %lu)\n", count,
		   (double) bytes / (double) count, 1e9 / ns_all, ns_all, best, sum % 1000);
	return 0;
}
