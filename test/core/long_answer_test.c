/*
 * long_answer_test.c
 *		Answers of more words than are read at a time, cut at every place, and of what takes
 *		a look ahead at each byte.
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

/* Nothing but marks that may stand for lost letters: each of them asks what follows. */
static bool
is_read_with_marks(const char *mark)
{
	static char text[CLASSIFY_TEXT_MAX];
	const char *answer = " 550 5.1.1 User unknown";
	size_t		marks = (sizeof(text) - strlen(answer)) / strlen(mark);

	for (size_t i = 0; i < marks; i++)
		memcpy(text + i * strlen(mark), mark, strlen(mark));
	memcpy(text + marks * strlen(mark), answer, strlen(answer));
	return classify_response(text, marks * strlen(mark) + strlen(answer), SMTP_STATUS_NONE) ==
		bounce_class_make(SEVERITY_HARD, REASON_USER_UNKNOWN);
}

int
main(void)
{
	bool		right = true;

	for (int words = 0; words < 1200; words++)
		right &= is_read_with_words(words);
	ok(right, "an address across two blocks");
	ok(is_read_with_marks("?"), "question marks only, then an answer");
	ok(is_read_with_marks("a?"), "lost letters only, then an answer");
	ok(is_read_with_marks("\xEF\xBF\xBD"), "U+FFFD only, then an answer");
	ok(is_read_with_marks("\\"), "backslashes only, then an answer");
	ok(is_read_with_marks("\xC3\x83"), "wrong conversions only, then an answer");
	return tap_end();
}
