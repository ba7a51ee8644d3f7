/*
 * event_fill.c
 *		BEFORE ROW trigger of bounce.delivery_event: completes a row, or keeps it
 *		out of the log.
 *
 * Filled in when not given: canonical recipient, status and class (from the
 * response, site rules first), event key.  A row that cannot be used goes to bounce.rejected_input
 * with the reason; a row that is in the log already is dropped in silence.
 *
 * The trigger fires last (by its name), so the row is stored as it leaves it here; and
 * what may move a suppression is noted for the end of the statement.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "replication/logicalworker.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "address_text.h"
#include "classify.h"
#include "event_duplicate.h"
#include "event_moved.h"
#include "event_row.h"
#include "owner.h"
#include "response_text.h"
#include "site_rule.h"
#include "state_args.h"
#include "types.h"

PG_FUNCTION_INFO_V1(delivery_event_fill);

typedef struct EventRow
{
	Datum		values[EVENT_COLUMNS];
	bool		nulls[EVENT_COLUMNS];
} EventRow;

static void check_columns(Relation partition);
static void check_door(Relation partition);
static const char *fill_recipient(EventRow *row);
static const char *fill_times(EventRow *row);
static const char *check_evidence(EventRow *row);
static void fill_class(EventRow *row);
static const char *check_lengths(const EventRow *row);
static void fill_event_key(EventRow *row);
static Datum hexadecimal(uint64 number);
static void blank_to_null(EventRow *row, int column);
static uint64 hash_column(const EventRow *row, int column, bool is_text, uint64 seed);
static void reject(HeapTuple tuple, TupleDesc desc, const char *reason);

#define VALUE(row, column) ((row)->values[(column) - 1])
#define IS_NULL(row, column) ((row)->nulls[(column) - 1])

static inline void
set_column(EventRow *row, int column, Datum value)
{
	VALUE(row, column) = value;
	IS_NULL(row, column) = false;
}

Datum
delivery_event_fill(PG_FUNCTION_ARGS)
{
	static bool checked = true;
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	EventRow	row;
	const char *fault;
	Moved	   *moved;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || !TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("\"%s\" must be called as a BEFORE INSERT ROW trigger", "bounce.delivery_event_fill")));
	desc = RelationGetDescr(trigger->tg_relation);
	if (fcinfo->flinfo->fn_extra == NULL)
	{
		/* The table cannot change while the statement runs. */
		check_columns(trigger->tg_relation);
		check_door(trigger->tg_relation);
		fcinfo->flinfo->fn_extra = &checked;
	}
	slot_getallattrs(trigger->tg_trigslot);
	memcpy(row.values, trigger->tg_trigslot->tts_values, sizeof(row.values));
	memcpy(row.nulls, trigger->tg_trigslot->tts_isnull, sizeof(row.nulls));

	if ((fault = fill_recipient(&row)) != NULL ||
		(fault = fill_times(&row)) != NULL ||
		(fault = check_evidence(&row)) != NULL ||
		(fault = check_lengths(&row)) != NULL)
	{
		reject(trigger->tg_trigtuple, desc, fault);
		return PointerGetDatum(NULL);
	}
	fill_event_key(&row);
	moved = moved_of_statement();
	if (moved != NULL && moved_key_is_new(moved, VALUE(&row, EVENT_EVENT_KEY)))
		event_stored();
	else if (event_is_duplicate(trigger->tg_relation, VALUE(&row, EVENT_RECIPIENT),
								VALUE(&row, EVENT_OCCURRED_AT), VALUE(&row, EVENT_EVENT_KEY)))
		return PointerGetDatum(NULL);
	fill_class(&row);
	if (moved != NULL)
		moved_note(moved, row.values, row.nulls, EVENT_INSERTED);
	return PointerGetDatum(heap_form_tuple(desc, row.values, row.nulls));
}

