-- The tables and the log of copy.sh.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS bounce_ext;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;

-- Zipf: the n-th recipient gets a share of about 1/n; so do the domains.
CREATE TABLE bench.log AS
	SELECT n,
		format('person%s@domain%s.example', person, (person * 7919::bigint) % greatest(1, ceil(power(person, 0.6)))::bigint) AS recipient,
		CASE WHEN random() < 0.95 THEN '250 2.0.0 OK: queued as ' || upper(substr(md5(n::text), 1, 12))
			 WHEN random() < 0.6 THEN format('550 5.1.1 <person%s>: Recipient address rejected: User unknown in virtual mailbox table', person)
			 WHEN random() < 0.5 THEN '452 4.2.2 The email account that you tried to reach is over quota. Please direct the recipient to https://support.example/mail'
			 ELSE '550 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using a list; see https://list.example/query/192.0.2.7' END AS response,
		'2026-01-01'::timestamptz + n * interval '0.1 second' AS occurred_at,
		md5('message' || n) AS message_id
	FROM (SELECT n, floor(exp(random() * ln(:events)))::bigint AS person
		  FROM generate_series(1, :events) n) s;
INSERT INTO bench.log SELECT * FROM bench.log WHERE n % 100 = 0;

CREATE TABLE bench.bare (LIKE bounce.delivery_event) PARTITION BY RANGE (occurred_at);
ALTER TABLE bench.bare ALTER class DROP NOT NULL, ALTER event_key DROP NOT NULL, ALTER recorded_at SET DEFAULT now();
CREATE TABLE bench.bare_default PARTITION OF bench.bare DEFAULT;
CREATE INDEX ON bench.bare (recipient, occurred_at, event_key);

-- The same logic by hand: classify, skip what is there, keep the lease.
CREATE TABLE bench.plpgsql_event (LIKE bounce.delivery_event INCLUDING DEFAULTS, UNIQUE (recipient, occurred_at, event_key));
CREATE TABLE bench.plpgsql_lease (
	address text COLLATE "C" PRIMARY KEY, step int, occurrences int,
	starts_at timestamptz, expires_at timestamptz, last_message text, class bounce.bounce_class);
CREATE FUNCTION bench.fill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.recipient := lower(trim(NEW.recipient));
	NEW.status := bounce.extract_status(NEW.response);
	NEW.class := bounce.classify(NEW.response);
	NEW.event_key := md5(concat_ws('|', NEW.message_id, NEW.response, NEW.occurred_at));
	IF EXISTS (SELECT FROM bench.plpgsql_event e WHERE e.recipient = NEW.recipient
			   AND e.occurred_at = NEW.occurred_at AND e.event_key = NEW.event_key) THEN
		RETURN NULL;
	END IF;
	RETURN NEW;
END $$;
CREATE FUNCTION bench.apply() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	ladder interval[] := bounce.acs_ladder();
	lease bench.plpgsql_lease;
	counted int;
BEGIN
	IF bounce.effect(NEW.class) NOT IN ('lease', 'count') THEN
		RETURN NULL;
	END IF;
	IF bounce.effect(NEW.class) = 'count' THEN
		SELECT count(DISTINCT e.message_id) INTO counted FROM bench.plpgsql_event e
		WHERE e.recipient = NEW.recipient AND bounce.effect(e.class) = 'count'
			AND e.occurred_at BETWEEN NEW.occurred_at - interval '14 days' AND NEW.occurred_at;
		IF counted < 3 THEN
			RETURN NULL;
		END IF;
	END IF;
	SELECT * INTO lease FROM bench.plpgsql_lease l WHERE l.address = NEW.recipient FOR UPDATE;
	IF NOT FOUND THEN
		INSERT INTO bench.plpgsql_lease VALUES (NEW.recipient, 1, 1, NEW.occurred_at, NEW.occurred_at + ladder[1], NEW.message_id, NEW.class);
	ELSIF lease.expires_at <= NEW.occurred_at THEN
		UPDATE bench.plpgsql_lease l SET step = 1, occurrences = 1, starts_at = NEW.occurred_at,
			expires_at = NEW.occurred_at + ladder[1], last_message = NEW.message_id, class = NEW.class WHERE l.address = NEW.recipient;
	ELSE
		UPDATE bench.plpgsql_lease l SET step = least(l.step + 1, 5), occurrences = l.occurrences + 1,
			expires_at = greatest(l.expires_at, NEW.occurred_at + ladder[least(l.step + 1, 5)]),
			last_message = NEW.message_id, class = NEW.class WHERE l.address = NEW.recipient;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER fill BEFORE INSERT ON bench.plpgsql_event FOR EACH ROW EXECUTE FUNCTION bench.fill();
CREATE TRIGGER apply AFTER INSERT ON bench.plpgsql_event FOR EACH ROW EXECUTE FUNCTION bench.apply();

CREATE FUNCTION bench.empty(wanted regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('TRUNCATE %s', wanted);
	IF wanted = 'bounce.delivery_event'::regclass THEN
		TRUNCATE bounce.suppression, bounce.suppression_history;
	ELSIF wanted = 'bench.plpgsql_event'::regclass THEN
		TRUNCATE bench.plpgsql_lease;
	END IF;
END $$;
ANALYZE bench.log;
