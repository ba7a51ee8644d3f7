/*
 * ask_site.c
 *		One place in a statement that asks again and again.
 *
 * Building costs as much as a few questions a page of the tables, so it begins when
 * one for two pages was asked under the same view: a statement that ends then has lost little.  Each question first
 * makes sure that nothing has changed since: another snapshot, another command of
 * this transaction, a subtransaction taken back, another transaction (whose looks
 * other serializable transactions must know), a table of another shape.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "ask_site.h"
#include "compat.h"
#include "snapshot_view.h"
#include "state_table.h"

#define CALLS_MIN 2000
#define CALLS_PER_PAGE 0.5
#define CALLS_NEVER PG_UINT64_MAX

struct AskSite
{
	MemoryContext context;
	/* what the rest is good for */
	SnapshotView view;
	LocalTransactionId transaction;
	uint64		table_changes;
	text	   *topic;			/* or NULL */
	TimestampTz at;
	bool		varies;			/* topic and time change from call to call */
	/* the rest */
	uint64		calls;
	uint64		build_at;		/* calls */
	bool		measured;		/* build_at knows how large the tables are */
	AskSet	   *set;			/* or NULL */
	MemoryContext building;		/* left behind by an error, or NULL */
};

static bool is_current(const AskSite *site);
static bool is_same_question(const AskSite *site, const text *topic, TimestampTz at);
static void start_over(AskSite *site, const text *topic, TimestampTz at);
static void forget_set(AskSite *site);
static void build(AskSite *site);

AskSite *
ask_site_create(MemoryContext context)
{
	AskSite    *site = MemoryContextAllocZero(context, sizeof(AskSite));

	site->context = context;
	return site;
}

AskAnswer
ask_site_answer(AskSite *site, const char *address, size_t length, size_t domain,
				const text *topic, TimestampTz at)
{
	if (unlikely(!is_current(site)))
		start_over(site, topic, at);
	else if (unlikely(!site->varies && !is_same_question(site, topic, at)))
	{
		forget_set(site);
		site->varies = true;
	}
	if (likely(site->set != NULL))
		return ask_set_answer(site->set, address, length, domain);
	if (++site->calls >= site->build_at)
		build(site);
	return ASK_UNSURE;
}

double
ask_site_calls_looked_up(double pages)
{
	return Max(CALLS_MIN, pages * CALLS_PER_PAGE);
}

static bool
is_current(const AskSite *site)
{
	return site->transaction == current_local_transaction() &&
		site->table_changes == state_table_changes() &&
		snapshot_view_matches(&site->view, GetActiveSnapshot());
}

static bool
is_same_question(const AskSite *site, const text *topic, TimestampTz at)
{
	size_t		length = topic == NULL ? 0 : VARSIZE_ANY_EXHDR(topic);

	return at == site->at &&
		length == (site->topic == NULL ? 0 : VARSIZE_ANY_EXHDR(site->topic)) &&
		(length == 0 || memcmp(VARDATA_ANY(topic), VARDATA_ANY(site->topic), length) == 0);
}

static void
start_over(AskSite *site, const text *topic, TimestampTz at)
{
	forget_set(site);
	snapshot_view_set(&site->view, GetActiveSnapshot());
	site->transaction = current_local_transaction();
	site->table_changes = state_table_changes();
	if (site->topic != NULL)
		pfree(site->topic);
	site->topic = NULL;
	if (topic != NULL)
	{
		site->topic = MemoryContextAlloc(site->context, VARSIZE_ANY(topic));
		memcpy(site->topic, topic, VARSIZE_ANY(topic));
	}
	site->at = at;
	site->varies = false;
}

static void
forget_set(AskSite *site)
{
	if (site->set != NULL)
		ask_set_free(site->set);
	site->set = NULL;
	if (site->building != NULL)
		MemoryContextDelete(site->building);
	site->building = NULL;
	site->calls = 0;
	site->build_at = CALLS_MIN;
	site->measured = false;
}

/* Not within the caller's memory: that may be reset at the next row. */
static void
build(AskSite *site)
{
	MemoryContext caller;
	Question	question;

	if (!site->measured)
	{
		site->measured = true;
		site->build_at = (uint64) ask_site_calls_looked_up(ask_set_pages());
		if (site->calls < site->build_at)
			return;
	}
	forget_set(site);
	site->build_at = CALLS_NEVER;
	site->building = AllocSetContextCreate(site->context, "bounce ask site", ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(site->building);
	question_set(&question, "", 0, site->topic, site->at);
	site->set = ask_set_build(site->building, site->varies ? NULL : &question, get_hash_memory_limit());
	MemoryContextSwitchTo(caller);
}
