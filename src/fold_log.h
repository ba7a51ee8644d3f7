/*
 * fold_log.h
 *		What is stored about an address, and what its log says should be.
 */
#ifndef BOUNCE_FOLD_LOG_H
#define BOUNCE_FOLD_LOG_H

#include "postgres.h"

#include "access/htup.h"
#include "datatype/timestamp.h"

#include "fold.h"
#include "policy.h"

typedef enum Cause
{
	CAUSE_LEASE,
	CAUSE_COMPLAINT
} Cause;

/* A row of bounce.delivery_event that may matter. */
typedef struct LogEvent
{
	FoldEvent	event;
	char	   *event_key;
	char	   *message_id;		/* or NULL */
} LogEvent;

/* A suppression, current or ended. */
typedef struct StoredCycle
{
	Cause		cause;
	bool		released;		/* history: by hand, so it is never taken back */
	TimestampTz ended_at;		/* history */
	Lease		lease;			/* step and occurrences 0 for complaints */
	BounceClass klass;
	SmtpStatus	status;
	TimestampTz last_event_at;	/* current ones only */
} StoredCycle;

/*
 * What the events before the horizon of the log left: they are gone, or go.  The
 * fold of an address starts from here.  Texts are sorted by bytes.
 */
typedef struct FoldBase
{
	bool		has_lease;
	StoredCycle lease;			/* the latest, also if it is over */
	bool		has_complaint;
	StoredCycle complaint;
	int			counted;		/* events that count towards a threshold */
	int64	   *count_at;
	int			occurred_count;
	char	  **occurred;		/* messages that were an occurrence */
	int			reported_count;
	char	  **reported;		/* messages that only counted, or came too late to matter */
} FoldBase;

/* Everything stored about one address. */
typedef struct AddressLog
{
	const char *address;
	TimestampTz horizon;		/* what was before is settled; DT_NOBEGIN: the log is whole */
	const FoldBase *base;		/* or NULL: nothing to start from */
	LogEvent   *events;			/* in time order */
	int			event_count;
	StoredCycle *history;		/* by end */
	int			history_count;
	bool		has_lease;		/* false: only the row made for its lock */
	bool		lease_written;	/* this very fold has */
	StoredCycle lease;
	HeapTuple	lease_row;		/* as it was read, or NULL; its place holds within one snapshot's life */
	bool		has_complaint;
	StoredCycle complaint;
} AddressLog;

/* What the fold of the log says. */
typedef struct AddressState
{
	bool		has_lease;
	StoredCycle lease;
	bool		has_complaint;
	StoredCycle complaint;
	StoredCycle *history;		/* ended leases and complaints */
	int			history_count;
} AddressState;

/*
 * Reads the log of these addresses (sorted) from its horizon until just before this
 * time, and what is stored about them; within owner_spi_begin().
 */
extern AddressLog *fold_log_read(Datum address_array, char **addresses, int count, TimestampTz until);

extern void fold_log(const AddressLog *log, const Policy *policy, AddressState *state);

/* The lease that should be in force; NULL: none, or a sweep has moved it to history, where it stays. */
extern const StoredCycle *fold_lease_wanted(const AddressLog *log, const AddressState *state);

/* The cycle that ended at the same time by the same cause, or NULL. */
extern const StoredCycle *find_ended(const StoredCycle *cycles, int count, const StoredCycle *like);

/*
 * What this log, read until a time, leaves for the fold of what comes after it.
 * False: nothing.
 */
extern bool fold_log_base(const AddressLog *log, const Policy *policy, TimestampTz until, FoldBase *base);

/* Room for one more event in a log that is being read. */
extern LogEvent *fold_log_event(AddressLog *log);

/* The order in which events are folded, for qsort(): by time, then by key. */
extern int	log_event_compare(const void *a, const void *b);

/*
 * Of logs sorted by address, the one of this address (text).  Asked in the same
 * order, the search goes on from *position.
 */
extern AddressLog *log_of(AddressLog *logs, int count, int *position, Datum address);

#endif
