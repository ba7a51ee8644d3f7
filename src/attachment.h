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

#include "column_use.h"

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

/* A copy of what the chief says: the server may rebuild its own description of the table at any time. */
typedef struct Attachment
{
	bool		is_clone;		/* made by the server for a partition */
	int			column_count;
	AttrNumber *columns;
	int			argument_count;
	char	  **arguments;
} Attachment;

/* Of the chief of a function on a table; NULL when there is none: its columns were dropped with CASCADE. */
extern Attachment *attachment_read(Relation relation, Oid function);

/*
 * Number of the column that plays this part, or InvalidAttrNumber.  Its type is
 * checked again: not every trigger was made by attaching.
 */
extern AttrNumber attachment_column(const Attachment *attachment, Relation relation,
									const char *part, ColumnUse use);

/* Value of an option, or NULL. */
extern const char *attachment_option(const Attachment *attachment, const char *name);

#endif
