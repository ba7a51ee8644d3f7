
-- How to skip through an index whose first columns are not asked for: servers from 18 on only

CREATE FUNCTION bounce.smtp_status_skipsupport(internal) RETURNS void
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.smtp_status_skipsupport(internal) IS 'skip support';

CREATE FUNCTION bounce.bounce_class_skipsupport(internal) RETURNS void
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.bounce_class_skipsupport(internal) IS 'skip support';

ALTER OPERATOR FAMILY bounce.smtp_status_ops USING btree
	ADD FUNCTION 6 (bounce.smtp_status, bounce.smtp_status) bounce.smtp_status_skipsupport(internal);
ALTER OPERATOR FAMILY bounce.bounce_class_ops USING btree
	ADD FUNCTION 6 (bounce.bounce_class, bounce.bounce_class) bounce.bounce_class_skipsupport(internal);
