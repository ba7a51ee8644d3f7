
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
