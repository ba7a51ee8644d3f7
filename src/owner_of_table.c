/*
 * owner_of_table.c
 *		Acting as the owner of a table of the application.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"

#include "owner_of_table.h"
#include "search_path.h"

static bool may_act_for_caller(Oid owner);

void
table_owner_begin(TableOwnerScope *scope, Relation table)
{
	Oid			owner = table->rd_rel->relowner;
	int			restrictions = SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS;

	if (!may_act_for_caller(owner))
		restrictions |= SECURITY_RESTRICTED_OPERATION;
	GetUserIdAndSecContext(&scope->user, &scope->sec_context);
	scope->search_path = search_path_of_caller();
	SetUserIdAndSecContext(owner, scope->sec_context | restrictions);
}

/* What is deferred runs as the user who commits, who can go back to the one who logged in. */
static bool
may_act_for_caller(Oid owner)
{
	return has_privs_of_role(owner, GetOuterUserId()) && has_privs_of_role(owner, GetSessionUserId());
}

void
table_owner_end(const TableOwnerScope *scope)
{
	SetUserIdAndSecContext(scope->user, scope->sec_context);
	search_path_back(scope->search_path);
}
