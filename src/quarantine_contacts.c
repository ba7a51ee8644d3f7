/*
 * quarantine_contacts.c
 *		bounce.quarantine_contacts(): a column of the contact table follows the
 *		suppression of its address.
 *
 * The row trigger always writes the truth, so the application can neither clear
 * nor fake it, and a new or changed address is checked at once.  What changes the
 * suppression later updates the rows itself (quarantine.h).
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "attach.h"
#include "attachment.h"
#include "contact_rows.h"
#include "contact_walk.h"
#include "owner.h"
#include "quarantine.h"
#include "row_text.h"

PG_FUNCTION_INFO_V1(bounce_quarantine_contacts);
PG_FUNCTION_INFO_V1(bounce_quarantine_contacts_row);
PG_FUNCTION_INFO_V1(bounce_refresh_quarantine);

/* What a trigger knows of its table, for one statement: kept in fn_extra. */
typedef struct Contacts
{
	bool		in_force;		/* the columns are still there */
	ContactTable table;
} Contacts;

static void check_until(Attaching *attaching, AttrNumber until);
static const Contacts *contacts_of(FunctionCallInfo fcinfo, const TriggerData *trigger);
static bool column_changed(const TriggerData *trigger, AttrNumber column);
static HeapTuple write_truth(const TriggerData *trigger, const ContactTable *table, HeapTuple row);

/* quarantine_contacts("table" regclass, address name, until_column name, create_index boolean, always boolean) */
Datum
bounce_quarantine_contacts(PG_FUNCTION_ARGS)
{
	const char *address = attach_name_argument(fcinfo, 1);
	const char *until = attach_name_argument(fcinfo, 2);
	Attaching  *attaching;
	AttrNumber	address_number;
	AttrNumber	until_number;

	PreventCommandIfReadOnly("bounce.quarantine_contacts()");
	if (address == NULL || until == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", address == NULL ? "address" : "until_column")));
	attaching = attach_begin(attach_table_argument(fcinfo, 0), "quarantine_contacts", "quarantine_contacts_row",
							 attach_flag_argument(fcinfo, 4, false));
	address_number = attach_column(attaching, "address", address, COLUMN_TEXT);
	attach_check_before(attaching, address_number, false);
	until_number = attach_column(attaching, "until_column", until, COLUMN_TIME);
	attach_check_before(attaching, until_number, true);
	check_until(attaching, until_number);
	contact_index_provide(attaching, address_number, attach_flag_argument(fcinfo, 3, true));

	attach_chief(attaching, "zz_bounce_quarantine", "BEFORE INSERT OR UPDATE", "FOR EACH ROW");
	/* Without a list of columns: it sees what other triggers set, too. */
	attach_trigger(attaching, "zz_bounce_quarantine_update", "BEFORE UPDATE", "FOR EACH ROW",
				   "quarantine_contacts_row");
	/*
	 * Whoever is changing a suppression does not know of this table yet, and is waited
	 * for; whoever comes later waits for us, and then does.
	 */
	LockRelationOid(bounce_relation_oid("suppression"), ShareLock);
	(void) quarantine_align(attaching->relation);
	attach_end(attaching);
	PG_RETURN_VOID();
}

static void
check_until(Attaching *attaching, AttrNumber until)
{
	Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(attaching->relation), until - 1);

	if (attribute->attnotnull)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("column \"%s\" of relation \"%s\" does not allow nulls", NameStr(attribute->attname),
						RelationGetRelationName(attaching->relation)),
				 errdetail("It is null where the address is not in quarantine."),
				 errhint("ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL", attaching->table,
						 quote_identifier(NameStr(attribute->attname)))));
}

/* quarantine_contacts_row(): trigger BEFORE INSERT OR UPDATE, FOR EACH ROW */
Datum
bounce_quarantine_contacts_row(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_called(fcinfo, TRIGGER_USE_BEFORE_ROW,
										  "bounce.quarantine_contacts_row", "bounce.quarantine_contacts()");
	bool		insert = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	HeapTuple	row = insert ? trigger->tg_trigtuple : trigger->tg_newtuple;
	const Contacts *contacts;

	/* The chief lists columns; UPDATE has a trigger without a list, which sees every one. */
	if (!insert && trigger->tg_trigger->tgnattr > 0)
		return PointerGetDatum(row);
	contacts = contacts_of(fcinfo, trigger);
	if (contacts->in_force &&
		(insert || column_changed(trigger, contacts->table.address) || column_changed(trigger, contacts->table.until)))
		row = write_truth(trigger, &contacts->table, row);
	return PointerGetDatum(row);
}

static const Contacts *
contacts_of(FunctionCallInfo fcinfo, const TriggerData *trigger)
{
	Contacts   *contacts = fcinfo->flinfo->fn_extra;
	Attachment *attachment;

	if (contacts != NULL)
		return contacts;
	contacts = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Contacts));
	attachment = attachment_read(trigger->tg_relation, fcinfo->flinfo->fn_oid);
	contacts->in_force = attachment != NULL &&
		contact_table_set(&contacts->table, trigger->tg_relation, attachment);
	fcinfo->flinfo->fn_extra = contacts;
	return contacts;
}

static bool
column_changed(const TriggerData *trigger, AttrNumber column)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	Form_pg_attribute attribute = TupleDescAttr(desc, column - 1);
	bool		old_null;
	bool		new_null;
	Datum		old_value = heap_getattr(trigger->tg_trigtuple, column, desc, &old_null);
	Datum		new_value = heap_getattr(trigger->tg_newtuple, column, desc, &new_null);

	if (old_null || new_null)
		return old_null != new_null;
	return !datum_image_eq(old_value, new_value, attribute->attbyval, attribute->attlen);
}

static HeapTuple
write_truth(const TriggerData *trigger, const ContactTable *table, HeapTuple row)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	TimestampTz until = DT_NOBEGIN;
	char		address[ADDRESS_TEXT_MAX];
	bool		isnull;
	Datum		value = heap_getattr(row, table->address, desc, &isnull);
	int			column = table->until;

	if (row_address(value, isnull, address) == ROW_ADDRESS)
		until = quarantine_truth(address);
	value = heap_getattr(row, column, desc, &isnull);
	if (until == DT_NOBEGIN ? isnull : !isnull && DatumGetTimestampTz(value) == until)
		return row;
	value = TimestampTzGetDatum(until);
	isnull = until == DT_NOBEGIN;
	return heap_modify_tuple_by_cols(row, desc, 1, &column, &value, &isnull);
}

/* refresh_quarantine("table" regclass) -> rows changed; without a table, in all of them */
Datum
bounce_refresh_quarantine(PG_FUNCTION_ARGS)
{
	Relation	relation;
	int64		changed;

	PreventCommandIfReadOnly("bounce.refresh_quarantine()");
	if (PG_ARGISNULL(0))
		PG_RETURN_INT64(quarantine_align_all());
	relation = attach_reopen(PG_GETARG_OID(0), "quarantine_contacts", "quarantine_contacts_row", RowExclusiveLock);
	changed = quarantine_align(relation);
	table_close(relation, NoLock);
	PG_RETURN_INT64(changed);
}
