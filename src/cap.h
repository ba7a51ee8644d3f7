/*
 * cap.h
 *		Frequency caps: at most so many messages of a topic to a person in each interval.
 */
#ifndef BOUNCE_CAP_H
#define BOUNCE_CAP_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Of one topic; times in microseconds. */
typedef struct Cap
{
	int			max_messages;	/* 0: no cap */
	Interval	per;
} Cap;

/* What bounce.topic says under the active snapshot.  One index probe. */
extern void cap_of_topic(const char *topic, Cap *cap);

/*
 * Takes a slot for a message that goes out at this time, for as long as the
 * transaction stands; false when there is none.  The address is canonical.  Waits
 * for a transaction that is taking a slot of the same address and topic, and holds
 * that row until the transaction ends; who takes slots of several people in one
 * transaction takes them in address order, or may be chosen as the victim of a
 * deadlock (40P01).  Under REPEATABLE READ and above a slot that another
 * transaction took meanwhile raises 40001.
 */
extern bool cap_take(const char *address, const char *topic, const Cap *cap, TimestampTz at);

/* The message did not go out after all: gives the slot taken last back. */
extern void cap_give_back(const char *address, const char *topic);

/*
 * When the next slot is free under the cap of the topic, which is told; DT_NOBEGIN when
 * one is free now, or there is no cap.
 */
extern TimestampTz cap_until(const char *address, const char *topic, TimestampTz at, Cap *cap);

/*
 * Removes what is out of every window at this time; of a large table a part, another
 * one each time.  Leaves alone what somebody else has locked.
 */
extern void cap_sweep(TimestampTz at);

#endif
