/*
 * state_walk.c
 *		Every row of a table of state, by a scan of its heap or through SQL.
 */
#include "postgres.h"

#include "access/tableam.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "state_walk.h"

/* Rows that a cursor fetches at once. */
#define FETCH_ROWS 1000

static Portal open_cursor(StateTable table);
static bool fetch_rows(StateWalk *walk);

void
state_walk_begin(StateWalk *walk, StateTable table)
{
	memset(walk, 0, sizeof(*walk));
	walk->row.table = table;
	walk->row.by_index = state_table_open(table, &walk->row.plain);
	if (walk->row.by_index)
	{
		walk->row.slot = table_slot_create(walk->row.plain.heap, NULL);
		walk->scan = table_beginscan(walk->row.plain.heap, GetActiveSnapshot(), 0, NULL);
	}
	else
	{
		MemoryContext caller = CurrentMemoryContext;

		owner_spi_begin(&walk->row.owner);
		walk->cursor = open_cursor(table);
		MemoryContextSwitchTo(caller);
	}
}

StateScan *
state_walk_next(StateWalk *walk)
{
	CHECK_FOR_INTERRUPTS();
	if (walk->scan != NULL)
		return table_scan_getnextslot(walk->scan, ForwardScanDirection, walk->row.slot) ? &walk->row : NULL;
	if (walk->row.next_row == walk->row.row_count && !fetch_rows(walk))
		return NULL;
	walk->row.next_row++;
	return &walk->row;
}

void
state_walk_end(StateWalk *walk)
{
	if (walk->scan != NULL)
	{
		ExecDropSingleTupleTableSlot(walk->row.slot);
		table_endscan(walk->scan);
		state_table_close(&walk->row.plain);
	}
	else
	{
		SPI_cursor_close(walk->cursor);
		owner_spi_end(&walk->row.owner);
	}
}

/* The columns are those of state_table_shape, in that order. */
static Portal
open_cursor(StateTable table)
{
	const StateTableShape *shape = &state_table_shape[table];
	StringInfoData sql;

	initStringInfo(&sql);
	for (int i = 0; i < shape->column_count; i++)
		appendStringInfo(&sql, "%s t.%s", i == 0 ? "SELECT" : ",", shape->column[i].name);
	appendStringInfo(&sql, " FROM bounce.%s t", shape->name);
	return SPI_cursor_open_with_args(NULL, sql.data, 0, NULL, NULL, NULL, true, CURSOR_OPT_NO_SCROLL);
}

static bool
fetch_rows(StateWalk *walk)
{
	MemoryContext caller = CurrentMemoryContext;

	if (walk->row.rows != NULL)
		SPI_freetuptable(walk->row.rows);
	SPI_cursor_fetch(walk->cursor, true, FETCH_ROWS);
	MemoryContextSwitchTo(caller);
	walk->row.rows = SPI_tuptable;
	walk->row.row_count = SPI_processed;
	walk->row.next_row = 0;
	return walk->row.row_count > 0;
}

double
state_walk_rows(StateTable table, double *pages)
{
	PlainTable	plain;
	double		rows = 0;

	*pages = 0;
	if (state_table_open(table, &plain))
	{
		BlockNumber blocks;
		double		all_visible;

		table_relation_estimate_size(plain.heap, NULL, &blocks, &rows, &all_visible);
		*pages = blocks;
		state_table_close(&plain);
	}
	return rows;
}
