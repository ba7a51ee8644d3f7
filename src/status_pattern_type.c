/*
 * status_pattern_type.c
 *		The SQL type bounce.status_pattern: a set of statuses such as 5.7.x.
 *
 * In: text such as "5.7.x", "55x" or "5", or four bytes in network order.  Syntax
 * errors have SQLSTATE 22P02, parts out of range 22003, bytes that are no pattern
 * 22P03.
 *
 * The operators status <@ pattern and pattern @> status use an index on the status:
 * their support functions name the range in which all matches lie.
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "compat.h"
#include "types.h"

#define PATTERN_HINT "Write a pattern like \"5.7.x\", \"5.x.x\", \"55x\", \"550 5.7.x\" or \"5\"; after x only x can follow."

PG_FUNCTION_INFO_V1(status_pattern_in);
PG_FUNCTION_INFO_V1(status_pattern_out);
PG_FUNCTION_INFO_V1(status_pattern_recv);
PG_FUNCTION_INFO_V1(status_pattern_send);
PG_FUNCTION_INFO_V1(smtp_status_in_pattern);
PG_FUNCTION_INFO_V1(status_pattern_contains);
PG_FUNCTION_INFO_V1(smtp_status_in_pattern_support);
PG_FUNCTION_INFO_V1(status_pattern_contains_support);

Datum
status_pattern_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	StatusPattern pattern;
	SmtpStatusError error = status_pattern_parse(text, strlen(text), &pattern);

	if (error == SMTP_STATUS_RANGE)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value \"%s\" is out of range for type %s", text, "status_pattern"),
				 errdetail("A reply code is 200 to 599; an enhanced code has class 2, 4 or 5, and subject and detail 0 to 999."),
				 errhint(PATTERN_HINT)));
	if (error != SMTP_STATUS_OK)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "status_pattern", text),
				 error == SMTP_STATUS_DISAGREES ?
				 errdetail("Reply code and enhanced code do not begin with the same digit.") : 0,
				 errhint(PATTERN_HINT)));
	PG_RETURN_STATUS_PATTERN(pattern);
}

Datum
status_pattern_out(PG_FUNCTION_ARGS)
{
	char	   *text = palloc(SMTP_STATUS_TEXT_MAX);

	status_pattern_format(PG_GETARG_STATUS_PATTERN(0), text);
	PG_RETURN_CSTRING(text);
}

Datum
status_pattern_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	StatusPattern pattern = pq_getmsgint(message, sizeof(StatusPattern));

	if (!status_pattern_valid(pattern))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value for type %s: 0x%08x", "status_pattern", pattern)));
	PG_RETURN_STATUS_PATTERN(pattern);
}

Datum
status_pattern_send(PG_FUNCTION_ARGS)
{
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint32(&message, PG_GETARG_STATUS_PATTERN(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

Datum
smtp_status_in_pattern(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(status_pattern_matches(PG_GETARG_STATUS_PATTERN(1), PG_GETARG_SMTP_STATUS(0)));
}

Datum
status_pattern_contains(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(status_pattern_matches(PG_GETARG_STATUS_PATTERN(0), PG_GETARG_SMTP_STATUS(1)));
}

/*
 * status OPERATOR constant, or NULL if the index does not know the operator.  The
 * operator is looked up by its strategy in the type's own btree family, and must be a
 * member of the index's family, whatever its access method.
 */
static Expr *
index_clause(Oid opfamily, Node *status, StrategyNumber strategy, SmtpStatus value)
{
	Oid			type = exprType(status);
	TypeCacheEntry *cache = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY);
	Oid			member = get_opfamily_member(cache->btree_opf, type, type, strategy);
	Const	   *constant;

	if (!OidIsValid(member) || !op_in_opfamily(member, opfamily))
		return NULL;
	constant = makeConst(type, -1, InvalidOid, sizeof(SmtpStatus), SmtpStatusGetDatum(value), false, true);
	return make_opclause(member, BOOLOID, false, (Expr *) status, (Expr *) constant, InvalidOid, InvalidOid);
}

/* The conditions by which an index finds what lies in the range. */
static List *
range_clauses(Oid opfamily, Node *status, StatusRange range)
{
	Expr	   *low;
	Expr	   *high;

	if (range.low == range.high)
	{
		low = index_clause(opfamily, status, BTEqualStrategyNumber, range.low);
		return low != NULL ? list_make1(low) : NIL;
	}
	low = index_clause(opfamily, status, BTGreaterEqualStrategyNumber, range.low);
	high = index_clause(opfamily, status, BTLessEqualStrategyNumber, range.high);
	return low != NULL && high != NULL ? list_make2(low, high) : NIL;
}

/* Answers the planner's question for an index condition; status_arg is the status's place. */
static Datum
index_condition(Node *request, int status_arg)
{
	SupportRequestIndexCondition *ask;
	List	   *args;
	Const	   *pattern;
	StatusRange range;

	if (!IsA(request, SupportRequestIndexCondition))
		PG_RETURN_POINTER(NULL);
	ask = (SupportRequestIndexCondition *) request;
	if (ask->indexarg != status_arg)
		PG_RETURN_POINTER(NULL);

	args = is_opclause(ask->node) ? ((OpExpr *) ask->node)->args : ((FuncExpr *) ask->node)->args;
	pattern = list_nth(args, 1 - status_arg);
	if (!IsA(pattern, Const) || pattern->constisnull)
		PG_RETURN_POINTER(NULL);

	range = status_pattern_range((StatusPattern) DatumGetSmtpStatus(pattern->constvalue));
	ask->lossy = !range.exact;
	PG_RETURN_POINTER(range_clauses(ask->opfamily, list_nth(args, status_arg), range));
}

Datum
smtp_status_in_pattern_support(PG_FUNCTION_ARGS)
{
	return index_condition((Node *) PG_GETARG_POINTER(0), 0);
}

Datum
status_pattern_contains_support(PG_FUNCTION_ARGS)
{
	return index_condition((Node *) PG_GETARG_POINTER(0), 1);
}
