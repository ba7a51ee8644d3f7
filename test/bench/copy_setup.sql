-- The tables and the log of copy.sh.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS bounce_ext;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
SELECT FROM bounce.maintain('2026-01-15');

-- The n-th recipient gets a share of about 1/n (Zipf); so do the domains.
SELECT setseed(0.5);
CREATE TABLE bench.log AS
	SELECT n, format('%s%s@domain%s.example', CASE WHEN dice < 0.3 THEN 'Person' ELSE 'person' END, person,
			(person * 7919::bigint) % greatest(1, ceil(power(person, 0.6)))::bigint) AS recipient,
		CASE WHEN dice < 0.95 THEN '250 2.0.0 OK: queued as ' || upper(substr(md5(n::text), 1, 12))
			WHEN dice < 0.999 THEN replace((ARRAY[
				'550 5.1.1 <person@>: Recipient address rejected: User unknown in virtual mailbox table',
				'550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient''s email address',
				'550 5.1.1 unknown or illegal alias: person@', '550 No such user here', '551 5.1.1 Sorry, no mailbox here by that name',
				'550 5.5.0 Requested action not taken: mailbox unavailable', '554 delivery error: dd This user doesn''t have an account',
				'550 5.2.1 The email account that you tried to reach is disabled', '554 5.7.1 This account has been disabled or discontinued',
				'550 5.1.10 RESOLVER.ADR.RecipNotFound; Recipient not found by SMTP address lookup',
				'452 4.2.2 The email account that you tried to reach is over quota. Please direct the recipient to https://support.example/mail',
				'552 5.2.2 Mailbox full', '452-4.2.2 Quota exceeded (mailbox for user is full)', '422 4.2.2 user over quota',
				'550 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using a list; see https://list.example/query/192.0.2.7',
				'421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to unexpected volume or user complaints',
				'451 4.7.1 Greylisting in action, please come back later', '550 5.7.26 Unauthenticated mail is not accepted due to the domain''s DMARC policy',
				'554 5.7.1 Message rejected as spam by content filter', '450 4.1.2 <person@>: Recipient address rejected: Domain not found',
				'421 4.4.2 Connection timed out', '451 4.3.0 Temporary system problem. Try again later', '552 5.3.4 Message size exceeds fixed limit',
				'554 5.4.14 Hop count exceeded - possible mail loop'])[1 + floor(kind * 24)::integer], 'person@', format('person%s', person)) END AS response,
		CASE WHEN dice >= 0.9995 THEN 'complaint:complaint_abuse' WHEN dice >= 0.999 THEN 'complaint:complaint_opt_out' END AS class,
		'2026-01-01'::timestamptz + n * interval '2000000 seconds' / :events AS occurred_at, md5('message' || n) AS message_id
	FROM (SELECT n, floor(exp(random() * ln(:events)))::bigint AS person, random() AS dice, random() AS kind
		  FROM generate_series(1, :events) n) s;
INSERT INTO bench.log SELECT * FROM bench.log WHERE n % 100 = 0;

-- What COPY costs at the least: the same columns and indexes, nothing else.
CREATE TABLE bench.bare (LIKE bounce.delivery_event INCLUDING DEFAULTS,
	UNIQUE (recipient, occurred_at, event_key)) PARTITION BY RANGE (occurred_at);
ALTER TABLE bench.bare ALTER class DROP NOT NULL, ALTER event_key DROP NOT NULL;
CREATE INDEX ON bench.bare (recipient, occurred_at) INCLUDE (class, event_key) WHERE class OPERATOR(bounce.>=) 'hard:delivered';
CREATE TABLE bench.bare_january PARTITION OF bench.bare FOR VALUES FROM ('2026-01-01Z') TO ('2026-02-01Z');

-- The same logic by hand, as row triggers in PL/pgSQL: normalize the address, classify, keep out what
-- is there already, look up the policy, count within a window, one occurrence a message, climb the
-- ladder, keep the leases that ended, note complaints and unsubscribes.  Not in it: events that come
-- in another order than they happened, quarantine, attempts, sharing of locks between loaders.
CREATE TABLE bench.hand_log (LIKE bounce.delivery_event INCLUDING DEFAULTS, PRIMARY KEY (recipient, occurred_at, event_key))
	PARTITION BY RANGE (occurred_at);
