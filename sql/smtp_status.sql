
-- smtp_status: reply code (RFC 5321) and/or enhanced status code (RFC 3463) in four bytes

CREATE TYPE bounce.smtp_status;

CREATE FUNCTION bounce.smtp_status_in(cstring) RETURNS bounce.smtp_status
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.smtp_status_in(cstring) IS 'I/O';

CREATE FUNCTION bounce.smtp_status_out(bounce.smtp_status) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.smtp_status_out(bounce.smtp_status) IS 'I/O';

CREATE FUNCTION bounce.smtp_status_recv(internal) RETURNS bounce.smtp_status
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.smtp_status_recv(internal) IS 'I/O';

CREATE FUNCTION bounce.smtp_status_send(bounce.smtp_status) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.smtp_status_send(bounce.smtp_status) IS 'I/O';

CREATE TYPE bounce.smtp_status (
	INPUT = bounce.smtp_status_in,
	OUTPUT = bounce.smtp_status_out,
	RECEIVE = bounce.smtp_status_recv,
	SEND = bounce.smtp_status_send,
	INTERNALLENGTH = 4,
	PASSEDBYVALUE,
	ALIGNMENT = int4
);
COMMENT ON TYPE bounce.smtp_status IS
	'what a mail server answered: reply code and/or enhanced status code, like 550 5.1.1';

-- Order: comparison operators, btree, hash, BRIN

CREATE FUNCTION bounce.smtp_status_lt(bounce.smtp_status, bounce.smtp_status) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_lt';
COMMENT ON FUNCTION bounce.smtp_status_lt(bounce.smtp_status, bounce.smtp_status) IS 'less than';

CREATE FUNCTION bounce.smtp_status_le(bounce.smtp_status, bounce.smtp_status) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_le';
COMMENT ON FUNCTION bounce.smtp_status_le(bounce.smtp_status, bounce.smtp_status) IS 'less than or equal to';

CREATE FUNCTION bounce.smtp_status_eq(bounce.smtp_status, bounce.smtp_status) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_eq';
COMMENT ON FUNCTION bounce.smtp_status_eq(bounce.smtp_status, bounce.smtp_status) IS 'equal to';

CREATE FUNCTION bounce.smtp_status_ne(bounce.smtp_status, bounce.smtp_status) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_ne';
COMMENT ON FUNCTION bounce.smtp_status_ne(bounce.smtp_status, bounce.smtp_status) IS 'not equal to';

CREATE FUNCTION bounce.smtp_status_ge(bounce.smtp_status, bounce.smtp_status) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_ge';
COMMENT ON FUNCTION bounce.smtp_status_ge(bounce.smtp_status, bounce.smtp_status) IS 'greater than or equal to';

CREATE FUNCTION bounce.smtp_status_gt(bounce.smtp_status, bounce.smtp_status) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_gt';
COMMENT ON FUNCTION bounce.smtp_status_gt(bounce.smtp_status, bounce.smtp_status) IS 'greater than';

