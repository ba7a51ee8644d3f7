-- Contacts and leases for test/bench/ask.sh.  Variables: contacts, leases.
-- Recipients sit at domains as in real lists: the n-th largest has about 1/n of the largest.
CREATE SCHEMA ask_bench;

CREATE TABLE ask_bench.contact AS
	SELECT id, 'user' || id || '@' || CASE WHEN rank <= 3 THEN (ARRAY['gmail', 'orange', 'outlook'])[rank]
		ELSE 'd' || rank END || '.example' AS email
	FROM (SELECT id, floor(exp(hashint8extended(id, 7)::float8 / 18446744073709551616 * ln(20000)
		+ ln(20000) / 2))::int AS rank FROM generate_series(1, :contacts::bigint) AS id) AS drawn;

-- Every so-many-th contact bounced; one lease in ten is over.
INSERT INTO bounce.suppression (address, cause, class, step, occurrences, starts_at, expires_at)
	SELECT email, 'lease', 'hard:user_unknown', 1, 1, now() - interval '1 day',
		now() + CASE WHEN id % 10 = 0 THEN interval '-1 hour' ELSE interval '10 days' END
	FROM ask_bench.contact
	WHERE id % greatest(:contacts / :leases, 1) = 0
	ORDER BY md5(email);

VACUUM (ANALYZE) ask_bench.contact, bounce.suppression;
