-- Mails that were accepted, for growth.sh, in the twelve months before this one.
-- Variables: first, last, and the months from, to.  Recipients are as skewed as their domains.
SET session_replication_role = replica;
SELECT format($$INSERT INTO bounce.delivery_event (occurred_at, recipient, status, class, response, event_key)
	SELECT at, recipient, '250 2.0.0', 'ok:delivered', '250 2.0.0 OK', to_hex(hashint8extended(n, 3))
	FROM (SELECT n, bench.address(exp(ln(%1$s) * bench.share(n, 17))::bigint) COLLATE "C" AS recipient,
			%2$L::timestamptz + 27 * interval '1 day' * bench.share(n, 19) AS at
		FROM generate_series(%3$s::bigint, %4$s) AS n) AS accepted
	ORDER BY recipient$$,
	:last, date_trunc('month', now()) - interval '1 month' * m,
	:first + (:last - :first) * (m - 1) / 12 + (m > 1)::integer, :first + (:last - :first) * m / 12)
	FROM generate_series(:from, :to) AS m
\gexec
