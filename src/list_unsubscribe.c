/*
 * list_unsubscribe.c
 *		The two headers of a mail that lets people go with one click.
 *
 * List-Unsubscribe (RFC 2369) holds URIs in angle brackets, the preferred one first;
 * List-Unsubscribe-Post (RFC 8058) says that a POST to the https one is enough.  The
 * values have no line break: software that sends mail folds long headers at blanks.
 *
 * Errors: 22023 for a URL that cannot stand there, and those of make_token();
 * 54000 when the header would be longer than a line may be.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "https_url.h"
#include "state_args.h"
#include "token_text.h"

PG_FUNCTION_INFO_V1(bounce_list_unsubscribe);

#define PARAMETER "token="
#define POST_VALUE "List-Unsubscribe=One-Click"

/* A line has 998 bytes at most (RFC 5322 2.1.1), the name of the header included. */
#define VALUE_MAX (998 - (int) (sizeof("List-Unsubscribe: ") - 1))

static char *
base_url_arg(FunctionCallInfo fcinfo, int n)
{
	char	   *url = required_text_arg(fcinfo, n, "base_url");
	HttpsUrlError error = https_url_check(url);

	if (error != HTTPS_URL_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("base_url cannot stand in a List-Unsubscribe header"),
				 errdetail("Of \"%s\": %s.", clipped(url), https_url_error_text(error)),
				 errhint("Give the page that takes the POST, like https://example.com/unsubscribe.")));
	return url;
}

/* RFC 6068: what is not unreserved is written %XX. */
static void
append_escaped(StringInfo out, const char *address)
{
	for (const unsigned char *at = (const unsigned char *) address; *at != '\0'; at++)
	{
		if (*at < 0x80 && (isalnum(*at) || strchr("-._~@", *at) != NULL))
			appendStringInfoChar(out, (char) *at);
		else
			appendStringInfo(out, "%%%02X", *at);
	}
}

/* The subject carries the token: whoever reads that mailbox hands it on. */
static void
append_mailto(StringInfo value, const char *mailto, const char *token)
{
	appendStringInfoString(value, ", <mailto:");
	append_escaped(value, mailto);
	appendStringInfo(value, "?subject=%s>", token);
}

/* list_unsubscribe(address, topic, base_url, mailto): list_unsubscribe, list_unsubscribe_post */
Datum
bounce_list_unsubscribe(PG_FUNCTION_ARGS)
{
	TokenSaid	said = {.purpose = TOKEN_UNSUBSCRIBE, .expires_at = DT_NOEND};
	char	   *url;
	char	   *token;
	StringInfoData value;
	TupleDesc	desc;
	bool		nulls[2] = {false};

	said.address = address_arg(fcinfo, 0, "address");
	said.topic = topic_arg(fcinfo, 1, "topic");
	url = base_url_arg(fcinfo, 2);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	token = text_to_cstring(token_text_make(&said));
	initStringInfo(&value);
	appendStringInfo(&value, "<%s%s" PARAMETER "%s>", url, https_url_joint(url), token);
	if (!PG_ARGISNULL(3))
		append_mailto(&value, address_arg(fcinfo, 3, "mailto"), token);
	if (value.len > VALUE_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("List-Unsubscribe header would be too long"),
				 errdetail("Its value would have %d bytes; %d fit into a line.", value.len, VALUE_MAX),
				 errhint("Shorten base_url or the name of the topic.")));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), (Datum[]) {CStringGetTextDatum(value.data), CStringGetTextDatum(POST_VALUE)}, nulls)));
}
