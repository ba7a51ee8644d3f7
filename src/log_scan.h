/*
 * log_scan.h
 *		Events of many addresses, read from the log's partitions by their index.
 */
#ifndef BOUNCE_LOG_SCAN_H
#define BOUNCE_LOG_SCAN_H

#include "postgres.h"

#include "fold_log.h"

/*
 * The failing events of these addresses (sorted) from a time until just before
 * another, in the order of time and key.  Sees all that is committed.  The caller holds
 * a lock on the log.  False: only SQL may read it, and nothing was done.
 */
extern bool log_scan_events(AddressLog *logs, int count, TimestampTz from, TimestampTz until);

#endif
