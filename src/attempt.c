/*
 * attempt.c
 *		Send attempts that met a suppression.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "address_text.h"
#include "ask.h"
#include "attempt.h"
#include "cap.h"
#include "event_moved.h"
#include "event_row.h"
#include "log_rows.h"
#include "owner.h"
#include "policy.h"
#include "refold.h"
#include "state_args.h"
#include "types.h"

PG_FUNCTION_INFO_V1(record_attempt);

#define ATTEMPT_CLASS bounce_class_make(SEVERITY_ADMIN, REASON_SUPPRESSED)

/* Attempts on their way into the log, in the order of their addresses. */
typedef struct Telling
{
	const Attempt **attempts;
	int			count;
	const char *source;
	const char *keys;			/* begin so, and nobody else's do */
} Telling;

static bool log_in_place(const Telling *telling);
static bool has_long_topic(const Telling *telling);
static void time_span(const Telling *telling, TimestampTz *first, TimestampTz *last);
static bool is_next_address(const Telling *telling, int number);
static int	end_of_batch(const Telling *telling, int number);
static void add_rows(LogRows *rows, const Telling *telling, int from, int to);
static void fill_event(const Telling *telling, int number, Datum *values, bool *nulls);
static Datum key_of(const char *prefix, int number);
static void log_through_sql(const Telling *telling);
static bool suppressed_now(const Attempt *attempt, Cap *cap);
static bool takes_slot(const Attempt *attempt, const Cap *cap);

void
attempts_log(const Attempt *attempts, int count, const char *source)
{
	const Attempt **kept = palloc(sizeof(Attempt *) * count);
	int			kept_count = 0;
	OwnerScope	scope;
	Telling		telling;

	for (int i = 0; i < count; i++)
	{
		/* Who was forgotten is not put on record by those who have not. */
		if (!ask_known_by_digest(attempts[i].recipient, attempts[i].at))
			kept[kept_count++] = &attempts[i];
	}
	if (kept_count > 0)
	{
		owner_spi_begin(&scope);
		/* A key of its own each: two attempts at one time are two. */
		telling = (Telling) {kept, kept_count, source,
							psprintf("attempt:%016llx.", (unsigned long long) pg_prng_uint64(&pg_global_prng_state))};
		if (!log_in_place(&telling))
			log_through_sql(&telling);
		owner_spi_end(&scope);
	}
	pfree(kept);
}

/*
 * Some are stored, and then take effect, before the next ones: what the log's indexes have
 * brought into the caches is still there.  False: only SQL may store them.
 */
static bool
log_in_place(const Telling *telling)
{
	const PolicyRule *rule = policy_rule(policy_in_force(), ATTEMPT_CLASS, SMTP_STATUS_NONE);
	TimestampTz first;
	TimestampTz last;
	LogRows    *rows;
	Refold	   *refold;

	/* A policy that takes an attempt for a wish is the triggers' matter. */
	if (rule != NULL && (rule->effect == POLICY_UNSUBSCRIBE || rule->effect == POLICY_COMPLAINT))
		return false;
	/* So is what they reject. */
	if (has_long_topic(telling))
		return false;
	time_span(telling, &first, &last);
	rows = log_rows_begin(first, last);
	if (rows == NULL)
		return false;
	refold = refold_begin();
	for (int i = 0; i < telling->count;)
	{
		int			end = end_of_batch(telling, i);

		add_rows(rows, telling, i, end);
		log_rows_store(rows);
		for (; i < end; i++)
			if (is_next_address(telling, i))
				refold_add(refold, telling->attempts[i]->recipient);
	}
	log_rows_end(rows);
	refold_end(refold);
	return true;
}

static bool
has_long_topic(const Telling *telling)
{
	for (int i = 0; i < telling->count; i++)
		if (telling->attempts[i]->topic != NULL && strlen(telling->attempts[i]->topic) > TOPIC_TEXT_MAX)
			return true;
	return false;
}

/* When the first and the last of them was. */
static void
time_span(const Telling *telling, TimestampTz *first, TimestampTz *last)
{
	*first = DT_NOEND;
	*last = DT_NOBEGIN;
	for (int i = 0; i < telling->count; i++)
	{
		*first = Min(*first, telling->attempts[i]->at);
		*last = Max(*last, telling->attempts[i]->at);
	}
}

static bool
is_next_address(const Telling *telling, int number)
{
	return number == 0 || strcmp(telling->attempts[number]->recipient, telling->attempts[number - 1]->recipient) != 0;
}

/* One past the last attempt of as many addresses as are folded together. */
static int
end_of_batch(const Telling *telling, int number)
{
	int			addresses = 0;

	for (; number < telling->count; number++)
		if (is_next_address(telling, number) && ++addresses > REFOLD_BATCH)
			break;
	return number;
}

