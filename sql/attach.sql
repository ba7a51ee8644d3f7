
-- Triggers for the application's own tables: who is attached where, and how.

CREATE FUNCTION bounce.attachment_options(columns text[], arguments bytea) RETURNS jsonb
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_attachment_options';
COMMENT ON FUNCTION bounce.attachment_options(text[], bytea) IS
'For bounce.watched_table: the columns and the arguments (pg_trigger.tgargs) of a trigger of ours as the arguments of the function that attached it';

CREATE FUNCTION bounce.guard_outbox_row() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_guard_outbox_row';
COMMENT ON FUNCTION bounce.guard_outbox_row() IS 'Trigger of bounce.guard_outbox(): keeps suppressed rows back';
REVOKE ALL ON FUNCTION bounce.guard_outbox_row() FROM PUBLIC;

CREATE FUNCTION bounce.guard_outbox_statement() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_guard_outbox_statement';
COMMENT ON FUNCTION bounce.guard_outbox_statement() IS 'Trigger of bounce.guard_outbox(): logs the suppressed rows of a statement together';
REVOKE ALL ON FUNCTION bounce.guard_outbox_statement() FROM PUBLIC;

CREATE FUNCTION bounce.quarantine_contacts_row() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_quarantine_contacts_row';
COMMENT ON FUNCTION bounce.quarantine_contacts_row() IS 'Trigger of bounce.quarantine_contacts(): the column says how long the address is suppressed, whatever was written to it';
REVOKE ALL ON FUNCTION bounce.quarantine_contacts_row() FROM PUBLIC;

CREATE FUNCTION bounce.track_preferences_rows() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_track_preferences_rows';
COMMENT ON FUNCTION bounce.track_preferences_rows() IS 'Trigger of bounce.track_preferences(): what is written to opt-in columns is a choice';
REVOKE ALL ON FUNCTION bounce.track_preferences_rows() FROM PUBLIC;

CREATE FUNCTION bounce.preference_follow() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_preference_follow';
COMMENT ON FUNCTION bounce.preference_follow() IS 'Trigger: opt-in columns of tables attached with bounce.track_preferences() follow the preferences';
REVOKE ALL ON FUNCTION bounce.preference_follow() FROM PUBLIC;

CREATE TRIGGER follow_insert AFTER INSERT ON bounce.preference
	REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION bounce.preference_follow();
COMMENT ON TRIGGER follow_insert ON bounce.preference IS 'Opt-in columns follow';
CREATE TRIGGER follow_update AFTER UPDATE ON bounce.preference
	REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION bounce.preference_follow();
COMMENT ON TRIGGER follow_update ON bounce.preference IS 'Opt-in columns follow';

CREATE FUNCTION bounce.watch_deliveries_rows() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_watch_deliveries_rows';
COMMENT ON FUNCTION bounce.watch_deliveries_rows() IS 'Trigger of bounce.watch_deliveries(): tells new rows to bounce.delivery_event';
REVOKE ALL ON FUNCTION bounce.watch_deliveries_rows() FROM PUBLIC;

-- Who installed the extension can restore a dump, triggers and all.
GRANT EXECUTE ON FUNCTION bounce.guard_outbox_row(), bounce.guard_outbox_statement(), bounce.quarantine_contacts_row(),
	bounce.track_preferences_rows(), bounce.watch_deliveries_rows() TO @extowner@;