/* A partition that was attached by hand may have its columns in another order. */
static void
check_columns(Relation partition)
{
	TupleDesc	desc = RelationGetDescr(partition);

	if (desc->natts != EVENT_COLUMNS ||
		strcmp(NameStr(TupleDescAttr(desc, EVENT_RECIPIENT - 1)->attname), "recipient") != 0 ||
		strcmp(NameStr(TupleDescAttr(desc, EVENT_CLASS - 1)->attname), "class") != 0 ||
		strcmp(NameStr(TupleDescAttr(desc, EVENT_EVENT_KEY - 1)->attname), "event_key") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("partition \"%s\" does not have the columns of bounce.delivery_event in their order",
						RelationGetRelationName(partition)),
				 errhint("Make partitions with CREATE TABLE ... PARTITION OF bounce.delivery_event.")));
}

/*
 * Only a statement on the log itself makes its events take effect.  It is not refused: a
 * restore fills partitions, and brings along what their events led to.
 */
static void
check_door(Relation partition)
{
	if (moved_of_statement() == NULL && !IsLogicalWorker())
		ereport(NOTICE,
				(errmsg("events stored in partition \"%s\" directly do not take effect", RelationGetRelationName(partition)),
				 errhint("Store them in bounce.delivery_event, or call bounce.rebuild_suppressions() afterwards.")));
}

/* The fill_ functions return why the row cannot be used, or NULL. */
static const char *
fill_recipient(EventRow *row)
{
	text	   *given;
	char		address[ADDRESS_TEXT_MAX];
	size_t		length;
	size_t		domain;

	if (IS_NULL(row, EVENT_RECIPIENT))
		return "recipient is missing";
	given = DatumGetTextPP(VALUE(row, EVENT_RECIPIENT));
	if (!address_normalize_text(VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given), address, &length, &domain))
		return "recipient is not an address";
	set_column(row, EVENT_RECIPIENT, PointerGetDatum(cstring_to_text_with_len(address, length)));
	return NULL;
}

static const char *
fill_times(EventRow *row)
{
	if (IS_NULL(row, EVENT_OCCURRED_AT))
		return "occurred_at is missing";
	if (TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(VALUE(row, EVENT_OCCURRED_AT))))
		return "occurred_at is infinite";
	if (IS_NULL(row, EVENT_RECORDED_AT))
		set_column(row, EVENT_RECORDED_AT, TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
	return NULL;
}

/* What the text says completes the status that was given; it does not contradict it. */
static SmtpStatus
completed_status(SmtpStatus given, SmtpStatus said)
{
	SmtpStatus	enhanced = smtp_status_has_enhanced(given) ? given : said;

	if (given == SMTP_STATUS_NONE)
		return said;
	if (said == SMTP_STATUS_NONE || !smtp_status_has_enhanced(enhanced) ||
		smtp_status_class(said) != smtp_status_class(given))
		return given;
	return smtp_status_make(smtp_status_reply(given) != 0 ? smtp_status_reply(given) : smtp_status_reply(said),
							smtp_status_class(given), smtp_status_subject(enhanced), smtp_status_detail(enhanced));
}

static const char *
check_evidence(EventRow *row)
{
	blank_to_null(row, EVENT_RESPONSE);
	if (IS_NULL(row, EVENT_RESPONSE) && IS_NULL(row, EVENT_STATUS) && IS_NULL(row, EVENT_CLASS))
		return "none of response, status and class is given";
	return NULL;
}

/* What an index cannot hold would fail the statement; a topic goes into the key of a choice. */
static const char *
check_lengths(const EventRow *row)
{
	if (!IS_NULL(row, EVENT_EVENT_KEY) && toast_raw_datum_size(VALUE(row, EVENT_EVENT_KEY)) - VARHDRSZ > TOPIC_TEXT_MAX)
		return "event_key is longer than " CppAsString2(TOPIC_TEXT_MAX) " bytes";
	if (!IS_NULL(row, EVENT_TOPIC) && toast_raw_datum_size(VALUE(row, EVENT_TOPIC)) - VARHDRSZ > TOPIC_TEXT_MAX)
		return "topic is longer than " CppAsString2(TOPIC_TEXT_MAX) " bytes";
	return NULL;
}

