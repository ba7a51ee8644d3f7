/*
 * NAME
 *		rules_file - read rules.tsv
 *
 * SUMMARY
 *		Splits the lines, checks each field, names the rules.  What the fields are stands
 *		at the top of rules.tsv.
 *
 * DIAGNOSTICS
 *		file:line: what is wrong, exit status 1.
 */
#include "rules_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "letters.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define LINE_MAX_BYTES 16384
#define WEIGHT_DEFAULT 5
#define WEIGHT_MAX 9
#define WEIGHT_VAGUE 2
#define WEIGHT_HINT 1

enum
{
	FIELD_PROVIDER,
	FIELD_KIND,
	FIELD_PATTERN,
	FIELD_WHEN,
	FIELD_CLASS,
	FIELD_FINAL,
	FIELD_WEIGHT,
	FIELD_EXAMPLE
};

/* rule_file_error - say where and what, and stop */
void
rule_file_error(const RuleLine *line, const char *format, ...)
{
	va_list		args;

	fprintf(stderr, "%s:%u: ", line->file, line->line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void *
checked(void *memory)
{
	if (memory == NULL)
	{
		perror("rules");
		exit(1);
	}
	return memory;
}

/* number_or_any - "7", or "x" for any (-1) */
static int
number_or_any(const RuleLine *line, const char *text, const char **after)
{
	char	   *end;
	long		n;

	if (*text == 'x')
	{
		*after = text + 1;
		return -1;
	}
	n = strtol(text, &end, 10);
	if (end == text || n < 0 || n > 999)
		rule_file_error(line, "\"%s\" is no part of a status code", text);
	*after = end;
	return (int) n;
}

/* ask - the number has to stand in this part of a packed status */
static void
ask(RuleCondition *condition, unsigned part, unsigned number)
{
	condition->mask |= RULE_STATUS_PART << part;
	condition->value = (condition->value & ~(RULE_STATUS_PART << part)) | (uint64_t) number << part;
}

/* read_enhanced_condition - "5.7.1", "x.7.1", "5.7.x" */
static void
read_enhanced_condition(const RuleLine *line, const char *text, RuleCondition *condition)
{
	const char *at;
	int			klass = number_or_any(line, text, &at);
	int			subject;
	int			detail;

	if (*at != '.')
		rule_file_error(line, "\"%s\" is no enhanced code", text);
	subject = number_or_any(line, at + 1, &at);
	if (*at != '.')
		rule_file_error(line, "\"%s\" is no enhanced code", text);
	detail = number_or_any(line, at + 1, &at);
	if (*at != '\0')
		rule_file_error(line, "\"%s\" is no enhanced code", text);
	if (klass >= 0)
		ask(condition, RULE_STATUS_CLASS, (unsigned) klass);
	if (subject >= 0)
	{
		ask(condition, RULE_STATUS_SUBJECT, (unsigned) subject);
		condition->mask |= RULE_STATUS_ENHANCED;
		condition->value |= RULE_STATUS_ENHANCED;
	}
	if (detail >= 0)
		ask(condition, RULE_STATUS_DETAIL, (unsigned) detail);
}

/* read_condition_part - one of what "+" joins; returns how narrow it is */
static unsigned
read_condition_part(const RuleLine *line, const char *text, RuleCondition *condition)
{
	size_t		len = strlen(text);

	if (strcmp(text, "none") == 0)
		ask(condition, RULE_STATUS_CLASS, 0);
	else if (strcmp(text, "bare") == 0)
		condition->mask |= RULE_STATUS_WHY;
	else if (strcmp(text, "plain") == 0)
		condition->mask |= RULE_STATUS_ENHANCED;
	else if (len == 1 && strchr("245", *text) != NULL)
		ask(condition, RULE_STATUS_CLASS, (unsigned) (*text - '0'));
	else if (len == 3 && strspn(text, "0123456789") == 3)
	{
		ask(condition, RULE_STATUS_REPLY, (unsigned) atoi(text));
		return 2;
	}
	else if (strchr(text, '.') != NULL)
	{
		read_enhanced_condition(line, text, condition);
		return 3;
	}
	else
		rule_file_error(line, "\"%s\" is no condition", text);
	return 1;
}

/* names_success - a success is no failure unless the condition says so */
static bool
names_success(const RuleCondition *condition)
{
	return (condition->value >> RULE_STATUS_CLASS & RULE_STATUS_PART) == 2 ||
		(condition->value >> RULE_STATUS_REPLY & RULE_STATUS_PART) / 100 == 2;
}

static void
add_condition(RuleFile *file, RuleCondition condition)
{
	if (file->condition_count == file->condition_room)
	{
		file->condition_room = file->condition_room * 2 + 64;
		file->conditions = checked(realloc(file->conditions, file->condition_room * sizeof(condition)));
	}
	file->conditions[file->condition_count++] = condition;
}

/* read_when - "any", or alternatives joined by commas, each of parts joined by "+" */
static void
read_when(RuleFile *file, RuleLine *line, const char *when)
{
	char	   *copy = checked(strdup(when));
	char	   *alternatives;
	char	   *alternative;

	line->first_condition = file->condition_count;
	if (strcmp(when, "any") == 0 || strcmp(when, "-") == 0)
		return;
	for (alternative = strtok_r(copy, ",", &alternatives); alternative != NULL;
		 alternative = strtok_r(NULL, ",", &alternatives))
	{
		RuleCondition condition = {0};
		char	   *parts;
		unsigned	narrow = 0;

		for (char *part = strtok_r(alternative, "+", &parts); part != NULL; part = strtok_r(NULL, "+", &parts))
			narrow += read_condition_part(line, part, &condition);
		if (!names_success(&condition))
			condition.mask |= RULE_STATUS_SUCCESS;
		add_condition(file, condition);
		line->condition_count++;
		if (line->narrow == 0 || narrow < line->narrow)
			line->narrow = narrow;
	}
	free(copy);
}

/* read_tier - kind first, then weight: 0 is the strongest */
static void
read_tier(RuleLine *line, const char *kind, const char *weight)
{
	unsigned	n = WEIGHT_DEFAULT;

	line->vendor = strcmp(kind, "vendor") == 0;
	if (!line->vendor && strcmp(kind, "phrase") != 0)
		rule_file_error(line, "kind is \"vendor\" or \"phrase\", not \"%s\"", kind);
	if (strcmp(weight, "-") != 0)
	{
		if (strlen(weight) != 1 || *weight < '0' || *weight > '9')
			rule_file_error(line, "weight is 0 to 9 or \"-\", not \"%s\"", weight);
		n = (unsigned) (*weight - '0');
	}
	line->tier = (line->vendor ? 0 : WEIGHT_MAX + 1) + WEIGHT_MAX - n;
	line->vague = !line->vendor && n <= WEIGHT_VAGUE;
	line->hint = !line->vendor && n <= WEIGHT_HINT;
}

/* ascii_name - a letter of a pattern as names spell it: names are ASCII in every database */
static size_t
ascii_name(const char *at, char out[8])
{
	unsigned	c;
	size_t		len = utf8_decode((const unsigned char *) at, (const unsigned char *) at + strlen(at), &c);

	if (c < 0x80)
		snprintf(out, 8, "%c", c == ' ' ? '-' : (char) c);
	else if (latin_letters(c) != NULL)
		snprintf(out, 8, "%s", latin_letters(c));
	else
		snprintf(out, 8, "%04x", c & 0xFFFF);
	return len;
}

/* make_name - provider, the pattern's first alternative with hyphens for blanks, the condition */
static void
make_name(RuleLine *line, const char *when)
{
	const char *provider = *line->provider == '\0' ? "generic" : line->provider;
	size_t		size = strlen(provider) + 4 * strlen(line->pattern) + strlen(when) + 3;
	size_t		length;
	bool		skip = false;

	line->name = checked(malloc(size));
	length = (size_t) snprintf(line->name, size, "%s:", provider);
	for (const char *c = line->pattern; *c != '\0';)
	{
		char		letter[8];

		if (*c == '|' || *c == '}')
			skip = *c == '|';
		if (skip || *c == '{' || *c == '}')
		{
			c++;
			continue;
		}
		c += ascii_name(c, letter);
		length += (size_t) snprintf(line->name + length, size - length, "%s", letter);
	}
	if (line->condition_count > 0)
		snprintf(line->name + length, size - length, "@%s", when);
}

/* check_braces - alternatives cannot hold alternatives */
static void
check_braces(const RuleLine *line)
{
	bool		inside = false;

	for (const char *c = line->pattern; *c != '\0'; c++)
	{
		if ((*c == '{' && inside) || ((*c == '}' || *c == '|') && !inside))
			rule_file_error(line, "\"%c\" %s braces", *c, inside ? "inside of" : "outside of");
		if (*c == '{' || *c == '}')
			inside = *c == '{';
	}
	if (inside)
		rule_file_error(line, "\"{\" without \"}\"");
}

/* read_fields - one line, already split */
static void
read_fields(RuleFile *file, RuleLine *line, char **field, size_t count)
{
	BounceClassError error;

	if (count < FIELD_EXAMPLE + 1)
		rule_file_error(line, "a rule has eight fields, the last an example; this line has %zu", count);
	if (count - FIELD_EXAMPLE > RULE_EXAMPLES_MAX)
		rule_file_error(line, "more than %d examples", RULE_EXAMPLES_MAX);
	line->provider = strcmp(field[FIELD_PROVIDER], "-") == 0 ? "" : field[FIELD_PROVIDER];
	line->pattern = field[FIELD_PATTERN];
	if (*line->pattern == '\0' || strlen(line->pattern) > RULE_PATTERN_MAX)
		rule_file_error(line, "a pattern has 1 to %d bytes", RULE_PATTERN_MAX);
	check_braces(line);
	read_tier(line, field[FIELD_KIND], field[FIELD_WEIGHT]);
	read_when(file, line, field[FIELD_WHEN]);
	error = bounce_class_parse(field[FIELD_CLASS], strlen(field[FIELD_CLASS]), &line->klass);
	if (error != BOUNCE_CLASS_OK)
		rule_file_error(line, "\"%s\" is no class", field[FIELD_CLASS]);
	line->final = strcmp(field[FIELD_FINAL], "final") == 0;
	if (!line->final && strcmp(field[FIELD_FINAL], "-") != 0)
		rule_file_error(line, "final is \"final\" or \"-\", not \"%s\"", field[FIELD_FINAL]);
	for (size_t i = FIELD_EXAMPLE; i < count; i++)
	{
		if (*field[i] == '\0')
			rule_file_error(line, "an example is empty");
		line->examples[line->example_count++] = field[i];
	}
	make_name(line, field[FIELD_WHEN]);
}

/* refuse_twins - two rules of one name would be told apart by nothing */
static void
refuse_twins(const RuleFile *file)
{
	for (size_t i = 0; i < file->count; i++)
	{
		for (size_t j = 0; j < i; j++)
		{
			if (strcmp(file->lines[i].name, file->lines[j].name) == 0)
				rule_file_error(&file->lines[i], "the same rule as in line %u", file->lines[j].line);
		}
	}
}

/* add_to_fingerprint - a line (FNV-1a) */
static void
add_to_fingerprint(RuleFile *file, const char *line)
{
	for (; *line != '\0'; line++)
		file->fingerprint = (file->fingerprint ^ (unsigned char) *line) * UINT64_C(0x100000001B3);
	file->fingerprint = (file->fingerprint ^ '\n') * UINT64_C(0x100000001B3);
}

/* rule_file_read - see rules_file.h */
void
rule_file_read(RuleFile *file, const char *path)
{
	static char buffer[LINE_MAX_BYTES];
	FILE	   *stream = fopen(path, "r");
	unsigned	number = 0;

	if (stream == NULL)
	{
		perror(path);
		exit(1);
	}
	while (fgets(buffer, sizeof(buffer), stream) != NULL)
	{
		RuleLine	line = {.file = path, .line = ++number, .number = file->count};
		char	   *field[FIELD_EXAMPLE + RULE_EXAMPLES_MAX + 1];
		size_t		count = 0;
		char	   *rest;

		if (strchr(buffer, '\n') == NULL)
			rule_file_error(&line, "the line is too long, or not ended");
		buffer[strcspn(buffer, "\r\n")] = '\0';
		add_to_fingerprint(file, buffer);
		if (*buffer == '\0' || *buffer == '#')
			continue;
		rest = checked(strdup(buffer));
		while (rest != NULL && count < COUNT_OF(field))
			field[count++] = strsep(&rest, "\t");
		read_fields(file, &line, field, count);
		if (file->count == file->room)
		{
			file->room = file->room * 2 + 256;
			file->lines = checked(realloc(file->lines, file->room * sizeof(RuleLine)));
		}
		file->lines[file->count++] = line;
	}
	fclose(stream);
	refuse_twins(file);
}
