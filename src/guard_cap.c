/*
 * guard_cap.c
 *		Counts what one statement's rows send under the caps of their topics.
 *
 * The caps are read once a statement: a topic without one costs its first row a look
 * at bounce.topic, and the others a comparison.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "cap.h"
#include "compat.h"
#include "guard_cap.h"

/* Topics that are remembered; those beyond are read for each row. */
#define TOPICS 16

typedef struct TopicCap
{
	const char *topic;
	size_t		length;
	Cap			cap;
} TopicCap;

struct GuardCap
{
	MemoryContext context;
	int			count;
	TopicCap	topics[TOPICS + 1];
};

static const TopicCap *cap_of(GuardCap *caps, const text *topic);

GuardCap *
guard_cap_begin(MemoryContext context)
{
	GuardCap   *caps = MemoryContextAllocZero(context, sizeof(GuardCap));

	caps->context = context;
	return caps;
}

CapAnswer
guard_cap_take(GuardCap *caps, const Mail *mail)
{
	const TopicCap *found = mail->topic == NULL ? NULL : cap_of(caps, mail->topic);

	if (found == NULL || found->cap.max_messages == 0)
		return CAP_NONE;
	return cap_take(mail->address, found->topic, &found->cap, mail->at) ? CAP_TAKEN : CAP_USED_UP;
}

void
guard_cap_give_back(GuardCap *caps, const Mail *mail)
{
	const TopicCap *found = mail->topic == NULL ? NULL : cap_of(caps, mail->topic);

	if (found != NULL && found->cap.max_messages > 0)
		cap_give_back(mail->address, found->topic);
}

static const TopicCap *
cap_of(GuardCap *caps, const text *topic)
{
	const char *name = VARDATA_ANY(topic);
	size_t		length = VARSIZE_ANY_EXHDR(topic);
	TopicCap   *found = caps->topics;

	while (found < caps->topics + caps->count && !(found->length == length && memcmp(found->topic, name, length) == 0))
		found++;
	if (found < caps->topics + caps->count)
		return found;
	if (caps->count < TOPICS)
	{
		MemoryContext caller = MemoryContextSwitchTo(caps->context);

		found->topic = pnstrdup(name, length);
		MemoryContextSwitchTo(caller);
		caps->count++;
	}
	else
		found->topic = text_to_cstring(topic);
	found->length = length;
	PushActiveSnapshot(GetTransactionSnapshot());
	cap_of_topic(found->topic, &found->cap);
	PopActiveSnapshot();
	return found;
}
