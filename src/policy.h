/*
 * policy.h
 *		Policy profiles: what an event of a class does to its address.
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

/* Any profile, in the current memory context; 22023 when there is none of that name. */
extern const Policy *policy_named(const char *profile);

/*
 * What the policy does with an event of this class and status; NULL when nothing.
 * A fault of sender, message or receiver never gives a lease, whatever the rows say.
 */
extern const PolicyRule *policy_rule(const Policy *policy, BounceClass klass, SmtpStatus status);

#endif
