/*
 * origin_role.c
 *		Writing tables of ours while replication applies rows.
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "utils/guc.h"

#include "origin_role.h"

#define NOTHING_TO_DO 0

int
origin_role_begin(void)
{
	int			level;

	/* Changing it drops every cached plan, so only where it must be. */
	if (SessionReplicationRole != SESSION_REPLICATION_ROLE_REPLICA)
		return NOTHING_TO_DO;
	level = NewGUCNestLevel();
	(void) set_config_option("session_replication_role", "origin", PGC_SUSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	return level;
}

void
origin_role_end(int scope)
{
	if (scope != NOTHING_TO_DO)
		AtEOXact_GUC(false, scope);
}
