
-- Settings that ingestion and asking need: rows, not session variables, so that
-- every session, node and standby agrees.  An absent row means the default.
CREATE TABLE bounce.setting (
	name text COLLATE "C" PRIMARY KEY,
	value text NOT NULL
);
COMMENT ON TABLE bounce.setting IS 'Settings of the extension; an absent row means the default';
COMMENT ON COLUMN bounce.setting.name IS
'profile: the policy profile in force (default: default);
partition: month, week or day (default: month); retention: how long events are kept, an interval (default: for ever);
confirm_within: how long a subscription may be confirmed, an interval (default: 7 days);
forgotten: hmac-sha256 or sha256, the digest under which bounce.forget() keeps a suppression (default: hmac-sha256);
domain_findings: make lets every bounce.sweep() suppress the domains that fail as a whole (default: propose)';
COMMENT ON COLUMN bounce.setting.value IS 'The value, as text';
SELECT pg_catalog.pg_extension_config_dump('bounce.setting', '');
