/*
 * smtp_status_type.c
 *		The SQL type bounce.smtp_status: a reply code and/or an enhanced status code.
 *
 * In: text such as "550 5.1.1", four bytes in network order, or a reply code as an
 * integer.  Syntax errors have SQLSTATE 22P02, parts out of range 22003, bytes that
 * are no status 22P03 (RFC 5321, RFC 3463).
 *
 * The order is that of the unsigned 32 bits; equal values are equal bits, so a btree
 * may deduplicate (btequalimage).
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/sortsupport.h"

#include "compat.h"
#include "types.h"

PG_FUNCTION_INFO_V1(smtp_status_in);
PG_FUNCTION_INFO_V1(smtp_status_out);
PG_FUNCTION_INFO_V1(smtp_status_recv);
PG_FUNCTION_INFO_V1(smtp_status_send);
PG_FUNCTION_INFO_V1(smtp_status_from_reply);
PG_FUNCTION_INFO_V1(smtp_status_cmp);
PG_FUNCTION_INFO_V1(smtp_status_smaller);
PG_FUNCTION_INFO_V1(smtp_status_larger);
PG_FUNCTION_INFO_V1(smtp_status_hash);
PG_FUNCTION_INFO_V1(smtp_status_hash_extended);
PG_FUNCTION_INFO_V1(smtp_status_sortsupport);
PG_FUNCTION_INFO_V1(smtp_status_skipsupport);

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

/* A reply code that the application keeps as a number. */
Datum
smtp_status_from_reply(PG_FUNCTION_ARGS)
{
	int32		reply = PG_GETARG_INT32(0);

	if (reply < 0 || smtp_status_check(reply, -1, -1, -1) != SMTP_STATUS_OK)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value \"%d\" is out of range for type %s", reply, "smtp_status"),
				 errdetail("A reply code is 200 to 599.")));
	PG_RETURN_SMTP_STATUS(smtp_status_make(reply, reply / 100, -1, 0));
}

#define COMPARISON(name, operator) \
	PG_FUNCTION_INFO_V1(smtp_status_##name); \
	Datum \
	smtp_status_##name(PG_FUNCTION_ARGS) \
	{ \
		PG_RETURN_BOOL(PG_GETARG_SMTP_STATUS(0) operator PG_GETARG_SMTP_STATUS(1)); \
	}

COMPARISON(lt, <)
COMPARISON(le, <=)
COMPARISON(eq, ==)
COMPARISON(ne, !=)
COMPARISON(ge, >=)
COMPARISON(gt, >)

static inline int
compare(SmtpStatus a, SmtpStatus b)
{
	return (a > b) - (a < b);
}

Datum
smtp_status_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(PG_GETARG_SMTP_STATUS(0), PG_GETARG_SMTP_STATUS(1)));
}

Datum
smtp_status_smaller(PG_FUNCTION_ARGS)
{
	PG_RETURN_SMTP_STATUS(Min(PG_GETARG_SMTP_STATUS(0), PG_GETARG_SMTP_STATUS(1)));
}

Datum
smtp_status_larger(PG_FUNCTION_ARGS)
{
	PG_RETURN_SMTP_STATUS(Max(PG_GETARG_SMTP_STATUS(0), PG_GETARG_SMTP_STATUS(1)));
}

Datum
smtp_status_hash(PG_FUNCTION_ARGS)
{
	return hash_uint32(PG_GETARG_SMTP_STATUS(0));
}

Datum
smtp_status_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_uint32_extended(PG_GETARG_SMTP_STATUS(0), PG_GETARG_INT64(1));
}

/*
 * Not ssup_datum_unsigned_cmp: that compares whole Datums, and tuples deformed by
 * compiled code are not sign-extended while others are.
 */
static int
compare_datums(Datum a, Datum b, SortSupport ssup)
{
	return compare(DatumGetSmtpStatus(a), DatumGetSmtpStatus(b));
}

Datum
smtp_status_sortsupport(PG_FUNCTION_ARGS)
{
	SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);

	ssup->comparator = compare_datums;
	PG_RETURN_VOID();
}

/* The steps of a skip scan may name values that no status has: it looks for the next stored one. */
static Datum
decrement(Relation rel, Datum existing, bool *underflow)
{
	SmtpStatus	status = DatumGetSmtpStatus(existing);

	*underflow = status == 0;
	return SmtpStatusGetDatum(status - 1);
}

static Datum
increment(Relation rel, Datum existing, bool *overflow)
{
	SmtpStatus	status = DatumGetSmtpStatus(existing);

	*overflow = status == PG_UINT32_MAX;
	return SmtpStatusGetDatum(status + 1);
}

Datum
smtp_status_skipsupport(PG_FUNCTION_ARGS)
{
	SkipSupport skip = (SkipSupport) PG_GETARG_POINTER(0);

	skip->low_elem = SmtpStatusGetDatum(0);
	skip->high_elem = SmtpStatusGetDatum(PG_UINT32_MAX);
	skip->decrement = decrement;
	skip->increment = increment;
	PG_RETURN_VOID();
}
