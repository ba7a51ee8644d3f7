-- People, and leases of some of them as their bounces left them.
--
-- Variables: first, last (numbers of people), leased (a condition on n), order (of writing: n,
-- or address, which is faster for many), log (false: no events).  Domains are skewed: the n-th largest has about 1/n of the people of the largest.
-- Written past the triggers, a row of the log and a row of its fold each: what COPY would
-- leave, in a fraction of the time.
SET client_min_messages = warning;
SET session_replication_role = replica;
CREATE SCHEMA IF NOT EXISTS bench;

-- From 0 to 1, as good as drawn by lot.
CREATE OR REPLACE FUNCTION bench.share(n bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN hashint8extended(n, salt) / 18446744073709551616.0::float8 + 0.5;
-- Some 25 bytes; 9.9 is the logarithm of 20000 domains.
CREATE OR REPLACE FUNCTION bench.address(n bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN 'user' || n || '@d' || exp(9.9 * bench.share(n, 7))::integer || '.example';

-- Bounced within the last day, so that a second bounce climbs.
CREATE TEMP TABLE bounced AS
	SELECT address COLLATE "C" AS address, at, n
	FROM (SELECT n, bench.address(n) AS address, date_trunc('hour', now()) - 20 * interval '1 hour' * bench.share(n, 11) AS at
		FROM generate_series(:first::bigint, :last::bigint) AS n WHERE :leased) AS people
	ORDER BY :order;
\if :log
INSERT INTO bounce.delivery_event (occurred_at, recipient, status, class, response, event_key)
	SELECT at, address, '550 5.1.1', 'hard:user_unknown', '550 5.1.1 User unknown', to_hex(hashint8extended(n, 3)) FROM bounced;
\endif
INSERT INTO bounce.suppression (address, cause, class, status, step, occurrences, due, starts_at, expires_at, last_event_at)
	SELECT address, 'lease', 'hard:user_unknown', '550 5.1.1', 1, 1, date_trunc('hour', at + interval '24 hours'),
		at, at + interval '24 hours', at FROM bounced;
DROP TABLE bounced;
SET session_replication_role = origin;
