/*
 * contact_rows.c
 *		Contacts whose quarantine column does not say what it should.
 */
#include "postgres.h"

#include "access/tableam.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "ask.h"
#include "contact_rows.h"
#include "contact_walk.h"

/* What contact_rows_of() compares, and where the rows go. */
typedef struct Comparison
{
	const ContactTable *table;
	const ContactTruths *truths;
	ContactRows *rows;
} Comparison;

static void add_wrong(TupleTableSlot *slot, int number, void *context);
static TimestampTz slot_until(const ContactTable *table, TupleTableSlot *slot);
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
	Comparison	comparison = {table, truths, rows};

	contact_walk(table->relation, table->address, truths->addresses, truths->count, add_wrong, &comparison);
}

static void
add_wrong(TupleTableSlot *slot, int number, void *context)
{
	const Comparison *comparison = context;
	ContactRow	wanted = {.address = comparison->truths->addresses[number], .until = comparison->truths->until[number]};

	if (slot_until(comparison->table, slot) != wanted.until)
		add_row(comparison->rows, wanted.address, wanted.until, slot);
}

void
contact_rows_all(const ContactTable *table, TimestampTz at, ContactRows *rows)
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

		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(row_context);
		MemoryContextSwitchTo(row_context);
		address = contact_address(table->address, slot, canonical);
		if (address != NULL)
			until = ask_quarantined_until(address, at);
		MemoryContextSwitchTo(caller);
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
	address = contact_address(table->address, slot, canonical);
	if (address == NULL || row->address == NULL)
		return address == row->address;
	return strcmp(address, row->address) == 0;
}

static TimestampTz
slot_until(const ContactTable *table, TupleTableSlot *slot)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, table->until, &isnull);

	return isnull ? DT_NOBEGIN : DatumGetTimestampTz(value);
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
