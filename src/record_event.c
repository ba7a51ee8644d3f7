/*
 * record_event.c
 *		record_event(): one event through the same door as COPY.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"

#include "owner.h"
#include "types.h"

PG_FUNCTION_INFO_V1(record_event);

#define ARGUMENTS 11

/*
 * record_event(recipient, response, status, class, topic, message_id, event_key,
 * occurred_at, sent_at, source, remote_host): the class that was recorded, or
 * NULL when the event was rejected or is in the log already.
 */
Datum
record_event(PG_FUNCTION_ARGS)
{
	static KeptStatement statement = {
		"INSERT INTO bounce.delivery_event (recipient, response, status, class, topic, message_id, event_key,"
		" occurred_at, sent_at, source, remote_host)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8, pg_catalog.now()), $9, $10, $11) RETURNING class",
		ARGUMENTS, {0}, NULL
	};
	const Oid	types[ARGUMENTS] = {
		TEXTOID, TEXTOID, bounce_type_oid("smtp_status"), bounce_type_oid("bounce_class"), TEXTOID, TEXTOID,
		TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID
	};
	Datum		values[ARGUMENTS];
	char		nulls[ARGUMENTS];
	OwnerScope	scope;
	bool		recorded;
	bool		isnull;
	Datum		klass = (Datum) 0;

	PreventCommandIfReadOnly("bounce.record_event()");
	memcpy(statement.argtypes, types, sizeof(types));
	for (int i = 0; i < ARGUMENTS; i++)
	{
		values[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	owner_spi_begin(&scope);
	kept_execute(&statement, values, nulls, false);
	recorded = SPI_processed == 1;
	if (recorded)
		klass = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	owner_spi_end(&scope);
	if (!recorded)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(klass);
}
