/*
 * constant_text.h
 *		Names of the core as text values that are built once a query.
 */
#ifndef BOUNCE_CONSTANT_TEXT_H
#define BOUNCE_CONSTANT_TEXT_H

#include "postgres.h"

#include "fmgr.h"

/*
 * The text of names number 0 .. 255 of a function that returns nothing else: the
 * same number always has the same name.
 */
extern Datum constant_text(FunctionCallInfo fcinfo, uint8 number, const char *name);

#endif
