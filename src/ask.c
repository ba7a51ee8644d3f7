/*
 * ask.c
 *		Is an address suppressed, and by what?
 *
 * Every rule of what counts stands here once: bounce.is_suppressed() stops at the
 * first reason, bounce.why_suppressed() (why.c) collects them all, and for
 * bounce.was_suppressed() the rows that ended are shown too.  Addresses are
 * read past the caller's table privileges: whoever may call the function may ask
 * about an address known to them, and can list none.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "address_digest.h"
#include "address_plain.h"
#include "address_text.h"
#include "ask.h"
#include "ask_site.h"
#include "compat.h"
#include "consent_log.h"
#include "topic.h"

PG_FUNCTION_INFO_V1(is_suppressed);
PG_FUNCTION_INFO_V1(was_suppressed);

static Datum answer(FunctionCallInfo fcinfo, int topic_number, int at_number, bool past);
static AskAnswer answer_in_memory(FmgrInfo *call, const char *address, size_t length, size_t domain,
								  const text *topic, TimestampTz at);
static void read_topic(Question *question);
static void begin(const Question *question, StateScan *scan, StateTable table);
static bool stop_at_first(const Question *question, const Finding *finding, void *context);
static bool each_of_topic(const Question *question, FindingVisitor visit, void *context);
static bool each_of_address(const Question *question, FindingVisitor visit, void *context);
static bool each_preference(const Question *question, FindingVisitor visit, void *context);
static bool each_of_domain(const Question *question, FindingVisitor visit, void *context);
static bool each_of_digest(const Question *question, FindingVisitor visit, void *context);
static bool visit_rows(const Question *question, FindingKind kind, StateScan *scan,
					   FindingVisitor visit, void *context);
static bool row_active(StateScan *scan, TimestampTz at);
static bool is_about_marketing(const text *cause);
static bool cause_counts(const Question *question, const text *cause);
static bool topic_counts(const Question *question, const text *topic);
static void find_past_preferences(const Question *question, Preference *own, Preference *global);
static void find_preference(const Question *question, StateScan *scan, const text *topic, Preference *preference);
static bool read_state(StateScan *scan, TimestampTz at, Choice *choice);
static void read_preference(StateScan *scan, TimestampTz at, Choice *choice);
static int	column_named(StateScan *scan, int column, int (*find)(const char *name, size_t length), int otherwise);
static const Preference *choice_against(const Question *question, const Preference *own,
										const Preference *global);
static text *column_text(StateScan *scan, int column);

/* is_suppressed(address text, topic text, at timestamptz) */
Datum
is_suppressed(PG_FUNCTION_ARGS)
{
	return answer(fcinfo, 1, 2, false);
}

/* was_suppressed(address text, at timestamptz, topic text) */
Datum
was_suppressed(PG_FUNCTION_ARGS)
{
	return answer(fcinfo, 2, 1, true);
}

/* The arguments' numbers, the address being the first. */
static Datum
answer(FunctionCallInfo fcinfo, int topic_number, int at_number, bool past)
{
	char		canonical[ADDRESS_TEXT_MAX];
	const char *address;
	const text *asked;
	const text *topic = PG_ARGISNULL(topic_number) ? NULL : PG_GETARG_TEXT_PP(topic_number);
	size_t		length;
	size_t		domain;
	AskAnswer	remembered;
	Question	question;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(at_number))
		PG_RETURN_NULL();
	asked = PG_GETARG_TEXT_PP(0);
	address = VARDATA_ANY(asked);
	length = VARSIZE_ANY_EXHDR(asked);
	domain = address_plain(address, length);
	if (domain == 0)
	{
		if (!address_normalize_text(address, length, canonical, &length, &domain))
			PG_RETURN_BOOL(true);
		address = canonical;
	}
	if (!past)
	{
		remembered = answer_in_memory(fcinfo->flinfo, address, length, domain, topic,
									  PG_GETARG_TIMESTAMPTZ(at_number));
		if (remembered != ASK_UNSURE)
			PG_RETURN_BOOL(remembered == ASK_YES);
	}
	question_set(&question, address, length, topic, PG_GETARG_TIMESTAMPTZ(at_number));
	question.past = past;
	PG_RETURN_BOOL(ask_each(&question, stop_at_first, NULL));
}

/* The first question of a statement, which is often the only one, costs nothing here. */
static AskAnswer
answer_in_memory(FmgrInfo *call, const char *address, size_t length, size_t domain,
				 const text *topic, TimestampTz at)
{
	static char asked_once;

	if (call == NULL)
		return ASK_UNSURE;
	if (call->fn_extra == NULL)
	{
		call->fn_extra = &asked_once;
		return ASK_UNSURE;
	}
	if (unlikely(call->fn_extra == &asked_once))
		call->fn_extra = ask_site_create(call->fn_mcxt);
	return ask_site_answer(call->fn_extra, address, length, domain, topic, at);
}

