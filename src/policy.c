/*
 * policy.c
 *		The policy profile in force, cached by session.
 *
 * bounce.policy and bounce.setting carry statement triggers that invalidate the
 * relcache entry of bounce.policy; the callback only flips a flag, and the next
 * call rebuilds in a fresh context that replaces the old one when complete.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "lease.h"
#include "owner.h"
#include "policy.h"

PG_FUNCTION_INFO_V1(policy_check_row);
PG_FUNCTION_INFO_V1(policy_changed);
PG_FUNCTION_INFO_V1(use_profile);

#define SEVERITY_COUNT (SEVERITY_UNKNOWN + 1)

struct Policy
{
	const PolicyRule *rule[SEVERITY_COUNT][REASON_COUNT];
};

/* One row of bounce.policy, as the reader and the checking trigger see it. */
typedef struct PolicyRow
{
	Severity	severity;		/* SEVERITY_NONE: any */
	Reason		reason;			/* REASON_NONE: any */
	PolicyRule	rule;
} PolicyRow;

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

static Policy *cached_policy = NULL;
static MemoryContext cached_context = NULL;
static bool cache_valid = false;
static bool callback_registered = false;
static Oid	policy_relation = InvalidOid;

static void policy_invalidate(Datum arg, Oid relation);
static Policy *policy_load(void);
static void policy_spread(Policy *policy, const PolicyRow *row, const PolicyRule *rule, int rank,
						  char best[SEVERITY_COUNT][REASON_COUNT]);
static PolicyRow policy_row(HeapTuple tuple, TupleDesc desc);
static PolicyEffect policy_effect(const char *name);
static int64 policy_duration(HeapTuple tuple, TupleDesc desc, int column);
static void check_effect_columns(HeapTuple tuple, TupleDesc desc, const PolicyRow *row);
static void check_not_shipped(HeapTuple tuple, TupleDesc desc);
static bool fault_touches_address(Reason reason);
static char *column_text(HeapTuple tuple, TupleDesc desc, int column);

const Policy *
policy_in_force(void)
{
	if (!callback_registered)
	{
		CacheRegisterRelcacheCallback(policy_invalidate, (Datum) 0);
		callback_registered = true;
	}
	if (!cache_valid)
	{
		MemoryContext context = AllocSetContextCreate(TopMemoryContext, "bounce policy",
													  ALLOCSET_SMALL_SIZES);
		MemoryContext caller = MemoryContextSwitchTo(context);
		Policy	   *policy;

		/* An invalidation that arrives while loading must not be lost. */
		cache_valid = true;
		PG_TRY();
		{
			policy_relation = bounce_relation_oid("policy");
			policy = policy_load();
		}
		PG_CATCH();
		{
			cache_valid = false;
			MemoryContextSwitchTo(caller);
			MemoryContextDelete(context);
			PG_RE_THROW();
		}
		PG_END_TRY();
		MemoryContextSwitchTo(caller);
		if (cached_context != NULL)
			MemoryContextDelete(cached_context);
		cached_context = context;
		cached_policy = policy;
	}
	return cached_policy;
}

const PolicyRule *
policy_rule(const Policy *policy, BounceClass klass, SmtpStatus status)
{
	const PolicyRule *rule = policy->rule[bounce_class_severity(klass)][bounce_class_reason(klass)];

	if (rule == NULL || rule->effect == POLICY_NONE)
		return NULL;
	if (rule->effect == POLICY_ACS)
		return smtp_status_acs_type(status) == ACS_HARD ? rule : NULL;
	if ((rule->effect == POLICY_LEASE || rule->effect == POLICY_COUNT) &&
		!fault_touches_address(bounce_class_reason(klass)))
		return NULL;
	return rule;
}

static void
policy_invalidate(Datum arg, Oid relation)
{
	if (relation == policy_relation || relation == InvalidOid)
		cache_valid = false;
}

/* Reads the rows of the profile in force into the current context. */
static Policy *
policy_load(void)
{
	static KeptStatement statement = {
		"SELECT p.profile, p.severity, p.reason, p.effect, p.ladder, p.threshold, p.within, p.memory, p.max_total, p.topic_kind"
		" FROM bounce.policy p WHERE p.profile OPERATOR(pg_catalog.=)"
		" coalesce((SELECT s.value FROM bounce.setting s WHERE s.name OPERATOR(pg_catalog.=) 'profile'), 'default')",
		0, {0}, NULL
	};
	Policy	   *policy = palloc0(sizeof(Policy));
	MemoryContext context = CurrentMemoryContext;
	char		best[SEVERITY_COUNT][REASON_COUNT];
	OwnerScope	scope;

	memset(best, 0, sizeof(best));
	owner_spi_begin(&scope);
	/* The latest snapshot: what is kept for later transactions must not be what an old one sees. */
	PushActiveSnapshot(GetLatestSnapshot());
	kept_execute(&statement, NULL, NULL, true);
	PopActiveSnapshot();
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the policy profile in force has no rows"),
				 errdetail("bounce.setting names a profile that is not in bounce.policy."),
				 errhint("Choose one with bounce.use_profile(name).")));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		PolicyRow	row = policy_row(SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		PolicyRule *rule = MemoryContextAlloc(context, sizeof(PolicyRule));
		int			rank = 1 + (row.severity != SEVERITY_NONE) + 2 * (row.reason != REASON_NONE);

		*rule = row.rule;
		policy_spread(policy, &row, rule, rank, best);
	}
	owner_spi_end(&scope);
	return policy;
}

