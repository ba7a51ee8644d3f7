/*
 * manual_write.c
 *		Writing suppressions that people make and end.
 *
 * There is one suppression of an address, topic and cause at a time, and one of a
 * domain; its row is the lock of that key.  What ends goes to history, with who
 * and why; nothing leaves history.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "manual_write.h"
#include "owner.h"
#include "sweep.h"

/* The same acts on the two tables. */
typedef struct Register
{
	/* of told_values() */
	KeptStatement lock;			/* starts_at, expires_at, same cause */
	KeptStatement insert;
	KeptStatement resize;
	KeptStatement archive;		/* what stands goes to history, cut where the told one begins */
	/* of release_values() */
	KeptStatement lock_all;		/* what to release: cause, starts_at */
	KeptStatement end;			/* how many ended */
} Register;

/* name, topic, cause, starts_at, expires_at, note, who, anew */
#define TOLD_ARGS 8, {TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID, BOOLOID}, NULL
/* name, topic, cause, at, who, why */
#define RELEASE_ARGS 6, {TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID, TEXTOID}, NULL

#define ADDRESS_KEY \
	"address OPERATOR(pg_catalog.=) $1 AND topic OPERATOR(pg_catalog.=) $2 AND cause OPERATOR(pg_catalog.=) $3"
#define ADDRESS_CHOICE \
	"address OPERATOR(pg_catalog.=) $1" \
	" AND ($2 IS NULL OR topic OPERATOR(pg_catalog.=) $2)" \
	" AND ($3 IS NULL OR cause OPERATOR(pg_catalog.=) $3)"
#define DOMAIN_KEY "domain OPERATOR(pg_catalog.=) $1"

#define ADDRESS_HISTORY \
	"INSERT INTO bounce.suppression_history" \
	" (address, topic, cause, class, status, step, occurrences, during, ended_at, ended_by, who, why)" \
	" SELECT address, topic, cause, class, status, step, occurrences,"
#define DOMAIN_HISTORY \
	"INSERT INTO bounce.domain_suppression_history (domain, cause, class, during, ended_at, ended_by, who, why)" \
	" SELECT domain, cause, class,"

/* It ends at $4, unless it was over already: then nobody ended it. */
#define ENDED(deed, who, why) \
	" pg_catalog.tstzrange(starts_at, LEAST(expires_at, $4)), LEAST(expires_at, $4)," \
	" CASE WHEN expires_at OPERATOR(pg_catalog.<=) $4 THEN 'expired' ELSE '" deed "' END," \
	" CASE WHEN expires_at OPERATOR(pg_catalog.>) $4 THEN " who " END," \
	" CASE WHEN expires_at OPERATOR(pg_catalog.>) $4 THEN " why " END "
#define STILL_LASTED "expires_at OPERATOR(pg_catalog.>) $4"

