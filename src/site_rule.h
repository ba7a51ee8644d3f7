/*
 * site_rule.h
 *		The site's own rules, cached by session.
 */
#ifndef BOUNCE_SITE_RULE_H
#define BOUNCE_SITE_RULE_H

#include "postgres.h"

#include "fmgr.h"

#include "site_pattern.h"
#include "types.h"

typedef struct SiteRule
{
	SitePattern pattern;
	char	   *source;			/* the pattern as it was written */
	bool		any_status;
	StatusPattern status;		/* else the answer's status is in this set */
	BounceClass klass;
	int32		priority;
} SiteRule;

/* Columns of bounce.site_rule, by number. */
enum site_rule_column
{
	SITE_RULE_PATTERN = 1,
	SITE_RULE_STATUS_PATTERN,
	SITE_RULE_CLASS,
	SITE_RULE_PRIORITY,
	SITE_RULE_NOTE
};

/*
 * The rule that decides about an answer (in the encoding of the database), or NULL;
 * valid until the next call.  given: a status known beside the text; a rule with a
 * status_pattern is about what text and given status say together.
 */
extern const SiteRule *site_rule_for(const char *response, int len, SmtpStatus given);

/* A number that another set of rules, the compiled ones included, would not have. */
extern uint64 site_rules_fingerprint(void);

#endif
