/*
 * digest_keep.c
 *		What stays of a person who was forgotten, and how it comes to an end.
 *
 * A suppression that lasts is kept under the digest of the address with its topic,
 * cause, class and end; a no as cause unsubscribe, with who said it, a pause with its
 * end.  A yes is not kept.  No note, no history, nothing that says who it was.
 *
 * The setting "forgotten" says which digest: hmac-sha256 (the default) or sha256.
 * Both are asked about always, so it can be changed at any time.
 *
 * Errors: those of setting.h; 22P05 for an address without a UTF-8 form.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "address_digest.h"
#include "consent.h"
#include "digest_keep.h"
#include "owner.h"
#include "secret_key.h"
#include "setting.h"
#include "state_args.h"

/* Forgotten twice: who ranks above stands, as in bounce.preference. */
#define RANK(source) "pg_catalog.array_position('{bounce,import,complaint,operator,person}'::pg_catalog.text[] COLLATE \"C\", COALESCE(" source ", 'person'))"
#define HIGHER_SOURCE \
	"CASE WHEN d.cause OPERATOR(pg_catalog.=) 'unsubscribe' AND " RANK("d.source") " OPERATOR(pg_catalog.<) " RANK("EXCLUDED.source") \
	" THEN EXCLUDED.source ELSE d.source END"
#define KEEP_FROM(rows) \
	" kept AS (INSERT INTO bounce.digest_suppression AS d" \
	"  (digest, topic, cause, class, starts_at, expires_at, made_by, source) " rows \
	"  ON CONFLICT (digest, topic, cause) DO UPDATE SET class = COALESCE(EXCLUDED.class, d.class), source = " HIGHER_SOURCE "," \
	"  starts_at = LEAST(d.starts_at, EXCLUDED.starts_at), expires_at = GREATEST(d.expires_at, EXCLUDED.expires_at)" \
	"  RETURNING 1)"
#define COUNTS(gone) " SELECT " gone ", (SELECT pg_catalog.count(*) FROM kept)"
/* address, digest, at, who */
#define KEEP_ARGS 4, {TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID}, NULL

static DigestKind
kind_in_force(void)
{
	return strcmp(setting_text("forgotten"), "sha256") == 0 ? DIGEST_PLAIN : DIGEST_KEYED;
}

static text *
digest_to_keep(const char *address)
{
	DigestKind	kind = kind_in_force();
	text	   *digest;

	if (kind == DIGEST_KEYED)
		(void) secret_key_made(SECRET_DIGEST);
	digest = address_digest(kind, address, strlen(address));
	if (digest == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				 errmsg("address has no UTF-8 form, and so no digest")));
	return digest;
}

static Kept
keep(KeptStatement *statement, const char *address, TimestampTz at)
{
	Datum		values[] = {
		CStringGetTextDatum(address),
		PointerGetDatum(digest_to_keep(address)),
		TimestampTzGetDatum(at),
		CStringGetTextDatum(GetUserNameFromId(GetSessionUserId(), false))
	};
	bool		isnull;
	Kept		counts;

	kept_execute_latest(statement, values, NULL);
	counts.erased = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	counts.kept = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
	return counts;
}

Kept
digest_keep_suppressions(const char *address, TimestampTz at)
{
	/* A row that was made for its lock is no suppression. */
	static KeptStatement statement = {
		"WITH gone AS (DELETE FROM bounce.suppression WHERE address OPERATOR(pg_catalog.=) $1 RETURNING *),"
		KEEP_FROM("SELECT $2, topic, cause, class, starts_at, expires_at, $4, NULL FROM gone"
				  " WHERE expires_at OPERATOR(pg_catalog.>) $3")
		COUNTS("(SELECT pg_catalog.count(*) FROM gone WHERE expires_at OPERATOR(pg_catalog.>) '-infinity')"),
		KEEP_ARGS
	};

	return keep(&statement, address, at);
}

/* Now, or again when the pause or the time to confirm is over */
#define SAYS_NO "'unsubscribed' OPERATOR(pg_catalog.=) ANY (ARRAY[state, before])"