static Register registers[] = {
	[MANUAL_ADDRESS] = {
		.lock = {
			"SELECT starts_at, expires_at, true FROM bounce.suppression WHERE " ADDRESS_KEY " FOR UPDATE",
			TOLD_ARGS
		},
		.insert = {
			"INSERT INTO bounce.suppression (address, topic, cause, due, starts_at, expires_at, note, made_by)"
			" VALUES ($1, $2, $3, " SWEEP_DUE("$5") ", $4, $5, $6, $7) ON CONFLICT (address, topic, cause) DO NOTHING",
			TOLD_ARGS
		},
		.resize = {
			"UPDATE bounce.suppression SET starts_at = $4, expires_at = $5, due = " SWEEP_DUE("$5") ", made_by = $7,"
			" note = CASE WHEN $8 THEN $6 ELSE COALESCE($6, note) END WHERE " ADDRESS_KEY,
			TOLD_ARGS
		},
		.archive = {
			ADDRESS_HISTORY ENDED("replaced", "$7", "$6") "FROM bounce.suppression WHERE " ADDRESS_KEY
			" ON CONFLICT (address, topic, cause, ended_at) DO NOTHING",
			TOLD_ARGS
		},
		/* Two that release the same address meet at the first row. */
		.lock_all = {
			"SELECT cause, starts_at FROM bounce.suppression WHERE " ADDRESS_CHOICE
			" ORDER BY topic, cause FOR UPDATE",
			RELEASE_ARGS
		},
		.end = {
			"WITH gone AS (DELETE FROM bounce.suppression WHERE " ADDRESS_CHOICE
			" AND starts_at OPERATOR(pg_catalog.<=) $4 RETURNING *),"
			/* A row that was made for its lock is no suppression. */
			" kept AS (" ADDRESS_HISTORY ENDED("released", "$5", "$6") "FROM gone"
			" WHERE expires_at OPERATOR(pg_catalog.>) '-infinity'"
			" ON CONFLICT (address, topic, cause, ended_at) DO NOTHING)"
			" SELECT pg_catalog.count(*) FILTER (WHERE " STILL_LASTED ")::pg_catalog.int4 FROM gone",
			RELEASE_ARGS
		},
	},
	[MANUAL_DOMAIN] = {
		.lock = {
			"SELECT starts_at, expires_at, cause OPERATOR(pg_catalog.=) $3 FROM bounce.domain_suppression"
			" WHERE " DOMAIN_KEY " FOR UPDATE",
			TOLD_ARGS
		},
		.insert = {
			"INSERT INTO bounce.domain_suppression (domain, cause, starts_at, expires_at, note, made_by)"
			" VALUES ($1, $3, $4, $5, $6, $7) ON CONFLICT (domain) DO NOTHING",
			TOLD_ARGS
		},
		.resize = {
			"UPDATE bounce.domain_suppression SET starts_at = $4, expires_at = $5, made_by = $7, cause = $3,"
			" class = CASE WHEN cause OPERATOR(pg_catalog.=) $3 AND NOT $8 THEN class END,"
			" note = CASE WHEN $8 THEN $6 ELSE COALESCE($6, note) END WHERE " DOMAIN_KEY,
			TOLD_ARGS
		},
		.archive = {
			DOMAIN_HISTORY ENDED("replaced", "$7", "$6") "FROM bounce.domain_suppression WHERE " DOMAIN_KEY
			" ON CONFLICT (domain, cause, ended_at) DO NOTHING",
			TOLD_ARGS
		},
		.lock_all = {
			"SELECT cause, starts_at FROM bounce.domain_suppression WHERE " DOMAIN_KEY " FOR UPDATE",
			RELEASE_ARGS
		},
		.end = {
			"WITH gone AS (DELETE FROM bounce.domain_suppression WHERE " DOMAIN_KEY
			" AND starts_at OPERATOR(pg_catalog.<=) $4 RETURNING *),"
			" kept AS (" DOMAIN_HISTORY ENDED("released", "$5", "$6") "FROM gone"
			" ON CONFLICT (domain, cause, ended_at) DO NOTHING)"
			" SELECT pg_catalog.count(*) FILTER (WHERE " STILL_LASTED ")::pg_catalog.int4 FROM gone",
			RELEASE_ARGS
		},
	},
};

static void
told_values(const Told *told, const Span *span, bool anew, Datum values[8], char nulls[9])
{
	const char *who = GetUserNameFromId(GetSessionUserId(), false);

	strcpy(nulls, "        ");
	values[0] = CStringGetTextDatum(told->name);
	values[1] = CStringGetTextDatum(told->topic);
	values[2] = CStringGetTextDatum(told->cause);
	values[3] = TimestampTzGetDatum(span->starts_at);
	values[4] = TimestampTzGetDatum(span->expires_at);
	values[5] = told->note == NULL ? (Datum) 0 : CStringGetTextDatum(told->note);
	nulls[5] = told->note == NULL ? 'n' : ' ';
	values[6] = CStringGetTextDatum(who);
	values[7] = BoolGetDatum(anew);
}

