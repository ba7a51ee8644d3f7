/*
 * rules_file.h
 *		Reading rules.tsv, for the programs of the build.
 */
#ifndef BOUNCE_RULES_FILE_H
#define BOUNCE_RULES_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "bounce_class.h"
#include "rules.h"

#define RULE_PATTERN_MAX 1000
#define RULE_EXAMPLES_MAX 8

typedef struct RuleLine
{
	const char *file;
	unsigned	line;
	size_t		number;			/* of the rule, from 0 */
	const char *provider;		/* "" when generic */
	bool		vendor;
	const char *pattern;
	BounceClass klass;
	bool		final;
	bool		vague;
	bool		hint;
	unsigned	tier;
	unsigned	narrow;			/* how much the condition asks for */
	size_t		first_condition;
	size_t		condition_count;
	const char *examples[RULE_EXAMPLES_MAX];
	size_t		example_count;
	char	   *name;			/* "google:overquotatemp" */
} RuleLine;

typedef struct RuleFile
{
	RuleLine   *lines;
	size_t		count;
	size_t		room;
	RuleCondition *conditions;
	size_t		condition_count;
	size_t		condition_room;
	uint64_t	fingerprint;	/* of all lines */
} RuleFile;

/* Reads the file; a mistake in it is reported and ends the program. */
extern void rule_file_read(RuleFile *file, const char *path);

/* file:line: message, and exit(1). */
extern void rule_file_error(const RuleLine *line, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

#endif
