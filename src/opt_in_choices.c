/*
 * opt_in_choices.c
 *		What rows of a contact table say about topics, told together.
 *
 * Of one address, topic and instant a yes is told before a no: the one told last
 * stands.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/xact.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "address_list.h"
#include "compat.h"
#include "consent_batch.h"
#include "contact_walk.h"
#include "opt_in_choices.h"
#include "opt_in_follow.h"
#include "opt_in_standing.h"

/* Told before the statement ends when there are more: bounds memory to some 300 MB. */
#define TOLD_TOGETHER 500000

typedef struct RowKey
{
	int			count;
	AttrNumber	columns[INDEX_MAX_KEYS];
	FmgrInfo	output[INDEX_MAX_KEYS];
} RowKey;

struct OptInChoices
{
	Relation	relation;
	const OptInTable *table;
	const char *source;
	const char *new_source;
	char	   *evidence;		/* what is the same for all rows: the beginning of an object */
	RowKey		key;
	MemoryContext context;		/* what was noted */
	ConsentChoice *choices;
	int			count;
	int			room;
	char	  **addresses;		/* whose columns follow */
	int			address_count;
	int			address_room;
};

static void read_key(RowKey *key, Relation relation);
static char *begin_evidence(Relation relation, const char *how);
static bool is_unchanged(const OptInChoices *choices, TupleTableSlot *before, TupleTableSlot *after);
static OptInValue value_of(TupleTableSlot *slot, AttrNumber column);
static bool same_address(const OptInChoices *choices, TupleTableSlot *before, const char *address);
static void note_address(OptInChoices *choices, const char *address);
static void note_choice(OptInChoices *choices, const ConsentChoice *choice, int of_row);
static Datum evidence_of(const OptInChoices *choices, const OptInColumn *column, TupleTableSlot *row);
static void append_key(StringInfo json, const OptInChoices *choices, TupleTableSlot *row);
static int	choice_compare(const void *a, const void *b);

OptInChoices *
opt_in_choices_begin(Relation relation, const OptInTable *table, const char *how,
					 const char *source, const char *new_source)
{
	OptInChoices *choices = palloc0(sizeof(OptInChoices));

	choices->relation = relation;
	choices->table = table;
	choices->source = source;
	choices->new_source = new_source;
	choices->evidence = begin_evidence(relation, how);
	read_key(&choices->key, relation);
	choices->context = AllocSetContextCreate(CurrentMemoryContext, "bounce opt-in choices", ALLOCSET_DEFAULT_SIZES);
	return choices;
}

static void
read_key(RowKey *key, Relation relation)
{
	Oid			oid;
	Relation	index;

	(void) RelationGetIndexList(relation);
	oid = primary_key_index(relation);
	key->count = 0;
	if (!OidIsValid(oid))
		return;
	index = index_open(oid, AccessShareLock);
	for (int i = 0; i < IndexRelationGetNumberOfKeyAttributes(index); i++)
	{
		AttrNumber	column = index->rd_index->indkey.values[i];
		Oid			output;
		bool		varlena;

		getTypeOutputInfo(TupleDescAttr(RelationGetDescr(relation), column - 1)->atttypid, &output, &varlena);
		fmgr_info(output, &key->output[key->count]);
		key->columns[key->count++] = column;
	}
	index_close(index, AccessShareLock);
}

static char *
begin_evidence(Relation relation, const char *how)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoString(&json, "{\"table\": ");
	escape_json(&json, quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)), RelationGetRelationName(relation)));
	appendStringInfo(&json, ", \"how\": \"%s\", \"by\": ", how);
	escape_json(&json, GetUserNameFromId(GetUserId(), false));
	return json.data;
}

void
opt_in_choices_add(OptInChoices *choices, TupleTableSlot *before, TupleTableSlot *after)
{
	char		canonical[ADDRESS_TEXT_MAX];
	MemoryContext caller;
	const char *address;
	bool		is_new;
	int			first = choices->count;

	if (before != NULL && is_unchanged(choices, before, after))
		return;
	address = contact_address(choices->table->address, after, canonical);
	if (address == NULL)
		return;
	is_new = before == NULL || !same_address(choices, before, address);
	caller = MemoryContextSwitchTo(choices->context);
	note_address(choices, address);
	address = choices->addresses[choices->address_count - 1];
	for (int i = 0; i < choices->table->count; i++)
	{
		const OptInColumn *column = &choices->table->column[i];
		OptInValue	old = is_new ? (OptInValue) {0} : value_of(before, column->number);
		OptInValue	new = value_of(after, column->number);
		ConsentChoice choice = {
			.address = address, .topic = column->topic, .lenient = true,
			.source = is_new ? choices->new_source : choices->source,
			.at = GetCurrentTransactionStartTimestamp()
		};
		Said		said = opt_in_said(column, is_new ? NULL : &old, &new, &choice.at);

		if (said == SAID_NOTHING)
			continue;
		choice.act = said == SAID_YES ? CONSENT_SUBSCRIBE : CONSENT_UNSUBSCRIBE;
		choice.evidence = evidence_of(choices, column, after);
		note_choice(choices, &choice, first);
	}
	MemoryContextSwitchTo(caller);
	if (choices->count >= TOLD_TOGETHER)
		opt_in_choices_tell(choices);
}

