/*
 * kept_plan.c
 *		Plans of statements whose text is made at run time, kept for the session.
 *
 * Texts name tables of the application, so there are few of them; what is beyond
 * that is planned anew each time.  A kept plan is never freed: a trigger that it
 * fires may come back here while it runs.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "index_plan.h"
#include "kept_plan.h"

#define KEPT_PLANS_MAX 200

typedef struct KeptPlan
{
	uint64		hash;			/* of table, text and types */
	Oid			table;
	const char *sql;
	SPIPlanPtr	plan;
} KeptPlan;

static HTAB *kept_plans = NULL;

static uint64 hash_statement(Oid table, const char *sql, int nargs, const Oid *argtypes);
static void keep(uint64 hash, Oid table, const char *sql, SPIPlanPtr plan);

SPIPlanPtr
kept_plan(Oid table, const char *sql, int nargs, Oid *argtypes)
{
	uint64		hash = hash_statement(table, sql, nargs, argtypes);
	KeptPlan   *kept = kept_plans == NULL ? NULL : hash_search(kept_plans, &hash, HASH_FIND, NULL);
	SPIPlanPtr	plan;

	if (kept != NULL && kept->table == table && strcmp(kept->sql, sql) == 0)
		plan = kept->plan;
	else
	{
		plan = index_plan_prepare(sql, nargs, argtypes);
		if (kept == NULL)
			keep(hash, table, sql, plan);
	}
	index_plan_refresh(plan);
	return plan;
}

static uint64
hash_statement(Oid table, const char *sql, int nargs, const Oid *argtypes)
{
	uint64		hash = hash_bytes_extended((const unsigned char *) sql, strlen(sql), table);

	return hash_combine64(hash, hash_bytes_extended((const unsigned char *) argtypes, nargs * sizeof(Oid), 0));
}

static void
keep(uint64 hash, Oid table, const char *sql, SPIPlanPtr plan)
{
	KeptPlan   *kept;
	char	   *text;

	if (kept_plans == NULL)
	{
		HASHCTL		control = {.keysize = sizeof(uint64), .entrysize = sizeof(KeptPlan)};

		kept_plans = hash_create("bounce kept plans", 32, &control, HASH_ELEM | HASH_BLOBS);
	}
	if (hash_get_num_entries(kept_plans) >= KEPT_PLANS_MAX)
		return;
	text = MemoryContextStrdup(TopMemoryContext, sql);
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "SPI_keepplan failed");
	kept = hash_search(kept_plans, &hash, HASH_ENTER, NULL);
	kept->table = table;
	kept->sql = text;
	kept->plan = plan;
}
