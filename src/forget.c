/*
 * forget.c
 *		What is held about one person: shown as a whole, or erased as a whole.
 *
 * bounce.forget() takes the lock of the address's lease first, as everybody does who
 * writes what the fold of the log writes, then its contacts in tables attached with
 * bounce.track_preferences(), then the chain of its choices.  So an event
 * or a choice that is being stored at the time is waited for and erased with the
 * rest; what comes afterwards is new, and begins anew.  Several people in one
 * transaction: in the order of addresses.
 *
 * Errors: 22023 for what is no address, 22004 for NULL, 22008 for a time that is
 * infinite or to come, 25006 where nothing can be written, 40001 under REPEATABLE
 * READ and above for what the transaction cannot see, and those of digest_keep.c.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "address_digest.h"
#include "consent_log.h"
#include "contact_write.h"
#include "digest_keep.h"
#include "opt_in_follow.h"
#include "owner.h"
#include "quarantine.h"
#include "refold.h"
#include "state_args.h"

PG_FUNCTION_INFO_V1(bounce_forget);
PG_FUNCTION_INFO_V1(bounce_person_data);

/* address, pattern, digests */
#define PERSON_ARGS 3, {TEXTOID, TEXTOID, TEXTARRAYOID}, NULL
#define TYPED "$1 IS NOT NULL AND $2 IS NOT NULL AND $3 IS NOT NULL AND "

typedef struct PersonTable
{
	const char *name;
	KeptStatement erase;
} PersonTable;

#define ERASE(name, rows, erase) (erase) != NULL ? (erase) : "DELETE FROM bounce." name " AS t WHERE " rows
#define PERSON_TABLE(name, rows, order, erase) {name, {ERASE(name, rows, erase), PERSON_ARGS}},
static PersonTable person_tables[] = {
#include "person_tables.def"
};
#undef PERSON_TABLE

/*
 * What may stand before an address in the text of a JSON value: its beginning, a
 * character that is part of none, or an escape, which begins with a backslash
 * that is not escaped itself.  Letters beyond ASCII do not shield it.
 */
#define BEFORE_ADDRESS \
	"(^|[^A-Za-z0-9.!#$%&'*+/=?^_`{|}~\\\\-]" \
	"|(?<!\\\\)(\\\\\\\\)*(\\\\[bfnrt\"]|\\\\u[0-9a-f]{4}|\\\\\\\\))"
#define AFTER_ADDRESS "(?![A-Za-z0-9-]|\\.[A-Za-z0-9])"

/* Finds the address in the text of a JSON value, and none that only contains it. */
static char *
address_pattern(const char *address)
{
	StringInfoData pattern;

	initStringInfo(&pattern);
	appendStringInfoString(&pattern, BEFORE_ADDRESS);
	for (const char *at = address; *at != '\0'; at++)
	{
		/* JSON escapes these two. */
		if (*at == '"' || *at == '\\')
			appendStringInfoString(&pattern, "\\\\");
		if (!IS_HIGHBIT_SET(*at) && !isalnum((unsigned char) *at))
			appendStringInfoChar(&pattern, '\\');
		appendStringInfoChar(&pattern, *at);
	}
	appendStringInfoString(&pattern, AFTER_ADDRESS);
	return pattern.data;
}

static void
person_values(const char *address, Datum values[3])
{
	values[0] = CStringGetTextDatum(address);
	values[1] = CStringGetTextDatum(address_pattern(address));
	values[2] = address_digests(address);
}

/* Who was forgotten is told by table; also where there was nothing, so that the list is whole. */
static void
report(ReturnSetInfo *result, const char *action, const char *table, uint64 rows)
{
	Datum		values[] = {
		CStringGetTextDatum(action),
		CStringGetTextDatum(psprintf("bounce.%s", table)),
		Int64GetDatum((int64) rows)
	};
	bool		nulls[3] = {false};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* All but the quarantine of contacts. */
static void
erase_person(const char *address, TimestampTz at, bool refuses, ReturnSetInfo *result)
{
	Datum		values[3];
	OwnerScope	scope;
	Kept		suppressions;
	Kept		choices;
	Kept		refusal = {0, 0};
	uint64		evidence;
	uint64		notes;

	person_values(address, values);
	owner_spi_begin(&scope);
	evidence = consent_log_erase(address);
	suppressions = digest_keep_suppressions(address, at);
	choices = digest_keep_choices(address, at);
	if (refuses)
		refusal = digest_keep_refusal(address, at);
	notes = digest_erase_notes(values[2]);
	report(result, "erase", "consent_log", evidence);
	report(result, "erase", "preference", choices.erased);
	report(result, "erase", "suppression", suppressions.erased);
	for (int i = 0; i < (int) lengthof(person_tables); i++)
	{
		kept_execute_latest(&person_tables[i].erase, values, NULL);
		report(result, "erase", person_tables[i].name, SPI_processed);
	}
	report(result, "erase", "digest_suppression", notes);
	report(result, "keep", "digest_suppression", suppressions.kept + choices.kept + refusal.kept);
	owner_spi_end(&scope);
}

/* forget(address, at, refuses): action, object, rows */
Datum
bounce_forget(PG_FUNCTION_ARGS)
{
	char	   *address;
	TimestampTz at;
	bool		refuses;

	PreventCommandIfReadOnly("bounce.forget()");
	address = address_arg(fcinfo, 0, "address");
	at = past_instant_arg(fcinfo, 1, "at");
	refuses = DatumGetBool(required_arg(fcinfo, 2, "refuses"));
	InitMaterializedSRF(fcinfo, 0);
	refold_lock(address);
	opt_in_lock(address);
	erase_person(address, at, refuses, (ReturnSetInfo *) fcinfo->resultinfo);
	quarantine_refresh(&address, 1, at);
	/* A contact table that refuses is not a reason to keep the address. */
	contact_write_retract_address(address);
	return (Datum) 0;
}

#define ROWS_AS_JSON(name, rows, order) \
	" '" name "', (SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(t) ORDER BY t." order "), '[]')" \
	" FROM bounce." name " AS t WHERE " TYPED "(" rows "))"
#define PERSON_TABLE(name, rows, order, erase) "," ROWS_AS_JSON(name, rows, order)

/* person_data(address): everything held, by table */
Datum
bounce_person_data(PG_FUNCTION_ARGS)
{
	static KeptStatement statement = {
		"SELECT pg_catalog.jsonb_build_object('address', $1,"
		ROWS_AS_JSON("consent_log", "t.address OPERATOR(pg_catalog.=) $1", "number") ","
		ROWS_AS_JSON("preference", "t.address OPERATOR(pg_catalog.=) $1", "since") ","
		ROWS_AS_JSON("suppression", "t.address OPERATOR(pg_catalog.=) $1", "starts_at") ","
		ROWS_AS_JSON("digest_suppression", "t.digest OPERATOR(pg_catalog.=) ANY ($3)", "starts_at")
#include "person_tables.def"
		")",
		PERSON_ARGS
	};
	char	   *address = address_arg(fcinfo, 0, "address");
	MemoryContext caller = CurrentMemoryContext;
	Datum		values[3];
	OwnerScope	scope;
	bool		isnull;
	Jsonb	   *found;

	person_values(address, values);
	owner_spi_begin(&scope);
	kept_execute(&statement, values, NULL, true);
	found = DatumGetJsonbP(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	MemoryContextSwitchTo(caller);
	found = (Jsonb *) PG_DETOAST_DATUM_COPY(PointerGetDatum(found));
	owner_spi_end(&scope);
	PG_RETURN_JSONB_P(found);
}
