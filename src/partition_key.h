/*
 * partition_key.h
 *		Whose functions decide the partition of a row.
 */
#ifndef BOUNCE_PARTITION_KEY_H
#define BOUNCE_PARTITION_KEY_H

#include "postgres.h"

#include "utils/rel.h"

/*
 * A function in the partition key of the table, or of a partition of it, whose owner
 * has not the rights of our owner; InvalidOid when there is none.
 */
extern Oid	partition_key_stranger(Relation table);

#endif
