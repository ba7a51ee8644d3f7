
-- status_pattern: a set of statuses in four bytes, a status in which the last parts may be x

CREATE TYPE bounce.status_pattern;

CREATE FUNCTION bounce.status_pattern_in(cstring) RETURNS bounce.status_pattern
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.status_pattern_in(cstring) IS 'I/O';

CREATE FUNCTION bounce.status_pattern_out(bounce.status_pattern) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.status_pattern_out(bounce.status_pattern) IS 'I/O';

CREATE FUNCTION bounce.status_pattern_recv(internal) RETURNS bounce.status_pattern
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.status_pattern_recv(internal) IS 'I/O';

CREATE FUNCTION bounce.status_pattern_send(bounce.status_pattern) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.status_pattern_send(bounce.status_pattern) IS 'I/O';

CREATE TYPE bounce.status_pattern (
	INPUT = bounce.status_pattern_in,
	OUTPUT = bounce.status_pattern_out,
	RECEIVE = bounce.status_pattern_recv,
	SEND = bounce.status_pattern_send,
	INTERNALLENGTH = 4,
	PASSEDBYVALUE,
	ALIGNMENT = int4
);
COMMENT ON TYPE bounce.status_pattern IS
	'a set of statuses: 5.7.x, 5.x.x, 55x, 550 5.7.x, or 5 for all of class 5; a part that is not given may be anything';

-- Order: comparison operators, btree, hash, BRIN

CREATE FUNCTION bounce.status_pattern_lt(bounce.status_pattern, bounce.status_pattern) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_lt';
COMMENT ON FUNCTION bounce.status_pattern_lt(bounce.status_pattern, bounce.status_pattern) IS 'less than';

CREATE FUNCTION bounce.status_pattern_le(bounce.status_pattern, bounce.status_pattern) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_le';
COMMENT ON FUNCTION bounce.status_pattern_le(bounce.status_pattern, bounce.status_pattern) IS 'less than or equal to';

CREATE FUNCTION bounce.status_pattern_eq(bounce.status_pattern, bounce.status_pattern) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_eq';
COMMENT ON FUNCTION bounce.status_pattern_eq(bounce.status_pattern, bounce.status_pattern) IS 'equal to';

CREATE FUNCTION bounce.status_pattern_ne(bounce.status_pattern, bounce.status_pattern) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_ne';
COMMENT ON FUNCTION bounce.status_pattern_ne(bounce.status_pattern, bounce.status_pattern) IS 'not equal to';

CREATE FUNCTION bounce.status_pattern_ge(bounce.status_pattern, bounce.status_pattern) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_ge';
COMMENT ON FUNCTION bounce.status_pattern_ge(bounce.status_pattern, bounce.status_pattern) IS 'greater than or equal to';

CREATE FUNCTION bounce.status_pattern_gt(bounce.status_pattern, bounce.status_pattern) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_gt';
COMMENT ON FUNCTION bounce.status_pattern_gt(bounce.status_pattern, bounce.status_pattern) IS 'greater than';

