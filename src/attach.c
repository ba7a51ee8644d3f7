/*
 * attach.c
 *		Putting our triggers on a table of the application, and taking them off.
 *
 * Triggers and indexes are made with the rights of the extension's owner, because nobody
 * else may use its trigger functions; so everything about the caller is checked first.
 * All else is done with his own.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "attach.h"
#include "attachment.h"
#include "compat.h"
#include "owner.h"
#include "partition_key.h"

PG_FUNCTION_INFO_V1(bounce_detach);

/* What each kind of attachment leaves on a table. */
typedef struct AttachmentKind
{
	const char *name;
	const char *functions[2];
} AttachmentKind;

static const AttachmentKind kinds[] = {
	{"guard_outbox", {"guard_outbox_row", "guard_outbox_statement"}},
	{"quarantine_contacts", {"quarantine_contacts_row"}},
	{"track_preferences", {"track_preferences_rows"}},
	{"watch_deliveries", {"watch_deliveries_rows"}}
};

static void check_owner(Oid table);
static void check_table(Relation relation, const char *kind);
static void check_partition_keys(Relation relation, const char *kind);
static void check_free(const Attaching *attaching);
static bool has_trigger(Relation relation, const char *kind);
static void finish_trigger(Attaching *attaching, const char *trigger);
static void run_closed(Attaching *attaching, const char *command, void (*how)(const char *command));
static void run_as_owner(const char *command);
static void run(const char *command);
static int	check_kind(const char *kind);
static List *detach_commands(Oid table, const AttachmentKind *kind);
static bool needs_index(Relation relation);
static List *add_drop_index(List *commands, Relation relation, const Attachment *attachment);

Attaching *
attach_begin(Oid table, const char *kind, const char *function, bool always)
{
	Attaching  *attaching = palloc(sizeof(Attaching));

	/* Before the lock: nobody is to hold up a table of somebody else. */
	check_owner(table);
	attaching->oid = table;
	attaching->relation = table_open(table, ShareRowExclusiveLock);
	check_table(attaching->relation, kind);
	attaching->table = quote_qualified_identifier(get_namespace_name(RelationGetNamespace(attaching->relation)),
												  RelationGetRelationName(attaching->relation));
	attaching->kind = kind;
	attaching->function = function;
	attaching->always = always;
	check_free(attaching);
	initStringInfo(&attaching->columns);
	initStringInfo(&attaching->parts);
	initStringInfo(&attaching->arguments);
	return attaching;
}

static void
check_owner(Oid table)
{
	if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(table)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", table)));
	if (!relation_owned_by(table, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(get_rel_relkind(table)),
					   get_rel_name(table));
}

static void
check_table(Relation relation, const char *kind)
{
	char		relkind = relation->rd_rel->relkind;
	const char *name = RelationGetRelationName(relation);
	Oid			schema = RelationGetNamespace(relation);

	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("cannot attach \"%s\" to \"%s\"", kind, name),
				 errdetail_relkind_not_supported(relkind),
				 errhint("Name a table of the application.")));
	if (IsCatalogRelation(relation) || IsToastRelation(relation) ||
		schema == get_namespace_oid("bounce", false) || schema == get_namespace_oid("information_schema", true))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("cannot attach \"%s\" to \"%s\"", kind, name),
				 errdetail("Tables of the system and of schema \"bounce\" cannot be watched."),
				 errhint("Name a table of the application.")));
	check_partition_keys(relation, kind);
	if (relation->rd_rel->relispartition)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("cannot attach \"%s\" to partition \"%s\"", kind, name),
				 errhint("Attach it to the partitioned table \"%s\": that covers all partitions.",
						 get_rel_name(llast_oid(get_partition_ancestors(RelationGetRelid(relation)))))));
	if (relkind == RELKIND_RELATION && find_inheritance_children(RelationGetRelid(relation), NoLock) != NIL)
		ereport(NOTICE,
				(errmsg("tables that inherit from \"%s\" are not covered", name),
				 errhint("Attach \"%s\" to each of them.", kind)));
}

/* The server runs these as whoever makes a trigger there. */
static void
check_partition_keys(Relation relation, const char *kind)
{
	Oid			function = partition_key_stranger(relation);

	if (OidIsValid(function))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot attach \"%s\" to \"%s\"", kind, RelationGetRelationName(relation)),
				 errdetail("Its partition key calls %s, whose owner has not the rights of the owner of this extension.",
						   format_procedure(function)),
				 errhint("Partition by columns, or by functions that a superuser owns.")));
}

