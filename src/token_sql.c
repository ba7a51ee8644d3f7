/*
 * token_sql.c
 *		Tokens for the links in mails: made, opened, and used.
 *
 * Opening changes nothing: programs that scan mail follow every link.  Using one
 * again says the same thing again, and changes nothing more.
 *
 * Errors: LH011 to LH013 (token_text.h); 22023 for what is no address, purpose or
 * interval, 22004 for NULL, 22008 for a time that is infinite or over.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "address_digest.h"
#include "consent.h"
#include "owner.h"
#include "setting.h"
#include "state_args.h"
#include "token_text.h"

PG_FUNCTION_INFO_V1(bounce_make_token);
PG_FUNCTION_INFO_V1(bounce_open_token);
PG_FUNCTION_INFO_V1(bounce_unsubscribe_one_click);
PG_FUNCTION_INFO_V1(bounce_confirm_token);
PG_FUNCTION_INFO_V1(bounce_rotate_token_key);

static TokenPurpose
purpose_arg(FunctionCallInfo fcinfo, int n)
{
	char	   *given = required_text_arg(fcinfo, n, "purpose");
	TokenPurpose purpose = token_purpose_named(given);

	if (purpose == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown purpose of a token: \"%s\"", clipped(given)),
				 errhint("Purposes are unsubscribe, confirm and preferences.")));
	return purpose;
}

/* A link to confirm something is good for as long as that can be confirmed. */
static TimestampTz
confirm_end(TimestampTz at)
{
	Interval	within;
	OwnerScope	scope;

	owner_spi_begin(&scope);
	(void) setting_interval("confirm_within", &within);
	owner_spi_end(&scope);
	return DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(at), IntervalPGetDatum(&within)));
}

/* NULL: of a confirmation what the setting says; the others must work for years. */
static TimestampTz
end_arg(FunctionCallInfo fcinfo, int n, TokenPurpose purpose, TimestampTz at)
{
	TimestampTz expires_at;

	if (PG_ARGISNULL(n) && purpose != TOKEN_CONFIRM)
		return DT_NOEND;
	expires_at = PG_ARGISNULL(n) ? confirm_end(at) : PG_GETARG_TIMESTAMPTZ(n);
	if (expires_at <= at || expires_at < USECS_PER_SEC)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("token would have expired already"),
				 errdetail("It would be good until %s.", timestamptz_to_str(expires_at))));
	if (!TIMESTAMP_IS_NOEND(expires_at) && !IS_VALID_TIMESTAMP(expires_at))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return expires_at;
}

/* make_token(address, topic, purpose, expires_at, at) */
Datum
bounce_make_token(PG_FUNCTION_ARGS)
{
	TokenSaid	said;

	said.address = address_arg(fcinfo, 0, "address");
	said.topic = topic_arg(fcinfo, 1, "topic");
	said.purpose = purpose_arg(fcinfo, 2);
	if (said.purpose == TOKEN_CONFIRM && said.topic[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("topic is empty"),
				 errhint("Only the subscription to a topic is confirmed.")));
	said.expires_at = end_arg(fcinfo, 3, said.purpose, instant_arg(fcinfo, 4, "at"));
	PG_RETURN_TEXT_P(token_text_make(&said));
}

/* open_token(token, for_purpose, at): address, topic, purpose, expires_at */
Datum
bounce_open_token(PG_FUNCTION_ARGS)
{
	char	   *given = required_text_arg(fcinfo, 0, "token");
	TokenPurpose purpose = PG_ARGISNULL(1) ? 0 : purpose_arg(fcinfo, 1);
	TimestampTz at = instant_arg(fcinfo, 2, "at");
	TupleDesc	desc;
	TokenSaid	said;
	Datum		values[4];
	bool		nulls[4] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	token_text_open(given, purpose, at, &said);
	values[0] = CStringGetTextDatum(said.address);
	values[1] = CStringGetTextDatum(said.topic);
	values[2] = CStringGetTextDatum(token_purpose_name(said.purpose));
	values[3] = TimestampTzGetDatum(said.expires_at);
	nulls[3] = TIMESTAMP_IS_NOEND(said.expires_at);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

/* What the person did, where the caller says no more. */
static Datum
evidence_arg(FunctionCallInfo fcinfo, int n, const char *otherwise)
{
	if (!PG_ARGISNULL(n))
		return PG_GETARG_DATUM(n);
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(otherwise));
}

/*
 * Has the person said so already?  Then saying it again is no act of its own; nor does
 * an old link bring a person back who was forgotten.
 */
