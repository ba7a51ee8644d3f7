/*
 * bounce_class_type.c
 *		The SQL type bounce.bounce_class: severity and reason of a delivery event.
 *
 * In: text such as "hard:user_unknown" or "user_unknown", or two bytes in network
 * order.  Errors have SQLSTATE 22P02.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "compat.h"
#include "types.h"

PG_FUNCTION_INFO_V1(bounce_class_in);
PG_FUNCTION_INFO_V1(bounce_class_out);
PG_FUNCTION_INFO_V1(bounce_class_recv);
PG_FUNCTION_INFO_V1(bounce_class_send);

Datum
bounce_class_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	BounceClass klass;

	if (bounce_class_parse(text, strlen(text), &klass) != BOUNCE_CLASS_OK)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "bounce_class", text),
				 errhint("Write a reason, or severity:reason, like \"hard:user_unknown\".")));
	PG_RETURN_BOUNCE_CLASS(klass);
}

Datum
bounce_class_out(PG_FUNCTION_ARGS)
{
	char	   *text = palloc(BOUNCE_CLASS_TEXT_MAX);

	bounce_class_format(PG_GETARG_BOUNCE_CLASS(0), text);
	PG_RETURN_CSTRING(text);
}

Datum
bounce_class_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	BounceClass klass = (BounceClass) pq_getmsgint(message, sizeof(BounceClass));

	if (!bounce_class_valid(klass))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value for type %s: 0x%04x", "bounce_class", klass)));
	PG_RETURN_BOUNCE_CLASS(klass);
}

Datum
bounce_class_send(PG_FUNCTION_ARGS)
{
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint16(&message, PG_GETARG_BOUNCE_CLASS(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}