/* Leaves nothing in the caller's memory context: triggers ask for row after row. */
bool
ask_suppressed(const char *address, const char *topic, TimestampTz at)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "bounce question",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Question	question;
	bool		suppressed;

	question_set(&question, address, strlen(address), topic ? cstring_to_text(topic) : NULL, at);
	suppressed = ask_each(&question, stop_at_first, NULL);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return suppressed;
}

/* Of rows that stop all mail, the longest end, or until. */
static TimestampTz
longest_end(StateScan *scan, TimestampTz at, TimestampTz until)
{
	while (state_scan_next(scan))
	{
		bool		isnull;
		TimestampTz expires_at = DatumGetTimestampTz(state_scan_column(scan, SUPPRESSION_EXPIRES_AT, &isnull));

		if (row_active(scan, at) && text_is(column_text(scan, SUPPRESSION_TOPIC), "") &&
			!is_about_marketing(column_text(scan, SUPPRESSION_CAUSE)))
			until = Max(until, expires_at);
	}
	return until;
}

TimestampTz
ask_quarantined_until(const char *address, TimestampTz at)
{
	text	   *key = cstring_to_text(address);
	TimestampTz until;
	StateScan	scan;

	state_scan_begin(&scan, STATE_SUPPRESSION);
	state_scan_find(&scan, key, NULL);
	until = longest_end(&scan, at, DT_NOBEGIN);
	state_scan_end(&scan);
	pfree(key);
	state_scan_begin(&scan, STATE_DIGEST_SUPPRESSION);
	for (DigestKind kind = 0; !scan.empty && kind < DIGEST_KINDS; kind++)
	{
		text	   *digest = address_digest(kind, address, strlen(address));

		if (digest == NULL)
			continue;
		state_scan_find(&scan, digest, NULL);
		until = longest_end(&scan, at, until);
	}
	state_scan_end(&scan);
	return until;
}

bool
ask_known_by_digest(const char *address, TimestampTz at)
{
	StateScan	scan;
	bool		known = false;

	state_scan_begin(&scan, STATE_DIGEST_SUPPRESSION);
	for (DigestKind kind = 0; !scan.empty && !known && kind < DIGEST_KINDS; kind++)
	{
		text	   *digest = address_digest(kind, address, strlen(address));

		if (digest == NULL)
			continue;
		state_scan_find(&scan, digest, NULL);
		while (!known && state_scan_next(&scan))
			known = row_active(&scan, at);
	}
	state_scan_end(&scan);
	return known;
}

void
question_set(Question *question, const char *address, size_t length,
			 const text *topic, TimestampTz at)
{
	const text *key = cstring_to_text_with_len(address, length);
	const char *end = VARDATA_ANY(key) + length;
	const char *domain = end;

	/* The domain is what follows the last @: a quoted local part may hold others. */
	while (domain > VARDATA_ANY(key) && domain[-1] != '@')
		domain--;
	question->address = key;
	question->domain = domain;
	question->domain_length = end - domain;
	question->topic = topic != NULL && VARSIZE_ANY_EXHDR(topic) > 0 ? topic : NULL;
	question->marketing = true;
	question->opt_in = false;
	question->retired = false;
	question->at = at;
	question->past = false;
	if (question->topic != NULL)
		read_topic(question);
}

bool
ask_each(const Question *question, FindingVisitor visit, void *context)
{
	return each_of_topic(question, visit, context) ||
		each_of_address(question, visit, context) ||
		each_preference(question, visit, context) ||
		each_of_domain(question, visit, context) ||
		each_of_digest(question, visit, context);
}

static bool
stop_at_first(const Question *question, const Finding *finding, void *context)
{
	return true;
}

/* A topic without a row is marketing and flows until a no. */
static void
read_topic(Question *question)
{
	Topic		topic;

	(void) topic_read(question->topic, &topic);
	question->marketing = topic.marketing;
	question->opt_in = topic.opt_in != OPT_IN_NONE;
	question->retired = topic.marketing && topic.retired_at <= question->at;
	question->retired_at = topic.retired_at;
}

/* The same rules for the present and the past: only the rows differ. */
static void
begin(const Question *question, StateScan *scan, StateTable table)
{
	if (question->past)
		state_scan_begin_past(scan, table);
	else
		state_scan_begin(scan, table);
}

