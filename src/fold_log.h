/*
 * fold_log.h
 *		What is stored about an address, and what its log says should be.
 */
#ifndef BOUNCE_FOLD_LOG_H
#define BOUNCE_FOLD_LOG_H

#include "postgres.h"

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

/* Everything stored about one address. */
typedef struct AddressLog
{
	const char *address;
	LogEvent   *events;			/* in time order */
	int			event_count;
	StoredCycle *history;		/* by end */
	int			history_count;
	bool		has_lease;		/* false: only the row made for its lock */
	StoredCycle lease;
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

/* Reads the log of these addresses (sorted), within owner_spi_begin(). */
extern AddressLog *fold_log_read(Datum address_array, char **addresses, int count);

extern void fold_log(const AddressLog *log, const Policy *policy, AddressState *state);

#endif
