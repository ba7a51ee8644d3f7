/*
 * attach.h
 *		Putting our triggers on a table of the application, and taking them off.
 *
 * attach_begin(), then the columns and options, then the chief (attachment.h),
 * then its other triggers, then attach_end().  Everything that can be wrong is
 * refused here, with the table and column named, not when a row comes.
 */
#ifndef BOUNCE_ATTACH_H
#define BOUNCE_ATTACH_H

#include "postgres.h"

#include "access/attnum.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "storage/lockdefs.h"
#include "utils/rel.h"

#include "column_use.h"

typedef struct Attaching
{
	Oid			oid;
	Relation	relation;		/* locked against writers */
	const char *table;			/* qualified and quoted */
	const char *kind;			/* the attaching function: bounce.<kind>() */
	const char *function;		/* what the chief runs: bounce.<function>() */
	bool		always;			/* also when replication applies rows */
	StringInfoData columns;		/* for UPDATE OF */
	StringInfoData parts;		/* the part that each plays */
	StringInfoData arguments;
} Attaching;

/*
 * Locks the table and checks that the caller owns it (42501), that it is one that can
 * be watched (42809), and that this kind is not attached yet (42710).
 */
extern Attaching *attach_begin(Oid table, const char *kind, const char *function, bool always);

/* Adds a column, checked; InvalidAttrNumber when the name is NULL. */
extern AttrNumber attach_column(Attaching *attaching, const char *part, const char *column, ColumnUse use);

/* Refuses a column that a BEFORE trigger cannot read or write, or (written) that decides the partition. */
extern void attach_check_before(Attaching *attaching, AttrNumber column, bool written);

/* Adds an option; none when the value is NULL. */
extern void attach_option(Attaching *attaching, const char *name, const char *value);

/* when: "BEFORE INSERT OR UPDATE"; the UPDATE gets the list of columns.  each: "FOR EACH ROW". */
extern void attach_chief(Attaching *attaching, const char *trigger, const char *when, const char *each);
extern void attach_trigger(Attaching *attaching, const char *trigger, const char *when, const char *each,
						   const char *function);

extern void attach_end(Attaching *attaching);

/* Arguments of attaching functions: NULL when not given. */
extern Oid	attach_table_argument(FunctionCallInfo fcinfo, int number);
extern const char *attach_name_argument(FunctionCallInfo fcinfo, int number);
extern const char *attach_text_argument(FunctionCallInfo fcinfo, int number);
extern bool attach_flag_argument(FunctionCallInfo fcinfo, int number, bool otherwise);

/* Runs a command on the table with the rights of the extension's owner. */
extern void attach_run(Attaching *attaching, const char *command);

/* Opens a table that this kind is attached to; 55000 when it is not. */
extern Relation attach_reopen(Oid table, const char *kind, const char *function, LOCKMODE lock);

/*
 * A function of schema bounce with one argument, or none (InvalidOid), whoever asks;
 * InvalidOid when there is none.
 */
extern Oid	bounce_function_oid(const char *name, Oid argument);

#endif
