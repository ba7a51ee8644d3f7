/*
 * owner.h
 *		Running SQL as the owner of the extension's tables.
 *
 * State functions and triggers need no table privilege of their caller: they
 * switch to the owner around their SQL.  An error restores the user by itself
 * (transaction or subtransaction abort), so no PG_TRY is needed.
 */
#ifndef BOUNCE_OWNER_H
#define BOUNCE_OWNER_H

#include "postgres.h"

#include "executor/spi.h"

typedef struct OwnerScope
{
	Oid			user;
	int			sec_context;
	int			search_path;
	int			role;
} OwnerScope;

/*
 * SPI_connect() as the owner of the bounce tables, under a search_path that nobody else
 * can fill, and with their triggers, also where replication applies rows.
 */
extern void owner_spi_begin(OwnerScope *scope);

/* SPI_finish() and back to the caller */
extern void owner_spi_end(OwnerScope *scope);

/*
 * A statement kept for the life of the session: define it static with the text
 * and the argument types, run it with kept_execute().  The text qualifies
 * every name and operator: nothing but pg_catalog is searched.
 */
#define KEPT_MAX_ARGS 16

typedef struct KeptStatement
{
	const char *sql;
	int			nargs;
	Oid			argtypes[KEPT_MAX_ARGS];
	SPIPlanPtr	plan;			/* leave NULL */
} KeptStatement;

/*
 * Runs it within owner_spi_begin(); nulls as in SPI_execute_plan ("n" per NULL, or
 * NULL).  read_only: under the active snapshot; otherwise under a new one.
 * Returns the SPI result code; raises an error for every failure.
 */
extern int	kept_execute(KeptStatement *statement, Datum *values, const char *nulls, bool read_only);

/* The whole of it: the scope begun, a statement without a NULL run under a new snapshot, the scope ended. */
extern void owner_execute(KeptStatement *statement, Datum *values);

/*
 * A cursor of it, under a new snapshot, for SPI_cursor_fetch() within owner_spi_begin();
 * an error or the end of the transaction closes it.
 */
extern Portal kept_cursor(KeptStatement *statement, Datum *values);

/*
 * The same for what must see all that is committed, also under REPEATABLE READ and
 * above: for reading after a lock was taken, and for writing what follows from it.
 * A change of a row that the transaction's own snapshot does not see raises 40001.
 */
extern int	kept_execute_latest(KeptStatement *statement, Datum *values, const char *nulls);

/* The owner of our tables */
extern Oid	bounce_owner(void);

/* The OID of a type or relation of schema bounce; an error if there is none. */
extern Oid	bounce_type_oid(const char *name);
extern Oid	bounce_relation_oid(const char *name);

#endif
