
CREATE TABLE bounce.topic (
	topic text COLLATE "C" PRIMARY KEY CHECK (topic OPERATOR(pg_catalog.<>) '' AND pg_catalog.octet_length(topic) OPERATOR(pg_catalog.<=) 1000),
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
COMMENT ON COLUMN bounce.topic.topic IS 'Name used in every call, for example newsletter; at most 1000 bytes';
COMMENT ON COLUMN bounce.topic.title IS 'What people read in the preference center';
COMMENT ON COLUMN bounce.topic.description IS 'One sentence for the preference center';
COMMENT ON COLUMN bounce.topic.kind IS 'marketing, or transactional: the latter ignores opt-outs and complaints and honours leases';
COMMENT ON COLUMN bounce.topic.opt_in IS 'none: subscribed until a no; single: after a yes; double: after a confirmed yes';
COMMENT ON COLUMN bounce.topic.position IS 'Order in the preference center';
COMMENT ON COLUMN bounce.topic.max_messages IS 'At most this many messages (1 to 1000) a person in each interval "per", counted by bounce.record_attempt() and bounce.guard_outbox(); a change is in force at once';
COMMENT ON COLUMN bounce.topic.per IS 'The interval of max_messages, sliding; a day has 24 hours and a month 30 days';
COMMENT ON COLUMN bounce.topic.retired_at IS 'From then on it takes no subscriptions, and as marketing no mail goes out; what was said about it is kept. NULL: in use';
SELECT pg_catalog.pg_extension_config_dump('bounce.topic', '');

CREATE FUNCTION bounce.topic_guard() RETURNS trigger
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_topic_guard';
COMMENT ON FUNCTION bounce.topic_guard() IS 'Trigger: refuses to delete or rename a topic that preferences or evidence name (23503); retire it instead';
REVOKE ALL ON FUNCTION bounce.topic_guard() FROM PUBLIC;

CREATE TRIGGER keep_name BEFORE DELETE OR UPDATE OF topic ON bounce.topic
	FOR EACH ROW EXECUTE FUNCTION bounce.topic_guard();
COMMENT ON TRIGGER keep_name ON bounce.topic IS 'What people said about a topic keeps its name';
CREATE TRIGGER keep_all BEFORE TRUNCATE ON bounce.topic
	FOR EACH STATEMENT EXECUTE FUNCTION bounce.topic_guard();
COMMENT ON TRIGGER keep_all ON bounce.topic IS 'What people said about topics keeps their names';

CREATE TABLE bounce.topic_text (
	topic text COLLATE "C" NOT NULL REFERENCES bounce.topic ON UPDATE CASCADE ON DELETE CASCADE,
	language text COLLATE "C" NOT NULL CHECK (language OPERATOR(pg_catalog.~*) '^[a-z]{2,8}(-[a-z0-9]{1,8})*$'),
	title text NOT NULL,
	description text
);
CREATE UNIQUE INDEX topic_text_key ON bounce.topic_text (topic, pg_catalog.lower(language));
COMMENT ON TABLE bounce.topic_text IS 'Titles of topics in other languages, for the preference center';
COMMENT ON INDEX bounce.topic_text_key IS 'One text a topic and language, however the tag is spelled';
COMMENT ON COLUMN bounce.topic_text.topic IS 'Name of the topic';
COMMENT ON COLUMN bounce.topic_text.language IS 'Language tag (BCP 47), for example fr or pt-BR';
COMMENT ON COLUMN bounce.topic_text.title IS 'What people read in the preference center';
COMMENT ON COLUMN bounce.topic_text.description IS 'One sentence; NULL: that of bounce.topic';
SELECT pg_catalog.pg_extension_config_dump('bounce.topic_text', '');