Kept
digest_keep_choices(const char *address, TimestampTz at)
{
	static KeptStatement statement = {
		"WITH gone AS (DELETE FROM bounce.preference WHERE address OPERATOR(pg_catalog.=) $1 RETURNING *),"
		KEEP_FROM("SELECT $2, topic, 'unsubscribe', NULL,"
				  " CASE WHEN before OPERATOR(pg_catalog.=) 'unsubscribed' THEN before_since ELSE since END,"
				  " CASE WHEN " SAYS_NO " THEN 'infinity' ELSE until END, $4,"
				  " CASE WHEN before OPERATOR(pg_catalog.=) 'unsubscribed' THEN before_source ELSE source END FROM gone"
				  " WHERE " SAYS_NO " OR (state OPERATOR(pg_catalog.=) 'snoozed' AND until OPERATOR(pg_catalog.>) $3)")
		COUNTS("(SELECT pg_catalog.count(*) FROM gone)"),
		KEEP_ARGS
	};

	return keep(&statement, address, at);
}

Kept
digest_keep_refusal(const char *address, TimestampTz at)
{
	static KeptStatement statement = {
		"WITH" KEEP_FROM("SELECT $2, '', 'unsubscribe', NULL, $3, 'infinity', $4, 'person' WHERE $1 IS NOT NULL")
		COUNTS("0::pg_catalog.int8"),
		KEEP_ARGS
	};

	return keep(&statement, address, at);
}

uint64
digest_erase_notes(Datum digests)
{
	static KeptStatement statement = {
		"UPDATE bounce.digest_suppression SET note = NULL WHERE digest OPERATOR(pg_catalog.=) ANY ($1) AND note IS NOT NULL",
		1, {TEXTARRAYOID}, NULL
	};

	kept_execute_latest(&statement, &digests, NULL);
	return SPI_processed;
}

static bool
keeps_choices(void)
{
	static KeptStatement statement = {
		"SELECT FROM bounce.digest_suppression WHERE cause OPERATOR(pg_catalog.=) 'unsubscribe' LIMIT 1", 0, {0}, NULL
	};

	kept_execute(&statement, NULL, NULL, false);
	return SPI_processed > 0;
}

/* Pauses that last; where something stands about their topic by now they stay as they are. */
static void
give_back_pauses(Datum digests, const char *address, const char *topic)
{
	static KeptStatement statement = {
		"WITH back AS (INSERT INTO bounce.preference (address, topic, state, until, since, source)"
		"  SELECT $2, topic, 'snoozed', pg_catalog.max(expires_at), pg_catalog.min(starts_at), COALESCE(pg_catalog.max(source), 'person')"
		"  FROM bounce.digest_suppression WHERE digest OPERATOR(pg_catalog.=) ANY ($1)"
		"  AND cause OPERATOR(pg_catalog.=) 'unsubscribe' AND expires_at OPERATOR(pg_catalog.>) pg_catalog.now()"
		"  GROUP BY topic ON CONFLICT (address, topic) DO NOTHING RETURNING topic)"
		" DELETE FROM bounce.digest_suppression WHERE digest OPERATOR(pg_catalog.=) ANY ($1)"
		" AND cause OPERATOR(pg_catalog.=) 'unsubscribe' AND (topic OPERATOR(pg_catalog.=) $3 OR topic OPERATOR(pg_catalog.=) ANY (SELECT topic FROM back))",
		3, {TEXTARRAYOID, TEXTOID, TEXTOID}, NULL
	};
	Datum		values[] = {digests, CStringGetTextDatum(address), CStringGetTextDatum(topic)};

	kept_execute(&statement, values, NULL, false);
}

/* A no is a choice like any other, on record; a pause is told without evidence. */
void
digest_give_back_choices(const char *address, const char *topic)
{
	static KeptStatement statement = {
		"WITH gone AS (DELETE FROM bounce.digest_suppression WHERE digest OPERATOR(pg_catalog.=) ANY ($1)"
		" AND cause OPERATOR(pg_catalog.=) 'unsubscribe' AND expires_at OPERATOR(pg_catalog.=) 'infinity' RETURNING *)"
		" SELECT topic, starts_at, COALESCE(source, 'person') FROM gone ORDER BY topic, starts_at",
		1, {TEXTARRAYOID}, NULL
	};
	Datum		digests = address_digests(address);
	uint64		count;
	SPITupleTable *rows;
	bool		isnull;

	kept_execute(&statement, &digests, NULL, false);
	count = SPI_processed;
	rows = SPI_tuptable;
	for (uint64 i = 0; i < count; i++)
		consent_unsubscribe(address, SPI_getvalue(rows->vals[i], rows->tupdesc, 1), SPI_getvalue(rows->vals[i], rows->tupdesc, 3),
							DatumGetTimestampTz(SPI_getbinval(rows->vals[i], rows->tupdesc, 2, &isnull)), (Datum) 0);
	give_back_pauses(digests, address, topic);
}

