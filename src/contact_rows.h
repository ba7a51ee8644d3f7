/*
 * contact_rows.h
 *		Contacts whose quarantine column does not say what it should.
 *
 * Rows are read here without SQL: the table's owner needs no privilege on schema
 * bounce, and no code that somebody put on the table can run with other rights
 * than its owner's.  Seen under the active snapshot.
 */
#ifndef BOUNCE_CONTACT_ROWS_H
#define BOUNCE_CONTACT_ROWS_H

#include "postgres.h"

#include "access/attnum.h"
#include "datatype/timestamp.h"
#include "executor/tuptable.h"
#include "storage/itemptr.h"
#include "utils/rel.h"

#include "attachment.h"

/* A contact table, or for reading rows one that has them: not a partitioned one. */
typedef struct ContactTable
{
	Relation	relation;
	AttrNumber	address;
	AttrNumber	until;
} ContactTable;

/* False when the columns are not both there. */
extern bool contact_table_set(ContactTable *table, Relation relation, const Attachment *attachment);

/* Addresses, canonical, and what the column should say: DT_NOBEGIN for NULL. */
typedef struct ContactTruths
{
	char	  **addresses;		/* sorted */
	TimestampTz *until;
	int			count;
} ContactTruths;

typedef struct ContactRow
{
	const char *address;		/* canonical; NULL: none, or text that is no address */
	TimestampTz until;			/* what the column should say */
	ItemPointerData row;
} ContactRow;

typedef struct ContactRows
{
	ContactRow *rows;
	int			count;
	int			room;
} ContactRows;

/* Adds the rows of these addresses, through the index on canonical addresses if there is one. */
extern void contact_rows_of(const ContactTable *table, const ContactTruths *truths, ContactRows *rows);

/* Adds the rows of all addresses. */
extern void contact_rows_all(const ContactTable *table, TimestampTz at, ContactRows *rows);

/* Is this still the row's address, and must its column change? */
extern bool contact_row_wrong(const ContactTable *table, const ContactRow *row, TupleTableSlot *slot);

#endif
