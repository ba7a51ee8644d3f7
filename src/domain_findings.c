/*
 * domain_findings.c
 *		Domains of which several addresses fail for the domain's own fault: named by
 *		domain_findings(), suppressed by suppress_found_domains().
 *
 * What counts is a hard or soft bounce whose reason is the domain's fault and leases
 * (the domain does not exist, takes no mail, is abandoned).  A mail that was accepted
 * there, or a release of the domain by hand, takes back what was before it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "domain_findings.h"
#include "owner.h"
#include "setting.h"
#include "state_args.h"
#include "types.h"

PG_FUNCTION_INFO_V1(domain_findings);
PG_FUNCTION_INFO_V1(suppress_found_domains);

/* What a sweep asks for when the setting domain_findings says make. */
#define SWEEP_SPAN (7 * USECS_PER_DAY)
#define SWEEP_THRESHOLD 3

typedef struct Search
{
	TimestampTz since;
	TimestampTz until;
	int32		threshold;		/* distinct addresses */
} Search;

#define IN_SPAN \
	"e.occurred_at OPERATOR(pg_catalog.>=) $1 AND e.occurred_at OPERATOR(pg_catalog.<) $2"

/* "counted" are the failures that count, "found" the domains with enough of them. */
#define FOUND \
	"WITH failed AS MATERIALIZED (" \
	" SELECT bounce.address_domain(e.recipient) AS domain, e.recipient, e.occurred_at, e.class, e.response, e.event_key" \
	" FROM bounce.delivery_event e WHERE " IN_SPAN \
	" AND e.class OPERATOR(bounce.=) ANY (ARRAY(SELECT pg_catalog.concat(s, ':', r.reason)::bounce.bounce_class" \
	"  FROM bounce.reasons() r, pg_catalog.unnest('{hard,soft}'::pg_catalog.text[]) s" \
	"  WHERE r.fault OPERATOR(pg_catalog.=) 'domain' AND r.effect OPERATOR(pg_catalog.=) 'lease')))," \
	" many AS (" \
	" SELECT f.domain FROM failed f GROUP BY f.domain" \
	" HAVING pg_catalog.count(DISTINCT f.recipient) OPERATOR(pg_catalog.>=) $3)," \
	" healed AS (" \
	" SELECT h.domain, pg_catalog.max(h.at) AS at FROM (" \
	"  SELECT bounce.address_domain(e.recipient) AS domain, e.occurred_at AS at" \
	"  FROM bounce.delivery_event e, many m WHERE " IN_SPAN \
	"  AND e.class OPERATOR(bounce.<) 'hard:delivered' AND bounce.address_domain(e.recipient) OPERATOR(pg_catalog.=) m.domain" \
	"  UNION ALL SELECT d.domain, d.ended_at FROM bounce.domain_suppression_history d" \
	"  WHERE d.ended_by OPERATOR(pg_catalog.=) 'released') h GROUP BY h.domain)," \
	" counted AS (" \
	" SELECT f.* FROM failed f JOIN many m ON m.domain OPERATOR(pg_catalog.=) f.domain" \
	" LEFT JOIN healed h ON h.domain OPERATOR(pg_catalog.=) f.domain" \
	" WHERE h.at IS NULL OR f.occurred_at OPERATOR(pg_catalog.>) h.at)," \
	" found AS (" \
	" SELECT c.domain, pg_catalog.count(DISTINCT c.recipient) AS addresses, pg_catalog.count(*) AS events," \
	" pg_catalog.mode() WITHIN GROUP (ORDER BY c.class USING OPERATOR(bounce.<)) AS class," \
	" pg_catalog.min(c.occurred_at) AS first_at, pg_catalog.max(c.occurred_at) AS last_at," \
	" (pg_catalog.array_agg(c.response ORDER BY c.occurred_at DESC, c.event_key) FILTER (WHERE c.response IS NOT NULL))[1] AS response" \
	" FROM counted c GROUP BY c.domain HAVING pg_catalog.count(DISTINCT c.recipient) OPERATOR(pg_catalog.>=) $3)"

