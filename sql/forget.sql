
-- Law and memory: what is held about one person, shown and erased.

CREATE FUNCTION bounce.forget(address text, at timestamptz DEFAULT pg_catalog.now(), refuses boolean DEFAULT false,
							  OUT action text, OUT object text, OUT rows bigint)
	RETURNS SETOF record
	VOLATILE PARALLEL UNSAFE ROWS 10
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_forget';
COMMENT ON FUNCTION bounce.forget(text, timestamptz, boolean) IS
'Erases a person from the log, the suppressions and their history, preferences, the evidence of consent, rejected input and all else in
schema bounce, notes and reasons given included. What suppressed the address and lasts beyond "at" is kept in
bounce.digest_suppression, under a digest of the address, with topic, cause, class and end: leases, complaints and suppressions by hand or
import, and each no and each pause, as cause unsubscribe and with who said it. It is honoured by everything that asks; so nobody who comes in again with an imported list gets mail they refused.
refuses: true also keeps a no to all marketing topics, for who was not suppressed and does not want to come back.
The setting "forgotten" chooses the digest: hmac-sha256 (the default), which only this database and its copies can compute, or sha256,
which anybody can who guesses the address. One row for each table: erase, with the rows that went (of bounce.digest_suppression, the notes),
and keep.
Afterwards attempts to send to the address are not logged. An event or a choice that comes in is new and kept like any other. A yes of
the person''s own makes the kept choices preferences again, and the rules of bounce.subscribe() decide; bounce.release() ends the others.
Not erased: your own tables, the server''s log, backups, replicas that do not replay this, and texts about others that quote this address:
a server''s answer to a forwarded mail (bounce.delivery_event.response), evidence of somebody else (which cannot be changed without breaking
their chain), notes on other addresses, on domains, rules and topics. Rows of bounce.rejected_input go where they hold the address anywhere
in their text, in any case, or are of it as recipient in any spelling. A subscriber of logical replication refuses to erase evidence: publish
bounce.consent_log without deletes, and forget there too.
Waits for those who store something about this address, and they for it; nobody else. Of several in one transaction, in the order of
addresses. Reads all of bounce.rejected_input.
Errors: 22023 for what is no address or for a setting that cannot be; 22004 for NULL; 22008 for "at" infinite or in the future; 40001
under REPEATABLE READ and above when something was stored since the transaction began.';
REVOKE ALL ON FUNCTION bounce.forget(text, timestamptz, boolean) FROM PUBLIC;

CREATE FUNCTION bounce.person_data(address text) RETURNS jsonb
	STABLE PARALLEL RESTRICTED
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_person_data';
COMMENT ON FUNCTION bounce.person_data(text) IS
'Everything that schema bounce holds about an address, for a data request: an object with one array of rows for each table, in the order
of time; empty arrays when there is nothing. What is kept of a forgotten person shows under digest_suppression. Only reads.
Errors: 22023 for what is no address, 22004 for NULL.';
REVOKE ALL ON FUNCTION bounce.person_data(text) FROM PUBLIC;

CREATE VIEW bounce.open_requests AS
	SELECT r.kind, pg_catalog.count(*) AS requests, pg_catalog.min(r.since) AS oldest,
		pg_catalog.now() OPERATOR(pg_catalog.-) pg_catalog.min(r.since) AS age
	FROM (
		SELECT 'confirmation' AS kind, p.since
		FROM bounce.preference AS p
		WHERE p.state OPERATOR(pg_catalog.=) 'pending'
			AND (p.until IS NULL OR p.until OPERATOR(pg_catalog.>) pg_catalog.now())
		UNION ALL
		SELECT CASE WHEN i.door OPERATOR(pg_catalog.=) 'track_preferences' THEN 'refused' ELSE 'rejected' END, i.rejected_at
		FROM bounce.rejected_input AS i
		WHERE i.door OPERATOR(pg_catalog.=) 'track_preferences'
			OR i.input::text OPERATOR(pg_catalog.~*) 'unsubscribe|opt.?out|complain'
		UNION ALL
		SELECT 'prepared', x.prepared
		FROM pg_catalog.pg_prepared_xacts AS x
		WHERE x.database OPERATOR(pg_catalog.=) pg_catalog.current_database()
	) AS r
	GROUP BY r.kind;
COMMENT ON VIEW bounce.open_requests IS
'What people asked for and has not taken effect. Unsubscribes take effect when they commit, so there is no queue; what can be open is here,
one row a kind, none when nothing is';
COMMENT ON COLUMN bounce.open_requests.kind IS
'confirmation: a subscription waits for the person to confirm it; rejected: input that speaks of unsubscribing or complaining could not be
used and waits in bounce.rejected_input for somebody to read and delete it; refused: a choice is in force, but a table attached with
bounce.track_preferences() would not store it, see there too; prepared: a transaction of this database is prepared and not committed,
whatever it holds';
COMMENT ON COLUMN bounce.open_requests.requests IS 'How many';
COMMENT ON COLUMN bounce.open_requests.oldest IS 'When the oldest came in';
COMMENT ON COLUMN bounce.open_requests.age IS 'How old that is';
REVOKE ALL ON bounce.open_requests FROM PUBLIC;
