/*
 * event_moved.c
 *		What the events of a statement may move.
 *
 * A transition table would copy every row, response and all, to find the few that
 * matter; so an INSERT notes them when its BEFORE ROW trigger has classified them.
 * A row that is noted and then not stored does no harm: what is in the log is what
 * the fold reads.
 *
 * What an INSERT notes lives in the memory of its subtransaction and unlinks itself
 * when that goes.  Statements nest, so the innermost one of a level is the one that
 * is running.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "compat.h"
#include "consent_batch.h"
#include "event_moved.h"
#include "event_row.h"
#include "policy.h"
#include "refold.h"
#include "types.h"

/* Columns of a wish to unsubscribe, by number. */
enum wish_column
{
	WISH_ADDRESS = 1,
	WISH_TOPIC,					/* NULL: all marketing topics */
	WISH_AT,
	WISH_CLASS,
	WISH_MESSAGE_ID,
	WISH_EVENT_KEY
};

#define WISH_COLUMNS WISH_EVENT_KEY

/* Told together: bounds memory. */
#define WISHES_TOGETHER 5000

struct Moved
{
	MemoryContext context;		/* holds it */
	Tuplesortstate *addresses;	/* texts; NULL: none */
	Tuplesortstate *wishes;		/* NULL: none */
	TupleTableSlot *wish;
	/* of a running statement */
	bool		of_update;
	const char *new_keys;		/* begin so; or NULL */
	Moved	   *below;
	int			nest_level;
};

static Moved *top = NULL;

/* Of the INSERT that is to come, and the depth of its triggers. */
static const char *expected_keys = NULL;
static int	expected_depth;

static Moved *moved_make(MemoryContext parent);
static int	trigger_depth(void);
static void moved_unlink(void *moved);
static void note_address(Moved *moved, Datum recipient);
static void note_wish(Moved *moved, const Datum *values, const bool *nulls);
static void wishes_begin(Moved *moved);
static void refold_moved(Tuplesortstate *addresses);
static void unsubscribe_moved(Tuplesortstate *wishes, TupleTableSlot *wish);
static ConsentChoice choice_of(TupleTableSlot *wish);
static Datum evidence_of(TupleTableSlot *wish, BounceClass klass);
static const char *wish_text(TupleTableSlot *wish, int column);

Moved *
moved_begin(void)
{
	return moved_make(CurrentMemoryContext);
}

static Moved *
moved_make(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "bounce moved events", ALLOCSET_SMALL_SIZES);
	Moved	   *moved = MemoryContextAllocZero(context, sizeof(Moved));

	moved->context = context;
	return moved;
}

void
moved_expect_keys(const char *prefix)
{
	expected_keys = prefix;
	expected_depth = trigger_depth() + 1;
}

bool
moved_key_is_new(const Moved *moved, Datum event_key)
{
	text	   *key = DatumGetTextPP(event_key);
	size_t		length;

	if (moved->new_keys == NULL)
		return false;
	/* Another trigger may have changed it. */
	length = strlen(moved->new_keys);
	return VARSIZE_ANY_EXHDR(key) > length && memcmp(VARDATA_ANY(key), moved->new_keys, length) == 0;
}

/* pg_trigger_depth() ignores its argument */
static int
trigger_depth(void)
{
	return DatumGetInt32(pg_trigger_depth(NULL));
}

void
moved_open(bool insert)
{
	Moved	   *moved = moved_make(CurTransactionContext);
	MemoryContextCallback *callback = MemoryContextAlloc(moved->context, sizeof(MemoryContextCallback));

	callback->func = moved_unlink;
	callback->arg = moved;
	MemoryContextRegisterResetCallback(moved->context, callback);
	moved->of_update = !insert;
	/* One that another trigger runs before ours is deeper. */
	if (insert && expected_keys != NULL && trigger_depth() == expected_depth)
	{
		moved->new_keys = MemoryContextStrdup(moved->context, expected_keys);
		expected_keys = NULL;
	}
	moved->nest_level = GetCurrentTransactionNestLevel();
	moved->below = top;
	top = moved;
}

Moved *
moved_of_statement(void)
{
	/* What a subtransaction notes must go with it, so it is not for a statement outside. */
	if (top == NULL || top->nest_level != GetCurrentTransactionNestLevel())
		return NULL;
	return top;
}

