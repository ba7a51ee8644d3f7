
-- Settings that ingestion and asking need: rows, not session variables, so that
-- every session, node and standby agrees.  An absent row means the default.
CREATE TABLE bounce.setting (
	name text COLLATE "C" PRIMARY KEY,
	value text NOT NULL
);
COMMENT ON TABLE bounce.setting IS 'Settings of the extension; an absent row means the default. Other names, and values that a setting cannot have, are refused (22023)';
COMMENT ON COLUMN bounce.setting.name IS
'profile: the policy profile in force (default: default);
partition: month, week or day (default: month); retention: how long events are kept, an interval (default: for ever);
confirm_within: how long a subscription may be confirmed, an interval (default: 7 days);
forgotten: hmac-sha256 or sha256, the digest under which bounce.forget() keeps a suppression (default: hmac-sha256);
domain_findings: make lets every bounce.sweep() suppress the domains that fail as a whole (default: propose)';
COMMENT ON COLUMN bounce.setting.value IS 'The value, as text';
SELECT pg_catalog.pg_extension_config_dump('bounce.setting', '');

CREATE FUNCTION bounce.setting_check() RETURNS trigger
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_setting_check';
COMMENT ON FUNCTION bounce.setting_check() IS 'Trigger: refuses a setting that does not exist, and a value that it cannot have (22023)';
REVOKE ALL ON FUNCTION bounce.setting_check() FROM PUBLIC;

CREATE TRIGGER check_value BEFORE INSERT OR UPDATE ON bounce.setting
	FOR EACH ROW EXECUTE FUNCTION bounce.setting_check();
COMMENT ON TRIGGER check_value ON bounce.setting IS 'A wrong setting is refused when it is stored';