-- What is attached is known from the triggers themselves: nothing is left when a
-- table is dropped, nothing is wrong after a rename or a restore.
CREATE VIEW bounce.watched_table AS
	SELECT t.tgrelid::pg_catalog.regclass AS watched,
		CASE t.tgfoid
			WHEN 'bounce.guard_outbox_row()'::pg_catalog.regprocedure THEN 'guard_outbox'
			WHEN 'bounce.quarantine_contacts_row()'::pg_catalog.regprocedure THEN 'quarantine_contacts'
			WHEN 'bounce.track_preferences_rows()'::pg_catalog.regprocedure THEN 'track_preferences'
			ELSE 'watch_deliveries'
		END AS kind,
		o.options OPERATOR(pg_catalog.-) '{attached_by,attached_at}'::text[] AS options,
		CASE t.tgenabled WHEN 'O' THEN 'origin' WHEN 'A' THEN 'always' WHEN 'R' THEN 'replica' ELSE 'disabled' END AS enabled,
		o.options OPERATOR(pg_catalog.->>) 'attached_by' AS attached_by,
		(o.options OPERATOR(pg_catalog.->>) 'attached_at')::timestamptz AS attached_at
	FROM pg_catalog.pg_trigger AS t
		CROSS JOIN LATERAL (
			SELECT pg_catalog.array_agg(a.attname::text ORDER BY c.position) AS names
			FROM pg_catalog.unnest(t.tgattr::int2[]) WITH ORDINALITY AS c(number, position)
				JOIN pg_catalog.pg_attribute AS a
				ON a.attrelid OPERATOR(pg_catalog.=) t.tgrelid AND a.attnum OPERATOR(pg_catalog.=) c.number
		) AS n
		CROSS JOIN LATERAL bounce.attachment_options(n.names, t.tgargs) AS o(options)
	WHERE t.tgfoid IN ('bounce.guard_outbox_row()'::pg_catalog.regprocedure,
			'bounce.quarantine_contacts_row()'::pg_catalog.regprocedure,
			'bounce.track_preferences_rows()'::pg_catalog.regprocedure,
			'bounce.watch_deliveries_rows()'::pg_catalog.regprocedure)
		AND t.tgparentid OPERATOR(pg_catalog.=) 0::oid
		AND pg_catalog.cardinality(t.tgattr::int2[]) OPERATOR(pg_catalog.>) 0;
COMMENT ON VIEW bounce.watched_table IS
	'Tables of the application that are attached, one row for each table and kind; read from their triggers, so it follows renames, drops and restores';
COMMENT ON COLUMN bounce.watched_table.watched IS 'The table';
COMMENT ON COLUMN bounce.watched_table.kind IS 'The function that attached it: guard_outbox, quarantine_contacts, track_preferences or watch_deliveries';
COMMENT ON COLUMN bounce.watched_table.options IS 'Its arguments, as they are in force; columns by their present names';
COMMENT ON COLUMN bounce.watched_table.enabled IS 'origin; always: also when replication applies rows; replica or disabled: by ALTER TABLE';
COMMENT ON COLUMN bounce.watched_table.attached_by IS 'Role that attached it';
COMMENT ON COLUMN bounce.watched_table.attached_at IS 'When';
REVOKE ALL ON bounce.watched_table FROM PUBLIC;

CREATE FUNCTION bounce.guard_outbox(
	"table" regclass,
	recipient name,
	topic_column name DEFAULT NULL,
	topic text DEFAULT NULL,
	status_column name DEFAULT NULL,
	claim_from text DEFAULT NULL,
	claimed_as text DEFAULT NULL,
	on_suppressed text DEFAULT 'skip',
	mark_as text DEFAULT 'suppressed',
	always boolean DEFAULT false
) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bounce_guard_outbox';
COMMENT ON FUNCTION bounce.guard_outbox(regclass, name, name, text, name, text, text, text, text, boolean) IS
'Guards a send queue: rows for suppressed recipients are kept back when they are queued (INSERT) and when they are claimed for sending.
recipient: column with the address. A NULL passes; text that is no address is kept back.
topic_column: column with the topic of the mail; topic: the topic of rows without one. Without both, what is for all mail is asked.
status_column: column that says how far a row has got, of any type. Without it, rows are asked about at INSERT only.
A claim is an UPDATE that changes it from claim_from (or from mark_as), to claimed_as (both, when both are given). With neither, from the
default of the column when that is a constant, else from any value to any other; never to NULL or to mark_as.
on_suppressed: skip: the row is not stored, or not claimed: it stays in the queue, and every later claim of it is an attempt again;
mark: the row is stored, or left unclaimed, with the status mark_as: the better one for workers that poll. UPDATE ... RETURNING does not
return what was not claimed. error: the statement fails with SQLSTATE LH003.
Skipped and marked rows are logged as admin:suppressed, source guard, and climb the lease; with error nothing can be logged.
A queued row is asked about under the snapshot of its statement, all of them for one time; a claimed one under a new snapshot, for now.
A topic with a cap (bounce.topic.max_messages): a row is counted, once, where it is sent, that is when it is claimed; when it is stored, if there
is no status_column, or if claimed_as is given and it is stored with that status. One for which the cap leaves no room is treated as a
suppressed one, but not logged. A row that goes back from claimed_as to claim_from (when both are given) gives its slot back; an INSERT ... ON
CONFLICT does not, though the row may not be stored. Rows take slots in the order in which the statement meets them, and hold them until the
transaction ends: of two statements with the same people in different orders one may fail with 40P01, and is to be tried again.
always: also when logical replication applies rows (there an INSERT into a partition is not guarded).
The caller must own the table. Partitions are covered. Renamed columns are followed; a column in use can only be dropped with CASCADE,
which ends the guard. Errors: 42703, 42804, 42P10 for columns; 42809 for what is no table of the application; 42501; 42710 when a
guard is attached already; 22023 and 22004 for options; 0A000 when the status decides the partition and would be marked.';
REVOKE ALL ON FUNCTION bounce.guard_outbox(regclass, name, name, text, name, text, text, text, text, boolean) FROM PUBLIC;

