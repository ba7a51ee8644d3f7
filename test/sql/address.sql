--
-- Addresses: one spelling for every way in which people and programs write the same mailbox.
--
\set SHOW_CONTEXT never

--
-- 1. Case, blanks, and what an address is wrapped in
--
SELECT written, bounce.normalize_address(written)
FROM (VALUES ('kijitora@example.jp'),
			 ('First.Last+Tag@Example.COM'),
			 ('  a@example.com  '),
			 (E'a@example.com\r\n'),
			 ('<a@example.com>'),
			 ('Ann Example <a@example.com>'),
			 ('"Example, Ann" <a@example.com>'),
			 ('ann@example.com <a@example.com>'),
			 ('mailto:a@example.com?subject=hello'),
			 ('smtp:a@example.com'),
			 ('rfc822; a@example.com'),
			 ('rfc822;<@relay.example:a@example.com>'),
			 ('a@example.com.'),
			 ('root@localhost')) AS address(written);

-- Copying from a mail program drags along marks and blanks that nobody sees.
SELECT bounce.normalize_address(U&'\202Aa@example.com\202C\00A0');

--
-- 2. Quotes go where they are not needed
--
SELECT written, bounce.normalize_address(written)
FROM (VALUES ('"first.last"@example.com'),
			 ('"first last"@example.com'),
			 ('"a@b"@example.com'),
			 ('"\a\"b"@example.com'),
			 ('".a"@example.com')) AS address(written);

-- Older mailboxes of Japanese mobile providers have dots where the grammar has none; mail is delivered there.
SELECT written, bounce.normalize_address(written)
FROM (VALUES ('neko..nyan@docomo.ne.jp'), ('"neko..nyan"@docomo.ne.jp'), ('neko.@ezweb.ne.jp')) AS address(written);

--
-- 3. Domains: A-labels, literals, underscores
--
SELECT written, bounce.normalize_address(written), bounce.address_domain(written)
FROM (VALUES ('a@Bücher.example'),
			 ('a@xn--bcher-kva.example'),
			 ('a@BÜCHER。example'),
			 ('a@faß.example'),
			 ('a@日本語.example'),
			 ('a@пример.example'),
			 ('a@sub_domain.example'),
			 ('a@[192.0.2.1]'),
			 ('a@[IPv6:2001:DB8:0:0::1]')) AS address(written);

-- Composed or decomposed, it is the same domain.
SELECT bounce.address_domain(U&'a@b\00FCcher.example') = bounce.address_domain(U&'a@bu\0308cher.example') AS same;

-- Beyond ASCII the local part stays as it is written.
SELECT written, bounce.normalize_address(written)
FROM (VALUES ('Jörg@Example.com'), ('"猫"@example.jp')) AS address(written);

--
-- 4. What is no address gives NULL, never an error
--
SELECT written, bounce.normalize_address(written) IS NULL AS none, bounce.address_domain(written) IS NULL AS no_domain
FROM (VALUES (''), (' '), ('<>'), ('example.com'), ('@example.com'), ('a@'), ('a b@example.com'), ('.a@example.com'),
			 ('"a@example.com'), ('a@example..com'), ('a@-example.com'), ('a@exam ple.com'), ('a@b@example.com'),
			 ('a@example.com, b@example.com'), ('Ann <a@example.com>, Bob <b@example.com>'), ('a@example.com, Bob <b@example.com>'),
			 ('a@example.com>'), ('<a@example.com'), ('a@[192.0.2.256]'), ('a@[IPv6:1::2::3]'), ('a@xn--.例え。。'),
			 ('a@☃.example'), (U&'a\00A0b@example.com'), ('undisclosed-recipients:;')) AS address(written);

-- The lengths of RFC 5321: 64 bytes before the @, 63 a label, 254 together.
SELECT bounce.normalize_address(repeat('a', 64) || '@example.com') IS NULL AS local_64,
	   bounce.normalize_address(repeat('a', 65) || '@example.com') IS NULL AS local_65,
	   bounce.normalize_address('a@' || repeat('b', 63)) IS NULL AS label_63,
	   bounce.normalize_address('a@' || repeat('b', 64)) IS NULL AS label_64,
	   bounce.normalize_address('a@' || repeat('b.', 125) || 'cc') IS NULL AS all_254,
	   bounce.normalize_address('a@' || repeat('b.', 126) || 'c') IS NULL AS all_255;

-- Huge and hostile text
SELECT bounce.normalize_address(repeat('<', 1000000) || 'a@example.com') IS NULL AS brackets,
	   bounce.normalize_address(repeat('smtp:', 500) || 'a@example.com') AS schemes,
	   bounce.normalize_address('a@' || repeat('ü', 2000)) IS NULL AS endless_domain;

SELECT bounce.normalize_address(NULL) IS NULL AS nothing, bounce.address_domain(NULL) IS NULL AS no_domain;

--
-- 5. A canonical address is its own canonical form
--
SELECT count(*) AS addresses, count(*) FILTER (WHERE bounce.normalize_address(canonical) IS DISTINCT FROM canonical) AS changed
FROM (SELECT bounce.normalize_address(prefix || local_part || '@' || domain || suffix) AS canonical
	  FROM unnest(ARRAY['', '<', 'mailto:', 'A <']) AS prefix,
		   unnest(ARRAY['a', 'A.b', '"a b"', '"a\\b"', '"mailto:a"', '"<a>"', '" a"', 'é', 'a..']) AS local_part,
		   unnest(ARRAY['b', 'B.', 'bücher.example', '[192.0.2.1]', '[ipv6:::1]']) AS domain,
		   unnest(ARRAY['', '>']) AS suffix) AS written
WHERE canonical IS NOT NULL;

--
-- 6. Labels: usable in an index, by everybody, in parallel
--
SELECT p.proname, p.provolatile, p.proisstrict, p.proparallel, has_function_privilege('public', p.oid, 'EXECUTE') AS public
FROM pg_proc p
WHERE p.oid IN ('bounce.normalize_address(text)'::regprocedure, 'bounce.address_domain(text)'::regprocedure)
ORDER BY p.proname COLLATE "C";
