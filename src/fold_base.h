/*
 * fold_base.h
 *		What the folds start from where the old log is gone.
 *
 * The horizon is the time before which the log counts no more: its events are
 * dropped, one that comes later has no effect, and what ended before it is written
 * history.  bounce.log_horizon holds it; bounce.fold_base holds, address by address,
 * what the events before it left.
 */
#ifndef BOUNCE_FOLD_BASE_H
#define BOUNCE_FOLD_BASE_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "fold_log.h"

/* DT_NOBEGIN: the log is whole.  Within owner_spi_begin(), with a lock on the log. */
extern TimestampTz fold_horizon(void);

/* Gives each of the logs its base, where there is one; within owner_spi_begin(). */
extern void fold_base_read(Datum address_array, AddressLog *logs, int count);

/*
 * Moves the horizon: settles every address with events before it.  The caller holds
 * an ACCESS EXCLUSIVE lock on the log.
 */
extern void fold_horizon_move(TimestampTz horizon);

#endif
