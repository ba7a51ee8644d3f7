/*
 * index_plan.c
 *		Plans that look rows up, whatever the size of the table was when they were made.
 *
 * One plan serves all values: what one address would gain from a plan of its own
 * is less than what planning takes.  Nor does it pay to compile one: a scan that has no
 * index to go by is reckoned so dear that the server would, at each execution.
 *
 * An invalidation that comes in between the look at a plan and its execution makes
 * the server plan as it likes: such a plan serves once.  Those made here are told
 * by their generation, which only those who read traces look at.
 */
#include "postgres.h"

#include "jit/jit.h"
#include "optimizer/cost.h"
#include "utils/plancache.h"

#include "index_plan.h"

#define MADE_HERE 0				/* the server counts from 1 */

static bool has_plan(const CachedPlanSource *source);

SPIPlanPtr
index_plan_prepare(const char *sql, int nargs, Oid *argtypes)
{
	SPIPlanPtr	plan = SPI_prepare_cursor(sql, nargs, argtypes, CURSOR_OPT_GENERIC_PLAN);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	return plan;
}

void
index_plan_refresh(SPIPlanPtr plan)
{
	CachedPlanSource *source = linitial(SPI_plan_get_plan_sources(plan));
	bool		seqscan = enable_seqscan;
	bool		jit = jit_enabled;

	if (has_plan(source))
		return;
	if (source->gplan != NULL)
		source->gplan->is_valid = false;
	enable_seqscan = false;
	jit_enabled = false;
	PG_TRY();
	{
		ReleaseCachedPlan(SPI_plan_get_cached_plan(plan), source->is_saved ? CurrentResourceOwner : NULL);
	}
	PG_FINALLY();
	{
		enable_seqscan = seqscan;
		jit_enabled = jit;
	}
	PG_END_TRY();
	if (source->gplan != NULL)
		source->gplan->generation = MADE_HERE;
}

static bool
has_plan(const CachedPlanSource *source)
{
	return source->is_valid && source->gplan != NULL && source->gplan->is_valid &&
		source->gplan->generation == MADE_HERE;
}
