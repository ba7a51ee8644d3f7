/*
 * opt_in_refresh.c
 *		bounce.refresh_preferences(): all opt-in columns say what stands.
 *
 * Locks as attaching does: the table against writers, then bounce.consent_log
 * against those who are changing preferences.
 */
#include "postgres.h"

#include "access/table.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "address_list.h"
#include "attach.h"
#include "attached_tables.h"
#include "contact_walk.h"
#include "contact_write.h"
#include "opt_in_follow.h"
#include "opt_in_table.h"
#include "owner.h"

PG_FUNCTION_INFO_V1(bounce_refresh_preferences);

/* Addresses whose rows are looked up and updated together */
#define FOLLOWED_TOGETHER 20000

typedef struct AddressList
{
	char	  **addresses;
	int			count;
	int			room;
} AddressList;

static void
note_address(const char *address, void *context)
{
	AddressList *list = context;

	if (list->count == list->room)
	{
		list->room = list->room == 0 ? 64 : list->room * 2;
		list->addresses = list->addresses == NULL ? palloc(sizeof(char *) * list->room) :
			repalloc_huge(list->addresses, sizeof(char *) * list->room);
	}
	list->addresses[list->count++] = pstrdup(address);
}

static void
note_part(Relation part, const Attachment *attachment, void *list)
{
	OptInTable	table;

	if (!opt_in_table_read(&table, part, attachment))
		return;
	contact_write_retract(part, "track_preferences");
	contact_walk_addresses(part, table.address, note_address, list);
}

static void
note_table(Relation relation, AddressList *list)
{
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	attached_parts_each(ATTACHED_PREFERENCES, relation, RowExclusiveLock, note_part, list);
	PopActiveSnapshot();
}

static int64
refresh(Oid table)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "bounce refresh", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Relation	relation = attach_reopen(table, "track_preferences", "track_preferences_rows", ShareRowExclusiveLock);
	AddressList list = {0};
	int64		changed = 0;

	LockRelationOid(bounce_relation_oid("consent_log"), ShareRowExclusiveLock);
	note_table(relation, &list);
	list.count = address_list_distinct(list.addresses, list.count);
	for (int done = 0; done < list.count; done += FOLLOWED_TOGETHER)
		changed += opt_in_follow_table(relation, list.addresses + done, Min(list.count - done, FOLLOWED_TOGETHER));
	table_close(relation, NoLock);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return changed;
}

/* refresh_preferences("table" regclass) -> rows changed; without a table, in all of them */
Datum
bounce_refresh_preferences(PG_FUNCTION_ARGS)
{
	int64		changed = 0;
	ListCell   *cell;

	PreventCommandIfReadOnly("bounce.refresh_preferences()");
	if (!PG_ARGISNULL(0))
		PG_RETURN_INT64(refresh(PG_GETARG_OID(0)));
	foreach(cell, attached_tables(ATTACHED_PREFERENCES))
		changed += refresh(lfirst_oid(cell));
	PG_RETURN_INT64(changed);
}
