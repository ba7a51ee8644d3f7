/*
 * quarantine.h
 *		The mark that a suppression leaves on the application's own contact rows.
 */
#ifndef BOUNCE_QUARANTINE_H
#define BOUNCE_QUARANTINE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/rel.h"

/*
 * Brings the until column of every attached contact table in line for these
 * canonical addresses (sorted; twice does no harm), as each table's owner.  Called
 * after state was written, outside owner_spi_begin().  Costs nothing when no table
 * is attached.
 */
extern void quarantine_refresh(char **addresses, int count, TimestampTz at);

/* The same for all rows of one attached table, or of every one; returns how many changed. */
extern int64 quarantine_align(Relation table);
extern int64 quarantine_align_all(void);

/*
 * What the column should say for a canonical address: the end of the suppression, DT_NOBEGIN
 * for NULL.  Sees what was committed a moment ago.
 */
extern TimestampTz quarantine_truth(const char *address);

#endif
