/*
 * owner_of_table.c
 *		Acting as the owner of a table of the application.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "owner_of_table.h"

void
table_owner_begin(TableOwnerScope *scope, Relation table)
{
	GetUserIdAndSecContext(&scope->user, &scope->sec_context);
	SetUserIdAndSecContext(table->rd_rel->relowner,
						   scope->sec_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
}

void
table_owner_end(const TableOwnerScope *scope)
{
	SetUserIdAndSecContext(scope->user, scope->sec_context);
}
