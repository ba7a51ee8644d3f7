/*
 * refold.c
 *		Bringing suppressions in line with the log.
 *
 * The log is the truth; leases and complaints are its fold, so late, duplicate
 * and out-of-order events need no rules of their own: the log of every address
 * that an event may have moved is folded again.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"

#include "fold_log.h"
#include "fold_write.h"
#include "owner.h"
#include "policy.h"
#include "quarantine.h"
#include "refold.h"

/* Addresses folded and written together: bounds the memory of one statement. */
#define REFOLD_BATCH 1000

static int	refold_batch(char **addresses, int count, const Policy *policy, char **changed, int *changed_count);
static Datum address_array(char **addresses, int count);
static void lock_addresses(Datum addresses);

int64
refold_addresses(char **addresses, int count)
{
	const Policy *policy;
	MemoryContext batch_context;
	MemoryContext caller;
	char	  **changed;
	int			changed_count = 0;
	int64		rewritten = 0;

	if (count == 0)
		return 0;
	policy = policy_in_force();
	changed = palloc(sizeof(char *) * count);
	batch_context = AllocSetContextCreate(CurrentMemoryContext, "bounce refold", ALLOCSET_DEFAULT_SIZES);
	for (int start = 0; start < count; start += REFOLD_BATCH)
	{
		CHECK_FOR_INTERRUPTS();
		caller = MemoryContextSwitchTo(batch_context);
		rewritten += refold_batch(addresses + start, Min(REFOLD_BATCH, count - start), policy,
								  changed, &changed_count);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(batch_context);
	}
	MemoryContextDelete(batch_context);
	quarantine_refresh(changed, changed_count, GetCurrentTransactionStartTimestamp());
	pfree(changed);
	return rewritten;
}

void
refold_lock(const char *address)
{
	char	   *addresses[] = {pstrdup(address)};
	OwnerScope	scope;

	owner_spi_begin(&scope);
	lock_addresses(address_array(addresses, 1));
	owner_spi_end(&scope);
}

/*
 * Notes in changed[] which of the addresses have other suppressions in force now;
 * returns how many have other rows.
 */
static int
refold_batch(char **addresses, int count, const Policy *policy, char **changed, int *changed_count)
{
	Datum		array = address_array(addresses, count);
	AddressLog *logs;
	FoldWriter *writer;
	OwnerScope	scope;
	int			rewritten;

	owner_spi_begin(&scope);
	lock_addresses(array);
	logs = fold_log_read(array, addresses, count, DT_NOEND);
	writer = fold_write_begin();
	for (int i = 0; i < count; i++)
	{
		AddressState state;

		fold_log(&logs[i], policy, &state);
		if (fold_write_add(writer, &logs[i], &state))
			changed[(*changed_count)++] = addresses[i];
	}
	rewritten = fold_write_finish(writer);
	owner_spi_end(&scope);
	return rewritten;
}

static Datum
address_array(char **addresses, int count)
{
	Datum	   *elements = palloc(sizeof(Datum) * count);

	for (int i = 0; i < count; i++)
		elements[i] = CStringGetTextDatum(addresses[i]);
	return PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * Takes the row lock of every lease, in address order, making an empty row where
 * there is none: two sessions that bounce the same address meet here.
 */
static void
lock_addresses(Datum addresses)
{
	static KeptStatement statement = {
		"INSERT INTO bounce.suppression AS s (address, topic, cause, starts_at, expires_at)"
		" SELECT a, '', 'lease', '-infinity', '-infinity' FROM pg_catalog.unnest($1) AS a"
		" ON CONFLICT (address, topic, cause) DO UPDATE SET note = s.note WHERE false",
		1, {TEXTARRAYOID}, NULL
	};

	kept_execute(&statement, &addresses, NULL, false);
}
