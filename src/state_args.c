/*
 * state_args.c
 *		Arguments of the functions that change state.
 *
 * These functions are not strict: a NULL that comes from the caller's data by
 * mistake must not make an unsubscribe vanish without a word.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "address_text.h"
#include "domain_to_ascii.h"
#include "state_args.h"

#define CLIPPED_MAX 100

/* Why it is no address, where the grammar can tell. */
static const char *
address_fault(const char *given)
{
	char		address[ADDRESS_TEXT_MAX];
	size_t		length;
	size_t		domain;
	AddressError error = address_normalize(given, strlen(given), domain_to_ascii, address, &length, &domain);

	return error == ADDRESS_OK ? "it has no canonical spelling" : address_error_text(error);
}

Datum
required_arg(FunctionCallInfo fcinfo, int n, const char *parameter)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("parameter \"%s\" must not be null", parameter)));
	return PG_GETARG_DATUM(n);
}

char *
required_text_arg(FunctionCallInfo fcinfo, int n, const char *parameter)
{
	return TextDatumGetCString(required_arg(fcinfo, n, parameter));
}

char *
optional_text_arg(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n));
}

char *
address_arg(FunctionCallInfo fcinfo, int n, const char *parameter)
{
	char	   *given = required_text_arg(fcinfo, n, parameter);
	char		address[ADDRESS_TEXT_MAX];
	size_t		length;
	size_t		domain;

	if (!address_normalize_text(given, (int) strlen(given), address, &length, &domain))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid mail address: \"%s\"", clipped(given)),
				 errdetail("It is not an address: %s.", address_fault(given)),
				 errhint("Give one address, like name@example.com.")));
	return pstrdup(address);
}

/* Checks that nothing in it could be read as another part of an address. */
static bool
looks_like_domain(const char *domain)
{
	return domain[0] != '\0' && strcspn(domain, "@<>\"(),;:\\ \t\r\n") == strlen(domain);
}

char *
domain_arg(FunctionCallInfo fcinfo, int n, const char *parameter)
{
	char	   *given = required_text_arg(fcinfo, n, parameter);
	bool		below = strncmp(given, "*.", 2) == 0;
	char	   *probe = psprintf("x@%s", below ? given + 2 : given);
	char		address[ADDRESS_TEXT_MAX];
	size_t		length;
	size_t		domain;

	if (!looks_like_domain(probe + 2) ||
		!address_normalize_text(probe, (int) strlen(probe), address, &length, &domain))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid domain: \"%s\"", clipped(given)),
				 errhint("Give example.com, or *.example.com for it and all domains below it.")));
	return psprintf("%s%s", below ? "*." : "", address + domain);
}

char *
topic_arg(FunctionCallInfo fcinfo, int n, const char *parameter)
{
	char	   *topic = required_text_arg(fcinfo, n, parameter);

	if (strlen(topic) > TOPIC_TEXT_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("topic is too long"),
				 errdetail("It has %zu bytes; at most %d are possible.", strlen(topic), TOPIC_TEXT_MAX)));
	return topic;
}

TimestampTz
instant_arg(FunctionCallInfo fcinfo, int n, const char *parameter)
{
	TimestampTz at = DatumGetTimestampTz(required_arg(fcinfo, n, parameter));

	if (TIMESTAMP_NOT_FINITE(at))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("parameter \"%s\" must be a point in time, not infinity", parameter)));
	return at;
}

TimestampTz
past_instant_arg(FunctionCallInfo fcinfo, int n, const char *parameter)
{
	TimestampTz at = instant_arg(fcinfo, n, parameter);

	/* The clock, not now(): a time taken within this transaction has come. */
	if (at > GetCurrentTimestamp())
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("parameter \"%s\" must not lie in the future", parameter),
				 errdetail("It is \"%s\".", timestamptz_to_str(at))));
	return at;
}

char *
clipped(const char *value)
{
	int			length = (int) strlen(value);

	if (length <= CLIPPED_MAX)
		return pstrdup(value);
	return psprintf("%.*s...", pg_mbcliplen(value, length, CLIPPED_MAX), value);
}
