/*
 * classify_here.c
 *		classify_here() and diagnose_here(): the site's own rules first, then the classifier.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "compat.h"
#include "hints.h"
#include "site_rule.h"

PG_FUNCTION_INFO_V1(bounce_classify_here);
PG_FUNCTION_INFO_V1(bounce_classify_here_status);
PG_FUNCTION_INFO_V1(bounce_diagnose_here);

extern Datum bounce_classify(PG_FUNCTION_ARGS);
extern Datum bounce_classify_status(PG_FUNCTION_ARGS);
extern Datum bounce_diagnose(PG_FUNCTION_ARGS);

/* The columns of diagnose() that a site rule decides, from 1; the rest is the classifier's. */
enum
{
	DIAGNOSED_CLASS = 2,
	DIAGNOSED_BASIS,
	DIAGNOSED_RULE,
	DIAGNOSED_ADVICE = 9
};

static const SiteRule *
rule_for_text(text *response, SmtpStatus status)
{
	return site_rule_for(VARDATA_ANY(response), VARSIZE_ANY_EXHDR(response), status);
}

/* classify_here(response) -> bounce_class */
Datum
bounce_classify_here(PG_FUNCTION_ARGS)
{
	const SiteRule *rule = rule_for_text(PG_GETARG_TEXT_PP(0), SMTP_STATUS_NONE);

	if (rule != NULL)
		PG_RETURN_BOUNCE_CLASS(rule->klass);
	return bounce_classify(fcinfo);
}

/* classify_here(status, response) -> bounce_class; one of them may be NULL */
Datum
bounce_classify_here_status(PG_FUNCTION_ARGS)
{
	if (!PG_ARGISNULL(1))
	{
		SmtpStatus	status = PG_ARGISNULL(0) ? SMTP_STATUS_NONE : PG_GETARG_SMTP_STATUS(0);
		const SiteRule *rule = rule_for_text(PG_GETARG_TEXT_PP(1), status);

		if (rule != NULL)
			PG_RETURN_BOUNCE_CLASS(rule->klass);
	}
	return bounce_classify_status(fcinfo);
}

/* diagnose_here(response) -> one row */
Datum
bounce_diagnose_here(PG_FUNCTION_ARGS)
{
	int			columns[] = {DIAGNOSED_CLASS, DIAGNOSED_BASIS, DIAGNOSED_RULE, DIAGNOSED_ADVICE};
	const SiteRule *rule = rule_for_text(PG_GETARG_TEXT_PP(0), SMTP_STATUS_NONE);
	Datum		diagnosis = bounce_diagnose(fcinfo);
	Datum		values[lengthof(columns)];
	bool		nulls[lengthof(columns)] = {false};
	const char *advice;
	HeapTupleData tuple = {0};
	TupleDesc	desc;

	if (rule == NULL)
		return diagnosis;
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	tuple.t_data = DatumGetHeapTupleHeader(diagnosis);
	tuple.t_len = HeapTupleHeaderGetDatumLength(tuple.t_data);
	values[0] = BounceClassGetDatum(rule->klass);
	values[1] = CStringGetTextDatum("site");
	values[2] = CStringGetTextDatum(rule->source);
	advice = reason_advice(bounce_class_reason(rule->klass));
	nulls[3] = advice == NULL;
	values[3] = nulls[3] ? (Datum) 0 : CStringGetTextDatum(advice);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_modify_tuple_by_cols(&tuple, BlessTupleDesc(desc), lengthof(columns),
																columns, values, nulls)));
}
