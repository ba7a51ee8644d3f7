/*
 * track_preferences.c
 *		bounce.track_preferences(): opt-in columns of a contact table and preferences
 *		follow each other.
 *
 * What the application writes to such a column is a choice, told for a whole
 * statement at once with its evidence; then the columns of its addresses are set
 * to what stands (opt_in_follow.h), which need not be what was written.
 *
 * The two transition tables of an UPDATE hold the versions of a row at the same
 * place: the server puts both in when it has updated it.
 */
#include "postgres.h"

#include "access/tableam.h"
#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

#include "attach.h"
#include "attached_tables.h"
#include "attachment.h"
#include "consent.h"
#include "contact_walk.h"
#include "contact_write.h"
#include "opt_in_choices.h"
#include "opt_in_follow.h"
#include "opt_in_table.h"
#include "owner.h"
#include "state_args.h"
#include "topic.h"

PG_FUNCTION_INFO_V1(bounce_track_preferences);
PG_FUNCTION_INFO_V1(bounce_track_preferences_rows);

/* Arguments of track_preferences(), in their order */
enum track_argument
{
	TRACK_TABLE,
	TRACK_ADDRESS,
	TRACK_TOPICS,
	TRACK_SOURCE,
	TRACK_INSERT_SOURCE,
	TRACK_EXISTING,
	TRACK_CREATE_INDEX
};

/* Says in a session that its statements are of a lower source than the table's. */
#define SOURCE_SETTING "bounce.preference_source"

static const char *source_argument(FunctionCallInfo fcinfo, int number, const char *name, const char *otherwise);
static int	attach_topics(Attaching *attaching, Jsonb *topics);
static void attach_column_of_topic(Attaching *attaching, int n, const char *name, const char *topic);
static void tell_existing(Relation relation, const char *source);
static void tell_part(Relation relation, const Attachment *attachment, void *context);
static void tell_rows(TriggerData *trigger, OptInChoices *choices);
static const char *lower_source(const char *source);

/* track_preferences("table" regclass, address name, topics jsonb, source text, insert_source text, existing boolean, create_index boolean) */
Datum
bounce_track_preferences(PG_FUNCTION_ARGS)
{
	const char *address = attach_name_argument(fcinfo, TRACK_ADDRESS);
	Attaching  *attaching;
	AttrNumber	address_number;
	const char *source;
	const char *insert_source;

	PreventCommandIfReadOnly("bounce.track_preferences()");
	if (address == NULL || PG_ARGISNULL(TRACK_TOPICS))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", address == NULL ? "address" : "topics")));
	source = source_argument(fcinfo, TRACK_SOURCE, "source", "person");
	insert_source = source_argument(fcinfo, TRACK_INSERT_SOURCE, "insert_source", "import");
	attaching = attach_begin(attach_table_argument(fcinfo, TRACK_TABLE), "track_preferences", "track_preferences_rows", false);
	address_number = attach_column(attaching, "address", address, COLUMN_TEXT);
	attach_check_before(attaching, address_number, false);
	if (attach_topics(attaching, PG_GETARG_JSONB_P(TRACK_TOPICS)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"topics\" names no column"),
				 errhint("It is an object of columns and their topics, as in {\"news_ok\": \"newsletter\"}.")));
	contact_index_provide(attaching, address_number, attach_flag_argument(fcinfo, TRACK_CREATE_INDEX, true));
	attach_option(attaching, "source", source);
	attach_option(attaching, "insert_source", insert_source);

	/* This one never fires: it is there for its columns. */
	attach_chief(attaching, "zz_bounce_preferences", "AFTER UPDATE", "FOR EACH ROW WHEN (false)");
	attach_trigger(attaching, "zz_bounce_preferences_insert", "AFTER INSERT",
				   "REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT", "track_preferences_rows");
	attach_trigger(attaching, "zz_bounce_preferences_update", "AFTER UPDATE",
				   "REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT", "track_preferences_rows");
	/*
	 * Whoever is changing a preference does not know of this table yet, and is waited
	 * for; whoever comes later waits for us, and then does.
	 */
	LockRelationOid(bounce_relation_oid("consent_log"), ShareRowExclusiveLock);
	if (attach_flag_argument(fcinfo, TRACK_EXISTING, true))
		tell_existing(attaching->relation, insert_source);
	attach_end(attaching);
	PG_RETURN_VOID();
}

static const char *
source_argument(FunctionCallInfo fcinfo, int number, const char *name, const char *otherwise)
{
	const char *source = attach_text_argument(fcinfo, number);

	if (source == NULL)
		return otherwise;
	if (strcmp(source, "person") != 0 && strcmp(source, "operator") != 0 && strcmp(source, "import") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for argument \"%s\": \"%s\"", name, clipped(source)),
				 errhint("It is \"person\", \"operator\" or \"import\".")));
	return source;
}

