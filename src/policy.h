/*
 * policy.h
 *		The policy profile in force, as ingestion needs it.
 */
#ifndef BOUNCE_POLICY_H
#define BOUNCE_POLICY_H

#include "postgres.h"

#include "fold.h"

typedef struct Policy Policy;

/*
 * The profile in force.  Stays valid until the next call.  Raises
 * ERRCODE_INVALID_PARAMETER_VALUE when bounce.setting names a profile without rows.
 */
extern const Policy *policy_in_force(void);

/*
 * What the policy does with an event of this class and status; NULL when nothing.
 * A fault of sender, message or receiver never gives a lease, whatever the rows say.
 */
extern const PolicyRule *policy_rule(const Policy *policy, BounceClass klass, SmtpStatus status);

#endif
