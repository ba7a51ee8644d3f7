/*
 * kept_plan.h
 *		Plans of statements whose text is made at run time, kept for the session.
 */
#ifndef BOUNCE_KEPT_PLAN_H
#define BOUNCE_KEPT_PLAN_H

#include "postgres.h"

#include "executor/spi.h"

/*
 * The plan of this text about this table, within SPI_connect(); good until
 * SPI_finish().  The text must qualify every name.
 */
extern SPIPlanPtr kept_plan(Oid table, const char *sql, int nargs, Oid *argtypes);

#endif
