/*
 * bounce_class.h
 *		Severity and reason of a delivery event, in 16 bits, and the taxonomy.
 *
 * The numbers are stored on disk: reasons.def is append-only.
 */
#ifndef BOUNCE_BOUNCE_CLASS_H
#define BOUNCE_BOUNCE_CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* severity in the high byte, reason in the low byte; 0 = no class */
typedef uint16_t BounceClass;

#define BOUNCE_CLASS_NONE ((BounceClass) 0)
#define BOUNCE_CLASS_TEXT_MAX 48

typedef enum Severity
{
	SEVERITY_NONE,
	SEVERITY_OK,
	SEVERITY_HARD,
	SEVERITY_SOFT,
	SEVERITY_BLOCK,
	SEVERITY_COMPLAINT,
	SEVERITY_AUTO,
	SEVERITY_ADMIN,
	SEVERITY_UNKNOWN
} Severity;

typedef enum Fault
{
	FAULT_NONE,
	FAULT_RECIPIENT,
	FAULT_DOMAIN,
	FAULT_SENDER,
	FAULT_MESSAGE,
	FAULT_RECEIVER
} Fault;

typedef enum Effect
{
	EFFECT_NONE,
	EFFECT_LEASE,
	EFFECT_COUNT,
	EFFECT_COMPLAINT,
	EFFECT_UNSUBSCRIBE,
	EFFECT_CLEAR
} Effect;

/* REASON_USER_UNKNOWN and so on; REASON_NONE = 0, REASON_COUNT = one past the last. */
typedef enum Reason
{
	REASON_NONE,
#define REASON(ID, name, severity, group, fault, effect, description) REASON_##ID,
#include "reasons.def"
#undef REASON
	REASON_COUNT
} Reason;

typedef struct ReasonFact
{
	const char *name;
	uint8_t		name_length;
	Severity	severity;		/* the default */
	const char *group;
	Fault		fault;
	Effect		effect;
	const char *description;
} ReasonFact;

static inline BounceClass
bounce_class_make(Severity severity, Reason reason)
{
	return (BounceClass) ((severity << 8) | reason);
}

static inline Severity
bounce_class_severity(BounceClass c)
{
	return (Severity) (c >> 8);
}

static inline Reason
bounce_class_reason(BounceClass c)
{
	return (Reason) (c & 0xff);
}

/* The taxonomy's row; reason must be 1 .. REASON_COUNT - 1. */
extern const ReasonFact *reason_fact(Reason reason);
extern const char *severity_name(Severity severity);
extern const char *fault_name(Fault fault);
extern const char *effect_name(Effect effect);

/* By name; the _NONE value (0) when there is no such name.  Exact, lower case. */
extern Severity severity_by_name(const char *name, size_t len);
extern Reason reason_by_name(const char *name, size_t len);

/* Effect by name; false when there is no such name (EFFECT_NONE is a name). */
extern bool effect_by_name(const char *name, size_t len, Effect *effect);

/* Reads "hard:user_unknown" or "user_unknown" (default severity).  On failure says which part is wrong. */
typedef enum BounceClassError
{
	BOUNCE_CLASS_OK = 0,
	BOUNCE_CLASS_SYNTAX,
	BOUNCE_CLASS_SEVERITY,
	BOUNCE_CLASS_REASON
} BounceClassError;

extern BounceClassError bounce_class_parse(const char *text, size_t len, BounceClass *klass);
extern bool bounce_class_valid(BounceClass c);
extern size_t bounce_class_format(BounceClass c, char text[BOUNCE_CLASS_TEXT_MAX]);

/*
 * What such an event does to its address.  The taxonomy's effect, but hard with a
 * fault of the recipient or domain leases, soft never does more than count, and no
 * other severity leases or counts.
 */
extern Effect bounce_class_effect(BounceClass c);

#endif
