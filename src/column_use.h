/*
 * column_use.h
 *		What is done with a column of the application decides which types it may have.
 *
 * Values of these types are read without running anybody's code: some of that
 * happens with the rights of the extension's owner.
 */
#ifndef BOUNCE_COLUMN_USE_H
#define BOUNCE_COLUMN_USE_H

#include "postgres.h"

typedef enum ColumnUse
{
	COLUMN_TEXT,				/* text-like */
	COLUMN_WORD,				/* text-like or an enum */
	COLUMN_KEY,					/* text-like, an integer or a uuid */
	COLUMN_CODE,				/* text-like, an integer or smtp_status */
	COLUMN_TIME,				/* timestamptz */
	COLUMN_OPT_IN,				/* boolean or timestamptz */
	COLUMN_ANY
} ColumnUse;

extern bool type_serves(Oid type, ColumnUse use);

/* For messages: "a text type" */
extern const char *column_use_types(ColumnUse use);

#endif
