/*
 * fold_log.c
 *		What is stored about an address, and what its log says should be.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "fold_base.h"
#include "fold_log.h"
#include "log_scan.h"
#include "owner.h"
#include "state_scan.h"
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

/* A fold on its way through the log of an address. */
typedef struct LogFold
{
	const AddressLog *log;
	const Policy *policy;
	Fold		fold;
	Seen	   *seen;
	int			next_release;	/* in log->history */
	AddressState *state;
} LogFold;

static void read_events_through_sql(Datum address_array, AddressLog *logs, int count, TimestampTz horizon, TimestampTz until);
static void read_current(Datum address_array, AddressLog *logs, int count);
static void read_current_of(AddressLog *log, StateScan *scan);
static void read_current_through_sql(Datum address_array, AddressLog *logs, int count);
static void note_current(AddressLog *log, const Datum *values, const bool *nulls, TupleTableSlot *row);
static void read_history(Datum address_array, AddressLog *logs, int count);
static Seen *seen_start(const AddressLog *log);
static void seen_from_base(Seen *seen, const AddressLog *log);
static int	seen_messages(const Seen *seen, const AddressLog *log, bool occurred, char **old, int old_count,
						  char ***messages);
static void fold_begin(LogFold *run, const AddressLog *log, const Policy *policy, AddressState *state);
static void fold_from_base(LogFold *run);
static void fold_to(LogFold *run, TimestampTz until);
static void fold_one_event(LogFold *run, int number);
static void fold_releases(LogFold *run, int64 before);
static void note_complaint(AddressState *state, const FoldEvent *event);
static void note_ended(AddressState *state, const Cycle *cycle, bool released);
static StoredCycle stored_cycle(const Cycle *cycle);
static int	text_compare(const void *a, const void *b);
static int	sorted_distinct(char **texts, int count);

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
fold_log_read(Datum address_array, char **addresses, int count, TimestampTz until)
{
	AddressLog *logs = palloc0(sizeof(AddressLog) * count);
	TimestampTz horizon;

	/* Whoever moves the horizon locks the log against all others. */
	LockRelationOid(bounce_relation_oid("delivery_event"), AccessShareLock);
	horizon = fold_horizon();
	for (int i = 0; i < count; i++)
	{
		logs[i].address = addresses[i];
		logs[i].horizon = horizon;
	}
	if (!log_scan_events(logs, count, horizon, until))
		read_events_through_sql(address_array, logs, count, horizon, until);
	if (horizon != DT_NOBEGIN)
		fold_base_read(address_array, logs, count);
	read_current(address_array, logs, count);
	read_history(address_array, logs, count);
	return logs;
}

static void
read_events_through_sql(Datum address_array, AddressLog *logs, int count, TimestampTz horizon, TimestampTz until)
{
	/* Accepted mails are most of the log and move no lease: the order puts them first. */
	static KeptStatement statement = {
		"SELECT e.recipient, e.occurred_at, e.sent_at, e.class, e.status, e.event_key, e.message_id"
		" FROM bounce.delivery_event e WHERE e.recipient OPERATOR(pg_catalog.=) ANY ($1)"
		" AND e.class OPERATOR(bounce.>=) 'hard:delivered'"
		" AND e.occurred_at OPERATOR(pg_catalog.>=) $2 AND e.occurred_at OPERATOR(pg_catalog.<) $3"
		" ORDER BY e.recipient, e.occurred_at, e.event_key",
		3, {TEXTARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID}, NULL
	};
	Datum		values[] = {address_array, TimestampTzGetDatum(horizon), TimestampTzGetDatum(until)};
	int			position = 0;

	kept_execute_latest(&statement, values, NULL);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		AddressLog *log = log_of(logs, count, &position, column(row, 1, (Datum) 0));
		LogEvent   *event = fold_log_event(log);

		event->event.at = DatumGetTimestampTz(column(row, 2, (Datum) 0));
		event->event.sent_at = DatumGetTimestampTz(column(row, 3, TimestampTzGetDatum(DT_NOBEGIN)));
		event->event.klass = DatumGetBounceClass(column(row, 4, (Datum) 0));
		event->event.status = DatumGetSmtpStatus(column(row, 5, (Datum) 0));
		event->event_key = column_text(row, 6);
		event->message_id = column_text(row, 7);
	}
	SPI_freetuptable(SPI_tuptable);
}