bool
topic_may_stop(StateScan *row)
{
	Topic		topic;

	topic_of_row(row, &topic);
	return topic.opt_in != OPT_IN_NONE || !TIMESTAMP_IS_NOEND(topic.retired_at);
}

static bool
each_of_topic(const Question *question, FindingVisitor visit, void *context)
{
	return question->retired && visit(question, &(Finding) {.kind = FINDING_RETIRED}, context);
}

static bool
each_of_address(const Question *question, FindingVisitor visit, void *context)
{
	StateScan	scan;
	bool		ended;

	begin(question, &scan, STATE_SUPPRESSION);
	state_scan_find(&scan, question->address, NULL);
	ended = visit_rows(question, FINDING_ADDRESS, &scan, visit, context);
	state_scan_end(&scan);
	return ended;
}

/* The domain itself, then *. with the domain and with each domain above it. */
static bool
each_of_domain(const Question *question, FindingVisitor visit, void *context)
{
	const char *end = question->domain + question->domain_length;
	const char *suffix = question->domain;
	StateScan	scan;
	bool		ended = false;

	begin(question, &scan, STATE_DOMAIN_SUPPRESSION);
	if (!scan.empty)
	{
		state_scan_find(&scan, cstring_to_text_with_len(suffix, end - suffix), NULL);
		ended = visit_rows(question, FINDING_DOMAIN, &scan, visit, context);
	}
	while (!scan.empty && !ended && suffix != NULL)
	{
		char	   *pattern = psprintf("*.%.*s", (int) (end - suffix), suffix);
		const char *dot = memchr(suffix, '.', end - suffix);

		state_scan_find(&scan, cstring_to_text(pattern), NULL);
		ended = visit_rows(question, FINDING_DOMAIN, &scan, visit, context);
		suffix = dot ? dot + 1 : NULL;
	}
	state_scan_end(&scan);
	return ended;
}

static bool
each_of_digest(const Question *question, FindingVisitor visit, void *context)
{
	StateScan	scan;
	bool		ended = false;

	begin(question, &scan, STATE_DIGEST_SUPPRESSION);
	for (DigestKind kind = 0; !scan.empty && !ended && kind < DIGEST_KINDS; kind++)
	{
		const text *digest = address_digest(kind, VARDATA_ANY(question->address),
											VARSIZE_ANY_EXHDR(question->address));

		if (digest == NULL)
			continue;
		state_scan_find(&scan, digest, NULL);
		ended = visit_rows(question, FINDING_DIGEST, &scan, visit, context);
	}
	state_scan_end(&scan);
	return ended;
}

static bool
visit_rows(const Question *question, FindingKind kind, StateScan *scan,
		   FindingVisitor visit, void *context)
{
	Finding		finding = {.kind = kind, .row = scan};

	while (state_scan_next(scan))
		if (suppression_counts(question, scan) && visit(question, &finding, context))
			return true;
	return false;
}

bool
suppression_counts(const Question *question, StateScan *scan)
{
	if (!row_active(scan, question->at) ||
		!cause_counts(question, column_text(scan, SUPPRESSION_CAUSE)))
		return false;
	return scan->table == STATE_DOMAIN_SUPPRESSION ||
		topic_counts(question, column_text(scan, SUPPRESSION_TOPIC));
}

/* Half open: at its very end a suppression is over. */
static bool
row_active(StateScan *scan, TimestampTz at)
{
	bool		isnull;
	TimestampTz starts_at = DatumGetTimestampTz(state_scan_column(scan, SUPPRESSION_STARTS_AT, &isnull));
	TimestampTz expires_at = DatumGetTimestampTz(state_scan_column(scan, SUPPRESSION_EXPIRES_AT, &isnull));

	return starts_at <= at && at < expires_at;
}

static bool
is_about_marketing(const text *cause)
{
	return text_is(cause, "complaint") || text_is(cause, "unsubscribe");
}

/* What a person asked for stops marketing only; what servers said stops everything. */
static bool
cause_counts(const Question *question, const text *cause)
{
	return question->marketing || !is_about_marketing(cause);
}

static bool
topic_counts(const Question *question, const text *topic)
{
	size_t		length = VARSIZE_ANY_EXHDR(topic);

	if (length == 0)
		return true;
	return question->topic != NULL &&
		length == VARSIZE_ANY_EXHDR(question->topic) &&
		memcmp(VARDATA_ANY(topic), VARDATA_ANY(question->topic), length) == 0;
}

