
CREATE FUNCTION bounce.domain_findings(
	since timestamptz DEFAULT pg_catalog.now() OPERATOR(pg_catalog.-) '7 days'::interval,
	until timestamptz DEFAULT pg_catalog.now(),
	threshold integer DEFAULT 3)
	RETURNS TABLE (domain text, addresses bigint, events bigint, class bounce.bounce_class,
		first_at timestamptz, last_at timestamptz, response text, suppressed boolean)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.domain_findings(timestamptz, timestamptz, integer) IS
'Domains that fail as a whole: of which at least "threshold" distinct addresses bounced, hard or soft, from "since" until just
before "until" for a reason that is the domain''s fault (domain_unknown, domain_no_mail, domain_abandoned). What was before a
mail that the domain accepted, or before its release by hand, does not count.
class: the most frequent one. response: the last one there is. suppressed: now, as a domain, or by one above it.
bounce.suppress_found_domains() acts on it. Errors: 22023 for a threshold under 2, 22004 for NULL. Only reads';
REVOKE ALL ON FUNCTION bounce.domain_findings(timestamptz, timestamptz, integer) FROM PUBLIC;

CREATE FUNCTION bounce.suppress_found_domains(
	since timestamptz DEFAULT pg_catalog.now() OPERATOR(pg_catalog.-) '7 days'::interval,
	until timestamptz DEFAULT pg_catalog.now(),
	threshold integer DEFAULT 3) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.suppress_found_domains(timestamptz, timestamptz, integer) IS
'Suppresses the domains that bounce.domain_findings() with the same arguments names, with cause lease, from now on; returns how
many were made or made longer. A lease ends by the ladder that the policy in force has for the hard form of the class: the
address that makes the threshold full is its first step, every failure after it climbs. What a person suppressed is left as
it is, and what a person released stays released until enough addresses fail again. With the row (domain_findings, make) in
bounce.setting every bounce.sweep() does it too. Errors: as bounce.domain_findings()';
REVOKE ALL ON FUNCTION bounce.suppress_found_domains(timestamptz, timestamptz, integer) FROM PUBLIC;
