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

/* one_by_one - the winner when the matcher is fed token by token */
static const Rule *
one_by_one(const Response *r)
{
	Match		m;

	match_begin(&m, &r->code, r->answer, true);
	for (size_t i = 0; i < r->length; i++)
		match_tokens(&m, r->token + i, 1, i);
	return match_result(&m);
}

/* check_matcher - a text of one block matches the same at once and token by token */
static void
check_matcher(const char *text, size_t size)
{
	Response	r;
	Match		m;
	size_t		carried;

	response_open(&r, text, size);
	if (!response_read(&r, &carried) || !response_at_end(&r))
		return;
	need(r.length <= sizeof(r.token) / sizeof(r.token[0]) && r.run <= r.length);
	match_begin(&m, &r.code, r.answer, true);
	match_tokens(&m, r.token, r.length, 0);
	need(match_result(&m) == one_by_one(&r));
}

/* check_place - blanks before a text change nothing, though its words then lie elsewhere in memory */
static void
check_place(const char *text, size_t size, BounceClass klass, SmtpStatus status)
{
	size_t		blanks = 1 + size % 15;
	char	   *moved;

	if (size + blanks > RESPONSE_HEAD_MAX)
		return;
	moved = malloc(size + blanks);
	if (moved == NULL)
		return;
	memset(moved, ' ', blanks);
	memcpy(moved + blanks, text, size);
	need(extract_status(moved, size + blanks) == status);
	need(classify_response(moved, size + blanks, SMTP_STATUS_NONE) == klass);
	free(moved);
}

/* check_others - what costs as much again, on some inputs each */
static void
check_others(const char *text, size_t size, const Diagnosis *d)
{
	switch (size % 8)
	{
		case 0:
			check_matcher(text, size);
			break;
		case 1:
			check_place(text, size, d->klass, d->status);
			break;
		case 2:
			need(d->klass == classify_response(text, size, SMTP_STATUS_NONE));
			break;
		case 3:
			need(d->status == extract_status(text, size));
			break;
		case 4:
			(void) provider_of(text, size);
			break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	/* a copy of its own size, so that reading beyond it is seen */
	char	   *text = malloc(size > 0 ? size : 1);
	Diagnosis	d;

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, bytes, size);
	diagnose_response(text, size, SMTP_STATUS_NONE, &d);
	need(d.status == SMTP_STATUS_NONE || smtp_status_valid(d.status));
	need(bounce_class_valid(d.klass) && d.retry_after >= -1);
	need(inside(d.url, text, size) && (d.blocklist.start == NULL || d.blocklist.length > 0));
	check_others(text, size, &d);
	free(text);
	return 0;
}