/* How many columns there were. */
static int
attach_topics(Attaching *attaching, Jsonb *topics)
{
	JsonbIterator *iterator = JsonbIteratorInit(&topics->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	char	   *name = NULL;
	int			count = 0;

	token = JsonbIteratorNext(&iterator, &value, false);
	if (token != WJB_BEGIN_OBJECT)
		return 0;
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			name = pnstrdup(value.val.string.val, value.val.string.len);
		else if (token == WJB_VALUE && value.type == jbvString && count < OPT_IN_COLUMNS_MAX)
			attach_column_of_topic(attaching, ++count, name, pnstrdup(value.val.string.val, value.val.string.len));
		else if (token == WJB_VALUE)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 count < OPT_IN_COLUMNS_MAX ? errmsg("the topic of column \"%s\" is not a string", clipped(name)) :
					 errmsg("more than %d columns", OPT_IN_COLUMNS_MAX),
					 errhint("Argument \"topics\" is an object of columns and their topics, as in {\"news_ok\": \"newsletter\"}.")));
	}
	return count;
}

static void
attach_column_of_topic(Attaching *attaching, int n, const char *name, const char *topic)
{
	AttrNumber	number = attach_column(attaching, opt_in_part(n), name, COLUMN_OPT_IN);
	Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(attaching->relation), number - 1);
	Topic		known;

	attach_check_before(attaching, number, true);
	/* All marketing topics need no row. */
	if (topic[0] != '\0')
		topic_required(topic, &known);
	if (attribute->attnotnull && attribute->atttypid != BOOLOID)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("column \"%s\" of relation \"%s\" does not allow nulls", NameStr(attribute->attname),
						RelationGetRelationName(attaching->relation)),
				 errdetail("It is null where the person has not opted out."),
				 errhint("ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL", attaching->table,
						 quote_identifier(NameStr(attribute->attname)))));
	attach_option(attaching, opt_in_part(n), topic);
}

/* What the rows say that are there is told as if they were inserted now. */
static void
tell_existing(Relation relation, const char *source)
{
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	attached_parts_each(ATTACHED_PREFERENCES, relation, RowExclusiveLock, tell_part, &source);
	PopActiveSnapshot();
}

static void
tell_part(Relation relation, const Attachment *attachment, void *context)
{
	const char *source = *(const char **) context;
	OptInTable	table;
	OptInChoices *choices;
	TupleTableSlot *slot;
	TableScanDesc scan;

	if (!opt_in_table_read(&table, relation, attachment))
		return;
	contact_write_retract(relation, "track_preferences");
	choices = opt_in_choices_begin(relation, &table, "attach", source, source);
	slot = table_slot_create(relation, NULL);
	scan = table_beginscan(relation, GetActiveSnapshot(), 0, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		opt_in_choices_add(choices, NULL, slot);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	opt_in_choices_tell(choices);
}

/* track_preferences_rows(): trigger AFTER INSERT or UPDATE, FOR EACH STATEMENT with its rows */
Datum
bounce_track_preferences_rows(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_called(fcinfo, TRIGGER_USE_AFTER,
										  "bounce.track_preferences_rows", "bounce.track_preferences()");
	bool		insert = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	Relation	relation = trigger->tg_relation;
	Attachment *attachment = attachment_read(relation, fcinfo->flinfo->fn_oid);
	OptInTable	table;
	const char *source;
	const char *insert_source;

	if (attachment == NULL || TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || opt_in_writes(relation) ||
		!opt_in_table_read(&table, relation, attachment))
		return PointerGetDatum(NULL);
	source = attachment_option(attachment, "source");
	insert_source = attachment_option(attachment, "insert_source");
	if (source == NULL || insert_source == NULL || trigger->tg_newtable == NULL || (!insert && trigger->tg_oldtable == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" was not made by %s", trigger->tg_trigger->tgname, "bounce.track_preferences()"),
				 errhint("Call bounce.detach() for the table, and attach it again.")));
	tell_rows(trigger, opt_in_choices_begin(relation, &table, insert ? "insert" : "update", lower_source(source), lower_source(insert_source)));
	return PointerGetDatum(NULL);
}

static void
tell_rows(TriggerData *trigger, OptInChoices *choices)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	TupleTableSlot *before = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	TupleTableSlot *after = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	Tuplestorestate *old_rows = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_oldtable : NULL;

	if (old_rows != NULL && tuplestore_tuple_count(old_rows) != tuplestore_tuple_count(trigger->tg_newtable))
		elog(ERROR, "transition tables of \"%s\" differ in length", RelationGetRelationName(trigger->tg_relation));
	while (tuplestore_gettupleslot(trigger->tg_newtable, true, false, after))
	{
		CHECK_FOR_INTERRUPTS();
		if (old_rows != NULL && !tuplestore_gettupleslot(old_rows, true, false, before))
			elog(ERROR, "transition tables of \"%s\" differ in length", RelationGetRelationName(trigger->tg_relation));
		opt_in_choices_add(choices, old_rows == NULL ? NULL : before, after);
	}
	ExecDropSingleTupleTableSlot(before);
	ExecDropSingleTupleTableSlot(after);
	opt_in_choices_tell(choices);
}

/* What the session says of itself, if that is less. */
static const char *
lower_source(const char *source)
{
	const char *said = GetConfigOption(SOURCE_SETTING, true, false);

	if (said == NULL || said[0] == '\0')
		return source;
	if (strcmp(said, "person") != 0 && strcmp(said, "operator") != 0 && strcmp(said, "import") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for parameter \"%s\": \"%s\"", SOURCE_SETTING, clipped(said)),
				 errhint("It is \"person\", \"operator\" or \"import\".")));
	return consent_source(said) < consent_source(source) ? said : source;
}