/* By its bytes: most rows of most statements are about something else. */
static bool
is_unchanged(const OptInChoices *choices, TupleTableSlot *before, TupleTableSlot *after)
{
	OptInValue	old = value_of(before, choices->table->address);
	OptInValue	new = value_of(after, choices->table->address);

	if (old.isnull != new.isnull || (!old.isnull && !datum_image_eq(old.value, new.value, false, -1)))
		return false;
	for (int i = 0; i < choices->table->count; i++)
	{
		const OptInColumn *column = &choices->table->column[i];

		old = value_of(before, column->number);
		new = value_of(after, column->number);
		if (!opt_in_same(column, &old, &new))
			return false;
	}
	return true;
}

static OptInValue
value_of(TupleTableSlot *slot, AttrNumber column)
{
	OptInValue	value;

	value.value = slot_getattr(slot, column, &value.isnull);
	return value;
}

static bool
same_address(const OptInChoices *choices, TupleTableSlot *before, const char *address)
{
	char		canonical[ADDRESS_TEXT_MAX];
	const char *old = contact_address(choices->table->address, before, canonical);

	return old != NULL && strcmp(old, address) == 0;
}

static void
note_address(OptInChoices *choices, const char *address)
{
	if (choices->address_count == choices->address_room)
	{
		choices->address_room = choices->address_room == 0 ? 64 : choices->address_room * 2;
		choices->addresses = choices->addresses == NULL ? palloc(sizeof(char *) * choices->address_room) :
			repalloc_huge(choices->addresses, sizeof(char *) * choices->address_room);
	}
	choices->addresses[choices->address_count++] = pstrdup(address);
}

/* Two columns of a row that say the same of a topic say it once, at the earlier time. */
static void
note_choice(OptInChoices *choices, const ConsentChoice *choice, int of_row)
{
	for (int i = of_row; i < choices->count; i++)
	{
		ConsentChoice *other = &choices->choices[i];

		if (strcmp(other->topic, choice->topic) == 0 && other->act == choice->act)
		{
			if (choice->at < other->at)
				*other = *choice;
			return;
		}
	}
	if (choices->count == choices->room)
	{
		choices->room = choices->room == 0 ? 64 : choices->room * 2;
		choices->choices = choices->choices == NULL ? palloc(sizeof(ConsentChoice) * choices->room) :
			repalloc_huge(choices->choices, sizeof(ConsentChoice) * choices->room);
	}
	choices->choices[choices->count++] = *choice;
}

static Datum
evidence_of(const OptInChoices *choices, const OptInColumn *column, TupleTableSlot *row)
{
	Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(choices->relation), column->number - 1);
	OptInValue	value = value_of(row, column->number);
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json, "%s, \"column\": ", choices->evidence);
	escape_json(&json, NameStr(attribute->attname));
	appendStringInfoString(&json, ", \"value\": ");
	if (value.isnull)
		appendStringInfoString(&json, "null");
	else if (column->is_time)
		appendStringInfo(&json, "\"%s\"", timestamptz_to_str(DatumGetTimestampTz(value.value)));
	else
		appendStringInfoString(&json, DatumGetBool(value.value) ? "true" : "false");
	append_key(&json, choices, row);
	appendStringInfoChar(&json, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

static void
append_key(StringInfo json, const OptInChoices *choices, TupleTableSlot *row)
{
	TupleDesc	desc = RelationGetDescr(choices->relation);

	for (int i = 0; i < choices->key.count; i++)
	{
		AttrNumber	column = choices->key.columns[i];
		OptInValue	value = value_of(row, column);

		appendStringInfoString(json, i == 0 ? ", \"row\": {" : ", ");
		escape_json(json, NameStr(TupleDescAttr(desc, column - 1)->attname));
		appendStringInfoString(json, ": ");
		escape_json(json, OutputFunctionCall(unconstify(FmgrInfo *, &choices->key.output[i]), value.value));
	}
	if (choices->key.count > 0)
		appendStringInfoChar(json, '}');
}

void
opt_in_choices_tell(OptInChoices *choices)
{
	int			held;

	if (choices->address_count == 0)
		return;
	held = opt_in_hold();
	if (choices->count > 1)
		qsort(choices->choices, choices->count, sizeof(ConsentChoice), choice_compare);
	PG_TRY();
	{
		consent_choose_all(choices->choices, choices->count);
	}
	PG_FINALLY();
	{
		opt_in_release(held);
	}
	PG_END_TRY();
	choices->address_count = address_list_distinct(choices->addresses, choices->address_count);
	/* Who changes a preference now does not see our rows: he waits for us, or we for him. */
	opt_in_standing_keep(choices->addresses, choices->address_count);
	opt_in_follow(choices->addresses, choices->address_count);
	MemoryContextReset(choices->context);
	choices->choices = NULL;
	choices->addresses = NULL;
	choices->count = choices->room = choices->address_count = choices->address_room = 0;
}

/* By address and topic; a yes first. */
static int
choice_compare(const void *a, const void *b)
{
	const ConsentChoice *one = a;
	const ConsentChoice *other = b;
	int			order = strcmp(one->address, other->address);

	if (order == 0)
		order = strcmp(one->topic, other->topic);
	if (order == 0)
		order = (other->act == CONSENT_SUBSCRIBE) - (one->act == CONSENT_SUBSCRIBE);
	return order;
}
