/*
 * owner_of_table.h
 *		Acting as the owner of a table of the application.
 *
 * Whatever may run code that somebody put on that table (triggers, domain checks)
 * runs with its owner's rights, as foreign-key checks do: never with ours, and
 * without need for a privilege of the caller.  An error restores the user by itself.
 */
#ifndef BOUNCE_OWNER_OF_TABLE_H
#define BOUNCE_OWNER_OF_TABLE_H

#include "postgres.h"

#include "utils/rel.h"

typedef struct TableOwnerScope
{
	Oid			user;
	int			sec_context;
} TableOwnerScope;

extern void table_owner_begin(TableOwnerScope *scope, Relation table);
extern void table_owner_end(const TableOwnerScope *scope);

#endif
