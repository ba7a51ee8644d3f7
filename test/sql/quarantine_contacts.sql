-- A column of the contact table follows the suppression of its address.
SET timezone = 'UTC';
\set SHOW_CONTEXT never

CREATE TABLE contact (
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email text,
	name text,
	blocked_until timestamptz
);
INSERT INTO contact (email, blocked_until) VALUES
	('ann@quarantine.example', 'infinity'),
	('bob@quarantine.example', NULL),
	('Carl@Quarantine.Example', NULL),
	(NULL, now()),
	('no address', now());
-- A bounce from an hour ago: a lease of a day.
INSERT INTO bounce.delivery_event (recipient, class, occurred_at)
	VALUES ('bob@quarantine.example', 'hard:user_unknown', now() - interval '1 hour');
CREATE TEMP VIEW seen AS
	SELECT id, email, CASE WHEN blocked_until = 'infinity' THEN 'for ever' WHEN blocked_until IS NOT NULL THEN
		round(extract(epoch FROM blocked_until - s.starts_at) / 3600) || ' h' END AS blocked
	FROM contact LEFT JOIN bounce.suppression AS s ON s.address = bounce.normalize_address(email) AND cause = 'lease'
	ORDER BY id;

-- Contacts that are there are brought in line at once, in whatever spelling ...
INSERT INTO bounce.suppression (address, cause) VALUES ('carl@quarantine.example', 'manual');
SELECT bounce.quarantine_contacts('contact', 'email', 'blocked_until');
SELECT * FROM seen;
-- ... and found again by an index on the canonical address.
SELECT indexdef FROM pg_indexes WHERE tablename = 'contact' AND indexname LIKE '%bounce%';

-- The application cannot clear it, nor make it up.
UPDATE contact SET blocked_until = NULL;
UPDATE contact SET blocked_until = 'infinity' WHERE id = 1;
INSERT INTO contact (email, blocked_until) VALUES ('dora@quarantine.example', now() + interval '1 year');
SELECT * FROM seen;
-- A new contact and a new address are checked at once.
INSERT INTO contact (email) VALUES ('BOB@quarantine.example') RETURNING blocked_until > now() AS blocked;
UPDATE contact SET email = 'bob@quarantine.example' WHERE id = 1 RETURNING blocked_until > now() AS blocked;
UPDATE contact SET email = 'ann@quarantine.example' WHERE id = 1 RETURNING blocked_until;
-- However they come.
COPY contact (email) FROM stdin;
bob@quarantine.example
ann@quarantine.example
\.
INSERT INTO contact (id, email) OVERRIDING SYSTEM VALUE VALUES (1, 'ann@quarantine.example')
	ON CONFLICT (id) DO UPDATE SET email = 'carl@quarantine.example' RETURNING id, blocked_until;
MERGE INTO contact AS c USING (VALUES (1, 'ann@quarantine.example'), (100, 'carl@quarantine.example')) AS n(id, email) ON c.id = n.id
	WHEN MATCHED THEN UPDATE SET email = n.email, blocked_until = 'infinity'
	WHEN NOT MATCHED THEN INSERT (id, email) OVERRIDING SYSTEM VALUE VALUES (n.id, n.email);
-- Not even a trigger of the application can.
CREATE FUNCTION amnesty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.blocked_until := NULL;
	RETURN NEW;
END $$;
CREATE TRIGGER amnesty BEFORE UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION amnesty();
UPDATE contact SET name = 'B.' WHERE email = 'bob@quarantine.example';
SELECT * FROM seen;
DROP TRIGGER amnesty ON contact;
DROP FUNCTION amnesty();

-- The column follows what happens to the address: an attempt climbs the lease, ...
SELECT bounce.record_attempt('bob@quarantine.example', at => now());
SELECT DISTINCT blocked FROM seen WHERE email ILIKE 'bob@%';
-- a release ends it, ...
SELECT bounce.release('bob@quarantine.example');
SELECT blocked FROM seen WHERE email ILIKE 'bob@%';
-- a bounce begins one, for all its contacts and no other, ...
SELECT ctid AS before FROM contact WHERE id = 100 \gset
INSERT INTO bounce.delivery_event (recipient, class, occurred_at) VALUES
	('bob@quarantine.example', 'hard:user_unknown', now()),
	('dora@quarantine.example', 'hard:user_unknown', now()),
	('carl@quarantine.example', 'hard:user_unknown', now());
