/*
 * guard_row.c
 *		Row triggers of bounce.guard_outbox(): no mail to a suppressed address.
 *
 * Asked are rows as they are queued (INSERT) and as they are claimed for sending
 * (UPDATE of the status).  A suppressed one is skipped, marked or an error; the
 * attempt is logged, and so climbs the lease.  So is, without the log, one that the
 * cap of its topic holds back: it is counted where it is sent (cap.h).
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "replication/logicalworker.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "attachment.h"
#include "compat.h"
#include "guard_ask.h"
#include "guard_cap.h"
#include "guard_frame.h"
#include "guard_move.h"
#include "guard_outbox.h"
#include "row_text.h"
#include "row_writer.h"
#include "sqlstates.h"

PG_FUNCTION_INFO_V1(bounce_guard_outbox_row);

/* What becomes of a row. */
typedef enum Verdict
{
	MAY_GO,
	SUPPRESSED,
	CAPPED						/* the cap of its topic is used up */
} Verdict;

/* A row's status as text; NULL for NULL. */
typedef struct StatusText
{
	const char *text;			/* not ended by a zero */
	size_t		length;
} StatusText;

/* What a trigger knows of its table, for one statement: kept in fn_extra. */
typedef struct Guard
{
	bool		in_force;		/* the columns are still there */
	OnSuppressed on_suppressed;
	AttrNumber	recipient;
	AttrNumber	topic_column;
	AttrNumber	status_column;
	Oid			topic_enum;		/* its type, if not a text type */
	const text *topic;			/* for rows without one of their own */
	const char *claim_from;
	const char *claimed_as;
	const char *mark_as;
	Datum		mark;			/* mark_as, as the column has it */
	FmgrInfo	status_output;
	GuardFrame *frame;
	GuardAsk   *ask;
	GuardCap   *caps;
	TimestampTz queued_at;		/* all rows of an INSERT are at one time, as their snapshot is */
} Guard;

static Guard *guard_of(FunctionCallInfo fcinfo, const TriggerData *trigger);
static void read_attachment(Guard *guard, Relation relation, const Attachment *attachment);
static void read_types(Guard *guard, TupleDesc desc, MemoryContext context);
static void check_partition(const TriggerData *trigger, const Guard *guard);
static bool is_queued(Guard *guard, const TriggerData *trigger, StatusText status);
static bool is_claimed(Guard *guard, const TriggerData *trigger);
static void give_back(Guard *guard, const TriggerData *trigger);
static Verdict judge(Guard *guard, TupleTableSlot *row, bool insert, StatusText status);
static Verdict judge_mail(Guard *guard, const Mail *mail, bool insert, StatusText status);
static bool is_sent(const Guard *guard, bool insert, StatusText status);
static RowAddress read_mail(const Guard *guard, TupleTableSlot *row, Mail *mail);
static const text *row_topic(const Guard *guard, TupleTableSlot *row);
static HeapTuple keep_back(Guard *guard, const TriggerData *trigger, HeapTuple row, bool insert, Verdict verdict);
pg_noreturn static void refuse(const Guard *guard, Relation relation, Verdict verdict);
static HeapTuple mark_queued(Guard *guard, Relation relation, HeapTuple row);
static HeapTuple mark_claimed(Guard *guard, Relation relation, TupleTableSlot *row);
static StatusText status_text(Guard *guard, TupleTableSlot *row);
static bool is_status(StatusText status, const char *word);
static bool same_status(StatusText a, StatusText b);

/* guard_outbox_row(): trigger BEFORE INSERT OR UPDATE, FOR EACH ROW */
Datum
bounce_guard_outbox_row(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_called(fcinfo, TRIGGER_USE_BEFORE_ROW,
										  "bounce.guard_outbox_row", "bounce.guard_outbox()");
	bool		insert = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	HeapTuple	row = insert ? trigger->tg_trigtuple : trigger->tg_newtuple;
	/* What is read of it here, the server need not read again. */
	TupleTableSlot *columns = insert ? trigger->tg_trigslot : trigger->tg_newslot;
	Verdict		verdict = MAY_GO;
	StatusText	status;
	Guard	   *guard;

	/* The chief lists columns; UPDATE has a trigger without a list, which sees every one. */
	if (!insert && trigger->tg_trigger->tgnattr > 0)
		return PointerGetDatum(row);
	guard = guard_of(fcinfo, trigger);
	if (!guard->in_force)
		return PointerGetDatum(row);
	status = insert ? status_text(guard, columns) : (StatusText) {0};
	if (insert ? is_queued(guard, trigger, status) : is_claimed(guard, trigger))
		verdict = judge(guard, columns, insert, status);
	else if (!insert)
		give_back(guard, trigger);
	return PointerGetDatum(verdict == MAY_GO ? row : keep_back(guard, trigger, row, insert, verdict));
}

