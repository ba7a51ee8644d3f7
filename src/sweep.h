/*
 * sweep.h
 *		When a sweep has to look at a suppression.
 */
#ifndef BOUNCE_SWEEP_H
#define BOUNCE_SWEEP_H

/*
 * SQL: the value of bounce.suppression.due for an end.  It may be earlier than that
 * of the row's end, never later: who sets an end nearer sets it too.
 */
#define SWEEP_DUE(expires_at) "pg_catalog.date_trunc('hour', " expires_at ", 'UTC')"

#endif