LogEvent *
fold_log_event(AddressLog *log)
{
	/* Room doubles at each power of two. */
	if (log->event_count == 0)
		log->events = palloc(sizeof(LogEvent));
	else if ((log->event_count & (log->event_count - 1)) == 0)
		log->events = repalloc_huge(log->events, sizeof(LogEvent) * 2 * (Size) log->event_count);
	return &log->events[log->event_count++];
}

int
log_event_compare(const void *a, const void *b)
{
	const LogEvent *one = a;
	const LogEvent *other = b;

	if (one->event.at != other->event.at)
		return one->event.at < other->event.at ? -1 : 1;
	return strcmp(one->event_key, other->event_key);
}

/* One by one where the table is read by its index, as most are. */
static void
read_current(Datum address_array, AddressLog *logs, int count)
{
	StateScan	scan;
	bool		by_index;

	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	state_scan_begin(&scan, STATE_SUPPRESSION);
	by_index = scan.by_index;
	for (int i = 0; by_index && i < count; i++)
		read_current_of(&logs[i], &scan);
	state_scan_end(&scan);
	PopActiveSnapshot();
	if (!by_index)
		read_current_through_sql(address_array, logs, count);
}

static void
read_current_of(AddressLog *log, StateScan *scan)
{
	text	   *address = cstring_to_text(log->address);

	state_scan_find(scan, address, NULL);
	while (state_scan_next(scan))
	{
		Datum		values[SUPPRESSION_COLUMNS];
		bool		nulls[SUPPRESSION_COLUMNS];

		for (int i = 0; i < SUPPRESSION_COLUMNS; i++)
			values[i] = state_scan_column(scan, i, &nulls[i]);
		if (VARSIZE_ANY_EXHDR(DatumGetTextPP(values[SUPPRESSION_TOPIC])) == 0)
			note_current(log, values, nulls, scan->slot);
	}
	pfree(address);
}

static void
read_current_through_sql(Datum address_array, AddressLog *logs, int count)
{
	/* The columns are those of suppression_column. */
	static KeptStatement statement = {
		"SELECT s.address, s.cause, s.starts_at, s.expires_at, s.note, s.made_by, s.class, s.topic, s.status, s.step,"
		" s.occurrences, s.last_event_at"
		" FROM bounce.suppression s WHERE s.address OPERATOR(pg_catalog.=) ANY ($1)"
		" AND s.topic OPERATOR(pg_catalog.=) '' AND s.cause OPERATOR(pg_catalog.=) ANY ('{lease,complaint}')"
		" ORDER BY s.address",
		1, {TEXTARRAYOID}, NULL
	};
	int			position = 0;

	kept_execute_latest(&statement, &address_array, NULL);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		Datum		values[SUPPRESSION_COLUMNS];
		bool		nulls[SUPPRESSION_COLUMNS];

		heap_deform_tuple(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, values, nulls);
		note_current(log_of(logs, count, &position, values[SUPPRESSION_KEY]), values, nulls, NULL);
	}
	SPI_freetuptable(SPI_tuptable);
}

/* A row for all topics, itself where it was read in place. */
static void
note_current(AddressLog *log, const Datum *values, const bool *nulls, TupleTableSlot *row)
{
	text	   *cause = DatumGetTextPP(values[SUPPRESSION_CAUSE]);
	StoredCycle cycle = {
		.cause = CAUSE_LEASE,
		.lease = {
			.step = nulls[SUPPRESSION_STEP] ? 0 : DatumGetInt16(values[SUPPRESSION_STEP]),
			.occurrences = nulls[SUPPRESSION_OCCURRENCES] ? 0 : DatumGetInt32(values[SUPPRESSION_OCCURRENCES]),
			.starts_at = DatumGetTimestampTz(values[SUPPRESSION_STARTS_AT]),
			.expires_at = DatumGetTimestampTz(values[SUPPRESSION_EXPIRES_AT])
		},
		.klass = nulls[SUPPRESSION_CLASS] ? BOUNCE_CLASS_NONE : DatumGetBounceClass(values[SUPPRESSION_CLASS]),
		.status = nulls[SUPPRESSION_STATUS] ? SMTP_STATUS_NONE : DatumGetSmtpStatus(values[SUPPRESSION_STATUS]),
		.last_event_at = nulls[SUPPRESSION_LAST_EVENT_AT] ? DT_NOBEGIN : DatumGetTimestampTz(values[SUPPRESSION_LAST_EVENT_AT])
	};

	if (text_is(cause, "complaint"))
	{
		cycle.cause = CAUSE_COMPLAINT;
		log->complaint = cycle;
		log->has_complaint = true;
	}
	else if (text_is(cause, "lease"))
	{
		log->lease = cycle;
		log->has_lease = cycle.lease.step != 0;
		if (row != NULL)
			log->lease_row = ExecCopySlotHeapTuple(row);
	}
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

AddressLog *
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
	LogFold		run;

	fold_begin(&run, log, policy, state);
	fold_to(&run, DT_NOEND);
	if (run.fold.present)
	{
		state->has_lease = true;
		state->lease = stored_cycle(&run.fold.cycle);
	}
}

