/*
 * guard_outbox.c
 *		bounce.guard_outbox(): attaches the guard to a send queue.
 *
 * The triggers' names begin with "zz": the server fires triggers in the order of
 * names, and the guard must see a row as the application's own triggers leave it.
 */
#include "postgres.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"

#include "attach.h"
#include "guard_outbox.h"
#include "owner_of_table.h"

PG_FUNCTION_INFO_V1(bounce_guard_outbox);

/* Arguments of guard_outbox(), in their order */
enum guard_argument
{
	GUARD_TABLE,
	GUARD_RECIPIENT,
	GUARD_TOPIC_COLUMN,
	GUARD_TOPIC,
	GUARD_STATUS_COLUMN,
	GUARD_CLAIM_FROM,
	GUARD_CLAIMED_AS,
	GUARD_ON_SUPPRESSED,
	GUARD_MARK_AS,
	GUARD_ALWAYS
};

typedef struct StatusOptions
{
	AttrNumber	column;
	const char *claim_from;
	const char *claimed_as;
	const char *mark_as;
} StatusOptions;

static void check_recipient(const char *recipient);
static void attach_topic(Attaching *attaching, const char *column, const char *topic);
static void check_status_options(const StatusOptions *status, OnSuppressed on_suppressed);
static void settle_status(Attaching *attaching, StatusOptions *status, OnSuppressed on_suppressed);
static char *as_stored(Form_pg_attribute attribute, const char *value);
static char *constant_default(TupleDesc desc, AttrNumber column);
static void attach_guard_triggers(Attaching *attaching, bool claims, bool logs);

Datum
bounce_guard_outbox(PG_FUNCTION_ARGS)
{
	const char *recipient = attach_name_argument(fcinfo, GUARD_RECIPIENT);
	const char *topic_column = attach_name_argument(fcinfo, GUARD_TOPIC_COLUMN);
	const char *status_column = attach_name_argument(fcinfo, GUARD_STATUS_COLUMN);
	const char *mode = attach_text_argument(fcinfo, GUARD_ON_SUPPRESSED);
	OnSuppressed on_suppressed;
	StatusOptions status;
	Attaching  *attaching;

	PreventCommandIfReadOnly("bounce.guard_outbox()");
	on_suppressed = on_suppressed_of(mode);
	check_recipient(recipient);
	attaching = attach_begin(attach_table_argument(fcinfo, GUARD_TABLE), "guard_outbox", "guard_outbox_row",
							 attach_flag_argument(fcinfo, GUARD_ALWAYS, false));
	attach_check_before(attaching, attach_column(attaching, "recipient", recipient, COLUMN_TEXT), false);
	attach_check_before(attaching, attach_column(attaching, "topic_column", topic_column, COLUMN_WORD), false);
	status.column = attach_column(attaching, "status_column", status_column, COLUMN_ANY);
	attach_check_before(attaching, status.column, on_suppressed == SUPPRESSED_MARK);
	status.claim_from = attach_text_argument(fcinfo, GUARD_CLAIM_FROM);
	status.claimed_as = attach_text_argument(fcinfo, GUARD_CLAIMED_AS);
	status.mark_as = attach_text_argument(fcinfo, GUARD_MARK_AS);
	check_status_options(&status, on_suppressed);
	settle_status(attaching, &status, on_suppressed);

	attach_topic(attaching, topic_column, attach_text_argument(fcinfo, GUARD_TOPIC));
	attach_option(attaching, "claim_from", status.claim_from);
	attach_option(attaching, "claimed_as", status.claimed_as);
	attach_option(attaching, "on_suppressed", mode == NULL ? "skip" : mode);
	attach_option(attaching, "mark_as", status.mark_as);
	attach_guard_triggers(attaching, status.column != InvalidAttrNumber, on_suppressed != SUPPRESSED_ERROR);
	attach_end(attaching);
	PG_RETURN_VOID();
}

OnSuppressed
on_suppressed_of(const char *name)
{
	static const char *const names[] = {
		[SUPPRESSED_SKIP] = "skip",
		[SUPPRESSED_MARK] = "mark",
		[SUPPRESSED_ERROR] = "error"
	};

	if (name == NULL)
		return SUPPRESSED_SKIP;
	for (int i = 0; i < (int) lengthof(names); i++)
	{
		if (strcmp(name, names[i]) == 0)
			return (OnSuppressed) i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for argument \"on_suppressed\": \"%s\"", name),
			 errhint("It is \"skip\", \"mark\" or \"error\".")));
}

static void
check_recipient(const char *recipient)
{
	if (recipient == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"recipient\" must not be null"),
				 errhint("Name the column that holds the address.")));
}

