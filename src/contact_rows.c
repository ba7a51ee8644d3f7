/*
 * contact_rows.c
 *		Contacts whose quarantine column does not say what it should.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "ask.h"
#include "compat.h"
#include "contact_rows.h"
#include "row_text.h"

static void rows_by_index(const ContactTable *table, Oid index, const ContactTruths *truths, ContactRows *rows);
static void rows_by_scan(const ContactTable *table, const ContactTruths *truths, TimestampTz at, ContactRows *rows);
static const char *slot_address(const ContactTable *table, TupleTableSlot *slot, char out[ADDRESS_TEXT_MAX]);
static TimestampTz slot_until(const ContactTable *table, TupleTableSlot *slot);
static int	find_truth(const ContactTruths *truths, const char *address);
static void add_row(ContactRows *rows, const char *address, TimestampTz until, TupleTableSlot *slot);

bool
contact_table_set(ContactTable *table, Relation relation, const Attachment *attachment)
{
	table->relation = relation;
	table->address = attachment_column(attachment, relation, "address", COLUMN_TEXT);
	table->until = attachment_column(attachment, relation, "until_column", COLUMN_TIME);
	return table->address != InvalidAttrNumber && table->until != InvalidAttrNumber;
}

void
contact_rows_of(const ContactTable *table, const ContactTruths *truths, ContactRows *rows)
{
	Oid			index = contact_index(table->relation, table->address);

	if (OidIsValid(index))
		rows_by_index(table, index, truths, rows);
	else
		rows_by_scan(table, truths, 0, rows);
}

void
contact_rows_all(const ContactTable *table, TimestampTz at, ContactRows *rows)
{
	rows_by_scan(table, NULL, at, rows);
}

static void
rows_by_index(const ContactTable *table, Oid index_oid, const ContactTruths *truths, ContactRows *rows)
{
	Relation	index = index_open(index_oid, AccessShareLock);
	TupleTableSlot *slot = table_slot_create(table->relation, NULL);
	IndexScanDesc scan = index_begin(table->relation, index, GetActiveSnapshot(), 1);

	for (int i = 0; i < truths->count; i++)
	{
		ContactRow	wanted = {.address = truths->addresses[i], .until = truths->until[i]};
		text	   *address = cstring_to_text(wanted.address);
		ScanKeyData key;

		CHECK_FOR_INTERRUPTS();
		ScanKeyEntryInitialize(&key, 0, 1, BTEqualStrategyNumber, TEXTOID, index->rd_indcollation[0],
							   F_TEXTEQ, PointerGetDatum(address));
		index_rescan(scan, &key, 1, NULL, 0);
		while (index_getnext_slot(scan, ForwardScanDirection, slot))
		{
			if (contact_row_wrong(table, &wanted, slot))
				add_row(rows, wanted.address, wanted.until, slot);
		}
		pfree(address);
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	index_close(index, AccessShareLock);
}

/* truths NULL: whatever is right for each address at this time. */
static void
rows_by_scan(const ContactTable *table, const ContactTruths *truths, TimestampTz at, ContactRows *rows)
{
	TupleTableSlot *slot = table_slot_create(table->relation, NULL);
	TableScanDesc scan = table_beginscan(table->relation, GetActiveSnapshot(), 0, NULL);
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "bounce contact", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = CurrentMemoryContext;

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		char		canonical[ADDRESS_TEXT_MAX];
		const char *address;
		TimestampTz until = DT_NOBEGIN;
		int			found = -1;

		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(row_context);
		MemoryContextSwitchTo(row_context);
		address = slot_address(table, slot, canonical);
		if (truths != NULL)
			found = address == NULL ? -1 : find_truth(truths, address);
		else if (address != NULL)
			until = ask_quarantined_until(address, at);
		MemoryContextSwitchTo(caller);

		if (truths != NULL && found < 0)
			continue;
		if (truths != NULL)
			until = truths->until[found];
		if (slot_until(table, slot) != until)
			add_row(rows, address == NULL ? NULL : pstrdup(address), until, slot);
	}
	MemoryContextDelete(row_context);
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
}

bool
contact_row_wrong(const ContactTable *table, const ContactRow *row, TupleTableSlot *slot)
{
	char		canonical[ADDRESS_TEXT_MAX];
	const char *address;

	if (slot_until(table, slot) == row->until)
		return false;
	address = slot_address(table, slot, canonical);
	if (address == NULL || row->address == NULL)
		return address == row->address;
	return strcmp(address, row->address) == 0;
}

/* Canonical, in out; NULL when there is none. */
static const char *
slot_address(const ContactTable *table, TupleTableSlot *slot, char out[ADDRESS_TEXT_MAX])
{
	bool		isnull;
	Datum		value = slot_getattr(slot, table->address, &isnull);

	return row_address(value, isnull, out) == ROW_ADDRESS ? out : NULL;
}

static TimestampTz
slot_until(const ContactTable *table, TupleTableSlot *slot)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, table->until, &isnull);

	return isnull ? DT_NOBEGIN : DatumGetTimestampTz(value);
}

/* Its place, or -1. */
static int
find_truth(const ContactTruths *truths, const char *address)
{
	int			low = 0;
	int			high = truths->count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;
		int			order = strcmp(address, truths->addresses[middle]);

		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

static void
add_row(ContactRows *rows, const char *address, TimestampTz until, TupleTableSlot *slot)
{
	ContactRow *row;

	if (rows->count == rows->room)
	{
		rows->room = rows->room == 0 ? 64 : rows->room * 2;
		rows->rows = rows->rows == NULL ? palloc(rows->room * sizeof(ContactRow)) :
			repalloc_huge(rows->rows, rows->room * sizeof(ContactRow));
	}
	row = &rows->rows[rows->count++];
	row->address = address;
	row->until = until;
	row->row = slot->tts_tid;
}
