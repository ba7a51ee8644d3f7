/*
 * heap_row.c
 *		The columns of a row that lies in a page of a heap, taken apart as far as asked.
 */
#include "postgres.h"

#include "compat.h"
#include "heap_row.h"

static uint8 alignment_of(char align);

void
heap_row_init(HeapRow *row, TupleDesc descriptor)
{
	row->descriptor = descriptor;
	for (int i = 0; i < Min(descriptor->natts, HEAP_ROW_COLUMNS); i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		row->column[i].length = attribute->attlen;
		row->column[i].align = alignment_of(attribute->attalign);
		row->column[i].by_value = attribute->attbyval;
	}
}

static uint8
alignment_of(char align)
{
	switch (align)
	{
		case TYPALIGN_SHORT:
			return ALIGNOF_SHORT;
		case TYPALIGN_INT:
			return ALIGNOF_INT;
		case TYPALIGN_DOUBLE:
			return ALIGNOF_DOUBLE;
		default:
			return 1;
	}
}

/* Finds where columns start, up to this one. */
void
heap_row_pass(HeapRow *row, int columns)
{
	const char *data = (char *) row->header + row->header->t_hoff;
	const bits8 *nulls = (row->header->t_infomask & HEAP_HASNULL) != 0 ? row->header->t_bits : NULL;
	uint32		at = row->end;

	for (int i = row->passed; i < columns; i++)
	{
		const HeapRowColumn *column = &row->column[i];

		if (nulls != NULL && att_isnull(i, nulls))
			continue;
		/* A varlena with a short header is not aligned. */
		if (column->length != -1 || !VARATT_NOT_PAD_BYTE(data + at))
			at = TYPEALIGN(column->align, at);
		row->start[i] = at;
		at = att_addlength_pointer(at, column->length, data + at);
	}
	row->end = at;
	row->passed = columns;
}
