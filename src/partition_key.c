/*
 * partition_key.c
 *		Whose functions decide the partition of a row.
 *
 * Who opens a partitioned table has the server compute what is constant in its
 * partition key, with his rights: before our owner does, the key is read without
 * computing anything.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_partitioned_table.h"
#include "catalog/pg_proc.h"
#include "nodes/nodeFuncs.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "owner.h"
#include "partition_key.h"

static Oid	stranger_in_key(Oid table);
static bool has_stranger(Node *node, void *stranger);
static bool is_stranger(Oid function, void *stranger);

Oid
partition_key_stranger(Relation table)
{
	Oid			stranger = InvalidOid;
	ListCell   *cell;

	if (table->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		return InvalidOid;
	foreach(cell, find_all_inheritors(RelationGetRelid(table), AccessShareLock, NULL))
	{
		if (!OidIsValid(stranger))
			stranger = stranger_in_key(lfirst_oid(cell));
	}
	return stranger;
}

static Oid
stranger_in_key(Oid table)
{
	HeapTuple	key = SearchSysCache1(PARTRELID, ObjectIdGetDatum(table));
	Oid			stranger = InvalidOid;
	bool		isnull;
	Datum		expressions;

	if (!HeapTupleIsValid(key))
		return InvalidOid;
	expressions = SysCacheGetAttr(PARTRELID, key, Anum_pg_partitioned_table_partexprs, &isnull);
	if (!isnull)
	{
		Node	   *tree = stringToNode(TextDatumGetCString(expressions));

		fix_opfuncids(tree);
		(void) has_stranger(tree, &stranger);
	}
	ReleaseSysCache(key);
	return stranger;
}

static bool
has_stranger(Node *node, void *stranger)
{
	if (node == NULL)
		return false;
	return check_functions_in_node(node, is_stranger, stranger) ||
		expression_tree_walker(node, has_stranger, stranger);
}

static bool
is_stranger(Oid function, void *stranger)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	bool		trusted = HeapTupleIsValid(tuple) &&
		has_privs_of_role(((Form_pg_proc) GETSTRUCT(tuple))->proowner, bounce_owner());

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	if (!trusted)
		*(Oid *) stranger = function;
	return !trusted;
}
