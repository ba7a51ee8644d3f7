/*
 * NAME
 *		checkrules - is every example in rules.tsv decided by its own rule?
 *
 * SYNOPSIS
 *		checkrules rules.tsv
 *
 * SUMMARY
 *		A program of the build, linked with the tables that mkrules made from the same
 *		file.  A rule that never wins is a rule that does not work.
 *
 * DIAGNOSTICS
 *		file:line: which rule took the example instead; exit status 1.
 */
#include <stdio.h>
#include <string.h>

#include "classify.h"
#include "rules_file.h"

/* expected_class - the class that the rule gives at a temporary reply */
static BounceClass
expected_class(const RuleLine *line, SmtpStatus status)
{
	if (bounce_class_severity(line->klass) == SEVERITY_HARD && smtp_status_class(status) == 4 && !line->final)
		return bounce_class_make(SEVERITY_SOFT, bounce_class_reason(line->klass));
	return line->klass;
}

/* example_fails - say what took it, if not the rule itself */
static bool
example_fails(const RuleLine *line, const char *example)
{
	Diagnosis	d;
	char		text[BOUNCE_CLASS_TEXT_MAX];

	diagnose_response(example, strlen(example), SMTP_STATUS_NONE, &d);
	if (d.rule != NULL && strcmp(d.rule, line->name) == 0 &&
		(d.klass == expected_class(line, d.status) || d.klass == line->klass))
		return false;
	bounce_class_format(d.klass, text);
	fprintf(stderr, "%s:%u: rule %s does not decide its example \"%s\": %s by %s\n", line->file, line->line,
			line->name, example, text, d.rule != NULL ? d.rule : basis_name(d.basis));
	return true;
}

int
main(int argc, char **argv)
{
	RuleFile	file = {0};
	size_t		failed = 0;
	size_t		examples = 0;

	if (argc != 2)
	{
		fprintf(stderr, "usage: checkrules rules.tsv\n");
		return 1;
	}
	rule_file_read(&file, argv[1]);
	for (size_t i = 0; i < file.count; i++)
	{
		for (size_t j = 0; j < file.lines[i].example_count; j++, examples++)
			failed += example_fails(&file.lines[i], file.lines[i].examples[j]);
	}
	if (failed > 0)
		fprintf(stderr, "%zu of %zu examples are not decided by their own rule\n", failed, examples);
	return failed > 0;
}
