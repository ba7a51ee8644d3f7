/*
 * policy_row.c
 *		Rows of bounce.policy: how they are read, which one decides, and the trigger
 *		that refuses what cannot be.
 */
#include "postgres.h"

#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "lease.h"
#include "policy_row.h"

PG_FUNCTION_INFO_V1(policy_check_row);

enum policy_column
{
	COLUMN_PROFILE = 1,
	COLUMN_SEVERITY,
	COLUMN_REASON,
	COLUMN_EFFECT,
	COLUMN_LADDER,
	COLUMN_THRESHOLD,
	COLUMN_WITHIN,
	COLUMN_MEMORY,
	COLUMN_MAX_TOTAL,
	COLUMN_TOPIC_KIND
};

static const char *const effect_names[] = {
	"none", "lease", "count", "complaint", "unsubscribe", "acs"
};

/* Shipped with the extension; upgrade scripts may change them, nobody else. */
static const char *const shipped_profiles[] = {
	"default", "acs", "postmastery", "permanent", "cloudflare"
};

static bool effect_by_text(const char *name, PolicyEffect *effect);
static void read_ladder(HeapTuple tuple, TupleDesc desc, PolicyRule *rule);
static int64 policy_duration(HeapTuple tuple, TupleDesc desc, int column);
static int	policy_rank(const PolicyRow *row);
static void check_effect_columns(HeapTuple tuple, TupleDesc desc, const PolicyRow *row);
static void check_not_shipped(HeapTuple tuple, TupleDesc desc);
static char *column_text(HeapTuple tuple, TupleDesc desc, int column);

PolicyRowFault
policy_row_read(HeapTuple tuple, TupleDesc desc, PolicyRow *row)
{
	PolicyRowFault fault = POLICY_ROW_SOUND;
	bool		isnull;
	Datum		threshold;

	memset(row, 0, sizeof(*row));
	row->severity_text = column_text(tuple, desc, COLUMN_SEVERITY);
	row->reason_text = column_text(tuple, desc, COLUMN_REASON);
	row->effect_text = column_text(tuple, desc, COLUMN_EFFECT);
	if (strcmp(row->severity_text, "*") != 0)
		row->severity = severity_by_name(row->severity_text, strlen(row->severity_text));
	if (strcmp(row->reason_text, "*") != 0)
		row->reason = reason_by_name(row->reason_text, strlen(row->reason_text));
	if (row->severity == SEVERITY_NONE && strcmp(row->severity_text, "*") != 0)
		fault = POLICY_ROW_SEVERITY;
	else if (row->reason == REASON_NONE && strcmp(row->reason_text, "*") != 0)
		fault = POLICY_ROW_REASON;
	else if (!effect_by_text(row->effect_text, &row->rule.effect))
		fault = POLICY_ROW_EFFECT;
	read_ladder(tuple, desc, &row->rule);
	threshold = SPI_getbinval(tuple, desc, COLUMN_THRESHOLD, &isnull);
	row->rule.threshold = isnull ? 0 : DatumGetInt32(threshold);
	row->rule.within = policy_duration(tuple, desc, COLUMN_WITHIN);
	row->rule.memory = policy_duration(tuple, desc, COLUMN_MEMORY);
	row->rule.max_total = policy_duration(tuple, desc, COLUMN_MAX_TOTAL);
	return fault;
}

PolicyRow
policy_row(HeapTuple tuple, TupleDesc desc)
{
	PolicyRow	row;

	switch (policy_row_read(tuple, desc, &row))
	{
		case POLICY_ROW_SOUND:
			break;
		case POLICY_ROW_SEVERITY:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown severity \"%s\" in policy", row.severity_text),
					 errhint("Severities are ok, hard, soft, block, complaint, auto, admin, unknown, or * for any.")));
			break;
		case POLICY_ROW_REASON:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown reason \"%s\" in policy", row.reason_text),
					 errhint("SELECT reason FROM bounce.reasons() lists them; * means any.")));
			break;
		case POLICY_ROW_EFFECT:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown effect \"%s\" in policy", row.effect_text ? row.effect_text : "NULL"),
					 errhint("Effects are none, lease, count, complaint, unsubscribe and acs.")));
			break;
	}
	return row;
}

void
policy_spread(Policy *policy, const PolicyRow *rows, uint64 count)
{
	int			best[SEVERITY_COUNT][REASON_COUNT] = {{0}};

	memset(policy, 0, sizeof(*policy));
	for (uint64 i = 0; i < count; i++)
		for (int severity = 1; severity < SEVERITY_COUNT; severity++)
			for (int reason = 1; reason < REASON_COUNT; reason++)
				if ((rows[i].severity == SEVERITY_NONE || (int) rows[i].severity == severity) &&
					(rows[i].reason == REASON_NONE || (int) rows[i].reason == reason) &&
					best[severity][reason] < policy_rank(&rows[i]))
				{
					best[severity][reason] = policy_rank(&rows[i]);
					policy->rule[severity][reason] = &rows[i].rule;
				}
}

/* How specific a row is: (severity, reason), (*, reason), (severity, *), (*, *). */
static int
policy_rank(const PolicyRow *row)
{
	return 1 + (row->severity != SEVERITY_NONE) + 2 * (row->reason != REASON_NONE);
}

