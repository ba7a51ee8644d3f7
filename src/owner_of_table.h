/*
 * owner_of_table.h
 *		Acting as the owner of a table of the application.
 *
 * Whatever may run code that somebody put on that table (triggers, domain checks)
 * runs with its owner's rights, as foreign-key checks do: never with ours, and
 * without need for a privilege of the caller.  An error restores the user by itself.
 *
 * Nor is it to leave something behind that runs later with the rights of a caller
 * who has more of them (a deferred trigger, a cursor): then what could is refused
 * (42501), as it is to the functions of an index.
 */
#ifndef BOUNCE_OWNER_OF_TABLE_H
#define BOUNCE_OWNER_OF_TABLE_H

#include "postgres.h"

#include "utils/rel.h"

typedef struct TableOwnerScope
{
	Oid			user;
	int			sec_context;
	int			search_path;
} TableOwnerScope;

extern void table_owner_begin(TableOwnerScope *scope, Relation table);
extern void table_owner_end(const TableOwnerScope *scope);

#endif
