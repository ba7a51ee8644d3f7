/*
 * NAME
 *		bounce_class - severity and reason of a delivery event
 *
 * SUMMARY
 *		The taxonomy by number and by name, the text form of a class, and what a
 *		class does to the address it is about.
 *
 * DESCRIPTION
 *		In: names and text of a given length (no NUL needed), or the packed value.
 *		Out: the packed value, constant strings, or text written to the caller's
 *		buffer.  The taxonomy itself is reasons.def.
 *
 * DIAGNOSTICS
 *		Lookups by name return the 0 of their enumeration for an unknown name.
 *		bounce_class_parse says which part is wrong and leaves *klass alone.
 *		Functions of a BounceClass expect one that bounce_class_valid accepts.
 */
#include "bounce_class.h"

#include <string.h>

#include "scan.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(REASON_COUNT <= 256, "a reason has to fit in one byte");

static const ReasonFact reasons[REASON_COUNT] = {
	{"", 0, SEVERITY_NONE, "", FAULT_NONE, EFFECT_NONE, ""},
#define REASON(ID, name, severity, group, fault, effect, description) \
	{name, sizeof(name) - 1, severity, group, fault, effect, description},
#include "reasons.def"
#undef REASON
};

static const char *const severity_names[] = {
	[SEVERITY_NONE] = "",
	[SEVERITY_OK] = "ok",
	[SEVERITY_HARD] = "hard",
	[SEVERITY_SOFT] = "soft",
	[SEVERITY_BLOCK] = "block",
	[SEVERITY_COMPLAINT] = "complaint",
	[SEVERITY_AUTO] = "auto",
	[SEVERITY_ADMIN] = "admin",
	[SEVERITY_UNKNOWN] = "unknown",
};

static const char *const fault_names[] = {
	[FAULT_NONE] = "none",
	[FAULT_RECIPIENT] = "recipient",
	[FAULT_DOMAIN] = "domain",
	[FAULT_SENDER] = "sender",
	[FAULT_MESSAGE] = "message",
	[FAULT_RECEIVER] = "receiver",
};

static const char *const effect_names[] = {
	[EFFECT_NONE] = "none",
	[EFFECT_LEASE] = "lease",
	[EFFECT_COUNT] = "count",
	[EFFECT_COMPLAINT] = "complaint",
	[EFFECT_UNSUBSCRIBE] = "unsubscribe",
	[EFFECT_CLEAR] = "clear",
};

/* reason_fact - the taxonomy's row */
const ReasonFact *
reason_fact(Reason reason)
{
	return &reasons[reason];
}

/* severity_name - hard, soft, and so on */
const char *
severity_name(Severity severity)
{
	return severity_names[severity];
}

/* fault_name - who has to act */
const char *
fault_name(Fault fault)
{
	return fault_names[fault];
}

/* effect_name - what an event does to its address */
const char *
effect_name(Effect effect)
{
	return effect_names[effect];
}

/* name_index - position of a name in a table of names, or -1 */
static int
name_index(const char *const *names, size_t count, const char *name, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return (int) i;
	return -1;
}

/* severity_by_name - the severity, or SEVERITY_NONE */
Severity
severity_by_name(const char *name, size_t len)
{
	int			i = name_index(severity_names, COUNT_OF(severity_names), name, len);

	return i < 0 ? SEVERITY_NONE : (Severity) i;
}

/* effect_by_name - the effect; false if there is none of that name */
bool
effect_by_name(const char *name, size_t len, Effect *effect)
{
	int			i = name_index(effect_names, COUNT_OF(effect_names), name, len);

	if (i >= 0)
		*effect = (Effect) i;
	return i >= 0;
}

/*
 * reason_by_name - the reason, or REASON_NONE
 *
 * Few reasons share a length, so nearly every one is passed by on one comparison.
 */
Reason
reason_by_name(const char *name, size_t len)
{
	for (int i = 1; i < REASON_COUNT; i++)
		if (reasons[i].name_length == len && memcmp(reasons[i].name, name, len) == 0)
			return (Reason) i;
	return REASON_NONE;
}

/* bounce_class_parse - read the text form; surrounding blanks are allowed */
BounceClassError
bounce_class_parse(const char *text, size_t len, BounceClass *klass)
{
	Severity	severity = SEVERITY_NONE;
	Reason		reason;
	const char *colon;

	for (; len > 0 && is_blank(text[0]); text++, len--)
		;
	for (; len > 0 && is_blank(text[len - 1]); len--)
		;
	if (len == 0)
		return BOUNCE_CLASS_SYNTAX;

	colon = memchr(text, ':', len);
	if (colon != NULL)
	{
		severity = severity_by_name(text, (size_t) (colon - text));
		if (severity == SEVERITY_NONE)
			return BOUNCE_CLASS_SEVERITY;
		len -= (size_t) (colon + 1 - text);
		text = colon + 1;
	}
	reason = reason_by_name(text, len);
	if (reason == REASON_NONE)
		return BOUNCE_CLASS_REASON;
	*klass = bounce_class_make(severity != SEVERITY_NONE ? severity : reasons[reason].severity, reason);
	return BOUNCE_CLASS_OK;
}

/* bounce_class_valid - could the reader have made this value? */
bool
bounce_class_valid(BounceClass c)
{
	Severity	severity = bounce_class_severity(c);
	Reason		reason = bounce_class_reason(c);

	return severity > SEVERITY_NONE && severity <= SEVERITY_UNKNOWN &&
		reason > REASON_NONE && reason < REASON_COUNT;
}

/* bounce_class_format - write the text form and a NUL; returns its length */
size_t
bounce_class_format(BounceClass c, char text[BOUNCE_CLASS_TEXT_MAX])
{
	const char *severity = severity_names[bounce_class_severity(c)];
	const ReasonFact *reason = &reasons[bounce_class_reason(c)];
	size_t		len = strlen(severity);

	memcpy(text, severity, len);
	text[len++] = ':';
	memcpy(text + len, reason->name, reason->name_length + 1U);
	return len + reason->name_length;
}

/*
 * bounce_class_effect - what the event does to its address
 *
 * The severity can move a reason away from its row in the taxonomy.  What is the
 * address's or its domain's own fault leases when it is hard, and is only counted
 * when it is soft; nothing else than hard and soft ever does either.  A complaint,
 * a wish to unsubscribe or a delivery stays what it is.
 */
Effect
bounce_class_effect(BounceClass c)
{
	const ReasonFact *fact = &reasons[bounce_class_reason(c)];
	Severity	severity = bounce_class_severity(c);
	bool		address_fault = fact->fault == FAULT_RECIPIENT || fact->fault == FAULT_DOMAIN;

	if (fact->effect == EFFECT_COMPLAINT || fact->effect == EFFECT_UNSUBSCRIBE || fact->effect == EFFECT_CLEAR)
		return fact->effect;
	if (severity == SEVERITY_HARD && address_fault)
		return EFFECT_LEASE;
	if (severity == SEVERITY_SOFT && fact->effect == EFFECT_LEASE)
		return EFFECT_COUNT;
	if (severity != SEVERITY_HARD && severity != SEVERITY_SOFT)
		return EFFECT_NONE;
	return fact->effect;
}
