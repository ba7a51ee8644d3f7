\echo :bold'3. One address climbs the ladder':plain
\echo
\echo 'A bounce begins a lease; every send attempt during it climbs one step. All times are parameters.'
\echo

CREATE TEMP TABLE deed (number integer, at timestamptz, what text, answer text, step smallint, until timestamptz);

/* Hours after the bounce, and what is done then. */
SELECT 'ladder@demo.example' AS address, date_trunc('hour', now()) - interval '1080 hours' AS start,
	coalesce((SELECT response FROM bounce.delivery_event
		WHERE source = 'log' AND bounce.severity(class) = 'hard' AND length(response) <= 38 AND response !~ '"'
		ORDER BY bounce.reason(class) = 'user_unknown' DESC, response ~* 'user|mailbox' DESC, length(response) DESC, response LIMIT 1),
		'550 5.1.1 User unknown') AS answer
\gset
CREATE TEMP TABLE plan (number integer GENERATED ALWAYS AS IDENTITY, hours integer, deed text, call text);
INSERT INTO plan (hours, deed, call) VALUES
	(0, format('bounce: %s', :'answer'), 'bounce.record_event(%L, :response, occurred_at => %L)'),
	(20, 'attempt', 'bounce.record_attempt(%L, at => %L)'),
	(60, 'attempt', 'bounce.record_attempt(%L, at => %L)'),
	(150, 'attempt', 'bounce.record_attempt(%L, at => %L)'),
	(300, 'attempt', 'bounce.record_attempt(%L, at => %L)'),
	(620, 'attempt', 'bounce.record_attempt(%L, at => %L)'),
	(955, 'asked, an hour before the end', 'bounce.is_suppressed(%L, at => %L)'),
	(956, 'asked, at the very end', 'bounce.is_suppressed(%L, at => %L)'),
	(960, 'attempt', 'bounce.record_attempt(%L, at => %L)'),
	(961, format('bounce: %s', :'answer'), 'bounce.record_event(%L, :response, occurred_at => %L)');

/* Each deed is a statement of its own, and so is looking at what it left behind. */
SELECT format('INSERT INTO deed SELECT %s, %L, %L, ' || replace(call, ':response', quote_literal(:'answer')),
		number, at, deed, :'address', at),
	format('UPDATE deed SET step = s.step, until = s.expires_at FROM bounce.suppression AS s '
		'WHERE deed.number = %s AND s.address = %L AND s.cause = ''lease'' AND deed.at < s.expires_at', number, :'address')
FROM (SELECT *, :'start'::timestamptz + hours * interval '1 hour' AS at FROM plan) AS timed
ORDER BY number
\gexec

SELECT to_char(floor(hours / 24), '999') || to_char(mod(hours, 24), ' 00') || ':00' AS " day  time", rpad(what, 46) AS "what happens                                  ",
	rpad(answer, 22) AS "answer                ", step,
	coalesce(to_char(extract(epoch FROM until - at) / 3600, '999') || ' h more', '') AS "suppressed "
FROM (SELECT *, extract(epoch FROM at - :'start'::timestamptz) / 3600 AS hours FROM deed) AS timed
ORDER BY number;
