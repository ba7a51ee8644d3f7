/*
 * fold_log.c
 *		What is stored about an address, and what its log says should be.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "fold_log.h"
#include "owner.h"
#include "types.h"

/* Which events of an address were seen before, under another row of the log. */
typedef struct Seen
{
	int		   *key_group;		/* events with the same event_key share a number */
	int		   *message_group;	/* and with the same message_id; -1: none */
	bool	   *key_seen;		/* by group */
	bool	   *message_counted;
	bool	   *message_occurred;
} Seen;

static void read_events(Datum address_array, AddressLog *logs, int count);
static void read_current(Datum address_array, AddressLog *logs, int count);
static void read_history(Datum address_array, AddressLog *logs, int count);
static AddressLog *log_of(AddressLog *logs, int count, int *position, Datum address);
static Seen *seen_start(const AddressLog *log);
static void fold_one_event(Fold *fold, Seen *seen, const AddressLog *log, int number,
						   const Policy *policy, AddressState *state);
static void fold_releases(Fold *fold, const AddressLog *log, int *next, int64 before,
						  AddressState *state);
static void note_complaint(AddressState *state, const FoldEvent *event);
static void note_ended(AddressState *state, const Cycle *cycle, bool released);
static StoredCycle stored_cycle(const Cycle *cycle);

/* Column number of the row being read, NULL as the given default. */
static Datum
column(uint64 row, int number, Datum when_null)
{
	bool		isnull;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, &isnull);

	return isnull ? when_null : value;
}

static char *
column_text(uint64 row, int number)
{
	Datum		value = column(row, number, (Datum) 0);

	return value == (Datum) 0 ? NULL : TextDatumGetCString(value);
}

AddressLog *
fold_log_read(Datum address_array, char **addresses, int count)
{
	AddressLog *logs = palloc0(sizeof(AddressLog) * count);

	for (int i = 0; i < count; i++)
		logs[i].address = addresses[i];
	read_events(address_array, logs, count);
	read_current(address_array, logs, count);
	read_history(address_array, logs, count);
	return logs;
}

static void
read_events(Datum address_array, AddressLog *logs, int count)
{
	/* Accepted mails are most of the log and move no lease: the order puts them first. */
	static KeptStatement statement = {
		"SELECT e.recipient, e.occurred_at, e.sent_at, e.class, e.status, e.event_key, e.message_id"
		" FROM bounce.delivery_event e WHERE e.recipient OPERATOR(pg_catalog.=) ANY ($1)"
		" AND e.class OPERATOR(bounce.>=) 'hard:delivered'"
		" ORDER BY e.recipient, e.occurred_at, e.event_key",
		1, {TEXTARRAYOID}, NULL
	};
	int			position = 0;

	kept_execute_latest(&statement, &address_array, NULL);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		AddressLog *log = log_of(logs, count, &position, column(row, 1, (Datum) 0));
		LogEvent   *event;

		/* Room doubles at each power of two. */
		if (log->event_count == 0)
			log->events = palloc(sizeof(LogEvent));
		else if ((log->event_count & (log->event_count - 1)) == 0)
			log->events = repalloc_huge(log->events, sizeof(LogEvent) * 2 * (Size) log->event_count);
		event = &log->events[log->event_count++];
		event->event.at = DatumGetTimestampTz(column(row, 2, (Datum) 0));
		event->event.sent_at = DatumGetTimestampTz(column(row, 3, TimestampTzGetDatum(DT_NOBEGIN)));
		event->event.klass = DatumGetBounceClass(column(row, 4, (Datum) 0));
		event->event.status = DatumGetSmtpStatus(column(row, 5, (Datum) 0));
		event->event_key = column_text(row, 6);
		event->message_id = column_text(row, 7);
	}
	SPI_freetuptable(SPI_tuptable);
}

static void
read_current(Datum address_array, AddressLog *logs, int count)
{
	static KeptStatement statement = {
		"SELECT s.address, s.cause, s.class, s.status, s.step, s.occurrences, s.starts_at, s.expires_at, s.last_event_at"
		" FROM bounce.suppression s WHERE s.address OPERATOR(pg_catalog.=) ANY ($1)"
		" AND s.topic OPERATOR(pg_catalog.=) '' AND s.cause OPERATOR(pg_catalog.=) ANY ('{lease,complaint}')"
		" ORDER BY s.address",
		1, {TEXTARRAYOID}, NULL
	};
	int			position = 0;

	kept_execute_latest(&statement, &address_array, NULL);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		AddressLog *log = log_of(logs, count, &position, column(row, 1, (Datum) 0));
		bool		is_lease = strcmp(column_text(row, 2), "lease") == 0;
		StoredCycle *cycle = is_lease ? &log->lease : &log->complaint;

		cycle->cause = is_lease ? CAUSE_LEASE : CAUSE_COMPLAINT;
		cycle->klass = DatumGetBounceClass(column(row, 3, (Datum) 0));
		cycle->status = DatumGetSmtpStatus(column(row, 4, (Datum) 0));
		cycle->lease.step = DatumGetInt16(column(row, 5, (Datum) 0));
		cycle->lease.occurrences = DatumGetInt32(column(row, 6, (Datum) 0));
		cycle->lease.starts_at = DatumGetTimestampTz(column(row, 7, (Datum) 0));
		cycle->lease.expires_at = DatumGetTimestampTz(column(row, 8, (Datum) 0));
		cycle->last_event_at = DatumGetTimestampTz(column(row, 9, TimestampTzGetDatum(DT_NOBEGIN)));
		if (is_lease)
			log->has_lease = cycle->lease.step != 0;
		else
			log->has_complaint = true;
	}
	SPI_freetuptable(SPI_tuptable);
}

