
-- The one schema of the extension: every name in it is written in full everywhere.
CREATE SCHEMA bounce;
COMMENT ON SCHEMA bounce IS 'Mail bounces: classification, suppression leases, preferences';
GRANT USAGE ON SCHEMA bounce TO PUBLIC;
