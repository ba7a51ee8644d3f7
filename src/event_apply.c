/*
 * event_apply.c
 *		AFTER STATEMENT triggers of bounce.delivery_event: what was logged takes
 *		effect, for the whole statement at once.
 *
 * Only addresses that an event can move are looked at; accepted mails and faults
 * of the sender cost one look at their class.
 */
#include "postgres.h"

#include "access/tableam.h"
#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "consent.h"
#include "event_duplicate.h"
#include "event_row.h"
#include "owner.h"
#include "policy.h"
#include "refold.h"
#include "types.h"

PG_FUNCTION_INFO_V1(delivery_event_apply);

/* A mail or report that asked to unsubscribe. */
typedef struct Unsubscribe
{
	char	   *address;
	char	   *topic;			/* "": all marketing topics */
	const char *source;
	TimestampTz at;
} Unsubscribe;

typedef struct Moved
{
	char	  **addresses;
	int			count;
	int			room;
	Unsubscribe *unsubscribes;
	int			unsubscribe_count;
	int			unsubscribe_room;
} Moved;

static void collect(Tuplestorestate *rows, TupleDesc desc, const Policy *policy, bool inserted, Moved *moved);
static void collect_row(TupleTableSlot *slot, const Policy *policy, bool inserted, Moved *moved);
static void note_address(Moved *moved, Datum recipient);
static void note_unsubscribe(Moved *moved, TupleTableSlot *slot, BounceClass klass);
static int	distinct_addresses(char **addresses, int count);
static int	address_compare(const void *a, const void *b);
static int	unsubscribe_compare(const void *a, const void *b);

Datum
delivery_event_apply(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	const Policy *policy;
	Moved		moved = {0};

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) ||
		(trigger->tg_newtable == NULL && trigger->tg_oldtable == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("\"%s\" must be called as an AFTER STATEMENT trigger with transition tables",
						"bounce.delivery_event_apply")));
	if (RelationGetRelid(trigger->tg_relation) != bounce_relation_oid("delivery_event"))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("\"%s\" belongs to bounce.delivery_event only", "bounce.delivery_event_apply")));
	event_stored();
	desc = RelationGetDescr(trigger->tg_relation);
	policy = policy_in_force();
	if (trigger->tg_oldtable != NULL)
		collect(trigger->tg_oldtable, desc, policy, false, &moved);
	if (trigger->tg_newtable != NULL)
		collect(trigger->tg_newtable, desc, policy, TRIGGER_FIRED_BY_INSERT(trigger->tg_event), &moved);

	moved.count = distinct_addresses(moved.addresses, moved.count);
	refold_addresses(moved.addresses, moved.count);
	if (moved.unsubscribe_count > 1)
		qsort(moved.unsubscribes, moved.unsubscribe_count, sizeof(Unsubscribe), unsubscribe_compare);
	for (int i = 0; i < moved.unsubscribe_count; i++)
	{
		Unsubscribe *wish = &moved.unsubscribes[i];

		consent_unsubscribe(wish->address, wish->topic, wish->source, wish->at, (Datum) 0);
	}
	return PointerGetDatum(NULL);
}

static void
collect(Tuplestorestate *rows, TupleDesc desc, const Policy *policy, bool inserted, Moved *moved)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);

	while (tuplestore_gettupleslot(rows, true, false, slot))
		collect_row(slot, policy, inserted, moved);
	ExecDropSingleTupleTableSlot(slot);
}

static void
collect_row(TupleTableSlot *slot, const Policy *policy, bool inserted, Moved *moved)
{
	bool		isnull;
	BounceClass klass = DatumGetBounceClass(slot_getattr(slot, EVENT_CLASS, &isnull));
	Datum		status = slot_getattr(slot, EVENT_STATUS, &isnull);
	const PolicyRule *rule = policy_rule(policy, klass, isnull ? SMTP_STATUS_NONE : DatumGetSmtpStatus(status));

	if (rule != NULL && rule->effect == POLICY_UNSUBSCRIBE)
	{
		if (inserted)
			note_unsubscribe(moved, slot, klass);
	}
	/* A row that was changed may have had an effect under another class or policy. */
	else if (rule != NULL || !inserted || klass == bounce_class_make(SEVERITY_ADMIN, REASON_SUPPRESSED))
		note_address(moved, slot_getattr(slot, EVENT_RECIPIENT, &isnull));
}

static void
note_address(Moved *moved, Datum recipient)
{
	if (moved->count == moved->room)
	{
		moved->room = moved->room == 0 ? 64 : moved->room * 2;
		moved->addresses = moved->count == 0 ? palloc(sizeof(char *) * moved->room) :
			repalloc_huge(moved->addresses, sizeof(char *) * (Size) moved->room);
	}
	moved->addresses[moved->count++] = TextDatumGetCString(recipient);
}

/* A person's own mail outranks a complaint that a provider passed on. */
static void
note_unsubscribe(Moved *moved, TupleTableSlot *slot, BounceClass klass)
{
	Unsubscribe *wish;
	bool		isnull;
	Datum		topic;

	if (moved->unsubscribe_count == moved->unsubscribe_room)
	{
		moved->unsubscribe_room = moved->unsubscribe_room == 0 ? 16 : moved->unsubscribe_room * 2;
		moved->unsubscribes = moved->unsubscribe_count == 0 ?
			palloc(sizeof(Unsubscribe) * moved->unsubscribe_room) :
			repalloc_huge(moved->unsubscribes, sizeof(Unsubscribe) * (Size) moved->unsubscribe_room);
	}
	wish = &moved->unsubscribes[moved->unsubscribe_count++];
	wish->address = TextDatumGetCString(slot_getattr(slot, EVENT_RECIPIENT, &isnull));
	topic = slot_getattr(slot, EVENT_TOPIC, &isnull);
	wish->topic = isnull ? "" : TextDatumGetCString(topic);
	wish->source = bounce_class_severity(klass) == SEVERITY_COMPLAINT ? "complaint" : "person";
	wish->at = DatumGetTimestampTz(slot_getattr(slot, EVENT_OCCURRED_AT, &isnull));
}

/* Sorts by bytes and drops repetitions; returns how many are left. */
static int
distinct_addresses(char **addresses, int count)
{
	int			kept = 0;

	if (count == 0)
		return 0;
	qsort(addresses, count, sizeof(char *), address_compare);
	for (int i = 0; i < count; i++)
		if (i == 0 || strcmp(addresses[i], addresses[kept - 1]) != 0)
			addresses[kept++] = addresses[i];
	return kept;
}

static int
address_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static int
unsubscribe_compare(const void *a, const void *b)
{
	const Unsubscribe *left = a;
	const Unsubscribe *right = b;
	int			order = strcmp(left->address, right->address);

	if (order == 0)
		order = strcmp(left->topic, right->topic);
	if (order == 0)
		order = (left->at > right->at) - (left->at < right->at);
	return order;
}
