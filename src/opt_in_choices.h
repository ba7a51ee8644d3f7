/*
 * opt_in_choices.h
 *		What rows of a contact table say about topics, told together.
 */
#ifndef BOUNCE_OPT_IN_CHOICES_H
#define BOUNCE_OPT_IN_CHOICES_H

#include "postgres.h"

#include "executor/tuptable.h"
#include "utils/rel.h"

#include "opt_in_table.h"

typedef struct OptInChoices OptInChoices;

/*
 * Of a statement that changes this table (how: "insert", "update"), or of attaching it
 * ("attach"); said by these sources where a column changes, and where the row or its
 * address is new.  In the current memory context.
 */
extern OptInChoices *opt_in_choices_begin(Relation relation, const OptInTable *table, const char *how,
										  const char *source, const char *new_source);

/* A row as it was (NULL: it is new) and as it is. */
extern void opt_in_choices_add(OptInChoices *choices, TupleTableSlot *before, TupleTableSlot *after);

/*
 * Tells them in address order, and lets the columns of the addresses follow what stands.
 * Done by itself whenever many have come together, which bounds memory.
 */
extern void opt_in_choices_tell(OptInChoices *choices);

#endif
