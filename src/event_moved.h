/*
 * event_moved.h
 *		What the events of a statement may move: addresses to fold again, and wishes to
 *		unsubscribe.
 *
 *		Moved *moved = moved_begin();
 *		moved_note(moved, values, nulls, true);		for each row
 *		moved_apply(moved);
 *
 * Accepted mails and faults of the sender cost one look at their class.  The others
 * are sorted, on disk when there are many, so memory is bounded.  For an INSERT the
 * rows are noted as they come (event_fill.c), between moved_open() and moved_take().
 */
#ifndef BOUNCE_EVENT_MOVED_H
#define BOUNCE_EVENT_MOVED_H

#include "postgres.h"

typedef struct Moved Moved;

/* In a child of the current memory context. */
extern Moved *moved_begin(void);

/* What becomes of a row. */
typedef enum EventFate
{
	EVENT_INSERTED,
	EVENT_CHANGED,				/* this is what it becomes */
	EVENT_GONE					/* this is what it was */
} EventFate;

/* Notes a row of bounce.delivery_event by its columns (event_row.h). */
extern void moved_note(Moved *moved, const Datum *values, const bool *nulls, EventFate fate);

/* Lets it take effect; the memory goes. */
extern void moved_apply(Moved *moved);

/*
 * The one of the statement that begins now; the one of the statement that is running at this
 * level, or NULL (a row that goes into a partition directly); the same, for the end, to be
 * applied or not.
 * In that of an UPDATE no inserted row is noted, but in that of an INSERT right below: one
 * that moves to another partition is in the transition tables.  An error leaves nothing behind.
 */
extern void moved_open(bool insert);
extern Moved *moved_of_statement(void);
extern Moved *moved_take(void);
extern void moved_close(void);

/*
 * Whoever is about to run an INSERT may say that all keys in it begin so, and that
 * nobody else has such keys: nobody needs to search for them then.  NULL afterwards,
 * also after an error.
 */
extern void moved_expect_keys(const char *prefix);
extern bool moved_key_is_new(const Moved *moved, Datum event_key);

#endif
