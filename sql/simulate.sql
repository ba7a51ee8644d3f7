
-- Looking at the log another way, without changing anything.

CREATE FUNCTION bounce.simulate(
	profile text,
	since timestamptz,
	until timestamptz DEFAULT pg_catalog.now(),
	OUT mails bigint,
	OUT hard_bounces bigint,
	OUT addresses bigint,
	OUT leases bigint,
	OUT lease_days double precision,
	OUT withheld bigint,
	OUT hard_bounces_avoided bigint,
	OUT delivered_withheld bigint)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.simulate(text, timestamptz, timestamptz) IS
'What a policy profile would have suppressed, had it been in force from "since" (nothing suppressed then) until just before
"until": leases of addresses, from the log alone; complaints, releases and what people did by hand are left out.
mails: told of by the log; events with the same message_id are one mail. hard_bounces: those that bounced hard.
addresses: with a lease. leases: how many began. lease_days: how long they lasted together, in days of 24 hours, up to "until" or now.
withheld: mails that went out during a lease (at sent_at or else occurred_at), and attempts that were withheld at the time too.
hard_bounces_avoided: withheld mails that bounced hard. delivered_withheld: withheld mails that had been accepted: the price.
Compare profiles: SELECT p, s.* FROM unnest(ARRAY[''default'', ''acs'']) p, bounce.simulate(p, now() - interval ''30 days'') s.
Errors: 22023 for an unknown profile or a time that ends before it begins, 22004 for NULL. Only reads';
REVOKE ALL ON FUNCTION bounce.simulate(text, timestamptz, timestamptz) FROM PUBLIC;