/* Few of many were forgotten: one look at all of them finds those. */
void
digest_give_back_all(const ConsentChoice *choices, int count)
{
	static KeptStatement statement = {
		"SELECT DISTINCT n.address, n.topic FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3))"
		" AS n (digest, address, topic) JOIN bounce.digest_suppression AS d ON d.digest OPERATOR(pg_catalog.=) n.digest"
		" WHERE d.cause OPERATOR(pg_catalog.=) 'unsubscribe' ORDER BY n.address, n.topic",
		3, {TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID}, NULL
	};
	ArrayBuildState *columns[3] = {NULL, NULL, NULL};
	Datum		values[3];
	uint64		found;
	SPITupleTable *rows;

	if (!keeps_choices())
		return;
	for (int i = 0; i < count; i++)
	{
		if (!consent_brings_back(choices[i].act, consent_source(choices[i].source)))
			continue;
		for (DigestKind kind = 0; kind < DIGEST_KINDS; kind++)
		{
			text	   *digest = address_digest(kind, choices[i].address, strlen(choices[i].address));

			columns[0] = accumArrayResult(columns[0], PointerGetDatum(digest), digest == NULL, TEXTOID, CurrentMemoryContext);
			columns[1] = accumArrayResult(columns[1], CStringGetTextDatum(choices[i].address), false, TEXTOID, CurrentMemoryContext);
			columns[2] = accumArrayResult(columns[2], CStringGetTextDatum(choices[i].topic), false, TEXTOID, CurrentMemoryContext);
		}
	}
	if (columns[0] == NULL)
		return;
	for (int i = 0; i < 3; i++)
		values[i] = makeArrayResult(columns[i], CurrentMemoryContext);
	kept_execute(&statement, values, NULL, false);
	found = SPI_processed;
	rows = SPI_tuptable;
	for (uint64 i = 0; i < found; i++)
		digest_give_back_choices(SPI_getvalue(rows->vals[i], rows->tupdesc, 1), SPI_getvalue(rows->vals[i], rows->tupdesc, 2));
}

int
digest_release(const char *address, const char *topic, const char *cause, TimestampTz at)
{
	static KeptStatement statement = {
		"WITH gone AS (DELETE FROM bounce.digest_suppression WHERE digest OPERATOR(pg_catalog.=) ANY ($1)"
		" AND ($2 IS NULL OR topic OPERATOR(pg_catalog.=) $2) AND ($3 IS NULL OR cause OPERATOR(pg_catalog.=) $3)"
		" AND cause OPERATOR(pg_catalog.<>) 'unsubscribe' AND starts_at OPERATOR(pg_catalog.<=) $4 RETURNING expires_at)"
		" SELECT pg_catalog.count(*) FILTER (WHERE expires_at OPERATOR(pg_catalog.>) $4)::pg_catalog.int4 FROM gone",
		4, {TEXTARRAYOID, TEXTOID, TEXTOID, TIMESTAMPTZOID}, NULL
	};
	Datum		values[] = {
		address_digests(address),
		topic == NULL ? (Datum) 0 : CStringGetTextDatum(topic),
		cause == NULL ? (Datum) 0 : CStringGetTextDatum(cause),
		TimestampTzGetDatum(at)
	};
	char		nulls[] = "    ";
	OwnerScope	scope;
	bool		isnull;
	int			ended;

	nulls[1] = topic == NULL ? 'n' : ' ';
	nulls[2] = cause == NULL ? 'n' : ' ';
	owner_spi_begin(&scope);
	kept_execute(&statement, values, nulls, false);
	ended = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	owner_spi_end(&scope);
	return ended;
}

void
digest_sweep(TimestampTz at)
{
	static KeptStatement statement = {
		"DELETE FROM bounce.digest_suppression WHERE expires_at OPERATOR(pg_catalog.<=) $1"
		" AND digest OPERATOR(pg_catalog.~~) 'hmac-sha256:%'",
		1, {TIMESTAMPTZOID}, NULL
	};
	Datum		value = TimestampTzGetDatum(at);

	owner_execute(&statement, &value);
}
