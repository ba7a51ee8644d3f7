/*
 * consent_log.c
 *		The record of choices, bounce.consent_log, and what it leads to.
 *
 * The key of the log is also the lock.  A writer reads the number of the last row,
 * then what stands, then inserts the next number.  If that number is taken,
 * somebody else was first: read again.  So writers of one address queue, nobody
 * else waits, no lock table fills up, and a preference is written only by whoever
 * has the number.
 *
 * Errors: LH002 for changing or removing evidence, 40001 for a concurrent choice of
 * the same address under REPEATABLE READ and above.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "consent_batch.h"
#include "consent_log.h"
#include "owner.h"
#include "sqlstates.h"

PG_FUNCTION_INFO_V1(bounce_consent_log_guard);

/* The address whose rows may go, while consent_log_erase() runs. */
static const char *erased_address = NULL;

static KeptStatement read_statement = {
	"SELECT said.number, said.topic, said.act, said.source, said.at, said.until FROM (" CONSENT_SAID
	") AS said (address, number, topic, act, source, at, until)"
	" WHERE said.address OPERATOR(pg_catalog.=) $1"
	" AND (said.topic OPERATOR(pg_catalog.=) $2 OR said.topic OPERATOR(pg_catalog.=) '')"
	" ORDER BY said.at, said.number",
	2, {TEXTOID, TEXTOID}, NULL
};

/* Who erases the chain deletes this row, and so waits for who adds to it, or he for him. */
static KeptStatement hold_statement = {
	"SELECT FROM bounce.consent_log l"
	" WHERE l.address OPERATOR(pg_catalog.=) $1 ORDER BY l.number DESC LIMIT 1 FOR KEY SHARE",
	1, {TEXTOID}, NULL
};

static KeptStatement head_statement = {
	"SELECT l.number, l.hash FROM bounce.consent_log l"
	" WHERE l.address OPERATOR(pg_catalog.=) $1 ORDER BY l.number DESC LIMIT 1",
	1, {TEXTOID}, NULL
};

static KeptStatement append_statement = {
	"INSERT INTO bounce.consent_log"
	" (address, number, topic, act, old_state, new_state, until, source, actor, at, evidence, recorded_at, hash)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
	" ON CONFLICT (address, number) DO NOTHING",
	13, {TEXTOID, INT4OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID, TEXTOID,
	TIMESTAMPTZOID, JSONBOID, TIMESTAMPTZOID, BYTEAOID}, NULL
};

static KeptStatement write_statement = {
	"INSERT INTO bounce.preference AS p"
	" (address, topic, state, until, since, source, before, before_since, before_source,"
	" number, last_number)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
	CONSENT_PREFERENCE_TAKES,
	11, {TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID,
	INT4OID, INT4OID}, NULL
};

static KeptStatement erase_statement = {
	"DELETE FROM bounce.consent_log l WHERE l.address OPERATOR(pg_catalog.=) $1", 1, {TEXTOID}, NULL
};

/* The name in a column of a row, which the table's checks let be one of a list. */
static int
named(HeapTuple tuple, int column, int (*find)(const char *name, size_t length))
{
	const char *name = SPI_getvalue(tuple, SPI_tuptable->tupdesc, column);
	int			found = name == NULL ? -1 : find(name, strlen(name));

	if (found < 0)
		elog(ERROR, "unexpected \"%s\" on record", name ? name : "null");
	return found;
}

void
consent_log_read_row(HeapTuple tuple, ConsentRow *row)
{
	TupleDesc	desc = SPI_tuptable->tupdesc;
	bool		isnull;
	Datum		until;

	row->number = DatumGetInt32(SPI_getbinval(tuple, desc, 1, &isnull));
	row->global = VARSIZE_ANY_EXHDR(DatumGetTextPP(SPI_getbinval(tuple, desc, 2, &isnull))) == 0;
	row->said.act = named(tuple, 3, consent_act_named);
	row->said.source = named(tuple, 4, consent_source_named);
	row->said.at = DatumGetTimestampTz(SPI_getbinval(tuple, desc, 5, &isnull));
	until = SPI_getbinval(tuple, desc, 6, &isnull);
	row->said.number = row->number;
	row->said.until = isnull ? CHOICE_ENDLESS : DatumGetTimestampTz(until);
}

