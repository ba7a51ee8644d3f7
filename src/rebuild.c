/*
 * rebuild.c
 *		rebuild_suppressions(): leases and complaints from the log alone.
 *
 * Nothing but the log, the horizon's base and the releases by hand goes in, so it
 * repairs whatever was done to bounce.suppression past the functions, and brings
 * all addresses under a changed policy at once.  It is safe beside loaders: like
 * them it takes the lock of each address, in the order of addresses.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "address_pages.h"
#include "owner.h"
#include "refold.h"

PG_FUNCTION_INFO_V1(rebuild_suppressions);

static char **next_addresses(const char *last, int *count);

/* rebuild_suppressions(): how many addresses have other rows than before */
Datum
rebuild_suppressions(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext page = AllocSetContextCreate(caller, "bounce rebuild", ALLOCSET_DEFAULT_SIZES);
	char	   *last = pstrdup("");
	int64		changed = 0;
	int			count;

	PreventCommandIfReadOnly("bounce.rebuild_suppressions()");
	do
	{
		char	  **addresses;

		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(page);
		addresses = next_addresses(last, &count);
		changed += refold_addresses(addresses, count);
		MemoryContextSwitchTo(caller);
		if (count > 0)
		{
			pfree(last);
			last = pstrdup(addresses[count - 1]);
		}
		MemoryContextReset(page);
	} while (count == ADDRESS_PAGE);
	MemoryContextDelete(page);
	PG_RETURN_INT64(changed);
}

/*
 * Those of the log, and those whose rows no log accounts for.  Each part brings its
 * own first ones, in the order of its index.
 */
static char **
next_addresses(const char *last, int *count)
{
#define FIRST " ORDER BY 1 LIMIT " CppAsString2(ADDRESS_PAGE)
#define OF_LOG "t.topic OPERATOR(pg_catalog.=) '' AND t.cause OPERATOR(pg_catalog.=) ANY ('{lease,complaint}')" \
	" AND t.address OPERATOR(pg_catalog.>) $1"
	static KeptStatement statement = {
		"(SELECT DISTINCT e.recipient FROM bounce.delivery_event e WHERE e.recipient OPERATOR(pg_catalog.>) $1"
		" AND e.class OPERATOR(bounce.>=) 'hard:delivered'" FIRST ") UNION"
		" (SELECT DISTINCT t.address FROM bounce.suppression t WHERE " OF_LOG FIRST ") UNION"
		" (SELECT DISTINCT t.address FROM bounce.suppression_history t WHERE " OF_LOG FIRST ") UNION"
		" (SELECT t.address FROM bounce.fold_base t WHERE t.address OPERATOR(pg_catalog.>) $1" FIRST ")" FIRST,
		1, {TEXTOID}, NULL
	};
	Datum		value = CStringGetTextDatum(last);
	MemoryContext caller = CurrentMemoryContext;
	OwnerScope	scope;
	char	  **page;
	char	  **addresses;

	owner_spi_begin(&scope);
	page = address_page(&statement, &value, count);
	MemoryContextSwitchTo(caller);
	addresses = palloc(sizeof(char *) * (*count + 1));
	for (int i = 0; i < *count; i++)
		addresses[i] = pstrdup(page[i]);
	owner_spi_end(&scope);
	return addresses;
}
