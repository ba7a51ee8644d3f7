/*
 * index_plan.h
 *		Plans that look rows up, whatever the size of the table was when they were made.
 *
 * The server keeps the plan of a statement until something invalidates it, an
 * ANALYZE for one.  Made while a table is small it reads all of it; and goes on so,
 * once an address, while a load makes the table large.
 */
#ifndef BOUNCE_INDEX_PLAN_H
#define BOUNCE_INDEX_PLAN_H

#include "postgres.h"

#include "executor/spi.h"

/* SPI_prepare() of a statement for index_plan_refresh(); an error when that fails */
extern SPIPlanPtr index_plan_prepare(const char *sql, int nargs, Oid *argtypes);

/* Before each execution: plans it, if need be, without scans of whole tables where an index or a row's place serves. */
extern void index_plan_refresh(SPIPlanPtr plan);

#endif
