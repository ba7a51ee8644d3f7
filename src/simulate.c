/*
 * simulate.c
 *		bounce.simulate(): what another policy would have suppressed, from the log.
 *
 * The log of the time asked about is read once, address by address, and folded as
 * if the profile had been in force from the first moment on, with nothing
 * suppressed before it.  Memory is that of one address.
 *
 * A mail is what its events tell of: accepted, bounced, deferred, blocked, or not
 * understood.  Events with the same message_id are one mail, others one each.  It
 * went out at sent_at, or if that is not known when the first of them occurred.  A
 * mail that went out during a simulated lease would have been withheld; as the
 * attempt that it then is, it climbs the lease.  At the very beginning of a lease
 * nothing is withheld: that is the mail that bounced.
 *
 * What is not in the log is not guessed: releases by hand are left out, and of a
 * mail that was withheld at the time nobody knows how it would have fared.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "fold_log.h"
#include "owner.h"
#include "policy.h"
#include "state_args.h"
#include "types.h"

PG_FUNCTION_INFO_V1(simulate);

#define FETCH_ROWS 1000
#define MICROSECONDS_PER_DAY ((double) USECS_PER_DAY)

enum simulate_column
{
	SIMULATE_MAILS,
	SIMULATE_HARD_BOUNCES,
	SIMULATE_ADDRESSES,
	SIMULATE_LEASES,
	SIMULATE_LEASE_DAYS,
	SIMULATE_WITHHELD,
	SIMULATE_HARD_BOUNCES_AVOIDED,
	SIMULATE_DELIVERED_WITHHELD,
	SIMULATE_COLUMNS
};

typedef struct Simulation
{
	const Policy *policy;
	TimestampTz since;
	TimestampTz until;
	int64		count[SIMULATE_COLUMNS];
	double		lease_microseconds;
} Simulation;

/* Events of one address, as they are in the log. */
typedef struct AddressEvents
{
	MemoryContext context;		/* of all that follows */
	char	   *address;		/* NULL: none yet */
	LogEvent   *events;
	int			count;
} AddressEvents;

/* What the events of one message tell. */
typedef struct Mail
{
	TimestampTz sent;
	const char *event_key;		/* of its first event */
	bool		accepted;
	bool		bounced_hard;
	bool		judged;			/* the policy does something about one of them */
} Mail;

static void read_log(Simulation *simulation, AddressEvents *address);
static void add_event(AddressEvents *address, HeapTuple row, TupleDesc desc);
static bool is_address(const AddressEvents *address, Datum recipient);
static void finish_address(Simulation *simulation, AddressEvents *address);
static Mail *collect_mails(const Simulation *simulation, const AddressEvents *address, int *count);
static int	events_to_fold(const Simulation *simulation, const AddressEvents *address,
						   const Mail *mails, int mail_count, LogEvent *folded);
static int	message_compare(const void *a, const void *b);
static Lease *collect_leases(const AddressState *state, int *count);
static const Lease *lease_during(const Lease *leases, int count, TimestampTz at);
static void measure_leases(Simulation *simulation, const Lease *leases, int count);
static void measure_mails(Simulation *simulation, const Mail *mails, int count, const Lease *leases, int lease_count);
static void measure_attempts(Simulation *simulation, const AddressEvents *address, const Lease *leases, int lease_count);

/* simulate(profile text, since timestamptz, until timestamptz) */
Datum
simulate(PG_FUNCTION_ARGS)
{
	Simulation	simulation = {0};
	AddressEvents address = {0};
	Datum		values[SIMULATE_COLUMNS];
	bool		nulls[SIMULATE_COLUMNS] = {0};
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "simulate must return a row");
	simulation.policy = policy_named(required_text_arg(fcinfo, 0, "profile"));
	simulation.since = DatumGetTimestampTz(required_arg(fcinfo, 1, "since"));
	simulation.until = DatumGetTimestampTz(required_arg(fcinfo, 2, "until"));
	if (simulation.since >= simulation.until)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"since\" must be before \"until\"")));
	address.context = AllocSetContextCreate(CurrentMemoryContext, "bounce simulation", ALLOCSET_DEFAULT_SIZES);
	read_log(&simulation, &address);
	MemoryContextDelete(address.context);

	for (int i = 0; i < SIMULATE_COLUMNS; i++)
		values[i] = Int64GetDatum(simulation.count[i]);
	values[SIMULATE_LEASE_DAYS] = Float8GetDatum(simulation.lease_microseconds / MICROSECONDS_PER_DAY);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

