/*
 * NAME
 *		senses_file - read stems.tsv and senses.tsv
 *
 * SUMMARY
 *		Splits the lines, gives each role a bit and each sense a name, writes out
 *		alternatives.  What the fields are stands at the top of the two files.
 *
 * DIAGNOSTICS
 *		file:line: what is wrong, exit status 1.
 */
#include "senses_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define LINE_MAX_BYTES 16384
#define FIELDS_MAX (3 + SENSE_EXAMPLES_MAX + 1)
#define TERMS_MAX 256			/* bytes of what a sense asks for */

/* A line of a file, taken apart. */
typedef struct Fields
{
	const char *path;
	unsigned	line;
	char	   *field[FIELDS_MAX];
	size_t		count;
} Fields;

static SensesFile *into;

/* senses_file_error - see senses_file.h */
void
senses_file_error(const char *path, unsigned line, const char *format, ...)
{
	va_list		args;

	fprintf(stderr, "%s:%u: ", path, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static char *
copy_of(const char *text)
{
	char	   *copy = strdup(text);

	if (copy == NULL)
	{
		perror("senses");
		exit(1);
	}
	return copy;
}

/* add_role - a role of this name; returns its bit */
static uint64_t
add_role(const Fields *f, const char *name)
{
	if (into->role_count == SENSE_ROLES_MAX)
		senses_file_error(f->path, f->line, "more than %d roles", SENSE_ROLES_MAX);
	into->roles[into->role_count] = copy_of(name);
	return (uint64_t) 1 << into->role_count++;
}

/* role_bit - of a role that there is, else 0 */
static uint64_t
role_bit(const char *name)
{
	for (size_t i = 0; i < into->role_count; i++)
	{
		if (strcmp(into->roles[i], name) == 0)
			return (uint64_t) 1 << i;
	}
	return 0;
}

/* need_role - the same, of one that there has to be */
static uint64_t
need_role(const Fields *f, const char *name)
{
	uint64_t	bit = role_bit(name);

	if (bit == 0)
		senses_file_error(f->path, f->line, "\"%s\" is no role", name);
	return bit;
}

/* declare - the roles of a line "thing" or "verb" */
static void
declare(const Fields *f, bool verbs)
{
	char	   *rest = f->field[2];

	while (rest != NULL)
	{
		const char *name = strsep(&rest, "|");
		uint64_t	bit;

		if (role_bit(name) != 0)
			senses_file_error(f->path, f->line, "\"%s\" is a role already", name);
		bit = add_role(f, name);
		into->verbs |= verbs ? bit : 0;
	}
}

/* add_stem - with one more role */
static void
add_stem(const Fields *f, const char *text, uint64_t role)
{
	for (size_t i = 0; i < into->stem_count; i++)
	{
		if (strcmp(into->stems[i].text, text) == 0)
		{
			into->stems[i].roles |= role;
			return;
		}
	}
	if (into->stem_count == STEMS_MAX)
		senses_file_error(f->path, f->line, "more than %d stems", STEMS_MAX);
	into->stems[into->stem_count++] = (StemLine) {f->line, text, role};
}

/* read_stems - a line of stems.tsv */
static void
read_stems(const Fields *f)
{
	char	   *rest = f->field[2];
	uint64_t	role;

	if (f->count != 3)
		senses_file_error(f->path, f->line, "a line has three fields, this one has %zu", f->count);
	if (strcmp(f->field[0], "thing") == 0 || strcmp(f->field[0], "verb") == 0)
	{
		declare(f, *f->field[0] == 'v');
		return;
	}
	role = need_role(f, f->field[0]);
	while (rest != NULL)
	{
		const char *stem = strsep(&rest, "|");

		if (*stem == '\0')
			senses_file_error(f->path, f->line, "a stem is empty");
		add_stem(f, stem, role);
	}
}

/* add_term - "role", "not-role", "no-role" or "your-role" to sets of roles */
static void
add_term(const Fields *f, Roles *roles, const char *term)
{
	static const char *const kinds[] = {"not-", "no-", "your-"};
	uint64_t *const sets[] = {&roles->denied, &roles->none, &roles->yours};

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
	{
		if (strncmp(term, kinds[i], strlen(kinds[i])) == 0)
		{
			*sets[i] |= need_role(f, term + strlen(kinds[i]));
			return;
		}
	}
	roles->there |= need_role(f, term);
}

/* add_terms - all of a list */
static void
add_terms(const Fields *f, Roles *roles, const char *list, const char *separator)
{
	char	   *rest = copy_of(list);

	while (rest != NULL)
		add_term(f, roles, strsep(&rest, separator));
}

/* read_meaning - the third field */
static void
read_meaning(const Fields *f, Sense *sense)
{
	const char *text = f->field[2];
	BounceClassError error;

	if (*text == '=')
	{
		sense->adds = role_bit(text + 1);
		if (sense->adds == 0)
			sense->adds = add_role(f, text + 1);
		return;
	}
	error = bounce_class_parse(text, strlen(text), &sense->klass);
	if (error != BOUNCE_CLASS_OK)
		senses_file_error(f->path, f->line, "\"%s\" is no class", text);
}

/* add_sense - one alternative of a line, whose first one has the number "first" */
static void
add_sense(const Fields *f, const char *terms, size_t first)
{
	SenseLine  *s = &into->senses[into->sense_count];

	if (into->sense_count == SENSES_MAX)
		senses_file_error(f->path, f->line, "more than %d senses", SENSES_MAX);
	*s = (SenseLine) {.line = f->line, .first = first};
	snprintf(s->name, sizeof(s->name), "stem:%s", terms);
	read_meaning(f, &s->sense);
	add_terms(f, &s->sense.has, terms, "+");
	if (strcmp(f->field[1], "-") != 0)
		add_terms(f, &s->sense.lacks, f->field[1], ",");
	for (size_t i = 0; i < into->sense_count; i++)
	{
		if (s->sense.adds == 0 && strcmp(into->senses[i].name, s->name) == 0)
			senses_file_error(f->path, f->line, "the same sense as in line %u", into->senses[i].line);
	}
	into->sense_count++;
}

/* add_senses - write out the {a|b} of a line, if it has one */
static void
add_senses(const Fields *f, size_t first)
{
	const char *terms = f->field[0];
	const char *open = strchr(terms, '{');
	const char *close = open == NULL ? NULL : strchr(open, '}');

	if (open == NULL)
	{
		add_sense(f, terms, first);
		return;
	}
	if (close == NULL)
		senses_file_error(f->path, f->line, "\"{\" without \"}\"");
	for (const char *choice = open + 1; choice <= close;)
	{
		size_t		len = strcspn(choice, "|}");
		char		text[TERMS_MAX];

		snprintf(text, sizeof(text), "%.*s%.*s%s", (int) (open - terms), terms, (int) len, choice, close + 1);
		add_sense(f, text, first);
		choice += len + 1;
	}
}

/* read_sense - a line of senses.tsv */
static void
read_sense(const Fields *f)
{
	size_t		first = into->sense_count;
	SenseLine  *s = &into->senses[first];

	if (f->count < 3)
		senses_file_error(f->path, f->line, "a sense has three fields and examples, this line has %zu", f->count);
	add_senses(f, first);
	for (size_t i = 3; i < f->count; i++)
	{
		if (s->example_count == SENSE_EXAMPLES_MAX)
			senses_file_error(f->path, f->line, "more than %d examples", SENSE_EXAMPLES_MAX);
		s->examples[s->example_count++] = f->field[i];
	}
	if ((s->example_count == 0) != (s->sense.adds != 0))
		senses_file_error(f->path, f->line, "a sense has an example, a role that is added has none");
}

/* add_to_fingerprint - a line (FNV-1a) */
static void
add_to_fingerprint(const char *line)
{
	for (; *line != '\0'; line++)
		into->fingerprint = (into->fingerprint ^ (unsigned char) *line) * UINT64_C(0x100000001B3);
	into->fingerprint = (into->fingerprint ^ '\n') * UINT64_C(0x100000001B3);
}

/* read_lines - of a file, each by a function */
static void
read_lines(const char *path, void (*read_line)(const Fields *f))
{
	static char buffer[LINE_MAX_BYTES];
	FILE	   *stream = fopen(path, "r");
	Fields		f = {.path = path};

	if (stream == NULL)
	{
		perror(path);
		exit(1);
	}
	while (fgets(buffer, sizeof(buffer), stream) != NULL)
	{
		char	   *rest;

		f.line++;
		f.count = 0;
		if (strchr(buffer, '\n') == NULL)
			senses_file_error(path, f.line, "the line is too long, or not ended");
		buffer[strcspn(buffer, "\r\n")] = '\0';
		add_to_fingerprint(buffer);
		if (*buffer == '\0' || *buffer == '#')
			continue;
		rest = copy_of(buffer);
		while (rest != NULL && f.count < COUNT_OF(f.field))
			f.field[f.count++] = strsep(&rest, "\t");
		read_line(&f);
	}
	fclose(stream);
}

/* senses_file_read - see senses_file.h */
void
senses_file_read(SensesFile *file, const char *stems, const char *senses)
{
	const Fields nowhere = {.path = stems};

	into = file;
	/* in the order of SENSE_NOT and so on */
	add_role(&nowhere, "not");
	add_role(&nowhere, "no");
	add_role(&nowhere, "your");
	add_role(&nowhere, "but");
	add_role(&nowhere, "5xx");
	read_lines(stems, read_stems);
	read_lines(senses, read_sense);
}
