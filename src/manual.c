/*
 * manual.c
 *		Suppressions made and ended by people: of an address, or of a domain.
 *
 * Leases and complaints come from the log alone, so they can be released here but
 * not made.
 *
 * Errors: 22023 for an address, domain, topic, cause or span of time that cannot
 * be, 22004 for a NULL, 22008 for a time that is infinite or has not come yet,
 * 25006 on a standby.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "digest_keep.h"
#include "manual_write.h"
#include "quarantine.h"
#include "refold.h"
#include "state_args.h"

PG_FUNCTION_INFO_V1(bounce_suppress);
PG_FUNCTION_INFO_V1(bounce_suppress_domain);
PG_FUNCTION_INFO_V1(bounce_release);
PG_FUNCTION_INFO_V1(bounce_release_domain);

/* Contact rows follow what was written about this address. */
static void
refresh_quarantine(const char *address)
{
	char	   *addresses[] = {pstrdup(address)};

	quarantine_refresh(addresses, 1, GetCurrentTransactionStartTimestamp());
}

/*
 * Leases and complaints are the fold of the log: whoever ends one takes the lock
 * of the address first, and folds it afterwards.  Released at an earlier time, a
 * lease may have begun again by later events.
 */
static int32
release_folded(const Release *wanted)
{
	char	   *addresses[] = {pstrdup(wanted->name)};
	int32		ended;

	refold_lock(wanted->name);
	ended = manual_release(MANUAL_ADDRESS, wanted);
	refold_addresses(addresses, 1);
	return ended;
}

static bool
may_end_folded(const Release *wanted)
{
	return (wanted->topic == NULL || wanted->topic[0] == '\0') &&
		(wanted->cause == NULL || strcmp(wanted->cause, "lease") == 0 || strcmp(wanted->cause, "complaint") == 0);
}

/* A cause that people may give; leases and complaints are the fold of the log. */
static char *
told_cause_arg(FunctionCallInfo fcinfo, int n)
{
	char	   *cause = required_text_arg(fcinfo, n, "cause");

	if (strcmp(cause, "manual") == 0 || strcmp(cause, "import") == 0)
		return cause;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("cause \"%s\" cannot be given by hand", clipped(cause)),
			 errdetail("Causes given by hand are manual and import."),
			 errhint("Leases and complaints follow from events: use bounce.record_event().")));
}

/* Any cause, or NULL. */
static char *
released_cause_arg(FunctionCallInfo fcinfo, int n)
{
	static const char *const causes[] = {"lease", "complaint", "manual", "import"};
	char	   *cause = optional_text_arg(fcinfo, n);

	if (cause == NULL)
		return NULL;
	for (int i = 0; i < (int) lengthof(causes); i++)
		if (strcmp(cause, causes[i]) == 0)
			return cause;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown cause of a suppression: \"%s\"", clipped(cause)),
			 errhint("Causes are lease, complaint, manual and import; NULL means all of them.")));
}

/* From "at" to "until". */
static Span
span_args(FunctionCallInfo fcinfo, int at, int until)
{
	Span		span;

	span.starts_at = past_instant_arg(fcinfo, at, "at");
	span.expires_at = DatumGetTimestampTz(required_arg(fcinfo, until, "until"));
	if (span.expires_at <= span.starts_at)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("suppression would end before it begins"),
				 errdetail("It would begin at %s and end at %s.",
						   pstrdup(timestamptz_to_str(span.starts_at)), pstrdup(timestamptz_to_str(span.expires_at))),
				 errhint("Without an end it is until => 'infinity'.")));
	return span;
}

/* suppress(address, topic, until, note, cause, at): true when another time is suppressed now */
Datum
bounce_suppress(PG_FUNCTION_ARGS)
{
	Told		told;
	bool		changed;

	PreventCommandIfReadOnly("bounce.suppress()");
	told.name = address_arg(fcinfo, 0, "address");
	told.topic = topic_arg(fcinfo, 1, "topic");
	told.note = optional_text_arg(fcinfo, 3);
	told.cause = told_cause_arg(fcinfo, 4);
	told.span = span_args(fcinfo, 5, 2);
	changed = manual_suppress(MANUAL_ADDRESS, &told);
	if (changed)
		refresh_quarantine(told.name);
	PG_RETURN_BOOL(changed);
}

/* suppress_domain(domain, until, note, at) */
Datum
bounce_suppress_domain(PG_FUNCTION_ARGS)
{
	Told		told = {.topic = "", .cause = "manual"};

	PreventCommandIfReadOnly("bounce.suppress_domain()");
	told.name = domain_arg(fcinfo, 0, "domain");
	told.note = optional_text_arg(fcinfo, 2);
	told.span = span_args(fcinfo, 3, 1);
	PG_RETURN_BOOL(manual_suppress(MANUAL_DOMAIN, &told));
}

/* release(address, topic, cause, why, at): how many suppressions ended */
Datum
bounce_release(PG_FUNCTION_ARGS)
{
	Release		wanted;
	int32		ended;

	PreventCommandIfReadOnly("bounce.release()");
	wanted.name = address_arg(fcinfo, 0, "address");
	wanted.topic = PG_ARGISNULL(1) ? NULL : topic_arg(fcinfo, 1, "topic");
	wanted.cause = released_cause_arg(fcinfo, 2);
	wanted.why = optional_text_arg(fcinfo, 3);
	wanted.at = past_instant_arg(fcinfo, 4, "at");
	if (may_end_folded(&wanted))
		ended = release_folded(&wanted);
	else
		ended = manual_release(MANUAL_ADDRESS, &wanted);
	ended += digest_release(wanted.name, wanted.topic, wanted.cause, wanted.at);
	refresh_quarantine(wanted.name);
	PG_RETURN_INT32(ended);
}

/* release_domain(domain, why, at): was there one to end? */
Datum
bounce_release_domain(PG_FUNCTION_ARGS)
{
	Release		wanted = {0};

	PreventCommandIfReadOnly("bounce.release_domain()");
	wanted.name = domain_arg(fcinfo, 0, "domain");
	wanted.why = optional_text_arg(fcinfo, 1);
	wanted.at = past_instant_arg(fcinfo, 2, "at");
	PG_RETURN_BOOL(manual_release(MANUAL_DOMAIN, &wanted) > 0);
}
