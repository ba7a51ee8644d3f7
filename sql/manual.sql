
-- Suppressions made and ended by people.

CREATE TABLE bounce.domain_suppression_history (
	domain text COLLATE "C" NOT NULL,
	cause text COLLATE "C" NOT NULL,
	class bounce.bounce_class,
	during tstzrange NOT NULL,
	ended_at timestamptz NOT NULL,
	ended_by text COLLATE "C" NOT NULL CHECK (ended_by IN ('expired', 'released', 'replaced')),
	who text,
	why text,
	recorded_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	PRIMARY KEY (domain, cause, ended_at)
);
COMMENT ON TABLE bounce.domain_suppression_history IS 'Suppressions of domains that ended; with bounce.domain_suppression it tells the state at any time';
COMMENT ON COLUMN bounce.domain_suppression_history.domain IS 'As in bounce.domain_suppression';
COMMENT ON COLUMN bounce.domain_suppression_history.cause IS 'As in bounce.domain_suppression';
COMMENT ON COLUMN bounce.domain_suppression_history.class IS 'As in bounce.domain_suppression';
COMMENT ON COLUMN bounce.domain_suppression_history.during IS 'When the domain was suppressed, half open';
COMMENT ON COLUMN bounce.domain_suppression_history.ended_at IS 'When it ended: the upper end of "during", which is empty if it ended as it began';
COMMENT ON COLUMN bounce.domain_suppression_history.ended_by IS 'expired, released (by a person) or replaced (by another of the same domain)';
COMMENT ON COLUMN bounce.domain_suppression_history.who IS 'Who released or replaced it';
COMMENT ON COLUMN bounce.domain_suppression_history.why IS 'The reason given';
COMMENT ON COLUMN bounce.domain_suppression_history.recorded_at IS 'When the row was stored';
SELECT pg_catalog.pg_extension_config_dump('bounce.domain_suppression_history', '');

CREATE FUNCTION bounce.suppress(address text, topic text DEFAULT '', until timestamptz DEFAULT 'infinity',
								note text DEFAULT NULL, cause text DEFAULT 'manual',
								at timestamptz DEFAULT pg_catalog.now())
	RETURNS boolean
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_suppress';
COMMENT ON FUNCTION bounce.suppress(text, text, timestamptz, text, text, timestamptz) IS
'Suppresses an address from "at" until just before "until"; topic '''': for all topics. cause: manual or import.
One that lasts already goes on with the new end; if that is earlier, what had been said before goes to history as replaced.
note: why, in words; NULL keeps the note that is there. True when another time is suppressed than before.
Errors: 22023 for what is no address, another cause, an end that is not after "at", or an end before the
suppression begins that stands; 22008 for "at" in the future; 22004 for NULL in anything but note.';
REVOKE ALL ON FUNCTION bounce.suppress(text, text, timestamptz, text, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION bounce.release(address text, topic text DEFAULT NULL, cause text DEFAULT NULL, why text DEFAULT NULL,
							   at timestamptz DEFAULT pg_catalog.now())
	RETURNS integer
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_release';
COMMENT ON FUNCTION bounce.release(text, text, text, text, timestamptz) IS
'Ends suppressions of an address, and returns how many. topic: only those of this topic ('''' is that of all topics);
NULL: whatever their topic. cause: lease, complaint, manual or import; NULL: all. Each goes to bounce.suppression_history with
who released it and why; one that was over already goes there as expired and is not counted.
A domain stays suppressed (bounce.release_domain), and a person''s own no stays a no (bounce.subscribe).
Errors: 22023 for what is no address, an unknown cause, or "at" before a suppression begins; 22008 for "at" in the future;
22004 for NULL in address or "at".';
REVOKE ALL ON FUNCTION bounce.release(text, text, text, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION bounce.suppress_domain(domain text, until timestamptz DEFAULT 'infinity', note text DEFAULT NULL,
									   at timestamptz DEFAULT pg_catalog.now())
	RETURNS boolean
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_suppress_domain';
COMMENT ON FUNCTION bounce.suppress_domain(text, timestamptz, text, timestamptz) IS
'Suppresses all addresses of a domain (example.com), or of it and all domains below it (*.example.com), for all topics.
Any spelling will do: upper case, U-labels, a final dot. Otherwise like bounce.suppress().
Errors: 22023 for what is no domain, and those of bounce.suppress().';
REVOKE ALL ON FUNCTION bounce.suppress_domain(text, timestamptz, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION bounce.release_domain(domain text, why text DEFAULT NULL, at timestamptz DEFAULT pg_catalog.now())
	RETURNS boolean
	VOLATILE PARALLEL UNSAFE
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_release_domain';
COMMENT ON FUNCTION bounce.release_domain(text, text, timestamptz) IS
'Ends the suppression of a domain as it was given: example.com and *.example.com are two. True when there was one.
It goes to bounce.domain_suppression_history with who released it and why. Suppressions of single addresses stay.
Errors: 22023 for what is no domain, or "at" before it begins; 22008 for "at" in the future; 22004 for NULL in domain or "at".';
REVOKE ALL ON FUNCTION bounce.release_domain(text, text, timestamptz) FROM PUBLIC;
