/*
 * site_pattern.c
 *		Patterns of a site's own rules: the server's regular expressions over an answer.
 *
 * Without back-references and lookaround the engine runs an automaton over the text
 * once: the time is linear in it, times the size of the automaton, which is bounded
 * here.  Back-references are exponential and lookaround looks again from each place,
 * so both are refused.
 *
 * Most answers do not contain what a pattern needs.  A search for that literal says
 * so long before the engine has built its first state.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "miscadmin.h"
#include "regex/regexport.h"

#include "site_pattern.h"
#include "state_args.h"

/* The head and the tail of a text over SITE_TEXT_MAX. */
#define TEXT_HEAD (48 * 1024)
#define TEXT_TAIL (SITE_TEXT_MAX - TEXT_HEAD)

/*
 * The largest automaton of a rule.  In the worst case each character of the text
 * costs a walk over all arcs.
 */
#define STATES_MAX 500
#define ARCS_MAX 5000

static void fold(const char *from, int len, SiteText *text);
static void refuse(const char *source, const char *detail, const char *hint);
static int	arc_count(const regex_t *regex);
static void check_meaning(SitePattern *pattern, const char *source);
static void check_cost(SitePattern *pattern, const char *source);

void
site_text(const char *response, int len, SiteText *text)
{
	int			room = Min(len, SITE_TEXT_MAX + MAX_MULTIBYTE_CHAR_LEN) + 2;

	text->folded = palloc(room);
	text->lower = palloc(room);
	text->length = 0;
	text->chars = NULL;
	if (len <= SITE_TEXT_MAX)
		fold(response, len, text);
	else
	{
		/* Whole characters; at the cut, one more rather than half of one. */
		int			tail = pg_mbcliplen(response, len, len - TEXT_TAIL);

		fold(response, pg_mbcliplen(response, len, TEXT_HEAD), text);
		text->folded[text->length] = text->lower[text->length] = '\n';
		text->length++;
		fold(response + tail, len - tail, text);
	}
	text->folded[text->length] = text->lower[text->length] = '\0';
}

/* Appends a piece of the answer.  In no server encoding is an ASCII byte part of another character. */
static void
fold(const char *from, int len, SiteText *text)
{
	int			start = text->length;
	int			out = start;
	bool		blank = false;

	for (int i = 0; i < len; i++)
	{
		char		c = from[i];

		if (c == ' ' || (c >= '\t' && c <= '\r'))
		{
			blank = true;
			continue;
		}
		if (blank && out > start)
		{
			text->folded[out] = text->lower[out] = ' ';
			out++;
		}
		blank = false;
		text->folded[out] = c;
		text->lower[out++] = (c >= 'A' && c <= 'Z') ? c + ('a' - 'A') : c;
	}
	text->length = out;
}

bool
site_pattern_may_match(const SitePattern *pattern, const SiteText *text)
{
	for (int i = 0; i < pattern->literals.count; i++)
		if (strstr(text->lower, pattern->literals.text[i]) != NULL)
			return true;
	return pattern->literals.count == 0;
}

bool
site_pattern_matches(SitePattern *pattern, SiteText *text)
{
	char		message[SITE_PATTERN_ERROR_MAX];
	int			rc;

	if (text->chars == NULL)
	{
		text->chars = palloc(sizeof(pg_wchar) * (text->length + 1));
		text->char_count = pg_mb2wchar_with_len(text->folded, text->chars, text->length);
	}
	rc = pg_regexec(&pattern->regex, text->chars, text->char_count, 0, NULL, 0, NULL, 0);
	if (rc == REG_OKAY)
		return true;
	if (rc == REG_NOMATCH)
		return false;
	CHECK_FOR_INTERRUPTS();
	pg_regerror(rc, &pattern->regex, message, sizeof(message));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
			 errmsg("regular expression failed: %s", message)));
}

bool
site_pattern_compile(SitePattern *pattern, const char *source, int len, char error[SITE_PATTERN_ERROR_MAX])
{
	pg_wchar   *chars = palloc(sizeof(pg_wchar) * (len + 1));
	int			count = pg_mb2wchar_with_len(source, chars, len);
	int			rc = pg_regcomp(&pattern->regex, chars, count, REG_ADVANCED | REG_ICASE | REG_NOSUB,
								DEFAULT_COLLATION_OID);

	pfree(chars);
	if (rc == REG_OKAY)
	{
		regex_literals(source, len, &pattern->literals);
		return true;
	}
	/* Where a cancelled compilation is reported as its failure. */
	CHECK_FOR_INTERRUPTS();
	pg_regerror(rc, &pattern->regex, error, SITE_PATTERN_ERROR_MAX);
	return false;
}

void
site_pattern_free(SitePattern *pattern)
{
	pg_regfree(&pattern->regex);
}

void
site_pattern_check(SitePattern *pattern, const char *source, int len)
{
	char		error[SITE_PATTERN_ERROR_MAX];

	if (len == 0)
		refuse(source, "It is empty.", "A pattern is a regular expression that the answer has to match.");
	if (len > SITE_PATTERN_MAX)
		refuse(source, psprintf("It is %d bytes long; at most %d are read.", len, SITE_PATTERN_MAX),
			   "Make several rules of it.");
	if (!site_pattern_compile(pattern, source, len, error))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
				 errmsg("invalid pattern of a site rule: \"%s\"", clipped(source)),
				 errdetail("The regular expression does not compile: %s.", error)));
	/* Before 16 the regular expression is not in our memory. */
	PG_TRY();
	{
		check_meaning(pattern, source);
		check_cost(pattern, source);
	}
	PG_CATCH();
	{
		site_pattern_free(pattern);
		PG_RE_THROW();
	}
	PG_END_TRY();
}

static void
refuse(const char *source, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid pattern of a site rule: \"%s\"", clipped(source)),
			 errdetail_internal("%s", detail),
			 errhint("%s", hint)));
}

static void
check_meaning(SitePattern *pattern, const char *source)
{
	SiteText	nothing;

	site_text("", 0, &nothing);
	if ((pattern->regex.re_info & REG_UEMPTYMATCH) != 0 || site_pattern_matches(pattern, &nothing))
		refuse(source, "It matches the empty string, and so every answer.",
			   "For every answer with a certain status use the pattern \".\" and a status_pattern.");
	if ((pattern->regex.re_info & REG_UIMPOSSIBLE) != 0)
		refuse(source, "Nothing can match it.", "Where does \"^\" or \"$\" stand in it?");
}

static void
check_cost(SitePattern *pattern, const char *source)
{
	if ((pattern->regex.re_info & REG_UBACKREF) != 0)
		refuse(source, "It has a back-reference, which can take exponential time.",
			   "Write out what may stand there.");
	if ((pattern->regex.re_info & REG_ULOOKAROUND) != 0)
		refuse(source, "It has a lookahead or lookbehind constraint, which can take quadratic time.",
			   "Give the exception a rule of its own with a higher priority.");
	if (pg_reg_getnumstates(&pattern->regex) > STATES_MAX || arc_count(&pattern->regex) > ARCS_MAX)
		refuse(source, "Its automaton is too large, so that a match can take long.",
			   "Use smaller repetition counts, or \"*\", or make several rules of it.");
}

static int
arc_count(const regex_t *regex)
{
	int			arcs = 0;

	for (int state = 0; state < pg_reg_getnumstates(regex); state++)
		arcs += pg_reg_getnumoutarcs(regex, state);
	return arcs;
}