/* The name of a topic that is also the name of a column was meant as the latter, perhaps. */
static void
attach_topic(Attaching *attaching, const char *column, const char *topic)
{
	attach_option(attaching, "topic", topic);
	if (topic != NULL && column == NULL && get_attnum(RelationGetRelid(attaching->relation), topic) > 0)
		ereport(NOTICE,
				(errmsg("every row of \"%s\" is taken for mail of topic \"%s\"",
						RelationGetRelationName(attaching->relation), topic),
				 errhint("If the topic is in column \"%s\", give that as \"topic_column\".", topic)));
}

static void
check_status_options(const StatusOptions *status, OnSuppressed on_suppressed)
{
	if (status->column == InvalidAttrNumber &&
		(on_suppressed == SUPPRESSED_MARK || status->claim_from != NULL || status->claimed_as != NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"status_column\" is missing"),
				 errdetail("It is needed for \"mark\", \"claim_from\" and \"claimed_as\"."),
				 errhint("Name the column that says how far the row has got.")));
	if (on_suppressed == SUPPRESSED_MARK && status->mark_as == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"mark_as\" must not be null where \"on_suppressed\" is \"mark\"")));
}

/*
 * Settles how a claim is known: by where the status comes from, where it goes, or
 * both.  When neither is said, rows are claimed by leaving the column's default.
 */
static void
settle_status(Attaching *attaching, StatusOptions *status, OnSuppressed on_suppressed)
{
	TupleDesc	desc = RelationGetDescr(attaching->relation);
	Form_pg_attribute attribute;
	TableOwnerScope scope;

	if (status->column == InvalidAttrNumber)
	{
		status->mark_as = NULL;
		return;
	}
	attribute = TupleDescAttr(desc, status->column - 1);
	table_owner_begin(&scope, attaching->relation);
	if (status->claim_from == NULL && status->claimed_as == NULL)
		status->claim_from = constant_default(desc, status->column);
	else
	{
		status->claim_from = as_stored(attribute, status->claim_from);
		status->claimed_as = as_stored(attribute, status->claimed_as);
	}
	if (on_suppressed == SUPPRESSED_MARK)
		status->mark_as = as_stored(attribute, status->mark_as);
	table_owner_end(&scope);

	if (status->mark_as != NULL &&
		((status->claim_from != NULL && strcmp(status->claim_from, status->mark_as) == 0) ||
		 (status->claimed_as != NULL && strcmp(status->claimed_as, status->mark_as) == 0)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" cannot be both the mark of suppressed rows and a step of the claim", status->mark_as),
				 errhint("Give another \"mark_as\".")));
}

/* As the type prints it; its own error when it is no such value ("mark_as" of an enum). */
static char *
as_stored(Form_pg_attribute attribute, const char *value)
{
	Oid			function;
	Oid			ioparam;
	bool		varlena;
	Datum		stored;

	if (value == NULL)
		return NULL;
	getTypeInputInfo(attribute->atttypid, &function, &ioparam);
	stored = OidInputFunctionCall(function, unconstify(char *, value), ioparam, attribute->atttypmod);
	getTypeOutputInfo(attribute->atttypid, &function, &varlena);
	return OidOutputFunctionCall(function, stored);
}

/* The column's default when it is a plain constant; NULL otherwise.  Nothing is evaluated. */
static char *
constant_default(TupleDesc desc, AttrNumber column)
{
	Node	   *expression = NULL;
	Oid			output;
	bool		varlena;

	for (int i = 0; desc->constr != NULL && i < desc->constr->num_defval; i++)
	{
		if (desc->constr->defval[i].adnum == column)
			expression = stringToNode(desc->constr->defval[i].adbin);
	}
	while (expression != NULL && !IsA(expression, Const))
	{
		if (IsA(expression, RelabelType))
			expression = (Node *) ((RelabelType *) expression)->arg;
		else if (IsA(expression, CoerceToDomain))
			expression = (Node *) ((CoerceToDomain *) expression)->arg;
		else if (exprIsLengthCoercion(expression, NULL))
			expression = linitial(((FuncExpr *) expression)->args);
		else
			return NULL;
	}
	if (expression == NULL || ((Const *) expression)->constisnull)
		return NULL;
	getTypeOutputInfo(((Const *) expression)->consttype, &output, &varlena);
	return OidOutputFunctionCall(output, ((Const *) expression)->constvalue);
}

static void
attach_guard_triggers(Attaching *attaching, bool claims, bool logs)
{
	const char *row = "FOR EACH ROW";
	const char *statement = "FOR EACH STATEMENT";

	attach_chief(attaching, "zz_bounce_guard", "BEFORE INSERT OR UPDATE", row);
	/* Partitions need to know which rows move, whatever column moves them. */
	if (claims || attaching->relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
		attach_trigger(attaching, "zz_bounce_guard_update", "BEFORE UPDATE", row, "guard_outbox_row");
	if (!logs)
		return;
	attach_trigger(attaching, "zz_bounce_guard_begin", "BEFORE INSERT OR UPDATE", statement, "guard_outbox_statement");
	attach_trigger(attaching, "zz_bounce_guard_end", "AFTER INSERT OR UPDATE", statement, "guard_outbox_statement");
}
