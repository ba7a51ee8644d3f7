/*
 * log_table.c
 *		How the log is read and written: in its partitions, or through SQL.
 *
 * Decided once and kept until the catalog says that the log, a partition or one of the
 * indexes has changed: partitions that come and go change the log.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/partition.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/partcache.h"
#include "utils/rel.h"

#include "bounce_class.h"
#include "event_row.h"
#include "log_partitions.h"
#include "log_table.h"
#include "owner.h"
#include "state_table.h"
#include "types.h"

/* Triggers of an INSERT: ours, on the log and on a partition. */
#define TRIGGERS_OF_LOG 3
#define TRIGGERS_OF_PART 1

/* What was decided. */
typedef struct Decision
{
	bool		valid;
	uint64		number;			/* of decisions so far */
	Oid			log;
	LogTable	table;			/* parts NULL: through SQL */
	MemoryContext context;
} Decision;

static Decision decided;

/* Counts invalidations, so that one that comes in while deciding is not lost. */
static uint64 invalidations = 0;

static bool open_parts(LogTable *table, TimestampTz from, TimestampTz until, LOCKMODE lock);
static void decide(void);
static void log_table_invalidate(Datum arg, Oid relation);
static bool is_partitioned_by_time(Relation log);
static bool find_parts(Relation log, LogTable *table);
static bool find_part(Relation log, Oid failing, LogPart *part, bool *takes_rows);
static bool same_columns(TupleDesc one, TupleDesc other);
static bool is_index_of_failing(Relation index);
static bool is_failing(Node *condition);
static bool has_only_our_triggers(Relation relation, int count);
static Oid	our_trigger(const char *name);

bool
log_table_open(LogTable *table, TimestampTz from, TimestampTz until, LOCKMODE lock)
{
	do
	{
		CHECK_FOR_INTERRUPTS();
		if (!decided.valid)
			decide();
		if (decided.table.parts == NULL)
			return false;
	} while (!open_parts(table, from, until, lock));
	return true;
}

/* False: waiting for a lock has told us that something is not so any more. */
static bool
open_parts(LogTable *table, TimestampTz from, TimestampTz until, LOCKMODE lock)
{
	uint64		decision = decided.number;

	*table = decided.table;
	/* Who goes through them may run statements that decide anew. */
	table->parts = palloc(sizeof(LogPart) * table->count);
	memcpy(table->parts, decided.table.parts, sizeof(LogPart) * table->count);
	table->heaps = palloc0(sizeof(Relation) * table->count);
	for (int i = 0; i < table->count; i++)
	{
		const LogPart *part = &table->parts[i];

		if (part->upper <= from || part->lower >= until)
			continue;
		table->heaps[i] = try_relation_open(part->relation, lock);
		if (table->heaps[i] != NULL && decided.valid && decided.number == decision)
			continue;
		log_table_close(table);
		return false;
	}
	return true;
}

void
log_table_close(LogTable *table)
{
	for (int i = 0; i < table->count; i++)
		if (table->heaps[i] != NULL)
			relation_close(table->heaps[i], NoLock);
}

static void
decide(void)
{
	uint64		seen = invalidations;
	Relation	log = table_open(bounce_relation_oid("delivery_event"), NoLock);
	LogTable	table = {0};
	bool		found;

	if (decided.context == NULL)
	{
		decided.context = AllocSetContextCreate(TopMemoryContext, "bounce log partitions", ALLOCSET_SMALL_SIZES);
		CacheRegisterRelcacheCallback(log_table_invalidate, (Datum) 0);
	}
	decided.valid = false;
	decided.number++;
	decided.table = (LogTable) {0};
	decided.log = RelationGetRelid(log);
	MemoryContextReset(decided.context);
	found = is_partitioned_by_time(log) && find_parts(log, &table);
	if (found)
	{
		decided.table.parts = MemoryContextAlloc(decided.context, sizeof(LogPart) * (table.count + 1));
		memcpy(decided.table.parts, table.parts, sizeof(LogPart) * table.count);
		decided.table.count = table.count;
		decided.table.takes_rows = table.takes_rows;
	}
	decided.valid = seen == invalidations;
	ereport(DEBUG1,
			(errmsg_internal("bounce.delivery_event is read %s, and attempts are stored %s",
							 found ? "in its partitions" : "through SQL",
							 found && table.takes_rows ? "in its partitions" : "through SQL")));
	table_close(log, NoLock);
}

static void
log_table_invalidate(Datum arg, Oid relation)
{
	const LogTable *table = &decided.table;
	bool		concerned = relation == InvalidOid || relation == decided.log || table->parts == NULL;

	invalidations++;
	for (int i = 0; i < table->count && !concerned; i++)
		concerned = relation == table->parts[i].relation || relation == table->parts[i].failing;
	if (concerned)
		decided.valid = false;
}

static bool
is_partitioned_by_time(Relation log)
{
	PartitionKey key = RelationGetPartitionKey(log);

	return log->rd_rel->relkind == RELKIND_PARTITIONED_TABLE &&
		key->strategy == PARTITION_STRATEGY_RANGE && key->partnatts == 1 &&
		key->partattrs[0] == EVENT_OCCURRED_AT && key->parttypid[0] == TIMESTAMPTZOID &&
		RelationGetDescr(log)->natts == EVENT_COLUMNS &&
		!(log->rd_rel->relrowsecurity && log->rd_rel->relforcerowsecurity) &&
		!relation_is_distributed(RelationGetRelid(log));
}

