/*
 * NAME
 *		accuracy - how right is the classifier on labelled answers?
 *
 * SYNOPSIS
 *		accuracy [-v] file ...
 *
 * SUMMARY
 *		Reads tab-separated files with a heading.  Columns "response" and "class"; or
 *		"reply", "enhanced", "phrase" and "class", which are joined to a response; where
 *		there is a column "confidence", only the rows that say "seen" count.
 *
 *		Prints for each file: group right, severity right, class right, unknown, false
 *		hard (counted hard, is not) and missed hard, and what is taken for what.  With -v
 *		also each row that is wrong.
 */
#define _DEFAULT_SOURCE

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classify.h"

#define COLUMNS_MAX 16
#define GROUPS_MAX 64

typedef struct Columns
{
	int			response;
	int			klass;
	int			reply;
	int			enhanced;
	int			phrase;
	int			confidence;
} Columns;

typedef struct Score
{
	unsigned	rows;
	unsigned	group;
	unsigned	severity;
	unsigned	klass;
	unsigned	unknown;
	unsigned	hard;			/* rows that are hard */
	unsigned	false_hard;
	unsigned	missed_hard;
	unsigned	confused[GROUPS_MAX][GROUPS_MAX];
} Score;

static const char *groups[GROUPS_MAX];
static unsigned group_count;
static bool verbose;

/* group_number - groups in the order in which they are met */
static unsigned
group_number(BounceClass c)
{
	const char *name = reason_fact(bounce_class_reason(c))->group;

	for (unsigned i = 0; i < group_count; i++)
	{
		if (strcmp(groups[i], name) == 0)
			return i;
	}
	groups[group_count] = name;
	return group_count++;
}

static int
split(char *line, char **field)
{
	int			count = 0;

	line[strcspn(line, "\r\n")] = '\0';
	while (line != NULL && count < COLUMNS_MAX)
		field[count++] = strsep(&line, "\t");
	return count;
}

static Columns
read_heading(char *line)
{
	char	   *field[COLUMNS_MAX];
	int			count = split(line, field);
	Columns		c = {-1, -1, -1, -1, -1, -1};

	for (int i = 0; i < count; i++)
	{
		if (strcmp(field[i], "response") == 0)
			c.response = i;
		else if (strcmp(field[i], "class") == 0)
			c.klass = i;
		else if (strcmp(field[i], "reply") == 0)
			c.reply = i;
		else if (strcmp(field[i], "enhanced") == 0)
			c.enhanced = i;
		else if (strcmp(field[i], "phrase") == 0)
			c.phrase = i;
		else if (strcmp(field[i], "confidence") == 0)
			c.confidence = i;
	}
	return c;
}

/* join - the response of a row; its parts joined by blanks if it has parts */
static void
join(char *out, size_t size, char **field, int count, const Columns *c)
{
	const int	parts[] = {c->response, c->reply, c->enhanced, c->phrase};
	size_t		len = 0;

	*out = '\0';
	for (size_t i = 0; i < 4; i++)
	{
		if (parts[i] >= 0 && parts[i] < count && *field[parts[i]] != '\0' && len < size)
			len += (size_t) snprintf(out + len, size - len, "%s%s", len > 0 ? " " : "", field[parts[i]]);
	}
}

static void
show_wrong(const char *response, BounceClass is, const Diagnosis *d)
{
	char		is_text[BOUNCE_CLASS_TEXT_MAX];
	char		taken_text[BOUNCE_CLASS_TEXT_MAX];

	bounce_class_format(is, is_text);
	bounce_class_format(d->klass, taken_text);
	printf("%s\t%s\t%s\t%s\n", is_text, taken_text, d->rule != NULL ? d->rule : basis_name(d->basis), response);
}

static void
score_row(Score *s, const char *response, BounceClass is)
{
	Diagnosis	d;
	bool		is_hard = bounce_class_severity(is) == SEVERITY_HARD;
	bool		taken_hard;
	unsigned	is_group = group_number(is);
	unsigned	taken_group;

	diagnose_response(response, strlen(response), SMTP_STATUS_NONE, &d);
	taken_hard = bounce_class_severity(d.klass) == SEVERITY_HARD;
	taken_group = group_number(d.klass);
	s->rows++;
	s->group += is_group == taken_group;
	s->severity += bounce_class_severity(is) == bounce_class_severity(d.klass);
	s->klass += is == d.klass;
	s->unknown += bounce_class_reason(d.klass) == REASON_UNKNOWN;
	s->hard += is_hard;
	s->false_hard += taken_hard && !is_hard;
	s->missed_hard += is_hard && !taken_hard;
	s->confused[is_group][taken_group]++;
	if (verbose && (is_group != taken_group || is_hard != taken_hard))
		show_wrong(response, is, &d);
}

static double
percent(unsigned part, unsigned whole)
{
	return whole == 0 ? 0.0 : 100.0 * part / whole;
}

static void
print_score(const char *path, const Score *s)
{
	printf("%s: %u rows\n", path, s->rows);
	printf("  group %.1f %%, severity %.1f %%, class %.1f %%, unknown %.1f %%\n", percent(s->group, s->rows),
		   percent(s->severity, s->rows), percent(s->klass, s->rows), percent(s->unknown, s->rows));
	printf("  false hard %.1f %% of the others, missed hard %.1f %% of the hard\n",
		   percent(s->false_hard, s->rows - s->hard), percent(s->missed_hard, s->hard));
	printf("  taken for another group:\n");
	for (unsigned i = 0; i < group_count; i++)
	{
		unsigned	wrong = 0;

		for (unsigned j = 0; j < group_count; j++)
			wrong += i == j ? 0 : s->confused[i][j];
		if (wrong == 0)
			continue;
		printf("    %-10s %4u right;", groups[i], s->confused[i][i]);
		for (unsigned j = 0; j < group_count; j++)
		{
			if (i != j && s->confused[i][j] > 0)
				printf(" %s %u", groups[j], s->confused[i][j]);
		}
		printf("\n");
	}
}

static int
score_file(const char *path)
{
	static char line[1 << 20];
	static char response[1 << 20];
	Score		s = {0};
	Columns		c;
	FILE	   *stream = fopen(path, "r");

	if (stream == NULL || fgets(line, sizeof(line), stream) == NULL)
	{
		perror(path);
		return 1;
	}
	c = read_heading(line);
	if (c.klass < 0 || (c.response < 0 && c.phrase < 0))
	{
		fprintf(stderr, "%s: no columns \"response\" (or \"phrase\") and \"class\"\n", path);
		return 1;
	}
	while (fgets(line, sizeof(line), stream) != NULL)
	{
		char	   *field[COLUMNS_MAX];
		int			count = split(line, field);
		BounceClass is;

		if (count <= c.klass || (c.confidence >= 0 && (count <= c.confidence || strcmp(field[c.confidence], "seen") != 0)))
			continue;
		if (bounce_class_parse(field[c.klass], strlen(field[c.klass]), &is) != BOUNCE_CLASS_OK)
		{
			fprintf(stderr, "%s: \"%s\" is no class\n", path, field[c.klass]);
			continue;
		}
		join(response, sizeof(response), field, count, &c);
		score_row(&s, response, is);
	}
	fclose(stream);
	print_score(path, &s);
	return 0;
}

int
main(int argc, char **argv)
{
	int			failed = 0;

	for (int i = 1; i < argc; i++)
	{
		if (strcmp(argv[i], "-v") == 0)
			verbose = true;
		else
			failed |= score_file(argv[i]);
	}
	return failed;
}
