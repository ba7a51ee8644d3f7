/*
 * status_test.c
 *		What always holds for statuses, patterns and classes, tried on many of them.
 *
 * cc -Isrc/core -Itest/core test/core/status_test.c src/core/smtp_status.c
 *		src/core/status_pattern.c src/core/bounce_class.c
 */
#include <string.h>

#include "bounce_class.h"
#include "smtp_status.h"
#include "status_pattern.h"
#include "tap.h"

#define ROUNDS 1000000

static int
random_class(void)
{
	static const int classes[] = {2, 4, 5};

	return classes[random_below(3)];
}

/* Half of the parts are small, as in real codes. */
static int
random_part(void)
{
	return (int) random_below(random_below(2) ? 1000 : 8);
}

static SmtpStatus
random_status(void)
{
	int			klass = random_class();
	int			reply = klass * 100 + (int) random_below(100);

	switch (random_below(3))
	{
		case 0:
			return smtp_status_make(reply, klass, -1, 0);
		case 1:
			return smtp_status_make(0, klass, random_part(), random_part());
		default:
			return smtp_status_make(reply, klass, random_part(), random_part());
	}
}

/* A pattern of any kind: x or nothing in place of parts of a status. */
static StatusPattern
random_pattern(void)
{
	SmtpStatus	s = random_status();
	int			klass = smtp_status_class(s);
	int			replies[] = {0, smtp_status_reply(s), 598 + klass, 584 + klass * 10 + (int) random_below(10)};
	int			reply = replies[random_below(4)];

	switch (random_below(4))
	{
		case 0:
			return smtp_status_make(reply, klass, -1, 0);
		case 1:
			return smtp_status_make(reply, klass, 1022, 1023);
		case 2:
			return smtp_status_make(reply, klass, random_part(), 1023);
		default:
			return s;
	}
}

static bool
status_round_trip(SmtpStatus s)
{
	char		text[SMTP_STATUS_TEXT_MAX];
	size_t		len = smtp_status_format(s, text);
	SmtpStatus	again = SMTP_STATUS_NONE;

	return len == strlen(text) && smtp_status_parse(text, len, &again) == SMTP_STATUS_OK && again == s;
}

static bool
pattern_round_trip(StatusPattern p)
{
	char		text[SMTP_STATUS_TEXT_MAX];
	size_t		len = status_pattern_format(p, text);
	StatusPattern again = 0;

	return len == strlen(text) && status_pattern_parse(text, len, &again) == SMTP_STATUS_OK && again == p;
}

/* Every pattern of bits is either no status, or one that is read back from its text. */
static bool
statuses_survive_text(void)
{
	for (int i = 0; i < ROUNDS; i++)
	{
		SmtpStatus	bits = (SmtpStatus) random_number();
		SmtpStatus	s = random_status();

		if (!smtp_status_valid(s) || !status_round_trip(s))
			return false;
		if (smtp_status_valid(bits) && !status_round_trip(bits))
			return false;
	}
	return true;
}

static bool
patterns_survive_text(void)
{
	for (int i = 0; i < ROUNDS; i++)
	{
		StatusPattern bits = (StatusPattern) random_number();
		StatusPattern p = random_pattern();

		if (!status_pattern_valid(p) || !pattern_round_trip(p))
			return false;
		if (status_pattern_valid(bits) && !pattern_round_trip(bits))
			return false;
	}
	return true;
}

static int
compare_parts(SmtpStatus a, SmtpStatus b)
{
	int			difference = smtp_status_class(a) - smtp_status_class(b);

	if (difference == 0)
		difference = smtp_status_subject(a) - smtp_status_subject(b);
	if (difference == 0)
		difference = smtp_status_detail(a) - smtp_status_detail(b);
	if (difference == 0)
		difference = smtp_status_reply(a) - smtp_status_reply(b);
	return (difference > 0) - (difference < 0);
}

static bool
order_is_that_of_the_parts(void)
{
	for (int i = 0; i < ROUNDS; i++)
	{
		SmtpStatus	a = random_status();
		SmtpStatus	b = random_status();

		if (compare_parts(a, b) != (a > b) - (a < b))
			return false;
	}
	return true;
}