CREATE OPERATOR bounce.< (
	LEFTARG = bounce.smtp_status, RIGHTARG = bounce.smtp_status, FUNCTION = bounce.smtp_status_lt,
	COMMUTATOR = OPERATOR(bounce.>), NEGATOR = OPERATOR(bounce.>=),
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR bounce.< (bounce.smtp_status, bounce.smtp_status) IS 'less than';

CREATE OPERATOR bounce.<= (
	LEFTARG = bounce.smtp_status, RIGHTARG = bounce.smtp_status, FUNCTION = bounce.smtp_status_le,
	COMMUTATOR = OPERATOR(bounce.>=), NEGATOR = OPERATOR(bounce.>),
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR bounce.<= (bounce.smtp_status, bounce.smtp_status) IS 'less than or equal to';

CREATE OPERATOR bounce.= (
	LEFTARG = bounce.smtp_status, RIGHTARG = bounce.smtp_status, FUNCTION = bounce.smtp_status_eq,
	COMMUTATOR = OPERATOR(bounce.=), NEGATOR = OPERATOR(bounce.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
COMMENT ON OPERATOR bounce.= (bounce.smtp_status, bounce.smtp_status) IS 'equal to';

CREATE OPERATOR bounce.<> (
	LEFTARG = bounce.smtp_status, RIGHTARG = bounce.smtp_status, FUNCTION = bounce.smtp_status_ne,
	COMMUTATOR = OPERATOR(bounce.<>), NEGATOR = OPERATOR(bounce.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR bounce.<> (bounce.smtp_status, bounce.smtp_status) IS 'not equal to';

CREATE OPERATOR bounce.>= (
	LEFTARG = bounce.smtp_status, RIGHTARG = bounce.smtp_status, FUNCTION = bounce.smtp_status_ge,
	COMMUTATOR = OPERATOR(bounce.<=), NEGATOR = OPERATOR(bounce.<),
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR bounce.>= (bounce.smtp_status, bounce.smtp_status) IS 'greater than or equal to';

CREATE OPERATOR bounce.> (
	LEFTARG = bounce.smtp_status, RIGHTARG = bounce.smtp_status, FUNCTION = bounce.smtp_status_gt,
	COMMUTATOR = OPERATOR(bounce.<), NEGATOR = OPERATOR(bounce.<=),
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR bounce.> (bounce.smtp_status, bounce.smtp_status) IS 'greater than';

CREATE FUNCTION bounce.smtp_status_cmp(bounce.smtp_status, bounce.smtp_status) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_cmp';
COMMENT ON FUNCTION bounce.smtp_status_cmp(bounce.smtp_status, bounce.smtp_status) IS 'less-equal-greater';

CREATE FUNCTION bounce.smtp_status_sortsupport(internal) RETURNS void
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_sortsupport';
COMMENT ON FUNCTION bounce.smtp_status_sortsupport(internal) IS 'sort support';

CREATE FUNCTION bounce.smtp_status_hash(bounce.smtp_status) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_hash';
COMMENT ON FUNCTION bounce.smtp_status_hash(bounce.smtp_status) IS 'hash';

CREATE FUNCTION bounce.smtp_status_hash_extended(bounce.smtp_status, bigint) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_hash_extended';
COMMENT ON FUNCTION bounce.smtp_status_hash_extended(bounce.smtp_status, bigint) IS 'hash';

CREATE OPERATOR CLASS bounce.smtp_status_ops DEFAULT FOR TYPE bounce.smtp_status USING btree AS
	OPERATOR 1 bounce.<,
	OPERATOR 2 bounce.<=,
	OPERATOR 3 bounce.=,
	OPERATOR 4 bounce.>=,
	OPERATOR 5 bounce.>,
	FUNCTION 1 bounce.smtp_status_cmp(bounce.smtp_status, bounce.smtp_status),
	FUNCTION 2 bounce.smtp_status_sortsupport(internal),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS bounce.smtp_status_ops USING btree IS 'class, subject, detail, reply code';
COMMENT ON OPERATOR FAMILY bounce.smtp_status_ops USING btree IS 'class, subject, detail, reply code';

CREATE OPERATOR CLASS bounce.smtp_status_ops DEFAULT FOR TYPE bounce.smtp_status USING hash AS
	OPERATOR 1 bounce.=,
	FUNCTION 1 bounce.smtp_status_hash(bounce.smtp_status),
	FUNCTION 2 bounce.smtp_status_hash_extended(bounce.smtp_status, bigint);
COMMENT ON OPERATOR CLASS bounce.smtp_status_ops USING hash IS 'equality of the bits';
COMMENT ON OPERATOR FAMILY bounce.smtp_status_ops USING hash IS 'equality of the bits';

CREATE OPERATOR CLASS bounce.smtp_status_minmax_ops DEFAULT FOR TYPE bounce.smtp_status USING brin AS
	OPERATOR 1 bounce.<,
	OPERATOR 2 bounce.<=,
	OPERATOR 3 bounce.=,
	OPERATOR 4 bounce.>=,
	OPERATOR 5 bounce.>,
	FUNCTION 1 pg_catalog.brin_minmax_opcinfo(internal),
	FUNCTION 2 pg_catalog.brin_minmax_add_value(internal, internal, internal, internal),
	FUNCTION 3 pg_catalog.brin_minmax_consistent(internal, internal, internal),
	FUNCTION 4 pg_catalog.brin_minmax_union(internal, internal, internal);
COMMENT ON OPERATOR CLASS bounce.smtp_status_minmax_ops USING brin IS 'least and greatest of each block range';
COMMENT ON OPERATOR FAMILY bounce.smtp_status_minmax_ops USING brin IS 'least and greatest of each block range';

-- Least and greatest

CREATE FUNCTION bounce.smtp_status_smaller(bounce.smtp_status, bounce.smtp_status) RETURNS bounce.smtp_status
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_smaller';
COMMENT ON FUNCTION bounce.smtp_status_smaller(bounce.smtp_status, bounce.smtp_status) IS 'smaller of two';

CREATE AGGREGATE bounce.min(bounce.smtp_status) (
	SFUNC = bounce.smtp_status_smaller,
	STYPE = bounce.smtp_status,
	COMBINEFUNC = bounce.smtp_status_smaller,
	SORTOP = OPERATOR(bounce.<),
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE bounce.min(bounce.smtp_status) IS 'least status: success before transient before permanent';

CREATE FUNCTION bounce.smtp_status_larger(bounce.smtp_status, bounce.smtp_status) RETURNS bounce.smtp_status
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_larger';
COMMENT ON FUNCTION bounce.smtp_status_larger(bounce.smtp_status, bounce.smtp_status) IS 'larger of two';

CREATE AGGREGATE bounce.max(bounce.smtp_status) (
	SFUNC = bounce.smtp_status_larger,
	STYPE = bounce.smtp_status,
	COMBINEFUNC = bounce.smtp_status_larger,
	SORTOP = OPERATOR(bounce.>),
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE bounce.max(bounce.smtp_status) IS 'greatest status: permanent after transient after success';

-- An application's own reply code

CREATE FUNCTION bounce.smtp_status(reply_code integer) RETURNS bounce.smtp_status
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_from_reply';
COMMENT ON FUNCTION bounce.smtp_status(integer) IS
	'a reply code 200 to 599 as a status; error 22003 outside of that (RFC 5321)';

CREATE CAST (integer AS bounce.smtp_status) WITH FUNCTION bounce.smtp_status(integer) AS ASSIGNMENT;
COMMENT ON CAST (integer AS bounce.smtp_status) IS 'a reply code as a status';

-- What a status says

CREATE FUNCTION bounce.reply_code(status bounce.smtp_status) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_reply_code';
COMMENT ON FUNCTION bounce.reply_code(bounce.smtp_status) IS
	'the reply code, 200 to 599, or NULL if the status has none (RFC 5321)';

CREATE FUNCTION bounce.enhanced_code(status bounce.smtp_status) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_enhanced_code';
COMMENT ON FUNCTION bounce.enhanced_code(bounce.smtp_status) IS
	'the enhanced status code, like 5.1.1, or NULL if the status has none (RFC 3463)';

CREATE FUNCTION bounce.is_success(status bounce.smtp_status) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_is_success';
COMMENT ON FUNCTION bounce.is_success(bounce.smtp_status) IS
	'is the class 2: accepted?';

CREATE FUNCTION bounce.is_transient(status bounce.smtp_status) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_is_transient';
COMMENT ON FUNCTION bounce.is_transient(bounce.smtp_status) IS
	'is the class 4: may work later?';

CREATE FUNCTION bounce.is_permanent(status bounce.smtp_status) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_is_permanent';
COMMENT ON FUNCTION bounce.is_permanent(bounce.smtp_status) IS
	'is the class 5: will not work as it is?';

CREATE FUNCTION bounce.describe(status bounce.smtp_status) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_description';
COMMENT ON FUNCTION bounce.describe(bounce.smtp_status) IS
	'the text of the IANA registry for the enhanced code, or if it has none that of RFC 5321 for the reply code, or NULL';

CREATE FUNCTION bounce.acs_type(status bounce.smtp_status) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'smtp_status_azure_type';
COMMENT ON FUNCTION bounce.acs_type(bounce.smtp_status) IS
	'how Azure Communication Services labels the enhanced code, or if it lists none the reply code: hard, soft or NULL';
