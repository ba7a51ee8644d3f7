/*
 * guard_frame.h
 *		Suppressed rows of the statement that is running, logged together at its end.
 */
#ifndef BOUNCE_GUARD_FRAME_H
#define BOUNCE_GUARD_FRAME_H

#include "postgres.h"

#include "utils/rel.h"

#include "guard_ask.h"

typedef struct GuardFrame GuardFrame;

/*
 * The frame of the statement that writes this table or partition, NULL when there
 * is none: the statement named a partition, or rows come from replication.
 */
extern GuardFrame *guard_frame_find(Relation relation, bool insert);

/* Notes an attempt for the end of the statement; without a frame it is logged at once. */
extern void guard_frame_add(GuardFrame *frame, const Mail *mail);

#endif
