/*
 * guard_frame.c
 *		Suppressed rows of the statement that is running, logged together at its end.
 *
 * The BEFORE STATEMENT trigger opens a frame, row triggers add to it, the AFTER
 * STATEMENT trigger takes it off and logs what is in it in address order, so that
 * two statements cannot deadlock on leases.  Frames of one query need not be
 * nested (two tables written by one WITH), so each is found by its table and event.
 *
 * A frame lives in the memory of its subtransaction and unlinks itself when that
 * goes: an error leaves nothing behind.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/partition.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/memutils.h"

#include "attachment.h"
#include "attempt.h"
#include "compat.h"
#include "guard_frame.h"

PG_FUNCTION_INFO_V1(bounce_guard_outbox_statement);

/* Logged before the statement ends when there are more: bounds memory to some 50 MB. */
#define FRAME_MAX 500000

struct GuardFrame
{
	GuardFrame *below;
	Oid			table;			/* named in the statement */
	bool		insert;
	int			nest_level;		/* of the transaction */
	MemoryContext context;		/* holds the frame */
	MemoryContext noted;		/* holds the attempts */
	Attempt    *attempts;
	int			count;
	int			room;
};

static GuardFrame *top = NULL;

static const char *topic_copy(MemoryContext context, const text *topic);
static void frame_grow(GuardFrame *frame);
static void frame_open(Oid table, bool insert);
static void frame_unlink(void *frame);
static GuardFrame *frame_of(Oid table, bool insert);
static void frame_log(GuardFrame *frame);
static void log_attempts(const Attempt *attempts, int count);
static int	attempt_compare(const void *a, const void *b);

/* guard_outbox_statement(): trigger BEFORE and AFTER INSERT OR UPDATE, FOR EACH STATEMENT */
Datum
bounce_guard_outbox_statement(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_called(fcinfo, TRIGGER_USE_STATEMENT,
										  "bounce.guard_outbox_statement", "bounce.guard_outbox()");
	Oid			table = RelationGetRelid(trigger->tg_relation);
	bool		insert = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	GuardFrame *frame;

	if (TRIGGER_FIRED_BEFORE(trigger->tg_event))
		frame_open(table, insert);
	else if ((frame = frame_of(table, insert)) != NULL)
	{
		/* Off the list first: logging may run statements that are guarded themselves. */
		frame_unlink(frame);
		frame_log(frame);
		MemoryContextDelete(frame->context);
	}
	return PointerGetDatum(NULL);
}

GuardFrame *
guard_frame_find(Relation relation, bool insert)
{
	GuardFrame *frame = frame_of(RelationGetRelid(relation), insert);
	List	   *ancestors;
	ListCell   *cell;

	if (frame != NULL || top == NULL || !relation->rd_rel->relispartition)
		return frame;
	ancestors = get_partition_ancestors(RelationGetRelid(relation));
	foreach(cell, ancestors)
	{
		frame = frame_of(lfirst_oid(cell), insert);
		if (frame != NULL)
			break;
	}
	list_free(ancestors);
	return frame;
}

void
guard_frame_add(GuardFrame *frame, const Mail *mail)
{
	Attempt    *attempt;

	if (frame == NULL)
	{
		Attempt		single = {mail->address, topic_copy(CurrentMemoryContext, mail->topic), mail->at};

		log_attempts(&single, 1);
		return;
	}
	if (frame->count == FRAME_MAX)
		frame_log(frame);
	if (frame->count == frame->room)
		frame_grow(frame);
	attempt = &frame->attempts[frame->count++];
	attempt->recipient = MemoryContextStrdup(frame->noted, mail->address);
	attempt->topic = topic_copy(frame->noted, mail->topic);
	attempt->at = mail->at;
}

/* NULL for NULL */
static const char *
topic_copy(MemoryContext context, const text *topic)
{
	size_t		length;
	char	   *copy;

	if (topic == NULL)
		return NULL;
	length = VARSIZE_ANY_EXHDR(topic);
	copy = MemoryContextAlloc(context, length + 1);
	memcpy(copy, VARDATA_ANY(topic), length);
	copy[length] = '\0';
	return copy;
}

static void
frame_grow(GuardFrame *frame)
{
	if (frame->room == 0)
	{
		frame->room = 64;
		frame->attempts = MemoryContextAlloc(frame->noted, frame->room * sizeof(Attempt));
	}
	else
	{
		frame->room *= 2;
		frame->attempts = repalloc(frame->attempts, frame->room * sizeof(Attempt));
	}
}

static void
frame_open(Oid table, bool insert)
{
	MemoryContext context = AllocSetContextCreate(CurTransactionContext, "bounce guard frame",
												  ALLOCSET_SMALL_SIZES);
	MemoryContextCallback *callback = MemoryContextAlloc(context, sizeof(MemoryContextCallback));
	GuardFrame *frame = MemoryContextAllocZero(context, sizeof(GuardFrame));

	frame->table = table;
	frame->insert = insert;
	frame->nest_level = GetCurrentTransactionNestLevel();
	frame->context = context;
	frame->noted = AllocSetContextCreate(context, "bounce guard attempts", ALLOCSET_DEFAULT_SIZES);
	callback->func = frame_unlink;
	callback->arg = frame;
	MemoryContextRegisterResetCallback(context, callback);
	frame->below = top;
	top = frame;
}

static void
frame_unlink(void *frame)
{
	for (GuardFrame **link = &top; *link != NULL; link = &(*link)->below)
	{
		if (*link == frame)
		{
			*link = (*link)->below;
			return;
		}
	}
}

/*
 * The innermost one of this transaction level: what a subtransaction does may be
 * undone, so it is not noted in a frame that stays.
 */
static GuardFrame *
frame_of(Oid table, bool insert)
{
	for (GuardFrame *frame = top; frame != NULL; frame = frame->below)
	{
		if (frame->table == table && frame->insert == insert &&
			frame->nest_level == GetCurrentTransactionNestLevel())
			return frame;
	}
	return NULL;
}

static void
frame_log(GuardFrame *frame)
{
	if (frame->count > 1)
		qsort(frame->attempts, frame->count, sizeof(Attempt), attempt_compare);
	log_attempts(frame->attempts, frame->count);
	MemoryContextReset(frame->noted);
	frame->attempts = NULL;
	frame->count = frame->room = 0;
}

static void
log_attempts(const Attempt *attempts, int count)
{
	if (count > 0)
		attempts_log(attempts, count, "guard");
}

static int
attempt_compare(const void *a, const void *b)
{
	const Attempt *one = a;
	const Attempt *other = b;
	int			order = strcmp(one->recipient, other->recipient);

	if (order != 0)
		return order;
	return one->at < other->at ? -1 : one->at > other->at;
}
