/*
 * ask_plan.c
 *		What bounce.is_suppressed() costs and how often it says yes, for the planner.
 *
 * Asked about a few addresses it looks each of them up; asked about a table of them
 * it reads its own tables first and answers from memory (ask_site.h).  Yes is said to
 * as many of them as there are active suppressions: the addresses that bounce are
 * those that are mailed.
 *
 * There is no index condition to give (SupportRequestIndexCondition): that replaces a
 * call by a comparison of an indexed column with a value, and the indexed column here is
 * the caller's.  No comparison of it says "not suppressed", and "suppressed" is a set of
 * values that is known only when the statement runs.  Who wants the few that are joins
 * bounce.suppressed.
 *
 * Sizes are what the statistics say; nothing is opened, and a table that is missing
 * is for the call itself to report.
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_statistic.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "ask_site.h"
#include "compat.h"

PG_FUNCTION_INFO_V1(bounce_is_suppressed_support);

/* In operators as cpu_operator_cost counts them, measured. */
#define COST_LOOKED_UP 100.0
#define COST_FROM_MEMORY 6.0
#define COST_ROW_READ 12.0

/* Of addresses about which nothing is known. */
#define SHARE_SUPPRESSED 0.05
#define SHARE_MAX 0.9

/* The arguments of the call */
enum ask_argument
{
	ASK_ADDRESS,
	ASK_TOPIC,
	ASK_AT
};

static Node *estimate_cost(SupportRequestCost *request);
static Node *estimate_share(SupportRequestSelectivity *request);
static double rows_asked_about(PlannerInfo *root, Node *address);
static double rows_of(const char *table, Oid *oid, double *pages);
static double share_active(PlannerInfo *root, Oid table, Node *at);
static double share_later(PlannerInfo *root, VariableStatData *statistics, Datum at);

/* is_suppressed_support(internal) -> internal */
Datum
bounce_is_suppressed_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	Node	   *answer = NULL;

	if (IsA(request, SupportRequestCost))
		answer = estimate_cost((SupportRequestCost *) request);
	else if (IsA(request, SupportRequestSelectivity))
		answer = estimate_share((SupportRequestSelectivity *) request);
	PG_RETURN_POINTER(answer);
}

/* What is done once is shared out to the calls: a LIMIT may end them before it is done. */
static Node *
estimate_cost(SupportRequestCost *request)
{
	double		pages;
	Oid			table;
	double		rows = rows_of("suppression", &table, &pages);
	double		looked_up = ask_site_calls_looked_up(pages);
	double		calls = 1;
	double		operators = COST_LOOKED_UP;

	if (request->root != NULL && request->node != NULL && IsA(request->node, FuncExpr))
		calls = rows_asked_about(request->root, linitial(((FuncExpr *) request->node)->args));
	if (calls > looked_up)
		operators = (looked_up * COST_LOOKED_UP + rows * COST_ROW_READ +
					 (calls - looked_up) * COST_FROM_MEMORY) /
			calls;
	request->startup = 0;
	request->per_tuple = Min(operators, COST_LOOKED_UP) * cpu_operator_cost;
	return (Node *) request;
}

static Node *
estimate_share(SupportRequestSelectivity *request)
{
	double		pages;
	Oid			table;
	double		rows = rows_of("suppression", &table, &pages);
	double		asked = rows_asked_about(request->root, linitial(request->args));

	request->selectivity = SHARE_SUPPRESSED;
	if (asked > 1 && rows > 0)
	{
		rows *= share_active(request->root, table, list_nth(request->args, ASK_AT));
		request->selectivity = Min(rows / asked, SHARE_MAX);
	}
	return (Node *) request;
}

/* Rows of the one table that the address comes from; otherwise 1. */
static double
rows_asked_about(PlannerInfo *root, Node *address)
{
	Relids		relids = pull_varnos(root, address);
	int			relid;
	RelOptInfo *rel;

	if (!bms_get_singleton_member(relids, &relid) || relid >= root->simple_rel_array_size)
		return 1;
	rel = root->simple_rel_array[relid];
	if (rel == NULL)
		return 1;
	return Max(rel->reloptkind == RELOPT_BASEREL && rel->rtekind == RTE_RELATION ? rel->tuples : rel->rows, 1);
}

/* 0 when there is no such table, or when nothing was counted yet. */
static double
rows_of(const char *table, Oid *oid, double *pages)
{
	Oid			schema = get_namespace_oid("bounce", true);
	HeapTuple	tuple;
	double		rows = 0;

	*oid = OidIsValid(schema) ? get_relname_relid(table, schema) : InvalidOid;
	*pages = 0;
	tuple = OidIsValid(*oid) ? SearchSysCache1(RELOID, ObjectIdGetDatum(*oid)) : NULL;
	if (HeapTupleIsValid(tuple))
	{
		rows = ((Form_pg_class) GETSTRUCT(tuple))->reltuples;
		*pages = ((Form_pg_class) GETSTRUCT(tuple))->relpages;
		ReleaseSysCache(tuple);
	}
	return Max(rows, 0);
}

/* The share of suppressions that end after this time. */
static double
share_active(PlannerInfo *root, Oid table, Node *at)
{
	AttrNumber	column = get_attnum(table, "expires_at");
	VariableStatData statistics = {.vartype = TIMESTAMPTZOID, .atttype = TIMESTAMPTZOID, .atttypmod = -1, .acl_ok = true};
	double		share = 1;

	at = estimate_expression_value(root, at);
	if (!IsA(at, Const) || ((Const *) at)->constisnull ||
		column == InvalidAttrNumber || get_atttype(table, column) != TIMESTAMPTZOID)
		return share;
	statistics.freefunc = ReleaseSysCache;
	statistics.statsTuple = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(table), Int16GetDatum(column),
											BoolGetDatum(get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE));
	if (HeapTupleIsValid(statistics.statsTuple))
		share = share_later(root, &statistics, ((Const *) at)->constvalue);
	ReleaseVariableStats(statistics);
	return share;
}

/* As the planner itself estimates expires_at > at, from common values and histogram. */
static double
share_later(PlannerInfo *root, VariableStatData *statistics, Datum at)
{
	Oid			later = lookup_type_cache(TIMESTAMPTZOID, TYPECACHE_GT_OPR)->gt_opr;
	FmgrInfo	later_function;
	double		common_covers;
	double		common;
	double		others;

	fmgr_info(get_opcode(later), &later_function);
	common = mcv_selectivity(statistics, &later_function, InvalidOid, at, true, &common_covers);
	others = ineq_histogram_selectivity(root, statistics, later, &later_function, true, false,
										InvalidOid, at, TIMESTAMPTZOID);
	return common + Max(others, 0) * (1 - common_covers);
}
