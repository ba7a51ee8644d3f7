/*
 * classify_sql.c
 *		The classifier's SQL functions: classify, extract_status, diagnose, provider_of.
 *
 * In: the answer of a server, as text of any kind; out: what the core concludes.
 * No text is an error.  (RFC 5321 4.2, RFC 3463, RFC 3464)
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "classify.h"
#include "hints.h"
#include "provider.h"
#include "response_text.h"
#include "types.h"

PG_FUNCTION_INFO_V1(bounce_classify);
PG_FUNCTION_INFO_V1(bounce_classify_status);
PG_FUNCTION_INFO_V1(bounce_extract_status);
PG_FUNCTION_INFO_V1(bounce_diagnose);
PG_FUNCTION_INFO_V1(bounce_provider_of);

/* The columns of diagnose(), in the order of sql/classify.sql. */
enum
{
	DIAGNOSE_STATUS,
	DIAGNOSE_CLASS,
	DIAGNOSE_BASIS,
	DIAGNOSE_RULE,
	DIAGNOSE_PROVIDER,
	DIAGNOSE_URL,
	DIAGNOSE_BLOCKLIST,
	DIAGNOSE_RETRY_AFTER,
	DIAGNOSE_ADVICE,
	DIAGNOSE_COLUMNS
};

static BounceClass
classify_text(text *response, SmtpStatus status)
{
	int			len;
	const char *utf8 = response_utf8(VARDATA_ANY(response), VARSIZE_ANY_EXHDR(response), &len);

	return classify_response(utf8, len, status);
}

/* classify(response) -> bounce_class */
Datum
bounce_classify(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOUNCE_CLASS(classify_text(PG_GETARG_TEXT_PP(0), SMTP_STATUS_NONE));
}

/* classify(status, response) -> bounce_class; one of them may be NULL */
Datum
bounce_classify_status(PG_FUNCTION_ARGS)
{
	SmtpStatus	status = PG_ARGISNULL(0) ? SMTP_STATUS_NONE : PG_GETARG_SMTP_STATUS(0);

	if (!PG_ARGISNULL(1))
		PG_RETURN_BOUNCE_CLASS(classify_text(PG_GETARG_TEXT_PP(1), status));
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_BOUNCE_CLASS(classify_response("", 0, status));
}

/* extract_status(response) -> smtp_status, or NULL */
Datum
bounce_extract_status(PG_FUNCTION_ARGS)
{
	text	   *response = PG_GETARG_TEXT_PP(0);
	int			len;
	const char *utf8 = response_utf8(VARDATA_ANY(response), VARSIZE_ANY_EXHDR(response), &len);
	SmtpStatus	status = extract_status(utf8, len);

	if (status == SMTP_STATUS_NONE)
		PG_RETURN_NULL();
	PG_RETURN_SMTP_STATUS(status);
}

static void
set_text(Datum *value, bool *null, const char *text, size_t len)
{
	*null = text == NULL;
	if (!*null)
		*value = PointerGetDatum(cstring_to_text_with_len(text, len));
}

static void
set_name(Datum *value, bool *null, const char *name)
{
	set_text(value, null, name, name == NULL ? 0 : strlen(name));
}

/* A span of the text was found in ASCII, and so is right in every encoding. */
static void
set_diagnosis(const Diagnosis *d, Datum *values, bool *nulls)
{
	nulls[DIAGNOSE_STATUS] = d->status == SMTP_STATUS_NONE;
	values[DIAGNOSE_STATUS] = SmtpStatusGetDatum(d->status);
	values[DIAGNOSE_CLASS] = BounceClassGetDatum(d->klass);
	set_name(&values[DIAGNOSE_BASIS], &nulls[DIAGNOSE_BASIS], basis_name(d->basis));
	set_name(&values[DIAGNOSE_RULE], &nulls[DIAGNOSE_RULE], d->rule);
	set_name(&values[DIAGNOSE_PROVIDER], &nulls[DIAGNOSE_PROVIDER], d->provider);
	set_text(&values[DIAGNOSE_URL], &nulls[DIAGNOSE_URL], d->url.start, d->url.length);
	set_text(&values[DIAGNOSE_BLOCKLIST], &nulls[DIAGNOSE_BLOCKLIST], d->blocklist.start, d->blocklist.length);
	nulls[DIAGNOSE_RETRY_AFTER] = d->retry_after < 0;
	if (d->retry_after >= 0)
	{
		Interval   *wait = palloc0(sizeof(Interval));

		wait->time = d->retry_after * USECS_PER_SEC;
		values[DIAGNOSE_RETRY_AFTER] = IntervalPGetDatum(wait);
	}
	set_name(&values[DIAGNOSE_ADVICE], &nulls[DIAGNOSE_ADVICE], reason_advice(bounce_class_reason(d->klass)));
}

/* diagnose(response) -> one row */
Datum
bounce_diagnose(PG_FUNCTION_ARGS)
{
	text	   *response = PG_GETARG_TEXT_PP(0);
	Datum		values[DIAGNOSE_COLUMNS] = {0};
	bool		nulls[DIAGNOSE_COLUMNS] = {0};
	TupleDesc	descriptor;
	Diagnosis	diagnosis;
	int			len;
	const char *utf8 = response_utf8(VARDATA_ANY(response), VARSIZE_ANY_EXHDR(response), &len);

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	diagnose_response(utf8, len, SMTP_STATUS_NONE, &diagnosis);
	set_diagnosis(&diagnosis, values, nulls);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls)));
}

/* provider_of(host) -> text, or NULL */
Datum
bounce_provider_of(PG_FUNCTION_ARGS)
{
	text	   *host = PG_GETARG_TEXT_PP(0);
	const char *provider = provider_of(VARDATA_ANY(host), VARSIZE_ANY_EXHDR(host));

	if (provider == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(provider));
}
