/*
 * site_rule.c
 *		The site's own rules, cached by session.
 *
 * A trigger of bounce.site_rule invalidates its relcache entry; the callback only
 * flips a flag, and the next call rebuilds in a fresh context that replaces the old
 * one when complete.
 *
 * Rules are read like a catalog, under a snapshot of their own: one that is older
 * than the last invalidation would leave a stale cache behind.  So a change holds for
 * every session at its next statement, also under REPEATABLE READ; it is read in
 * parallel workers and on a standby, and needs no privilege.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "classify.h"
#include "compat.h"
#include "owner.h"
#include "response_text.h"
#include "rules.h"
#include "sense.h"
#include "site_rule.h"

typedef struct SiteRules
{
	MemoryContext context;
	MemoryContextCallback free_patterns;
	SiteRule   *rules;			/* the first that matches decides */
	int			count;
	int			room;
} SiteRules;

static SiteRules *cached_rules = NULL;
static bool cache_valid = false;
static bool callback_registered = false;
static TimestampTz asked_in_statement = 0;
static Oid	rule_relation = InvalidOid;

static void site_rules_invalidate(Datum arg, Oid relation);
static SmtpStatus answer_status(const char *response, int len, SmtpStatus given);
static inline SiteRules *site_rules(void);
static SiteRules *site_rules_reload(void);
static void load_rules(SiteRules *loaded);
static void load_rule(SiteRules *loaded, HeapTuple tuple, TupleDesc desc);
static void free_patterns(void *loaded);
static int	rule_compare(const void *a, const void *b);

const SiteRule *
site_rule_for(const char *response, int len, SmtpStatus given)
{
	SiteRules  *current = site_rules();
	SmtpStatus	status = SMTP_STATUS_NONE;
	bool		status_known = false;
	SiteText	text;

	if (likely(current->count == 0))
		return NULL;
	site_text(response, len, &text);
	for (int i = 0; i < current->count; i++)
	{
		SiteRule   *rule = &current->rules[i];

		if (!site_pattern_may_match(&rule->pattern, &text))
			continue;
		if (!rule->any_status)
		{
			if (!status_known)
				status = answer_status(response, len, given);
			status_known = true;
			if (status == SMTP_STATUS_NONE || !status_pattern_matches(rule->status, status))
				continue;
		}
		if (site_pattern_matches(&rule->pattern, &text))
			return rule;
	}
	return NULL;
}

/* The status of an answer, completed by the one that is given. */
static SmtpStatus
answer_status(const char *response, int len, SmtpStatus given)
{
	Diagnosis	diagnosis;
	int			utf8_len;
	const char *utf8 = response_utf8(response, len, &utf8_len);

	diagnose_response(utf8, utf8_len, given, &diagnosis);
	return diagnosis.status;
}

/*
 * Within a transaction, a statement that takes no new lock would not hear of what
 * others have changed.
 */
static inline SiteRules *
site_rules(void)
{
	TimestampTz statement = GetCurrentStatementStartTimestamp();

	if (unlikely(statement != asked_in_statement))
	{
		asked_in_statement = statement;
		AcceptInvalidationMessages();
	}
	return likely(cache_valid) ? cached_rules : site_rules_reload();
}

