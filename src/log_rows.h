/*
 * log_rows.h
 *		Storing events in the log's partitions, many at once.
 *
 *		LogRows *rows = log_rows_begin(first, last);		NULL: only SQL may store them
 *		log_rows_add(rows, values, nulls);
 *		log_rows_store(rows);			from here on they are seen
 *		log_rows_end(rows);
 *
 * No trigger is fired: who stores events gives every column, in canonical spelling, with
 * a key that nobody else has, and lets them take effect (event_moved.h).
 */
#ifndef BOUNCE_LOG_ROWS_H
#define BOUNCE_LOG_ROWS_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct LogRows LogRows;

/*
 * For events between these times, both included, in one partition; as the owner.  Locks
 * the log and the partition as an INSERT does.  After an error nothing needs to be ended.
 */
extern LogRows *log_rows_begin(TimestampTz first, TimestampTz last);

/* The columns are those of event_row.h; what they point to is copied. */
extern void log_rows_add(LogRows *rows, const Datum *values, const bool *nulls);

/* What was added so far is stored, and seen from here on. */
extern void log_rows_store(LogRows *rows);

/* After log_rows_store() */
extern void log_rows_end(LogRows *rows);

#endif
