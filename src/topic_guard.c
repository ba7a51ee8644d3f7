/*
 * topic_guard.c
 *		Trigger on bounce.topic: what people said about a topic keeps its name.
 *
 * Preferences and evidence name topics, and evidence cannot be changed.  A topic
 * that has any is neither deleted nor renamed: it is retired, and its title is free.
 *
 * Errors: 23503.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "owner.h"
#include "state_args.h"

PG_FUNCTION_INFO_V1(bounce_topic_guard);

/* NULL: any topic that there is. */
static bool
has_history(const char *topic)
{
	static KeptStatement statement = {
		"SELECT 1 WHERE EXISTS (SELECT FROM bounce.preference p WHERE p.topic OPERATOR(pg_catalog.=) $1)"
		" OR EXISTS (SELECT FROM bounce.consent_log l WHERE l.topic OPERATOR(pg_catalog.=) $1)"
		" OR ($1 IS NULL AND EXISTS (SELECT FROM bounce.topic t"
		"  WHERE EXISTS (SELECT FROM bounce.preference p WHERE p.topic OPERATOR(pg_catalog.=) t.topic)"
		"  OR EXISTS (SELECT FROM bounce.consent_log l WHERE l.topic OPERATOR(pg_catalog.=) t.topic)))",
		1, {TEXTOID}, NULL
	};
	Datum		value = topic == NULL ? (Datum) 0 : CStringGetTextDatum(topic);
	OwnerScope	owner;
	bool		found;

	owner_spi_begin(&owner);
	kept_execute(&statement, &value, topic == NULL ? "n" : NULL, false);
	found = SPI_processed > 0;
	owner_spi_end(&owner);
	return found;
}

static char *
topic_of(const TriggerData *trigger, HeapTuple row)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);

	return SPI_getvalue(row, desc, SPI_fnumber(desc, "topic"));
}

static void
refuse(const char *topic, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
			 errmsg("topic \"%s\" cannot be %s", clipped(topic), what),
			 errdetail("People said something about it: preferences and evidence name it."),
			 errhint("Set its retired_at to give it up; what people read is its title.")));
}

Datum
bounce_topic_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	const char *topic;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"bounce.topic_guard\" can only be called as a trigger")));
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
	{
		if (has_history(NULL))
			ereport(ERROR,
					(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
					 errmsg("topics that people said something about cannot be deleted"),
					 errhint("Set their retired_at to give them up.")));
		return PointerGetDatum(NULL);
	}
	topic = topic_of(trigger, trigger->tg_trigtuple);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
	{
		if (strcmp(topic, topic_of(trigger, trigger->tg_newtuple)) != 0 && has_history(topic))
			refuse(topic, "renamed");
		return PointerGetDatum(trigger->tg_newtuple);
	}
	if (has_history(topic))
		refuse(topic, "deleted");
	return PointerGetDatum(trigger->tg_trigtuple);
}
