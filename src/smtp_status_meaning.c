/*
 * smtp_status_meaning.c
 *		What a bounce.smtp_status says: its codes, its kind, the registries' texts.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "constant_text.h"
#include "types.h"

PG_FUNCTION_INFO_V1(smtp_status_reply_code);
PG_FUNCTION_INFO_V1(smtp_status_enhanced_code);
PG_FUNCTION_INFO_V1(smtp_status_is_success);
PG_FUNCTION_INFO_V1(smtp_status_is_transient);
PG_FUNCTION_INFO_V1(smtp_status_is_permanent);
PG_FUNCTION_INFO_V1(smtp_status_description);
PG_FUNCTION_INFO_V1(smtp_status_azure_type);
PG_FUNCTION_INFO_V1(smtp_status_class_alone);

Datum
smtp_status_reply_code(PG_FUNCTION_ARGS)
{
	int			reply = smtp_status_reply(PG_GETARG_SMTP_STATUS(0));

	if (reply == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(reply);
}

Datum
smtp_status_enhanced_code(PG_FUNCTION_ARGS)
{
	SmtpStatus	status = PG_GETARG_SMTP_STATUS(0);
	char		code[SMTP_STATUS_TEXT_MAX];
	size_t		length;

	if (!smtp_status_has_enhanced(status))
		PG_RETURN_NULL();
	status = smtp_status_make(0, smtp_status_class(status), smtp_status_subject(status), smtp_status_detail(status));
	length = smtp_status_format(status, code);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(code, (int) length));
}

Datum
smtp_status_is_success(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(smtp_status_class(PG_GETARG_SMTP_STATUS(0)) == 2);
}

Datum
smtp_status_is_transient(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(smtp_status_class(PG_GETARG_SMTP_STATUS(0)) == 4);
}

Datum
smtp_status_is_permanent(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(smtp_status_class(PG_GETARG_SMTP_STATUS(0)) == 5);
}

Datum
smtp_status_description(PG_FUNCTION_ARGS)
{
	const char *description = smtp_status_describe(PG_GETARG_SMTP_STATUS(0));

	if (description == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(description));
}

Datum
smtp_status_azure_type(PG_FUNCTION_ARGS)
{
	AcsType		type = smtp_status_acs_type(PG_GETARG_SMTP_STATUS(0));

	if (type == ACS_NONE)
		PG_RETURN_NULL();
	return constant_text(fcinfo, type, type == ACS_HARD ? "hard" : "soft");
}

/* The class that the code alone gives; NULL for a code that says nothing about a message. */
Datum
smtp_status_class_alone(PG_FUNCTION_ARGS)
{
	bool		from_enhanced;
	BounceClass klass = smtp_status_default_class(PG_GETARG_SMTP_STATUS(0), &from_enhanced);

	if (klass == BOUNCE_CLASS_NONE)
		PG_RETURN_NULL();
	PG_RETURN_BOUNCE_CLASS(klass);
}