/* Off the list first: what follows may run statements of its own. */
Moved *
moved_take(void)
{
	Moved	   *moved = moved_of_statement();

	if (moved != NULL)
		moved_unlink(moved);
	return moved;
}

void
moved_close(void)
{
	Moved	   *moved = moved_take();

	if (moved != NULL)
		MemoryContextDelete(moved->context);
}

static void
moved_unlink(void *moved)
{
	for (Moved **link = &top; *link != NULL; link = &(*link)->below)
	{
		if (*link == moved)
		{
			*link = (*link)->below;
			return;
		}
	}
}

void
moved_note(Moved *moved, const Datum *values, const bool *nulls, EventFate fate)
{
	BounceClass klass = DatumGetBounceClass(values[EVENT_CLASS - 1]);
	SmtpStatus	status = nulls[EVENT_STATUS - 1] ? SMTP_STATUS_NONE : DatumGetSmtpStatus(values[EVENT_STATUS - 1]);
	const PolicyRule *rule;

	/* MERGE, and INSERT ... ON CONFLICT DO UPDATE, begin as an INSERT and then as an UPDATE. */
	if (fate == EVENT_INSERTED && moved->of_update)
	{
		moved = moved->below;
		if (moved == NULL || moved->of_update || moved->nest_level != GetCurrentTransactionNestLevel())
			return;
	}
	rule = policy_rule(policy_in_force(), klass, status);
	/* Who complains wants no more of it, also when the complaint is released.  Told again does no harm. */
	if (fate != EVENT_GONE && rule != NULL && (rule->effect == POLICY_UNSUBSCRIBE || rule->effect == POLICY_COMPLAINT))
		note_wish(moved, values, nulls);
	if (rule != NULL && rule->effect == POLICY_UNSUBSCRIBE)
		return;
	/* Accepted mails move nothing, whatever the policy says: the fold does not read them. */
	if (bounce_class_severity(klass) == SEVERITY_OK)
		return;
	/* A row that was changed may have had an effect under another class or policy. */
	if (rule != NULL || fate != EVENT_INSERTED || klass == bounce_class_make(SEVERITY_ADMIN, REASON_SUPPRESSED))
		note_address(moved, values[EVENT_RECIPIENT - 1]);
}

static void
note_address(Moved *moved, Datum recipient)
{
	MemoryContext caller = MemoryContextSwitchTo(moved->context);

	if (moved->addresses == NULL)
		moved->addresses = tuplesort_begin_datum(TEXTOID, TextLessOperator, C_COLLATION_OID, false, work_mem, NULL,
												 TUPLESORT_NONE);
	tuplesort_putdatum(moved->addresses, recipient, false);
	MemoryContextSwitchTo(caller);
}

static void
note_wish(Moved *moved, const Datum *values, const bool *nulls)
{
	static const int columns[WISH_COLUMNS] = {
		EVENT_RECIPIENT, EVENT_TOPIC, EVENT_OCCURRED_AT, EVENT_CLASS, EVENT_MESSAGE_ID, EVENT_EVENT_KEY
	};
	MemoryContext caller = MemoryContextSwitchTo(moved->context);

	if (moved->wishes == NULL)
		wishes_begin(moved);
	ExecClearTuple(moved->wish);
	for (int i = 0; i < WISH_COLUMNS; i++)
	{
		moved->wish->tts_values[i] = values[columns[i] - 1];
		moved->wish->tts_isnull[i] = nulls[columns[i] - 1];
	}
	ExecStoreVirtualTuple(moved->wish);
	tuplesort_puttupleslot(moved->wishes, moved->wish);
	MemoryContextSwitchTo(caller);
}