/* Puts a row's rule where no more specific row has put one. */
static void
policy_spread(Policy *policy, const PolicyRow *row, const PolicyRule *rule, int rank,
			  char best[SEVERITY_COUNT][REASON_COUNT])
{
	for (int severity = 1; severity < SEVERITY_COUNT; severity++)
	{
		if (row->severity != SEVERITY_NONE && (int) row->severity != severity)
			continue;
		for (int reason = 1; reason < REASON_COUNT; reason++)
		{
			if (row->reason != REASON_NONE && (int) row->reason != reason)
				continue;
			if (best[severity][reason] < rank)
			{
				best[severity][reason] = rank;
				policy->rule[severity][reason] = rule;
			}
		}
	}
}

static PolicyRow
policy_row(HeapTuple tuple, TupleDesc desc)
{
	PolicyRow	row;
	char	   *severity = column_text(tuple, desc, COLUMN_SEVERITY);
	char	   *reason = column_text(tuple, desc, COLUMN_REASON);
	bool		isnull;
	Datum		value;

	memset(&row, 0, sizeof(row));
	if (strcmp(severity, "*") != 0)
	{
		row.severity = severity_by_name(severity, strlen(severity));
		if (row.severity == SEVERITY_NONE)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown severity \"%s\" in policy", severity),
					 errhint("Severities are ok, hard, soft, block, complaint, auto, admin, unknown, or * for any.")));
	}
	if (strcmp(reason, "*") != 0)
	{
		row.reason = reason_by_name(reason, strlen(reason));
		if (row.reason == REASON_NONE)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown reason \"%s\" in policy", reason),
					 errhint("SELECT reason FROM bounce.reasons() lists them; * means any.")));
	}
	row.rule.effect = policy_effect(column_text(tuple, desc, COLUMN_EFFECT));
	value = SPI_getbinval(tuple, desc, COLUMN_LADDER, &isnull);
	if (isnull)
	{
		row.rule.ladder.length = 1;
		row.rule.ladder.step[0] = LADDER_FOREVER;
	}
	else
		ladder_from_array(DatumGetArrayTypeP(value), &row.rule.ladder);
	value = SPI_getbinval(tuple, desc, COLUMN_THRESHOLD, &isnull);
	row.rule.threshold = isnull ? 0 : DatumGetInt32(value);
	row.rule.within = policy_duration(tuple, desc, COLUMN_WITHIN);
	row.rule.memory = policy_duration(tuple, desc, COLUMN_MEMORY);
	row.rule.max_total = policy_duration(tuple, desc, COLUMN_MAX_TOTAL);
	return row;
}

static PolicyEffect
policy_effect(const char *name)
{
	for (size_t i = 0; i < lengthof(effect_names); i++)
		if (name != NULL && strcmp(name, effect_names[i]) == 0)
			return (PolicyEffect) i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown effect \"%s\" in policy", name ? name : "NULL"),
			 errhint("Effects are none, lease, count, complaint, unsubscribe and acs.")));
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

static bool
fault_touches_address(Reason reason)
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
	char	   *topic_kind = column_text(tuple, desc, COLUMN_TOPIC_KIND);

	if (counts && (rule->threshold < 1 || rule->threshold > FOLD_MAX_THRESHOLD || rule->within <= 0))
		policy_row_error("Effect count needs a threshold from 1 to 64 and a positive time \"within\".",
						 "For example threshold 3 within '14 days'.");
	if (!counts && (rule->threshold != 0 || rule->within != 0))
		policy_row_error("\"threshold\" and \"within\" go with effect count only.",
						 "Leave them NULL.");
	if (!leases && (rule->memory != 0 || rule->max_total != 0 ||
					!heap_attisnull(tuple, COLUMN_LADDER, desc)))
		policy_row_error("\"ladder\", \"memory\" and \"max_total\" go with the effects lease, count and acs only.",
						 "Leave them NULL.");
	if (rule->memory < 0 || rule->max_total < 0)
		policy_row_error("\"memory\" and \"max_total\" cannot be negative.",
						 "Leave them NULL for none.");
	if (leases && rule->effect != POLICY_ACS && row->reason != REASON_NONE &&
		!fault_touches_address(row->reason))
		policy_row_error("A fault of the sender, the message or the receiving system never suppresses an address.",
						 "SELECT reason, fault FROM bounce.reasons() tells whose fault a reason is.");
	if (topic_kind != NULL && (rule->effect != POLICY_COMPLAINT || strcmp(topic_kind, "marketing") != 0))
		policy_row_error("\"topic_kind\" goes with effect complaint, and a complaint stops marketing topics only.",
						 "Use 'marketing', or leave it NULL.");
}

/* AFTER STATEMENT trigger of bounce.policy and bounce.setting: every session reads them anew. */
Datum
policy_changed(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("\"%s\" must be called as a trigger", "bounce.policy_changed")));
	CacheInvalidateRelcacheByRelid(bounce_relation_oid("policy"));
	return PointerGetDatum(NULL);
}

/* use_profile(name text) */
Datum
use_profile(PG_FUNCTION_ARGS)
{
	static KeptStatement known = {
		"SELECT 1 FROM bounce.policy p WHERE p.profile OPERATOR(pg_catalog.=) $1 LIMIT 1",
		1, {TEXTOID}, NULL
	};
	static KeptStatement choose = {
		"INSERT INTO bounce.setting AS s (name, value) VALUES ('profile', $1)"
		" ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		1, {TEXTOID}, NULL
	};
	Datum		name = PG_GETARG_DATUM(0);
	OwnerScope	scope;

	PreventCommandIfReadOnly("bounce.use_profile()");
	owner_spi_begin(&scope);
	kept_execute(&known, &name, NULL, false);
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown policy profile \"%s\"", TextDatumGetCString(name)),
				 errhint("SELECT DISTINCT profile FROM bounce.policy lists them.")));
	kept_execute(&choose, &name, NULL, false);
	owner_spi_end(&scope);
	PG_RETURN_VOID();
}
