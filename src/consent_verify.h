/*
 * consent_verify.h
 *		Is the record of choices what was put on record?
 */
#ifndef BOUNCE_CONSENT_VERIFY_H
#define BOUNCE_CONSENT_VERIFY_H

#include "postgres.h"

typedef enum ConsentProblemKind
{
	PROBLEM_CHANGED,			/* the row, or the hash that it is chained to */
	PROBLEM_MISSING,			/* rows that were there */
	PROBLEM_PREFERENCE			/* what stands is not what the log leads to */
} ConsentProblemKind;

typedef struct ConsentProblem
{
	ConsentProblemKind kind;
	const char *address;
	int32		number;			/* of the row in the log; 0: none */
	const char *topic;			/* or NULL: not known */
	const char *detail;
} ConsentProblem;

typedef void (*ConsentProblemVisitor) (const ConsentProblem *problem, void *context);

/*
 * Shows every problem of this canonical address, or of all (NULL), in the order of
 * addresses, under the active snapshot; reads as the owner of the tables.
 */
extern void consent_verify(const char *address, ConsentProblemVisitor visit, void *context);

#endif
