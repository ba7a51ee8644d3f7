-- Suppressions made and ended by people.
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

CREATE VIEW present AS
	SELECT split_part(address, '@', 1) AS who, topic, cause, starts_at, expires_at, note
	FROM bounce.suppression WHERE address LIKE '%@manual.example' ORDER BY address, topic, cause;
CREATE VIEW past AS
	SELECT split_part(address, '@', 1) AS who, topic, cause, during, ended_by, who = session_user AS by_me, why
	FROM bounce.suppression_history WHERE address LIKE '%@manual.example' ORDER BY address, topic, cause, ended_at;

-- An address, for all topics, until somebody releases it.
SELECT bounce.suppress('Ann <ANN@Manual.Example>', at => '2024-01-01', note => 'asked by phone');
TABLE present;
SELECT made_by = session_user AS made_by_me FROM bounce.suppression WHERE address = 'ann@manual.example';
-- Told again: nothing changes. With another note, only the note does.
SELECT bounce.suppress('ann@manual.example', at => '2024-01-02');
SELECT bounce.suppress('ann@manual.example', at => '2024-01-02', note => 'asked by letter');
SELECT starts_at, expires_at, note FROM present;
-- One topic, for a time; another cause. They stand beside each other.
SELECT bounce.suppress('ann@manual.example', 'news', until => '2024-02-01', at => '2024-01-05');
SELECT bounce.suppress('ann@manual.example', cause => 'import', at => '2024-01-06', note => 'list of 2023');
TABLE present;

-- Released: all of them. Each goes to history until the release, with who and why;
-- the one that had ended already went out by itself.
SELECT bounce.release('ann@manual.example', why => 'address corrected', at => '2024-03-01');
TABLE present;
TABLE past;
-- Nothing is left to release.
SELECT bounce.release('ann@manual.example');
SELECT bounce.release('never-heard-of@manual.example');

-- Only one topic; only one cause.
SELECT bounce.suppress('bob@manual.example', topic, cause => cause, at => '2024-01-01')
FROM (VALUES ('', 'manual'), ('', 'import'), ('news', 'manual'), ('sport', 'manual')) AS v(topic, cause);
SELECT bounce.release('bob@manual.example', topic => 'news', at => '2024-01-02');
SELECT bounce.release('bob@manual.example', topic => '', cause => 'import', at => '2024-01-02');
SELECT topic, cause FROM present WHERE who = 'bob';
SELECT bounce.release('bob@manual.example', cause => 'manual', at => '2024-01-02');
SELECT topic, cause, during, ended_by FROM past WHERE who = 'bob';

-- A later end stretches what stands. An earlier one begins a new suppression:
-- that it was to last longer is history.
SELECT bounce.suppress('carl@manual.example', until => '2024-02-01', at => '2024-01-01', note => 'holiday');
SELECT bounce.suppress('carl@manual.example', until => '2024-03-01', at => '2024-01-15');
SELECT starts_at, expires_at, note FROM present WHERE who = 'carl';
SELECT bounce.suppress('carl@manual.example', until => '2024-02-10', at => '2024-01-20', note => 'back early');
SELECT starts_at, expires_at, note FROM present WHERE who = 'carl';
SELECT during, ended_by, by_me, why FROM past WHERE who = 'carl';
-- After the end, a new one; the old one went out by itself.
SELECT bounce.suppress('carl@manual.example', until => '2024-05-01', at => '2024-04-01');
SELECT starts_at, expires_at, note FROM present WHERE who = 'carl';
SELECT during, ended_by, by_me, why FROM past WHERE who = 'carl';
-- Half open: at its very end it is over, so this one is new too.
SELECT bounce.suppress('carl@manual.example', until => '2024-06-01', at => '2024-05-01');
SELECT starts_at, expires_at FROM present WHERE who = 'carl';
-- Told of an earlier time: it began earlier, and is not shortened.
SELECT bounce.suppress('carl@manual.example', until => '2024-05-10', at => '2024-04-25');
SELECT starts_at, expires_at FROM present WHERE who = 'carl';
-- Over before that: there is no room for both.
SELECT bounce.suppress('carl@manual.example', until => '2024-04-10', at => '2024-04-05');
\echo :LAST_ERROR_SQLSTATE

-- Made and released in one transaction: no time passed, but it is known.
BEGIN;
SELECT bounce.suppress('dora@manual.example');
SELECT bounce.release('dora@manual.example', why => 'slip of the finger');
SELECT during, ended_at = now() AS ended_now, ended_by, why FROM bounce.suppression_history WHERE address = 'dora@manual.example';
COMMIT;

-- A lease: released, it does not come back by the same events.
SELECT bounce.record_event('emma@manual.example', class => 'hard:user_unknown', occurred_at => '2024-01-01 00:00');
SELECT bounce.release('emma@manual.example', why => 'mailbox exists again', at => '2024-01-01 06:00');
SELECT bounce.record_event('emma@manual.example', class => 'hard:user_unknown', occurred_at => '2024-01-01 05:00') IS NOT NULL AS late;
SELECT cause FROM present WHERE who = 'emma';
SELECT cause, during, ended_by, why FROM past WHERE who = 'emma';
-- Released at a time before a later bounce: that bounce began a lease of its own.
SELECT bounce.record_event('fred@manual.example', class => 'hard:user_unknown', occurred_at => at::timestamptz)
FROM (VALUES ('2024-01-01 00:00'), ('2024-01-01 12:00')) AS v(at);
SELECT cause, starts_at, expires_at FROM present WHERE who = 'fred';
SELECT bounce.release('fred@manual.example', cause => 'lease', at => '2024-01-01 06:00');
SELECT cause, starts_at, expires_at FROM present WHERE who = 'fred';
SELECT cause, during, ended_by FROM past WHERE who = 'fred';