static void
read_history(Datum address_array, AddressLog *logs, int count)
{
	static KeptStatement statement = {
		"SELECT h.address, h.cause, h.class, h.status, h.step, h.occurrences, pg_catalog.lower(h.during), h.ended_at,"
		" h.ended_by OPERATOR(pg_catalog.=) 'released'"
		" FROM bounce.suppression_history h WHERE h.address OPERATOR(pg_catalog.=) ANY ($1)"
		" AND h.topic OPERATOR(pg_catalog.=) '' AND h.cause OPERATOR(pg_catalog.=) ANY ('{lease,complaint}')"
		" AND h.ended_by OPERATOR(pg_catalog.=) ANY ('{expired,released}')"
		" ORDER BY h.address, h.ended_at",
		1, {TEXTARRAYOID}, NULL
	};
	int			position = 0;

	kept_execute_latest(&statement, &address_array, NULL);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		AddressLog *log = log_of(logs, count, &position, column(row, 1, (Datum) 0));
		StoredCycle *cycle;

		if (log->history_count == 0)
			log->history = palloc(sizeof(StoredCycle));
		else if ((log->history_count & (log->history_count - 1)) == 0)
			log->history = repalloc_huge(log->history, sizeof(StoredCycle) * 2 * (Size) log->history_count);
		cycle = &log->history[log->history_count++];
		memset(cycle, 0, sizeof(StoredCycle));
		cycle->cause = strcmp(column_text(row, 2), "lease") == 0 ? CAUSE_LEASE : CAUSE_COMPLAINT;
		cycle->klass = DatumGetBounceClass(column(row, 3, (Datum) 0));
		cycle->status = DatumGetSmtpStatus(column(row, 4, (Datum) 0));
		cycle->lease.step = DatumGetInt16(column(row, 5, (Datum) 0));
		cycle->lease.occurrences = DatumGetInt32(column(row, 6, (Datum) 0));
		cycle->ended_at = DatumGetTimestampTz(column(row, 8, (Datum) 0));
		cycle->lease.expires_at = cycle->ended_at;
		/* An empty range has no bounds: released at the instant it began. */
		cycle->lease.starts_at = DatumGetTimestampTz(column(row, 7, TimestampTzGetDatum(cycle->ended_at)));
		cycle->released = DatumGetBool(column(row, 9, BoolGetDatum(false)));
	}
	SPI_freetuptable(SPI_tuptable);
}

/* The rows come in address order, so the search goes on where it stood. */
static AddressLog *
log_of(AddressLog *logs, int count, int *position, Datum address)
{
	text	   *wanted = DatumGetTextPP(address);
	int			length = VARSIZE_ANY_EXHDR(wanted);

	while (*position < count &&
		   (strlen(logs[*position].address) != (size_t) length ||
			memcmp(logs[*position].address, VARDATA_ANY(wanted), length) != 0))
		(*position)++;
	if (*position == count)
		elog(ERROR, "addresses of a fold are not in order");
	return &logs[*position];
}

/*
 * Releases take effect after the events of the same instant: they answer what
 * their author saw.
 */
void
fold_log(const AddressLog *log, const Policy *policy, AddressState *state)
{
	Seen	   *seen = seen_start(log);
	int			next_release = 0;
	Fold		fold;

	memset(state, 0, sizeof(*state));
	/* A cycle ends at an event or a release, so there are no more of them than that. */
	state->history = palloc(sizeof(StoredCycle) * (log->event_count + 2 * (Size) log->history_count + 1));
	fold_start(&fold);
	for (int i = 0; i < log->event_count; i++)
	{
		fold_releases(&fold, log, &next_release, log->events[i].event.at, state);
		fold_one_event(&fold, seen, log, i, policy, state);
	}
	fold_releases(&fold, log, &next_release, DT_NOEND, state);
	if (fold.present)
	{
		state->has_lease = true;
		state->lease = stored_cycle(&fold.cycle);
	}
}

