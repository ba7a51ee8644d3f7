/*
 * audience.c
 *		bounce.audience(): whom a topic may be mailed to.
 *
 * One statement: the preferences that are a yes now, and for a topic that needs none
 * the attached contacts (audience_contacts.h), without those whom
 * bounce.is_suppressed() knows a reason for.  Asked about many, that answers from
 * memory (ask_site.h), and the rows go straight to the result.
 *
 * Errors: 22004 for a NULL, LH005 for an unknown topic, 55000 for one that needs no
 * yes while no contacts are attached: its audience is a list of the application's.
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

#include "audience_contacts.h"
#include "compat.h"
#include "owner.h"
#include "state_args.h"
#include "topic.h"

PG_FUNCTION_INFO_V1(bounce_audience);

#define YES_SQL \
	"SELECT p.address, CASE WHEN p.state OPERATOR(pg_catalog.=) 'subscribed' THEN p.since ELSE p.before_since END" \
	" FROM bounce.preference p" \
	" WHERE p.topic OPERATOR(pg_catalog.=) $1 AND (p.state OPERATOR(pg_catalog.=) 'subscribed'" \
	"  OR (p.before OPERATOR(pg_catalog.=) 'subscribed' AND p.until OPERATOR(pg_catalog.<=) $2))"
#define SENDABLE " AND NOT bounce.is_suppressed(p.address, $1, $2)"

/* Whoever did not say no: that takes a list. */
static const char *
contacts_sql(const char *topic)
{
	const char *sql = audience_contacts_sql(YES_SQL);

	if (sql == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("topic \"%s\" needs no yes, and no contacts are attached", clipped(topic)),
				 errdetail("Its opt_in is none: whoever did not say no may be mailed, and the addresses are the application's."),
				 errhint("Attach your contacts with bounce.quarantine_contacts() or bounce.track_preferences(), or ask about your own list: WHERE NOT bounce.is_suppressed(email, %s).",
						 quote_literal_cstr(clipped(topic)))));
	return sql;
}

static void
set_parameter(ParamListInfo parameters, int number, Oid type, Datum value)
{
	parameters->params[number] = (ParamExternData) {value, false, PARAM_FLAG_CONST, type};
}

static void
run(const char *sql, const SPIExecuteOptions *options)
{
	int			rc = SPI_execute_extended(sql, options);

	if (rc < 0)
		elog(ERROR, "SPI_execute_extended failed: %s", SPI_result_code_string(rc));
}

/* As the owner: what people said needs no privilege beyond the function's. */
static void
run_for_yes(const SPIExecuteOptions *options)
{
	OwnerScope	owner;

	owner_spi_begin(&owner);
	run(YES_SQL SENDABLE, options);
	owner_spi_end(&owner);
}

/* As the caller */
static void
run_for_contacts(const char *topic, const SPIExecuteOptions *options)
{
	const char *sql = contacts_sql(topic);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	run(sql, options);
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
}

/* audience(topic, at): address, since */
Datum
bounce_audience(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const char *name = topic_arg(fcinfo, 0, "topic");
	SPIExecuteOptions options = {.read_only = true, .params = makeParamList(2)};
	Topic		topic;

	set_parameter(options.params, 0, TEXTOID, CStringGetTextDatum(name));
	set_parameter(options.params, 1, TIMESTAMPTZOID, required_arg(fcinfo, 1, "at"));
	topic_required(name, &topic);
	InitMaterializedSRF(fcinfo, 0);
	options.dest = CreateTuplestoreDestReceiver();
	SetTuplestoreDestReceiverParams(options.dest, result->setResult,
									result->econtext->ecxt_per_query_memory, false, NULL, NULL);
	if (topic.opt_in == OPT_IN_NONE)
		run_for_contacts(name, &options);
	else
		run_for_yes(&options);
	options.dest->rDestroy(options.dest);
	return (Datum) 0;
}
