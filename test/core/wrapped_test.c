/*
 * wrapped_test.c
 *		What a relay writes around an answer says nothing of the mail: every answer of
 *		test/data/responses.tsv means the same within each of these.
 */
#include <string.h>

#include "classify.h"
#include "tap.h"

#define LINE_MAX_BYTES 4096
#define PER_WRONG 400			/* so many answers a wrong one: a few patterns ask for a word, and find it before the answer */

typedef struct Wrapper
{
	const char *name;
	const char *before;
	const char *after;
	unsigned	answers;
	unsigned	wrong;
} Wrapper;

static Wrapper wrappers[] = {
	{.name = "Postfix", .before = "host mx.example.net[192.0.2.9] said: ", .after = " (in reply to RCPT TO command)"},
	{.name = "Postfix, connecting", .before = "host mx-1.example.net[2001:db8::550] refused to talk to me: ", .after = ""},
	{.name = "the log of Postfix", .before = "Mar  2 10:00:00 mx1 postfix/smtp[2550]: 4F1C22A09B: to=<a@example.net>, relay=mx.example.net[192.0.2.9]:25, "
		"delay=5.1, delays=0.1/0/5/0, dsn=5.0.0, status=bounced (host mx.example.net[192.0.2.9] said: ", .after = " (in reply to RCPT TO command))"},
	{.name = "Exim", .before = "SMTP error from remote mail server after RCPT TO:<a@example.net>: host mx.example.net [192.0.2.9]: ", .after = ""},
	{.name = "Sendmail", .before = "... while talking to mx.example.net.:\n>>> RCPT To:<a@example.net>\n<<< ", .after = ""},
	{.name = "qmail", .before = "192.0.2.9 does not like recipient.\nRemote host said: ", .after = "\nGiving up on 192.0.2.9."},
	{.name = "Google", .before = "The response from the remote server was:\n", .after = ""},
	{.name = "Microsoft", .before = "Remote Server returned '", .after = "'"},
	{.name = "a delivery report", .before = "Diagnostic-Code: smtp; ", .after = ""},
};

static BounceClass
class_of(const char *text)
{
	return classify_response(text, strlen(text), SMTP_STATUS_NONE);
}

/* check - one answer; what is wrong is said in a comment */
static void
check(Wrapper *w, const char *response)
{
	char		text[2 * LINE_MAX_BYTES];

	snprintf(text, sizeof(text), "%s%s%s", w->before, response, w->after);
	w->answers++;
	if (class_of(text) == class_of(response))
		return;
	w->wrong++;
	printf("# %s: %s\n", w->name, response);
}

/* check_file - its answers that begin with a reply code of a failure; false if it cannot be read */
static bool
check_file(const char *path)
{
	char		line[LINE_MAX_BYTES];
	FILE	   *stream = fopen(path, "r");

	if (stream == NULL)
		return false;
	while (fgets(line, sizeof(line), stream) != NULL)
	{
		line[strcspn(line, "\t\n")] = '\0';
		if ((*line != '4' && *line != '5') || strspn(line, "0123456789") != 3 || line[3] != ' ')
			continue;
		for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++)
			check(&wrappers[i], line);
	}
	fclose(stream);
	return true;
}

int
main(void)
{
	ok(check_file("test/data/responses.tsv"), "the file can be read");
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++)
	{
		const Wrapper *w = &wrappers[i];
		char		what[80];

		snprintf(what, sizeof(what), "%s: %u answers", w->name, w->answers);
		ok(w->answers > 1000 && w->wrong <= w->answers / PER_WRONG, what);
	}
	return tap_end();
}
