/*
 * reclassify_run.h
 *		How far bounce.reclassify() has come: its row in bounce.reclassify_progress.
 */
#ifndef BOUNCE_RECLASSIFY_RUN_H
#define BOUNCE_RECLASSIFY_RUN_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* The key of the log: everything up to it is done. */
typedef struct LogPosition
{
	char	   *recipient;
	TimestampTz occurred_at;
	char	   *event_key;
} LogPosition;

typedef struct ReclassifyRun
{
	TimestampTz since;
	TimestampTz until;
	int64		events;			/* to read, as counted when it began */
	int64		events_read;
	int64		events_changed;
	uint64		rules;			/* site_rules_fingerprint() of what was applied */
	LogPosition position;
	/* of this call, for the time left */
	TimestampTz called_at;
	int64		read_before;	/* events_read when it began */
} ReclassifyRun;

/*
 * Goes on with the unfinished run of this range, or makes a new one; true when it
 * goes on.  open_end: until is "now", and an unfinished run that began at the same
 * time will do.  Positions are allocated in the given context.
 */
extern bool reclassify_run_open(ReclassifyRun *run, bool open_end, MemoryContext context);

/* From the beginning again, for other rules. */
extern void reclassify_run_restart(ReclassifyRun *run, uint64 rules, MemoryContext context);

/* Writes it; finished: nothing is left.  Within the transaction that did the work. */
extern void reclassify_run_save(const ReclassifyRun *run, bool finished);

/* Microseconds until it will be finished, -1 when nobody knows. */
extern int64 reclassify_time_left(const ReclassifyRun *run);
extern double reclassify_percent(const ReclassifyRun *run);

#endif
