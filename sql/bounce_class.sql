
-- bounce_class: severity and reason of a delivery event in two bytes

CREATE TYPE bounce.bounce_class;

CREATE FUNCTION bounce.bounce_class_in(cstring) RETURNS bounce.bounce_class
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.bounce_class_in(cstring) IS 'I/O';

CREATE FUNCTION bounce.bounce_class_out(bounce.bounce_class) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.bounce_class_out(bounce.bounce_class) IS 'I/O';

CREATE FUNCTION bounce.bounce_class_recv(internal) RETURNS bounce.bounce_class
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.bounce_class_recv(internal) IS 'I/O';

CREATE FUNCTION bounce.bounce_class_send(bounce.bounce_class) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.bounce_class_send(bounce.bounce_class) IS 'I/O';

CREATE TYPE bounce.bounce_class (
	INPUT = bounce.bounce_class_in,
	OUTPUT = bounce.bounce_class_out,
	RECEIVE = bounce.bounce_class_recv,
	SEND = bounce.bounce_class_send,
	INTERNALLENGTH = 2,
	PASSEDBYVALUE,
	ALIGNMENT = int2
);
COMMENT ON TYPE bounce.bounce_class IS
	'what a delivery event was and why: severity and reason, like hard:user_unknown';

-- Order: comparison operators, btree, hash, BRIN

CREATE FUNCTION bounce.bounce_class_lt(bounce.bounce_class, bounce.bounce_class) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_lt';
COMMENT ON FUNCTION bounce.bounce_class_lt(bounce.bounce_class, bounce.bounce_class) IS 'less than';

CREATE FUNCTION bounce.bounce_class_le(bounce.bounce_class, bounce.bounce_class) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_le';
COMMENT ON FUNCTION bounce.bounce_class_le(bounce.bounce_class, bounce.bounce_class) IS 'less than or equal to';

CREATE FUNCTION bounce.bounce_class_eq(bounce.bounce_class, bounce.bounce_class) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_eq';
COMMENT ON FUNCTION bounce.bounce_class_eq(bounce.bounce_class, bounce.bounce_class) IS 'equal to';

CREATE FUNCTION bounce.bounce_class_ne(bounce.bounce_class, bounce.bounce_class) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_ne';
COMMENT ON FUNCTION bounce.bounce_class_ne(bounce.bounce_class, bounce.bounce_class) IS 'not equal to';

CREATE FUNCTION bounce.bounce_class_ge(bounce.bounce_class, bounce.bounce_class) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_ge';
COMMENT ON FUNCTION bounce.bounce_class_ge(bounce.bounce_class, bounce.bounce_class) IS 'greater than or equal to';

CREATE FUNCTION bounce.bounce_class_gt(bounce.bounce_class, bounce.bounce_class) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_gt';
COMMENT ON FUNCTION bounce.bounce_class_gt(bounce.bounce_class, bounce.bounce_class) IS 'greater than';

