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

/* Infinite intervals (17 and later). */
#include "datatype/timestamp.h"
#ifndef INTERVAL_IS_NOEND
#define INTERVAL_IS_NOEND(interval) false
#define INTERVAL_IS_NOBEGIN(interval) false
#endif

/* Never a deferrable key: those do not enforce at once. */
#if PG_VERSION_NUM >= 180000
#define primary_key_index(relation) RelationGetPrimaryKeyIndex(relation, false)
#define begin_index_scan(heap, index, snapshot, nkeys) index_beginscan(heap, index, snapshot, NULL, nkeys, 0)
#else
#define primary_key_index(relation) RelationGetPrimaryKeyIndex(relation)
#define begin_index_scan(heap, index, snapshot, nkeys) index_beginscan(heap, index, snapshot, nkeys, 0)
#endif

/* One function for the owners of all kinds of objects (16 and later). */
#if PG_VERSION_NUM >= 160000
#define relation_owned_by(relation, role) object_ownercheck(RelationRelationId, relation, role)
#else
#define relation_owned_by(relation, role) pg_class_ownercheck(relation, role)
#endif

#endif
