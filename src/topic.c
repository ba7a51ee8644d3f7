/*
 * topic.c
 *		What bounce.topic says about a topic.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "sqlstates.h"
#include "state_args.h"
#include "topic.h"

/* A text column; NULL, which the table does not allow, reads as empty. */
static bool
column_is(StateScan *row, int column, const char *string)
{
	bool		isnull;
	Datum		value = state_scan_column(row, column, &isnull);
	const text *name = isnull ? NULL : DatumGetTextPP(value);
	size_t		length = strlen(string);

	return name != NULL && VARSIZE_ANY_EXHDR(name) == length && memcmp(VARDATA_ANY(name), string, length) == 0;
}

void
topic_of_row(StateScan *row, Topic *topic)
{
	bool		isnull;
	Datum		retired_at = state_scan_column(row, TOPIC_RETIRED_AT, &isnull);

	topic->retired_at = isnull ? DT_NOEND : DatumGetTimestampTz(retired_at);
	topic->marketing = !column_is(row, TOPIC_KIND, "transactional");
	topic->opt_in = column_is(row, TOPIC_OPT_IN, "none") ? OPT_IN_NONE :
		column_is(row, TOPIC_OPT_IN, "single") ? OPT_IN_SINGLE : OPT_IN_DOUBLE;
}

bool
topic_read(const text *name, Topic *topic)
{
	StateScan	scan;
	bool		found;

	*topic = (Topic) {true, OPT_IN_NONE, DT_NOEND};
	state_scan_begin(&scan, STATE_TOPIC);
	state_scan_find(&scan, name, NULL);
	found = state_scan_next(&scan);
	if (found)
		topic_of_row(&scan, topic);
	state_scan_end(&scan);
	return found;
}

void
topic_required(const char *name, Topic *topic)
{
	if (!topic_read(cstring_to_text(name), topic))
		ereport(ERROR,
				(errcode(ERRCODE_BOUNCE_UNKNOWN_TOPIC),
				 errmsg("unknown topic: \"%s\"", clipped(name)),
				 errdetail("Whether it needs a yes, and a confirmed one, is not known."),
				 errhint("Topics are rows of bounce.topic.")));
}