CREATE FUNCTION bounce.quarantine_contacts(
	"table" regclass,
	address name,
	until_column name,
	create_index boolean DEFAULT true,
	always boolean DEFAULT false
) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bounce_quarantine_contacts';
COMMENT ON FUNCTION bounce.quarantine_contacts(regclass, name, name, boolean, boolean) IS
'Lets a column of a contact table follow the suppression of its address: until_column, a timestamptz, holds the end of the longest
active suppression of the address that stops all topics (infinity: until released), and NULL when there is none.
It is set when a row is stored or its address changes, when the suppression changes, and by bounce.sweep() when it has ended; read it
through bounce.quarantined(), which compares times. Whatever else is written to it, the truth is stored.
Rows that exist are brought in line at once. Rows of an address are found through an index on bounce.normalize_address(address), which is
made unless there is one (create_index). Rows are updated as the owner of the table, whose triggers fire. A row that the table refuses to
update (a check, a trigger that raises an error or skips the row) stays as it is: what is suppressed stays suppressed, a warning is given, and
bounce.rejected_input has a row for it until bounce.refresh_quarantine() is called. Only what a deferred constraint says at the end of the
transaction undoes it.
always: also for rows that logical replication applies.
The caller must own the table. Partitions are covered. Waits for those who are changing suppressions, and keeps them out until commit.
Renamed columns are followed; a column in use can only be dropped with CASCADE, which ends the quarantine.
Errors: 42703, 42804, 42P10 for columns; 55000 for an until_column that allows no nulls; 0A000 when it decides the partition; 42809 for
what is no table of the application; 42501; 42710 when attached already.';
REVOKE ALL ON FUNCTION bounce.quarantine_contacts(regclass, name, name, boolean, boolean) FROM PUBLIC;

CREATE FUNCTION bounce.refresh_quarantine("table" regclass DEFAULT NULL) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bounce_refresh_quarantine';
COMMENT ON FUNCTION bounce.refresh_quarantine(regclass) IS
'Compares all rows of a table attached with bounce.quarantine_contacts(), or of all such tables, with the suppressions, and sets those
that differ; returns how many. Takes what the tables refused before out of bounce.rejected_input, and puts in what they still
refuse. Needed after that, after triggers were disabled, and for a contact and a bounce of one address that were stored at
the very same time by two transactions. Reads whole tables. Error: 55000 when the table is not attached.';
REVOKE ALL ON FUNCTION bounce.refresh_quarantine(regclass) FROM PUBLIC;

CREATE FUNCTION bounce.quarantined(until timestamptz, at timestamptz DEFAULT pg_catalog.now()) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN COALESCE(until OPERATOR(pg_catalog.>) at, false);
COMMENT ON FUNCTION bounce.quarantined(timestamptz, timestamptz) IS
'Is a contact in quarantine, given its until column? Right also when the end has passed and bounce.sweep() has not run. NULL: false.';

