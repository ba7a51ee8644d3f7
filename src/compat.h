/*
 * compat.h
 *		What differs between server versions 15 to 18, in one place.
 */
#ifndef BOUNCE_COMPAT_H
#define BOUNCE_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "bounce_ext needs PostgreSQL 15 or later"
#endif

/*
 * Soft errors (16 and later): errsave() and ereturn() report into fcinfo->context
 * where the caller asked for it.  Before that they are plain errors.
 */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#else
#define errsave(context, ...) ereport(ERROR, __VA_ARGS__)
#define ereturn(context, dummy_value, ...) ereport(ERROR, __VA_ARGS__)
#endif

/* VARDATA_ANY and the like left postgres.h with 16. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Ownership of an extension. */
#include "utils/acl.h"
#if PG_VERSION_NUM >= 160000
#include "catalog/pg_extension.h"
#define extension_ownercheck(extension, role) object_ownercheck(ExtensionRelationId, extension, role)
#else
#define extension_ownercheck(extension, role) pg_extension_ownercheck(extension, role)
#endif

/* A function that does not return: the word before its declaration since 18. */
#ifndef pg_noreturn
#define pg_noreturn pg_attribute_noreturn()
#endif

/* Infinite intervals (17 and later). */
#include "datatype/timestamp.h"
#ifndef INTERVAL_IS_NOEND
#define INTERVAL_IS_NOEND(interval) false
#define INTERVAL_IS_NOBEGIN(interval) false
#endif

/*
 * An index scan without ORDER BY operators (18 and later may count what it does),
 * and the primary key, never a deferrable one: those do not enforce at once.
 */
#if PG_VERSION_NUM >= 180000
#define primary_key_index(relation) RelationGetPrimaryKeyIndex(relation, false)
#define index_begin(heap, index, snapshot, nkeys) index_beginscan(heap, index, snapshot, NULL, nkeys, 0)
#else
#define primary_key_index(relation) RelationGetPrimaryKeyIndex(relation)
#define index_begin(heap, index, snapshot, nkeys) index_beginscan(heap, index, snapshot, nkeys, 0)
#endif

/*
 * Skip support of a btree operator class (18 and later; sql/skip_support.sql).  Before
 * that nothing calls such a function, but it compiles.
 */
#if PG_VERSION_NUM >= 180000
#include "utils/skipsupport.h"
#else
#include "utils/relcache.h"

typedef Datum (*SkipSupportIncDec) (Relation rel, Datum existing, bool *overflow);

typedef struct SkipSupportData
{
	Datum		low_elem;
	Datum		high_elem;
	SkipSupportIncDec decrement;
	SkipSupportIncDec increment;
} SkipSupportData, *SkipSupport;
#endif

/* Base64 reads and writes bytes (18 and later), characters before. */
#if PG_VERSION_NUM >= 180000
typedef uint8 Base64Byte;
#else
typedef char Base64Byte;
#endif

/* One function for the owners of all kinds of objects (16 and later). */
#if PG_VERSION_NUM >= 160000
#define relation_owned_by(relation, role) object_ownercheck(RelationRelationId, relation, role)
#else
#define relation_owned_by(relation, role) pg_class_ownercheck(relation, role)
#endif

/* The number of this backend's transaction, given to every one (moved with 17). */
#include "storage/proc.h"
#if PG_VERSION_NUM >= 170000
#define current_local_transaction() (MyProc->vxid.lxid)
#else
#define current_local_transaction() (MyProc->lxid)
#endif

/* What is needed soon may be on its way meanwhile. */
#if defined(__GNUC__)
#define prefetch(address) __builtin_prefetch(address)
#else
#define prefetch(address) ((void) 0)
#endif

/* The next value of a tuplesort, copied for the caller (his choice in 16 and later). */
#include "utils/tuplesort.h"
#if PG_VERSION_NUM >= 160000
#define tuplesort_next_datum(sort, value, isnull) tuplesort_getdatum(sort, true, true, value, isnull, NULL)
#else
#define tuplesort_next_datum(sort, value, isnull) tuplesort_getdatum(sort, true, value, isnull, NULL)
#endif

/*
 * Which indexes a table's update has to tell: all, none or (16 and later) those that
 * summarize; an insert tells all.
 */
#include "access/tableam.h"
#if PG_VERSION_NUM >= 160000
typedef TU_UpdateIndexes IndexesToTell;
#define TELL_NO_INDEX TU_None
#define tell_indexes_of_insert(target, slot, state) \
	ExecInsertIndexTuples(target, slot, state, false, false, NULL, NIL, false)
#define tell_indexes_of_update(target, slot, state, which) \
	ExecInsertIndexTuples(target, slot, state, true, false, NULL, NIL, (which) == TU_Summarizing)
#else
typedef bool IndexesToTell;
#define TELL_NO_INDEX false
#define tell_indexes_of_insert(target, slot, state) \
	ExecInsertIndexTuples(target, slot, state, false, false, NULL, NIL)
#define tell_indexes_of_update(target, slot, state, which) \
	ExecInsertIndexTuples(target, slot, state, true, false, NULL, NIL)
#endif

#endif