/*
 * The table is locked while the statement runs, so what was read at its first row
 * holds for all.
 */
static Guard *
guard_of(FunctionCallInfo fcinfo, const TriggerData *trigger)
{
	Relation	relation = trigger->tg_relation;
	bool		insert = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	MemoryContext caller;
	Attachment *attachment;
	Guard	   *guard = fcinfo->flinfo->fn_extra;

	if (guard != NULL)
		return guard;
	caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	guard = palloc0(sizeof(Guard));
	attachment = attachment_read(relation, fcinfo->flinfo->fn_oid);
	if (attachment != NULL)
	{
		read_attachment(guard, relation, attachment);
		read_types(guard, RelationGetDescr(relation), CurrentMemoryContext);
		guard->frame = guard_frame_find(relation, insert);
		guard->ask = guard_ask_begin(CurrentMemoryContext, insert);
		guard->caps = guard_cap_begin(CurrentMemoryContext);
		guard->queued_at = GetCurrentTimestamp();
		check_partition(trigger, guard);
	}
	MemoryContextSwitchTo(caller);
	fcinfo->flinfo->fn_extra = guard;
	return guard;
}

static void
read_attachment(Guard *guard, Relation relation, const Attachment *attachment)
{
	const char *topic;

	guard->recipient = attachment_column(attachment, relation, "recipient", COLUMN_TEXT);
	guard->topic_column = attachment_column(attachment, relation, "topic_column", COLUMN_WORD);
	guard->status_column = attachment_column(attachment, relation, "status_column", COLUMN_ANY);
	topic = attachment_option(attachment, "topic");
	guard->topic = topic == NULL ? NULL : cstring_to_text(topic);
	guard->claim_from = attachment_option(attachment, "claim_from");
	guard->claimed_as = attachment_option(attachment, "claimed_as");
	guard->mark_as = attachment_option(attachment, "mark_as");
	guard->on_suppressed = on_suppressed_of(attachment_option(attachment, "on_suppressed"));
	guard->in_force = guard->recipient != InvalidAttrNumber &&
		(guard->on_suppressed != SUPPRESSED_MARK ||
		 (guard->status_column != InvalidAttrNumber && guard->mark_as != NULL));
}

static void
read_types(Guard *guard, TupleDesc desc, MemoryContext context)
{
	Form_pg_attribute status;
	Oid			output;
	Oid			input;
	Oid			ioparam;
	bool		varlena;

	if (guard->in_force && guard->topic_column != InvalidAttrNumber)
	{
		Oid			topic = getBaseType(TupleDescAttr(desc, guard->topic_column - 1)->atttypid);

		guard->topic_enum = get_typtype(topic) == TYPTYPE_ENUM ? topic : InvalidOid;
	}
	if (!guard->in_force || guard->status_column == InvalidAttrNumber)
		return;
	status = TupleDescAttr(desc, guard->status_column - 1);
	getTypeOutputInfo(status->atttypid, &output, &varlena);
	fmgr_info_cxt(output, &guard->status_output, context);
	if (guard->on_suppressed != SUPPRESSED_MARK)
		return;
	getTypeInputInfo(status->atttypid, &input, &ioparam);
	guard->mark = OidInputFunctionCall(input, unconstify(char *, guard->mark_as), ioparam, status->atttypmod);
}

/*
 * A table that was made a partition after its own guard was attached: rows that come
 * through the partitioned table, new or moved, cannot be told apart.
 */