static bool
said_already(const TokenSaid *said)
{
	static KeptStatement statement = {
		"SELECT FROM bounce.preference WHERE address OPERATOR(pg_catalog.=) $1 AND topic OPERATOR(pg_catalog.=) $2"
		" AND state OPERATOR(pg_catalog.=) 'unsubscribed' AND source OPERATOR(pg_catalog.=) 'person'"
		" UNION ALL SELECT FROM bounce.digest_suppression WHERE digest OPERATOR(pg_catalog.=) ANY ($3)"
		" AND topic OPERATOR(pg_catalog.=) ANY (ARRAY['', $2]) AND cause OPERATOR(pg_catalog.=) 'unsubscribe' AND expires_at OPERATOR(pg_catalog.=) 'infinity'"
		" AND COALESCE(source, 'person') OPERATOR(pg_catalog.=) 'person'",
		3, {TEXTOID, TEXTOID, TEXTARRAYOID}, NULL
	};
	Datum		values[] = {
		CStringGetTextDatum(said->address), CStringGetTextDatum(said->topic), address_digests(said->address)
	};
	OwnerScope	scope;
	bool		found;

	owner_spi_begin(&scope);
	kept_execute(&statement, values, NULL, false);
	found = SPI_processed > 0;
	owner_spi_end(&scope);
	return found;
}

/* unsubscribe_one_click(token, at, evidence): true when the state changed */
Datum
bounce_unsubscribe_one_click(PG_FUNCTION_ARGS)
{
	char	   *given = required_text_arg(fcinfo, 0, "token");
	TimestampTz at = instant_arg(fcinfo, 1, "at");
	TokenSaid	said;

	PreventCommandIfReadOnly("bounce.unsubscribe_one_click()");
	token_text_open(given, TOKEN_UNSUBSCRIBE, at, &said);
	if (said_already(&said))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(consent_unsubscribe(said.address, said.topic, "person", at,
									   evidence_arg(fcinfo, 2, "{\"form\": \"one-click\"}")));
}

/* confirm_token(token, at, evidence): true when the state changed */
Datum
bounce_confirm_token(PG_FUNCTION_ARGS)
{
	char	   *given = required_text_arg(fcinfo, 0, "token");
	ConsentChoice choice = {.act = CONSENT_CONFIRM, .source = "person", .at = instant_arg(fcinfo, 1, "at")};
	TokenSaid	said;

	PreventCommandIfReadOnly("bounce.confirm_token()");
	token_text_open(given, TOKEN_CONFIRM, choice.at, &said);
	choice.address = said.address;
	choice.topic = said.topic;
	choice.evidence = evidence_arg(fcinfo, 2, "{\"form\": \"link\"}");
	PG_RETURN_BOOL(consent_choose(&choice));
}

/* Takes the number of the new key; no two sessions do at once. */
static int32
rotate(TimestampTz at, const Interval *overlap)
{
	static KeptStatement lock = {
		"LOCK TABLE bounce.secret_key IN SHARE ROW EXCLUSIVE MODE", 0, {0}, NULL
	};
	static KeptStatement retire = {
		"WITH gone AS (DELETE FROM bounce.secret_key WHERE purpose OPERATOR(pg_catalog.=) 'token'"
		" AND retires_at OPERATOR(pg_catalog.<=) $1)"
		" UPDATE bounce.secret_key SET retires_at = LEAST(retires_at, $1 OPERATOR(pg_catalog.+) $2)"
		" WHERE purpose OPERATOR(pg_catalog.=) 'token' AND retires_at OPERATOR(pg_catalog.>) $1",
		2, {TIMESTAMPTZOID, INTERVALOID}, NULL
	};
	static KeptStatement make = {
		"INSERT INTO bounce.secret_key (purpose, number, made_at)"
		" SELECT 'token', COALESCE(pg_catalog.max(number), 0) OPERATOR(pg_catalog.+) 1, $1 FROM bounce.secret_key"
		" WHERE purpose OPERATOR(pg_catalog.=) 'token' RETURNING number",
		2, {TIMESTAMPTZOID, INTERVALOID}, NULL
	};
	Datum		values[] = {TimestampTzGetDatum(at), IntervalPGetDatum(overlap)};
	OwnerScope	scope;
	bool		isnull;
	int32		number;

	owner_spi_begin(&scope);
	kept_execute(&lock, NULL, NULL, false);
	kept_execute_latest(&retire, values, NULL);
	kept_execute_latest(&make, values, NULL);
	number = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	owner_spi_end(&scope);
	return number;
}

/* rotate_token_key(at, overlap): the number of the new key */
Datum
bounce_rotate_token_key(PG_FUNCTION_ARGS)
{
	TimestampTz at = past_instant_arg(fcinfo, 0, "at");
	Interval   *overlap = DatumGetIntervalP(required_arg(fcinfo, 1, "overlap"));
	Interval	none = {0};

	PreventCommandIfReadOnly("bounce.rotate_token_key()");
	if (DatumGetBool(DirectFunctionCall2(interval_lt, IntervalPGetDatum(overlap), IntervalPGetDatum(&none))))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("overlap must not be negative")));
	PG_RETURN_INT32(rotate(at, overlap));
}