static void
check_free(const Attaching *attaching)
{
	if (has_trigger(attaching->relation, attaching->kind))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("\"%s\" is attached to table \"%s\" already",
						attaching->kind, RelationGetRelationName(attaching->relation)),
				 errhint("To change it, call bounce.detach(%s, %s) first.",
						 quote_literal_cstr(attaching->table), quote_literal_cstr(attaching->kind))));
}

/* Any, also one that a dropped column left behind. */
static bool
has_trigger(Relation relation, const char *kind)
{
	const AttachmentKind *attached = &kinds[check_kind(kind)];

	for (int i = 0; relation->trigdesc != NULL && i < relation->trigdesc->numtriggers; i++)
	{
		for (int j = 0; j < (int) lengthof(attached->functions) && attached->functions[j] != NULL; j++)
			if (relation->trigdesc->triggers[i].tgfoid == bounce_function_oid(attached->functions[j], InvalidOid))
				return true;
	}
	return false;
}

void
attach_option(Attaching *attaching, const char *name, const char *value)
{
	if (value == NULL)
		return;
	appendStringInfo(&attaching->arguments, ", %s", quote_literal_cstr(psprintf("%s=%s", name, value)));
}

void
attach_chief(Attaching *attaching, const char *trigger, const char *when, const char *each)
{
	char	   *parts = psprintf("columns=%s", attaching->parts.data);
	StringInfoData command;

	attach_option(attaching, "attached_by", GetUserNameFromId(GetUserId(), false));
	attach_option(attaching, "attached_at", timestamptz_to_str(GetCurrentTransactionStartTimestamp()));
	initStringInfo(&command);
	appendStringInfo(&command, "CREATE TRIGGER %s %s OF %s ON %s %s", trigger, when,
					 attaching->columns.data, attaching->table, each);
	appendStringInfo(&command, " EXECUTE FUNCTION bounce.%s(%s%s)", attaching->function,
					 quote_literal_cstr(parts), attaching->arguments.data);
	attach_run(attaching, command.data);
	finish_trigger(attaching, trigger);
}

void
attach_trigger(Attaching *attaching, const char *trigger, const char *when, const char *each,
			   const char *function)
{
	char	   *command = psprintf("CREATE TRIGGER %s %s ON %s %s EXECUTE FUNCTION bounce.%s()",
								   trigger, when, attaching->table, each, function);

	attach_run(attaching, command);
	finish_trigger(attaching, trigger);
}

static void
finish_trigger(Attaching *attaching, const char *trigger)
{
	char	   *comment = psprintf("bounce_ext: %s; see bounce.watched_table", attaching->kind);
	char	   *command = psprintf("COMMENT ON TRIGGER %s ON %s IS %s",
								   trigger, attaching->table, quote_literal_cstr(comment));

	/* The lock holds the table's name, not that of its schema: it must be this table that got it. */
	(void) get_trigger_oid(attaching->oid, trigger, false);
	run_closed(attaching, command, run);
	if (attaching->always)
		run_closed(attaching, psprintf("ALTER TABLE %s ENABLE ALWAYS TRIGGER %s", attaching->table, trigger), run);
}

void
attach_end(Attaching *attaching)
{
	table_close(attaching->relation, NoLock);
}

void
attach_run(Attaching *attaching, const char *command)
{
	run_closed(attaching, command, run_as_owner);
}

/* The server does not alter a table that is open. */
static void
run_closed(Attaching *attaching, const char *command, void (*how)(const char *command))
{
	table_close(attaching->relation, NoLock);
	how(command);
	attaching->relation = table_open(attaching->oid, NoLock);
}

static void
run_as_owner(const char *command)
{
	OwnerScope	scope;

	owner_spi_begin(&scope);
	run(command);
	owner_spi_end(&scope);
}

static void
run(const char *command)
{
	int			rc;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	rc = SPI_execute(command, false, 0);
	if (rc != SPI_OK_UTILITY)
		elog(ERROR, "could not run \"%s\": %s", command, SPI_result_code_string(rc));
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
}

Relation
attach_reopen(Oid table, const char *kind, const char *function, LOCKMODE lock)
{
	Relation	relation = try_table_open(table, lock);

	if (relation == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", table)));
	if (attachment_read(relation, bounce_function_oid(function, InvalidOid)) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("\"%s\" is not attached to table \"%s\"", kind, RelationGetRelationName(relation)),
				 errhint("What is attached is listed in bounce.watched_table.")));
	return relation;
}