static bool
each_preference(const Question *question, FindingVisitor visit, void *context)
{
	Preference	own = {.global = false};
	Preference	global = {.global = true};
	const Preference *against;

	if (!question->marketing)
		return false;
	if (question->past)
		find_past_preferences(question, &own, &global);
	else
		ask_preferences(question, &own, &global);
	against = choice_against(question, &own, &global);
	if (against == NULL)
		return false;
	return visit(question, &(Finding) {.kind = FINDING_PREFERENCE, .preference = against}, context);
}

void
ask_preferences(const Question *question, Preference *own, Preference *global)
{
	StateScan	scan;

	state_scan_begin(&scan, STATE_PREFERENCE);
	if (!scan.empty)
	{
		find_preference(question, &scan, cstring_to_text(""), global);
		if (question->topic != NULL)
			find_preference(question, &scan, question->topic, own);
	}
	state_scan_end(&scan);
}

/* What the choices on record came to at that time. */
static void
find_past_preferences(const Question *question, Preference *own, Preference *global)
{
	char	   *address = text_to_cstring(question->address);
	char	   *topic = question->topic == NULL ? "" : text_to_cstring(question->topic);
	OwnerScope	owner;
	ConsentRows rows;
	Standing	standing;

	owner_spi_begin(&owner);
	rows = consent_log_read(address, topic, true);
	standing = consent_log_fold(&rows, true, question->at);
	global->choice = *preference_at(&standing, question->at);
	standing = consent_log_fold(&rows, false, question->at);
	own->choice = *preference_at(&standing, question->at);
	owner_spi_end(&owner);
}

static void
find_preference(const Question *question, StateScan *scan, const text *topic, Preference *preference)
{
	state_scan_find(scan, question->address, topic);
	if (state_scan_next(scan))
		read_preference(scan, question->at, &preference->choice);
}

bool
preference_counts(const Question *question, StateScan *row, Preference *preference)
{
	const text *topic = column_text(row, PREFERENCE_TOPIC);

	if (!question->marketing || !topic_counts(question, topic))
		return false;
	(void) read_state(row, question->at, &preference->choice);
	preference->global = VARSIZE_ANY_EXHDR(topic) == 0;
	return true;
}

/* What the row says at that time; true when a pause or a request has ended by itself. */
static bool
read_state(StateScan *scan, TimestampTz at, Choice *choice)
{
	bool		endless;
	TimestampTz until = DatumGetTimestampTz(state_scan_column(scan, PREFERENCE_UNTIL, &endless));
	bool		over = !endless && until <= at;

	choice->until = endless || over ? CHOICE_ENDLESS : until;
	choice->state = over ?
		column_named(scan, PREFERENCE_BEFORE, preference_state_named, PREFERENCE_NONE) :
		column_named(scan, PREFERENCE_STATE, preference_state_named, PREFERENCE_PENDING);
	return over;
}

static void
read_preference(StateScan *scan, TimestampTz at, Choice *choice)
{
	bool		over = read_state(scan, at, choice);
	bool		isnull;

	choice->source = column_named(scan, over ? PREFERENCE_BEFORE_SOURCE : PREFERENCE_SOURCE,
								  consent_source_named, SOURCE_BOUNCE);
	choice->since = DatumGetTimestampTz(state_scan_column(scan, over ? PREFERENCE_BEFORE_SINCE : PREFERENCE_SINCE, &isnull));
	choice->number = over ? 0 : DatumGetInt32(state_scan_column(scan, PREFERENCE_NUMBER, &isnull));
}

/* By its place among the names; for NULL and a name that is not among them: otherwise. */
static int
column_named(StateScan *scan, int column, int (*find)(const char *name, size_t length), int otherwise)
{
	const text *name = column_text(scan, column);
	int			place = find(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));

	return place < 0 ? otherwise : place;
}

/*
 * The choice that stops this mail, or NULL.  Of a no to all topics and the word on
 * this one the higher source decides, then the later.  A yes to all topics only
 * takes such a no back: what was said about a topic stands, and so does the need
 * to ask for it.
 */
static const Preference *
choice_against(const Question *question, const Preference *own, const Preference *global)
{
	if ((global->choice.state == PREFERENCE_UNSUBSCRIBED || global->choice.state == PREFERENCE_SNOOZED) &&
		!preference_stands_above(&own->choice, &global->choice))
		return global;
	if (own->choice.state == PREFERENCE_NONE)
		return question->opt_in ? own : NULL;
	return own->choice.state == PREFERENCE_SUBSCRIBED ? NULL : own;
}

/* A text column; NULL, which the tables do not allow, reads as empty. */
static text *
column_text(StateScan *scan, int column)
{
	bool		isnull;
	Datum		value = state_scan_column(scan, column, &isnull);

	return isnull ? cstring_to_text("") : DatumGetTextPP(value);
}
