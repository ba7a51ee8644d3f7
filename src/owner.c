/*
 * owner.c
 *		Running SQL as the owner of the extension's tables.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "index_plan.h"
#include "origin_role.h"
#include "owner.h"
#include "search_path.h"

static bool takes_other_types(const KeptStatement *statement);
static void kept_prepare(KeptStatement *statement);
static Oid	bounce_schema_oid(void);

void
owner_spi_begin(OwnerScope *scope)
{
	GetUserIdAndSecContext(&scope->user, &scope->sec_context);
	SetUserIdAndSecContext(bounce_owner(), scope->sec_context | SECURITY_LOCAL_USERID_CHANGE);
	scope->search_path = search_path_restrict();
	scope->role = origin_role_begin();
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

void
owner_spi_end(OwnerScope *scope)
{
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	origin_role_end(scope->role);
	search_path_back(scope->search_path);
	SetUserIdAndSecContext(scope->user, scope->sec_context);
}

int
kept_execute(KeptStatement *statement, Datum *values, const char *nulls, bool read_only)
{
	int			rc;

	kept_prepare(statement);
	rc = SPI_execute_plan(statement->plan, values, nulls, read_only, 0);
	if (rc < 0)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(rc));
	return rc;
}

void
owner_execute(KeptStatement *statement, Datum *values)
{
	OwnerScope	scope;

	owner_spi_begin(&scope);
	kept_execute(statement, values, NULL, false);
	owner_spi_end(&scope);
}

Portal
kept_cursor(KeptStatement *statement, Datum *values)
{
	Portal		cursor;

	kept_prepare(statement);
	cursor = SPI_cursor_open(NULL, statement->plan, values, NULL, false);
	if (cursor == NULL)
		elog(ERROR, "SPI_cursor_open failed: %s", SPI_result_code_string(SPI_result));
	return cursor;
}

/* As the server's own foreign keys do it (ri_triggers.c). */
int
kept_execute_latest(KeptStatement *statement, Datum *values, const char *nulls)
{
	int			rc;

	if (!IsolationUsesXactSnapshot())
		return kept_execute(statement, values, nulls, false);
	kept_prepare(statement);
	rc = SPI_execute_snapshot(statement->plan, values, nulls, GetLatestSnapshot(), GetTransactionSnapshot(),
							  false, true, 0);
	if (rc < 0)
		elog(ERROR, "SPI_execute_snapshot failed: %s", SPI_result_code_string(rc));
	return rc;
}

/*
 * The types of an extension that was dropped and made again are others.  The old plan is
 * not freed: it may be what is running.
 */
static bool
takes_other_types(const KeptStatement *statement)
{
	for (int i = 0; i < statement->nargs; i++)
	{
		if (SPI_getargtypeid(statement->plan, i) != statement->argtypes[i])
			return true;
	}
	return false;
}

static void
kept_prepare(KeptStatement *statement)
{
	if (statement->plan == NULL || takes_other_types(statement))
	{
		SPIPlanPtr	plan = index_plan_prepare(statement->sql, statement->nargs, statement->argtypes);

		if (SPI_keepplan(plan) != 0)
			elog(ERROR, "SPI_keepplan failed");
		statement->plan = plan;
	}
	index_plan_refresh(statement->plan);
}

Oid
bounce_type_oid(const char *name)
{
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
						   ObjectIdGetDatum(bounce_schema_oid()));
}

Oid
bounce_relation_oid(const char *name)
{
	Oid			relation = get_relname_relid(name, bounce_schema_oid());

	if (!OidIsValid(relation))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"bounce.%s\" does not exist", name),
				 errhint("Is the extension bounce_ext installed in this database?")));
	return relation;
}

static Oid
bounce_schema_oid(void)
{
	return get_namespace_oid("bounce", false);
}

/* Every table of state has the same owner; the log stands for all. */
Oid
bounce_owner(void)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(bounce_relation_oid("delivery_event")));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for bounce.delivery_event");
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}
