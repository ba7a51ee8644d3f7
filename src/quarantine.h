/*
 * quarantine.h
 *		The mark that a suppression leaves on the application's own contact rows.
 */
#ifndef BOUNCE_QUARANTINE_H
#define BOUNCE_QUARANTINE_H

#include "postgres.h"

#include "datatype/timestamp.h"

/*
 * Brings the until column of every attached contact table in line for these
 * canonical addresses (sorted, distinct), as each table's owner.  Called after
 * state was written, outside owner_spi_begin().  Costs nothing when no table is
 * attached.
 */
extern void quarantine_refresh(char **addresses, int count, TimestampTz at);

#endif
