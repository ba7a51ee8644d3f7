-- Lets the log and the suppressions of growth.sh grow.  Variables: first, last.
--
-- Every person of these numbers has a lease, and a bounce in the newest partition.  As many
-- accepted mails are spread over the year before, to people as skewed as their domains.
\set leased true
\set order address
\ir state.sql

SET session_replication_role = replica;
\set month 'date_trunc(''month'', now()) - interval ''1 month'' * m'
SELECT format($$INSERT INTO bounce.delivery_event (occurred_at, recipient, status, class, response, event_key)
	SELECT at, recipient, '250 2.0.0', 'ok:delivered', '250 2.0.0 OK', to_hex(hashint8extended(n, 3))
	FROM (SELECT n, bench.address(1 + floor(exp(ln(%1$s) * bench.share(n, 17)))::bigint) COLLATE "C" AS recipient,
			%2$L::timestamptz + 27 * interval '1 day' * bench.share(n, 19) AS at
		FROM generate_series(%3$s::bigint, %4$s) AS n) AS accepted
	ORDER BY recipient, at$$,
	:last, :month, :first + (:last - :first) * (m - 1) / 12 + (m > 1)::integer, :first + (:last - :first) * m / 12)
	FROM generate_series(1, 12) AS m
\gexec
SET session_replication_role = origin;
