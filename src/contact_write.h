/*
 * contact_write.h
 *		Writing to contact tables of the application, which may refuse.
 *
 * A check, a trigger or a rule of the application's own must not undo what a person
 * said or a server answered.  So rows are written under a savepoint; what the table
 * refuses stays as it is, and is told: by a warning, and in bounce.rejected_input.
 */
#ifndef BOUNCE_CONTACT_WRITE_H
#define BOUNCE_CONTACT_WRITE_H

#include "postgres.h"

#include "utils/rel.h"

#include "compat.h"

typedef struct ContactWrite
{
	Relation	relation;		/* with rows of its own */
	const char *kind;			/* the attaching function: door of bounce.rejected_input */
	const char *remedy;			/* what to do when the table is ready, for the hint */
	/* writes count rows from this one on; may be called again for some of them */
	int (*write)(void *context, int first, int count);
	const char *(*address)(const void *context, int row);	/* canonical, or NULL */
	void	   *context;
} ContactWrite;

/*
 * Writes rows 0 to count - 1; returns what the writes that stood returned together.
 * An error that is not the table's own (a cancelled statement, a deadlock) is raised.
 */
extern int64 contact_write(const ContactWrite *write, int count);

/* For write(): a trigger of the application that skips a row refuses it, too. */
pg_noreturn extern void contact_write_skipped(void);

/* Forgets what was told of a table, before all its rows are written anew. */
extern void contact_write_retract(Relation relation, const char *kind);

/* The same of a person. */
extern void contact_write_retract_address(const char *address);

#endif
