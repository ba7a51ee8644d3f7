/*
 * policy_row.h
 *		Rows of bounce.policy: how they are read, and which one decides.
 */
#ifndef BOUNCE_POLICY_ROW_H
#define BOUNCE_POLICY_ROW_H

#include "postgres.h"

#include "access/htup.h"
#include "access/tupdesc.h"

#include "policy.h"

#define SEVERITY_COUNT (SEVERITY_UNKNOWN + 1)

/* What a profile's rows decide about each class; NULL: nothing. */
struct Policy
{
	const PolicyRule *rule[SEVERITY_COUNT][REASON_COUNT];
};

typedef struct PolicyRow
{
	const char *severity_text;
	const char *reason_text;
	const char *effect_text;	/* NULL when the row has none */
	Severity	severity;		/* SEVERITY_NONE: any */
	Reason		reason;			/* REASON_NONE: any */
	PolicyRule	rule;
} PolicyRow;

/* A word in the row that this version does not know. */
typedef enum PolicyRowFault
{
	POLICY_ROW_SOUND,
	POLICY_ROW_SEVERITY,
	POLICY_ROW_REASON,
	POLICY_ROW_EFFECT
} PolicyRowFault;

/* The columns that they read, in that order: those of bounce.policy. */
#define POLICY_COLUMNS \
	"p.profile, p.severity, p.reason, p.effect, p.ladder, p.threshold, p.within, p.memory, p.max_total, p.topic_kind"

/* Reads a row; severity and reason are not NULL. */
extern PolicyRowFault policy_row_read(HeapTuple tuple, TupleDesc desc, PolicyRow *row);

/* The same, and 22023 for a word that is not known. */
extern PolicyRow policy_row(HeapTuple tuple, TupleDesc desc);

/* Gives each class the rule of the most specific row; the rows must stay where they are. */
extern void policy_spread(Policy *policy, const PolicyRow *rows, uint64 count);

/* Is it a fault of the recipient, the domain or nobody: may a lease come of it? */
extern bool policy_fault_counts(Reason reason);

#endif
