/*
 * classify_fuzz.c
 *		Any bytes are safe to read, and what is read does not depend on how it is fed.
 *
 * clang -fsanitize=fuzzer,address,undefined -Isrc/core test/fuzz/classify_fuzz.c src/core/[a-z]*.c
 * or, without libFuzzer, with test/fuzz/mutate.c: make fuzz
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "classify.h"
#include "matcher.h"
#include "provider.h"

int			LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
need(bool holds)
{
	if (!holds)
		abort();
}

/* inside - is the span absent, or in the text, or (a blocklist's name) a constant? */
static bool
inside(TextSpan span, const char *text, size_t size)
{
	return span.start == NULL || (span.start >= text && span.start + span.length <= text + size);
}

/* one_by_one - the winner when the matcher is fed symbol by symbol, without lanes */
static const Rule *
one_by_one(const Response *r)
{
	Match		m;

	match_begin(&m, &r->code, r->answer);
	for (size_t i = 1; i < r->length; i++)
		match_text(&m, r->text, i, i + 1, r->offset);
	return match_result(&m);
}

/* check_matcher - a text of one block matches the same in lanes and symbol by symbol */
static void
check_matcher(const char *text, size_t size)
{
	Response	r;
	Match		m;
	size_t		carried;

	response_open(&r, text, size);
	if (!response_read(&r, &carried) || !response_at_end(&r))
		return;
	need(r.length <= sizeof(r.text) - 1 && r.text[r.length] == '\0');
	match_begin(&m, &r.code, r.answer);
	match_text(&m, r.text, 1, r.length, 0);
	need(match_result(&m) == one_by_one(&r));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	/* a copy of its own size, so that reading beyond it is seen */
	char	   *text = malloc(size > 0 ? size : 1);
	SmtpStatus	status;
	Diagnosis	d;

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, bytes, size);
	status = extract_status(text, size);
	need(status == SMTP_STATUS_NONE || smtp_status_valid(status));
	diagnose_response(text, size, SMTP_STATUS_NONE, &d);
	need(d.klass == classify_response(text, size, SMTP_STATUS_NONE));
	need(bounce_class_valid(d.klass) && d.status == status);
	need(inside(d.url, text, size) && (d.blocklist.start == NULL || d.blocklist.length > 0));
	need(d.retry_after >= -1);
	(void) provider_of(text, size);
	check_matcher(text, size);
	free(text);
	return 0;
}