ALTER TABLE bench.hand_log ALTER class TYPE text, ALTER status TYPE text;
CREATE INDEX ON bench.hand_log (recipient, occurred_at) WHERE class NOT LIKE 'ok:%';
CREATE TABLE bench.hand_log_january PARTITION OF bench.hand_log FOR VALUES FROM ('2026-01-01Z') TO ('2026-02-01Z');
CREATE TABLE bench.hand_rejected (at timestamptz DEFAULT now(), reason text, input jsonb);
CREATE TABLE bench.hand_policy AS
	SELECT s || ':' || reason AS class, effect, ladder, threshold, within
	FROM bounce.policy, unnest(CASE severity WHEN '*' THEN '{hard,soft,block,complaint,auto,admin,unknown}' ELSE ARRAY[severity] END) AS s
	WHERE profile = 'default';
ALTER TABLE bench.hand_policy ADD PRIMARY KEY (class);
CREATE TABLE bench.hand_lease (address text COLLATE "C" PRIMARY KEY, class text, status text, step integer, occurrences integer,
	starts_at timestamptz, expires_at timestamptz, last_event_at timestamptz) WITH (fillfactor = 90);
CREATE TABLE bench.hand_history (LIKE bench.hand_lease, PRIMARY KEY (address, expires_at));
CREATE TABLE bench.hand_complaint (address text COLLATE "C" PRIMARY KEY, class text, since timestamptz, last_event_at timestamptz);
CREATE TABLE bench.hand_unsubscribe (address text COLLATE "C", topic text, at timestamptz, PRIMARY KEY (address, topic));
CREATE TABLE bench.pattern (place integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, class text, regex text);
\copy bench.pattern (class, regex) FROM 'copy_patterns.tsv' (FORMAT csv, DELIMITER E'\t', QUOTE E'\b')

