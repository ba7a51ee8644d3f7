/*
 * contact_walk.c
 *		Rows of a contact table by their canonical address.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "contact_walk.h"
#include "row_text.h"

static void walk_index(Relation relation, Oid index, char *const *addresses, int count,
					   AttrNumber address, ContactVisitor visit, void *context);
static void walk_table(Relation relation, char *const *addresses, int count,
					   AttrNumber address, ContactVisitor visit, void *context);
static int	find_address(char *const *addresses, int count, const char *address);

void
contact_walk(Relation relation, AttrNumber address, char *const *addresses, int count,
			 ContactVisitor visit, void *context)
{
	Oid			index = contact_index(relation, address);

	if (OidIsValid(index))
		walk_index(relation, index, addresses, count, address, visit, context);
	else
		walk_table(relation, addresses, count, address, visit, context);
}

static void
walk_index(Relation relation, Oid index_oid, char *const *addresses, int count,
		   AttrNumber address, ContactVisitor visit, void *context)
{
	Relation	index = index_open(index_oid, AccessShareLock);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	IndexScanDesc scan = index_begin(relation, index, GetActiveSnapshot(), 1);

	for (int i = 0; i < count; i++)
	{
		text	   *wanted = cstring_to_text(addresses[i]);
		ScanKeyData key;

		CHECK_FOR_INTERRUPTS();
		ScanKeyEntryInitialize(&key, 0, 1, BTEqualStrategyNumber, TEXTOID, index->rd_indcollation[0],
							   F_TEXTEQ, PointerGetDatum(wanted));
		index_rescan(scan, &key, 1, NULL, 0);
		while (index_getnext_slot(scan, ForwardScanDirection, slot))
		{
			char		canonical[ADDRESS_TEXT_MAX];
			const char *found = contact_address(address, slot, canonical);

			if (found != NULL && strcmp(found, addresses[i]) == 0)
				visit(slot, i, context);
		}
		pfree(wanted);
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	index_close(index, AccessShareLock);
}

static void
walk_table(Relation relation, char *const *addresses, int count,
		   AttrNumber address, ContactVisitor visit, void *context)
{
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = table_beginscan(relation, GetActiveSnapshot(), 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		char		canonical[ADDRESS_TEXT_MAX];
		const char *found;
		int			number;

		CHECK_FOR_INTERRUPTS();
		found = contact_address(address, slot, canonical);
		number = found == NULL ? -1 : find_address(addresses, count, found);
		if (number >= 0)
			visit(slot, number, context);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
}

void
contact_walk_addresses(Relation relation, AttrNumber address, AddressVisitor visit, void *context)
{
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = table_beginscan(relation, GetActiveSnapshot(), 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		char		canonical[ADDRESS_TEXT_MAX];

		CHECK_FOR_INTERRUPTS();
		if (contact_address(address, slot, canonical) != NULL)
			visit(canonical, context);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
}

/* Its place, or -1. */
static int
find_address(char *const *addresses, int count, const char *address)
{
	int			low = 0;
	int			high = count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;
		int			order = strcmp(address, addresses[middle]);

		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

const char *
contact_address(AttrNumber address, TupleTableSlot *slot, char out[ADDRESS_TEXT_MAX])
{
	bool		isnull;
	Datum		value = slot_getattr(slot, address, &isnull);

	return row_address(value, isnull, out) == ROW_ADDRESS ? out : NULL;
}

bool
contact_row_lock(Relation relation, const ItemPointerData *row, TupleTableSlot *slot)
{
	ItemPointerData tid = *row;
	TM_FailureData failure;
	uint8		flags = IsolationUsesXactSnapshot() ? 0 : TUPLE_LOCK_FLAG_FIND_LAST_VERSION;
	TM_Result	result = table_tuple_lock(relation, &tid, GetActiveSnapshot(), slot,
										  GetCurrentCommandId(true), LockTupleNoKeyExclusive,
										  LockWaitBlock, flags, &failure);

	if (result == TM_Ok)
		return true;
	if ((result == TM_Updated || result == TM_Deleted) && IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access due to concurrent update")));
	/* Deleted, or changed by a statement of ours that runs still: its own trigger sees to it. */
	return false;
}
