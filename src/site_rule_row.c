/*
 * site_rule_row.c
 *		Triggers of bounce.site_rule: what cannot be a rule is refused, what changes is
 *		told to every session.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/trigger.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/rel.h"

#include "compat.h"
#include "site_rule.h"

PG_FUNCTION_INFO_V1(site_rule_check_row);
PG_FUNCTION_INFO_V1(site_rule_changed);

/* BEFORE ROW; errors as of site_pattern_check(). */
Datum
site_rule_check_row(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	HeapTuple	tuple;
	SitePattern pattern;
	text	   *source;
	Datum		value;
	bool		isnull;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("\"%s\" must be called as a BEFORE INSERT OR UPDATE ROW trigger", "bounce.site_rule_check_row")));
	tuple = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
	value = heap_getattr(tuple, SITE_RULE_PATTERN, RelationGetDescr(trigger->tg_relation), &isnull);
	/* NOT NULL is checked by the table itself. */
	if (!isnull)
	{
		source = DatumGetTextPP(value);
		site_pattern_check(&pattern, text_to_cstring(source), VARSIZE_ANY_EXHDR(source));
		site_pattern_free(&pattern);
	}
	return PointerGetDatum(tuple);
}

/* AFTER ROW, and AFTER TRUNCATE: a row that replication applies fires no statement trigger. */
Datum
site_rule_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("\"%s\" must be called as an AFTER trigger", "bounce.site_rule_changed")));
	CacheInvalidateRelcache(trigger->tg_relation);
	return PointerGetDatum(NULL);
}