static void
fold_one_event(Fold *fold, Seen *seen, const AddressLog *log, int number,
			   const Policy *policy, AddressState *state)
{
	const FoldEvent *event = &log->events[number].event;
	int			message = seen->message_group[number];
	const PolicyRule *rule;

	if (seen->key_seen[seen->key_group[number]])
		return;
	seen->key_seen[seen->key_group[number]] = true;

	if (event->klass == bounce_class_make(SEVERITY_ADMIN, REASON_SUPPRESSED))
	{
		fold_attempt(fold, event->at);
		return;
	}
	rule = policy_rule(policy, event->klass, event->status);
	if (rule == NULL || rule->effect == POLICY_UNSUBSCRIBE)
		return;
	if (rule->effect == POLICY_COMPLAINT)
	{
		note_complaint(state, event);
		return;
	}
	if (message >= 0)
	{
		if (seen->message_occurred[message] ||
			(rule->effect == POLICY_COUNT && seen->message_counted[message]))
			return;
		seen->message_counted[message] = true;
	}
	if (fold_bounce(fold, event, rule) && message >= 0)
		seen->message_occurred[message] = true;
	if (fold->ended)
		note_ended(state, &fold->ended_cycle, false);
}

/* Applies the releases by hand that came before this time. */
static void
fold_releases(Fold *fold, const AddressLog *log, int *next, int64 before, AddressState *state)
{
	for (; *next < log->history_count && log->history[*next].ended_at < before; (*next)++)
	{
		const StoredCycle *release = &log->history[*next];

		if (!release->released)
			continue;
		if (release->cause == CAUSE_LEASE)
		{
			if (fold_release(fold, release->ended_at))
				note_ended(state, &fold->ended_cycle, true);
		}
		else if (state->has_complaint)
		{
			state->has_complaint = false;
			state->complaint.released = true;
			state->complaint.ended_at = release->ended_at;
			state->history[state->history_count++] = state->complaint;
		}
	}
}

static void
note_complaint(AddressState *state, const FoldEvent *event)
{
	if (!state->has_complaint)
	{
		memset(&state->complaint, 0, sizeof(StoredCycle));
		state->complaint.cause = CAUSE_COMPLAINT;
		state->complaint.lease.starts_at = event->at;
		state->complaint.lease.expires_at = DT_NOEND;
		state->has_complaint = true;
	}
	state->complaint.klass = event->klass;
	state->complaint.last_event_at = event->at;
}

static void
note_ended(AddressState *state, const Cycle *cycle, bool released)
{
	StoredCycle *ended = &state->history[state->history_count++];

	*ended = stored_cycle(cycle);
	ended->released = released;
	ended->ended_at = cycle->lease.expires_at;
}

static StoredCycle
stored_cycle(const Cycle *cycle)
{
	StoredCycle stored;

	memset(&stored, 0, sizeof(stored));
	stored.cause = CAUSE_LEASE;
	stored.lease = cycle->lease;
	stored.klass = cycle->klass;
	stored.status = cycle->status;
	stored.last_event_at = cycle->last_event_at;
	return stored;
}

/* An event and the text that makes it the same as another, for sorting. */
typedef struct Label
{
	const char *text;
	int			number;
} Label;

static int
label_compare(const void *a, const void *b)
{
	return strcmp(((const Label *) a)->text, ((const Label *) b)->text);
}

/* Gives equal labels equal numbers; returns the numbers by event, -1 where there is no label. */
static int *
group_labels(Label *labels, int count, int event_count)
{
	int		   *groups = palloc(sizeof(int) * (event_count + 1));
	int			group = -1;

	memset(groups, -1, sizeof(int) * (event_count + 1));
	qsort(labels, count, sizeof(Label), label_compare);
	for (int i = 0; i < count; i++)
	{
		if (i == 0 || strcmp(labels[i].text, labels[i - 1].text) != 0)
			group++;
		groups[labels[i].number] = group;
	}
	return groups;
}

static Seen *
seen_start(const AddressLog *log)
{
	int			count = log->event_count;
	Seen	   *seen = palloc(sizeof(Seen));
	Label	   *labels = palloc(sizeof(Label) * (count + 1));
	int			labelled = 0;

	for (int i = 0; i < count; i++)
		labels[i] = (Label) {log->events[i].event_key, i};
	seen->key_group = group_labels(labels, count, count);
	for (int i = 0; i < count; i++)
		if (log->events[i].message_id != NULL)
			labels[labelled++] = (Label) {log->events[i].message_id, i};
	seen->message_group = group_labels(labels, labelled, count);
	seen->key_seen = palloc0(sizeof(bool) * (count + 1));
	seen->message_counted = palloc0(sizeof(bool) * (count + 1));
	seen->message_occurred = palloc0(sizeof(bool) * (count + 1));
	return seen;
}
