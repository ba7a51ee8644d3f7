/*
 * domain_findings.h
 *		Domains of which several addresses fail for the domain's own fault.
 */
#ifndef BOUNCE_DOMAIN_FINDINGS_H
#define BOUNCE_DOMAIN_FINDINGS_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Suppresses what was found in the week before this time, if the setting domain_findings says make. */
extern void domain_findings_sweep(TimestampTz at);

#endif