const StoredCycle *
fold_lease_wanted(const AddressLog *log, const AddressState *state)
{
	if (!state->has_lease || find_ended(log->history, log->history_count, &state->lease) != NULL)
		return NULL;
	return &state->lease;
}

const StoredCycle *
find_ended(const StoredCycle *cycles, int count, const StoredCycle *like)
{
	for (int i = 0; i < count; i++)
		if (cycles[i].cause == like->cause && cycles[i].lease.expires_at == like->lease.expires_at)
			return &cycles[i];
	return NULL;
}

bool
fold_log_base(const AddressLog *log, const Policy *policy, TimestampTz until, FoldBase *base)
{
	static const FoldBase nothing;
	const FoldBase *old = log->base != NULL ? log->base : &nothing;
	AddressState state;
	LogFold		run;

	fold_begin(&run, log, policy, &state);
	fold_to(&run, until);
	memset(base, 0, sizeof(*base));
	base->has_lease = run.fold.present;
	if (base->has_lease)
		base->lease = stored_cycle(&run.fold.cycle);
	base->has_complaint = state.has_complaint;
	base->complaint = state.complaint;
	base->counted = run.fold.counted;
	base->count_at = palloc(sizeof(int64) * (base->counted + 1));
	memcpy(base->count_at, run.fold.count_at, sizeof(int64) * base->counted);
	base->occurred_count = seen_messages(run.seen, log, true, old->occurred, old->occurred_count, &base->occurred);
	base->reported_count = seen_messages(run.seen, log, false, old->reported, old->reported_count, &base->reported);
	return base->has_lease || base->has_complaint || base->counted > 0 ||
		base->occurred_count > 0 || base->reported_count > 0;
}

static void
fold_begin(LogFold *run, const AddressLog *log, const Policy *policy, AddressState *state)
{
	memset(run, 0, sizeof(*run));
	memset(state, 0, sizeof(*state));
	run->log = log;
	run->policy = policy;
	run->seen = seen_start(log);
	run->state = state;
	/* A cycle ends at an event or a release, so there are no more of them than that. */
	state->history = palloc(sizeof(StoredCycle) * (log->event_count + 2 * (Size) log->history_count + 1));
	fold_start(&run->fold);
	if (log->base != NULL)
		fold_from_base(run);
	/* What was released before the horizon is settled. */
	while (run->next_release < log->history_count &&
		   log->history[run->next_release].ended_at < log->horizon)
		run->next_release++;
}

/* The rule of a class, if it is one of leases. */
static const PolicyRule *
lease_rule(const Policy *policy, const StoredCycle *cycle)
{
	const PolicyRule *rule = policy_rule(policy, cycle->klass, cycle->status);

	return rule != NULL && rule->effect != POLICY_COMPLAINT && rule->effect != POLICY_UNSUBSCRIBE ? rule : NULL;
}

/* Was it released by hand, for a time before the horizon, after it had been settled? */
static bool
released_since(const AddressLog *log, const StoredCycle *cycle)
{
	for (int i = 0; i < log->history_count && log->history[i].ended_at < log->horizon; i++)
		if (log->history[i].released && log->history[i].cause == cycle->cause &&
			log->history[i].ended_at >= cycle->lease.starts_at)
			return true;
	return false;
}

static void
fold_from_base(LogFold *run)
{
	const FoldBase *base = run->log->base;
	Fold	   *fold = &run->fold;

	fold->present = base->has_lease && !released_since(run->log, &base->lease);
	fold->cycle.lease = base->lease.lease;
	fold->cycle.klass = base->lease.klass;
	fold->cycle.status = base->lease.status;
	fold->cycle.last_event_at = base->lease.last_event_at;
	fold->cycle.rule = lease_rule(run->policy, &base->lease);
	fold->counted = base->counted;
	memcpy(fold->count_at, base->count_at, sizeof(int64) * base->counted);
	run->state->has_complaint = base->has_complaint && !released_since(run->log, &base->complaint);
	run->state->complaint = base->complaint;
	seen_from_base(run->seen, run->log);
}