/* By address, so that two statements cannot deadlock. */
static void
wishes_begin(Moved *moved)
{
	TupleDesc	desc = CreateTemplateTupleDesc(WISH_COLUMNS);
	Oid			at_operator = lookup_type_cache(TIMESTAMPTZOID, TYPECACHE_LT_OPR)->lt_opr;
	AttrNumber	columns[] = {WISH_ADDRESS, WISH_TOPIC, WISH_AT};
	Oid			operators[] = {TextLessOperator, TextLessOperator, at_operator};
	Oid			collations[] = {C_COLLATION_OID, C_COLLATION_OID, InvalidOid};
	bool		nulls_first[] = {true, true, true};

	TupleDescInitEntry(desc, WISH_ADDRESS, "address", TEXTOID, -1, 0);
	TupleDescInitEntry(desc, WISH_TOPIC, "topic", TEXTOID, -1, 0);
	TupleDescInitEntry(desc, WISH_AT, "at", TIMESTAMPTZOID, -1, 0);
	TupleDescInitEntry(desc, WISH_CLASS, "class", INT2OID, -1, 0);
	TupleDescInitEntry(desc, WISH_MESSAGE_ID, "message_id", TEXTOID, -1, 0);
	TupleDescInitEntry(desc, WISH_EVENT_KEY, "event_key", TEXTOID, -1, 0);
	moved->wish = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	moved->wishes = tuplesort_begin_heap(desc, lengthof(columns), columns, operators, collations, nulls_first,
										 work_mem, NULL, TUPLESORT_NONE);
}

void
moved_apply(Moved *moved)
{
	MemoryContext caller = MemoryContextSwitchTo(moved->context);

	if (moved->addresses != NULL)
		refold_moved(moved->addresses);
	if (moved->wishes != NULL)
		unsubscribe_moved(moved->wishes, moved->wish);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(moved->context);
}

static void
refold_moved(Tuplesortstate *addresses)
{
	Refold	   *refold = refold_begin();
	char	   *last = pstrdup("");
	Datum		address;
	bool		isnull;

	tuplesort_performsort(addresses);
	while (tuplesort_next_datum(addresses, &address, &isnull))
	{
		char	   *next = TextDatumGetCString(address);

		pfree(DatumGetPointer(address));
		if (strcmp(next, last) == 0)
		{
			pfree(next);
			continue;
		}
		refold_add(refold, next);
		pfree(last);
		last = next;
	}
	tuplesort_end(addresses);
	refold_end(refold);
}

static void
unsubscribe_moved(Tuplesortstate *wishes, TupleTableSlot *wish)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(wish->tts_tupleDescriptor, &TTSOpsMinimalTuple);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "bounce unsubscribe", ALLOCSET_DEFAULT_SIZES);
	ConsentChoice *choices = palloc(sizeof(ConsentChoice) * WISHES_TOGETHER);
	MemoryContext caller = MemoryContextSwitchTo(context);
	int			count = 0;

	tuplesort_performsort(wishes);
	while (tuplesort_gettupleslot(wishes, true, false, slot, NULL))
	{
		choices[count++] = choice_of(slot);
		if (count < WISHES_TOGETHER)
			continue;
		consent_choose_all(choices, count);
		MemoryContextReset(context);
		count = 0;
	}
	consent_choose_all(choices, count);
	MemoryContextSwitchTo(caller);
	ExecDropSingleTupleTableSlot(slot);
	tuplesort_end(wishes);
}

/* A person's own mail outranks a complaint that a provider passed on. */
static ConsentChoice
choice_of(TupleTableSlot *wish)
{
	bool		isnull;
	BounceClass klass = DatumGetBounceClass(slot_getattr(wish, WISH_CLASS, &isnull));
	const char *topic = wish_text(wish, WISH_TOPIC);

	return (ConsentChoice) {
		.address = wish_text(wish, WISH_ADDRESS),
		.topic = topic == NULL ? "" : topic,
		.act = CONSENT_UNSUBSCRIBE,
		.source = bounce_class_severity(klass) == SEVERITY_COMPLAINT ? "complaint" : "person",
		.at = DatumGetTimestampTz(slot_getattr(wish, WISH_AT, &isnull)),
		.evidence = evidence_of(wish, klass)};
}

/* The event, as it is in the log. */
static Datum
evidence_of(TupleTableSlot *wish, BounceClass klass)
{
	const char *message_id = wish_text(wish, WISH_MESSAGE_ID);
	char		name[BOUNCE_CLASS_TEXT_MAX];
	StringInfoData json;

	(void) bounce_class_format(klass, name);
	initStringInfo(&json);
	appendStringInfo(&json, "{\"class\": \"%s\", \"event_key\": ", name);
	escape_json(&json, wish_text(wish, WISH_EVENT_KEY));
	if (message_id != NULL)
	{
		appendStringInfoString(&json, ", \"message_id\": ");
		escape_json(&json, message_id);
	}
	appendStringInfoChar(&json, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

static const char *
wish_text(TupleTableSlot *wish, int column)
{
	bool		isnull;
	Datum		value = slot_getattr(wish, column, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}
