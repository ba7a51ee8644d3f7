/*
 * finding.h
 *		What a reason for not mailing is called, and how long it lasts.
 */
#ifndef BOUNCE_FINDING_H
#define BOUNCE_FINDING_H

#include "postgres.h"

#include "ask.h"

/*
 * lease, complaint, manual or import (of the address); domain, digest; unsubscribed,
 * snoozed, pending or no_consent; retired.
 */
extern const char *finding_cause(const Finding *finding);

/* Exclusive; DT_NOEND: until somebody does something. */
extern TimestampTz finding_until(const Finding *finding);

#endif
