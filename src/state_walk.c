/*
 * state_walk.c
 *		Every row of a table of state, by a scan of its heap or through SQL.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/tableam.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "state_walk.h"

/* Rows that a cursor fetches at once. */
#define FETCH_ROWS 1000

static bool by_pages(const StateWalk *walk);
static bool next_of_page(StateWalk *walk);
static bool next_page(StateWalk *walk);
static Portal open_cursor(StateTable table);
static bool fetch_rows(StateWalk *walk);

void
state_walk_begin(StateWalk *walk, StateTable table)
{
	memset(&walk->row, 0, sizeof(walk->row));
	walk->scan = NULL;
	walk->cursor = NULL;
	walk->row.table = table;
	walk->row.by_index = state_table_open(table, &walk->row.plain);
	if (walk->row.by_index)
	{
		walk->row.slot = table_slot_create(walk->row.plain.heap, NULL);
		walk->scan = table_beginscan(walk->row.plain.heap, GetActiveSnapshot(), 0, NULL);
		if (by_pages(walk))
		{
			heap_row_init(&walk->heap_row, RelationGetDescr(walk->row.plain.heap));
			walk->row.row = &walk->heap_row;
			walk->page_row = walk->page_rows = 0;
		}
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
	if (walk->row.row != NULL)
		return next_of_page(walk) || next_page(walk) ? &walk->row : NULL;
	CHECK_FOR_INTERRUPTS();
	if (walk->scan != NULL)
		return table_scan_getnextslot(walk->scan, ForwardScanDirection, walk->row.slot) ? &walk->row : NULL;
	if (walk->row.next_row == walk->row.row_count && !fetch_rows(walk))
		return NULL;
	walk->row.next_row++;
	return &walk->row;
}

/*
 * Of each page the scan finds out at once which rows are seen.  Only the first one is
 * asked of the scan; the others are taken from there, without what it does for each.
 */
static bool
by_pages(const StateWalk *walk)
{
	const PlainTable *plain = &walk->row.plain;

	for (int i = 0; i < state_table_shape[walk->row.table].column_count; i++)
		if (plain->column[i] > HEAP_ROW_COLUMNS)
			return false;
	return (walk->scan->rs_flags & SO_ALLOW_PAGEMODE) != 0;
}

static bool
next_of_page(StateWalk *walk)
{
	HeapScanDesc heap = (HeapScanDesc) walk->scan;
	Page		page;

	if (walk->page_row == walk->page_rows)
		return false;
	page = BufferGetPage(heap->rs_cbuf);
	heap_row_set(&walk->heap_row, (HeapTupleHeader) PageGetItem(page, PageGetItemId(page, heap->rs_vistuples[walk->page_row])));
	walk->page_row++;
	pgstat_count_heap_getnext(walk->row.plain.heap);
	return true;
}

static bool
next_page(StateWalk *walk)
{
	HeapScanDesc heap = (HeapScanDesc) walk->scan;

	CHECK_FOR_INTERRUPTS();
	/* The scan goes on behind the row that it gave last. */
	if (walk->page_rows > 0)
		heap->rs_cindex = walk->page_rows - 1;
	walk->page_row = walk->page_rows = 0;
	if (!table_scan_getnextslot(walk->scan, ForwardScanDirection, walk->row.slot))
		return false;
	heap_row_set(&walk->heap_row, ((BufferHeapTupleTableSlot *) walk->row.slot)->base.tuple->t_data);
	walk->page_rows = heap->rs_ntuples;
	walk->page_row = 1;
	return true;
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
