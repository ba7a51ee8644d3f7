/*
 * origin_role.h
 *		Writing tables of ours while replication applies rows.
 *
 * A trigger that is ENABLE ALWAYS fires in an apply worker too, where ordinary
 * triggers do not: what it writes would not take effect.
 */
#ifndef BOUNCE_ORIGIN_ROLE_H
#define BOUNCE_ORIGIN_ROLE_H

#include "postgres.h"

/* Lets ordinary triggers fire until the end; an error in between undoes it by itself. */
extern int	origin_role_begin(void);
extern void origin_role_end(int scope);

#endif