/* Does the row s of domain_suppression take in the domain d, now? */
#define COVERS(s, d) \
	"(" s ".starts_at OPERATOR(pg_catalog.<=) pg_catalog.now() AND " s ".expires_at OPERATOR(pg_catalog.>) pg_catalog.now()" \
	" AND (" s ".domain OPERATOR(pg_catalog.=) " d \
	" OR pg_catalog.starts_with(" s ".domain, '*.') AND" \
	" pg_catalog.right(pg_catalog.concat('.', " d "), pg_catalog.length(" s ".domain) OPERATOR(pg_catalog.-) 1)" \
	" OPERATOR(pg_catalog.=) pg_catalog.substr(" s ".domain, 2)))"

static Search search_args(FunctionCallInfo fcinfo);
static void search_values(const Search *search, Datum values[3]);
static int64 suppress_found(const Search *search);
static bool suppress_one(HeapTuple found, TupleDesc desc);

/* domain_findings(since timestamptz, until timestamptz, threshold integer) */
Datum
domain_findings(PG_FUNCTION_ARGS)
{
	static KeptStatement statement = {
		FOUND
		" SELECT f.*, EXISTS (SELECT FROM bounce.domain_suppression s WHERE " COVERS("s", "f.domain") ")"
		" FROM found f ORDER BY f.addresses DESC, f.domain",
		3, {TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID}, NULL
	};
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Search		search = search_args(fcinfo);
	Datum		values[3];
	OwnerScope	scope;

	InitMaterializedSRF(fcinfo, 0);
	search_values(&search, values);
	owner_spi_begin(&scope);
	kept_execute(&statement, values, NULL, true);
	for (uint64 i = 0; i < SPI_processed; i++)
		tuplestore_puttuple(result->setResult, SPI_tuptable->vals[i]);
	owner_spi_end(&scope);
	return (Datum) 0;
}

/* suppress_found_domains(since timestamptz, until timestamptz, threshold integer): how many */
Datum
suppress_found_domains(PG_FUNCTION_ARGS)
{
	Search		search;

	PreventCommandIfReadOnly("bounce.suppress_found_domains()");
	search = search_args(fcinfo);
	PG_RETURN_INT64(suppress_found(&search));
}

void
domain_findings_sweep(TimestampTz at)
{
	Search		search = {TIMESTAMP_NOT_FINITE(at) ? DT_NOBEGIN : at - SWEEP_SPAN, at, SWEEP_THRESHOLD};
	OwnerScope	scope;
	bool		wanted;

	owner_spi_begin(&scope);
	wanted = strcmp(setting_text("domain_findings"), "make") == 0;
	owner_spi_end(&scope);
	if (wanted)
		(void) suppress_found(&search);
}

static Search
search_args(FunctionCallInfo fcinfo)
{
	Search		search;

	search.since = DatumGetTimestampTz(required_arg(fcinfo, 0, "since"));
	search.until = DatumGetTimestampTz(required_arg(fcinfo, 1, "until"));
	search.threshold = DatumGetInt32(required_arg(fcinfo, 2, "threshold"));
	if (search.threshold < 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("threshold must be at least 2"),
				 errdetail("It is %d.", search.threshold),
				 errhint("What one address meets says nothing about its domain.")));
	return search;
}

static void
search_values(const Search *search, Datum values[3])
{
	values[0] = TimestampTzGetDatum(search->since);
	values[1] = TimestampTzGetDatum(search->until);
	values[2] = Int32GetDatum(search->threshold);
}

/*
 * The lease of a domain begins when the last of enough addresses fails, and every
 * failure from then on climbs, on the ladder that the policy in force has for the
 * hard form of the most frequent reason.  What is over already is not made; a
 * domain that anything else suppresses is left alone.
 */
