/*
 * log_table.h
 *		How the log is read and written: in its partitions, or through SQL.
 *
 *		do
 *			if (!log_table(&table)) ... through SQL
 *		while ((heap = log_part_open(&table, part, lock)) == NULL);
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

/* Half open; the default partition has no bounds, and what no other one takes. */
typedef struct LogPart
{
	Oid			relation;
	Oid			failing;		/* its index of failing events: recipient, occurred_at */
	TimestampTz lower;
	TimestampTz upper;
} LogPart;

typedef struct LogTable
{
	LogPart    *parts;			/* the default partition is the last */
	int			count;
	bool		takes_rows;		/* rows may be stored past the executor */
	uint64		decision;		/* this was known by */
} LogTable;

/*
 * The caller holds a lock on the log, as owner.  False: only SQL may read or write it.
 * What it returns is in the current memory context.
 */
extern bool log_table(LogTable *table);

/* NULL: something has changed, ask log_table() again.  Opened parts stay as they are. */
extern Relation log_part_open(const LogTable *table, const LogPart *part, LOCKMODE lock);

#endif
