/*
 * topic.h
 *		What bounce.topic says about a topic.
 */
#ifndef BOUNCE_TOPIC_H
#define BOUNCE_TOPIC_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "state_scan.h"

typedef enum TopicOptIn
{
	OPT_IN_NONE,				/* flows until a no */
	OPT_IN_SINGLE,				/* after a yes */
	OPT_IN_DOUBLE				/* after a confirmed yes */
} TopicOptIn;

typedef struct Topic
{
	bool		marketing;
	TopicOptIn	opt_in;
	TimestampTz retired_at;		/* DT_NOEND: in use */
} Topic;

/* Reads its row under the active snapshot; false: it has none, and is marketing that flows until a no. */
extern bool topic_read(const text *name, Topic *topic);

/* The same; LH005 when it has none. */
extern void topic_required(const char *name, Topic *topic);

/* From a row of STATE_TOPIC */
extern void topic_of_row(StateScan *row, Topic *topic);

#endif
