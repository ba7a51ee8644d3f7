/*
 * smtp_status_type.c
 *		The SQL type bounce.smtp_status: a reply code and/or an enhanced status code.
 *
 * In: text such as "550 5.1.1", or four bytes in network order.  Syntax errors have
 * SQLSTATE 22P02, parts out of range 22003 (RFC 5321, RFC 3463).
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "compat.h"
#include "types.h"

PG_FUNCTION_INFO_V1(smtp_status_in);
PG_FUNCTION_INFO_V1(smtp_status_out);
PG_FUNCTION_INFO_V1(smtp_status_recv);
PG_FUNCTION_INFO_V1(smtp_status_send);

/* Reports why a text is no status, softly where the caller asked for that. */
static Datum
refuse_text(SmtpStatusError error, const char *text, Node *context)
{
	if (error == SMTP_STATUS_RANGE)
		ereturn(context, (Datum) 0,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value \"%s\" is out of range for type %s", text, "smtp_status"),
				 errdetail("A reply code is 200 to 599; an enhanced code has class 2, 4 or 5, and subject and detail 0 to 999."),
				 errhint("Write a status like \"550\", \"5.1.1\" or \"550 5.1.1\".")));
	if (error == SMTP_STATUS_DISAGREES)
		ereturn(context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "smtp_status", text),
				 errdetail("Reply code and enhanced code do not begin with the same digit."),
				 errhint("Keep the one that the server meant, the reply code or the enhanced code.")));
	ereturn(context, (Datum) 0,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%s\"", "smtp_status", text),
			 errdetail("It is neither a reply code nor an enhanced status code."),
			 errhint("Write a status like \"550\", \"5.1.1\" or \"550 5.1.1\".")));
}

Datum
smtp_status_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	SmtpStatus	status;
	SmtpStatusError error = smtp_status_parse(text, strlen(text), &status);

	if (error != SMTP_STATUS_OK)
		return refuse_text(error, text, fcinfo->context);
	PG_RETURN_SMTP_STATUS(status);
}

Datum
smtp_status_out(PG_FUNCTION_ARGS)
{
	char	   *text = palloc(SMTP_STATUS_TEXT_MAX);

	smtp_status_format(PG_GETARG_SMTP_STATUS(0), text);
	PG_RETURN_CSTRING(text);
}

Datum
smtp_status_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	SmtpStatus	status = pq_getmsgint(message, sizeof(SmtpStatus));

	if (!smtp_status_valid(status))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value for type %s: 0x%08x", "smtp_status", status)));
	PG_RETURN_SMTP_STATUS(status);
}

Datum
smtp_status_send(PG_FUNCTION_ARGS)
{
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint32(&message, PG_GETARG_SMTP_STATUS(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}