/* All events that were read, and the releases before this time. */
static void
fold_to(LogFold *run, TimestampTz until)
{
	for (int i = 0; i < run->log->event_count; i++)
	{
		fold_releases(run, run->log->events[i].event.at);
		fold_one_event(run, i);
	}
	fold_releases(run, until);
}

static void
fold_one_event(LogFold *run, int number)
{
	const FoldEvent *event = &run->log->events[number].event;
	Seen	   *seen = run->seen;
	int			message = seen->message_group[number];
	const PolicyRule *rule;

	if (seen->key_seen[seen->key_group[number]])
		return;
	seen->key_seen[seen->key_group[number]] = true;

	if (event->klass == bounce_class_make(SEVERITY_ADMIN, REASON_SUPPRESSED))
	{
		fold_attempt(&run->fold, event->at);
		return;
	}
	rule = policy_rule(run->policy, event->klass, event->status);
	if (rule == NULL || rule->effect == POLICY_UNSUBSCRIBE)
		return;
	if (rule->effect == POLICY_COMPLAINT)
	{
		note_complaint(run->state, event);
		return;
	}
	if (message >= 0)
	{
		if (seen->message_occurred[message] ||
			(rule->effect == POLICY_COUNT && seen->message_counted[message]))
			return;
		seen->message_counted[message] = true;
	}
	if (fold_bounce(&run->fold, event, rule) && message >= 0)
		seen->message_occurred[message] = true;
	if (run->fold.ended)
		note_ended(run->state, &run->fold.ended_cycle, false);
}

/* Applies the releases by hand that came before this time. */
static void
fold_releases(LogFold *run, int64 before)
{
	const AddressLog *log = run->log;
	AddressState *state = run->state;

	for (; run->next_release < log->history_count &&
		 log->history[run->next_release].ended_at < before;
		 run->next_release++)
	{
		const StoredCycle *release = &log->history[run->next_release];

		if (!release->released)
			continue;
		if (release->cause == CAUSE_LEASE)
		{
			if (fold_release(&run->fold, release->ended_at))
				note_ended(state, &run->fold.ended_cycle, true);
		}
		else if (state->has_complaint)
		{
			state->has_complaint = false;
			state->complaint.released = true;
			state->complaint.ended_at = release->ended_at;
			state->complaint.lease.expires_at = release->ended_at;
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

static int
text_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static bool
has_text(char **texts, int count, const char *text)
{
	return count > 0 && bsearch(&text, texts, count, sizeof(char *), text_compare) != NULL;
}

/* Messages that were seen before the horizon. */
static void
seen_from_base(Seen *seen, const AddressLog *log)
{
	for (int i = 0; i < log->event_count; i++)
	{
		int			message = seen->message_group[i];

		if (message < 0)
			continue;
		if (has_text(log->base->occurred, log->base->occurred_count, log->events[i].message_id))
			seen->message_occurred[message] = true;
		if (has_text(log->base->reported, log->base->reported_count, log->events[i].message_id))
			seen->message_counted[message] = true;
	}
}

/* The old ones and those of this log, sorted: what occurred, or what was reported only. */
static int
seen_messages(const Seen *seen, const AddressLog *log, bool occurred, char **old, int old_count, char ***messages)
{
	int			count = old_count;

	*messages = palloc(sizeof(char *) * (old_count + log->event_count + 1));
	if (old_count > 0)
		memcpy(*messages, old, sizeof(char *) * old_count);
	for (int i = 0; i < log->event_count; i++)
	{
		int			message = seen->message_group[i];

		if (message < 0 || !(occurred ? seen->message_occurred[message] :
							 seen->message_counted[message] && !seen->message_occurred[message]))
			continue;
		(*messages)[count++] = log->events[i].message_id;
	}
	qsort(*messages, count, sizeof(char *), text_compare);
	return sorted_distinct(*messages, count);
}

static int
sorted_distinct(char **texts, int count)
{
	int			kept = 0;

	for (int i = 0; i < count; i++)
		if (i == 0 || strcmp(texts[i], texts[kept - 1]) != 0)
			texts[kept++] = texts[i];
	return kept;
}
