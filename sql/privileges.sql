
-- Who may do what.  Pure functions are executable by PUBLIC; everything else is
-- revoked where it is defined and given out here, in bundles (by functions that
-- look themselves who calls them).

CREATE FUNCTION bounce.access_bundles(OUT bundle text, OUT privilege text, OUT object text) RETURNS SETOF record
	IMMUTABLE STRICT PARALLEL SAFE ROWS 50
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_access_bundles';
COMMENT ON FUNCTION bounce.access_bundles() IS
'What the bundles hold, one privilege on one object of schema bounce a row.
sender: ask and report, so that no address can be listed, only asked. analyst: what holds no address.
operator: all functions and, to read, all tables.';

CREATE FUNCTION bounce.grant_access(role regrole, bundle text) RETURNS void
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_grant_access';
COMMENT ON FUNCTION bounce.grant_access(regrole, text) IS
'Gives a role the privileges of a bundle: sender, analyst or operator (bounce.access_bundles() lists them).
For the owner of the extension and superusers. After an update of the extension, call it again for what is new.
Errors: 42501 for any other caller, 22023 for an unknown bundle, 42704 for an unknown role, 22004 for NULL.';

CREATE FUNCTION bounce.revoke_access(role regrole, bundle text) RETURNS void
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_revoke_access';
COMMENT ON FUNCTION bounce.revoke_access(regrole, text) IS
'Takes the privileges of a bundle from a role, also those that another of its bundles holds: grant that one again.
Callers and errors as for bounce.grant_access().';

-- Who installed it runs it, and can dump and restore it.
SELECT bounce.grant_access('@extowner@', 'operator');