static void
check_partition(const TriggerData *trigger, const Guard *guard)
{
	Relation	relation = trigger->tg_relation;

	if (relation->rd_rel->relispartition && !trigger->tg_trigger->tgisclone && guard->frame == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("guard of table \"%s\" was attached before it became a partition",
						RelationGetRelationName(relation)),
				 errhint("Call bounce.detach() for it and bounce.guard_outbox() for the partitioned table.")));
}

static bool
is_queued(Guard *guard, const TriggerData *trigger, StatusText status)
{
	/* A row that arrives from another partition was asked about by the UPDATE that moves it. */
	if (trigger->tg_relation->rd_rel->relispartition && (guard_move_arrives() || IsLogicalWorker()))
		return false;
	/* A row that is marked already is no attempt: a restore, a copy. */
	return !is_status(status, guard->mark_as);
}

static bool
is_claimed(Guard *guard, const TriggerData *trigger)
{
	StatusText	before;
	StatusText	after;

	if (trigger->tg_relation->rd_rel->relispartition)
		guard_move_note(trigger->tg_relation, &trigger->tg_trigtuple->t_self);
	/* What a foreign key does to its rows (they alone run so) must be done to all of them. */
	if (guard->status_column == InvalidAttrNumber || InNoForceRLSOperation())
		return false;
	after = status_text(guard, trigger->tg_newslot);
	if (after.text == NULL || is_status(after, guard->mark_as) ||
		(guard->claimed_as != NULL && !is_status(after, guard->claimed_as)))
		return false;
	before = status_text(guard, trigger->tg_trigslot);
	if (same_status(before, after))
		return false;
	if (guard->claim_from == NULL)
		return true;
	/* A marked row can be queued again, but not claimed. */
	return is_status(before, guard->claim_from) ||
		(is_status(before, guard->mark_as) && !is_status(after, guard->claim_from));
}

/* A claimed row that is queued again was not sent: it is counted when it is claimed next. */
static void
give_back(Guard *guard, const TriggerData *trigger)
{
	Mail		mail;

	if (guard->claim_from == NULL || guard->claimed_as == NULL ||
		!is_status(status_text(guard, trigger->tg_newslot), guard->claim_from) ||
		!is_status(status_text(guard, trigger->tg_trigslot), guard->claimed_as))
		return;
	if (read_mail(guard, trigger->tg_trigslot, &mail) == ROW_ADDRESS)
		guard_cap_give_back(guard->caps, &mail);
}

static Verdict
judge(Guard *guard, TupleTableSlot *row, bool insert, StatusText status)
{
	Verdict		verdict;
	Mail		mail;

	switch (read_mail(guard, row, &mail))
	{
		case ROW_ADDRESS_NULL:
			return MAY_GO;		/* is_suppressed() does not say yes */
		case ROW_ADDRESS_INVALID:
			return SUPPRESSED;	/* never mailed; no lease to climb */
		case ROW_ADDRESS:
			break;
	}
	mail.at = insert ? guard->queued_at : GetCurrentTimestamp();
	verdict = judge_mail(guard, &mail, insert, status);
	/* The attempt is noted; the error would undo the log too. */
	if (verdict == SUPPRESSED && guard->on_suppressed != SUPPRESSED_ERROR)
		guard_frame_add(guard->frame, &mail);
	return verdict;
}

/* A mail that is sent takes a slot of its cap; a claim that waited for one asks again. */
static Verdict
judge_mail(Guard *guard, const Mail *mail, bool insert, StatusText status)
{
	CapAnswer	cap;

	if (guard_ask(guard->ask, mail))
		return SUPPRESSED;
	cap = is_sent(guard, insert, status) ? guard_cap_take(guard->caps, mail) : CAP_NONE;
	if (cap == CAP_USED_UP)
		return CAPPED;
	if (cap == CAP_NONE || insert || !guard_ask(guard->ask, mail))
		return MAY_GO;
	guard_cap_give_back(guard->caps, mail);
	return SUPPRESSED;
}

/* A queued row is sent when it is claimed, or at once where there are no claims. */
static bool
is_sent(const Guard *guard, bool insert, StatusText status)
{
	return !insert || guard->status_column == InvalidAttrNumber || is_status(status, guard->claimed_as);
}

