/*
 * log_table.h
 *		How the log is read and written: in its partitions, or through SQL.
 *
 *		if (log_table_open(&table, from, until, AccessShareLock))
 *			... table.heaps[i], NULL for partitions of other times ...
 *			log_table_close(&table);
 *		else
 *			... through SQL ...
 *
 * Past the executor, events can be read and stored where each partition is a plain local
 * heap with the columns of the log and its index of failing events (as state_table.h says
 * for the tables of state), and stored only where no trigger but ours wants to know.
 */
#ifndef BOUNCE_LOG_TABLE_H
#define BOUNCE_LOG_TABLE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "storage/lockdefs.h"
#include "utils/relcache.h"

/* Half open; the default partition has no bounds, and takes what no other one does. */
typedef struct LogPart
{
	Oid			relation;
	Oid			failing;		/* its index of failing events (log_index_column) */
	TimestampTz lower;
	TimestampTz upper;
} LogPart;

/* What it tells without the row: the latter two are no part of the key. */
enum log_index_column
{
	LOG_INDEX_RECIPIENT = 1,
	LOG_INDEX_OCCURRED_AT,
	LOG_INDEX_CLASS,
	LOG_INDEX_EVENT_KEY
};

typedef struct LogTable
{
	LogPart    *parts;			/* the default partition is the last */
	Relation   *heaps;			/* open, or NULL */
	int			count;
	bool		takes_rows;		/* rows may be stored past the executor */
} LogTable;

/*
 * Opens the partitions that hold events from a time until before another.  The caller
 * holds such a lock on the log.  False: only SQL may read or write it, and none is open.
 */
extern bool log_table_open(LogTable *table, TimestampTz from, TimestampTz until, LOCKMODE lock);

/* Closes them; the locks stay until the end of the transaction. */
extern void log_table_close(LogTable *table);

#endif
