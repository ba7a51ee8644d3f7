/*
 * site_pattern.h
 *		Patterns of a site's own rules: the server's regular expressions over an answer.
 *
 * What a pattern sees: the answer with every run of white space (blank, tab, line
 * ends, form feed) as one blank and none at its ends, so that folded lines are one
 * line.  Of more than SITE_TEXT_MAX bytes the first 48 and the last 16 kB, with a
 * line feed between them.  Patterns are advanced regular expressions without regard
 * to case; of letters outside ASCII the collation of the database knows the case.
 */
#ifndef BOUNCE_SITE_PATTERN_H
#define BOUNCE_SITE_PATTERN_H

#include "postgres.h"

#include "mb/pg_wchar.h"
#include "regex/regex.h"

#include "regex_literal.h"

#define SITE_TEXT_MAX 65536
#define SITE_PATTERN_MAX 1000	/* bytes */

typedef struct SitePattern
{
	regex_t		regex;
	RegexLiterals literals;		/* one of them is in every text that matches */
} SitePattern;

/* An answer, read as far as the patterns tried so far needed it. */
typedef struct SiteText
{
	char	   *folded;
	char	   *lower;			/* the same, ASCII in lower case */
	int			length;			/* of both, in bytes */
	pg_wchar   *chars;			/* NULL: not needed so far */
	int			char_count;
} SiteText;

/* In the encoding of the database; palloc'd.  Never an error. */
extern void site_text(const char *response, int len, SiteText *text);

/* Quickly: is a literal there that a match must have? */
extern bool site_pattern_may_match(const SitePattern *pattern, const SiteText *text);

/* Does it match?  (Ask the one above before: this costs a hundred times as much.) */
extern bool site_pattern_matches(SitePattern *pattern, SiteText *text);

/*
 * Compiles into the current context; free with site_pattern_free(), the memory
 * may be the C library's.  False: it does not compile, with the reason.
 */
#define SITE_PATTERN_ERROR_MAX 100
extern bool site_pattern_compile(SitePattern *pattern, const char *source, int len,
								 char error[SITE_PATTERN_ERROR_MAX]);
extern void site_pattern_free(SitePattern *pattern);

/*
 * The same for a pattern that a user gives, refused with an error if it cannot be a
 * rule's: 2201B when it does not compile; 22023 when it matches everything or
 * nothing, or could take long.
 */
extern void site_pattern_check(SitePattern *pattern, const char *source, int len);

#endif