CREATE OPERATOR bounce.< (
	LEFTARG = bounce.status_pattern, RIGHTARG = bounce.status_pattern, FUNCTION = bounce.status_pattern_lt,
	COMMUTATOR = OPERATOR(bounce.>), NEGATOR = OPERATOR(bounce.>=),
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR bounce.< (bounce.status_pattern, bounce.status_pattern) IS 'less than';

CREATE OPERATOR bounce.<= (
	LEFTARG = bounce.status_pattern, RIGHTARG = bounce.status_pattern, FUNCTION = bounce.status_pattern_le,
	COMMUTATOR = OPERATOR(bounce.>=), NEGATOR = OPERATOR(bounce.>),
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR bounce.<= (bounce.status_pattern, bounce.status_pattern) IS 'less than or equal to';

CREATE OPERATOR bounce.= (
	LEFTARG = bounce.status_pattern, RIGHTARG = bounce.status_pattern, FUNCTION = bounce.status_pattern_eq,
	COMMUTATOR = OPERATOR(bounce.=), NEGATOR = OPERATOR(bounce.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
COMMENT ON OPERATOR bounce.= (bounce.status_pattern, bounce.status_pattern) IS 'equal to';

CREATE OPERATOR bounce.<> (
	LEFTARG = bounce.status_pattern, RIGHTARG = bounce.status_pattern, FUNCTION = bounce.status_pattern_ne,
	COMMUTATOR = OPERATOR(bounce.<>), NEGATOR = OPERATOR(bounce.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR bounce.<> (bounce.status_pattern, bounce.status_pattern) IS 'not equal to';

CREATE OPERATOR bounce.>= (
	LEFTARG = bounce.status_pattern, RIGHTARG = bounce.status_pattern, FUNCTION = bounce.status_pattern_ge,
	COMMUTATOR = OPERATOR(bounce.<=), NEGATOR = OPERATOR(bounce.<),
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR bounce.>= (bounce.status_pattern, bounce.status_pattern) IS 'greater than or equal to';

CREATE OPERATOR bounce.> (
	LEFTARG = bounce.status_pattern, RIGHTARG = bounce.status_pattern, FUNCTION = bounce.status_pattern_gt,
	COMMUTATOR = OPERATOR(bounce.<), NEGATOR = OPERATOR(bounce.<=),
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR bounce.> (bounce.status_pattern, bounce.status_pattern) IS 'greater than';

CREATE FUNCTION bounce.status_pattern_cmp(bounce.status_pattern, bounce.status_pattern) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_cmp';
COMMENT ON FUNCTION bounce.status_pattern_cmp(bounce.status_pattern, bounce.status_pattern) IS 'less-equal-greater';

CREATE FUNCTION bounce.status_pattern_sortsupport(internal) RETURNS void
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_sortsupport';
COMMENT ON FUNCTION bounce.status_pattern_sortsupport(internal) IS 'sort support';

CREATE FUNCTION bounce.status_pattern_hash(bounce.status_pattern) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_hash';
COMMENT ON FUNCTION bounce.status_pattern_hash(bounce.status_pattern) IS 'hash';

CREATE FUNCTION bounce.status_pattern_hash_extended(bounce.status_pattern, bigint) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_hash_extended';
COMMENT ON FUNCTION bounce.status_pattern_hash_extended(bounce.status_pattern, bigint) IS 'hash';

CREATE OPERATOR CLASS bounce.status_pattern_ops DEFAULT FOR TYPE bounce.status_pattern USING btree AS
	OPERATOR 1 bounce.<,
	OPERATOR 2 bounce.<=,
	OPERATOR 3 bounce.=,
	OPERATOR 4 bounce.>=,
	OPERATOR 5 bounce.>,
	FUNCTION 1 bounce.status_pattern_cmp(bounce.status_pattern, bounce.status_pattern),
	FUNCTION 2 bounce.status_pattern_sortsupport(internal),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS bounce.status_pattern_ops USING btree IS 'class, subject, detail, reply code; x after every number';
COMMENT ON OPERATOR FAMILY bounce.status_pattern_ops USING btree IS 'class, subject, detail, reply code; x after every number';

CREATE OPERATOR CLASS bounce.status_pattern_ops DEFAULT FOR TYPE bounce.status_pattern USING hash AS
	OPERATOR 1 bounce.=,
	FUNCTION 1 bounce.status_pattern_hash(bounce.status_pattern),
	FUNCTION 2 bounce.status_pattern_hash_extended(bounce.status_pattern, bigint);
COMMENT ON OPERATOR CLASS bounce.status_pattern_ops USING hash IS 'equality of the bits';
COMMENT ON OPERATOR FAMILY bounce.status_pattern_ops USING hash IS 'equality of the bits';

-- Is a status in the set?  The support functions let an index on the status answer.

CREATE FUNCTION bounce.smtp_status_in_pattern_support(internal) RETURNS internal
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.smtp_status_in_pattern_support(internal) IS 'index condition for a status in a pattern';

CREATE FUNCTION bounce.status_pattern_contains_support(internal) RETURNS internal
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.status_pattern_contains_support(internal) IS 'index condition for a pattern with a status';

CREATE FUNCTION bounce.smtp_status_in_pattern(status bounce.smtp_status, pattern bounce.status_pattern) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE SUPPORT bounce.smtp_status_in_pattern_support AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.smtp_status_in_pattern(bounce.smtp_status, bounce.status_pattern) IS
	'is the status in the set?';

CREATE FUNCTION bounce.status_pattern_contains(pattern bounce.status_pattern, status bounce.smtp_status) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE SUPPORT bounce.status_pattern_contains_support AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.status_pattern_contains(bounce.status_pattern, bounce.smtp_status) IS
	'does the set contain the status?';

CREATE OPERATOR bounce.<@ (
	LEFTARG = bounce.smtp_status, RIGHTARG = bounce.status_pattern, FUNCTION = bounce.smtp_status_in_pattern,
	COMMUTATOR = OPERATOR(bounce.@>), RESTRICT = matchingsel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR bounce.<@ (bounce.smtp_status, bounce.status_pattern) IS 'is the status in the set?';

CREATE OPERATOR bounce.@> (
	LEFTARG = bounce.status_pattern, RIGHTARG = bounce.smtp_status, FUNCTION = bounce.status_pattern_contains,
	COMMUTATOR = OPERATOR(bounce.<@), RESTRICT = matchingsel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR bounce.@> (bounce.status_pattern, bounce.smtp_status) IS 'does the set contain the status?';
