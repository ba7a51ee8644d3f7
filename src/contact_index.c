/*
 * contact_index.c
 *		The index on canonical addresses of a contact table.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/transam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "nodes/primnodes.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"

#include "attach.h"
#include "contact_walk.h"
#include "owner_of_table.h"

static bool index_usable(Relation index);
static bool index_on_address(Relation index, AttrNumber address);

void
contact_index_provide(Attaching *attaching, AttrNumber address, bool create)
{
	Relation	relation = attaching->relation;
	const char *column = NameStr(TupleDescAttr(RelationGetDescr(relation), address - 1)->attname);
	const char *name = ChooseRelationName(RelationGetRelationName(relation), "bounce_address", "idx",
										  RelationGetNamespace(relation), false);
	/* The collation of the canonical addresses everywhere else, and the fastest. */
	const char *command = psprintf("CREATE INDEX %s ON %s ((bounce.normalize_address(%s::pg_catalog.text)) COLLATE pg_catalog.\"C\")",
								   quote_identifier(name), attaching->table, quote_identifier(column));

	if (OidIsValid(contact_index(relation, address)))
		return;
	if (!create)
	{
		ereport(NOTICE,
				(errmsg("table \"%s\" has no index on the canonical addresses of \"%s\"",
						RelationGetRelationName(relation), column),
				 errdetail("Every change of what it follows will read the whole table."),
				 errhint("Make one: %s", command)));
		return;
	}
	attach_run(attaching, command);
	attach_option(attaching, "index", name);
}

Oid
contact_index(Relation relation, AttrNumber address)
{
	List	   *indexes = RelationGetIndexList(relation);
	Oid			found = InvalidOid;
	TableOwnerScope owner;
	ListCell   *cell;

	/* Reading what an index is made of computes what is constant in it, with functions of anybody. */
	table_owner_begin(&owner, relation);
	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		if (index_usable(index) && index_on_address(index, address))
			found = RelationGetRelid(index);
		index_close(index, AccessShareLock);
		if (OidIsValid(found))
			break;
	}
	table_owner_end(&owner);
	list_free(indexes);
	return found;
}

static bool
index_usable(Relation index)
{
	Form_pg_index form = index->rd_index;

	/* One that was built over broken HOT chains is not for transactions that may look back. */
	if (!form->indisvalid || !form->indisready ||
		(form->indcheckxmin &&
		 !TransactionIdPrecedes(HeapTupleHeaderGetXmin(index->rd_indextuple->t_data), TransactionXmin)))
		return false;
	return index->rd_rel->relam == BTREE_AM_OID && RelationGetIndexPredicate(index) == NIL &&
		index->rd_opfamily[0] == TEXT_BTREE_FAM_OID;
}

/* First column: bounce.normalize_address(address), with the cast to text that its type needs. */
static bool
index_on_address(Relation index, AttrNumber address)
{
	List	   *expressions = RelationGetIndexExpressions(index);
	Node	   *argument;

	if (index->rd_index->indkey.values[0] != InvalidAttrNumber || expressions == NIL)
		return false;
	argument = linitial(expressions);
	if (!IsA(argument, FuncExpr) || ((FuncExpr *) argument)->funcid != bounce_function_oid("normalize_address", TEXTOID))
		return false;
	argument = linitial(((FuncExpr *) argument)->args);
	if (IsA(argument, RelabelType))
		argument = (Node *) ((RelabelType *) argument)->arg;
	else if (IsA(argument, FuncExpr) && ((FuncExpr *) argument)->funcid < FirstNormalObjectId &&
			 list_length(((FuncExpr *) argument)->args) == 1)
		argument = linitial(((FuncExpr *) argument)->args);
	return IsA(argument, Var) && ((Var *) argument)->varattno == address;
}
