/*
 * types.h
 *		The extension's by-value types as the function manager sees them.
 */
#ifndef BOUNCE_TYPES_H
#define BOUNCE_TYPES_H

#include "postgres.h"

#include "fmgr.h"

#include "bounce_class.h"
#include "smtp_status.h"
#include "status_pattern.h"

/*
 * A stored value comes back sign-extended, so functions return it in the same
 * form: equal values are then equal Datums, as datum_image_eq() expects.
 */
#define SmtpStatusGetDatum(s) Int32GetDatum((int32) (s))
#define DatumGetSmtpStatus(d) ((SmtpStatus) DatumGetUInt32(d))
#define PG_GETARG_SMTP_STATUS(n) DatumGetSmtpStatus(PG_GETARG_DATUM(n))
#define PG_RETURN_SMTP_STATUS(s) return SmtpStatusGetDatum(s)

/* A pattern has the layout of a status. */
#define StatusPatternGetDatum(p) SmtpStatusGetDatum(p)
#define PG_GETARG_STATUS_PATTERN(n) ((StatusPattern) PG_GETARG_SMTP_STATUS(n))
#define PG_RETURN_STATUS_PATTERN(p) return StatusPatternGetDatum(p)

#define BounceClassGetDatum(c) Int16GetDatum((int16) (c))
#define DatumGetBounceClass(d) ((BounceClass) DatumGetUInt16(d))
#define PG_GETARG_BOUNCE_CLASS(n) DatumGetBounceClass(PG_GETARG_DATUM(n))
#define PG_RETURN_BOUNCE_CLASS(c) return BounceClassGetDatum(c)

#endif