static bool
effect_by_text(const char *name, PolicyEffect *effect)
{
	for (size_t i = 0; i < lengthof(effect_names); i++)
		if (name != NULL && strcmp(name, effect_names[i]) == 0)
		{
			*effect = (PolicyEffect) i;
			return true;
		}
	return false;
}

/* NULL is one step without end. */
static void
read_ladder(HeapTuple tuple, TupleDesc desc, PolicyRule *rule)
{
	bool		isnull;
	Datum		value = SPI_getbinval(tuple, desc, COLUMN_LADDER, &isnull);

	if (isnull)
	{
		rule->ladder.length = 1;
		rule->ladder.step[0] = LADDER_FOREVER;
	}
	else
		ladder_from_array(DatumGetArrayTypeP(value), &rule->ladder);
}

/* An interval column in microseconds; 0 when NULL. */
static int64
policy_duration(HeapTuple tuple, TupleDesc desc, int column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(tuple, desc, column, &isnull);

	if (isnull)
		return 0;
	return duration_from_interval(DatumGetIntervalP(value), NameStr(TupleDescAttr(desc, column - 1)->attname));
}

bool
policy_fault_counts(Reason reason)
{
	Fault		fault = reason_fact(reason)->fault;

	return fault == FAULT_NONE || fault == FAULT_RECIPIENT || fault == FAULT_DOMAIN;
}

static char *
column_text(HeapTuple tuple, TupleDesc desc, int column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(tuple, desc, column, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}

/*
 * BEFORE ROW trigger of bounce.policy: refuses what cannot be.
 * NULL for severity or reason is read as any.
 */
Datum
policy_check_row(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	HeapTuple	tuple;
	PolicyRow	row;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("\"%s\" must be called as a BEFORE ROW trigger", "bounce.policy_check_row")));
	desc = RelationGetDescr(trigger->tg_relation);
	check_not_shipped(trigger->tg_trigtuple, desc);
	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		return PointerGetDatum(trigger->tg_trigtuple);
	tuple = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
	check_not_shipped(tuple, desc);
	for (int column = COLUMN_SEVERITY; column <= COLUMN_REASON; column++)
		if (column_text(tuple, desc, column) == NULL)
		{
			Datum		any = CStringGetTextDatum("*");
			bool		isnull = false;

			tuple = heap_modify_tuple_by_cols(tuple, desc, 1, &column, &any, &isnull);
		}
	row = policy_row(tuple, desc);
	check_effect_columns(tuple, desc, &row);
	return PointerGetDatum(tuple);
}

static void
check_not_shipped(HeapTuple tuple, TupleDesc desc)
{
	char	   *profile = column_text(tuple, desc, COLUMN_PROFILE);

	if (creating_extension || profile == NULL)
		return;
	for (size_t i = 0; i < lengthof(shipped_profiles); i++)
		if (strcmp(profile, shipped_profiles[i]) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("policy profile \"%s\" is shipped with the extension and cannot be changed", profile),
					 errhint("Copy its rows under a name of your own, change those, and call bounce.use_profile(name).")));
}

static void
policy_row_error(const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("this policy cannot be"),
			 errdetail("%s", detail),
			 errhint("%s", hint)));
}

static void
check_effect_columns(HeapTuple tuple, TupleDesc desc, const PolicyRow *row)
{
	const PolicyRule *rule = &row->rule;
	bool		counts = rule->effect == POLICY_COUNT;
	bool		leases = counts || rule->effect == POLICY_LEASE || rule->effect == POLICY_ACS;
	bool		has_ladder = !heap_attisnull(tuple, COLUMN_LADDER, desc);
	char	   *topic_kind = column_text(tuple, desc, COLUMN_TOPIC_KIND);

	if (counts && (rule->threshold < 1 || rule->threshold > FOLD_MAX_THRESHOLD || rule->within <= 0))
		policy_row_error("Effect count needs a threshold from 1 to 64 and a positive time \"within\".",
						 "For example threshold 3 within '14 days'.");
	if (!counts && (rule->threshold != 0 || rule->within != 0))
		policy_row_error("\"threshold\" and \"within\" go with effect count only.",
						 "Leave them NULL.");
	if (!leases && (has_ladder || rule->memory != 0 || rule->max_total != 0))
		policy_row_error("\"ladder\", \"memory\" and \"max_total\" go with the effects lease, count and acs only.",
						 "Leave them NULL.");
	if (rule->memory < 0 || rule->max_total < 0)
		policy_row_error("\"memory\" and \"max_total\" cannot be negative.",
						 "Leave them NULL for none.");
	if (leases && rule->effect != POLICY_ACS && row->reason != REASON_NONE &&
		!policy_fault_counts(row->reason))
		policy_row_error("A fault of the sender, the message or the receiving system never suppresses an address.",
						 "SELECT reason, fault FROM bounce.reasons() tells whose fault a reason is.");
	if (topic_kind != NULL && (rule->effect != POLICY_COMPLAINT || strcmp(topic_kind, "marketing") != 0))
		policy_row_error("\"topic_kind\" goes with effect complaint, and a complaint stops marketing topics only.",
						 "Use 'marketing', or leave it NULL.");
}
