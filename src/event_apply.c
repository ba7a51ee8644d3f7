/*
 * event_apply.c
 *		STATEMENT triggers of bounce.delivery_event: what was logged takes effect, for
 *		the whole statement at once.
 *
 * An INSERT is told before it begins and after its end; in between each row is noted
 * (event_fill.c).  UPDATE and DELETE come with transition tables; the former is told of
 * before, too, so that a row that it moves to another partition is known for that.
 */
#include "postgres.h"

#include "access/tableam.h"
#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "event_duplicate.h"
#include "event_moved.h"
#include "owner.h"

PG_FUNCTION_INFO_V1(delivery_event_apply);

static void check_trigger(FunctionCallInfo fcinfo);
static bool has_its_tables(const TriggerData *trigger);
static void note_rows(Moved *moved, Tuplestorestate *rows, TupleDesc desc, EventFate fate);

Datum
delivery_event_apply(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Moved	   *moved;

	check_trigger(fcinfo);
	if (TRIGGER_FIRED_BEFORE(trigger->tg_event))
	{
		moved_open(TRIGGER_FIRED_BY_INSERT(trigger->tg_event));
		return PointerGetDatum(NULL);
	}
	event_stored();
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		moved = moved_take();
	else
	{
		TupleDesc	desc = RelationGetDescr(trigger->tg_relation);

		if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
			moved_close();
		moved = moved_begin();
		note_rows(moved, trigger->tg_oldtable, desc, EVENT_GONE);
		note_rows(moved, trigger->tg_newtable, desc, EVENT_CHANGED);
	}
	if (moved != NULL)
		moved_apply(moved);
	return PointerGetDatum(NULL);
}

static void
check_trigger(FunctionCallInfo fcinfo)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) ||
		!has_its_tables(trigger))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("\"%s\" must be called as a STATEMENT trigger, BEFORE INSERT or UPDATE, AFTER INSERT, or AFTER with transition tables",
						"bounce.delivery_event_apply")));
	if (RelationGetRelid(trigger->tg_relation) != bounce_relation_oid("delivery_event"))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("\"%s\" belongs to bounce.delivery_event only", "bounce.delivery_event_apply")));
}

static bool
has_its_tables(const TriggerData *trigger)
{
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return trigger->tg_newtable == NULL;
	if (TRIGGER_FIRED_BEFORE(trigger->tg_event))
		return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	return trigger->tg_oldtable != NULL &&
		(TRIGGER_FIRED_BY_DELETE(trigger->tg_event) || trigger->tg_newtable != NULL);
}

static void
note_rows(Moved *moved, Tuplestorestate *rows, TupleDesc desc, EventFate fate)
{
	TupleTableSlot *slot;

	if (rows == NULL)
		return;
	slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	while (tuplestore_gettupleslot(rows, true, false, slot))
	{
		slot_getallattrs(slot);
		moved_note(moved, slot->tts_values, slot->tts_isnull, fate);
	}
	ExecDropSingleTupleTableSlot(slot);
}