-- Asking sees all of it.
SELECT bounce.suppress('gina@manual.example', at => '2024-01-01');
SELECT bounce.is_suppressed('gina@manual.example');
SELECT bounce.release('gina@manual.example');
SELECT bounce.is_suppressed('gina@manual.example');
SELECT bounce.suppress('gina@manual.example', 'news', at => '2024-01-01');
SELECT bounce.is_suppressed('gina@manual.example') AS at_all, bounce.is_suppressed('gina@manual.example', 'news') AS news;

-- Domains: one, or one and all below it; in any spelling.
CREATE VIEW domain AS
	SELECT domain, cause, starts_at, expires_at, note FROM bounce.domain_suppression ORDER BY domain;
SELECT bounce.suppress_domain('Manual-Domain.EXAMPLE.', at => '2024-01-01', note => 'no mail there');
SELECT bounce.suppress_domain('*.Bücher.example', until => '2024-03-01', at => '2024-01-01');
TABLE domain;
SELECT address, bounce.is_suppressed(address, at => '2024-02-01') FROM (VALUES
	('a@manual-domain.example'), ('a@sub.manual-domain.example'),
	('a@bücher.example'), ('a@mail.xn--bcher-kva.example'), ('a@anderebücher.example')) AS v(address);
SELECT bounce.suppress_domain('manual-domain.example', at => '2024-01-02');
SELECT bounce.suppress_domain('*.bücher.example', until => '2024-02-15', at => '2024-02-01', note => 'soon back');
TABLE domain;
SELECT bounce.release_domain('manual-domain.example', why => 'open again', at => '2024-01-10');
SELECT bounce.release_domain('manual-domain.example');
-- The domain alone was not suppressed, only with what is below it.
SELECT bounce.release_domain('bücher.example', at => '2024-02-10');
SELECT bounce.release_domain('*.xn--bcher-kva.example', at => '2024-02-10');
TABLE domain;
SELECT domain, cause, during, ended_by, who = session_user AS by_me, why
FROM bounce.domain_suppression_history ORDER BY domain, ended_at;
-- A finding (cause lease) that an operator takes over is history too.
INSERT INTO bounce.domain_suppression (domain, cause, class, starts_at, expires_at)
VALUES ('taken.example', 'lease', 'hard:domain_unknown', '2024-01-01', '2024-01-08');
SELECT bounce.suppress_domain('taken.example', at => '2024-01-03');
SELECT cause, class, starts_at, expires_at FROM bounce.domain_suppression WHERE domain = 'taken.example';
SELECT cause, class, during, ended_by FROM bounce.domain_suppression_history WHERE domain = 'taken.example';

-- Wrong inputs.
SELECT bounce.suppress('nobody');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.suppress(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.suppress('hugo@manual.example', topic => NULL);
SELECT bounce.suppress('hugo@manual.example', until => NULL);
SELECT bounce.suppress('hugo@manual.example', until => '2023-12-31', at => '2024-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.suppress('hugo@manual.example', at => '2999-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.suppress('hugo@manual.example', at => '-infinity');
SELECT bounce.suppress('hugo@manual.example', cause => 'lease');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.suppress('hugo@manual.example', cause => 'whim');
SELECT bounce.release('nobody');
SELECT bounce.release('ann@manual.example', cause => 'whim');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.release('ann@manual.example', at => '2999-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.release('ann@manual.example', at => NULL);
SELECT bounce.release('gina@manual.example', at => '2023-12-31');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.suppress_domain(domain) FROM (VALUES ('')) AS v(domain);
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.suppress_domain('a@manual.example');
SELECT bounce.suppress_domain('*');
SELECT bounce.suppress_domain('*.');
SELECT bounce.suppress_domain('mail.*.example');
SELECT bounce.suppress_domain('two words.example');
SELECT bounce.suppress_domain('x> <a@other.example');
SELECT bounce.suppress_domain(NULL);
SELECT bounce.release_domain('a b');
SELECT count(*) FROM bounce.domain_suppression WHERE domain <> 'taken.example';

-- Where nothing can be written, they say so.
BEGIN READ ONLY;
SELECT bounce.release('ann@manual.example');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN READ ONLY;
SELECT bounce.suppress_domain('manual.example');
ROLLBACK;

-- A caller without privileges.
CREATE ROLE regress_bounce_nobody;
SET ROLE regress_bounce_nobody;
SELECT bounce.suppress('ann@manual.example');
\echo :LAST_ERROR_SQLSTATE
SELECT bounce.release('ann@manual.example');
SELECT bounce.suppress_domain('manual.example');
SELECT bounce.release_domain('manual.example');
RESET ROLE;
DROP ROLE regress_bounce_nobody;

DROP VIEW present, past, domain;
DELETE FROM bounce.delivery_event WHERE recipient LIKE '%@manual.example';
DELETE FROM bounce.suppression WHERE address LIKE '%@manual.example';
DELETE FROM bounce.suppression_history WHERE address LIKE '%@manual.example';
DELETE FROM bounce.domain_suppression;
DELETE FROM bounce.domain_suppression_history;