/* No match lies outside of the range, and an exact range holds nothing else. */
static bool
ranges_hold_the_matches(void)
{
	for (int i = 0; i < ROUNDS; i++)
	{
		StatusPattern p = random_pattern();
		StatusRange range = status_pattern_range(p);
		SmtpStatus	s = random_status();
		bool		inside;

		if (random_below(2))	/* near the pattern */
			s = smtp_status_make(smtp_status_reply(s), smtp_status_class(s),
								 (int) random_below(9), (int) random_below(3));
		inside = s >= range.low && s <= range.high;
		if (!smtp_status_valid(range.low) || !smtp_status_valid(range.high))
			return false;
		if (status_pattern_matches(p, s) ? !inside : inside && range.exact)
			return false;
	}
	return true;
}

static bool
statuses_are_their_own_patterns(void)
{
	for (int i = 0; i < ROUNDS; i++)
	{
		SmtpStatus	s = random_status();

		if (!status_pattern_valid(s) || !status_pattern_matches(s, s))
			return false;
	}
	return true;
}

/* Bytes that mean something to the readers, in any order. */
static bool
readers_stand_anything(void)
{
	static const char alphabet[] = "5512340.. -xX:\t\0a";
	char		text[24];

	for (int i = 0; i < ROUNDS; i++)
	{
		size_t		len = (size_t) random_below(sizeof(text) + 1);
		SmtpStatus	s = SMTP_STATUS_NONE;
		StatusPattern p = 0;

		for (size_t at = 0; at < len; at++)
			text[at] = alphabet[random_below(sizeof(alphabet) - 1)];
		if ((smtp_status_parse(text, len, &s) == SMTP_STATUS_OK) != smtp_status_valid(s))
			return false;
		if ((status_pattern_parse(text, len, &p) == SMTP_STATUS_OK) != status_pattern_valid(p))
			return false;
	}
	return true;
}

static bool
default_classes_fit_the_codes(void)
{
	for (int i = 0; i < ROUNDS; i++)
	{
		SmtpStatus	s = random_status();
		bool		from_enhanced;
		BounceClass c = smtp_status_default_class(s, &from_enhanced);

		if (!bounce_class_valid(c) || (from_enhanced && !smtp_status_has_enhanced(s)))
			return false;
		if ((bounce_class_severity(c) == SEVERITY_OK) != (smtp_status_class(s) == 2))
			return false;
		if (bounce_class_severity(c) == SEVERITY_HARD && smtp_status_class(s) != 5)
			return false;
	}
	return true;
}

static bool
classes_survive_text(void)
{
	int			valid = 0;

	for (unsigned bits = 0; bits <= UINT16_MAX; bits++)
	{
		char		text[BOUNCE_CLASS_TEXT_MAX];
		BounceClass again = BOUNCE_CLASS_NONE;
		size_t		len;

		if (!bounce_class_valid((BounceClass) bits))
			continue;
		valid++;
		len = bounce_class_format((BounceClass) bits, text);
		if (len != strlen(text) || bounce_class_parse(text, len, &again) != BOUNCE_CLASS_OK || again != bits)
			return false;
	}
	return valid == SEVERITY_UNKNOWN * (REASON_COUNT - 1);
}

/* A fault of the sender, the message or the receiver never leases, whatever the severity. */
static bool
others_faults_never_lease(void)
{
	for (Reason reason = 1; reason < REASON_COUNT; reason++)
		for (Severity severity = SEVERITY_OK; severity <= SEVERITY_UNKNOWN; severity++)
		{
			Effect		effect = bounce_class_effect(bounce_class_make(severity, reason));
			Fault		fault = reason_fact(reason)->fault;

			if (effect == EFFECT_LEASE && (severity != SEVERITY_HARD || (fault != FAULT_RECIPIENT && fault != FAULT_DOMAIN)))
				return false;
			if (effect == EFFECT_COUNT && severity != SEVERITY_HARD && severity != SEVERITY_SOFT)
				return false;
		}
	return true;
}

int
main(void)
{
	ok(statuses_survive_text(), "statuses survive their text form");
	ok(patterns_survive_text(), "patterns survive their text form");
	ok(order_is_that_of_the_parts(), "the order is class, subject, detail, reply code");
	ok(ranges_hold_the_matches(), "the range of a pattern holds its matches");
	ok(statuses_are_their_own_patterns(), "a status is its own pattern");
	ok(readers_stand_anything(), "readers accept what is valid and nothing else");
	ok(default_classes_fit_the_codes(), "the class of a code fits its first digit");
	ok(classes_survive_text(), "classes survive their text form");
	ok(others_faults_never_lease(), "only a hard fault of recipient or domain leases");
	return tap_end();
}
