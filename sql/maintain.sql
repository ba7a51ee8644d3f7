
-- The log's partitions, and what is kept when old ones go.

CREATE TABLE bounce.log_horizon (
	at timestamptz PRIMARY KEY,
	moved_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE bounce.log_horizon IS 'From when on the log counts: the latest row; older events are dropped, and have no effect when they come in late';
COMMENT ON COLUMN bounce.log_horizon.at IS 'Events before this time are settled in bounce.fold_base';
COMMENT ON COLUMN bounce.log_horizon.moved_at IS 'When bounce.maintain() moved it there';
SELECT pg_catalog.pg_extension_config_dump('bounce.log_horizon', '');

CREATE TABLE bounce.fold_base (
	address text COLLATE "C" PRIMARY KEY,
	class bounce.bounce_class,
	status bounce.smtp_status,
	step smallint,
	occurrences integer,
	starts_at timestamptz,
	expires_at timestamptz,
	last_event_at timestamptz,
	complaint_class bounce.bounce_class,
	complaint_since timestamptz,
	complaint_last_event_at timestamptz,
	counted timestamptz[] NOT NULL,
	occurred text[] COLLATE "C" NOT NULL,
	reported text[] COLLATE "C" NOT NULL
);
COMMENT ON TABLE bounce.fold_base IS 'What events before bounce.log_horizon left for the leases and complaints of their addresses';
COMMENT ON COLUMN bounce.fold_base.address IS 'Canonical address (bounce.normalize_address)';
COMMENT ON COLUMN bounce.fold_base.class IS 'Of the latest lease, as in bounce.suppression; NULL: none, or it was released';
COMMENT ON COLUMN bounce.fold_base.status IS 'Of the latest lease: status of its last bounce';
COMMENT ON COLUMN bounce.fold_base.step IS 'Of the latest lease: step of the ladder';
COMMENT ON COLUMN bounce.fold_base.occurrences IS 'Of the latest lease: its bounces and attempts';
COMMENT ON COLUMN bounce.fold_base.starts_at IS 'Of the latest lease: inclusive';
COMMENT ON COLUMN bounce.fold_base.expires_at IS 'Of the latest lease: exclusive';
COMMENT ON COLUMN bounce.fold_base.last_event_at IS 'Of the latest lease: time of the last event that moved it';
COMMENT ON COLUMN bounce.fold_base.complaint_class IS 'Of the complaint that stands; NULL: none';
COMMENT ON COLUMN bounce.fold_base.complaint_since IS 'Time of the first complaint';
COMMENT ON COLUMN bounce.fold_base.complaint_last_event_at IS 'Time of the last complaint';
COMMENT ON COLUMN bounce.fold_base.counted IS 'Times of the events that count towards a threshold';
COMMENT ON COLUMN bounce.fold_base.occurred IS 'Messages that were an occurrence';
COMMENT ON COLUMN bounce.fold_base.reported IS 'Messages that were reported without being an occurrence';
SELECT pg_catalog.pg_extension_config_dump('bounce.fold_base', '');

CREATE FUNCTION bounce.maintain(at timestamptz DEFAULT pg_catalog.now(), OUT action text, OUT object text, OUT events bigint)
	RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 3 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.maintain(timestamptz) IS
'Makes the partitions of bounce.delivery_event for the period of "at" and the next two (setting partition: month, week or day, in UTC;
default month), and of past ones of which the default partition holds events; and drops those that end before "at" less the setting retention (an interval; absent: everything is kept).
One row for each thing done: create (events: moved there from the default partition), drop, trim (events: removed from the default partition).
Leases and complaints stay as they are: what dropped events left is kept in bounce.fold_base. An event older than bounce.log_horizon
that comes in later is logged and has no effect. Releasing at such a time still ends what lasts.
One session at a time; others wait. When there is something to do it locks the log (ACCESS EXCLUSIVE): loading waits, asking does not;
SET lock_timeout bounds how long it keeps others waiting for its turn.
Errors: 22023 for settings that cannot be, 22008 for an infinite time, 22004 for NULL, 25001 at another isolation level than READ COMMITTED,
2BP01 when an object depends on a partition that should go.';
REVOKE ALL ON FUNCTION bounce.maintain(timestamptz) FROM PUBLIC;

CREATE FUNCTION bounce.rebuild_suppressions() RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.rebuild_suppressions() IS
'Folds the log of every address anew, from bounce.log_horizon on: leases and complaints, in force and ended, are then what log, policy
and releases by hand say. Returns how many addresses had other rows before: 0 when all was right. Locks the leases of all addresses until
the end of the transaction; loading of other addresses goes on.';
REVOKE ALL ON FUNCTION bounce.rebuild_suppressions() FROM PUBLIC;