SELECT * FROM seen;
-- (rows whose column stays as it is are not touched)
SELECT ctid = :'before' AS untouched FROM contact WHERE id = 100;
-- and what ended is cleared by sweep(); before that, quarantined() knows.
DELETE FROM bounce.delivery_event WHERE recipient = 'dora@quarantine.example';
INSERT INTO bounce.delivery_event (recipient, class, occurred_at) VALUES ('dora@quarantine.example', 'hard:user_unknown', now() - interval '24 hours' + interval '1 s');
SELECT blocked_until IS NOT NULL AS set, bounce.quarantined(blocked_until, now() - interval '5 s') AS quarantined
	FROM contact WHERE email = 'dora@quarantine.example';
SELECT pg_sleep(1.1);
SELECT blocked_until IS NOT NULL AS set, bounce.quarantined(blocked_until) AS quarantined
	FROM contact WHERE email = 'dora@quarantine.example';
SELECT bounce.sweep() > 0 AS swept;
SELECT blocked_until FROM contact WHERE email = 'dora@quarantine.example';
SELECT bounce.quarantined(NULL), bounce.quarantined('infinity'), bounce.quarantined(now()) AS at_the_end;

-- What was done while triggers were off is found by refresh_quarantine().
ALTER TABLE contact DISABLE TRIGGER USER;
UPDATE contact SET blocked_until = '2030-01-01' WHERE email IN ('ann@quarantine.example', 'no address', 'Carl@Quarantine.Example');
SELECT bounce.release('bob@quarantine.example');
ALTER TABLE contact ENABLE TRIGGER USER;
SELECT count(*) FROM contact WHERE bounce.quarantined(blocked_until, '2026-01-01');
SELECT bounce.refresh_quarantine('contact');
SELECT * FROM seen;
SELECT bounce.refresh_quarantine();
CREATE TABLE other (email text, blocked_until timestamptz);
SELECT bounce.refresh_quarantine('other');
\echo :LAST_ERROR_SQLSTATE

-- detach() takes the index along, and leaves the column as it is.
SELECT bounce.detach('contact');
SELECT count(*) FROM pg_indexes WHERE tablename = 'contact' AND indexname LIKE '%bounce%';
UPDATE contact SET blocked_until = NULL;
SELECT count(*) FROM contact WHERE blocked_until IS NOT NULL;

--
-- An index of one's own does as well; without any, every change reads the table
--
SELECT bounce.quarantine_contacts('contact', 'email', 'blocked_until', create_index => false);
SELECT bounce.suppress('bob@quarantine.example');
SELECT DISTINCT blocked FROM seen WHERE email ILIKE 'bob@%';
SELECT bounce.release('bob@quarantine.example');
SELECT bounce.detach('contact');
CREATE INDEX own ON contact (bounce.normalize_address(email), id);
SELECT bounce.quarantine_contacts('contact', 'email', 'blocked_until');
SELECT indexname FROM pg_indexes WHERE tablename = 'contact' ORDER BY indexname COLLATE "C";
SELECT bounce.suppress('bob@quarantine.example');
SELECT DISTINCT blocked FROM seen WHERE email ILIKE 'bob@%';
SELECT bounce.release('bob@quarantine.example');
SELECT bounce.detach('contact');
SELECT indexname FROM pg_indexes WHERE tablename = 'contact' ORDER BY indexname COLLATE "C";