CREATE OPERATOR bounce.< (
	LEFTARG = bounce.bounce_class, RIGHTARG = bounce.bounce_class, FUNCTION = bounce.bounce_class_lt,
	COMMUTATOR = OPERATOR(bounce.>), NEGATOR = OPERATOR(bounce.>=),
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR bounce.< (bounce.bounce_class, bounce.bounce_class) IS 'less than';

CREATE OPERATOR bounce.<= (
	LEFTARG = bounce.bounce_class, RIGHTARG = bounce.bounce_class, FUNCTION = bounce.bounce_class_le,
	COMMUTATOR = OPERATOR(bounce.>=), NEGATOR = OPERATOR(bounce.>),
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR bounce.<= (bounce.bounce_class, bounce.bounce_class) IS 'less than or equal to';

CREATE OPERATOR bounce.= (
	LEFTARG = bounce.bounce_class, RIGHTARG = bounce.bounce_class, FUNCTION = bounce.bounce_class_eq,
	COMMUTATOR = OPERATOR(bounce.=), NEGATOR = OPERATOR(bounce.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
COMMENT ON OPERATOR bounce.= (bounce.bounce_class, bounce.bounce_class) IS 'equal to';

CREATE OPERATOR bounce.<> (
	LEFTARG = bounce.bounce_class, RIGHTARG = bounce.bounce_class, FUNCTION = bounce.bounce_class_ne,
	COMMUTATOR = OPERATOR(bounce.<>), NEGATOR = OPERATOR(bounce.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR bounce.<> (bounce.bounce_class, bounce.bounce_class) IS 'not equal to';

CREATE OPERATOR bounce.>= (
	LEFTARG = bounce.bounce_class, RIGHTARG = bounce.bounce_class, FUNCTION = bounce.bounce_class_ge,
	COMMUTATOR = OPERATOR(bounce.<=), NEGATOR = OPERATOR(bounce.<),
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR bounce.>= (bounce.bounce_class, bounce.bounce_class) IS 'greater than or equal to';

CREATE OPERATOR bounce.> (
	LEFTARG = bounce.bounce_class, RIGHTARG = bounce.bounce_class, FUNCTION = bounce.bounce_class_gt,
	COMMUTATOR = OPERATOR(bounce.<), NEGATOR = OPERATOR(bounce.<=),
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR bounce.> (bounce.bounce_class, bounce.bounce_class) IS 'greater than';

CREATE FUNCTION bounce.bounce_class_cmp(bounce.bounce_class, bounce.bounce_class) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_cmp';
COMMENT ON FUNCTION bounce.bounce_class_cmp(bounce.bounce_class, bounce.bounce_class) IS 'less-equal-greater';

CREATE FUNCTION bounce.bounce_class_sortsupport(internal) RETURNS void
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_sortsupport';
COMMENT ON FUNCTION bounce.bounce_class_sortsupport(internal) IS 'sort support';

CREATE FUNCTION bounce.bounce_class_hash(bounce.bounce_class) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_hash';
COMMENT ON FUNCTION bounce.bounce_class_hash(bounce.bounce_class) IS 'hash';

CREATE FUNCTION bounce.bounce_class_hash_extended(bounce.bounce_class, bigint) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_hash_extended';
COMMENT ON FUNCTION bounce.bounce_class_hash_extended(bounce.bounce_class, bigint) IS 'hash';

CREATE OPERATOR CLASS bounce.bounce_class_ops DEFAULT FOR TYPE bounce.bounce_class USING btree AS
	OPERATOR 1 bounce.<,
	OPERATOR 2 bounce.<=,
	OPERATOR 3 bounce.=,
	OPERATOR 4 bounce.>=,
	OPERATOR 5 bounce.>,
	FUNCTION 1 bounce.bounce_class_cmp(bounce.bounce_class, bounce.bounce_class),
	FUNCTION 2 bounce.bounce_class_sortsupport(internal),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS bounce.bounce_class_ops USING btree IS 'severity, reason; both in the order of the taxonomy';
COMMENT ON OPERATOR FAMILY bounce.bounce_class_ops USING btree IS 'severity, reason; both in the order of the taxonomy';

CREATE OPERATOR CLASS bounce.bounce_class_ops DEFAULT FOR TYPE bounce.bounce_class USING hash AS
	OPERATOR 1 bounce.=,
	FUNCTION 1 bounce.bounce_class_hash(bounce.bounce_class),
	FUNCTION 2 bounce.bounce_class_hash_extended(bounce.bounce_class, bigint);
COMMENT ON OPERATOR CLASS bounce.bounce_class_ops USING hash IS 'equality of the bits';
COMMENT ON OPERATOR FAMILY bounce.bounce_class_ops USING hash IS 'equality of the bits';

CREATE OPERATOR CLASS bounce.bounce_class_minmax_ops DEFAULT FOR TYPE bounce.bounce_class USING brin AS
	OPERATOR 1 bounce.<,
	OPERATOR 2 bounce.<=,
	OPERATOR 3 bounce.=,
	OPERATOR 4 bounce.>=,
	OPERATOR 5 bounce.>,
	FUNCTION 1 pg_catalog.brin_minmax_opcinfo(internal),
	FUNCTION 2 pg_catalog.brin_minmax_add_value(internal, internal, internal, internal),
	FUNCTION 3 pg_catalog.brin_minmax_consistent(internal, internal, internal),
	FUNCTION 4 pg_catalog.brin_minmax_union(internal, internal, internal);
COMMENT ON OPERATOR CLASS bounce.bounce_class_minmax_ops USING brin IS 'least and greatest of each block range';
COMMENT ON OPERATOR FAMILY bounce.bounce_class_minmax_ops USING brin IS 'least and greatest of each block range';

-- Least and greatest

CREATE FUNCTION bounce.bounce_class_smaller(bounce.bounce_class, bounce.bounce_class) RETURNS bounce.bounce_class
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_smaller';
COMMENT ON FUNCTION bounce.bounce_class_smaller(bounce.bounce_class, bounce.bounce_class) IS 'smaller of two';

CREATE AGGREGATE bounce.min(bounce.bounce_class) (
	SFUNC = bounce.bounce_class_smaller,
	STYPE = bounce.bounce_class,
	COMBINEFUNC = bounce.bounce_class_smaller,
	SORTOP = OPERATOR(bounce.<),
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE bounce.min(bounce.bounce_class) IS 'least class: in the order ok, hard, soft, block, complaint, auto, admin, unknown';

CREATE FUNCTION bounce.bounce_class_larger(bounce.bounce_class, bounce.bounce_class) RETURNS bounce.bounce_class
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_larger';
COMMENT ON FUNCTION bounce.bounce_class_larger(bounce.bounce_class, bounce.bounce_class) IS 'larger of two';

CREATE AGGREGATE bounce.max(bounce.bounce_class) (
	SFUNC = bounce.bounce_class_larger,
	STYPE = bounce.bounce_class,
	COMBINEFUNC = bounce.bounce_class_larger,
	SORTOP = OPERATOR(bounce.>),
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE bounce.max(bounce.bounce_class) IS 'greatest class: in the order ok, hard, soft, block, complaint, auto, admin, unknown';

-- What a class says

CREATE FUNCTION bounce.severity(class bounce.bounce_class) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_severity_name';
COMMENT ON FUNCTION bounce.severity(bounce.bounce_class) IS
	'what kind of event: ok, hard, soft, block, complaint, auto, admin or unknown';

CREATE FUNCTION bounce.reason(class bounce.bounce_class) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_reason_name';
COMMENT ON FUNCTION bounce.reason(bounce.bounce_class) IS
	'why: one of bounce.reasons()';

CREATE FUNCTION bounce.reason_group(class bounce.bounce_class) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_reason_group';
COMMENT ON FUNCTION bounce.reason_group(bounce.bounce_class) IS
	'the group of the reason: recipient, domain, quota, spam, ...';

CREATE FUNCTION bounce.fault(class bounce.bounce_class) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_fault_name';
COMMENT ON FUNCTION bounce.fault(bounce.bounce_class) IS
	'who has to act: recipient, domain, sender, message, receiver or none';

CREATE FUNCTION bounce.effect(class bounce.bounce_class) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_class_effect_name';
COMMENT ON FUNCTION bounce.effect(bounce.bounce_class) IS
	'what the event does to its address: lease, count, complaint, unsubscribe, clear or none; only hard leases, only hard and soft count';

CREATE FUNCTION bounce.reasons(
	OUT reason text, OUT severity text, OUT reason_group text, OUT fault text, OUT effect text, OUT description text
) RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 70 AS 'MODULE_PATHNAME', 'bounce_reasons';
COMMENT ON FUNCTION bounce.reasons() IS
	'the taxonomy: every reason with its default severity, its group, whose fault it is and what it does to the address';

-- What a code alone says

CREATE FUNCTION bounce.default_class(status bounce.smtp_status) RETURNS bounce.bounce_class
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_class_alone';
COMMENT ON FUNCTION bounce.default_class(bounce.smtp_status) IS
	'the class that the code alone gives, without any text: of the enhanced code, or of the reply code where that says more; NULL for 3xx';
