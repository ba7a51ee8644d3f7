/*
 * regex_literal_test.c
 *		What every match of a regular expression contains.
 */
#include "regex_literal.h"
#include "tap.h"

#include <string.h>

typedef struct Case
{
	const char *pattern;
	const char *literals;		/* with | between them */
} Case;

static const Case cases[] = {
	/* the longest run; case does not matter */
	{"mailbox", "mailbox"},
	{"Mailbox .* over QUOTA", " over quota"},
	{"^550 5\\.1\\.1", "550 5.1.1"},
	{"full$", "full"},
	/* what may be missing, or stand there again */
	{"mail?box", "mai"},
	{"mailb*ox", "mail"},
	{"mailb+ox", "mailb"},
	{"mailb{2}ox", "mail"},
	{"mailb{0,3}ox", "mail"},
	{"ab*?cde", "cde"},
	/* groups, brackets, classes, constraints */
	{"(mail|post)box", "box"},
	{"mail(box)?", "mail"},
	{"mail[ -]box", "mail"},
	{"a[]bcdef]gh", "gh"},
	{"a[^]bcdef]gh", "gh"},
	{"a[[:alpha:]bcdef]gh", "gh"},
	{"a[\\]bcdef]gh", "gh"},
	{"a(b\\)cdef)gh", "gh"},
	{"a(b[)]cdef)gh", "gh"},
	{"a((b)(cdef))gh", "gh"},
	{"a\\dbc\\mdef\\M", "def"},
	{"caf\xc3\xa9 is closed", " is closed"},
	/* alternatives: one of each */
	{"mailbox .* is unknown|no such user", " is unknown|no such user"},
	{"a|b|c|d|e|f|g|h", "a|b|c|d|e|f|g|h"},
	{"a|b|c|d|e|f|g|h|i", ""},
	{"mail|(post)", ""},
	{"mailbox|", ""},
	{"|mailbox", ""},
	{"mail||post", ""},
	/* another syntax, or nothing that is certain */
	{"***=mail.box", ""},
	{"(?x) m a i l", ""},
	{"(?c)FULL", ""},
	{"mail(?# not ( this)box", ""},
	{"\\x6dail", ""},
	{"mail{", ""},
	{"", ""},
	{"\\", ""},
	{"(mail", ""},
	{"[mail", ""},
	{"[[:alpha", ""},
	{"mail{2", ""},
	/* no longer than there is room for */
	{"0123456789012345678901234567890123456789", "0123456789012345678901234567890"},
	{"0123456789012345678901234567890?", "012345678901234567890123456789"},
	{"0123456789012345678901234567890x?", "0123456789012345678901234567890"},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		RegexLiterals literals;
		char		joined[REGEX_ALTERNATIVES_MAX * REGEX_LITERAL_MAX] = "";

		regex_literals(cases[i].pattern, strlen(cases[i].pattern), &literals);
		for (int n = 0; n < literals.count; n++)
		{
			strcat(joined, n == 0 ? "" : "|");
			strcat(joined, literals.text[n]);
		}
		ok(strcmp(joined, cases[i].literals) == 0, cases[i].pattern);
	}
	return tap_end();
}
