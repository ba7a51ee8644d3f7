-- Contacts and leases for ask.sh.  Variables: contacts, leases.
-- The n-th largest domain has about 1/n of the recipients of the largest.
-- VACUUM marks pages as visible to all only when the commits of their rows are on disk.
SET synchronous_commit = on;

CREATE TABLE contact AS
	SELECT id, 'user' || id || '@' || coalesce((ARRAY['gmail', 'orange', 'outlook'])[rank], 'd' || rank) || '.example' AS email
	FROM (SELECT id, floor(exp(ln(20000) * (0.5 + hashint8extended(id, 7) / 18446744073709551616.0)))::int AS rank
		FROM generate_series(1, :contacts::bigint) AS id) AS drawn;

-- Every so-many-th contact bounced; one lease in ten is over.
INSERT INTO bounce.suppression (address, cause, class, step, occurrences, starts_at, expires_at)
	SELECT email, 'lease', 'hard:user_unknown', 1, 1, now() - interval '1 day',
		now() + CASE WHEN id / greatest(:contacts / :leases, 1) % 10 = 0 THEN interval '-1 hour' ELSE interval '10 days' END
	FROM contact
	WHERE id % greatest(:contacts / :leases, 1) = 0
	ORDER BY md5(email);

VACUUM (ANALYZE) contact, bounce.suppression;