--
-- Partitioned tables, odd names, other types of text, and roles without any privilege on schema bounce
--
CREATE ROLE regress_bounce_owner;
CREATE ROLE regress_bounce_user;
CREATE SCHEMA "People & Co" AUTHORIZATION regress_bounce_owner;
CREATE DOMAIN "People & Co".mail AS varchar(100) CHECK (VALUE LIKE '%@%');
CREATE TABLE "People & Co"."Con""tact" (region text, "E-Mail" "People & Co".mail, "Until" timestamptz) PARTITION BY LIST (region);
CREATE TABLE "People & Co".east PARTITION OF "People & Co"."Con""tact" FOR VALUES IN ('east');
CREATE TABLE "People & Co".west ("Until" timestamptz, "E-Mail" "People & Co".mail, region text);
ALTER TABLE "People & Co"."Con""tact" ATTACH PARTITION "People & Co".west FOR VALUES IN ('west');
ALTER TABLE "People & Co"."Con""tact" OWNER TO regress_bounce_owner;
ALTER TABLE "People & Co".east OWNER TO regress_bounce_owner;
ALTER TABLE "People & Co".west OWNER TO regress_bounce_owner;
-- Row security does not hide rows from what their owner's table asked for.
ALTER TABLE "People & Co"."Con""tact" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE "People & Co".west ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SELECT bounce.quarantine_contacts('"People & Co"."Con""tact"', 'E-Mail', 'Until');
-- Who writes as whom: the application's own triggers run as the owner of the table.
CREATE TABLE "People & Co".noted (who name, "E-Mail" text);
ALTER TABLE "People & Co".noted OWNER TO regress_bounce_owner;
CREATE FUNCTION "People & Co".note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "People & Co".noted VALUES (current_user, NEW."E-Mail");
	RETURN NULL;
END $$;
CREATE TRIGGER note AFTER UPDATE ON "People & Co"."Con""tact" FOR EACH ROW EXECUTE FUNCTION "People & Co".note();
REVOKE USAGE ON SCHEMA bounce FROM PUBLIC;
GRANT USAGE ON SCHEMA "People & Co" TO regress_bounce_user;
GRANT ALL ON "People & Co"."Con""tact", "People & Co".west TO regress_bounce_user;
CREATE POLICY everything ON "People & Co"."Con""tact" TO regress_bounce_user USING (true);
SET ROLE regress_bounce_user;
INSERT INTO "People & Co"."Con""tact" VALUES ('east', 'carl@quarantine.example'), ('west', 'bob@quarantine.example'),
	('west', 'carl@quarantine.example') RETURNING region, "Until";
RESET ROLE;
SELECT bounce.suppress('bob@quarantine.example');
SELECT region, "E-Mail", "Until" FROM "People & Co"."Con""tact" ORDER BY region, "E-Mail" COLLATE "C";
SELECT * FROM "People & Co".noted;
-- A row that moves to another partition keeps what is true.
SET ROLE regress_bounce_user;
UPDATE "People & Co"."Con""tact" SET region = 'east', "Until" = NULL WHERE "E-Mail" LIKE 'bob@%' RETURNING region, "Until";
RESET ROLE;
-- Renames are followed.
ALTER TABLE "People & Co"."Con""tact" RENAME COLUMN "Until" TO until;
ALTER TABLE "People & Co"."Con""tact" RENAME COLUMN "E-Mail" TO address;
ALTER TABLE "People & Co".east RENAME TO "far east";
DROP TRIGGER note ON "People & Co"."Con""tact";
SELECT bounce.release('bob@quarantine.example');
SELECT region, address, until FROM "People & Co"."Con""tact" ORDER BY region, address COLLATE "C";
-- New partitions are covered.
CREATE TABLE "People & Co".north PARTITION OF "People & Co"."Con""tact" FOR VALUES IN ('north');
INSERT INTO "People & Co"."Con""tact" VALUES ('north', 'bob@quarantine.example');
SELECT bounce.suppress('bob@quarantine.example');
SELECT region, until FROM "People & Co"."Con""tact" WHERE address LIKE 'bob@%' ORDER BY region;
SELECT bounce.refresh_quarantine();
GRANT USAGE ON SCHEMA bounce TO PUBLIC;
-- A column that decides the partition cannot be the one.
CREATE TABLE bad (email text, blocked_until timestamptz) PARTITION BY RANGE (blocked_until);
SELECT bounce.quarantine_contacts('bad', 'email', 'blocked_until');
\echo :LAST_ERROR_SQLSTATE
DROP TABLE bad;