static void
read_log(Simulation *simulation, AddressEvents *address)
{
	static const char *const sql =
		"SELECT e.recipient, e.occurred_at, e.sent_at, e.class, e.status, e.event_key, e.message_id"
		" FROM bounce.delivery_event e"
		" WHERE e.occurred_at OPERATOR(pg_catalog.>=) $1 AND e.occurred_at OPERATOR(pg_catalog.<) $2"
		" ORDER BY e.recipient, e.occurred_at, e.event_key";
	Oid			types[] = {TIMESTAMPTZOID, TIMESTAMPTZOID};
	Datum		values[] = {TimestampTzGetDatum(simulation->since), TimestampTzGetDatum(simulation->until)};
	OwnerScope	scope;
	Portal		portal;

	owner_spi_begin(&scope);
	portal = SPI_cursor_open_with_args(NULL, sql, lengthof(types), types, values, NULL, true, 0);
	do
	{
		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(portal, true, FETCH_ROWS);
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			bool		isnull;
			Datum		recipient = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);

			if (!is_address(address, recipient))
			{
				finish_address(simulation, address);
				address->address = MemoryContextStrdup(address->context, TextDatumGetCString(recipient));
			}
			add_event(address, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		}
		SPI_freetuptable(SPI_tuptable);
	} while (SPI_processed > 0);
	finish_address(simulation, address);
	SPI_cursor_close(portal);
	owner_spi_end(&scope);
}

static bool
is_address(const AddressEvents *address, Datum recipient)
{
	text	   *wanted = DatumGetTextPP(recipient);
	size_t		length = VARSIZE_ANY_EXHDR(wanted);

	return address->address != NULL && strlen(address->address) == length &&
		memcmp(address->address, VARDATA_ANY(wanted), length) == 0;
}

static void
add_event(AddressEvents *address, HeapTuple row, TupleDesc desc)
{
	MemoryContext caller = MemoryContextSwitchTo(address->context);
	LogEvent   *event;
	bool		isnull;
	Datum		value;

	/* Room doubles at each power of two. */
	if (address->count == 0)
		address->events = palloc(sizeof(LogEvent));
	else if ((address->count & (address->count - 1)) == 0)
		address->events = repalloc_huge(address->events, sizeof(LogEvent) * 2 * (Size) address->count);
	event = &address->events[address->count++];
	memset(event, 0, sizeof(*event));
	event->event.at = DatumGetTimestampTz(SPI_getbinval(row, desc, 2, &isnull));
	value = SPI_getbinval(row, desc, 3, &isnull);
	event->event.sent_at = isnull ? DT_NOBEGIN : DatumGetTimestampTz(value);
	event->event.klass = DatumGetBounceClass(SPI_getbinval(row, desc, 4, &isnull));
	value = SPI_getbinval(row, desc, 5, &isnull);
	event->event.status = isnull ? SMTP_STATUS_NONE : DatumGetSmtpStatus(value);
	event->event_key = TextDatumGetCString(SPI_getbinval(row, desc, 6, &isnull));
	value = SPI_getbinval(row, desc, 7, &isnull);
	event->message_id = isnull ? NULL : TextDatumGetCString(value);
	MemoryContextSwitchTo(caller);
}

static bool
tells_of_mail(const LogEvent *event)
{
	switch (bounce_class_severity(event->event.klass))
	{
		case SEVERITY_OK:
		case SEVERITY_HARD:
		case SEVERITY_SOFT:
		case SEVERITY_BLOCK:
		case SEVERITY_UNKNOWN:
			return true;
		default:
			return false;
	}
}

static bool
is_attempt(const LogEvent *event)
{
	return event->event.klass == bounce_class_make(SEVERITY_ADMIN, REASON_SUPPRESSED);
}

/* Does it begin, climb or count?  Accepted mails never do. */
static bool
moves_lease(const Simulation *simulation, const LogEvent *event)
{
	const PolicyRule *rule;

	if (bounce_class_severity(event->event.klass) == SEVERITY_OK)
		return false;
	rule = policy_rule(simulation->policy, event->event.klass, event->event.status);
	return rule != NULL && rule->effect != POLICY_COMPLAINT && rule->effect != POLICY_UNSUBSCRIBE;
}

