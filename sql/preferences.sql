
-- What a person gets, and who gets a topic.

CREATE FUNCTION bounce.preferences(address text, language text DEFAULT NULL, retired boolean DEFAULT false,
								   at timestamptz DEFAULT pg_catalog.now())
	RETURNS TABLE (topic text, title text, description text, language text, kind text, opt_in text, retired_at timestamptz,
		state text, all_topics boolean, since timestamptz, until timestamptz, source text,
		mail_flows boolean, why_not text[], flows_from timestamptz)
	STABLE PARALLEL UNSAFE COST 1000 ROWS 10
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_preferences';
COMMENT ON FUNCTION bounce.preferences(text, text, boolean, timestamptz) IS
'All that a preference page shows: one row a topic, in the order of bounce.topic.position. Topics without a row there are
shown when the person said something about them; retired ones when asked for.
title, description: in the language asked for (BCP 47: fr-CA, then fr; fr_CA will do), or else the topic''s own; language: of the text found.
state: subscribed, unsubscribed, pending (until: when the time to confirm ends), snoozed (until) or nothing said;
all_topics: it was said about all topics, and that decides. mail_flows: whether mail of the topic goes out; why_not: every
reason against it (lease, complaint, manual, import, domain, digest, unsubscribed, unsubscribed_all, snoozed,
snoozed_all, pending, no_consent, retired; capped: as many as bounce.topic.max_messages allows went out); flows_from: when it flows again by itself, infinity: it does not.
Errors: 22023 for what is no address, 22004 for NULL in anything but language.';
REVOKE ALL ON FUNCTION bounce.preferences(text, text, boolean, timestamptz) FROM PUBLIC;

CREATE FUNCTION bounce.audience(topic text, at timestamptz DEFAULT pg_catalog.now())
	RETURNS TABLE (address text, since timestamptz)
	STABLE PARALLEL UNSAFE COST 100000 ROWS 100000
	LANGUAGE c AS 'MODULE_PATHNAME', 'bounce_audience';
COMMENT ON FUNCTION bounce.audience(text, timestamptz) IS
'The addresses that may be mailed a topic now, each once, canonical: who did not say yes is left out where the topic needs it (opt_in
single or double), and everybody whom bounce.is_suppressed() knows a reason for. since: when the yes was said. A retired topic has no
audience. A cap that is used up is not looked at: bounce.record_attempt() holds back what it stops.
A topic that needs no yes (opt_in none) goes to all contacts who did not say no: those of the tables attached with
bounce.quarantine_contacts() or bounce.track_preferences(), which the caller must be allowed to SELECT (their column of addresses), and those
who said yes; since is NULL where nothing was said. With conditions of your own ask about your own list: WHERE active AND NOT bounce.is_suppressed(email, topic).
Errors: LH005 for an unknown topic; 55000 for one that needs no yes while no contacts are attached; 42501 for attached contacts that the
caller may not read, or not all of them (row-level security); 22004 for NULL.';
REVOKE ALL ON FUNCTION bounce.audience(text, timestamptz) FROM PUBLIC;
