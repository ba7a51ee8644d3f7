/*
 * row_writer.h
 *		Setting one column of single rows of a table of the application, with SQL,
 *		as its owner: its triggers, checks and generated columns do their work.
 */
#ifndef BOUNCE_ROW_WRITER_H
#define BOUNCE_ROW_WRITER_H

#include "postgres.h"

#include "access/attnum.h"
#include "executor/spi.h"
#include "storage/itemptr.h"
#include "utils/rel.h"

#include "owner_of_table.h"

typedef struct RowWriter
{
	TableOwnerScope owner;
	SPIPlanPtr	plan;
} RowWriter;

/* The table must have rows of its own: not a partitioned one. */
extern void row_writer_begin(RowWriter *writer, Relation table, AttrNumber column);

/* The row must be locked by this transaction; false when a trigger of the application said no. */
extern bool row_writer_set(RowWriter *writer, ItemPointer row, Datum value, bool isnull);
extern void row_writer_end(RowWriter *writer);

#endif
