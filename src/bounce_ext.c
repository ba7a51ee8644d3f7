/*
 * bounce_ext.c
 *		The loadable module itself: magic block and nothing built at load time.
 */
#include "postgres.h"

#include "fmgr.h"

PG_MODULE_MAGIC;