--
-- A table that refuses undoes nothing: what is suppressed is suppressed, whatever a check or a trigger of the
-- application's says. The rows are reported, those beside them are written, and the batch goes through.
--
DROP TABLE contact CASCADE;
CREATE TABLE contact (email text, blocked_until timestamptz CHECK (blocked_until < 'infinity'), kept text);
SELECT bounce.quarantine_contacts('contact', 'email', 'blocked_until');
INSERT INTO contact VALUES ('eve@quarantine.example'), ('Eve@Quarantine.Example'), ('fay@quarantine.example');
SELECT bounce.suppress('eve@quarantine.example');
SELECT bounce.is_suppressed('eve@quarantine.example');
SELECT email, blocked_until FROM contact ORDER BY 1;
SELECT current_user = session_user AS myself;
SELECT door, reason, input FROM bounce.rejected_input WHERE input ->> 'address' LIKE '%@quarantine.example';
CREATE FUNCTION keep_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF NEW.kept IS NOT NULL THEN RAISE EXCEPTION USING message = 'this one is ' || NEW.kept, errcode = NEW.kept; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION keep_row();
INSERT INTO contact SELECT n || '@quarantine.example', NULL, CASE WHEN n % 40 = 0 THEN 'LH999' END FROM generate_series(1, 100) AS n;
-- Rows of a batch of events: 2 of 100 are refused.
INSERT INTO bounce.delivery_event (recipient, class) SELECT n || '@quarantine.example', 'hard:user_unknown' FROM generate_series(1, 100) AS n;
SELECT count(*) AS stored, count(*) FILTER (WHERE bounce.is_suppressed(email)) AS suppressed, count(blocked_until) AS blocked FROM contact WHERE email ~ '^[0-9]';
SELECT input FROM bounce.rejected_input WHERE input ->> 'address' ~ '^[0-9]*@quarantine.example' ORDER BY input ->> 'address';
-- Again and again: the last time counts.
INSERT INTO bounce.delivery_event (recipient, class, message_id) VALUES ('40@quarantine.example', 'hard:user_unknown', 'again');
SELECT count(*) FROM bounce.rejected_input WHERE input ->> 'address' LIKE '%@quarantine.example';
-- When the table has become ready they are brought in line.
UPDATE contact SET kept = NULL, email = lower(email) WHERE kept IS NOT NULL;
SELECT bounce.refresh_quarantine('contact');
SELECT input ->> 'address' AS address FROM bounce.rejected_input WHERE door = 'quarantine_contacts';
-- Who wants a person to be forgotten is not stopped, nor is the address kept for it.
SELECT count(*) FILTER (WHERE rows > 0) FROM bounce.forget('eve@quarantine.example');
SELECT count(*) FROM bounce.rejected_input WHERE door = 'quarantine_contacts';
-- What is not the table's own doing ends the statement as ever: a deadlock, a cancelled query.
INSERT INTO contact VALUES ('gus@quarantine.example', NULL, '40P01'), ('hal@quarantine.example', NULL, '57014');
SELECT bounce.suppress('gus@quarantine.example', until => '2999-01-01');
SELECT bounce.suppress('hal@quarantine.example', until => '2999-01-01');
SELECT bounce.is_suppressed('gus@quarantine.example'), bounce.is_suppressed('hal@quarantine.example');
-- A dropped table is forgotten.
BEGIN;
DROP TABLE contact;
SELECT bounce.suppress('eve@quarantine.example');
ROLLBACK;
SELECT bounce.suppress('eve@quarantine.example');
DROP TABLE contact;
DROP FUNCTION keep_row;
DELETE FROM bounce.digest_suppression;
DELETE FROM bounce.secret_key;
DELETE FROM bounce.rejected_input WHERE door = 'quarantine_contacts';
SELECT bounce.suppress('eve@quarantine.example');

DROP TABLE other;
DROP SCHEMA "People & Co" CASCADE;
DROP ROLE regress_bounce_owner, regress_bounce_user;
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@quarantine.example';
DELETE FROM bounce.suppression WHERE address LIKE '%@quarantine.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%@quarantine.example';
