-- Queues, guarded and not, and the mails for them.  Variables: rows, leases, percent.
SET client_min_messages = warning;
SET synchronous_commit = on; -- as in ask.sql
CREATE EXTENSION bounce_ext;
-- Leases of some of them, among those of others to whom nothing is sent, as they came.
SELECT :leases - count(*) AS others FROM generate_series(1, :rows::bigint) AS n WHERE (n * 7919) % 1000 < 10 * :percent \gset
\set order at
\set first 1
\set last :rows + :others
\set leased '(n > :rows OR (n * 7919) % 1000 < 10 * :percent)'
\set log true
\ir state.sql

-- A campaign: everybody once.  Receipts: the n-th person gets about 1/sqrt(n) of what the first gets.
CREATE TABLE bench.campaign AS SELECT bench.address(n) AS email FROM generate_series(1, :rows::bigint) AS n ORDER BY bench.share(n, 5);
CREATE TABLE bench.receipts AS SELECT bench.address(1 + floor(:rows * bench.share(n, 13) ^ 2)::bigint) AS email
	FROM generate_series(1, :rows::bigint) AS n;

CREATE TABLE bench.bare (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email text NOT NULL,
	topic text,
	template text,
	status text NOT NULL DEFAULT 'queued',
	queued_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE bench.skip (LIKE bench.bare INCLUDING ALL);
CREATE TABLE bench.mark (LIKE bench.bare INCLUDING ALL);
SELECT bounce.guard_outbox('bench.skip', 'email', status_column => 'status') \g /dev/null
SELECT bounce.guard_outbox('bench.mark', 'email', topic_column => 'topic', status_column => 'status', on_suppressed => 'mark') \g /dev/null
VACUUM (ANALYZE) bounce.delivery_event, bounce.suppression, bench.campaign, bench.receipts;
