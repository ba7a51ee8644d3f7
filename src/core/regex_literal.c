/*
 * NAME
 *		regex_literal - text that every match of a regular expression contains
 *
 * SUMMARY
 *		Finds in "mailbox .* over quota" the literal " over quota", so that a search for
 *		a string can say that there is no match long before the expression is tried.
 *
 * DESCRIPTION
 *		In: an advanced regular expression of PostgreSQL that compiles, matched without
 *		regard to case.  Only what stands outside of groups and brackets counts,
 *		and every alternative must have some.  Whatever is not understood here ends the
 *		run, or the search: to find nothing is always right.
 *
 * DIAGNOSTICS
 *		None.
 */
#include "regex_literal.h"

#include <stdbool.h>
#include <string.h>

#include "ascii.h"

typedef struct Reader
{
	const char *at;
	const char *end;
	RegexLiterals *literals;	/* count: of the alternatives before this one */
	size_t		best_length;	/* in this one */
	char		run[REGEX_LITERAL_MAX];
	size_t		length;			/* of the run */
} Reader;

/* end_run - keep the run if it is the longest so far */
static void
end_run(Reader *r)
{
	if (r->length > r->best_length)
	{
		memcpy(r->literals->text[r->literals->count], r->run, r->length);
		r->best_length = r->length;
	}
	r->length = 0;
}

/* end_alternative - keep its literal; false: it has none */
static bool
end_alternative(Reader *r)
{
	end_run(r);
	if (r->best_length == 0)
		return false;
	r->literals->text[r->literals->count++][r->best_length] = '\0';
	r->best_length = 0;
	return true;
}

static void
add(Reader *r, char c)
{
	if (r->length == REGEX_LITERAL_MAX - 1)
		end_run(r);
	r->run[r->length++] = (c >= 'A' && c <= 'Z') ? (char) (c + ('a' - 'A')) : c;
}

/* skip_bracket - from behind "[" to behind its "]" */
static bool
skip_bracket(Reader *r)
{
	if (r->at < r->end && *r->at == '^')
		r->at++;
	if (r->at < r->end && *r->at == ']')
		r->at++;
	while (r->at < r->end)
	{
		char		c = *r->at++;

		if (c == ']')
			return true;
		if (c == '\\' && r->at < r->end)
			r->at++;
		else if (c == '[' && r->at < r->end && strchr(":.=", *r->at) != NULL)
		{
			char		kind = *r->at++;

			while (r->end - r->at >= 2 && !(r->at[0] == kind && r->at[1] == ']'))
				r->at++;
			if (r->end - r->at < 2)
				return false;
			r->at += 2;
		}
	}
	return false;
}

/* skip_group - from behind "(" to behind its ")" */
static bool
skip_group(Reader *r)
{
	int			depth = 1;

	while (r->at < r->end)
	{
		char		c = *r->at++;

		if (c == '\\' && r->at < r->end)
			r->at++;
		else if (c == '[' && !skip_bracket(r))
			return false;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0)
			return true;
	}
	return false;
}

/* escape - what follows a backslash; false: something that is longer than one character */
static bool
escape(Reader *r)
{
	char		c;

	if (r->at >= r->end)
		return false;
	c = *r->at++;
	if (is_letter(c) || is_digit(c) || (unsigned char) c >= 0x80)
	{
		end_run(r);
		return strchr("dswDSWmMyYAZ", c) != NULL;
	}
	add(r, c);
	return true;
}

/* quantifier - what stood before it may be missing, or stand there again */
static bool
quantifier(Reader *r, char c)
{
	if (c != '+' && r->length > 0)
		r->length--;
	end_run(r);
	if (c != '{')
		return true;
	if (r->at >= r->end || !is_digit(*r->at))
		return false;
	while (r->at < r->end)
		if (*r->at++ == '}')
			return true;
	return false;
}

/* read_one - one character of the pattern at top level; false: nothing is certain any more */
static bool
read_one(Reader *r)
{
	char		c = *r->at++;

	switch (c)
	{
		case '|':
			return end_alternative(r) && r->literals->count < REGEX_ALTERNATIVES_MAX;
		case ')':
			return false;
		case '\\':
			return escape(r);
		case '*':
		case '+':
		case '?':
		case '{':
			return quantifier(r, c);
		case '(':
			end_run(r);
			return skip_group(r);
		case '[':
			end_run(r);
			return skip_bracket(r);
		case '^':
		case '$':
		case '.':
			end_run(r);
			return true;
		default:
			if ((unsigned char) c >= 0x80)
				end_run(r);
			else
				add(r, c);
			return true;
	}
}

/* has_options - "***=", "(?x)": another syntax; a comment's parentheses need not be in pairs */
static bool
has_options(const char *pattern, size_t len)
{
	if (len >= 3 && memcmp(pattern, "***", 3) == 0)
		return true;
	for (size_t i = 0; i + 2 < len; i++)
		if (pattern[i] == '(' && pattern[i + 1] == '?' &&
			(pattern[i + 2] == '#' || (i == 0 && is_letter(pattern[2]))))
			return true;
	return false;
}

/* regex_literals - see regex_literal.h */
void
regex_literals(const char *pattern, size_t len, RegexLiterals *literals)
{
	Reader		r = {pattern, pattern + len, literals, 0, {0}, 0};
	bool		certain = !has_options(pattern, len);

	literals->count = 0;
	while (certain && r.at < r.end)
		certain = read_one(&r);
	if (!certain || !end_alternative(&r))
		literals->count = 0;
}
