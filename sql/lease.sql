
-- Leases: a suppression with an end, and the ladder of durations that it climbs.
-- Everything here is arithmetic on its arguments: no clock, no time zone, no state.

CREATE TYPE bounce.lease AS (
	step smallint,
	occurrences integer,
	starts_at timestamp with time zone,
	expires_at timestamp with time zone
);
COMMENT ON TYPE bounce.lease IS 'A suppression with an end: the half-open interval [starts_at, expires_at), and how far it has climbed';
COMMENT ON COLUMN bounce.lease.step IS 'Step of the ladder it stands on; the first is 1';
COMMENT ON COLUMN bounce.lease.occurrences IS 'Bounces and attempts in this cycle, the first bounce included';
COMMENT ON COLUMN bounce.lease.starts_at IS 'Time of the bounce that began the cycle';
COMMENT ON COLUMN bounce.lease.expires_at IS 'The first instant at which it is over; infinity: without end';

CREATE FUNCTION bounce.acs_ladder() RETURNS interval[]
	IMMUTABLE STRICT PARALLEL SAFE
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_acs_ladder';
COMMENT ON FUNCTION bounce.acs_ladder() IS
'The usual ladder: 24, 48, 96, 168 and 336 hours.
In hours and not in days, so that no daylight-saving change bends it.
Source: the managed suppression list of Azure Communication Services.';

CREATE FUNCTION bounce.lease_begin(at timestamp with time zone, ladder interval[] DEFAULT bounce.acs_ladder())
	RETURNS bounce.lease
	IMMUTABLE STRICT PARALLEL SAFE
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_lease_begin';
COMMENT ON FUNCTION bounce.lease_begin(timestamp with time zone, interval[]) IS
'The lease that a bounce at this time begins: step 1 of the ladder, 1 occurrence.
A ladder is 1 to 32 durations above zero. A day in it is 24 hours; infinity (17 and later) is a step without end.
An end beyond the calendar becomes infinity. NULL in, NULL out.
Errors: 22008 for a time at plus or minus infinity; 22023 for a ladder that is empty, nested, too long,
or has a step that is NULL, not above zero, or in months.';

CREATE FUNCTION bounce.lease_climb(lease bounce.lease, at timestamp with time zone,
								   ladder interval[] DEFAULT bounce.acs_ladder())
	RETURNS bounce.lease
	IMMUTABLE STRICT PARALLEL SAFE
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_lease_climb';
COMMENT ON FUNCTION bounce.lease_climb(bounce.lease, timestamp with time zone, interval[]) IS
'The lease after another occurrence (a send attempt, another bounce) at this time: one step and one occurrence more,
its end at least the occurrence plus the duration of the new step, never nearer than before. At the top the step stays
and the top duration is armed again. Outside the lease (before its start, at its end or later) it comes back unchanged.
NULL in, NULL out. Errors: as lease_begin, and 22023 for a lease that cannot be.';

CREATE FUNCTION bounce.lease_active(lease bounce.lease, at timestamp with time zone DEFAULT pg_catalog.now())
	RETURNS boolean
	IMMUTABLE STRICT PARALLEL SAFE
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_lease_active';
COMMENT ON FUNCTION bounce.lease_active(bounce.lease, timestamp with time zone) IS
'Is this time within the lease, starts_at included and expires_at excluded?
NULL in, NULL out. Error: 22023 for a lease that cannot be.';

CREATE FUNCTION bounce.lease_fold_add(internal, at timestamp with time zone, ladder interval[]) RETURNS internal
	IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_lease_fold_add';
COMMENT ON FUNCTION bounce.lease_fold_add(internal, timestamp with time zone, interval[]) IS
'Part of the aggregate lease_fold: takes one occurrence in';

CREATE FUNCTION bounce.lease_fold_combine(internal, internal) RETURNS internal
	IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_lease_fold_combine';
COMMENT ON FUNCTION bounce.lease_fold_combine(internal, internal) IS
'Part of the aggregate lease_fold: joins what two workers have collected';

CREATE FUNCTION bounce.lease_fold_serialize(internal) RETURNS bytea
	IMMUTABLE STRICT PARALLEL SAFE
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_lease_fold_serialize';
COMMENT ON FUNCTION bounce.lease_fold_serialize(internal) IS
'Part of the aggregate lease_fold: hands over what a worker has collected';

CREATE FUNCTION bounce.lease_fold_deserialize(bytea, internal) RETURNS internal
	IMMUTABLE STRICT PARALLEL SAFE
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_lease_fold_deserialize';
COMMENT ON FUNCTION bounce.lease_fold_deserialize(bytea, internal) IS
'Part of the aggregate lease_fold: takes over what a worker has collected';

CREATE FUNCTION bounce.lease_fold_result(internal) RETURNS bounce.lease
	IMMUTABLE STRICT PARALLEL SAFE
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_lease_fold_result';
COMMENT ON FUNCTION bounce.lease_fold_result(internal) IS
'Part of the aggregate lease_fold: the lease after all occurrences';

CREATE AGGREGATE bounce.lease_fold(at timestamp with time zone, ladder interval[]) (
	SFUNC = bounce.lease_fold_add,
	STYPE = internal,
	SSPACE = 400,
	FINALFUNC = bounce.lease_fold_result,
	COMBINEFUNC = bounce.lease_fold_combine,
	SERIALFUNC = bounce.lease_fold_serialize,
	DESERIALFUNC = bounce.lease_fold_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE bounce.lease_fold(timestamp with time zone, interval[]) IS
'The lease that these occurrences leave behind, in time order whatever the order of the rows: the first begins a cycle,
one within the lease climbs it, one at its end or later begins a new cycle. Equal times count each; NULL times are ignored;
no time gives NULL. The ladder must be the same in all rows.
Errors: as lease_begin; 22023 when the ladder changes between rows, 22004 when it is NULL.';
