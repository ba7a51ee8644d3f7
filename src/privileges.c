/*
 * privileges.c
 *		Bundles of privileges: what they hold, and giving them to roles.
 *
 * The objects of a trusted extension belong to the superuser that the server
 * installs it as, not to the role that ran CREATE EXTENSION.  That role owns the
 * extension, though; so whoever owns the extension may give and take bundles, and
 * GRANT runs as the owner of the tables.  Every statement is made of names from
 * the catalogs and from privileges.def; of the caller's input only the role gets
 * into it, as a quoted identifier.
 *
 * Everybody may call both functions: the owner of an extension can change, and
 * the privileges that the old one had do not follow.
 *
 * Errors: 42501 for a caller that does not own the extension, 22023 for a bundle
 * that is not there, 42704 for such a role, 22004 for a NULL, 25006 on a standby.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "compat.h"
#include "default_privileges.h"
#include "owner.h"
#include "state_args.h"

PG_FUNCTION_INFO_V1(bounce_grant_access);
PG_FUNCTION_INFO_V1(bounce_revoke_access);
PG_FUNCTION_INFO_V1(bounce_access_bundles);

typedef enum ItemKind
{
	ROUTINE,
	TABLE
} ItemKind;

typedef struct BundleItem
{
	const char *bundle;
	const char *privilege;
	ItemKind	kind;
	const char *object;
} BundleItem;

static const BundleItem items[] = {
#define BUNDLE_ITEM(bundle, privilege, kind, object) {bundle, privilege, kind, object},
#include "privileges.def"
#undef BUNDLE_ITEM
};

/* GRANT ... TO or REVOKE ... FROM */
typedef struct Verb
{
	const char *name;
	const char *preposition;
} Verb;

static const Verb grant_verb = {"GRANT", "TO"};
static const Verb revoke_verb = {"REVOKE", "FROM"};

/* The extension that the tables belong to, whatever its name. */
static Oid
bounce_extension(void)
{
	return getExtensionOfObject(RelationRelationId, bounce_relation_oid("delivery_event"));
}

static void
check_caller(Oid extension)
{
	if (!extension_ownercheck(extension, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of extension bounce_ext"),
				 errhint("Ask the role that ran CREATE EXTENSION, or a superuser.")));
}

static void
check_bundle(const char *bundle)
{
	for (int i = 0; i < (int) lengthof(items); i++)
		if (strcmp(bundle, items[i].bundle) == 0)
			return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown bundle of privileges: \"%s\"", clipped(bundle)),
			 errhint("Bundles are sender, analyst and operator; bounce.access_bundles() lists what they hold.")));
}

/* The role as an identifier; regrole reads '-' as none. */
static const char *
role_arg(FunctionCallInfo fcinfo, int n)
{
	Oid			role = DatumGetObjectId(required_arg(fcinfo, n, "role"));
	char	   *name = OidIsValid(role) ? GetUserNameFromId(role, true) : NULL;

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("role does not exist"),
				 errhint("Give the name of a role; there are no bundles for PUBLIC.")));
	return quote_identifier(name);
}

static void
run(const char *statement)
{
	int			rc = SPI_execute(statement, false, 0);

	if (rc != SPI_OK_UTILITY)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(rc));
}

/* One statement for all routines of a name; those of somebody else in the schema stay out. */
static void
change_routines(const Verb *verb, const BundleItem *item, Oid extension, const char *role)
{
	Oid			schema = get_namespace_oid("bounce", false);
	CatCList   *routines = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(item->object));
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < routines->n_members; i++)
	{
		Form_pg_proc routine = (Form_pg_proc) GETSTRUCT(&routines->members[i]->tuple);

		if (routine->pronamespace != schema ||
			getExtensionOfObject(ProcedureRelationId, routine->oid) != extension)
			continue;
		appendStringInfo(&names, "%s%s", names.len == 0 ? "" : ", ", format_procedure_qualified(routine->oid));
	}
	ReleaseSysCacheList(routines);
	if (names.len > 0)
		run(psprintf("%s %s ON ROUTINE %s %s %s", verb->name, item->privilege, names.data,
					 verb->preposition, role));
}

static void
change_table(const Verb *verb, const BundleItem *item, Oid extension, const char *role)
{
	Oid			table = get_relname_relid(item->object, get_namespace_oid("bounce", false));

	if (!OidIsValid(table) || getExtensionOfObject(RelationRelationId, table) != extension)
		return;
	run(psprintf("%s %s ON TABLE %s %s %s", verb->name, item->privilege,
				 quote_qualified_identifier("bounce", item->object), verb->preposition, role));
}

/*
 * Who installed it can dump and restore it.  Never TRIGGER or REFERENCES: what a
 * trigger on these tables does, it would do as their owner, a superuser.
 */
static void
grant_tables(const char *role)
{
	OwnerScope	scope;

	owner_spi_begin(&scope);
	run(psprintf("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA bounce TO %s", role));
	owner_spi_end(&scope);
}

static void
take_back_defaults(Oid installer)
{
	OwnerScope	scope;

	owner_spi_begin(&scope);
	default_privileges_revoke(InvalidOid, installer);
	owner_spi_end(&scope);
}

/* grant_access(role, bundle) and revoke_access(role, bundle) */
static void
change_access(FunctionCallInfo fcinfo, const Verb *verb)
{
	const char *role = role_arg(fcinfo, 0);
	const char *bundle = required_text_arg(fcinfo, 1, "bundle");
	Oid			extension = bounce_extension();
	OwnerScope	scope;

	check_caller(extension);
	check_bundle(bundle);
	owner_spi_begin(&scope);
	for (int i = 0; i < (int) lengthof(items); i++)
	{
		if (strcmp(bundle, items[i].bundle) != 0)
			continue;
		if (items[i].kind == ROUTINE)
			change_routines(verb, &items[i], extension, role);
		else
			change_table(verb, &items[i], extension, role);
	}
	owner_spi_end(&scope);
}

Datum
bounce_grant_access(PG_FUNCTION_ARGS)
{
	bool		recording = creating_extension;
	bool		installing = recording && CurrentExtensionObject == bounce_extension();

	PreventCommandIfReadOnly("bounce.grant_access()");
	if (installing)
		take_back_defaults(PG_GETARG_OID(0));
	/* What who installs it gets is no part of the extension: pg_dump carries it, as another may restore. */
	creating_extension = false;
	PG_TRY();
	{
		change_access(fcinfo, &grant_verb);
		if (installing)
			grant_tables(role_arg(fcinfo, 0));
	}
	PG_FINALLY();
	{
		creating_extension = recording;
	}
	PG_END_TRY();
	PG_RETURN_VOID();
}

Datum
bounce_revoke_access(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("bounce.revoke_access()");
	change_access(fcinfo, &revoke_verb);
	PG_RETURN_VOID();
}

/* access_bundles(): bundle, privilege, object */
Datum
bounce_access_bundles(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < (int) lengthof(items); i++)
	{
		Datum		values[] = {
			CStringGetTextDatum(items[i].bundle),
			CStringGetTextDatum(items[i].privilege),
			CStringGetTextDatum(items[i].object)
		};
		bool		nulls[] = {false, false, false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
