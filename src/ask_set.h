/*
 * ask_set.h
 *		What the tables of state say about every address, in memory, for those who
 *		ask about many.
 *
 * Good for the snapshot under which it was built, as long as no table changes its
 * shape (ask_site.h sees to both).
 */
#ifndef BOUNCE_ASK_SET_H
#define BOUNCE_ASK_SET_H

#include "postgres.h"

#include "ask.h"

typedef enum AskAnswer
{
	ASK_NO,
	ASK_YES,
	ASK_UNSURE					/* ask_each() knows */
} AskAnswer;

typedef struct AskSet AskSet;

/*
 * Reads the tables, in a child of this memory context.  The question says what is
 * asked about every address; NULL: that changes from call to call, and where there
 * is any row the answer is unsure.  NULL when nothing useful fits within limit bytes:
 * nothing is left behind then.
 */
extern AskSet *ask_set_build(MemoryContext parent, const Question *question, Size limit);

extern void ask_set_free(AskSet *set);

/* About a canonical address; domain is the offset of what stands behind the @. */
extern AskAnswer ask_set_answer(const AskSet *set, const char *address, size_t length, size_t domain);

/*
 * How many pages building reads, by table with any: one question looks into each of these.
 * A table of which it is not known counts as without pages.
 */
extern double ask_set_pages(void);

#endif