static RowAddress
read_mail(const Guard *guard, TupleTableSlot *row, Mail *mail)
{
	bool		isnull;
	Datum		value = slot_getattr(row, guard->recipient, &isnull);
	RowAddress	found = row_address_parts(value, isnull, mail->address, &mail->length, &mail->domain);

	if (found == ROW_ADDRESS)
		mail->topic = row_topic(guard, row);
	return found;
}

static const text *
row_topic(const Guard *guard, TupleTableSlot *row)
{
	bool		isnull;
	Datum		value;

	if (guard->topic_column == InvalidAttrNumber)
		return guard->topic;
	value = slot_getattr(row, guard->topic_column, &isnull);
	if (isnull)
		return guard->topic;
	return OidIsValid(guard->topic_enum) ? cstring_to_text(row_word(value, guard->topic_enum)) : DatumGetTextPP(value);
}

static HeapTuple
keep_back(Guard *guard, const TriggerData *trigger, HeapTuple row, bool insert, Verdict verdict)
{
	Relation	relation = trigger->tg_relation;

	switch (guard->on_suppressed)
	{
		case SUPPRESSED_SKIP:
			return NULL;
		case SUPPRESSED_MARK:
			return insert ? mark_queued(guard, relation, row) : mark_claimed(guard, relation, trigger->tg_trigslot);
		case SUPPRESSED_ERROR:
			break;
	}
	refuse(guard, relation, verdict);
}

static void
refuse(const Guard *guard, Relation relation, Verdict verdict)
{
	const char *column = NameStr(TupleDescAttr(RelationGetDescr(relation), guard->recipient - 1)->attname);

	ereport(ERROR,
			(errcode(ERRCODE_BOUNCE_SUPPRESSED),
			 errmsg("recipient of a row for \"%s\" is suppressed", RelationGetRelationName(relation)),
			 verdict == CAPPED ? errdetail("Its \"%s\" got as many messages of the topic as its cap allows.", column) :
			 errdetail("Its \"%s\" must not be mailed now, or is no address.", column),
			 errhint("bounce.why_suppressed() tells why."),
			 errtablecol(relation, guard->recipient)));
}

static HeapTuple
mark_queued(Guard *guard, Relation relation, HeapTuple row)
{
	int			column = guard->status_column;
	bool		isnull = false;

	return heap_modify_tuple_by_cols(row, RelationGetDescr(relation), 1, &column, &guard->mark, &isnull);
}

/*
 * A worker takes what UPDATE ... RETURNING gives it for claimed, and mails it.  So
 * the claim is refused, and the row, which is locked by now, marked by an UPDATE of
 * its own.
 */
static HeapTuple
mark_claimed(Guard *guard, Relation relation, TupleTableSlot *row)
{
	RowWriter	writer;

	if (is_status(status_text(guard, row), guard->mark_as))
		return NULL;
	row_writer_begin(&writer, relation, guard->status_column);
	(void) row_writer_set(&writer, &row->tts_tid, guard->mark, false);
	row_writer_end(&writer);
	return NULL;
}

/* NULL also where there is no such column */
static StatusText
status_text(Guard *guard, TupleTableSlot *row)
{
	bool		isnull = true;
	Datum		value = 0;
	char	   *output;

	if (guard->status_column != InvalidAttrNumber)
		value = slot_getattr(row, guard->status_column, &isnull);
	if (isnull)
		return (StatusText) {0};
	if (guard->status_output.fn_oid == F_TEXTOUT || guard->status_output.fn_oid == F_VARCHAROUT)
	{
		text	   *word = DatumGetTextPP(value);

		return (StatusText) {VARDATA_ANY(word), VARSIZE_ANY_EXHDR(word)};
	}
	output = OutputFunctionCall(&guard->status_output, value);
	return (StatusText) {output, strlen(output)};
}

/* NULL is the same as nothing. */
static bool
is_status(StatusText status, const char *word)
{
	return word != NULL && same_status(status, (StatusText) {word, strlen(word)});
}

static bool
same_status(StatusText a, StatusText b)
{
	return a.text != NULL && b.text != NULL && a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}