/* Folds what was read of the address, counts, and makes room for the next. */
static void
finish_address(Simulation *simulation, AddressEvents *address)
{
	MemoryContext caller = MemoryContextSwitchTo(address->context);
	AddressLog	log = {.address = address->address};
	AddressState state;
	Mail	   *mails;
	Lease	   *leases;
	int			mail_count;
	int			lease_count;

	if (address->count > 0)
	{
		mails = collect_mails(simulation, address, &mail_count);
		log.events = MemoryContextAllocHuge(address->context, sizeof(LogEvent) * ((Size) address->count + mail_count));
		log.event_count = events_to_fold(simulation, address, mails, mail_count, log.events);
		fold_log(&log, simulation->policy, &state);
		leases = collect_leases(&state, &lease_count);
		measure_leases(simulation, leases, lease_count);
		measure_mails(simulation, mails, mail_count, leases, lease_count);
		measure_attempts(simulation, address, leases, lease_count);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextReset(address->context);
	address->address = NULL;
	address->count = 0;
}

/* One for each message, and for each event without one. */
static Mail *
collect_mails(const Simulation *simulation, const AddressEvents *address, int *count)
{
	const LogEvent **sorted = MemoryContextAllocHuge(address->context, sizeof(LogEvent *) * (Size) address->count);
	Mail	   *mails = MemoryContextAllocHuge(address->context, sizeof(Mail) * (Size) address->count);
	int			told = 0;

	for (int i = 0; i < address->count; i++)
		if (tells_of_mail(&address->events[i]))
			sorted[told++] = &address->events[i];
	qsort(sorted, told, sizeof(LogEvent *), message_compare);
	*count = 0;
	for (int i = 0; i < told; i++)
	{
		const LogEvent *event = sorted[i];
		TimestampTz sent = event->event.sent_at == DT_NOBEGIN ? event->event.at : event->event.sent_at;
		Severity	severity = bounce_class_severity(event->event.klass);
		Mail	   *mail;

		if (i == 0 || event->message_id == NULL || sorted[i - 1]->message_id == NULL ||
			strcmp(event->message_id, sorted[i - 1]->message_id) != 0)
			mails[(*count)++] = (Mail) {.sent = sent, .event_key = event->event_key};
		mail = &mails[*count - 1];
		mail->sent = Min(mail->sent, sent);
		mail->accepted |= severity == SEVERITY_OK;
		mail->bounced_hard |= severity == SEVERITY_HARD;
		mail->judged |= moves_lease(simulation, event);
	}
	return mails;
}

/* By message, then by time; those without one come last. */
static int
message_compare(const void *a, const void *b)
{
	const LogEvent *left = *(const LogEvent *const *) a;
	const LogEvent *right = *(const LogEvent *const *) b;
	int			order;

	if (left->message_id == NULL || right->message_id == NULL)
		order = (left->message_id == NULL) - (right->message_id == NULL);
	else
		order = strcmp(left->message_id, right->message_id);
	if (order == 0)
		order = (left->event.at > right->event.at) - (left->event.at < right->event.at);
	return order;
}

static LogEvent
attempt_of(const Mail *mail)
{
	LogEvent	attempt;

	memset(&attempt, 0, sizeof(attempt));
	attempt.event.at = mail->sent;
	attempt.event.sent_at = DT_NOBEGIN;
	attempt.event.klass = bounce_class_make(SEVERITY_ADMIN, REASON_SUPPRESSED);
	attempt.event_key = unconstify(char *, mail->event_key);
	return attempt;
}

/*
 * What the policy judges, what was withheld at the time, and all other mails as the
 * attempts that they would have been during a lease; in time order.
 */
static int
events_to_fold(const Simulation *simulation, const AddressEvents *address,
			   const Mail *mails, int mail_count, LogEvent *folded)
{
	int			count = 0;

	for (int i = 0; i < address->count; i++)
		if (is_attempt(&address->events[i]) || moves_lease(simulation, &address->events[i]))
			folded[count++] = address->events[i];
	for (int i = 0; i < mail_count; i++)
		if (!mails[i].judged)
			folded[count++] = attempt_of(&mails[i]);
	qsort(folded, count, sizeof(LogEvent), log_event_compare);
	return count;
}

/* In the order of their times: one ends before the next begins. */
static Lease *
collect_leases(const AddressState *state, int *count)
{
	Lease	   *leases = palloc(sizeof(Lease) * ((Size) state->history_count + 1));

	*count = 0;
	for (int i = 0; i < state->history_count; i++)
		if (state->history[i].cause == CAUSE_LEASE)
			leases[(*count)++] = state->history[i].lease;
	if (state->has_lease)
		leases[(*count)++] = state->lease.lease;
	return leases;
}

/* The lease that holds at this time, or NULL. */
static const Lease *
lease_during(const Lease *leases, int count, TimestampTz at)
{
	int			low = 0;
	int			high = count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (leases[middle].expires_at <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && lease_active(&leases[low], at) ? &leases[low] : NULL;
}

static void
measure_leases(Simulation *simulation, const Lease *leases, int count)
{
	TimestampTz end = Min(simulation->until, GetCurrentTransactionStartTimestamp());

	simulation->count[SIMULATE_ADDRESSES] += count > 0;
	simulation->count[SIMULATE_LEASES] += count;
	for (int i = 0; i < count; i++)
		if (leases[i].starts_at < end)
			simulation->lease_microseconds += (double) (Min(leases[i].expires_at, end) - leases[i].starts_at);
}

static void
measure_mails(Simulation *simulation, const Mail *mails, int count, const Lease *leases, int lease_count)
{
	simulation->count[SIMULATE_MAILS] += count;
	for (int i = 0; i < count; i++)
	{
		const Lease *lease = lease_during(leases, lease_count, mails[i].sent);

		simulation->count[SIMULATE_HARD_BOUNCES] += mails[i].bounced_hard;
		if (lease == NULL || lease->starts_at == mails[i].sent)
			continue;
		simulation->count[SIMULATE_WITHHELD]++;
		if (mails[i].bounced_hard)
			simulation->count[SIMULATE_HARD_BOUNCES_AVOIDED]++;
		else if (mails[i].accepted)
			simulation->count[SIMULATE_DELIVERED_WITHHELD]++;
	}
}

/* What was withheld at the time, and would have been again. */
static void
measure_attempts(Simulation *simulation, const AddressEvents *address, const Lease *leases, int lease_count)
{
	for (int i = 0; i < address->count; i++)
		if (is_attempt(&address->events[i]) &&
			lease_during(leases, lease_count, address->events[i].event.at) != NULL)
			simulation->count[SIMULATE_WITHHELD]++;
}