static SiteRules *
site_rules_reload(void)
{
	MemoryContext context;
	MemoryContext caller;
	SiteRules  *loaded;

	if (!callback_registered)
	{
		CacheRegisterRelcacheCallback(site_rules_invalidate, (Datum) 0);
		callback_registered = true;
	}
	context = AllocSetContextCreate(TopMemoryContext, "bounce site rules", ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(context);
	loaded = palloc0(sizeof(SiteRules));
	loaded->context = context;
	/* Patterns may be in the C library's memory. */
	loaded->free_patterns.func = free_patterns;
	loaded->free_patterns.arg = loaded;
	MemoryContextRegisterResetCallback(context, &loaded->free_patterns);
	/* An invalidation that arrives while loading must not be lost. */
	cache_valid = true;
	PG_TRY();
	{
		rule_relation = bounce_relation_oid("site_rule");
		load_rules(loaded);
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
	if (cached_rules != NULL)
		MemoryContextDelete(cached_rules->context);
	cached_rules = loaded;
	return loaded;
}

static void
site_rules_invalidate(Datum arg, Oid relation)
{
	if (relation == rule_relation || relation == InvalidOid)
		cache_valid = false;
}

static void
free_patterns(void *loaded)
{
	SiteRules  *old = loaded;

	for (int i = 0; i < old->count; i++)
		site_pattern_free(&old->rules[i].pattern);
}

static void
load_rules(SiteRules *loaded)
{
	Relation	relation = table_open(rule_relation, AccessShareLock);
	SysScanDesc scan = systable_beginscan(relation, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		load_rule(loaded, tuple, RelationGetDescr(relation));
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
	if (loaded->count > 1)
		qsort(loaded->rules, loaded->count, sizeof(SiteRule), rule_compare);
}

static void
load_rule(SiteRules *loaded, HeapTuple tuple, TupleDesc desc)
{
	Datum		values[SITE_RULE_NOTE];
	bool		nulls[SITE_RULE_NOTE];
	char		error[SITE_PATTERN_ERROR_MAX];
	SiteRule   *rule;

	if (loaded->count == loaded->room)
	{
		loaded->room = loaded->room == 0 ? 16 : loaded->room * 2;
		loaded->rules = loaded->count == 0 ? palloc(sizeof(SiteRule) * loaded->room) :
			repalloc(loaded->rules, sizeof(SiteRule) * loaded->room);
	}
	rule = &loaded->rules[loaded->count];
	heap_deform_tuple(tuple, desc, values, nulls);
	rule->source = TextDatumGetCString(values[SITE_RULE_PATTERN - 1]);
	rule->any_status = nulls[SITE_RULE_STATUS_PATTERN - 1];
	rule->status = rule->any_status ? 0 : (StatusPattern) DatumGetSmtpStatus(values[SITE_RULE_STATUS_PATTERN - 1]);
	rule->klass = DatumGetBounceClass(values[SITE_RULE_CLASS - 1]);
	rule->priority = DatumGetInt32(values[SITE_RULE_PRIORITY - 1]);
	/* Refused when stored; but ingestion does not stop for what came in past the triggers. */
	if (site_pattern_compile(&rule->pattern, rule->source, strlen(rule->source), error))
		loaded->count++;
	else
		ereport(WARNING,
				(errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
				 errmsg("site rule \"%s\" is ignored", rule->source),
				 errdetail("The regular expression does not compile: %s.", error)));
}

/* Priority, then the longer pattern, then the bytes; with a status before without. */
static int
rule_compare(const void *a, const void *b)
{
	const SiteRule *left = a;
	const SiteRule *right = b;
	size_t		left_length = strlen(left->source);
	size_t		right_length = strlen(right->source);
	int			order;

	if (left->priority != right->priority)
		return left->priority > right->priority ? -1 : 1;
	if (left_length != right_length)
		return left_length > right_length ? -1 : 1;
	order = strcmp(left->source, right->source);
	if (order != 0)
		return order;
	if (left->any_status != right->any_status)
		return left->any_status ? 1 : -1;
	return (left->status > right->status) - (left->status < right->status);
}

uint64
site_rules_fingerprint(void)
{
	const SiteRules *current = site_rules();
	uint64		hash = hash_combine64(rule_fingerprint ^ sense_fingerprint, (uint64) current->count);

	for (int i = 0; i < current->count; i++)
	{
		const SiteRule *rule = &current->rules[i];

		hash = hash_combine64(hash, hash_bytes_extended((const unsigned char *) rule->source, strlen(rule->source), 0));
		hash = hash_combine64(hash, hash_bytes_uint32_extended(rule->any_status ? 0 : rule->status, rule->any_status));
		hash = hash_combine64(hash, rule->klass);
	}
	return hash;
}