ConsentRows
consent_log_read(const char *address, const char *topic, bool read_only)
{
	Datum		values[] = {CStringGetTextDatum(address), CStringGetTextDatum(topic)};
	ConsentRows rows;

	if (!read_only && consent_batch_rows(address, topic, &rows))
		return rows;
	kept_execute(&read_statement, values, NULL, read_only);
	rows.count = (int) SPI_processed;
	rows.row = palloc(sizeof(ConsentRow) * Max(rows.count, 1));
	for (int i = 0; i < rows.count; i++)
		consent_log_read_row(SPI_tuptable->vals[i], &rows.row[i]);
	SPI_freetuptable(SPI_tuptable);
	return rows;
}

Standing
consent_log_fold(const ConsentRows *rows, bool global, TimestampTz at)
{
	Standing	standing = {0};

	for (int i = 0; i < rows->count; i++)
		if (rows->row[i].global == global && rows->row[i].said.at <= at)
			(void) preference_move(&standing, &rows->row[i].said);
	return standing;
}

ConsentHead
consent_log_head(const char *address)
{
	Datum		value = CStringGetTextDatum(address);
	ConsentHead head = {0, NULL};
	bool		isnull;

	if (consent_batch_head(address, &head))
		return head;
	kept_execute(&head_statement, &value, NULL, false);
	if (SPI_processed > 0)
	{
		head.number = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
		head.hash = DatumGetByteaPCopy(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
	}
	return head;
}

static Datum
optional_text(const char *value, char *null)
{
	*null = value == NULL ? 'n' : ' ';
	return value == NULL ? (Datum) 0 : CStringGetTextDatum(value);
}

static Datum
end_of(int64 until, char *null)
{
	*null = until == CHOICE_ENDLESS ? 'n' : ' ';
	return TimestampTzGetDatum(until);
}

bool
consent_log_append(ConsentHead *head, ConsentEntry *entry, Datum evidence)
{
	char		nulls[] = "             ";
	bytea	   *hash;

	entry->number = head->number + 1;
	entry->actor = GetUserNameFromId(GetSessionUserId(), false);
	entry->evidence = evidence == 0 ? NULL : DatumGetJsonbP(evidence);
	entry->recorded_at = GetCurrentTransactionStartTimestamp();
	hash = consent_hash(head->hash, entry);
	nulls[10] = entry->evidence == NULL ? 'n' : ' ';
	{
		Datum		values[] = {
			CStringGetTextDatum(entry->address),
			Int32GetDatum(entry->number),
			CStringGetTextDatum(entry->topic),
			CStringGetTextDatum(entry->act),
			optional_text(entry->old_state, &nulls[4]),
			optional_text(entry->new_state, &nulls[5]),
			end_of(entry->until, &nulls[6]),
			CStringGetTextDatum(entry->source),
			CStringGetTextDatum(entry->actor),
			TimestampTzGetDatum(entry->at),
			evidence,
			TimestampTzGetDatum(entry->recorded_at),
			PointerGetDatum(hash)
		};

		if (!consent_batch_append(entry, hash, values, nulls))
		{
			kept_execute(&append_statement, values, nulls, false);
			if (SPI_processed != 1)
				return false;
		}
	}
	head->number = entry->number;
	head->hash = hash;
	return true;
}

/* A pause that covered nothing is over: nobody said anything. */
static void
remove_preference(const char *address, const char *topic)
{
	static KeptStatement statement = {
		"DELETE FROM bounce.preference p WHERE p.address OPERATOR(pg_catalog.=) $1 AND p.topic OPERATOR(pg_catalog.=) $2",
		2, {TEXTOID, TEXTOID}, NULL
	};
	Datum		values[] = {CStringGetTextDatum(address), CStringGetTextDatum(topic)};

	kept_execute(&statement, values, NULL, false);
}

void
consent_preference_write(const char *address, const char *topic, const Standing *standing, int32 last_number)
{
	char		nulls[] = "           ";
	Choice		now;
	Choice		before;

	preference_row(standing, &now, &before);
	if (now.state == PREFERENCE_NONE)
	{
		remove_preference(address, topic);
		return;
	}
	nulls[7] = before.state == PREFERENCE_NONE ? 'n' : ' ';
	{
		Datum		values[] = {
			CStringGetTextDatum(address),
			CStringGetTextDatum(topic),
			CStringGetTextDatum(preference_state_name(now.state)),
			end_of(now.until, &nulls[3]),
			TimestampTzGetDatum(now.since),
			CStringGetTextDatum(consent_source_name(now.source)),
			optional_text(preference_state_name(before.state), &nulls[6]),
			TimestampTzGetDatum(before.since),
			optional_text(before.state == PREFERENCE_NONE ? NULL : consent_source_name(before.source), &nulls[8]),
			Int32GetDatum(now.number),
			Int32GetDatum(last_number)
		};

		if (!consent_batch_write(address, topic, values, nulls))
			kept_execute(&write_statement, values, nulls, false);
	}
}

bool
consent_log_hold(const char *address)
{
	Datum		value;
	ConsentHead head;

	if (consent_batch_head(address, &head))
		return false;
	value = CStringGetTextDatum(address);
	kept_execute(&hold_statement, &value, NULL, false);
	return true;
}

void
consent_log_hold_all(Datum addresses)
{
	static KeptStatement statement = {
		"SELECT FROM pg_catalog.unnest($1) AS a (address) CROSS JOIN LATERAL (SELECT FROM bounce.consent_log AS l"
		" WHERE l.address OPERATOR(pg_catalog.=) a.address ORDER BY l.number DESC LIMIT 1 FOR KEY SHARE) AS held",
		1, {TEXTARRAYOID}, NULL
	};

	kept_execute(&statement, &addresses, NULL, false);
}

uint64
consent_log_erase(const char *address)
{
	Datum		value = CStringGetTextDatum(address);
	uint64		erased = 0;

	/* A writer that was waited for has left another row. */
	do
	{
		CHECK_FOR_INTERRUPTS();
		erased_address = address;
		PG_TRY();
		{
			kept_execute_latest(&erase_statement, &value, NULL);
		}
		PG_FINALLY();
		{
			erased_address = NULL;
		}
		PG_END_TRY();
		erased += SPI_processed;
	} while (SPI_processed > 0);
	return erased;
}

/* Is it a row, or a statement, of consent_log_erase()? */
static bool
is_erasure(const TriggerData *trigger)
{
	char	   *address;

	if (erased_address == NULL || !TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		return false;
	if (TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event))
		return true;
	address = SPI_getvalue(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation),
						   SPI_fnumber(RelationGetDescr(trigger->tg_relation), "address"));
	return address != NULL && strcmp(address, erased_address) == 0;
}

/* Trigger on bounce.consent_log: what is on record stays as it is. */
Datum
bounce_consent_log_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"bounce.consent_log_guard\" can only be called as a trigger")));
	if (is_erasure(trigger))
		return PointerGetDatum(TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ? trigger->tg_trigtuple : NULL);
	ereport(ERROR,
			(errcode(ERRCODE_BOUNCE_APPEND_ONLY),
			 errmsg("rows of \"bounce.consent_log\" cannot be changed or removed"),
			 errdetail("The log is the evidence of what people chose."),
			 errhint("A choice that was wrong is followed by the right one.")));
}
