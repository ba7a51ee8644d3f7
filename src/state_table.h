/*
 * state_table.h
 *		How a table of state is read: by its index, or through SQL.
 *
 * Reading a table by its index, past the executor, is right for a plain local
 * heap only.  A partitioned or foreign table has no rows of its own, and the shell
 * of a distributed table is empty or stale: those are read through SPI.
 * state_table_open() is the one place that knows; state_scan.h reads either way.
 */
#ifndef BOUNCE_STATE_TABLE_H
#define BOUNCE_STATE_TABLE_H

#include "postgres.h"

#include "access/attnum.h"
#include "utils/relcache.h"

typedef enum StateTable
{
	STATE_SUPPRESSION,
	STATE_DOMAIN_SUPPRESSION,
	STATE_DIGEST_SUPPRESSION,
	STATE_PREFERENCE,
	STATE_TOPIC
} StateTable;

#define STATE_TABLE_COUNT (STATE_TOPIC + 1)
#define STATE_KEY_MAX 2
#define STATE_COLUMN_MAX 12

/*
 * The columns that a reader sees, key columns first.  The three tables of
 * suppressions are read alike: domain_suppression ends with the class,
 * digest_suppression with the topic.
 */
enum suppression_column
{
	SUPPRESSION_KEY,			/* address, domain or digest */
	SUPPRESSION_CAUSE,
	SUPPRESSION_STARTS_AT,
	SUPPRESSION_EXPIRES_AT,
	SUPPRESSION_NOTE,
	SUPPRESSION_MADE_BY,
	SUPPRESSION_CLASS,
	SUPPRESSION_TOPIC,
	SUPPRESSION_STATUS,
	SUPPRESSION_STEP,
	SUPPRESSION_OCCURRENCES,
	SUPPRESSION_LAST_EVENT_AT,
	SUPPRESSION_COLUMNS
};

enum preference_column
{
	PREFERENCE_ADDRESS,
	PREFERENCE_TOPIC,
	PREFERENCE_STATE,
	PREFERENCE_UNTIL,
	PREFERENCE_SINCE,
	PREFERENCE_SOURCE,
	PREFERENCE_BEFORE,
	PREFERENCE_BEFORE_SINCE,
	PREFERENCE_BEFORE_SOURCE,
	PREFERENCE_NUMBER
};

enum topic_column
{
	TOPIC_TOPIC,
	TOPIC_KIND,
	TOPIC_OPT_IN,
	TOPIC_MAX_MESSAGES,
	TOPIC_PER,
	TOPIC_RETIRED_AT
};

typedef struct StateColumn
{
	const char *name;
	Oid			type;			/* 0: bounce_type */
	const char *bounce_type;
} StateColumn;

typedef struct StateTableShape
{
	const char *name;			/* in schema bounce */
	int			key_count;
	int			column_count;
	StateColumn column[STATE_COLUMN_MAX];
} StateTableShape;

extern const StateTableShape state_table_shape[STATE_TABLE_COUNT];

typedef struct PlainTable
{
	Relation	heap;			/* open, locked for reading */
	Oid			index;			/* btree, text under collation "C", that begins with the key columns */
	AttrNumber	column[STATE_COLUMN_MAX];
} PlainTable;

/*
 * Opens the table for direct access.  False: it must be read through SPI, and
 * nothing is open.  Raises ERRCODE_UNDEFINED_TABLE when there is no such table.
 * Checks no privilege: the caller's function decides who may ask what.
 */
extern bool state_table_open(StateTable table, PlainTable *plain);

/* Has it no page at all?  Costs nothing where pages were found before. */
extern bool state_table_has_no_pages(StateTable table, const PlainTable *plain);

/*
 * A number that grows when any of the tables may have changed its shape, as partitions
 * that are attached do: rows may have come or gone then that no snapshot tells of.
 */
extern uint64 state_table_changes(void);

/* Its index, locked for reading until the end of the transaction. */
extern Relation state_table_open_index(StateTable table, const PlainTable *plain);

/* Closes it; the lock stays until the end of the transaction. */
extern void state_table_close(PlainTable *plain);

/* NULL when the relation holds all of its rows itself, in a heap; otherwise why not. */
extern const char *relation_not_plain(Relation relation);

/* Does Citus say that its rows are elsewhere? */
extern bool relation_is_distributed(Oid relation);

#endif
