/*
 * policy_check.c
 *		bounce.policy_check(): what in a profile contradicts itself.
 *
 * The trigger of bounce.policy refuses rows that cannot be; here is what can be, and
 * hardly is what somebody meant.  Rows are read as they are, also those with words
 * of a later version, which stop ingestion.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "owner.h"
#include "policy_row.h"

PG_FUNCTION_INFO_V1(policy_check);

enum check_column
{
	CHECK_PROFILE,
	CHECK_SEVERITY,
	CHECK_REASON,
	CHECK_FINDING,
	CHECK_HINT,
	CHECK_COLUMNS
};

/* A profile, and where its findings go. */
typedef struct Checked
{
	ReturnSetInfo *result;
	const char *profile;
	PolicyRow  *rows;			/* sound ones */
	uint64		count;
	Policy		policy;			/* what they decide */
} Checked;

typedef bool (*RowFinder) (const Checked *checked, const PolicyRow *row);

/* What can be wrong with one row. */
typedef struct RowCheck
{
	RowFinder	found;
	const char *finding;
	const char *hint;
} RowCheck;

static char **profile_names(Datum profile, bool isnull, uint64 *count);
static void check_profile(ReturnSetInfo *result, const char *profile);
static void read_rows(Checked *checked);
static void check_row(const Checked *checked, const PolicyRow *row);
static void check_hard(const Checked *checked);
static void check_soft(const Checked *checked);
static void check_complaints(const Checked *checked);
static void report(const Checked *checked, const char *severity, const char *reason,
				   const char *finding, const char *hint);

/* policy_check(profile text) */
Datum
policy_check(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char	  **profiles;
	uint64		count;

	InitMaterializedSRF(fcinfo, 0);
	profiles = profile_names(PG_GETARG_DATUM(0), PG_ARGISNULL(0), &count);
	for (uint64 i = 0; i < count; i++)
		check_profile(result, profiles[i]);
	return (Datum) 0;
}

/* The one that is asked for, or all that there are and the one in force. */
static char **
profile_names(Datum profile, bool isnull, uint64 *count)
{
	static KeptStatement statement = {
		"SELECT $1 COLLATE pg_catalog.\"C\" WHERE $1 IS NOT NULL"
		" UNION SELECT p.profile FROM bounce.policy p WHERE $1 IS NULL"
		" UNION SELECT coalesce((SELECT s.value COLLATE pg_catalog.\"C\" FROM bounce.setting s WHERE s.name OPERATOR(pg_catalog.=) 'profile'), 'default')"
		" WHERE $1 IS NULL ORDER BY 1",
		1, {TEXTOID}, NULL
	};
	MemoryContext caller = CurrentMemoryContext;
	char	  **names;
	OwnerScope	scope;

	owner_spi_begin(&scope);
	kept_execute(&statement, &profile, isnull ? "n" : NULL, true);
	*count = SPI_processed;
	names = MemoryContextAlloc(caller, sizeof(char *) * (SPI_processed + 1));
	for (uint64 i = 0; i < SPI_processed; i++)
		names[i] = MemoryContextStrdup(caller, SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1));
	owner_spi_end(&scope);
	return names;
}

static void
check_profile(ReturnSetInfo *result, const char *profile)
{
	Checked		checked = {.result = result, .profile = profile};
	OwnerScope	scope;

	/* Within the scope, so that what the rows hold goes with it. */
	owner_spi_begin(&scope);
	read_rows(&checked);
	if (SPI_processed == 0)
		report(&checked, NULL, NULL, "the profile has no rows",
			   "If it is the one in force, events cannot be logged: choose another with bounce.use_profile(name).");
	else
	{
		policy_spread(&checked.policy, checked.rows, checked.count);
		check_hard(&checked);
		for (uint64 i = 0; i < checked.count; i++)
			check_row(&checked, &checked.rows[i]);
		check_soft(&checked);
		check_complaints(&checked);
	}
	owner_spi_end(&scope);
}

