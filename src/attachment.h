/*
 * attachment.h
 *		What our triggers on a table of the application know about it.
 *
 * One trigger of each kind is the chief: it carries the arguments, and the columns
 * in its UPDATE OF list.  The server keeps that list by column number, so a rename
 * is followed; dumps it by name and in order, so a restore is right; and refuses
 * to drop a column in it, unless with CASCADE, which takes the chief along.
 * Arguments are "name=value"; "columns=recipient,status_column" says which part
 * each column of the list plays.  Our other triggers have no arguments and look
 * at the chief, which runs the same function.
 */
#ifndef BOUNCE_ATTACHMENT_H
#define BOUNCE_ATTACHMENT_H

#include "postgres.h"

#include "access/attnum.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/rel.h"

/* How a trigger function of ours may be called. */
typedef enum TriggerUse
{
	TRIGGER_USE_BEFORE_ROW,		/* INSERT or UPDATE */
	TRIGGER_USE_STATEMENT,		/* BEFORE or AFTER; INSERT or UPDATE */
	TRIGGER_USE_AFTER			/* INSERT or UPDATE; of rows, or of a statement */
} TriggerUse;

/* The trigger that is running; an error (39P01) for every wrong use.  attach_with is for the hint. */
extern TriggerData *trigger_called(FunctionCallInfo fcinfo, TriggerUse use,
								   const char *function, const char *attach_with);

/* The chief of a function on a table, or NULL: its columns were dropped with CASCADE. */
extern const Trigger *attachment_chief(Relation relation, Oid function);

/* Number of the column that plays this part, or InvalidAttrNumber. */
extern AttrNumber attachment_column(const Trigger *chief, const char *part);

/* Value of an option, or NULL. */
extern const char *attachment_option(const Trigger *chief, const char *name);

#endif
