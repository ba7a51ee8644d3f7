/*
 * policy.c
 *		Policy profiles; the one in force is cached by session.
 *
 * bounce.policy and bounce.setting carry statement triggers that invalidate the
 * relcache entry of bounce.policy; the callback only flips a flag, and the next
 * call rebuilds in a fresh context that replaces the old one when complete.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "owner.h"
#include "policy_row.h"

PG_FUNCTION_INFO_V1(policy_changed);
PG_FUNCTION_INFO_V1(use_profile);

static Policy *cached_policy = NULL;
static MemoryContext cached_context = NULL;
static bool cache_valid = false;
static bool callback_registered = false;
static Oid	policy_relation = InvalidOid;

static void policy_invalidate(Datum arg, Oid relation);
static Policy *policy_load(const char *profile);
pg_noreturn static void no_such_profile(const char *profile);

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
			policy = policy_load(NULL);
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
		!policy_fault_counts(bounce_class_reason(klass)))
		return NULL;
	return rule;
}

static void
policy_invalidate(Datum arg, Oid relation)
{
	if (relation == policy_relation || relation == InvalidOid)
		cache_valid = false;
}

const Policy *
policy_named(const char *profile)
{
	return policy_load(profile);
}

/* Reads the rows of a profile, or of the one in force, into the current context. */
static Policy *
policy_load(const char *profile)
{
	static KeptStatement statement = {
		"SELECT " POLICY_COLUMNS " FROM bounce.policy p WHERE p.profile OPERATOR(pg_catalog.=)"
		" coalesce($1, (SELECT s.value FROM bounce.setting s WHERE s.name OPERATOR(pg_catalog.=) 'profile'), 'default')",
		1, {TEXTOID}, NULL
	};
	Datum		name = profile != NULL ? CStringGetTextDatum(profile) : (Datum) 0;
	Policy	   *policy = palloc(sizeof(Policy));
	MemoryContext context = CurrentMemoryContext;
	PolicyRow  *rows;
	OwnerScope	scope;

	owner_spi_begin(&scope);
	/* The latest snapshot: what is kept for later transactions must not be what an old one sees. */
	PushActiveSnapshot(GetLatestSnapshot());
	kept_execute(&statement, &name, profile != NULL ? NULL : "n", true);
	PopActiveSnapshot();
	if (SPI_processed == 0)
		no_such_profile(profile);
	rows = MemoryContextAlloc(context, sizeof(PolicyRow) * SPI_processed);
	for (uint64 i = 0; i < SPI_processed; i++)
		rows[i] = policy_row(SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
	policy_spread(policy, rows, SPI_processed);
	owner_spi_end(&scope);
	return policy;
}

/* NULL: the one in force */
static void
no_such_profile(const char *profile)
{
	if (profile == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the policy profile in force has no rows"),
				 errdetail("bounce.setting names a profile that is not in bounce.policy."),
				 errhint("Choose one with bounce.use_profile(name).")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown policy profile \"%s\"", profile),
			 errhint("SELECT DISTINCT profile FROM bounce.policy lists them.")));
}

/*
 * AFTER ROW and AFTER TRUNCATE trigger of bounce.policy and bounce.setting: every session reads
 * them anew.  A row that replication applies fires no statement trigger.
 */
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
		no_such_profile(TextDatumGetCString(name));
	kept_execute(&choose, &name, NULL, false);
	owner_spi_end(&scope);
	PG_RETURN_VOID();
}
