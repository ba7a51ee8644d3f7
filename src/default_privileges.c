/*
 * default_privileges.c
 *		Taking back what ALTER DEFAULT PRIVILEGES gave of objects of the extension.
 *
 * "All new tables to the role that reads reports" is said of the application's
 * tables.  State, and the keys of tokens above all, is given by
 * bounce.grant_access() only.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "default_privileges.h"
#include "owner.h"

#define GRANTEE \
	"CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::pg_catalog.regrole::pg_catalog.text END"

void
default_privileges_revoke(Oid relation, Oid installer)
{
	static KeptStatement statement = {
		"SELECT DISTINCT pg_catalog.format('REVOKE ALL ON TABLE %s FROM %s', o.oid::pg_catalog.regclass, " GRANTEE ")"
		" FROM pg_catalog.pg_class AS o, LATERAL pg_catalog.aclexplode(o.relacl) AS a"
		" WHERE o.relnamespace OPERATOR(pg_catalog.=) 'bounce'::pg_catalog.regnamespace"
		" AND a.grantee NOT IN (o.relowner, $2)"
		" AND ($1 OPERATOR(pg_catalog.=) 0 OR o.oid OPERATOR(pg_catalog.=) $1)"
		" UNION ALL SELECT DISTINCT pg_catalog.format('REVOKE ALL ON ROUTINE %s FROM %s', o.oid::pg_catalog.regprocedure, " GRANTEE ")"
		" FROM pg_catalog.pg_proc AS o, LATERAL pg_catalog.aclexplode(o.proacl) AS a"
		" WHERE o.pronamespace OPERATOR(pg_catalog.=) 'bounce'::pg_catalog.regnamespace"
		" AND a.grantee NOT IN (0, o.proowner, $2) AND $1 OPERATOR(pg_catalog.=) 0"
		" UNION ALL SELECT DISTINCT pg_catalog.format('REVOKE ALL ON SCHEMA bounce FROM %s', " GRANTEE ")"
		" FROM pg_catalog.pg_namespace AS o, LATERAL pg_catalog.aclexplode(o.nspacl) AS a"
		" WHERE o.nspname OPERATOR(pg_catalog.=) 'bounce'"
		" AND a.grantee NOT IN (0, o.nspowner, $2) AND $1 OPERATOR(pg_catalog.=) 0",
		2, {OIDOID, OIDOID}, NULL
	};
	Datum		values[] = {ObjectIdGetDatum(relation), ObjectIdGetDatum(installer)};
	SPITupleTable *statements;
	uint64		count;

	kept_execute(&statement, values, NULL, false);
	statements = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
	{
		int			rc = SPI_execute(SPI_getvalue(statements->vals[i], statements->tupdesc, 1), false, 0);

		if (rc != SPI_OK_UTILITY)
			elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(rc));
	}
}
