/*
 * bounce_class_meaning.c
 *		What a bounce.bounce_class says: its parts, the taxonomy's facts, the taxonomy.
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/builtins.h"

#include "constant_text.h"
#include "types.h"

PG_FUNCTION_INFO_V1(bounce_class_severity_name);
PG_FUNCTION_INFO_V1(bounce_class_reason_name);
PG_FUNCTION_INFO_V1(bounce_class_reason_group);
PG_FUNCTION_INFO_V1(bounce_class_fault_name);
PG_FUNCTION_INFO_V1(bounce_class_effect_name);
PG_FUNCTION_INFO_V1(bounce_reasons);

Datum
bounce_class_severity_name(PG_FUNCTION_ARGS)
{
	Severity	severity = bounce_class_severity(PG_GETARG_BOUNCE_CLASS(0));

	return constant_text(fcinfo, severity, severity_name(severity));
}

Datum
bounce_class_reason_name(PG_FUNCTION_ARGS)
{
	Reason		reason = bounce_class_reason(PG_GETARG_BOUNCE_CLASS(0));

	return constant_text(fcinfo, reason, reason_fact(reason)->name);
}

Datum
bounce_class_reason_group(PG_FUNCTION_ARGS)
{
	Reason		reason = bounce_class_reason(PG_GETARG_BOUNCE_CLASS(0));

	return constant_text(fcinfo, reason, reason_fact(reason)->group);
}

Datum
bounce_class_fault_name(PG_FUNCTION_ARGS)
{
	Fault		fault = reason_fact(bounce_class_reason(PG_GETARG_BOUNCE_CLASS(0)))->fault;

	return constant_text(fcinfo, fault, fault_name(fault));
}

Datum
bounce_class_effect_name(PG_FUNCTION_ARGS)
{
	Effect		effect = bounce_class_effect(PG_GETARG_BOUNCE_CLASS(0));

	return constant_text(fcinfo, effect, effect_name(effect));
}

/* The taxonomy, one row a reason, in the order of its numbers. */
Datum
bounce_reasons(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (Reason reason = 1; reason < REASON_COUNT; reason++)
	{
		const ReasonFact *fact = reason_fact(reason);
		Datum		values[] = {
			CStringGetTextDatum(fact->name),
			CStringGetTextDatum(severity_name(fact->severity)),
			CStringGetTextDatum(fact->group),
			CStringGetTextDatum(fault_name(fact->fault)),
			CStringGetTextDatum(effect_name(fact->effect)),
			CStringGetTextDatum(fact->description),
		};
		bool		nulls[lengthof(values)] = {false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
