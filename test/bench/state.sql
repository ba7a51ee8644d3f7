-- People, and leases of some of them as their bounces left them.
--
-- Variables: first, last (numbers of people), leased (a condition on n).  Domains are skewed:
-- the n-th largest has about 1/n of the people of the largest.  Written past the triggers, a
-- row of the log and a row of its fold each: what COPY would leave, but in a fraction of the time.
SET session_replication_role = replica;
CREATE SCHEMA IF NOT EXISTS bench;

CREATE OR REPLACE FUNCTION bench.share(n bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN hashint8extended(n, salt) / 18446744073709551616.0 + 0.5;
CREATE OR REPLACE FUNCTION bench.address(n bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN 'user' || n || '@' || CASE floor(exp(ln(20000) * bench.share(n, 7)))::integer
		WHEN 1 THEN 'gmail' WHEN 2 THEN 'orange' WHEN 3 THEN 'outlook'
		ELSE 'd' || floor(exp(ln(20000) * bench.share(n, 7)))::integer END || '.example';

-- Bounced within the last day, so that a second one climbs.
INSERT INTO bounce.delivery_event_default (occurred_at, recipient, status, class, response, message_id, event_key)
	SELECT at, bench.address(n), '550 5.1.1', 'hard:user_unknown', '550 5.1.1 User unknown',
		'm' || n, to_hex(hashint8extended(n, 3))
	FROM (SELECT n, date_trunc('hour', now()) - 20 * interval '1 hour' * bench.share(n, 11) AS at
		FROM generate_series(:first::bigint, :last::bigint) AS n WHERE :leased) AS bounced;
INSERT INTO bounce.suppression (address, topic, cause, class, status, step, occurrences, starts_at, expires_at, last_event_at)
	SELECT recipient, '', 'lease', class, status, 1, 1, occurred_at, occurred_at + interval '24 hours', occurred_at
	FROM bounce.delivery_event_default WHERE message_id BETWEEN 'm' AND 'n'
	ON CONFLICT DO NOTHING;
SET session_replication_role = origin;
