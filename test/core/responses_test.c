/*
 * responses_test.c
 *		What mail servers say, and what it means: test/data/responses.tsv, every reason of
 *		the taxonomy, in many languages.  Classes there were given by the meaning of the
 *		words; every line has to hold.
 */
#include <string.h>

#include "classify.h"
#include "tap.h"

#define LINE_MAX_BYTES 4096

typedef struct Tally
{
	unsigned	answers;
	unsigned	wrong;
} Tally;

static Tally tallies[REASON_COUNT];

/* read_class - the second field of a line, which ends the first */
static bool
read_class(char *line, BounceClass *klass)
{
	char	   *tab = strchr(line, '\t');

	line[strcspn(line, "\n")] = '\0';
	if (tab == NULL)
		return false;
	*tab = '\0';
	return bounce_class_parse(tab + 1, strlen(tab + 1), klass) == BOUNCE_CLASS_OK;
}

/* check - one answer; what is wrong is said in a comment */
static void
check(const char *response, BounceClass is)
{
	BounceClass taken = classify_response(response, strlen(response), SMTP_STATUS_NONE);
	Tally	   *tally = &tallies[bounce_class_reason(is)];
	char		text[BOUNCE_CLASS_TEXT_MAX];

	tally->answers++;
	if (taken == is)
		return;
	tally->wrong++;
	bounce_class_format(taken, text);
	printf("# %s: %s\n", text, response);
}

/* check_file - false if it cannot be read, or a line of it */
static bool
check_file(const char *path)
{
	char		line[LINE_MAX_BYTES];
	FILE	   *stream = fopen(path, "r");
	bool		readable = stream != NULL && fgets(line, sizeof(line), stream) != NULL;

	while (readable && fgets(line, sizeof(line), stream) != NULL)
	{
		BounceClass klass = BOUNCE_CLASS_NONE;

		readable = read_class(line, &klass);
		if (readable)
			check(line, klass);
	}
	if (stream != NULL)
		fclose(stream);
	return readable;
}

int
main(void)
{
	ok(check_file("test/data/responses.tsv"), "the file can be read");
	for (Reason reason = 1; reason < REASON_COUNT; reason++)
	{
		char		what[80];

		snprintf(what, sizeof(what), "%s: %u answers", reason_fact(reason)->name, tallies[reason].answers);
		ok(tallies[reason].answers > 0 && tallies[reason].wrong == 0, what);
	}
	return tap_end();
}
