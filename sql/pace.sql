
-- What went out lately under a cap (bounce.topic.max_messages per "per").

CREATE TABLE bounce.pace (
	address text COLLATE "C" NOT NULL,
	topic text COLLATE "C" NOT NULL,
	sent timestamptz[] NOT NULL,
	PRIMARY KEY (address, topic)
) WITH (fillfactor = 80);
COMMENT ON TABLE bounce.pace IS 'When messages of a topic with a cap went out to a person lately; counted by bounce.record_attempt() and bounce.guard_outbox()';
COMMENT ON COLUMN bounce.pace.address IS 'Canonical address (bounce.normalize_address)';
COMMENT ON COLUMN bounce.pace.topic IS 'A topic that has, or had, a cap';
COMMENT ON COLUMN bounce.pace.sent IS 'Times in order, the last bounce.topic.max_messages of them';
SELECT pg_catalog.pg_extension_config_dump('bounce.pace', '');

CREATE FUNCTION bounce.pace_used(sent timestamptz[], at timestamptz, per interval) RETURNS integer
	IMMUTABLE STRICT PARALLEL SAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_pace_used';
COMMENT ON FUNCTION bounce.pace_used(timestamptz[], timestamptz, interval) IS
'How many of these times are less than "per" away from "at". Whatever the time zone, a day has 24 hours and a month 30 days.
Error: 22004 for a NULL in the array.';

CREATE FUNCTION bounce.pace_add(sent timestamptz[], at timestamptz, keep integer) RETURNS timestamptz[]
	IMMUTABLE STRICT PARALLEL SAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_pace_add';
COMMENT ON FUNCTION bounce.pace_add(timestamptz[], timestamptz, integer) IS
'The times and one more, in order, of which the last so many are kept. Error: 22004 for a NULL in the array.';

CREATE FUNCTION bounce.capped_until(address text, topic text, at timestamptz DEFAULT pg_catalog.now()) RETURNS timestamptz
	STABLE PARALLEL SAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_capped_until';
COMMENT ON FUNCTION bounce.capped_until(text, text, timestamptz) IS
'When the next message of this topic may go out to this person, if its cap (bounce.topic.max_messages) is used up; NULL when one may go
out now, when the topic has no cap, for a NULL and for text that is no address. Only reads: bounce.record_attempt() and
bounce.guard_outbox() count.';
REVOKE ALL ON FUNCTION bounce.capped_until(text, text, timestamptz) FROM PUBLIC;
