/*
 * consent_sql.c
 *		Changes of preference, as SQL calls them.
 *
 * Errors: those of consent_choose(); 22023 for an address or a topic that cannot be,
 * 22004 for a NULL, 22008 for an infinite time, 25006 on a standby.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "consent.h"
#include "state_args.h"

PG_FUNCTION_INFO_V1(bounce_subscribe);
PG_FUNCTION_INFO_V1(bounce_confirm);
PG_FUNCTION_INFO_V1(bounce_unsubscribe);
PG_FUNCTION_INFO_V1(bounce_unsubscribe_all);
PG_FUNCTION_INFO_V1(bounce_snooze);
PG_FUNCTION_INFO_V1(bounce_resume);

#define ALL_TOPICS ""

/* The arguments from "at" on, which all doors share. */
static bool
choose_with_args(FunctionCallInfo fcinfo, ConsentChoice *choice, int at_position)
{
	choice->at = instant_arg(fcinfo, at_position, "at");
	choice->source = required_text_arg(fcinfo, at_position + 1, "source");
	choice->evidence = PG_ARGISNULL(at_position + 2) ? (Datum) 0 : PG_GETARG_DATUM(at_position + 2);
	return consent_choose(choice);
}

/* An address and a topic; '' says all of them where that can be said. */
static void
read_whom(FunctionCallInfo fcinfo, ConsentChoice *choice, const char *hint)
{
	choice->address = address_arg(fcinfo, 0, "address");
	choice->topic = topic_arg(fcinfo, 1, "topic");
	if (choice->topic[0] == '\0' && hint != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("topic is empty"),
				 errhint("%s", hint)));
}

/* subscribe(address, topic, at, source, evidence); topic '' takes back unsubscribe_all() */
Datum
bounce_subscribe(PG_FUNCTION_ARGS)
{
	ConsentChoice choice = {.act = CONSENT_SUBSCRIBE};

	PreventCommandIfReadOnly("bounce.subscribe()");
	read_whom(fcinfo, &choice, NULL);
	PG_RETURN_BOOL(choose_with_args(fcinfo, &choice, 2));
}

/* confirm(address, topic, at, source, evidence) */
Datum
bounce_confirm(PG_FUNCTION_ARGS)
{
	ConsentChoice choice = {.act = CONSENT_CONFIRM};

	PreventCommandIfReadOnly("bounce.confirm()");
	read_whom(fcinfo, &choice, "Only the subscription to a topic is confirmed.");
	PG_RETURN_BOOL(choose_with_args(fcinfo, &choice, 2));
}

/* unsubscribe(address, topic, at, source, evidence) */
Datum
bounce_unsubscribe(PG_FUNCTION_ARGS)
{
	ConsentChoice choice = {.act = CONSENT_UNSUBSCRIBE};

	PreventCommandIfReadOnly("bounce.unsubscribe()");
	read_whom(fcinfo, &choice, "To stop all marketing topics, use bounce.unsubscribe_all(address).");
	PG_RETURN_BOOL(choose_with_args(fcinfo, &choice, 2));
}

/* unsubscribe_all(address, at, source, evidence) */
Datum
bounce_unsubscribe_all(PG_FUNCTION_ARGS)
{
	ConsentChoice choice = {.topic = ALL_TOPICS, .act = CONSENT_UNSUBSCRIBE};

	PreventCommandIfReadOnly("bounce.unsubscribe_all()");
	choice.address = address_arg(fcinfo, 0, "address");
	PG_RETURN_BOOL(choose_with_args(fcinfo, &choice, 1));
}

/* snooze(address, topic, until, at, source, evidence); topic '' pauses all topics */
Datum
bounce_snooze(PG_FUNCTION_ARGS)
{
	ConsentChoice choice = {.act = CONSENT_SNOOZE};

	PreventCommandIfReadOnly("bounce.snooze()");
	read_whom(fcinfo, &choice, NULL);
	choice.until = instant_arg(fcinfo, 2, "until");
	PG_RETURN_BOOL(choose_with_args(fcinfo, &choice, 3));
}

/* resume(address, topic, at, source, evidence); topic '' ends the pause of all topics */
Datum
bounce_resume(PG_FUNCTION_ARGS)
{
	ConsentChoice choice = {.act = CONSENT_RESUME};

	PreventCommandIfReadOnly("bounce.resume()");
	read_whom(fcinfo, &choice, NULL);
	PG_RETURN_BOOL(choose_with_args(fcinfo, &choice, 2));
}
