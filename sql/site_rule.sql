
-- A site's own rules, which come before those of the classifier.
CREATE TABLE bounce.site_rule (
	pattern text COLLATE "C" NOT NULL,
	status_pattern bounce.status_pattern,
	class bounce.bounce_class NOT NULL,
	priority integer NOT NULL DEFAULT 0,
	note text,
	UNIQUE NULLS NOT DISTINCT (pattern, status_pattern)
);
-- The key may be NULL in part; a publication needs to name the row.
ALTER TABLE bounce.site_rule REPLICA IDENTITY FULL;
COMMENT ON TABLE bounce.site_rule IS
'A site''s own rules of classification. Of those that match an answer the one with the highest priority decides, then the longest
pattern, then the first in byte order; without a match bounce.classify() decides. A change holds for every session from its next
statement on; bounce.test_rule() shows beforehand what it would do to the log, bounce.reclassify() applies it to the log.';
COMMENT ON COLUMN bounce.site_rule.pattern IS
'Regular expression (as of ~*: advanced, case does not matter), found anywhere in the answer. It sees every run of white space and line
ends as one blank, none at either end; of more than 64 kB the first 48 and the last 16. Refused: what does not compile (2201B); what is
empty, matches the empty string or nothing, has back-references or lookaround, is over 1000 bytes or too complex (22023)';
COMMENT ON COLUMN bounce.site_rule.status_pattern IS 'Only answers with such a status, like 5.7.x; NULL: with any status or none';
COMMENT ON COLUMN bounce.site_rule.class IS 'What such an answer means; taken as it is, also for a temporary (4xx) answer';
COMMENT ON COLUMN bounce.site_rule.priority IS 'The highest decides';
COMMENT ON COLUMN bounce.site_rule.note IS 'Why the rule is there';
SELECT pg_catalog.pg_extension_config_dump('bounce.site_rule', '');

CREATE FUNCTION bounce.site_rule_check_row() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.site_rule_check_row() IS 'Trigger: refuses a pattern that does not compile (2201B) or cannot be a rule (22023)';
REVOKE ALL ON FUNCTION bounce.site_rule_check_row() FROM PUBLIC;
CREATE FUNCTION bounce.site_rule_changed() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.site_rule_changed() IS 'Trigger: lets every session read the site rules anew at its next statement';
REVOKE ALL ON FUNCTION bounce.site_rule_changed() FROM PUBLIC;

CREATE TRIGGER site_rule_check BEFORE INSERT OR UPDATE ON bounce.site_rule
	FOR EACH ROW EXECUTE FUNCTION bounce.site_rule_check_row();
CREATE TRIGGER site_rule_changed AFTER INSERT OR UPDATE OR DELETE ON bounce.site_rule
	FOR EACH ROW EXECUTE FUNCTION bounce.site_rule_changed();
CREATE TRIGGER site_rule_truncated AFTER TRUNCATE ON bounce.site_rule
	FOR EACH STATEMENT EXECUTE FUNCTION bounce.site_rule_changed();
-- Also where replication applies the change.
ALTER TABLE bounce.site_rule ENABLE ALWAYS TRIGGER site_rule_changed;
ALTER TABLE bounce.site_rule ENABLE ALWAYS TRIGGER site_rule_truncated;

CREATE FUNCTION bounce.classify_here(response text) RETURNS bounce.bounce_class
	STABLE STRICT PARALLEL SAFE COST 20
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_classify_here';
COMMENT ON FUNCTION bounce.classify_here(text) IS
'Severity and reason of a server''s answer as this site sees it: bounce.site_rule first, then bounce.classify(response).
NULL in, NULL out; never an error.';
REVOKE ALL ON FUNCTION bounce.classify_here(text) FROM PUBLIC;

CREATE FUNCTION bounce.classify_here(status bounce.smtp_status, response text) RETURNS bounce.bounce_class
	STABLE PARALLEL SAFE COST 20
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_classify_here_status';
COMMENT ON FUNCTION bounce.classify_here(bounce.smtp_status, text) IS
'The same where a status is known beside the text: it completes what the text says, also for a rule''s status_pattern.
Either may be NULL; both NULL: NULL. A status alone matches no site rule. So bounce.delivery_event gets its class.';
REVOKE ALL ON FUNCTION bounce.classify_here(bounce.smtp_status, text) FROM PUBLIC;

CREATE FUNCTION bounce.diagnose_here(response text,
	OUT status bounce.smtp_status,
	OUT class bounce.bounce_class,
	OUT basis text,
	OUT rule text,
	OUT provider text,
	OUT url text,
	OUT blocklist text,
	OUT retry_after interval,
	OUT advice text)
	STABLE STRICT PARALLEL SAFE COST 200
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_diagnose_here';
COMMENT ON FUNCTION bounce.diagnose_here(text) IS
'bounce.diagnose() as this site sees it. Where a site rule decides: basis is site, rule its pattern, and class and advice are the rule''s;
the other columns are what the answer says. NULL in, NULL out; never an error.';
REVOKE ALL ON FUNCTION bounce.diagnose_here(text) FROM PUBLIC;
