/*
 * guard_ask.c
 *		Asks about the recipients of one statement's rows.
 *
 * A queued row is asked about under the snapshot of its statement, one for all
 * rows, so a large INSERT is soon answered from memory; it is asked about again
 * when it is claimed.  A claim may have waited for a row lock, and what was
 * committed meanwhile counts: each gets a new snapshot, which costs little while
 * nothing was committed, and what is in memory is used as long as it sees the same.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "ask.h"
#include "ask_site.h"
#include "compat.h"
#include "guard_ask.h"

/* Each topic has its own memory, and those beyond share the last. */
#define SITES 4

struct GuardAsk
{
	MemoryContext context;
	bool		insert;
	bool		asked;			/* more than once: a single row costs nothing here */
	AskSite    *sites[SITES];
	text	   *topics[SITES];
};

static bool ask_active(GuardAsk *ask, const Mail *mail);
static AskSite *site_of(GuardAsk *ask, const text *topic);
static bool same_topic(const text *one, const text *other);

GuardAsk *
guard_ask_begin(MemoryContext context, bool insert)
{
	GuardAsk   *ask = MemoryContextAllocZero(context, sizeof(GuardAsk));

	ask->context = context;
	ask->insert = insert;
	return ask;
}

bool
guard_ask(GuardAsk *ask, const Mail *mail)
{
	bool		suppressed;

	if (ask->insert && ActiveSnapshotSet())
		return ask_active(ask, mail);
	PushActiveSnapshot(GetTransactionSnapshot());
	suppressed = ask_active(ask, mail);
	PopActiveSnapshot();
	return suppressed;
}

/* Under the active snapshot. */
static bool
ask_active(GuardAsk *ask, const Mail *mail)
{
	AskAnswer	answer = ASK_UNSURE;

	if (ask->asked)
		answer = ask_site_answer(site_of(ask, mail->topic), mail->address, mail->length, mail->domain,
								 mail->topic, mail->at);
	ask->asked = true;
	if (answer != ASK_UNSURE)
		return answer == ASK_YES;
	return ask_suppressed(mail->address, mail->topic == NULL ? NULL : text_to_cstring(mail->topic), mail->at);
}

static AskSite *
site_of(GuardAsk *ask, const text *topic)
{
	for (int i = 0; i < SITES; i++)
	{
		if (ask->sites[i] == NULL)
		{
			MemoryContext caller = MemoryContextSwitchTo(ask->context);

			ask->topics[i] = topic == NULL ? NULL : cstring_to_text_with_len(VARDATA_ANY(topic), VARSIZE_ANY_EXHDR(topic));
			MemoryContextSwitchTo(caller);
			ask->sites[i] = ask_site_create(ask->context);
			return ask->sites[i];
		}
		if (same_topic(ask->topics[i], topic))
			return ask->sites[i];
	}
	return ask->sites[SITES - 1];
}

static bool
same_topic(const text *one, const text *other)
{
	size_t		length;

	if (one == NULL || other == NULL)
		return one == other;
	length = VARSIZE_ANY_EXHDR(one);
	return length == VARSIZE_ANY_EXHDR(other) && memcmp(VARDATA_ANY(one), VARDATA_ANY(other), length) == 0;
}