-- The address, or NULL when it is none.
CREATE FUNCTION bench.hand_address(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	address text := btrim(given);
BEGIN
	IF address LIKE '%<%>' THEN
		address := substring(address FROM '<([^<>]*)>$');
	END IF;
	address := lower(regexp_replace(address, '^mailto:|\.$', '', 'gi'));
	IF length(address) > 254 OR address !~ '^[^@[:space:]]{1,64}@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$' THEN
		RETURN NULL;
	END IF;
	RETURN address;
END $$;
CREATE FUNCTION bench.hand_status(response text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN concat_ws(' ', substring(response FROM '^[2-5][0-9]{2}'), substring(response FROM '\m[245]\.[0-9]{1,3}\.[0-9]{1,3}\M'));
END $$;
CREATE FUNCTION bench.hand_class(response text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	found text;
BEGIN
	IF response ~ '^2' THEN
		RETURN 'ok:delivered';
	END IF;
	SELECT p.class INTO found FROM bench.pattern p WHERE response ~* p.regex ORDER BY p.place LIMIT 1;
	IF found IS NULL THEN
		RETURN CASE WHEN response ~ '^5' THEN 'hard:permanent_other' WHEN response ~ '^4' THEN 'soft:transient_other' ELSE 'unknown:unknown' END;
	END IF;
	IF response ~ '^4' THEN
		RETURN regexp_replace(found, '^hard:', 'soft:');
	END IF;
	RETURN found;
END $$;

-- Its argument: "patterns", everything by hand; or "classify", with this extension's functions for reading.
CREATE FUNCTION bench.hand_fill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_ARGV[0] = 'patterns' THEN
		NEW.recipient := bench.hand_address(NEW.recipient);
		NEW.status := coalesce(NEW.status, nullif(bench.hand_status(NEW.response), ''));
		NEW.class := coalesce(NEW.class, bench.hand_class(NEW.response));
	ELSE
		NEW.recipient := bounce.normalize_address(NEW.recipient);
		NEW.status := coalesce(NEW.status, bounce.extract_status(NEW.response)::text);
		NEW.class := coalesce(NEW.class, bounce.classify(NEW.response)::text);
	END IF;
	IF NEW.recipient IS NULL OR NEW.occurred_at IS NULL OR NEW.class IS NULL THEN
		INSERT INTO bench.hand_rejected (reason, input) VALUES ('not usable', to_jsonb(NEW));
		RETURN NULL;
	END IF;
	NEW.event_key := coalesce(NEW.event_key, md5(concat_ws('|', NEW.message_id, NEW.response, NEW.class, NEW.topic, NEW.source)));
	IF EXISTS (SELECT FROM bench.hand_log l WHERE l.recipient = NEW.recipient AND l.occurred_at = NEW.occurred_at
			AND l.event_key = NEW.event_key) THEN
		RETURN NULL;
	END IF;
	RETURN NEW;
END $$;

CREATE FUNCTION bench.hand_apply() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	policy bench.hand_policy;
	lease bench.hand_lease;
	present boolean;
BEGIN
	SELECT * INTO policy FROM bench.hand_policy p WHERE p.class = NEW.class;
	IF NOT FOUND THEN
		RETURN NULL;
	ELSIF policy.effect = 'complaint' THEN
		INSERT INTO bench.hand_complaint AS c VALUES (NEW.recipient, NEW.class, NEW.occurred_at, NEW.occurred_at)
			ON CONFLICT (address) DO UPDATE SET class = excluded.class, last_event_at = excluded.last_event_at;
		RETURN NULL;
	ELSIF policy.effect = 'unsubscribe' THEN
		INSERT INTO bench.hand_unsubscribe VALUES (NEW.recipient, coalesce(NEW.topic, ''), NEW.occurred_at) ON CONFLICT DO NOTHING;
		RETURN NULL;
	END IF;
	SELECT * INTO lease FROM bench.hand_lease l WHERE l.address = NEW.recipient FOR UPDATE;
	present := FOUND;
	IF EXISTS (SELECT FROM bench.hand_log l JOIN bench.hand_policy p ON p.class = l.class AND p.effect IN ('lease', 'count')
			WHERE l.recipient = NEW.recipient AND l.message_id = NEW.message_id AND l.class NOT LIKE 'ok:%' AND l.event_key <> NEW.event_key) THEN
		RETURN NULL;
	END IF;
	IF present AND NEW.occurred_at < lease.expires_at THEN
		IF NEW.sent_at < lease.starts_at THEN
			RETURN NULL;
		END IF;
		UPDATE bench.hand_lease l SET class = NEW.class, status = NEW.status, step = least(l.step + 1, cardinality(policy.ladder)),
			occurrences = l.occurrences + 1, last_event_at = NEW.occurred_at,
			expires_at = greatest(l.expires_at, NEW.occurred_at + policy.ladder[least(l.step + 1, cardinality(policy.ladder))])
			WHERE l.address = NEW.recipient;
		RETURN NULL;
	END IF;
	IF policy.effect = 'count' AND policy.threshold > (
			SELECT count(DISTINCT coalesce(l.message_id, l.event_key)) FROM bench.hand_log l JOIN bench.hand_policy p ON p.class = l.class AND p.effect = 'count'
			WHERE l.recipient = NEW.recipient AND l.class NOT LIKE 'ok:%' AND l.occurred_at BETWEEN NEW.occurred_at - policy.within AND NEW.occurred_at) THEN
		RETURN NULL;
	END IF;
	IF present THEN
		INSERT INTO bench.hand_history SELECT (lease).*;
	END IF;
	INSERT INTO bench.hand_lease AS l VALUES (NEW.recipient, NEW.class, NEW.status, 1, 1, NEW.occurred_at, NEW.occurred_at + policy.ladder[1], NEW.occurred_at)
		ON CONFLICT (address) DO UPDATE SET class = excluded.class, status = excluded.status, step = 1, occurrences = 1,
		starts_at = excluded.starts_at, expires_at = excluded.expires_at, last_event_at = excluded.last_event_at;
	RETURN NULL;
END $$;
CREATE TRIGGER patterns BEFORE INSERT ON bench.hand_log FOR EACH ROW EXECUTE FUNCTION bench.hand_fill('patterns');
CREATE TRIGGER classify BEFORE INSERT ON bench.hand_log FOR EACH ROW EXECUTE FUNCTION bench.hand_fill('classify');
CREATE TRIGGER apply AFTER INSERT ON bench.hand_log FOR EACH ROW WHEN (NEW.class NOT LIKE 'ok:%') EXECUTE FUNCTION bench.hand_apply();

-- Everything empty, as one of the ways to load finds it.
CREATE PROCEDURE bench.prepare(fill text) LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE bounce.delivery_event, bounce.suppression, bounce.suppression_history, bounce.preference,
		bench.bare, bench.hand_log, bench.hand_lease, bench.hand_history, bench.hand_complaint, bench.hand_unsubscribe;
	IF fill <> '' THEN
		ALTER TABLE bench.hand_log DISABLE TRIGGER patterns;
		ALTER TABLE bench.hand_log DISABLE TRIGGER classify;
		EXECUTE format('ALTER TABLE bench.hand_log ENABLE TRIGGER %I', fill);
	END IF;
END $$;
ANALYZE bench.log, bench.pattern, bench.hand_policy;