static void
add_rows(LogRows *rows, const Telling *telling, int from, int to)
{
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext, "bounce attempt", ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(row);

	for (int i = from; i < to; i++)
	{
		Datum		values[EVENT_COLUMNS] = {0};
		bool		nulls[EVENT_COLUMNS];

		fill_event(telling, i, values, nulls);
		log_rows_add(rows, values, nulls);
		MemoryContextReset(row);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(row);
}

/* As the triggers of the log leave it. */
static void
fill_event(const Telling *telling, int number, Datum *values, bool *nulls)
{
	const Attempt *attempt = telling->attempts[number];
	const struct
	{
		int			column;
		Datum		value;
	}			given[] = {
		{EVENT_OCCURRED_AT, TimestampTzGetDatum(attempt->at)},
		{EVENT_RECIPIENT, CStringGetTextDatum(attempt->recipient)},
		{EVENT_CLASS, BounceClassGetDatum(ATTEMPT_CLASS)},
		{EVENT_EVENT_KEY, key_of(telling->keys, number + 1)},
		{EVENT_SOURCE, CStringGetTextDatum(telling->source)},
		{EVENT_RECORDED_AT, TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())}
	};

	memset(nulls, true, sizeof(bool) * EVENT_COLUMNS);
	for (size_t i = 0; i < lengthof(given); i++)
	{
		values[given[i].column - 1] = given[i].value;
		nulls[given[i].column - 1] = false;
	}
	if (attempt->topic == NULL || attempt->topic[0] == '\0')
		return;
	values[EVENT_TOPIC - 1] = CStringGetTextDatum(attempt->topic);
	nulls[EVENT_TOPIC - 1] = false;
}

/* The prefix, and a number. */
static Datum
key_of(const char *prefix, int number)
{
	size_t		length = strlen(prefix);
	text	   *key = palloc(VARHDRSZ + length + MAXINT8LEN + 1);

	memcpy(VARDATA(key), prefix, length);
	length += pg_ltoa(number, VARDATA(key) + length);
	SET_VARSIZE(key, VARHDRSZ + length);
	return PointerGetDatum(key);
}

static void
log_through_sql(const Telling *telling)
{
	static KeptStatement statement = {
		"INSERT INTO bounce.delivery_event (occurred_at, recipient, topic, class, event_key, source)"
		" SELECT n.at, n.address, n.topic, 'admin:suppressed', $5 OPERATOR(pg_catalog.||) n.number::pg_catalog.text, $4"
		" FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3))"
		" WITH ORDINALITY AS n(address, topic, at, number)",
		5, {TEXTARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID, TEXTOID, TEXTOID}, NULL
	};
	ArrayBuildState *columns[3] = {NULL, NULL, NULL};
	Datum		values[5];

	for (int i = 0; i < telling->count; i++)
	{
		const Attempt *attempt = telling->attempts[i];

		columns[0] = accumArrayResult(columns[0], CStringGetTextDatum(attempt->recipient), false,
									  TEXTOID, CurrentMemoryContext);
		columns[1] = accumArrayResult(columns[1], attempt->topic == NULL ? (Datum) 0 : CStringGetTextDatum(attempt->topic),
									  attempt->topic == NULL, TEXTOID, CurrentMemoryContext);
		columns[2] = accumArrayResult(columns[2], TimestampTzGetDatum(attempt->at), false,
									  TIMESTAMPTZOID, CurrentMemoryContext);
	}
	for (int column = 0; column < 3; column++)
		values[column] = makeArrayResult(columns[column], CurrentMemoryContext);
	values[3] = CStringGetTextDatum(telling->source);
	values[4] = CStringGetTextDatum(telling->keys);
	moved_expect_keys(telling->keys);
	PG_TRY();
	{
		kept_execute(&statement, values, NULL, false);
	}
	PG_FINALLY();
	{
		moved_expect_keys(NULL);
	}
	PG_END_TRY();
}

/* record_attempt(address text, topic text, at timestamptz) */
Datum
record_attempt(PG_FUNCTION_ARGS)
{
	Attempt		attempt = {NULL, NULL, 0};
	Cap			cap = {0};
	char		address[ADDRESS_TEXT_MAX];
	size_t		length;
	size_t		domain;
	text	   *given;

	PreventCommandIfReadOnly("bounce.record_attempt()");
	if (PG_ARGISNULL(0) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	given = PG_GETARG_TEXT_PP(0);
	/* What is no address is never mailed, and there is no lease to climb. */
	if (!address_normalize_text(VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given), address, &length, &domain))
		PG_RETURN_TEXT_P(cstring_to_text("suppressed"));
	attempt.recipient = address;
	attempt.topic = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	attempt.at = PG_GETARG_TIMESTAMPTZ(2);
	if (TIMESTAMP_NOT_FINITE(attempt.at))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("an attempt cannot be at an infinite time")));
	if (suppressed_now(&attempt, &cap))
		attempts_log(&attempt, 1, "attempt");
	else if (takes_slot(&attempt, &cap))
		PG_RETURN_TEXT_P(cstring_to_text("send"));
	PG_RETURN_TEXT_P(cstring_to_text("suppressed"));
}

/* Sees what was committed a moment ago; the cap of the topic, too. */
static bool
suppressed_now(const Attempt *attempt, Cap *cap)
{
	bool		suppressed;

	PushActiveSnapshot(GetTransactionSnapshot());
	suppressed = ask_suppressed(attempt->recipient, attempt->topic, attempt->at);
	if (!suppressed && attempt->topic != NULL)
		cap_of_topic(attempt->topic, cap);
	PopActiveSnapshot();
	return suppressed;
}

/*
 * What is held back by its cap is no event: it says nothing about the address.  Who
 * waited for the slot asks again, since the person may have said no meanwhile.
 */
static bool
takes_slot(const Attempt *attempt, const Cap *cap)
{
	Cap			later;

	if (cap->max_messages == 0)
		return true;
	if (!cap_take(attempt->recipient, attempt->topic, cap, attempt->at))
		return false;
	if (!suppressed_now(attempt, &later))
		return true;
	cap_give_back(attempt->recipient, attempt->topic);
	attempts_log(attempt, 1, "attempt");
	return false;
}
