/*
 * state_scan.h
 *		Rows of a table of state by key, by index or through SQL (state_table.h knows
 *		which), under the active snapshot.
 *
 *		state_scan_begin(&scan, STATE_TOPIC);
 *		state_scan_find(&scan, &key, NULL);
 *		while (state_scan_next(&scan))
 *			... state_scan_column(&scan, TOPIC_KIND, &isnull) ...
 *		state_scan_end(&scan);
 *
 * One scan may find several keys in turn.  Scans nest like SPI connections: the
 * inner one ends first.  After an error nothing needs to be ended.
 */
#ifndef BOUNCE_STATE_SCAN_H
#define BOUNCE_STATE_SCAN_H

#include "postgres.h"

#include "access/genam.h"
#include "executor/spi.h"
#include "executor/tuptable.h"

#include "compat.h"
#include "heap_row.h"
#include "owner.h"
#include "state_table.h"

typedef struct StateScan
{
	StateTable	table;
	bool		empty;			/* certainly without rows */
	bool		by_index;
	bool		past;			/* with what ended; always through SQL */
	/* by index; heap, index, scan and slot are NULL until they are needed */
	PlainTable	plain;
	Relation	index;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	HeapRow    *row;			/* in place of the slot, of a walk */
	/* through SQL */
	OwnerScope	owner;
	SPITupleTable *rows;
	uint64		row_count;
	uint64		next_row;
} StateScan;

extern void state_scan_begin(StateScan *scan, StateTable table);

/*
 * The same rows and those that are history, in the same columns: ended suppressions.
 * Other tables have no history here: only what is there now.
 */
extern void state_scan_begin_past(StateScan *scan, StateTable table);

/*
 * Starts over with the rows of these text keys; the second is for tables whose
 * key has two columns.  Keys must not be toasted.
 */
extern void state_scan_find(StateScan *scan, const text *key, const text *second_key);

/* Goes to the next row; false: there is none. */
extern bool state_scan_next(StateScan *scan);

extern Datum state_scan_column_fetch(StateScan *scan, int column, bool *isnull);

/* A column of the row, by its place in state_table_shape; points into the row. */
static inline Datum
state_scan_column(StateScan *scan, int column, bool *isnull)
{
	if (scan->row != NULL)
		return heap_row_column(scan->row, scan->plain.column[column], isnull);
	return state_scan_column_fetch(scan, column, isnull);
}

extern void state_scan_end(StateScan *scan);

/* Of a column of text that is not NULL. */
static inline bool
text_is(const text *value, const char *string)
{
	size_t		length = strlen(string);

	return VARSIZE_ANY_EXHDR(value) == length && memcmp(VARDATA_ANY(value), string, length) == 0;
}

#endif
