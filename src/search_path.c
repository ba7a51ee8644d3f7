/*
 * search_path.c
 *		Which schemas names are looked up in while SQL of ours runs.
 *
 * The texts of statements qualify every name, but some operators cannot be
 * qualified: IN, CASE x WHEN, BETWEEN and the like take the "=" of the search path.  In the
 * caller's own path that may be a function of his, which would run with the owner's
 * rights; and so would what the body of a trigger leaves unqualified.
 *
 * The application's own triggers, which our writing to its tables fires, get the
 * caller's path back: they may be made for it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "search_path.h"

#define OWN_SEARCH_PATH "pg_catalog, pg_temp"
#define NOTHING_TO_DO 0

/*
 * A path that was replaced by ours.  Both strings are the server's: it keeps them
 * for as long as ours is in force, and gives no other setting the same place.
 */
typedef struct ReplacedPath
{
	struct ReplacedPath *below;
	const char *path;
	const char *ours;
	int			scope;
	int			nest_level;		/* of the transaction */
} ReplacedPath;

static ReplacedPath *top = NULL;

static bool ours_in_force(void);
static int	set_path(const char *path);
static void register_callbacks(void);
static void forget_all(XactEvent event, void *arg);
static void forget_aborted(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg);

int
search_path_restrict(void)
{
	ReplacedPath *replaced;

	if (ours_in_force())
		return NOTHING_TO_DO;
	register_callbacks();
	replaced = MemoryContextAlloc(CurTransactionContext, sizeof(ReplacedPath));
	replaced->below = top;
	replaced->path = namespace_search_path;
	replaced->nest_level = GetCurrentTransactionNestLevel();
	replaced->scope = set_path(OWN_SEARCH_PATH);
	replaced->ours = namespace_search_path;
	top = replaced;
	return replaced->scope;
}

int
search_path_of_caller(void)
{
	return ours_in_force() ? set_path(top->path) : NOTHING_TO_DO;
}

void
search_path_back(int scope)
{
	if (scope == NOTHING_TO_DO)
		return;
	AtEOXact_GUC(false, scope);
	if (top != NULL && top->scope == scope)
	{
		ReplacedPath *replaced = top;

		top = replaced->below;
		pfree(replaced);
	}
}

static bool
ours_in_force(void)
{
	return top != NULL && top->ours == namespace_search_path;
}

static int
set_path(const char *path)
{
	int			scope = NewGUCNestLevel();

	(void) set_config_option("search_path", path, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	return scope;
}

static void
register_callbacks(void)
{
	static bool registered = false;

	if (registered)
		return;
	RegisterXactCallback(forget_all, NULL);
	RegisterSubXactCallback(forget_aborted, NULL);
	registered = true;
}

/* The server has put back the settings, and frees the memory. */
static void
forget_all(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PRE_PREPARE && event != XACT_EVENT_PARALLEL_PRE_COMMIT)
		top = NULL;
}

static void
forget_aborted(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	while (top != NULL && top->nest_level >= GetCurrentTransactionNestLevel())
		top = top->below;
}
