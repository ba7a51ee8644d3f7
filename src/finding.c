/*
 * finding.c
 *		What a reason for not mailing is called, and how long it lasts.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "finding.h"

const char *
finding_cause(const Finding *finding)
{
	static const char *const kinds[] = {
		[FINDING_DOMAIN] = "domain",
		[FINDING_DIGEST] = "digest",
		[FINDING_RETIRED] = "retired"
	};
	static const char *const choices[] = {
		[PREFERENCE_NONE] = "no_consent",
		[PREFERENCE_PENDING] = "pending",
		[PREFERENCE_UNSUBSCRIBED] = "unsubscribed",
		[PREFERENCE_SNOOZED] = "snoozed"
	};
	bool		isnull;
	Datum		cause;

	if (finding->kind == FINDING_PREFERENCE)
		return choices[finding->preference->choice.state];
	if (finding->kind != FINDING_ADDRESS)
		return kinds[finding->kind];
	cause = state_scan_column(finding->row, SUPPRESSION_CAUSE, &isnull);
	return isnull ? "" : TextDatumGetCString(cause);
}

TimestampTz
finding_until(const Finding *finding)
{
	bool		isnull;

	if (finding->kind == FINDING_RETIRED)
		return DT_NOEND;
	if (finding->kind == FINDING_PREFERENCE)
		return finding->preference->choice.state == PREFERENCE_SNOOZED ? finding->preference->choice.until : DT_NOEND;
	return DatumGetTimestampTz(state_scan_column(finding->row, SUPPRESSION_EXPIRES_AT, &isnull));
}
