#!/usr/bin/env bash
# copy.sh - COPY of a delivery log, with the extension and into a bare table
#
# usage: test/throwaway test/bench/copy.sh        (make bench runs it)
#
# The log: BENCH_EVENTS events (default 200000), 5 % of them failing, 1 % sent
# twice, recipients and domains skewed as in real mail.  Compared: COPY into
# bounce.delivery_event with everything maintained; into a bare table of the same
# columns, partition and index; and into a bare table with the same logic written
# as PL/pgSQL row triggers.  Rounds are interleaved; medians are printed.
set -euo pipefail
cd "$(dirname "$0")"

events=${BENCH_EVENTS:-200000}
rounds=${BENCH_ROUNDS:-3}
slow_events=$((events / 10))

psql -X -q -v ON_ERROR_STOP=1 -v events="$events" -f copy_setup.sql
psql -X -q -c "\\copy (SELECT recipient, response, occurred_at, message_id FROM bench.log ORDER BY n) TO '$BOUNCE_TMP/log.tsv'"
head -n "$slow_events" "$BOUNCE_TMP/log.tsv" >"$BOUNCE_TMP/slow.tsv"

# milliseconds TABLE FILE: of one COPY, on an empty table
milliseconds() {
	psql -X -q -c "SELECT bench.empty('$1')" >/dev/null
	psql -X -q -c '\timing on' -c "\\copy $1 (recipient, response, occurred_at, message_id) FROM '$2'" |
		sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
}
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

for ((round = 1; round <= rounds; round++)); do
	milliseconds bench.bare "$BOUNCE_TMP/log.tsv" >>"$BOUNCE_TMP/bare"
	milliseconds bounce.delivery_event "$BOUNCE_TMP/log.tsv" >>"$BOUNCE_TMP/ours"
	milliseconds bench.plpgsql_event "$BOUNCE_TMP/slow.tsv" >>"$BOUNCE_TMP/plpgsql"
done

awk -v events="$events" -v slow="$slow_events" \
	-v bare="$(median <"$BOUNCE_TMP/bare")" -v ours="$(median <"$BOUNCE_TMP/ours")" \
	-v plpgsql="$(median <"$BOUNCE_TMP/plpgsql")" 'BEGIN {
	printf "COPY of %d events, 5 %% failing, 1 %% twice (medians)\n", events
	printf "  %-44s %10.0f events/s\n", "bare table, same columns and key", events / bare * 1000
	printf "  %-44s %10.0f events/s\n", "bounce.delivery_event, all maintained", events / ours * 1000
	printf "  %-44s %10.0f events/s  (%d events)\n", "PL/pgSQL row triggers", slow / plpgsql * 1000, slow
	printf "  %-44s %10.2f x  (aim: at most 3)\n", "ours : bare, time", ours / bare
	printf "  %-44s %10.2f x  (aim: at least 10)\n", "ours : PL/pgSQL, speed", (plpgsql / slow) / (ours / events)
}'
