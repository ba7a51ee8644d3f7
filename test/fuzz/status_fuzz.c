/*
 * status_fuzz.c
 *		Any bytes are safe to read as a status, a status pattern or a class; what is
 *		read prints as something that reads as the same again.
 *
 * clang -fsanitize=fuzzer,address,undefined -Isrc/core test/fuzz/status_fuzz.c src/core/[a-z]*.c
 * or, without libFuzzer, with test/fuzz/mutate.c: make fuzz
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bounce_class.h"
#include "smtp_status.h"
#include "status_pattern.h"

int			LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
need(bool holds)
{
	if (!holds)
		abort();
}

static void
check_status(const char *text, size_t size)
{
	char		printed[SMTP_STATUS_TEXT_MAX];
	SmtpStatus	status;
	SmtpStatus	again;

	if (smtp_status_parse(text, size, &status) != SMTP_STATUS_OK)
		return;
	need(smtp_status_valid(status));
	need(smtp_status_parse(printed, smtp_status_format(status, printed), &again) == SMTP_STATUS_OK);
	need(again == status);
}

static void
check_class(const char *text, size_t size)
{
	char		printed[BOUNCE_CLASS_TEXT_MAX];
	BounceClass klass;
	BounceClass again;

	if (bounce_class_parse(text, size, &klass) != BOUNCE_CLASS_OK)
		return;
	need(bounce_class_valid(klass));
	need(bounce_class_parse(printed, bounce_class_format(klass, printed), &again) == BOUNCE_CLASS_OK);
	need(again == klass);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	/* a copy of its own size, so that reading beyond it is seen; and its short beginnings */
	size_t		length = size < 24 ? size : 24;
	char	   *text = malloc(length > 0 ? length : 1);

	if (text == NULL)
		return 0;
	if (length > 0)
		memcpy(text, bytes, length);
	for (size_t end = 0; end <= length; end++)
	{
		StatusPattern pattern;

		check_status(text + length - end, end);
		check_class(text + length - end, end);
		(void) status_pattern_parse(text + length - end, end, &pattern);
	}
	free(text);
	return 0;
}
