
-- What an event of a class does to its address.  The most specific row of the
-- profile decides: (severity, reason), (*, reason), (severity, *), (*, *); none: nothing.
CREATE TABLE bounce.policy (
	profile text COLLATE "C" NOT NULL,
	severity text COLLATE "C" NOT NULL DEFAULT '*',
	reason text COLLATE "C" NOT NULL DEFAULT '*',
	effect text COLLATE "C" NOT NULL,
	ladder interval[],
	threshold integer,
	within interval,
	memory interval,
	max_total interval,
	topic_kind text COLLATE "C",
	PRIMARY KEY (profile, severity, reason)
);
COMMENT ON TABLE bounce.policy IS 'What an event of a class does to its address, by profile; shipped profiles cannot be changed, copy one under a name of your own';
COMMENT ON COLUMN bounce.policy.profile IS 'Name of the profile; bounce.use_profile(name) puts it in force';
COMMENT ON COLUMN bounce.policy.severity IS 'Severity, or * for any';
COMMENT ON COLUMN bounce.policy.reason IS 'Reason, or * for any';
COMMENT ON COLUMN bounce.policy.effect IS 'lease, count, complaint, unsubscribe, none, or acs: a lease if bounce.acs_type(status) is hard';
COMMENT ON COLUMN bounce.policy.ladder IS 'Durations of the steps; NULL: until released';
COMMENT ON COLUMN bounce.policy.threshold IS 'With count: the lease starts at this many events ...';
COMMENT ON COLUMN bounce.policy.within IS '... within this time';
COMMENT ON COLUMN bounce.policy.memory IS 'A new cycle that begins this soon after the last one continues one step above it';
COMMENT ON COLUMN bounce.policy.max_total IS 'No cycle lasts longer than this from its start';
COMMENT ON COLUMN bounce.policy.topic_kind IS 'With complaint: the kind of topics it silences';
SELECT pg_catalog.pg_extension_config_dump('bounce.policy',
	$$WHERE profile NOT IN ('default', 'acs', 'postmastery', 'permanent', 'cloudflare')$$);