/* Runs one of the first four statements; returns how many rows it met. */
static uint64
tell(KeptStatement *statement, const Told *told, const Span *span, bool anew)
{
	Datum		values[8];
	char		nulls[9];

	told_values(told, span, anew, values, nulls);
	kept_execute(statement, values, nulls, false);
	return SPI_processed;
}

static Datum
result_value(uint64 row, int column)
{
	bool		isnull;

	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull);
}

/* As span_lay(), but another cause never goes on as the same suppression. */
static SpanMove
lay(Span standing, bool same_cause, Span told, Span *result)
{
	SpanMove	move = span_lay(standing, told, result);

	if (same_cause || move == SPAN_TOO_EARLY)
		return move;
	if (told.starts_at <= standing.starts_at)
		return SPAN_RESIZE;
	*result = told;
	return SPAN_BEGIN;
}

/* Lays it over the row that is locked; true when another time is suppressed then. */
static bool
suppress_over(Register *where, const Told *told, Span standing, bool same_cause)
{
	Span		result;
	SpanMove	move = lay(standing, same_cause, told->span, &result);

	if (move == SPAN_TOO_EARLY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("suppression would be over before the one that stands begins"),
				 errdetail("The one that stands begins at %s.", timestamptz_to_str(standing.starts_at))));
	if (move == SPAN_SAME && told->note == NULL)
		return false;
	if (move == SPAN_BEGIN)
		tell(&where->archive, told, &told->span, true);
	tell(&where->resize, told, &result, move == SPAN_BEGIN);
	return move != SPAN_SAME;
}

bool
manual_suppress(ManualSubject subject, const Told *told)
{
	Register   *where = &registers[subject];
	OwnerScope	scope;
	bool		changed = true;

	owner_spi_begin(&scope);
	/* A row may go away between the two: then there is room for a new one. */
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (tell(&where->lock, told, &told->span, false) > 0)
		{
			Span		standing = {
				DatumGetTimestampTz(result_value(0, 1)),
				DatumGetTimestampTz(result_value(0, 2))
			};

			changed = suppress_over(where, told, standing, DatumGetBool(result_value(0, 3)));
			break;
		}
		if (tell(&where->insert, told, &told->span, true) > 0)
			break;
	}
	owner_spi_end(&scope);
	return changed;
}

/* Refuses to release what has not begun: there is nothing to end yet. */
static void
check_begun(TimestampTz at)
{
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		TimestampTz starts_at = DatumGetTimestampTz(result_value(row, 2));

		if (starts_at <= at)
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a suppression cannot be released before it begins"),
				 errdetail("The one of cause \"%s\" begins at %s.",
						   TextDatumGetCString(result_value(row, 1)), timestamptz_to_str(starts_at)),
				 errhint("Release it at its beginning or later.")));
	}
}

int32
manual_release(ManualSubject subject, const Release *release)
{
	Register   *where = &registers[subject];
	Datum		values[] = {
		CStringGetTextDatum(release->name),
		release->topic == NULL ? (Datum) 0 : CStringGetTextDatum(release->topic),
		release->cause == NULL ? (Datum) 0 : CStringGetTextDatum(release->cause),
		TimestampTzGetDatum(release->at),
		CStringGetTextDatum(GetUserNameFromId(GetSessionUserId(), false)),
		release->why == NULL ? (Datum) 0 : CStringGetTextDatum(release->why)
	};
	char		nulls[] = "      ";
	OwnerScope	scope;
	int32		ended;

	nulls[1] = release->topic == NULL ? 'n' : ' ';
	nulls[2] = release->cause == NULL ? 'n' : ' ';
	nulls[5] = release->why == NULL ? 'n' : ' ';
	owner_spi_begin(&scope);
	kept_execute(&where->lock_all, values, nulls, false);
	check_begun(release->at);
	kept_execute(&where->end, values, nulls, false);
	ended = DatumGetInt32(result_value(0, 1));
	owner_spi_end(&scope);
	return ended;
}