Oid
attach_table_argument(FunctionCallInfo fcinfo, int number)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"table\" must not be null")));
	return PG_GETARG_OID(number);
}

const char *
attach_name_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : NameStr(*PG_GETARG_NAME(number));
}

const char *
attach_text_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(number));
}

bool
attach_flag_argument(FunctionCallInfo fcinfo, int number, bool otherwise)
{
	return PG_ARGISNULL(number) ? otherwise : PG_GETARG_BOOL(number);
}

/* Through the cache, which asks nobody for a privilege on the schema. */
Oid
bounce_function_oid(const char *name, Oid argument)
{
	oidvector  *arguments = buildoidvector(&argument, OidIsValid(argument) ? 1 : 0);

	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name),
						   PointerGetDatum(arguments),
						   ObjectIdGetDatum(get_namespace_oid("bounce", false)));
}

/* detach("table" regclass, kind text) -> how many kinds were taken off */
Datum
bounce_detach(PG_FUNCTION_ARGS)
{
	Oid			table = attach_table_argument(fcinfo, 0);
	const char *kind = attach_text_argument(fcinfo, 1);
	int			only;
	int			detached = 0;

	PreventCommandIfReadOnly("bounce.detach()");
	only = check_kind(kind);
	check_owner(table);
	LockRelationOid(table, AccessExclusiveLock);
	for (int i = 0; i < (int) lengthof(kinds); i++)
	{
		List	   *commands;
		ListCell   *cell;

		if (only >= 0 && only != i)
			continue;
		commands = detach_commands(table, &kinds[i]);
		foreach(cell, commands)
			run(lfirst(cell));
		detached += commands == NIL ? 0 : 1;
	}
	PG_RETURN_INT32(detached);
}

/* Number of the kind, or -1 for all. */
static int
check_kind(const char *kind)
{
	if (kind == NULL)
		return -1;
	for (int i = 0; i < (int) lengthof(kinds); i++)
	{
		if (strcmp(kinds[i].name, kind) == 0)
			return i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is nothing to attach that is called \"%s\"", kind),
			 errhint("It is one of \"guard_outbox\", \"quarantine_contacts\", \"track_preferences\" and \"watch_deliveries\".")));
}

/* What takes this kind off the table; NIL when it is not attached. */
static List *
detach_commands(Oid table, const AttachmentKind *kind)
{
	Relation	relation = relation_open(table, NoLock);
	const char *name = quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)),
												  RelationGetRelationName(relation));
	Oid			functions[lengthof(kind->functions)] = {InvalidOid};
	Attachment *attachment;
	List	   *commands = NIL;

	for (int i = 0; i < (int) lengthof(functions) && kind->functions[i] != NULL; i++)
		functions[i] = bounce_function_oid(kind->functions[i], InvalidOid);
	for (int i = 0; relation->trigdesc != NULL && i < relation->trigdesc->numtriggers; i++)
	{
		const Trigger *trigger = &relation->trigdesc->triggers[i];

		if (!trigger->tgisclone && (trigger->tgfoid == functions[0] || trigger->tgfoid == functions[1]))
			commands = lappend(commands, psprintf("DROP TRIGGER %s ON %s", quote_identifier(trigger->tgname), name));
	}
	attachment = attachment_read(relation, functions[0]);
	if (attachment != NULL && !attachment->is_clone)
		commands = add_drop_index(commands, relation, attachment);
	relation_close(relation, NoLock);
	return commands;
}

/* Is something else attached that finds rows by their address? */
static bool
needs_index(Relation relation)
{
	static const char *const functions[] = {"quarantine_contacts_row", "track_preferences_rows"};
	int			attached = 0;

	for (int i = 0; i < (int) lengthof(functions); i++)
		attached += attachment_read(relation, bounce_function_oid(functions[i], InvalidOid)) != NULL;
	return attached > 1;
}

/* The index that was made for the attachment, if it is still there under its name. */
static List *
add_drop_index(List *commands, Relation relation, const Attachment *attachment)
{
	const char *name = attachment_option(attachment, "index");
	Oid			schema = RelationGetNamespace(relation);
	Oid			index = name == NULL ? InvalidOid : get_relname_relid(name, schema);

	if (!list_member_oid(RelationGetIndexList(relation), index) || needs_index(relation))
		return commands;
	name = quote_qualified_identifier(get_namespace_name(schema), name);
	return lappend(commands, psprintf("DROP INDEX %s", name));
}
