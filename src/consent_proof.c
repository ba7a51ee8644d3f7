/*
 * consent_proof.c
 *		bounce.consent_proof(): had this person agreed, and to what, at that time?
 *
 * The answer is made of the record alone, never of what stands today, and only of a
 * record that nobody changed.
 *
 * Errors: 22023 for what is no address, 22004 for a NULL, LH006 when the record of
 * the address is not what was put on record.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "consent_log.h"
#include "consent_verify.h"
#include "owner.h"
#include "sqlstates.h"
#include "state_args.h"

PG_FUNCTION_INFO_V1(bounce_consent_proof);

enum proof_column
{
	PROOF_AGREED,
	PROOF_STATE,
	PROOF_TOPIC,
	PROOF_SINCE,
	PROOF_UNTIL,
	PROOF_SOURCE,
	/* from here on as fill_statement gives them */
	PROOF_NUMBER,
	PROOF_ACT,
	PROOF_ACTOR,
	PROOF_RECORDED_AT,
	PROOF_EVIDENCE,
	PROOF_REQUEST,
	PROOF_HASH,
	PROOF_HISTORY,
	PROOF_COLUMNS
};

static KeptStatement fill_statement = {
	"SELECT l.number, l.act, l.actor, l.recorded_at, l.evidence,"
	" (SELECT r.evidence FROM bounce.consent_log r WHERE l.act OPERATOR(pg_catalog.=) 'confirm'"
	"  AND r.address OPERATOR(pg_catalog.=) l.address AND r.topic OPERATOR(pg_catalog.=) l.topic"
	"  AND r.act OPERATOR(pg_catalog.=) 'request' AND (r.at OPERATOR(pg_catalog.<) l.at"
	"   OR (r.at OPERATOR(pg_catalog.=) l.at AND r.number OPERATOR(pg_catalog.<) l.number))"
	"  ORDER BY r.at DESC, r.number DESC LIMIT 1),"
	" l.hash,"
	" (SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(h) ORDER BY h.at, h.number) FROM bounce.consent_log h"
	"  WHERE h.address OPERATOR(pg_catalog.=) $1"
	"  AND (h.topic OPERATOR(pg_catalog.=) $2 OR h.topic OPERATOR(pg_catalog.=) '')"
	"  AND h.at OPERATOR(pg_catalog.<=) $4)"
	" FROM (VALUES (1)) AS one LEFT JOIN bounce.consent_log l"
	" ON l.address OPERATOR(pg_catalog.=) $1 AND l.number OPERATOR(pg_catalog.=) $3",
	4, {TEXTOID, TEXTOID, INT4OID, TIMESTAMPTZOID}, NULL
};

/* A preference without its log is no tampered log. */
static void
refuse_tampered(const ConsentProblem *problem, void *context)
{
	if (problem->kind == PROBLEM_PREFERENCE)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_BOUNCE_TAMPERED_LOG),
			 errmsg("the record of \"%s\" is not what was put on record", problem->address),
			 errdetail("Row %d: %s", problem->number, problem->detail),
			 errhint("SELECT * FROM bounce.verify_consent_log(%s);", quote_literal_cstr(problem->address))));
}

/* The choice that decides, and whether it is about the topic itself. */
static Choice
deciding_choice(const char *address, const char *topic, TimestampTz at, bool *own)
{
	ConsentRows rows = consent_log_read(address, topic, true);
	Standing	all = consent_log_fold(&rows, true, at);
	Standing	one = consent_log_fold(&rows, false, at);
	const Choice *global = preference_at(&all, at);
	const Choice *mine = preference_at(&one, at);

	*own = topic[0] != '\0' &&
		(preference_stands_above(mine, global) ||
		 (global->state != PREFERENCE_UNSUBSCRIBED && global->state != PREFERENCE_SNOOZED));
	return *own ? *mine : *global;
}

static void
set_value(Datum *values, bool *nulls, int column, Datum value)
{
	values[column] = value;
	nulls[column] = false;
}

static void
fill_choice(Datum *values, bool *nulls, const Choice *choice, const char *topic, bool own)
{
	bool		yes = own && choice->state == PREFERENCE_SUBSCRIBED;

	/* What came in without evidence cannot be proved. */
	if (!yes || choice->number > 0)
		set_value(values, nulls, PROOF_AGREED, BoolGetDatum(yes));
	if (choice->state == PREFERENCE_NONE)
		return;
	set_value(values, nulls, PROOF_STATE, CStringGetTextDatum(preference_state_name(choice->state)));
	set_value(values, nulls, PROOF_TOPIC, CStringGetTextDatum(own ? topic : ""));
	set_value(values, nulls, PROOF_SINCE, TimestampTzGetDatum(choice->since));
	if (choice->until != CHOICE_ENDLESS)
		set_value(values, nulls, PROOF_UNTIL, TimestampTzGetDatum(choice->until));
	set_value(values, nulls, PROOF_SOURCE, CStringGetTextDatum(consent_source_name(choice->source)));
}

static void
add_proof(ReturnSetInfo *result, const char *address, const char *topic, TimestampTz at)
{
	Datum		values[PROOF_COLUMNS] = {0};
	bool		nulls[PROOF_COLUMNS];
	bool		own;
	Choice		choice = deciding_choice(address, topic, at, &own);
	Datum		arguments[] = {
		CStringGetTextDatum(address), CStringGetTextDatum(topic), Int32GetDatum(choice.number), TimestampTzGetDatum(at)
	};

	memset(nulls, true, sizeof(nulls));
	fill_choice(values, nulls, &choice, topic, own);
	kept_execute(&fill_statement, arguments, NULL, true);
	for (int i = PROOF_NUMBER; i < PROOF_COLUMNS; i++)
		values[i] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i - PROOF_NUMBER + 1, &nulls[i]);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* consent_proof(address, topic, at) -> one row */
Datum
bounce_consent_proof(PG_FUNCTION_ARGS)
{
	const char *address = address_arg(fcinfo, 0, "address");
	const char *topic = topic_arg(fcinfo, 1, "topic");
	TimestampTz at = DatumGetTimestampTz(required_arg(fcinfo, 2, "at"));
	OwnerScope	owner;

	InitMaterializedSRF(fcinfo, 0);
	consent_verify(address, refuse_tampered, NULL);
	owner_spi_begin(&owner);
	add_proof((ReturnSetInfo *) fcinfo->resultinfo, address, topic, at);
	owner_spi_end(&owner);
	return (Datum) 0;
}
