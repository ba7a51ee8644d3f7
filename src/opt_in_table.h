/*
 * opt_in_table.h
 *		The opt-in columns of a contact table, as bounce.track_preferences() was told.
 */
#ifndef BOUNCE_OPT_IN_TABLE_H
#define BOUNCE_OPT_IN_TABLE_H

#include "postgres.h"

#include "access/attnum.h"
#include "datatype/timestamp.h"
#include "utils/rel.h"

#include "attachment.h"

#define OPT_IN_COLUMNS_MAX 100

/* A yes or a no to a topic, or neither. */
typedef enum Said
{
	SAID_NOTHING,
	SAID_YES,
	SAID_NO
} Said;

typedef struct OptInColumn
{
	AttrNumber	number;
	const char *topic;
	bool		is_time;		/* when the person opted out; else boolean: opted in? */
	bool		not_null;
} OptInColumn;

typedef struct OptInTable
{
	AttrNumber	address;
	int			count;
	OptInColumn column[OPT_IN_COLUMNS_MAX];
} OptInTable;

/* False when a column is gone. */
extern bool opt_in_table_read(OptInTable *table, Relation relation, const Attachment *attachment);

/* The chief's name of the n-th tracked column, from 1, and of its topic. */
extern const char *opt_in_part(int n);

/* A value of a column. */
typedef struct OptInValue
{
	Datum		value;
	bool		isnull;
} OptInValue;

/*
 * What a new value says, given the one before (NULL: none).  A boolean says yes or
 * no; a time says no, and yes where it is taken away.  A value that stays, and a
 * NULL, say nothing.  at comes in as the time of the statement.
 */
extern Said opt_in_said(const OptInColumn *column, const OptInValue *before, const OptInValue *after, TimestampTz *at);

/* What the column says for a yes, or a no since then; SAID_NOTHING: not known. */
extern OptInValue opt_in_value(const OptInColumn *column, Said said, TimestampTz since);

extern bool opt_in_same(const OptInColumn *column, const OptInValue *one, const OptInValue *other);

#endif