static bool
find_parts(Relation log, LogTable *table)
{
	Oid			failing = get_relname_relid("delivery_event_failing", RelationGetNamespace(log));
	LogPartitions partitions;

	if (!OidIsValid(failing))
		return false;
	log_partitions_read(&partitions);
	table->parts = palloc(sizeof(LogPart) * (partitions.count + 1));
	for (int i = 0; i < partitions.count; i++)
		table->parts[table->count++] = (LogPart) {
			.relation = partitions.range[i].relation, .lower = partitions.range[i].lower, .upper = partitions.range[i].upper};
	if (OidIsValid(partitions.rest))
		table->parts[table->count++] = (LogPart) {.relation = partitions.rest, .lower = DT_NOBEGIN, .upper = DT_NOEND};
	table->takes_rows = log->rd_rules == NULL && has_only_our_triggers(log, TRIGGERS_OF_LOG) &&
		pg_class_aclcheck(RelationGetRelid(log), log->rd_rel->relowner, ACL_INSERT) == ACLCHECK_OK;
	for (int i = 0; i < table->count; i++)
		if (!find_part(log, failing, &table->parts[i], &table->takes_rows))
			return false;
	return true;
}

/* False: it is not one that can be read here. */
static bool
find_part(Relation log, Oid failing, LogPart *part, bool *takes_rows)
{
	Relation	heap = relation_open(part->relation, AccessShareLock);
	TupleConstr *constraints = RelationGetDescr(heap)->constr;
	bool		found = relation_not_plain(heap) == NULL && same_columns(RelationGetDescr(log), RelationGetDescr(heap));

	part->failing = found ? index_get_partition(heap, failing) : InvalidOid;
	if (OidIsValid(part->failing))
	{
		Relation	index = index_open(part->failing, AccessShareLock);

		found = is_index_of_failing(index);
		index_close(index, NoLock);
	}
	if (!has_only_our_triggers(heap, TRIGGERS_OF_PART) || (constraints != NULL && constraints->has_generated_stored))
		*takes_rows = false;
	relation_close(heap, NoLock);
	return found && OidIsValid(part->failing);
}

/* A partition that was attached by hand may have them in another order. */
static bool
same_columns(TupleDesc one, TupleDesc other)
{
	if (one->natts != other->natts)
		return false;
	for (int i = 0; i < one->natts; i++)
	{
		Form_pg_attribute a = TupleDescAttr(one, i);
		Form_pg_attribute b = TupleDescAttr(other, i);

		if (a->attisdropped || b->attisdropped || a->atttypid != b->atttypid ||
			strcmp(NameStr(a->attname), NameStr(b->attname)) != 0)
			return false;
	}
	return true;
}

static bool
is_index_of_failing(Relation index)
{
	Form_pg_index form = index->rd_index;
	List	   *condition = RelationGetIndexPredicate(index);

	return form->indisvalid && !form->indcheckxmin && index->rd_rel->relam == BTREE_AM_OID &&
		form->indnkeyatts == 2 && form->indkey.values[0] == EVENT_RECIPIENT && form->indkey.values[1] == EVENT_OCCURRED_AT &&
		form->indnatts == 4 && form->indkey.values[2] == EVENT_CLASS && form->indkey.values[3] == EVENT_EVENT_KEY &&
		index->rd_opfamily[0] == TEXT_BTREE_FAM_OID && index->rd_indcollation[0] == C_COLLATION_OID &&
		index->rd_opcintype[1] == TIMESTAMPTZOID &&
		list_length(condition) == 1 && is_failing(linitial(condition));
}

/* class >= 'hard:delivered' */
static bool
is_failing(Node *condition)
{
	OpExpr	   *comparison = (OpExpr *) condition;
	Var		   *column;
	Const	   *bound;

	if (!IsA(condition, OpExpr) || list_length(comparison->args) != 2 ||
		strcmp(get_opname(comparison->opno), ">=") != 0 ||
		!IsA(linitial(comparison->args), Var) || !IsA(lsecond(comparison->args), Const))
		return false;
	column = linitial(comparison->args);
	bound = lsecond(comparison->args);
	return column->varattno == EVENT_CLASS && bound->consttype == bounce_type_oid("bounce_class") && !bound->constisnull &&
		DatumGetBounceClass(bound->constvalue) == bounce_class_make(SEVERITY_HARD, REASON_DELIVERED);
}

/* Nobody but us, and we in full, wants to know of an INSERT. */
static bool
has_only_our_triggers(Relation relation, int count)
{
	TriggerDesc *triggers = relation->trigdesc;
	Oid			fill = our_trigger("delivery_event_fill");
	Oid			apply = our_trigger("delivery_event_apply");

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (!TRIGGER_FOR_INSERT(trigger->tgtype))
			continue;
		if ((trigger->tgfoid != fill && trigger->tgfoid != apply) || trigger->tgqual != NULL ||
			(trigger->tgenabled != TRIGGER_FIRES_ON_ORIGIN && trigger->tgenabled != TRIGGER_FIRES_ALWAYS))
			return false;
		count--;
	}
	return count == 0;
}

static Oid
our_trigger(const char *name)
{
	return LookupFuncName(list_make2(makeString("bounce"), makeString(pstrdup(name))), 0, NULL, true);
}
