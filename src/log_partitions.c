/*
 * log_partitions.c
 *		The partitions of the log: which there are, and making and dropping them.
 *
 * Those made here are members of the extension.  pg_dump could not carry them any
 * other way: the key of the log is there before they are attached, so the one of
 * their own would be a second one; and who restores may not be allowed to make
 * tables here.  Their events are dumped with those of the default partition (see
 * sql/event.sql), go there when restored, and move when partitions are made.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "default_privileges.h"
#include "log_partitions.h"
#include "owner.h"

static TimestampTz bound(PartitionBoundInfo info, int number);
static char *new_name(TimestampTz lower);
static void let_owner_read(const char *name, Oid extension);
static void join_extension(const char *name);
static void leave_extension(Oid partition, const char *name);
static uint64 run(const char *statement);
static uint64 run_timed(const char *statement, int count, TimestampTz first, TimestampTz second);
static char *quoted_time(TimestampTz at);

void
log_partitions_read(LogPartitions *partitions)
{
	Relation	log = table_open(bounce_relation_oid("delivery_event"), NoLock);
	PartitionDesc desc = RelationGetPartitionDesc(log, true);
	PartitionBoundInfo info = desc->boundinfo;

	partitions->count = 0;
	partitions->range = palloc(sizeof(LogPartition) * (desc->nparts + 1));
	partitions->rest = InvalidOid;
	if (desc->nparts > 0 && partition_bound_has_default(info))
		partitions->rest = desc->oids[info->default_index];
	/* indexes[i] is the partition that ends at bound i, -1 for none. */
	for (int i = 0; desc->nparts > 0 && i < info->ndatums; i++)
		if (info->indexes[i] >= 0)
			partitions->range[partitions->count++] = (LogPartition) {
				desc->oids[info->indexes[i]], i == 0 ? DT_NOBEGIN : bound(info, i - 1), bound(info, i)};
	table_close(log, NoLock);
}

static TimestampTz
bound(PartitionBoundInfo info, int number)
{
	switch (info->kind[number][0])
	{
		case PARTITION_RANGE_DATUM_MINVALUE:
			return DT_NOBEGIN;
		case PARTITION_RANGE_DATUM_MAXVALUE:
			return DT_NOEND;
		default:
			return DatumGetTimestampTz(info->datums[number][0]);
	}
}

char *
log_partition_name(Oid partition)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(partition)), get_rel_name(partition));
}

char *
log_partition_create(TimestampTz lower, TimestampTz upper, Oid rest, int64 *moved)
{
	char	   *name = new_name(lower);

	*moved = 0;
	run(psprintf("CREATE TABLE %s (LIKE bounce.delivery_event INCLUDING ALL)", name));
	if (OidIsValid(rest))
		*moved = (int64) run_timed(psprintf(
									   "WITH moved AS (DELETE FROM ONLY %s WHERE occurred_at OPERATOR(pg_catalog.>=) $1"
									   " AND occurred_at OPERATOR(pg_catalog.<) $2 RETURNING *) INSERT INTO %s SELECT * FROM moved",
									   log_partition_name(rest), name),
								   2, lower, upper);
	run(psprintf("ALTER TABLE bounce.delivery_event ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)",
				 name, quoted_time(lower), quoted_time(upper)));
	run(psprintf("COMMENT ON TABLE %s IS %s", name,
				 quote_literal_cstr(psprintf("Events from %s until just before %s",
											 pstrdup(timestamptz_to_str(lower)),
											 pstrdup(timestamptz_to_str(upper))))));
	join_extension(name);
	return name;
}

char *
log_partition_drop(Oid partition)
{
	char	   *name = log_partition_name(partition);

	leave_extension(partition, name);
	run(psprintf("DROP TABLE %s", name));
	return name;
}

bool
log_partition_reaches(Oid partition, TimestampTz before)
{
	return run_timed(psprintf("SELECT FROM ONLY %s WHERE occurred_at OPERATOR(pg_catalog.<) $1 LIMIT 1",
							  log_partition_name(partition)),
					 1, before, 0) > 0;
}

int64
log_partition_trim(Oid partition, TimestampTz before)
{
	return (int64) run_timed(psprintf("DELETE FROM ONLY %s WHERE occurred_at OPERATOR(pg_catalog.<) $1",
									  log_partition_name(partition)),
							 1, before, 0);
}

/* delivery_event_20260301, by its first day; with the time if that is not midnight, or with a number. */
static char *
new_name(TimestampTz lower)
{
	Oid			schema = get_rel_namespace(bounce_relation_oid("delivery_event"));
	struct pg_tm at;
	fsec_t		fraction;
	char	   *name;
	char	   *first;

	if (timestamp2tm(lower, NULL, &at, &fraction, NULL, NULL) != 0)
		elog(ERROR, "timestamp out of range");
	name = psprintf("delivery_event_%04d%02d%02d", at.tm_year, at.tm_mon, at.tm_mday);
	if (at.tm_hour != 0 || at.tm_min != 0 || at.tm_sec != 0 || fraction != 0)
		name = psprintf("%s_%02d%02d%02d", name, at.tm_hour, at.tm_min, at.tm_sec);
	first = name;
	for (int number = 2; OidIsValid(get_relname_relid(name, schema)); number++)
		name = psprintf("%s_%d", first, number);
	return quote_qualified_identifier("bounce", name);
}

/* The owner of the extension may be no superuser, and runs pg_dump. */
static void
let_owner_read(const char *name, Oid extension)
{
	static KeptStatement statement = {
		"SELECT pg_catalog.format('GRANT SELECT ON TABLE %s TO %s', $1, extowner::pg_catalog.regrole)"
		" FROM pg_catalog.pg_extension WHERE oid OPERATOR(pg_catalog.=) $2",
		2, {TEXTOID, OIDOID}, NULL
	};
	Datum		values[] = {CStringGetTextDatum(name), ObjectIdGetDatum(extension)};

	kept_execute(&statement, values, NULL, false);
	run(SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1));
}

/* Privileges first: those of a new member are not dumped, later ones are. */
static void
join_extension(const char *name)
{
	Oid			extension = getExtensionOfObject(RelationRelationId, bounce_relation_oid("delivery_event"));

	default_privileges_revoke(DatumGetObjectId(DirectFunctionCall1(regclassin, CStringGetDatum(name))), bounce_owner());
	if (!OidIsValid(extension))
		return;
	let_owner_read(name, extension);
	run(psprintf("ALTER EXTENSION %s ADD TABLE %s", quote_identifier(get_extension_name(extension)), name));
}

static void
leave_extension(Oid partition, const char *name)
{
	Oid			extension = getExtensionOfObject(RelationRelationId, partition);

	if (OidIsValid(extension))
		run(psprintf("ALTER EXTENSION %s DROP TABLE %s", quote_identifier(get_extension_name(extension)), name));
}

static uint64
run(const char *statement)
{
	int			rc = SPI_execute(statement, false, 0);

	if (rc < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(rc));
	return SPI_processed;
}

/* With one or two times as its arguments. */
static uint64
run_timed(const char *statement, int count, TimestampTz first, TimestampTz second)
{
	Oid			types[] = {TIMESTAMPTZOID, TIMESTAMPTZOID};
	Datum		values[] = {TimestampTzGetDatum(first), TimestampTzGetDatum(second)};
	int			rc = SPI_execute_with_args(statement, count, types, values, NULL, false, 0);

	if (rc < 0)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(rc));
	return SPI_processed;
}

static char *
quoted_time(TimestampTz at)
{
	return quote_literal_cstr(timestamptz_to_str(at));
}
