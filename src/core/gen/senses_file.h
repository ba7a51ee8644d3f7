/*
 * senses_file.h
 *		Reading stems.tsv and senses.tsv, for the programs of the build.
 */
#ifndef BOUNCE_SENSES_FILE_H
#define BOUNCE_SENSES_FILE_H

#include <stddef.h>

#include "sense.h"

#define SENSES_MAX 1024
#define STEMS_MAX 32768
#define SENSE_EXAMPLES_MAX 8
#define SENSE_NAME_MAX 80

/* A stem as it is written, and its roles. */
typedef struct StemLine
{
	unsigned	line;
	const char *text;
	uint64_t	roles;
} StemLine;

/* A sense; of alternatives each is one. */
typedef struct SenseLine
{
	unsigned	line;
	size_t		first;			/* of the senses of the same line */
	char		name[SENSE_NAME_MAX];
	Sense		sense;
	const char *examples[SENSE_EXAMPLES_MAX];	/* at the first one */
	size_t		example_count;
} SenseLine;

typedef struct SensesFile
{
	const char *roles[SENSE_ROLES_MAX];
	size_t		role_count;
	uint64_t	verbs;
	StemLine	stems[STEMS_MAX];
	size_t		stem_count;
	SenseLine	senses[SENSES_MAX];
	size_t		sense_count;
	uint64_t	fingerprint;	/* of all lines */
} SensesFile;

/* Reads both files; a mistake in them is reported and ends the program. */
extern void senses_file_read(SensesFile *file, const char *stems, const char *senses);

/* file:line: message, and exit(1). */
extern void senses_file_error(const char *path, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4), noreturn));

#endif
