
-- Asking: is this address suppressed, by what, and who is.

CREATE FUNCTION bounce.is_suppressed_support(internal) RETURNS internal
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bounce_is_suppressed_support';
COMMENT ON FUNCTION bounce.is_suppressed_support(internal) IS
	'Tells the planner what bounce.is_suppressed() costs and how often it says yes';

CREATE FUNCTION bounce.is_suppressed(
	address text,
	topic text DEFAULT NULL,
	at timestamptz DEFAULT pg_catalog.now()
) RETURNS boolean
	LANGUAGE c STABLE PARALLEL SAFE COST 100
	SUPPORT bounce.is_suppressed_support AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.is_suppressed(text, text, timestamptz) IS
	'Must this address not be mailed: because of a bounce, a complaint, a hand, an imported list, its domain, its digest, or what the person asked for. With a topic: must mail of that topic not go out. Text that is no address: true; NULL: NULL. A cap (bounce.topic.max_messages) is no suppression: bounce.capped_until() tells of it. Only reads; never raises for what the text says';
REVOKE ALL ON FUNCTION bounce.is_suppressed(text, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION bounce.was_suppressed(
	address text,
	at timestamptz,
	topic text DEFAULT NULL
) RETURNS boolean
	LANGUAGE c STABLE PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.was_suppressed(text, timestamptz, text) IS
	'What bounce.is_suppressed(address, topic, at) answered at that time: also from what ended since (histories, bounce.consent_log). Events told late count from their own time on. Topics and digests have no history: they are taken as they are now. Text that is no address: true; NULL address or time: NULL. Only reads';
REVOKE ALL ON FUNCTION bounce.was_suppressed(text, timestamptz, text) FROM PUBLIC;

CREATE FUNCTION bounce.why_suppressed(
	address text,
	topic text DEFAULT NULL,
	at timestamptz DEFAULT pg_catalog.now()
) RETURNS TABLE (
	cause text,
	topic text,
	class bounce.bounce_class,
	status bounce.smtp_status,
	step smallint,
	since timestamptz,
	until timestamptz,
	event_at timestamptz,
	response text,
	message_id text,
	source text,
	policy text,
	explanation text
)
	LANGUAGE c STABLE PARALLEL SAFE COST 500 ROWS 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bounce.why_suppressed(text, text, timestamptz) IS
	'Every reason why bounce.is_suppressed() with the same arguments is true, one row each; and, with a topic, one of cause capped when its cap is used up: that is no suppression, but bounce.record_attempt() holds back what it stops. cause: lease, complaint, manual, import (of the address), domain, digest, unsubscribed, snoozed, pending, no_consent, retired (the topic), capped, invalid. topic empty: all topics. until infinity: until released. event_at, response, message_id: the event that started it. source: who told, or the role that made it. policy: profile/severity/reason of the policy row for its class';
REVOKE ALL ON FUNCTION bounce.why_suppressed(text, text, timestamptz) FROM PUBLIC;

CREATE VIEW bounce.suppressed AS
	SELECT s.address, s.topic, s.cause, s.class, s.status, s.step,
		s.starts_at AS since, s.expires_at AS until, s.note, s.made_by
	FROM bounce.suppression s
	WHERE s.topic OPERATOR(pg_catalog.=) ''
		AND s.starts_at OPERATOR(pg_catalog.<=) pg_catalog.now()
		AND s.expires_at OPERATOR(pg_catalog.>) pg_catalog.now()
	UNION ALL
	SELECT p.address, p.topic, p.state, NULL::bounce.bounce_class, NULL::bounce.smtp_status, NULL::smallint,
		p.since, coalesce(p.until, 'infinity'::timestamptz), NULL::text, p.source COLLATE pg_catalog."default"
	FROM bounce.preference p
	WHERE p.topic OPERATOR(pg_catalog.=) ''
		AND (p.state OPERATOR(pg_catalog.=) 'unsubscribed'
			OR (p.state OPERATOR(pg_catalog.=) 'snoozed' AND p.until OPERATOR(pg_catalog.>) pg_catalog.now()))
	UNION ALL
	SELECT p.address, p.topic, p.before, NULL::bounce.bounce_class, NULL::bounce.smtp_status, NULL::smallint,
		p.before_since, 'infinity'::timestamptz, NULL::text, p.before_source COLLATE pg_catalog."default"
	FROM bounce.preference p
	WHERE p.topic OPERATOR(pg_catalog.=) '' AND p.before OPERATOR(pg_catalog.=) 'unsubscribed'
		AND p.until OPERATOR(pg_catalog.<=) pg_catalog.now();
COMMENT ON VIEW bounce.suppressed IS
	'Addresses that must get no mail now, for set-based SQL: NOT EXISTS (SELECT FROM bounce.suppressed s WHERE s.address = c.email) is one hash anti join. The columns compared must hold canonical addresses (bounce.normalize_address). Suppressed domains and digests are not addresses and not here: bounce.is_suppressed() knows them too';
COMMENT ON COLUMN bounce.suppressed.address IS 'Canonical address; once per cause';
COMMENT ON COLUMN bounce.suppressed.topic IS 'Always empty: what stops one topic only is not here';
COMMENT ON COLUMN bounce.suppressed.cause IS 'lease, complaint, manual or import; unsubscribed or snoozed from all marketing mail';
COMMENT ON COLUMN bounce.suppressed.class IS 'Class of the last bounce or complaint';
COMMENT ON COLUMN bounce.suppressed.status IS 'Status of the last bounce';
COMMENT ON COLUMN bounce.suppressed.step IS 'Step of the ladder; leases only';
COMMENT ON COLUMN bounce.suppressed.since IS 'Inclusive';
COMMENT ON COLUMN bounce.suppressed.until IS 'Exclusive; infinity: until released';
COMMENT ON COLUMN bounce.suppressed.note IS 'Why, in words';
COMMENT ON COLUMN bounce.suppressed.made_by IS 'Role that made it, or who told the choice';
