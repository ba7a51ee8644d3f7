
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
COMMENT ON COLUMN bounce.policy.effect IS 'lease, count, complaint, unsubscribe, none, or acs: a lease if bounce.acs_type(status) is hard. complaint and unsubscribe are a no to the topic of the message, or else to all marketing topics';
COMMENT ON COLUMN bounce.policy.ladder IS 'Durations of the steps; NULL: until released';
COMMENT ON COLUMN bounce.policy.threshold IS 'With count: the lease starts at this many events ...';
COMMENT ON COLUMN bounce.policy.within IS '... within this time';
COMMENT ON COLUMN bounce.policy.memory IS 'A new cycle that begins this soon after the last one continues one step above it';
COMMENT ON COLUMN bounce.policy.max_total IS 'No cycle lasts longer than this from its start';
COMMENT ON COLUMN bounce.policy.topic_kind IS 'With complaint: the kind of topics it silences';
SELECT pg_catalog.pg_extension_config_dump('bounce.policy',
	$$WHERE profile NOT IN ('default', 'acs', 'postmastery', 'permanent', 'cloudflare')$$);

-- Shipped profiles.  default: hard reasons take the ladder at once, the others
-- after three events in two weeks; complaints silence marketing until released.
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder)
	SELECT 'default', 'hard', r.reason, 'lease', bounce.acs_ladder()
	FROM bounce.reasons() AS r
	WHERE r.effect IN ('lease', 'count') AND r.fault IN ('recipient', 'domain', 'none');
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder, threshold, within)
	SELECT 'default', 'soft', r.reason, 'count', bounce.acs_ladder(), 3, '14 days'
	FROM bounce.reasons() AS r
	WHERE r.effect IN ('lease', 'count') AND r.fault IN ('recipient', 'domain', 'none');
INSERT INTO bounce.policy (profile, severity, reason, effect, topic_kind)
	SELECT 'default', '*', r.reason, r.effect, CASE r.effect WHEN 'complaint' THEN 'marketing' END
	FROM bounce.reasons() AS r
	WHERE r.effect IN ('complaint', 'unsubscribe');

-- acs: Azure's managed suppression list to the letter.
INSERT INTO bounce.policy (profile, effect, ladder) VALUES ('acs', 'acs', bounce.acs_ladder());
INSERT INTO bounce.policy (profile, severity, reason, effect, topic_kind)
	SELECT 'acs', p.severity, p.reason, p.effect, p.topic_kind
	FROM bounce.policy AS p
	WHERE p.profile OPERATOR(pg_catalog.=) 'default' AND p.effect IN ('complaint', 'unsubscribe');

-- postmastery: deferrals that are really bounces lease at once, like the bounces they are.
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder)
	VALUES ('postmastery', '*', 'mailbox_full', 'lease', bounce.acs_ladder()),
		('postmastery', 'soft', 'domain_abandoned', 'lease', bounce.acs_ladder()),
		('postmastery', 'soft', 'domain_unknown', 'lease', bounce.acs_ladder()),
		('postmastery', 'soft', 'domain_no_mail', 'lease', bounce.acs_ladder());
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder, threshold, within, topic_kind)
	SELECT 'postmastery', p.severity, p.reason, p.effect, p.ladder, p.threshold, p.within, p.topic_kind
	FROM bounce.policy AS p
	WHERE p.profile OPERATOR(pg_catalog.=) 'default' AND p.reason OPERATOR(pg_catalog.<>) 'mailbox_full'
	ON CONFLICT (profile, severity, reason) DO NOTHING;

-- permanent: hard until released, as the large providers' own lists do it.
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder, threshold, within, topic_kind)
	SELECT 'permanent', p.severity, p.reason, p.effect,
		CASE WHEN p.severity OPERATOR(pg_catalog.<>) 'hard' THEN p.ladder END, p.threshold, p.within, p.topic_kind
	FROM bounce.policy AS p WHERE p.profile OPERATOR(pg_catalog.=) 'default';

-- cloudflare: soft 24 hours, hard 7 days, and for ever what is confirmed to be invalid.
INSERT INTO bounce.policy (profile, severity, reason, effect, ladder, topic_kind)
	SELECT 'cloudflare', p.severity, p.reason,
		CASE WHEN p.severity IN ('hard', 'soft') THEN 'lease' ELSE p.effect END,
		CASE WHEN p.severity OPERATOR(pg_catalog.=) 'soft' THEN '{24 hours}'::interval[]
			WHEN p.severity OPERATOR(pg_catalog.=) 'hard'
				AND p.reason NOT IN ('user_unknown', 'address_syntax', 'domain_unknown', 'domain_no_mail')
				THEN '{168 hours}'::interval[] END,
		p.topic_kind
	FROM bounce.policy AS p WHERE p.profile OPERATOR(pg_catalog.=) 'default';

CREATE FUNCTION bounce.policy_check_row() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.policy_check_row() IS 'Trigger: refuses a policy that cannot be (22023) and changes of shipped profiles (55000)';
REVOKE ALL ON FUNCTION bounce.policy_check_row() FROM PUBLIC;
CREATE FUNCTION bounce.policy_changed() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.policy_changed() IS 'Trigger: lets every session read the policy anew at its next statement';
REVOKE ALL ON FUNCTION bounce.policy_changed() FROM PUBLIC;

CREATE TRIGGER policy_check BEFORE INSERT OR UPDATE OR DELETE ON bounce.policy
	FOR EACH ROW EXECUTE FUNCTION bounce.policy_check_row();
CREATE TRIGGER policy_changed AFTER INSERT OR UPDATE OR DELETE ON bounce.policy
	FOR EACH ROW EXECUTE FUNCTION bounce.policy_changed();
CREATE TRIGGER policy_truncated AFTER TRUNCATE ON bounce.policy
	FOR EACH STATEMENT EXECUTE FUNCTION bounce.policy_changed();
CREATE TRIGGER policy_changed AFTER INSERT OR UPDATE OR DELETE ON bounce.setting
	FOR EACH ROW EXECUTE FUNCTION bounce.policy_changed();
CREATE TRIGGER policy_truncated AFTER TRUNCATE ON bounce.setting
	FOR EACH STATEMENT EXECUTE FUNCTION bounce.policy_changed();
-- Also where replication applies the change.
ALTER TABLE bounce.policy ENABLE ALWAYS TRIGGER policy_changed;
ALTER TABLE bounce.policy ENABLE ALWAYS TRIGGER policy_truncated;
ALTER TABLE bounce.setting ENABLE ALWAYS TRIGGER policy_changed;
ALTER TABLE bounce.setting ENABLE ALWAYS TRIGGER policy_truncated;

CREATE FUNCTION bounce.use_profile(name text) RETURNS void
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.use_profile(text) IS 'Puts a policy profile in force for every session, from its next statement on; 22023 when there is no such profile';
REVOKE ALL ON FUNCTION bounce.use_profile(text) FROM PUBLIC;

CREATE FUNCTION bounce.policy_check(profile text DEFAULT NULL)
	RETURNS TABLE (profile text, severity text, reason text, finding text, hint text)
	LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.policy_check(text) IS
'What in a profile contradicts itself, one finding a row; NULL: in all profiles, and in the choice of the one in force.
severity and reason: the row of bounce.policy, or the class, that the finding is about; NULL: the whole profile.
No row: nothing was found. Only reads';
REVOKE ALL ON FUNCTION bounce.policy_check(text) FROM PUBLIC;
