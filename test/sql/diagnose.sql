-- diagnose and provider_of: what a server's answer says, and how one knows
\set SHOW_CONTEXT never
SET search_path = public, bounce;

-- One row: what was concluded, and from what.
\x on
SELECT * FROM diagnose('452 4.2.2 The recipient''s inbox is out of storage space. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaTemp');
SELECT * FROM diagnose('550 5.1.1 <a@example.com>: User unknown');
-- Codes decide where no rule does ...
SELECT * FROM diagnose('550 5.4.310 xyz');
-- ... and nothing decides here.
SELECT * FROM diagnose('xyz');
SELECT * FROM diagnose('');
\x off
-- NULL gives a row of NULLs.
SELECT d IS NULL AS "null" FROM diagnose(NULL) AS d;

-- The row says the same as classify and extract_status.
SELECT count(*) FILTER (WHERE (d.class, d.status) IS DISTINCT FROM (classify(response), extract_status(response))) AS differ
FROM (VALUES ('550 5.1.1 User unknown'), ('450 4.2.0 Greylisted'), ('host mx said: 421 Too many connections'), ('xyz'), ('')) AS answer (response),
	diagnose(response) AS d;

-- The page that explains the answer, without the punctuation of the sentence.
SELECT (diagnose(response)).url, response FROM (VALUES
	('554 refused, see https://www.spamhaus.org/query/ip/192.0.2.1.'),
	('554 refused (see http://example.com/why?ip=192.0.2.1&x=1)'),
	('554 <HTTP://EXAMPLE.COM/x>; https://example.com/second'),
	('554 visit www.example.com/why, please'), ('554 see www.example.com'), ('554 https://'), ('554 https://.'), ('554 httpsx://example.com/'),
	('554 詳細はhttps://example.com/why。'), ('554 詳細はhttps://example.comをご覧ください'),
	-- half a name is another host, and so is what stands before "@"
	('554 see http://bücher.example/why'), ('554 see https:///why'), ('554 see https://www.example.com@example.net/, or http://example.com/why')) AS answer (response);

-- Who lists the sender, by name or by zone.
SELECT (diagnose(response)).blocklist, response FROM (VALUES
	('554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/sbl/query/SBL1'),
	('554 5.7.1 Client host [192.0.2.1] blocked using bl.spamcop.net'),
	('550 Your IP 192.0.2.1 is listed in bl.example.net.'),
	('550 5.7.1 blocked using b.barracudacentral.org'),
	('550 Rejected because 192.0.2.1 is in a black list at bl.example.org'),
	-- none of these is about a list
	('550 5.1.1 User unknown, blocked using sense'), ('550 5.1.1 spamhaus@example.com: User unknown')) AS answer (response);

-- When to come back.
SELECT (diagnose(response)).retry_after, response FROM (VALUES
	('450 4.7.1 Greylisted, please try again in 300 seconds'),
	('451 greylisted for 5 minutes'),
	('450 delayed, try again in 00:04:59'),
	('451 4.7.1 come back in 1 hour'),
	('450 wait 90s'), ('451 try again in five minutes'), ('451 try again in half an hour'), ('450 retry in 1 min 30 sec'), ('450 retry in 1 hour and 30 minutes'), ('450 wait 1 day, 2 hours'), ('451 try again in 2 hours and 30 minutes'), ('451 retry in 4 hours 15 minutes 10 seconds'), ('450 try again in 1,800 seconds'), ('450 wait 5 minutes, 3 messages are queued'), ('421 Retry-After: 120'),
	('451 Bitte in 5 Minuten erneut versuchen'), ('451 veuillez réessayer dans 5 minutes'), ('451 riprova tra 10 minuti'),
	('451 5分後に再送してください'), ('451 请在5分钟后重试'), ('451 повторите попытку через 10 минут'), ('451 попробуйте через 7 минут'),
	('421 try again later'),
	-- a time that is none to wait, or no time
	('450 more than 5 messages in 30 seconds; wait'), ('451 Greylisted. Retry after 2026-03-01 10:00:00'), ('Delivery delayed for 4 hours'),
	('550 message of 300 seconds'), ('450 try again, 5 messages'), ('450 wait 99999999999999 hours'), ('550 5.1.1 User unknown since 5 days')) AS answer (response);

-- Who answered: as the rule says, else by a host in the text, else by the address.
SELECT (diagnose(response)).provider, response FROM (VALUES
	('451 4.4.4 Temporary server error. Please try again later ATTR5'),
	('host gmail-smtp-in.l.google.com[142.250.0.26] said: 550 No such user'),
	('550 5.1.1 <a@web.de>: User unknown'), ('550 5.1.1 No such user d2si123.1 - gsmtp'),
	('550 5.1.1 <a@example.com>: User unknown')) AS answer (response);

-- What to do: every reason has one line.
SELECT reason, advice FROM (VALUES
	('550 5.1.1 User unknown'), ('452 4.2.2 Mailbox full'), ('550 5.7.1 DMARC check failed'), ('451 Greylisted'), ('xyz')) AS answer (response),
	diagnose(response) AS d, reason(d.class) AS reason;

-- provider_of takes a host, a domain or an address.
SELECT host, provider_of(host) FROM (VALUES
	('aspmx.l.google.com'), ('ASPMX.L.GOOGLE.COM.'), ('gmail.com'), ('a@gmail.com'), ('<a@gmail.com>'), (' gmail.com '),
	-- as logs have it
	('aspmx.l.google.com[192.0.2.1]:25'), ('aspmx.l.google.com (192.0.2.1)'), ('aspmx.l.google.com:25'), ('[gmail.com]:587'), ('10 gmail.com.'),
	('example-com.mail.protection.outlook.com'), ('mx-aol.mail.gm0.yahoodns.net'),
	-- a suffix begins at a label
	('notgmail.com'), ('gmail.com.example'), ('com'), (''), ('.'), ('@'), (repeat('a.', 1000) || 'gmail.com')) AS asked (host)
WHERE length(host) < 100 OR provider_of(host) IS NOT NULL;
SELECT provider_of(NULL) IS NULL AS null_in_null_out;
