/*
 * consent_batch.h
 *		Choices of many addresses at once.
 */
#ifndef BOUNCE_CONSENT_BATCH_H
#define BOUNCE_CONSENT_BATCH_H

#include "postgres.h"

#include "consent.h"
#include "consent_log.h"

/*
 * Tells all of them, sorted by address; those of one address in their order.  What
 * consent_choose() would refuse with an error is left out instead.  Like it, waits for
 * concurrent choices of the addresses, in address order.
 */
extern void consent_choose_all(const ConsentChoice *choices, int count);

/*
 * For consent_log.c: what it would read from the tables, and write to them, while a
 * batch is in memory; false: there is none.
 */
extern bool consent_batch_head(const char *address, ConsentHead *head);
extern bool consent_batch_rows(const char *address, const char *topic, ConsentRows *rows);
extern bool consent_batch_append(const ConsentEntry *entry, bytea *hash, const Datum *values, const char *nulls);
extern bool consent_batch_write(const char *address, const char *topic, const Datum *values, const char *nulls);

#endif
