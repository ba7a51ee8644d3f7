/*
 * contact_write.c
 *		Writing to contact tables of the application, which may refuse.
 *
 * All rows are tried together.  When the table refuses, those before it are not
 * written either: each half is tried again, down to the row that is refused.
 *
 * Not caught is what a deferred constraint says when the transaction commits.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "contact_write.h"
#include "owner.h"

typedef struct Refusals
{
	int			count;
	ErrorData  *first;
	ArrayBuildState *addresses;
	ArrayBuildState *states;
	ArrayBuildState *messages;
} Refusals;

static int64 write_some(const ContactWrite *write, int first, int count, Refusals *refusals);
static ErrorData *try_write(const ContactWrite *write, int first, int count, int64 *written);
static bool is_refusal(int sqlerrcode);
static void note(Refusals *refusals, const char *address, ErrorData *error);
static void tell(const ContactWrite *write, const Refusals *refusals);
static char *table_name(Relation relation);

int64
contact_write(const ContactWrite *write, int count)
{
	Refusals	refusals = {0};
	int64		written = write_some(write, 0, count, &refusals);

	if (refusals.count > 0)
		tell(write, &refusals);
	return written;
}

static int64
write_some(const ContactWrite *write, int first, int count, Refusals *refusals)
{
	int64		written = 0;
	ErrorData  *error;

	CHECK_FOR_INTERRUPTS();
	if (count == 0 || (error = try_write(write, first, count, &written)) == NULL)
		return written;
	if (count == 1)
	{
		note(refusals, write->address(write->context, first), error);
		return 0;
	}
	FreeErrorData(error);
	return write_some(write, first, count / 2, refusals) +
		write_some(write, first + count / 2, count - count / 2, refusals);
}

/* Under a savepoint; returns what the table said, or NULL. */
static ErrorData *
try_write(const ContactWrite *write, int first, int count, int64 *written)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(caller);
	PG_TRY();
	{
		*written = write->write(write->context, first, count);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	CurrentResourceOwner = owner;
	if (error != NULL && !is_refusal(error->sqlerrcode))
		ReThrowError(error);
	return error;
}

/* Everything but what another transaction, the operator or the machine brought about. */
static bool
is_refusal(int sqlerrcode)
{
	static const int others[] = {
		ERRCODE_TRANSACTION_ROLLBACK, ERRCODE_INSUFFICIENT_RESOURCES, ERRCODE_OPERATOR_INTERVENTION,
		ERRCODE_SYSTEM_ERROR
	};

	for (int i = 0; i < (int) lengthof(others); i++)
		if (ERRCODE_TO_CATEGORY(sqlerrcode) == others[i])
			return false;
	return sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE && sqlerrcode != ERRCODE_DATA_CORRUPTED &&
		sqlerrcode != ERRCODE_INDEX_CORRUPTED;
}

static void
note(Refusals *refusals, const char *address, ErrorData *error)
{
	MemoryContext here = CurrentMemoryContext;

	if (refusals->count++ == 0)
		refusals->first = error;
	refusals->addresses = accumArrayResult(refusals->addresses, address == NULL ? (Datum) 0 : CStringGetTextDatum(address),
										   address == NULL, TEXTOID, here);
	refusals->states = accumArrayResult(refusals->states, CStringGetTextDatum(unpack_sql_state(error->sqlerrcode)),
										false, TEXTOID, here);
	refusals->messages = accumArrayResult(refusals->messages, CStringGetTextDatum(error->message), false, TEXTOID, here);
	if (refusals->first != error)
		FreeErrorData(error);
}

/* One row for each address and table, however often it is refused: the last time counts. */
static void
tell(const ContactWrite *write, const Refusals *refusals)
{
	static KeptStatement statement = {
		"INSERT INTO bounce.rejected_input AS r (id, rejected_at, door, reason, input)"
		" SELECT DISTINCT ON (n.address) pg_catalog.md5(pg_catalog.concat_ws(' ', $1, $2, n.address))::pg_catalog.uuid,"
		" pg_catalog.now(), $1, pg_catalog.format('%s was not updated: %s', $2, n.message),"
		" pg_catalog.jsonb_build_object('table', $2, 'address', n.address, 'sqlstate', n.state, 'message', n.message)"
		" FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5)) AS n (address, state, message)"
		" ORDER BY n.address"
		" ON CONFLICT (id) DO UPDATE SET rejected_at = excluded.rejected_at, reason = excluded.reason, input = excluded.input",
		5, {TEXTOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID}, NULL
	};
	char	   *table = table_name(write->relation);
	Datum		values[] = {
		CStringGetTextDatum(write->kind), CStringGetTextDatum(table),
		makeArrayResult(refusals->addresses, CurrentMemoryContext),
		makeArrayResult(refusals->states, CurrentMemoryContext),
		makeArrayResult(refusals->messages, CurrentMemoryContext)
	};

	owner_execute(&statement, values);
	ereport(WARNING,
			(errmsg_plural("%d row of table %s was not updated", "%d rows of table %s were not updated",
						   refusals->count, refusals->count, table),
			 errdetail("The table refused: %s", refusals->first->message),
			 errhint("What was said is stored and in force, and bounce.rejected_input names the rows. %s", write->remedy)));
}

static char *
table_name(Relation relation)
{
	return quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)), RelationGetRelationName(relation));
}

void
contact_write_skipped(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
			 errmsg("a trigger of the table skipped the row")));
}

void
contact_write_retract(Relation relation, const char *kind)
{
	static KeptStatement statement = {
		"DELETE FROM bounce.rejected_input WHERE door OPERATOR(pg_catalog.=) $1"
		" AND input OPERATOR(pg_catalog.->>) 'table' OPERATOR(pg_catalog.=) $2",
		2, {TEXTOID, TEXTOID}, NULL
	};
	Datum		values[] = {CStringGetTextDatum(kind), CStringGetTextDatum(table_name(relation))};

	owner_execute(&statement, values);
}

void
contact_write_retract_address(const char *address)
{
	static KeptStatement statement = {
		"DELETE FROM bounce.rejected_input WHERE input OPERATOR(pg_catalog.->>) 'address' OPERATOR(pg_catalog.=) $1",
		1, {TEXTOID}, NULL
	};
	Datum		value = CStringGetTextDatum(address);

	owner_execute(&statement, &value);
}