static void
fill_class(EventRow *row)
{
	SmtpStatus	status = IS_NULL(row, EVENT_STATUS) ? SMTP_STATUS_NONE : DatumGetSmtpStatus(VALUE(row, EVENT_STATUS));
	text	   *given = IS_NULL(row, EVENT_RESPONSE) ? NULL : DatumGetTextPP(VALUE(row, EVENT_RESPONSE));
	const char *response = given == NULL ? "" : VARDATA_ANY(given);
	int			length = given == NULL ? 0 : VARSIZE_ANY_EXHDR(given);
	int			utf8_length;
	const char *utf8 = response_utf8(response, length, &utf8_length);

	if (IS_NULL(row, EVENT_CLASS))
	{
		const SiteRule *rule = site_rule_for(response, length, status);
		SmtpStatus	said;
		BounceClass klass = classify_status(utf8, utf8_length, status, &said);

		set_column(row, EVENT_CLASS, BounceClassGetDatum(rule != NULL ? rule->klass : klass));
		status = completed_status(status, said);
	}
	else
		status = completed_status(status, extract_status(utf8, utf8_length));
	if (status != SMTP_STATUS_NONE)
		set_column(row, EVENT_STATUS, SmtpStatusGetDatum(status));
}

/*
 * Derived from what the source said and when it happened, not from when we stored
 * it, nor from the class that the rules of that day gave it: a replayed file finds
 * its own rows again.
 */
static void
fill_event_key(EventRow *row)
{
	static const int texts[] = {EVENT_TOPIC, EVENT_RESPONSE, EVENT_MESSAGE_ID, EVENT_SOURCE};
	uint64		hash;

	blank_to_null(row, EVENT_TOPIC);
	blank_to_null(row, EVENT_MESSAGE_ID);
	blank_to_null(row, EVENT_EVENT_KEY);
	if (!IS_NULL(row, EVENT_EVENT_KEY))
		return;
	hash = DatumGetInt64(VALUE(row, EVENT_OCCURRED_AT));
	for (size_t i = 0; i < lengthof(texts); i++)
		hash = hash_column(row, texts[i], true, hash);
	hash = hash_column(row, EVENT_STATUS, false, hash);
	hash = hash_column(row, EVENT_CLASS, false, hash);
	set_column(row, EVENT_EVENT_KEY, hexadecimal(hash));
}

static Datum
hexadecimal(uint64 number)
{
	text	   *digits = palloc(VARHDRSZ + 16);

	SET_VARSIZE(digits, VARHDRSZ + 16);
	for (int i = 15; i >= 0; i--, number >>= 4)
		VARDATA(digits)
	[i] = "0123456789abcdef"[number & 0xf];
	return PointerGetDatum(digits);
}

static void
blank_to_null(EventRow *row, int column)
{
	if (!IS_NULL(row, column) &&
		VARSIZE_ANY_EXHDR(DatumGetTextPP(VALUE(row, column))) == 0)
		IS_NULL(row, column) = true;
}

static uint64
hash_column(const EventRow *row, int column, bool is_text, uint64 seed)
{
	text	   *value;

	if (IS_NULL(row, column))
		return hash_combine64(seed, 0);
	if (!is_text)
		return hash_combine64(seed, hash_bytes_uint32_extended(DatumGetUInt32(VALUE(row, column)), 0));
	value = DatumGetTextPP(VALUE(row, column));
	return hash_combine64(seed, hash_bytes_extended((const unsigned char *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), 0));
}

/* Keeps the row as it came, with the reason. */
static void
reject(HeapTuple tuple, TupleDesc desc, const char *reason)
{
	static KeptStatement statement = {
		"INSERT INTO bounce.rejected_input (door, reason, input)"
		" VALUES ('delivery_event', $1, pg_catalog.jsonb_strip_nulls($2::pg_catalog.jsonb))",
		2, {TEXTOID, TEXTOID}, NULL
	};
	Datum		values[2];

	values[0] = CStringGetTextDatum(reason);
	values[1] = DirectFunctionCall1(row_to_json, heap_copy_tuple_as_datum(tuple, desc));
	owner_execute(&statement, values);
}
