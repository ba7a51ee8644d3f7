/*
 * long_answer_test.c
 *		Answers of more words than are read at a time, cut at every place.
 */
#include <string.h>

#include "classify.h"
#include "tap.h"

/* So many words, an address that may begin in one block and end in the next, and nothing more. */
static bool
is_read_with_words(int words)
{
	char		text[4096] = "550 5.1.1 User unknown: ";
	size_t		length = strlen(text);

	for (int i = 0; i < words; i++)
		length += (size_t) snprintf(text + length, sizeof(text) - length, "x ");
	length += (size_t) snprintf(text + length, sizeof(text) - length, "an.na.s+news@example.com");
	return classify_response(text, length, SMTP_STATUS_NONE) ==
		bounce_class_make(SEVERITY_HARD, REASON_USER_UNKNOWN) &&
		classify_response(text, length - strlen("example.com"), SMTP_STATUS_NONE) ==
		bounce_class_make(SEVERITY_HARD, REASON_USER_UNKNOWN);
}

int
main(void)
{
	bool		right = true;

	for (int words = 0; words < 1200; words++)
		right &= is_read_with_words(words);
	ok(right, "an address across two blocks");
	return tap_end();
}
