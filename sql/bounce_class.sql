
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
