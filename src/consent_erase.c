/*
 * consent_erase.c
 *		The one door through which evidence leaves bounce.consent_log: a person is
 *		forgotten.
 *
 * Nothing that SQL can set opens it: the trigger that guards the log looks at a
 * variable of this module, which is true while the DELETE below runs and at no
 * other time.  The chains of other addresses are not touched.
 *
 * Who records a choice holds the last row of the chain (FOR KEY SHARE), and who
 * erases the chain deletes it, so one of them waits; then he reads again.  A row
 * of its own for each chain, no lock table fills up.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "consent_erase.h"
#include "owner.h"

static bool erasing = false;

bool
consent_is_erasing(void)
{
	return erasing;
}

void
consent_hold(const char *address)
{
	static KeptStatement statement = {
		"SELECT FROM bounce.consent_log WHERE address OPERATOR(pg_catalog.=) $1"
		" ORDER BY number DESC LIMIT 1 FOR KEY SHARE",
		1, {TEXTOID}, NULL
	};
	Datum		value = CStringGetTextDatum(address);

	kept_execute(&statement, &value, NULL, false);
}

uint64
consent_erase(const char *address)
{
	static KeptStatement statement = {
		"DELETE FROM bounce.consent_log WHERE address OPERATOR(pg_catalog.=) $1",
		1, {TEXTOID}, NULL
	};
	Datum		value = CStringGetTextDatum(address);
	uint64		erased = 0;

	/* A writer that was waited for has left another row. */
	do
	{
		CHECK_FOR_INTERRUPTS();
		erasing = true;
		PG_TRY();
		{
			kept_execute_latest(&statement, &value, NULL);
		}
		PG_FINALLY();
		{
			erasing = false;
		}
		PG_END_TRY();
		erased += SPI_processed;
	} while (SPI_processed > 0);
	return erased;
}