/* Reads the rows; reports those that this version does not understand. */
static void
read_rows(Checked *checked)
{
	static KeptStatement statement = {
		"SELECT " POLICY_COLUMNS " FROM bounce.policy p WHERE p.profile OPERATOR(pg_catalog.=) $1"
		" ORDER BY p.severity, p.reason",
		1, {TEXTOID}, NULL
	};
	static const char *const findings[] = {
		[POLICY_ROW_SEVERITY] = "this version knows no such severity, so events cannot be logged",
		[POLICY_ROW_REASON] = "this version knows no such reason, so events cannot be logged",
		[POLICY_ROW_EFFECT] = "this version knows no such effect, so events cannot be logged"
	};
	Datum		profile = CStringGetTextDatum(checked->profile);

	kept_execute(&statement, &profile, NULL, true);
	checked->rows = palloc(sizeof(PolicyRow) * (SPI_processed + 1));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		PolicyRow  *row = &checked->rows[checked->count];
		PolicyRowFault fault = policy_row_read(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, row);

		if (fault == POLICY_ROW_SOUND)
			checked->count++;
		else
			report(checked, row->severity_text, row->reason_text, findings[fault],
				   "It may come from a later version of the extension: update the extension, or delete the row.");
	}
}

static bool
takes_lease(const PolicyRule *rule)
{
	return rule->effect == POLICY_LEASE || rule->effect == POLICY_COUNT || rule->effect == POLICY_ACS;
}

static bool
never_decides(const Checked *checked, const PolicyRow *row)
{
	for (int severity = 1; severity < SEVERITY_COUNT; severity++)
		for (int reason = 1; reason < REASON_COUNT; reason++)
			if (checked->policy.rule[severity][reason] == &row->rule)
				return false;
	return true;
}

static bool
about_accepted_mail(const Checked *checked, const PolicyRow *row)
{
	return row->severity == SEVERITY_OK && row->rule.effect != POLICY_NONE;
}

static bool
against_fault(const Checked *checked, const PolicyRow *row)
{
	return (row->rule.effect == POLICY_LEASE || row->rule.effect == POLICY_COUNT) &&
		row->reason != REASON_NONE && !policy_fault_counts(row->reason);
}

static bool
is_told_by_person(Reason reason)
{
	Effect		effect = reason_fact(reason)->effect;

	return effect == EFFECT_COMPLAINT || effect == EFFECT_UNSUBSCRIBE;
}

static bool
choice_without_person(const Checked *checked, const PolicyRow *row)
{
	return (row->rule.effect == POLICY_COMPLAINT || row->rule.effect == POLICY_UNSUBSCRIBE) &&
		row->reason != REASON_NONE && !is_told_by_person(row->reason);
}

static bool
lease_for_person(const Checked *checked, const PolicyRow *row)
{
	return takes_lease(&row->rule) && row->reason != REASON_NONE && is_told_by_person(row->reason);
}

static bool
ladder_goes_down(const Checked *checked, const PolicyRow *row)
{
	for (int i = 1; i < row->rule.ladder.length; i++)
		if (row->rule.ladder.step[i] < row->rule.ladder.step[i - 1])
			return true;
	return false;
}

static bool
total_under_first_step(const Checked *checked, const PolicyRow *row)
{
	return row->rule.max_total > 0 && row->rule.ladder.step[0] != LADDER_FOREVER &&
		row->rule.max_total < row->rule.ladder.step[0];
}

static bool
memory_without_ladder(const Checked *checked, const PolicyRow *row)
{
	return row->rule.memory > 0 && row->rule.ladder.length == 1;
}

static const RowCheck row_checks[] = {
	{never_decides, "the row never decides: more specific rows cover all that it covers",
	"Delete it, or the rows that stand before it: (severity, reason), (*, reason), (severity, *), (*, *)."},
	{about_accepted_mail, "an accepted mail has no effect on its address, whatever the row says",
	"Delete it."},
	{against_fault, "a fault of the sender, the message or the receiving system never suppresses an address",
	"Delete it. SELECT reason, fault FROM bounce.reasons() tells whose fault a reason is."},
	{choice_without_person, "no person said anything here: what servers answer is no complaint and no unsubscribe",
	"Use effect lease or count, or delete the row."},
	{lease_for_person, "what a person said would stop transactional mail too, and end by itself",
	"Use effect complaint or unsubscribe."},
	{ladder_goes_down, "a step of the ladder is shorter than the one before it",
	"The end of a lease never moves nearer: put the durations in rising order."},
	{total_under_first_step, "max_total ends every lease before its first step does",
	"Make max_total longer, or the first step shorter."},
	{memory_without_ladder, "memory has no effect on a ladder of one step, or without an end",
	"Leave memory NULL, or give the ladder more steps."},
};