CREATE FUNCTION bounce.track_preferences(
	"table" regclass,
	address name,
	topics jsonb,
	source text DEFAULT 'person',
	insert_source text DEFAULT 'import',
	existing boolean DEFAULT true,
	create_index boolean DEFAULT true
) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bounce_track_preferences';
COMMENT ON FUNCTION bounce.track_preferences(regclass, name, jsonb, text, text, boolean, boolean) IS
'Lets opt-in columns of a contact table and the preferences of its people follow each other, in the same transaction.
topics: an object of columns and their topics, as in {"news_ok": "newsletter", "left_at": ""}; '''' is all marketing topics. A boolean
column says yes or no; a timestamptz column says since when the person has opted out, and NULL that it has not. NULL in a boolean, and a
value that stays as it is, say nothing; nor does the removal of a row.
What a statement writes there is told as subscribe or unsubscribe of the row''s address, at the time of the transaction or, for an opt-out,
the time written; with table, column, value, primary key and role as evidence. Then the columns of its addresses, in all attached tables,
are set to what stands, as after every other change of a preference: a yes that a higher source stands against, that waits for its
confirmation, or that is of a retired topic does not stay. Where nothing is known of a topic the column is left as it is; a request that is
not confirmed shows as NULL (false, where that is not allowed), a pause as what it interrupts. RETURNING shows what was written.
source: who speaks when a column is changed (person, operator or import); insert_source: when a row is new, or its address is, so that a
reload of the table overrules nobody. SET bounce.preference_source lowers both, for a job that imports.
existing: what the rows say that are there is told at once, with insert_source. create_index: as for bounce.quarantine_contacts().
Those who write the table need no privilege on schema bounce; rows are updated as the owner of the table, whose triggers fire. The caller
must own it. A row that the table refuses to update (a check, a trigger that raises an error or skips the row) stays as it is: the choice
is stored and in force all the same, a warning is given, and bounce.rejected_input has a row for it, which bounce.open_requests counts, until
bounce.refresh_preferences() is called. Only what a deferred constraint says at the end of the transaction undoes a choice. What is written to a partition by its own name, or by logical replication, is not told.
Locks: contacts before preferences, addresses in order; who changes contacts in several attached tables, or many in another order, may be told
to try again (40P01). Waits for those who are changing preferences, and keeps them out until commit.
Renamed columns are followed; a column in use can only be dropped with CASCADE, which ends it.
Errors: 42703, 42804, 42P10 for columns; 55000 for a timestamptz that allows no nulls; LH005 for an unknown topic; 22023 and 22004 for
options; 0A000 for a column that decides the partition; 42809 for what is no table of the application; 42501; 42710 when attached already.';
REVOKE ALL ON FUNCTION bounce.track_preferences(regclass, name, jsonb, text, text, boolean, boolean) FROM PUBLIC;

CREATE FUNCTION bounce.refresh_preferences("table" regclass DEFAULT NULL) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bounce_refresh_preferences';
COMMENT ON FUNCTION bounce.refresh_preferences(regclass) IS
'Sets the opt-in columns of all rows of a table attached with bounce.track_preferences(), or of all such tables, to what stands; returns how
many rows changed. Needed where a table refused to be updated: takes what it refused before out of bounce.rejected_input, and puts in
what it still refuses; and after triggers were disabled: what was written meanwhile is told by nobody, and overwritten. Reads whole tables.
Waits for those who are changing preferences or the table, and keeps them out until commit. Error: 55000 when the table is not attached.';
REVOKE ALL ON FUNCTION bounce.refresh_preferences(regclass) FROM PUBLIC;

CREATE FUNCTION bounce.watch_deliveries(
	"table" regclass,
	recipient name,
	response name,
	status name DEFAULT NULL,
	occurred_at name DEFAULT NULL,
	topic name DEFAULT NULL,
	message_id name DEFAULT NULL,
	event_key name DEFAULT NULL,
	sent_at name DEFAULT NULL,
	remote_host name DEFAULT NULL,
	source text DEFAULT NULL,
	always boolean DEFAULT false
) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bounce_watch_deliveries';
COMMENT ON FUNCTION bounce.watch_deliveries(regclass, name, name, name, name, name, name, name, name, name, text, boolean) IS
'Tells every row that is inserted into the application''s delivery log to bounce.delivery_event, all rows of a statement at once.
Each argument but the last two names a column for the column of the same name there; recipient and one of response and status are
needed. status may be text, an integer or a bounce.smtp_status; occurred_at NULL is now. source: what bounce.delivery_event.source
says, the name of the table by default. Rows that cannot be used go to bounce.rejected_input; they never fail the application.
always: also for rows that logical replication applies, then told one by one.
Those who write the table need no privilege on schema bounce. The caller must own it. Only the partitioned table can be watched, and what
is inserted into a partition by its own name is not told. Renamed columns are followed; a column in use can only be dropped with
CASCADE, which ends the watch.
Errors: 42703, 42804 for columns; 22004 when one is missing; 42809 for what is no table of the application; 42501; 42710 when attached already.';
REVOKE ALL ON FUNCTION bounce.watch_deliveries(regclass, name, name, name, name, name, name, name, name, name, text, boolean) FROM PUBLIC;

CREATE FUNCTION bounce.detach("table" regclass, kind text DEFAULT NULL) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bounce_detach';
COMMENT ON FUNCTION bounce.detach(regclass, text) IS
'Takes the triggers of one kind (guard_outbox, quarantine_contacts, track_preferences, watch_deliveries), or of all kinds, off a table, and the index that was
made for them; returns how many kinds were attached. What is in the table stays as it is. The caller must own it.
Errors: 22023 for an unknown kind, 42501.';
REVOKE ALL ON FUNCTION bounce.detach(regclass, text) FROM PUBLIC;
