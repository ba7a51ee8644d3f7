/*
 * heap_row.h
 *		The columns of a row that lies in a page of a heap, taken apart as far as asked.
 *
 * What a slot does, for those who look at a few columns of every row of a large table:
 * nothing is set up for each row.
 */
#ifndef BOUNCE_HEAP_ROW_H
#define BOUNCE_HEAP_ROW_H

#include "postgres.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "access/tupmacs.h"

/* Columns beyond these are nobody's. */
#define HEAP_ROW_COLUMNS 64

typedef struct HeapRowColumn
{
	int16		length;			/* -1: of a varlena, -2: of a C string */
	uint8		align;			/* bytes */
	bool		by_value;
} HeapRowColumn;

typedef struct HeapRow
{
	/* of all rows */
	TupleDesc	descriptor;
	HeapRowColumn column[HEAP_ROW_COLUMNS];
	/* of this one */
	HeapTupleHeader header;
	int			there;			/* columns; later ones were added to the table since */
	int			passed;			/* columns */
	uint32		end;			/* of those, from the first one on */
	uint32		start[HEAP_ROW_COLUMNS];
} HeapRow;

extern void heap_row_init(HeapRow *row, TupleDesc descriptor);

extern void heap_row_pass(HeapRow *row, int columns);

/* Goes to another row of the table: it must stay as it is in its page for as long. */
static inline void
heap_row_set(HeapRow *row, HeapTupleHeader header)
{
	row->header = header;
	row->there = HeapTupleHeaderGetNatts(header);
	row->passed = 0;
	row->end = 0;
}

/* By its number, up to HEAP_ROW_COLUMNS; points into the row. */
static inline Datum
heap_row_column(HeapRow *row, AttrNumber number, bool *isnull)
{
	const HeapRowColumn *column = &row->column[number - 1];

	if (unlikely(number > row->there))
		return getmissingattr(row->descriptor, number, isnull);
	*isnull = (row->header->t_infomask & HEAP_HASNULL) != 0 && att_isnull(number - 1, row->header->t_bits);
	if (*isnull)
		return (Datum) 0;
	if (number > row->passed)
		heap_row_pass(row, number);
	return fetch_att((char *) row->header + row->header->t_hoff + row->start[number - 1], column->by_value, column->length);
}

#endif
