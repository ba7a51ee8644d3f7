/*
 * bounce_class_type.c
 *		The SQL type bounce.bounce_class: severity and reason of a delivery event.
 *
 * In: text such as "hard:user_unknown" or "user_unknown", or two bytes in network
 * order.  Text that is no class has SQLSTATE 22P02, bytes that are none 22P03.
 *
 * The order is that of the unsigned 16 bits, severity first; equal values are equal
 * bits, so a btree may deduplicate (btequalimage).
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/sortsupport.h"
#include "utils/varlena.h"

#include "compat.h"
#include "types.h"

/* What may be a slip of the finger for a name: as for columns in the parser. */
#define CLOSE_ENOUGH 3
#define LONGEST_SLIP 63

PG_FUNCTION_INFO_V1(bounce_class_in);
PG_FUNCTION_INFO_V1(bounce_class_out);
PG_FUNCTION_INFO_V1(bounce_class_recv);
PG_FUNCTION_INFO_V1(bounce_class_send);
PG_FUNCTION_INFO_V1(bounce_class_cmp);
PG_FUNCTION_INFO_V1(bounce_class_smaller);
PG_FUNCTION_INFO_V1(bounce_class_larger);
PG_FUNCTION_INFO_V1(bounce_class_hash);
PG_FUNCTION_INFO_V1(bounce_class_hash_extended);
PG_FUNCTION_INFO_V1(bounce_class_sortsupport);
PG_FUNCTION_INFO_V1(bounce_class_skipsupport);

/* The reason whose name is nearest to what was written, or NULL if none is near. */
static const char *
closest_reason(const char *name)
{
	int			length = (int) strlen(name);
	int			best = Min(CLOSE_ENOUGH, length / 2) + 1;
	const char *closest = NULL;

	if (length > LONGEST_SLIP)
		return NULL;
	for (Reason reason = 1; reason < REASON_COUNT; reason++)
	{
		const ReasonFact *fact = reason_fact(reason);
		int			distance = varstr_levenshtein_less_equal(name, length, fact->name, fact->name_length,
															 1, 1, 1, best - 1, true);

		if (distance < best)
		{
			best = distance;
			closest = fact->name;
		}
	}
	return closest;
}

/* Says what is wrong with one part of a class; called only for an error that is really shown. */
static int
explain_severity(const char *text)
{
	errdetail("\"%.*s\" is not a severity.", (int) strcspn(text, ":"), text);
	return errhint("Severities are ok, hard, soft, block, complaint, auto, admin and unknown.");
}

static int
explain_reason(const char *text)
{
	const char *colon = strchr(text, ':');
	const char *name = colon != NULL ? colon + 1 : text;
	const char *closest = closest_reason(name);

	if (severity_by_name(name, strlen(name)) != SEVERITY_NONE)
		errdetail("\"%s\" is a severity; a class needs a reason.", name);
	else
		errdetail("\"%s\" is not a reason.", name);
	if (closest != NULL)
		return errhint("Perhaps you meant \"%s\".", closest);
	return errhint("SELECT reason FROM bounce.reasons() lists the reasons.");
}

static int
explain_syntax(void)
{
	return errhint("Write a reason, or severity:reason, like \"hard:user_unknown\".");
}

Datum
bounce_class_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	BounceClass klass;
	BounceClassError error = bounce_class_parse(text, strlen(text), &klass);

	if (error != BOUNCE_CLASS_OK)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "bounce_class", text),
				 error == BOUNCE_CLASS_SEVERITY ? explain_severity(text) :
				 error == BOUNCE_CLASS_REASON ? explain_reason(text) : explain_syntax()));
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

#define COMPARISON(name, operator) \
	PG_FUNCTION_INFO_V1(bounce_class_##name); \
	Datum \
	bounce_class_##name(PG_FUNCTION_ARGS) \
	{ \
		PG_RETURN_BOOL(PG_GETARG_BOUNCE_CLASS(0) operator PG_GETARG_BOUNCE_CLASS(1)); \
	}

COMPARISON(lt, <)
COMPARISON(le, <=)
COMPARISON(eq, ==)
COMPARISON(ne, !=)
COMPARISON(ge, >=)
COMPARISON(gt, >)

Datum
bounce_class_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(PG_GETARG_BOUNCE_CLASS(0) - PG_GETARG_BOUNCE_CLASS(1));
}

Datum
bounce_class_smaller(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOUNCE_CLASS(Min(PG_GETARG_BOUNCE_CLASS(0), PG_GETARG_BOUNCE_CLASS(1)));
}

Datum
bounce_class_larger(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOUNCE_CLASS(Max(PG_GETARG_BOUNCE_CLASS(0), PG_GETARG_BOUNCE_CLASS(1)));
}

Datum
bounce_class_hash(PG_FUNCTION_ARGS)
{
	return hash_uint32(PG_GETARG_BOUNCE_CLASS(0));
}

Datum
bounce_class_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_uint32_extended(PG_GETARG_BOUNCE_CLASS(0), PG_GETARG_INT64(1));
}

/* No class has the sign bit, so the server's own comparator, which it sorts fastest with, is right. */
Datum
bounce_class_sortsupport(PG_FUNCTION_ARGS)
{
	SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);

	ssup->comparator = ssup_datum_int32_cmp;
	PG_RETURN_VOID();
}

/* The steps of a skip scan may name values that no class has: it looks for the next stored one. */
static Datum
decrement(Relation rel, Datum existing, bool *underflow)
{
	BounceClass klass = DatumGetBounceClass(existing);

	*underflow = klass == 0;
	return BounceClassGetDatum(klass - 1);
}

static Datum
increment(Relation rel, Datum existing, bool *overflow)
{
	BounceClass klass = DatumGetBounceClass(existing);

	*overflow = klass == PG_UINT16_MAX;
	return BounceClassGetDatum(klass + 1);
}

Datum
bounce_class_skipsupport(PG_FUNCTION_ARGS)
{
	SkipSupport skip = (SkipSupport) PG_GETARG_POINTER(0);

	skip->low_elem = BounceClassGetDatum(0);
	skip->high_elem = BounceClassGetDatum(PG_UINT16_MAX);
	skip->decrement = decrement;
	skip->increment = increment;
	PG_RETURN_VOID();
}