static void
check_row(const Checked *checked, const PolicyRow *row)
{
	for (size_t i = 0; i < lengthof(row_checks); i++)
		if (row_checks[i].found(checked, row))
			report(checked, row->severity_text, row->reason_text, row_checks[i].finding, row_checks[i].hint);
}

/* The plainest bounce of all. */
static void
check_hard(const Checked *checked)
{
	const PolicyRule *rule = checked->policy.rule[SEVERITY_HARD][REASON_USER_UNKNOWN];

	if (rule == NULL || !takes_lease(rule))
		report(checked, "hard", "user_unknown", "an address that does not exist is mailed for ever",
			   "Add a row for it, or for hard and any reason, with effect lease.");
}

/* How much a rule holds against an address at once. */
static int
harshness(const PolicyRule *rule)
{
	if (rule == NULL)
		return 0;
	return rule->effect == POLICY_LEASE ? 2 : rule->effect == POLICY_COUNT ? 1 : 0;
}

static bool
harsher(const PolicyRule *soft, const PolicyRule *hard)
{
	if (harshness(soft) != harshness(hard))
		return harshness(soft) > harshness(hard);
	if (harshness(soft) == 0)
		return false;
	if (soft->effect == POLICY_COUNT && soft->threshold != hard->threshold)
		return soft->threshold < hard->threshold;
	return soft->ladder.step[0] > hard->ladder.step[0];
}

static void
check_soft(const Checked *checked)
{
	for (int reason = 1; reason < REASON_COUNT; reason++)
	{
		const PolicyRule *soft = checked->policy.rule[SEVERITY_SOFT][reason];
		const PolicyRule *hard = checked->policy.rule[SEVERITY_HARD][reason];

		/* acs looks at the code, not at the class */
		if (soft == NULL || !policy_fault_counts(reason) || (hard != NULL && hard->effect == POLICY_ACS))
			continue;
		if (harsher(soft, hard))
			report(checked, "soft", reason_fact(reason)->name, "soft is harsher than hard for the same reason",
				   "Give hard at least as much: an effect as strong, a threshold as low, a first step as long.");
	}
}

static void
check_complaints(const Checked *checked)
{
	for (int reason = 1; reason < REASON_COUNT; reason++)
	{
		const ReasonFact *fact = reason_fact(reason);
		const PolicyRule *rule = checked->policy.rule[fact->severity][reason];

		if (is_told_by_person(reason) && (rule == NULL || rule->effect == POLICY_NONE))
			report(checked, severity_name(fact->severity), fact->name, "what a person said has no effect",
				   "Add a row for it with effect complaint or unsubscribe: profile default has them.");
	}
}

/* severity and reason NULL: the whole profile */
static void
report(const Checked *checked, const char *severity, const char *reason,
	   const char *finding, const char *hint)
{
	const char *texts[CHECK_COLUMNS] = {
		[CHECK_PROFILE] = checked->profile,
		[CHECK_SEVERITY] = severity,
		[CHECK_REASON] = reason,
		[CHECK_FINDING] = finding,
		[CHECK_HINT] = hint
	};
	Datum		values[CHECK_COLUMNS];
	bool		nulls[CHECK_COLUMNS];

	for (int i = 0; i < CHECK_COLUMNS; i++)
	{
		nulls[i] = texts[i] == NULL;
		values[i] = nulls[i] ? (Datum) 0 : CStringGetTextDatum(texts[i]);
	}
	tuplestore_putvalues(checked->result->setResult, checked->result->setDesc, values, nulls);
}
