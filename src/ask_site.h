/*
 * ask_site.h
 *		One place in a statement that asks again and again.
 *
 * After a few thousand questions it has the answers to all of them in memory
 * (ask_set.h), as long as its snapshot sees the same and nobody changes the tables.
 */
#ifndef BOUNCE_ASK_SITE_H
#define BOUNCE_ASK_SITE_H

#include "postgres.h"

#include "ask_set.h"

typedef struct AskSite AskSite;

/* Lives in this memory context and takes everything it holds along with it. */
extern AskSite *ask_site_create(MemoryContext context);

/*
 * What is known without a look into the tables about this canonical address; domain
 * is the offset of what stands behind the @.
 */
extern AskAnswer ask_site_answer(AskSite *site, const char *address, size_t length, size_t domain,
								 const text *topic, TimestampTz at);

/* How many questions are looked up before, with tables of so many pages. */
extern double ask_site_calls_looked_up(double pages);

#endif
