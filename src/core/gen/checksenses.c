/*
 * NAME
 *		checksenses - is every example in senses.tsv decided by its own line?
 *
 * SYNOPSIS
 *		checksenses stems.tsv senses.tsv
 *
 * SUMMARY
 *		A program of the build, linked with the tables that mksenses made from the same
 *		files, and with the rules: an example that a rule knows shows nothing.
 *
 * DIAGNOSTICS
 *		file:line: what took the example instead; exit status 1.
 */
#include <stdio.h>
#include <string.h>

#include "classify.h"
#include "senses_file.h"

static SensesFile file;

/* is_named - is this the name of a sense of the same line? */
static bool
is_named(size_t first, const char *name)
{
	for (size_t i = first; name != NULL && i < file.sense_count && file.senses[i].first == first; i++)
	{
		if (strcmp(file.senses[i].name, name) == 0)
			return true;
	}
	return false;
}

/* example_fails - say what took it, if not its own line */
static bool
example_fails(const char *path, size_t number, const char *example)
{
	Diagnosis	d;
	char		text[BOUNCE_CLASS_TEXT_MAX];

	diagnose_response(example, strlen(example), SMTP_STATUS_NONE, &d);
	if (is_named(number, d.rule))
		return false;
	bounce_class_format(d.klass, text);
	fprintf(stderr, "%s:%u: %s does not decide its example \"%s\": %s by %s\n", path, file.senses[number].line,
			file.senses[number].name, example, text, d.rule != NULL ? d.rule : basis_name(d.basis));
	return true;
}

int
main(int argc, char **argv)
{
	size_t		failed = 0;

	if (argc != 3)
	{
		fprintf(stderr, "usage: checksenses stems.tsv senses.tsv\n");
		return 1;
	}
	senses_file_read(&file, argv[1], argv[2]);
	for (size_t i = 0; i < file.sense_count; i++)
	{
		for (size_t j = 0; j < file.senses[i].example_count; j++)
			failed += example_fails(argv[2], i, file.senses[i].examples[j]);
	}
	return failed > 0;
}
