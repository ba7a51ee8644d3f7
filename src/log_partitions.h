/*
 * log_partitions.h
 *		The partitions of the log: which there are, and making and dropping them.
 */
#ifndef BOUNCE_LOG_PARTITIONS_H
#define BOUNCE_LOG_PARTITIONS_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Half open; DT_NOBEGIN and DT_NOEND where it has no bound. */
typedef struct LogPartition
{
	Oid			relation;
	TimestampTz lower;
	TimestampTz upper;
} LogPartition;

typedef struct LogPartitions
{
	LogPartition *range;		/* in time order */
	int			count;
	Oid			rest;			/* the default partition, or InvalidOid */
} LogPartitions;

/* The caller holds a lock on the log that keeps partitions as they are. */
extern void log_partitions_read(LogPartitions *partitions);

/*
 * What follows runs within owner_spi_begin(), under an ACCESS EXCLUSIVE lock on the
 * log, and fires no trigger of the log: what an event did, it did when it came in.
 */

/*
 * Makes a partition and moves there what the default partition holds of its time.
 * It gets the owner of the log and belongs to the extension.  Returns its name, and
 * how many events were moved.
 */
extern char *log_partition_create(TimestampTz lower, TimestampTz upper, Oid rest, int64 *moved);

/* Returns its name. */
extern char *log_partition_drop(Oid partition);

/* Is there an event before this time, in this partition?  And: removes them, returns how many. */
extern bool log_partition_reaches(Oid partition, TimestampTz before);
extern int64 log_partition_trim(Oid partition, TimestampTz before);

/* Its name with its schema, quoted. */
extern char *log_partition_name(Oid partition);

#endif
