/*
 * audience.c
 *		bounce.audience(): whom a topic that needs a yes may be mailed to.
 *
 * One statement: the preferences that are a yes now, without those whom
 * bounce.is_suppressed() knows a reason for.  Asked about many, that answers from
 * memory (ask_site.h), and the rows go straight to the result.
 *
 * Errors: 22004 for a NULL, LH005 for an unknown topic, 22023 for one that needs no
 * yes: its audience is a list of the application's.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "fmgr.h"
#include "funcapi.h"
#include "nodes/params.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "owner.h"
#include "state_args.h"
#include "topic.h"

PG_FUNCTION_INFO_V1(bounce_audience);

static const char audience_sql[] =
	"SELECT p.address, CASE WHEN p.state OPERATOR(pg_catalog.=) 'subscribed' THEN p.since ELSE p.before_since END"
	" FROM bounce.preference p"
	" WHERE p.topic OPERATOR(pg_catalog.=) $1 AND (p.state OPERATOR(pg_catalog.=) 'subscribed'"
	"  OR (p.before OPERATOR(pg_catalog.=) 'subscribed' AND p.until OPERATOR(pg_catalog.<=) $2))"
	" AND NOT bounce.is_suppressed(p.address, $1, $2)";

static void
check_topic(const char *name)
{
	Topic		topic;

	topic_required(name, &topic);
	if (topic.opt_in == OPT_IN_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("topic \"%s\" needs no yes", clipped(name)),
				 errdetail("Its opt_in is none: whoever did not say no may be mailed, and the addresses are the application's."),
				 errhint("Ask about your own list: WHERE NOT bounce.is_suppressed(email, '%s').", clipped(name))));
}

static void
set_parameter(ParamListInfo parameters, int number, Oid type, Datum value)
{
	parameters->params[number] = (ParamExternData) {value, false, PARAM_FLAG_CONST, type};
}

/* audience(topic, at): address, since */
Datum
bounce_audience(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const char *topic = topic_arg(fcinfo, 0, "topic");
	SPIExecuteOptions options = {.read_only = true, .params = makeParamList(2)};
	OwnerScope	owner;
	int			rc;

	set_parameter(options.params, 0, TEXTOID, CStringGetTextDatum(topic));
	set_parameter(options.params, 1, TIMESTAMPTZOID, required_arg(fcinfo, 1, "at"));
	check_topic(topic);
	InitMaterializedSRF(fcinfo, 0);
	options.dest = CreateTuplestoreDestReceiver();
	SetTuplestoreDestReceiverParams(options.dest, result->setResult,
									result->econtext->ecxt_per_query_memory, false, NULL, NULL);
	owner_spi_begin(&owner);
	rc = SPI_execute_extended(audience_sql, &options);
	if (rc < 0)
		elog(ERROR, "SPI_execute_extended failed: %s", SPI_result_code_string(rc));
	owner_spi_end(&owner);
	options.dest->rDestroy(options.dest);
	return (Datum) 0;
}