static int64
suppress_found(const Search *search)
{
	static KeptStatement statement = {
		FOUND ","
		" enough AS ("
		" SELECT a.domain, (pg_catalog.array_agg(a.at ORDER BY a.at))[$3] AS at FROM ("
		"  SELECT c.domain, c.recipient, pg_catalog.min(c.occurred_at) AS at FROM counted c GROUP BY c.domain, c.recipient) a"
		" GROUP BY a.domain),"
		" ruled AS ("
		" SELECT f.*, p.ladder FROM found f, LATERAL ("
		"  SELECT p.effect, p.ladder FROM bounce.policy p"
		"  WHERE p.profile OPERATOR(pg_catalog.=) coalesce((SELECT s.value FROM bounce.setting s"
		"   WHERE s.name OPERATOR(pg_catalog.=) 'profile'), 'default')"
		"  AND p.severity OPERATOR(pg_catalog.=) ANY ('{*,hard}'::pg_catalog.text[])"
		"  AND p.reason OPERATOR(pg_catalog.=) ANY (ARRAY['*', bounce.reason(f.class)])"
		"  ORDER BY p.reason OPERATOR(pg_catalog.=) '*', p.severity OPERATOR(pg_catalog.=) '*' LIMIT 1) p"
		" WHERE p.effect OPERATOR(pg_catalog.=) ANY ('{lease,count,acs}'::pg_catalog.text[])),"
		" lasting AS ("
		" SELECT r.domain, r.addresses, r.class, r.response, CASE WHEN r.ladder IS NULL THEN 'infinity'"
		"  ELSE (bounce.lease_fold(c.occurred_at, coalesce(r.ladder, '{24 hours}'))).expires_at END AS expires_at"
		" FROM ruled r JOIN enough e ON e.domain OPERATOR(pg_catalog.=) r.domain"
		" JOIN counted c ON c.domain OPERATOR(pg_catalog.=) r.domain AND c.occurred_at OPERATOR(pg_catalog.>=) e.at"
		" GROUP BY r.domain, r.addresses, r.class, r.response, r.ladder)"
		" SELECT l.domain, l.class, l.expires_at,"
		" pg_catalog.concat(l.addresses, ' of its addresses failed', ': ' OPERATOR(pg_catalog.||) pg_catalog.left(l.response, 200)) AS note"
		" FROM lasting l WHERE l.expires_at OPERATOR(pg_catalog.>) pg_catalog.now()"
		" AND NOT EXISTS (SELECT FROM bounce.domain_suppression s WHERE " COVERS("s", "l.domain")
		"  AND (s.domain OPERATOR(pg_catalog.<>) l.domain OR s.cause OPERATOR(pg_catalog.<>) 'lease'))"
		" ORDER BY l.domain",
		3, {TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID}, NULL
	};
	Datum		values[3];
	OwnerScope	scope;
	SPITupleTable *found;
	uint64		count;
	int64		made = 0;

	search_values(search, values);
	owner_spi_begin(&scope);
	kept_execute(&statement, values, NULL, false);
	found = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
		made += suppress_one(found->vals[i], found->tupdesc);
	owner_spi_end(&scope);
	return made;
}

/* True when it is new, or lasts longer than before; it begins now, for nobody was stopped earlier. */
static bool
suppress_one(HeapTuple found, TupleDesc desc)
{
	static KeptStatement archive = {
		"WITH gone AS (DELETE FROM bounce.domain_suppression s WHERE s.domain OPERATOR(pg_catalog.=) $1"
		" AND s.expires_at OPERATOR(pg_catalog.<=) pg_catalog.now() RETURNING s.*)"
		" INSERT INTO bounce.domain_suppression_history (domain, cause, class, during, ended_at, ended_by)"
		" SELECT g.domain, g.cause, g.class, pg_catalog.tstzrange(g.starts_at, g.expires_at), g.expires_at, 'expired' FROM gone g"
		" ON CONFLICT (domain, cause, ended_at) DO NOTHING",
		1, {TEXTOID}, NULL
	};
	static KeptStatement suppress = {
		"INSERT INTO bounce.domain_suppression AS s (domain, cause, class, starts_at, expires_at, note, made_by)"
		" VALUES ($1, 'lease', $2, pg_catalog.now(), $3, $4, NULL)"
		" ON CONFLICT (domain) DO UPDATE SET class = excluded.class, expires_at = excluded.expires_at, note = excluded.note"
		" WHERE s.cause OPERATOR(pg_catalog.=) 'lease' AND s.expires_at OPERATOR(pg_catalog.<) excluded.expires_at",
		4, {TEXTOID, InvalidOid, TIMESTAMPTZOID, TEXTOID}, NULL
	};
	Datum		values[4];
	bool		isnull;

	for (int i = 0; i < (int) lengthof(values); i++)
		values[i] = SPI_getbinval(found, desc, i + 1, &isnull);
	suppress.argtypes[1] = bounce_type_oid("bounce_class");
	kept_execute(&archive, values, NULL, false);
	kept_execute(&suppress, values, NULL, false);
	return SPI_processed > 0;
}
