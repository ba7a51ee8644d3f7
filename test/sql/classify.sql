-- classify and extract_status: what a server's answer says about an address
\set SHOW_CONTEXT never
SET search_path = public, bounce;

-- An answer has a severity and a reason.
SELECT classify('550 5.1.1 <a@example.com>: Recipient address rejected: User unknown in virtual mailbox table');
SELECT classify('452 4.2.2 The recipient''s inbox is out of storage space.');
SELECT classify('554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org');
-- It is never an error, and always an answer.
SELECT classify(''), classify('hello'), classify('   '), classify(E'\r\n\x01\x02');
SELECT classify(NULL) IS NULL AS null_in_null_out;

-- A code alone says what the registries say of it: replies (RFC 5321 and others) ...
SELECT class, string_agg(code::text, ' ' ORDER BY code) AS replies
FROM (SELECT code, classify(code::text) AS class FROM generate_series(200, 599) AS code
	WHERE describe(code::smtp_status) IS NOT NULL AND code / 100 <> 3) AS codes
GROUP BY class ORDER BY class;
-- (what no registry has is temporary or permanent, and no more)
SELECT code / 100 AS first_digit, classify(code::text) AS class, count(*)
FROM generate_series(400, 599) AS code WHERE describe(code::smtp_status) IS NULL
GROUP BY 1, 2 ORDER BY 1, 2;
-- ... and enhanced codes (RFC 3463, RFC 5248, some of Exchange Online's), permanent
SELECT class, string_agg(code, ' ' ORDER BY subject, detail) AS permanent
FROM (SELECT subject, detail, code, classify(code) AS class
	FROM generate_series(0, 7) AS subject, generate_series(0, 31) AS detail, format('5.%s.%s', subject, detail) AS code
	WHERE describe(code::smtp_status) IS NOT NULL) AS codes
GROUP BY class ORDER BY class;
-- ... and temporary: what is hard above is soft here.
SELECT class, string_agg(code, ' ' ORDER BY subject, detail) AS temporary
FROM (SELECT subject, detail, code, classify(code) AS class
	FROM generate_series(0, 7) AS subject, generate_series(0, 31) AS detail, format('4.%s.%s', subject, detail) AS code
	WHERE describe(code::smtp_status) IS NOT NULL) AS codes
GROUP BY class ORDER BY class;
-- A success is one, whatever it says.
SELECT classify('250 2.0.0 Ok: queued as 12345'), classify('250 2.1.5 user unknown, but who cares');

-- What people who run mail servers say of these answers.
SELECT classify(response), response FROM (VALUES
	('452 4.2.2 The recipient''s inbox is out of storage space. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaTemp'),
	('Host or domain name not found. Name service error for name=XXX type=MX: Host not found, try again'),
	('451 4.4.4 Mail received as unauthenticated, incoming to a recipient domain configured in a hosted tenant which has no mail-enabled subscriptions. ATTR5'),
	('451 4.2.0 Throttled - https://postmaster.comcast.net/smtp-error-codes.php#RL000010'),
	('451 too many errors from your ip (XXX.XXX.XXX.XXX), please visit http://postmaster.free.fr/'),
	('421 Max message per connection reached, closing transmission channel'),
	('421 4.7.32 Your email has been rate limited because the From: header (RFC5322) in this message isn''t aligned with either the authenticated SPF or DKIM organizational domain. To learn more about DMARC alignment, visit https://support.google.com/a?p=dmarc-alignment To learn more about Gmail requirements for bulk senders, visit https://support.google.com/a?p=sender-guidelines.'),
	('451 4.7.1 Greylisting in action, please come back later [CC]'),
	('User Unknown'),
	('Host Unknown'),
	('Mail Could Not Be Delivered'),
	('550-5.5.1'),
	('421 Service not available'),
	('450 Requested action not taken'),
	('451 Action aborted'),
	('530 Authentication required'),
	('550 Requested action not taken'),
	('551 User not local'),
	('552 Requested mail action aborted: exceeded storage allocation'),
	('553 Requested action not taken: mailbox name not allowed'),
	('554 Transaction failed')) AS seed (response);

-- Order of evidence: a provider's own code, then a phrase, then the enhanced code, then the reply code.
SELECT (diagnose(response)).basis, classify(response), response FROM (VALUES
	('550 5.7.1 user unknown https://support.google.com/mail/?p=OverQuotaTemp'),
	('550 5.7.1 user unknown'),
	('550 5.7.1 xyz'),
	('550 xyz'),
	('xyz')) AS evidence (response);
-- Vague words yield to a code that says why.
SELECT classify('550 5.1.1 Access denied'), classify('550 5.7.1 Access denied'), classify('550 5.2.2 Mailbox unavailable');
-- Of two phrases the more specific one wins, wherever it stands.
SELECT classify('550 Access denied: spam detected'), classify('550 spam detected: access denied');

-- A hard reason behind a temporary answer is soft: the message is still queued ...
SELECT classify('550 5.1.1 User unknown'), classify('450 4.1.1 User unknown'), classify('User unknown');
-- ... but an abandoned domain is abandoned.
SELECT classify('451 4.4.4 Temporary server error. Please try again later ATTR5');
-- What blocks the sender blocks in both.
SELECT classify('550 5.7.1 DMARC check failed'), classify('450 4.7.1 DMARC check failed');

-- An upstream provider's suppression list is no new bounce.
SELECT classify('550 5.1.1 Amazon SES did not send the message to this address because it is on the suppression list for your account'),
	classify('605 Not delivering to previously bounced address'),
	classify('254 4.7.1 Suppression for user to a@example.com');

-- Spelling makes no difference: one class a line.
SELECT text, classify(text) AS class, count(*) AS spellings, count(DISTINCT classify(spelling)) AS classes
FROM (VALUES
	('550 5.1.1 The email account that you tried to reach does not exist'),
	('452 4.2.2 Mailbox is over quota'),
	('550 5.7.1 Message rejected as spam')) AS answer (text),
	LATERAL (VALUES
		(text), (upper(text)), (lower(text)), (initcap(text)),
		(replace(text, ' ', '   ')),
		(replace(text, ' ', E'\t')),
		(replace(text, ' ', E'\r\n ')),
		-- a reply of several lines, folded or not
		(regexp_replace(replace(text, ' that', E'\r\n550-5.1.1 that'), '^(\d+) ', '\1-')),
		(replace(text, ' that', ' 550-5.1.1 that')),
		(text || '.'), ('"' || text || '"'), (text || E'\r\n'),
		('<html><body>' || replace(text, ' ', '&nbsp;') || '<br></body></html>'),
		-- quoted-printable, log escapes, full-width letters, underscores as qmail logs them
		(replace(text, ' ', '=20')), (replace(text, 'e', E'e=\r\n')),
		(replace(text, ' ', '\r\n')),
		(translate(text, 'abcdefghijklmnopqrstuvwxyz', 'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ')),
		(translate(text, '0123456789.', '０１２３４５６７８９．')),
		(replace(text, ' ', '_')),
		(text || ' [' || repeat('x', 5000) || ']'), (repeat('x', 5000) || ' ' || text)) AS variant (spelling)
GROUP BY text;

-- Accents may be there, missing, or broken.
SELECT classify(response), response FROM (VALUES
	('Contenu indésirable'), ('contenu indesirable'), ('CONTENU INDÉSIRABLE'), ('Contenu ind&eacute;sirable'), ('Contenu ind&#233;sirable'),
	('Contenu ind=C3=A9sirable'), (E'Contenu inde\u0301sirable'), ('Contenu ind=E9sirable')) AS accent (response);

-- A word may be parted at the end of a line, though the next one repeats the code; an article is no part of its noun.
SELECT classify(response), response FROM (VALUES
	(E'550-Recipient address re-\r\n550-jected: mail-\r\n550 box is full'), (E'550-5.1.1 User un-\n550 5.1.1 known'),
	('L''utilisateur est inconnu'), ('L’adresse n’existe pas'), ('La casella dell''utente è piena')) AS parted (response);

-- The innermost server's answer counts, a relay's wrapper does not.
SELECT extract_status(response) AS status, classify(response), response FROM (VALUES
	('host mx.example.com[192.0.2.1] said: 550 5.1.1 <a@example.com>: User unknown (in reply to RCPT TO command)'),
	('host mx.example.com[192.0.2.1] refused to talk to me: 421 4.7.0 Too many connections'),
	('smtp; 550 5.2.2 Mailbox full'),
	('554 5.7.1 Relayed, but remote server said: 550 5.2.2 Mailbox full'),
	('550 5.1.1 Failed, id=02022-02, from MTA([127.0.0.1]:10025): 552 5.2.2 <a@example.com>: Mailbox full'),
	('550 Remote Server returned ''550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'''),
	('SMTP error from remote mail server after RCPT TO:<a@example.com>: host mx.example.com [192.0.2.1]: 550 No such user'),
	('delivery 7: failure: 192.0.2.1_does_not_like_recipient./Remote_host_said:_550_5.1.1_User_unknown/Giving_up_on_192.0.2.1./'),
	('dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.1] said: 550 5.1.1 <a@example.com>: User unknown)'),
	('550 554 5.7.1 Relay access denied')) AS wrapped (response);
-- What a server goes on to say after its answer is a consequence.
SELECT extract_status('550 5.1.1 <a@example.com>... User unknown 503 5.0.0 Need RCPT (recipient)'),
	classify('550 5.1.1 <a@example.com>... User unknown 503 5.0.0 Need RCPT (recipient)');

-- A status in many shapes.
SELECT extract_status(response) AS status, response FROM (VALUES
	('550'), ('5.1.1'), ('550 5.1.1'), ('550-5.1.1 text'), ('550 - 5.1.1'), ('550 (#5.1.1)'), ('550 #5.1.1'), ('#5.1.1'), ('[5.1.1]'),
	('sorry, no mailbox here by that name. (#5.1.1)'), ('550 [5.7.1] no'), ('550:5.1.1'), ('Status: 5.1.1'), ('code=550'),
	('Diagnostic-Code: smtp; 550 5.4.310 DNS domain does not exist'), ('a@example.com 550 5.1.1'), ('550/5.1.1'), ('SMTP::550 5.1.1'), ('Error::550'),
	-- blanks, dashes and colons that are not ASCII, and none at all
	(E'550\u00A05.1.1\u00A0User unknown'), ('550–5.1.1 no'), ('550　5.1.1'), ('450：用户不存在'), ('550用户不存在'), ('[550] no'), ('550 5.2.121 too much')) AS shape (response);
-- Of two codes that disagree the temporary one: the evidence is contradictory, and proves nothing permanent.
SELECT extract_status('550 4.4.7 QUEUE.Expired; message expired'), extract_status('450 5.7.1 Service unavailable');
-- Numbers that are no status.
SELECT extract_status(response) AS status, response FROM (VALUES
	('connect to 192.0.2.250[5.1.1.1]:465: failed'), ('Exim 4.96.2 says no'), ('version 5.1.1'), ('5.1.1.1'), ('5.1.1-7'),
	('on 2024-05-21 at 5:50:21'), ('message of 550 bytes'), ('more than 450 recipients'), ('in 450 seconds'), ('limit of 500'), ('本文は500文字以内'),
	('id=550-5.1.1x'), ('call 1-800-555-2368'), ('call (550) 555-2368'), ('call 550-555-2368 or 555-2368'), ('client [2001:db8::550] is not welcome'), ('2001:db8::c0:550'), ('fe80:abc:550::1'),
	('see RFC 5321 section 4.5.1'), ('5500'), ('x550'), ('550x'), ('$550'), ('550%'), ('550,000'), ('OFR_506 [506]'),
	('size=550'), ('message 550 of 1000'), ('sent 2.1.5 MB'), ('postfix/smtp[455]: no'), ('<450@example.com>'), ('600'), ('199'), ('299'), ('3.1.1'), ('5.9.1'), ('5.1'), ('5.1.1000')) AS number (response);
SELECT extract_status(NULL) IS NULL AS null_in_null_out, extract_status('') IS NULL AS nothing;

-- A status known beside the text completes it ...
SELECT classify('5.1.1', 'nothing'), classify('550', '5.2.2 xyz'), classify('5.1.1', '550 5.0.0 xyz'), classify('550 5.1.1', NULL);
-- ... and does not stand against what the text says itself.
SELECT classify('5.0.0', '550 5.2.2 xyz'), classify('450', '550 5.1.1 xyz'), classify(NULL, 'user unknown'), classify(NULL, NULL) IS NULL AS "null";

-- Languages in which servers answer; no code helps here.
SELECT classify(response), response FROM (VALUES
	('Utilisateur inconnu'), ('La boîte du destinataire est pleine'), ('Ce compte est désactivé'), ('Message refusé car considéré comme spam'),
	('Benutzer unbekannt'), ('Das Postfach des Empfängers ist voll'), ('Das Postfach des Empfaengers ist voll'), ('Benutzerkonto gesperrt'),
	('El usuario no existe'), ('El buzón del destinatario está lleno'), ('Su dirección IP está bloqueada'),
	('Utente inesistente'), ('La casella di posta è piena'), ('Usuário não encontrado'), ('A caixa postal do destinatário está cheia'),
	('Gebruiker bestaat niet'), ('De mailbox van de ontvanger is vol'),
	('指定されたユーザーは存在しません'), ('メールボックスの容量を超えています'), ('该邮箱不存在'), ('收件人邮箱已满'), ('查無此收件人'),
	('Такого пользователя не существует'), ('ПОЧТОВЫЙ ЯЩИК ПЕРЕПОЛНЕН'), ('Ваш IP-адрес в чёрном списке'), ('Ваш IP-адрес в черном списке')) AS language (response);

-- Very long answers are read in linear time: the first 48 kB and the last 16 kB.
SELECT classify(repeat('x ', 1000000)), classify('user unknown ' || repeat('x ', 1000000)), classify(repeat('x ', 1000000) || ' user unknown'),
	classify(repeat('x ', 500000) || ' user unknown ' || repeat('x ', 500000));

-- In which reasons an answer can end: in all of them.
SELECT string_agg(reason, ' ' ORDER BY reason) AS unreachable FROM reasons()
WHERE reason NOT IN (SELECT reason(classify(response)) FROM (VALUES
	('250 ok'), ('550 user unknown'), ('501 5.1.3 Bad recipient address syntax'), ('551 5.1.6 User has moved to b@example.net'),
	('550 5.2.1 The email account that you tried to reach is disabled'), ('550 5.7.17 Mailbox owner has changed'), ('550 No such domain'),
	('556 5.1.10 Domain example.com does not accept mail (nullMX)'), ('550 5.7.18 Domain owner has changed'), ('551 User not local'),
	('552 5.2.2 Mailbox full'), ('450 4.2.1 The user you are trying to contact is receiving mail too quickly'),
	('550 5.7.1 You are not allowed to post to this mailing list'), ('452 4.3.1 Insufficient system storage'), ('451 4.2.0 Throttled'),
	('421 Too many concurrent SMTP connections'), ('421 too many messages in this connection'), ('452 4.5.3 Error: too many recipients'),
	('451 4.7.1 Greylisting in action'), ('450 4.4.312 DNS query failed'), ('421 4.4.2 Connection dropped'),
	('554 5.4.6 Too many hops'), ('554 4.4.7 Message expired'), ('Warning: could not send message for past 4 hours'),
	('451 4.3.0 Error: queue file write error'), ('Command died with status 1: "/usr/bin/filter"'), ('450 4.7.1 Try again later'),
	('Mail could not be delivered'), ('530 5.7.0 Must issue a STARTTLS command first'), ('502 5.5.1 Error: command not implemented'),
	('552 5.3.4 Message size exceeds fixed limit'), ('504 5.5.2 <host>: Helo command rejected: need fully-qualified hostname'),
	('554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.example.net'),
	('554 5.7.1 Service unavailable; Sender address [a@example.com] blocked using dbl.spamhaus.org'),
	('421 4.7.0 due to the very low reputation of the sending domain'), ('550 5.7.1 We do not accept mail from your country'),
	('554 5.7.1 <host[192.0.2.1]>: Client host rejected: Access denied'), ('550 5.7.1 Message contains a URL listed at multi.surbl.org'),
	('550 spam detected'), ('550 This message contains a virus'), ('552 5.7.0 Please visit the page to review our attachment guidelines'),
	('550 5.7.1 Error: message content rejected'), ('550 5.7.1 This message is not RFC 5322 compliant'), ('550 5.7.1 denied by policy'),
	('550 5.7.23 SPF validation failed'), ('550 5.7.20 No passing DKIM signature found'), ('550 5.7.1 rejected per DMARC policy'),
	('550 5.7.29 ARC validation failed'), ('550 5.7.26 Multiple authentication checks failed'), ('450 4.7.25 Client host rejected: cannot find your hostname'),
	('530 Authentication required'), ('554 5.7.1 Relay access denied'), ('550 5.1.0 Sender address rejected'),
	('450 4.1.8 Sender address rejected: Domain not found'), ('605 Not delivering to previously bounced address'),
	('delivery cancelled by administrator'), ('?'),
	-- what people and reports say, where a log or a digest quotes it
	('Feedback-Type: abuse'), ('Feedback-Type: fraud'), ('Feedback-Type: virus'), ('Feedback-Type: opt-out'), ('Feedback-Type: other'),
	('Feedback-Type: not-spam'), ('Feedback-Type: auth-failure'), ('Please remove me from this list'), ('Please subscribe me'),
	('I am out of office until Monday'), ('Please confirm that you are human')) AS example (response));
