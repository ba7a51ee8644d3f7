/*
 * NAME
 *		examples - what answers have often
 *
 * SUMMARY
 *		The examples of the rules, by turns as servers give them and as relays quote and log
 *		them.
 */
#include <stdio.h>
#include <string.h>

#include "rule_model.h"

/* What stands around an answer. */
typedef struct Wrapper
{
	const char *before;
	const char *after;
} Wrapper;

static const Wrapper wrappers[] = {
	{"", ""},
	{"<a@example.com>: host mx.example.net[192.0.2.1] said: ", " (in reply to end of DATA command)"},
	{"mx postfix/smtp[1]: to=<a@example.com>, relay=mx.example.net[192.0.2.1]:25, delay=1, dsn=5.0.0, status=bounced (", ")"},
	{"SMTP error from remote mail server after RCPT TO:<a@example.com>: host mx.example.net [192.0.2.1]: ", ""},
	{"Final-Recipient: rfc822; a@example.com; Action: failed; Status: 5.0.0; Remote-MTA: dns; mx.example.net; Diagnostic-Code: smtp; ", ""},
};

/* text_tokens - of an answer, at most max */
static size_t
text_tokens(const char *text, Token *token, size_t max)
{
	Response	r;
	size_t		carried;
	size_t		count = 0;

	response_open(&r, text, strlen(text));
	while (response_read(&r, &carried))
	{
		for (size_t i = carried; i < r.length && count < max; i++)
			token[count++] = r.token[i];
	}
	return count;
}

/* each_example - see rule_model.h */
void
each_example(void (*look)(const Token *token, size_t count))
{
	static Token token[EXAMPLE_WORDS_MAX];
	static char text[RULE_PATTERN_MAX * 2];
	size_t		turn = 0;

	for (size_t i = 0; i < model.file.count; i++)
	{
		for (size_t j = 0; j < model.file.lines[i].example_count; j++)
		{
			const Wrapper *wrapper = &wrappers[turn++ % (sizeof(wrappers) / sizeof(wrappers[0]))];

			snprintf(text, sizeof(text), "%s%s%s", wrapper->before, model.file.lines[i].examples[j], wrapper->after);
			look(token, text_tokens(text, token, EXAMPLE_WORDS_MAX));
		}
	}
}
