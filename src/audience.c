/*
 * audience.c
 *		bounce.audience(): whom a topic may be mailed to.
 *
 * One statement: the preferences that are a yes now, and for a topic that needs none
 * the attached contacts (audience_contacts.h), without those whom
 * bounce.is_suppressed() knows a reason for.  Asked about many, that answers from
 * memory (ask_site.h), and the rows go straight to the result.
 *
 * Errors: 22004 for a NULL, LH005 for an unknown topic; of one that needs no yes,
 * whose audience is a list of the application's, 55000 when no contacts are attached
 * and 42501 when the caller may not read them.
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

/* What statements call the attached contacts */
#define CONTACTS "attached_contact"

#define YES_SQL \
	"SELECT p.address, CASE WHEN p.state OPERATOR(pg_catalog.=) 'subscribed' THEN p.since ELSE p.before_since END" \
	" FROM bounce.preference p" \
	" WHERE p.topic OPERATOR(pg_catalog.=) $1 AND (p.state OPERATOR(pg_catalog.=) 'subscribed'" \
	"  OR (p.before OPERATOR(pg_catalog.=) 'subscribed' AND p.until OPERATOR(pg_catalog.<=) $2))"

static const char yes_sql[] = YES_SQL " AND NOT bounce.is_suppressed(p.address, $1, $2)";

/* OFFSET 0: each address is asked about once, however often it is there. */
static const char contacts_sql[] =
	"SELECT a.address, a.since FROM (SELECT k.address, pg_catalog.max(k.since)"
	" FROM (" YES_SQL " UNION ALL SELECT c.address, NULL FROM " CONTACTS " AS c) AS k (address, since)"
	" GROUP BY k.address OFFSET 0) AS a (address, since)"
	" WHERE NOT bounce.is_suppressed(a.address, $1, $2)";

/* Whoever did not say no: that takes a list. */
static Tuplestorestate *
contacts_for(const char *topic)
{
	Tuplestorestate *contacts = audience_contacts();

	if (contacts == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("topic \"%s\" needs no yes, and no contacts are attached", clipped(topic)),
				 errdetail("Its opt_in is none: whoever did not say no may be mailed, and the addresses are the application's."),
				 errhint("Attach your contacts with bounce.quarantine_contacts() or bounce.track_preferences(), or ask about your own list: WHERE NOT bounce.is_suppressed(email, %s).",
						 quote_literal_cstr(clipped(topic)))));
	return contacts;
}

/* Lets the statement read them by name. */
static void
register_contacts(Tuplestorestate *contacts)
{
	EphemeralNamedRelation relation = palloc0(sizeof(EphemeralNamedRelationData));

	relation->md.name = CONTACTS;
	relation->md.reliddesc = InvalidOid;
	relation->md.tupdesc = audience_contacts_desc();
	relation->md.enrtype = ENR_NAMED_TUPLESTORE;
	relation->md.enrtuples = (double) tuplestore_tuple_count(contacts);
	relation->reldata = contacts;
	if (SPI_register_relation(relation) != SPI_OK_REL_REGISTER)
		elog(ERROR, "SPI_register_relation failed");
}

static void
set_parameter(ParamListInfo parameters, int number, Oid type, Datum value)
{
	parameters->params[number] = (ParamExternData) {value, false, PARAM_FLAG_CONST, type};
}

/* As the owner: what people said needs no privilege beyond the function's. */
static void
run(const char *sql, Tuplestorestate *contacts, const SPIExecuteOptions *options)
{
	OwnerScope	owner;
	int			rc;

	owner_spi_begin(&owner);
	if (contacts != NULL)
		register_contacts(contacts);
	rc = SPI_execute_extended(sql, options);
	if (rc < 0)
		elog(ERROR, "SPI_execute_extended failed: %s", SPI_result_code_string(rc));
	owner_spi_end(&owner);
}

/* audience(topic, at): address, since */
Datum
bounce_audience(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const char *name = topic_arg(fcinfo, 0, "topic");
	SPIExecuteOptions options = {.read_only = true, .params = makeParamList(2)};
	Tuplestorestate *contacts = NULL;
	Topic		topic;

	set_parameter(options.params, 0, TEXTOID, CStringGetTextDatum(name));
	set_parameter(options.params, 1, TIMESTAMPTZOID, required_arg(fcinfo, 1, "at"));
	topic_required(name, &topic);
	if (topic.opt_in == OPT_IN_NONE)
		contacts = contacts_for(name);
	InitMaterializedSRF(fcinfo, 0);
	options.dest = CreateTuplestoreDestReceiver();
	SetTuplestoreDestReceiverParams(options.dest, result->setResult,
									result->econtext->ecxt_per_query_memory, false, NULL, NULL);
	if (contacts == NULL)
		run(yes_sql, NULL, &options);
	else
	{
		run(contacts_sql, contacts, &options);
		tuplestore_end(contacts);
	}
	options.dest->rDestroy(options.dest);
	return (Datum) 0;
}
