
CREATE TABLE bounce.topic (
	topic text COLLATE "C" PRIMARY KEY CHECK (topic OPERATOR(pg_catalog.<>) ''),
	title text,
	description text,
	kind text COLLATE "C" NOT NULL DEFAULT 'marketing' CHECK (kind IN ('marketing', 'transactional')),
	opt_in text COLLATE "C" NOT NULL DEFAULT 'none' CHECK (opt_in IN ('none', 'single', 'double')),
	position integer,
	max_messages integer CHECK (max_messages OPERATOR(pg_catalog.>) 0 AND max_messages OPERATOR(pg_catalog.<=) 1000),
	per interval CHECK (per OPERATOR(pg_catalog.>) '0'::interval),
	retired_at timestamptz,
	CHECK ((max_messages IS NULL) OPERATOR(pg_catalog.=) (per IS NULL))
);
COMMENT ON TABLE bounce.topic IS 'Streams of mail a person can say yes or no to; a topic without a row counts as marketing';
COMMENT ON COLUMN bounce.topic.topic IS 'Name used in every call, for example newsletter';
COMMENT ON COLUMN bounce.topic.title IS 'What people read in the preference center';
COMMENT ON COLUMN bounce.topic.description IS 'One sentence for the preference center';
COMMENT ON COLUMN bounce.topic.kind IS 'marketing, or transactional: the latter ignores opt-outs and complaints and honours leases';
COMMENT ON COLUMN bounce.topic.opt_in IS 'none: subscribed until a no; single: after a yes; double: after a confirmed yes';
COMMENT ON COLUMN bounce.topic.position IS 'Order in the preference center';
COMMENT ON COLUMN bounce.topic.max_messages IS 'At most this many messages (1 to 1000) a person in each interval "per", counted by bounce.record_attempt() and bounce.guard_outbox(); a change is in force at once';
COMMENT ON COLUMN bounce.topic.per IS 'The interval of max_messages, sliding; a day has 24 hours and a month 30 days';
COMMENT ON COLUMN bounce.topic.retired_at IS 'From then on it takes no subscriptions, and as marketing no mail goes out; what was said about it is kept. NULL: in use';
SELECT pg_catalog.pg_extension_config_dump('bounce.topic', '');
