/*
 * consent_log.h
 *		The record of choices, bounce.consent_log, and what it leads to.
 *
 * All of it within owner_spi_begin().  read_only: under the active snapshot, for
 * asking; otherwise under a new one.
 */
#ifndef BOUNCE_CONSENT_LOG_H
#define BOUNCE_CONSENT_LOG_H

#include "postgres.h"

#include "access/htup.h"

#include "consent_hash.h"
#include "preference.h"

/* One choice on record. */
typedef struct ConsentRow
{
	int32		number;			/* 0: a preference that came in without evidence */
	bool		global;			/* about all topics */
	PreferenceAct said;
} ConsentRow;

/* What was said by anybody about anything; a preference without evidence counts as the acts that lead to it. */
#define CONSENT_SAID \
	"SELECT l.address, l.number, l.topic, l.act, l.source, l.at, l.until FROM bounce.consent_log l" \
	" UNION ALL SELECT p.address, 0, p.topic, CASE WHEN p.before OPERATOR(pg_catalog.=) 'subscribed' THEN 'subscribe' ELSE 'unsubscribe' END," \
	" p.before_source, p.before_since, NULL" \
	" FROM bounce.preference p WHERE p.last_number IS NULL AND p.before IS NOT NULL" \
	" UNION ALL SELECT p.address, 0, p.topic, CASE WHEN p.state OPERATOR(pg_catalog.=) 'subscribed' THEN 'subscribe'" \
	" WHEN p.state OPERATOR(pg_catalog.=) 'unsubscribed' THEN 'unsubscribe'" \
	" WHEN p.state OPERATOR(pg_catalog.=) 'pending' THEN 'request' ELSE 'snooze' END, p.source, p.since, p.until" \
	" FROM bounce.preference p WHERE p.last_number IS NULL"

/* How a preference takes the place of the one that stands. */
#define CONSENT_PREFERENCE_TAKES \
	" ON CONFLICT (address, topic) DO UPDATE SET state = EXCLUDED.state, until = EXCLUDED.until," \
	" since = EXCLUDED.since, source = EXCLUDED.source, before = EXCLUDED.before, before_since = EXCLUDED.before_since," \
	" before_source = EXCLUDED.before_source, number = EXCLUDED.number, last_number = EXCLUDED.last_number"

/* Reads number, topic, act, source, at and until, columns 1 to 6 of a row of SPI_tuptable. */
extern void consent_log_read_row(HeapTuple tuple, ConsentRow *row);

/* The choices of an address about a topic and about all topics, in the order of their times. */
typedef struct ConsentRows
{
	int			count;
	ConsentRow *row;
} ConsentRows;

extern ConsentRows consent_log_read(const char *address, const char *topic, bool read_only);

/* What those about the topic (or about all of them) come to, up to that time inclusive. */
extern Standing consent_log_fold(const ConsentRows *rows, bool global, TimestampTz at);

/* The last row of an address: its number and hash; 0 and NULL when there is none. */
typedef struct ConsentHead
{
	int32		number;
	bytea	   *hash;
} ConsentHead;

extern ConsentHead consent_log_head(const char *address);

/*
 * Adds the row to the chain and moves the head.  The key of the log is the lock:
 * false when somebody else took that number, who then was first.
 */
extern bool consent_log_append(ConsentHead *head, ConsentEntry *entry, Datum evidence);

/* Writes what stands about a topic, or that nothing does; last_number is that of the last row about it. */
extern void consent_preference_write(const char *address, const char *topic, const Standing *standing,
									 int32 last_number);

/*
 * Before a choice is looked up: keeps the chain of the address from being erased until
 * the transaction ends, and waits for one that is being erased.  What is read after
 * it begins a new chain then.  False: a batch is in memory, and has done so.
 */
extern bool consent_log_hold(const char *address);

/* The same for many of them (text[]), in their order. */
extern void consent_log_hold_all(Datum addresses);

/*
 * The only way rows leave: removes all that an address has on record, also what those
 * leave who are waited for.  Returns how many rows that were.
 */
extern uint64 consent_log_erase(const char *address);

#endif
