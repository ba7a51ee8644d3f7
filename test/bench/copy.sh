#!/usr/bin/env bash
# copy.sh - COPY of a delivery log, with the extension and without
#
# usage: test/throwaway test/bench/copy.sh        (make bench runs it)
#
# The log: BENCH_EVENTS events (default 1000000), 5 % of them failing, 1 % sent
# twice, recipients and domains skewed as in real mail.  Compared: COPY into
# bounce.delivery_event with everything maintained; into a bare table of the same
# columns and indexes; and into a table with the same logic as PL/pgSQL row triggers,
# once with a table of regular expressions, once with bounce.classify().  Those two
# load only the beginning of the log, and so do we beside them.  Rounds are
# interleaved; medians are printed.
#
# Then: two and four loaders at once, a share of the log each; and the private
# memory of the backend while it loads.  BENCH_LARGE=10000000 also loads so many
# events in one COPY.
set -euo pipefail
cd "$(dirname "$0")"

events=${BENCH_EVENTS:-1000000}
rounds=${BENCH_ROUNDS:-3}
large=${BENCH_LARGE:-0}
columns='recipient, response, class, occurred_at, message_id'
tmp=$BOUNCE_TMP/copy
rm -rf "$tmp"
mkdir -p "$tmp"

run() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }

# make_log EVENTS: all of it, its beginnings, and its shares; what is told twice is in one share
make_log() {
	run -v events="$1" -f copy_setup.sql >/dev/null
	run -c "\\copy (SELECT $columns FROM bench.log ORDER BY n) TO '$tmp/log'"
	head -n $(($1 / 10)) "$tmp/log" >"$tmp/tenth"
	head -n $(($1 / 50)) "$tmp/log" >"$tmp/fiftieth"
	for loaders in 2 4; do
		awk -F'\t' -v share="$tmp/share$loaders." -v n=$loaders \
			'{ print > (share index("0123456789abcdef", substr($NF, 1, 1)) % n) }' "$tmp/log"
	done
	run -c 'TRUNCATE bench.log'
}

# load TABLE FILE: one COPY; prints its milliseconds
load() { run -c '\timing on' -c "\\copy $1 ($columns) FROM '$2'" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'; }

# timed NAME TABLE FILE [FILL]: notes the milliseconds of a load into empty tables
timed() {
	run -c "CALL bench.prepare('${4:-}')" -c CHECKPOINT
	load "$2" "$3" >>"$tmp/time.$1"
}

# timed_together LOADERS: several sessions at once
timed_together() {
	local start file
	run -c "CALL bench.prepare('')" -c CHECKPOINT
	start=$(date +%s%N)
	for file in "$tmp/share$1".*; do
		load bounce.delivery_event "$file" >/dev/null &
	done
	wait
	echo $((($(date +%s%N) - start) / 1000000)) >>"$tmp/time.together$1"
}

# private_memory FILE: the most that the backend has of its own while it loads, in MB
private_memory() {
	local loader pid now most=0
	run -c "CALL bench.prepare('')" -c CHECKPOINT
	PGAPPNAME=copy_memory load bounce.delivery_event "$1" >/dev/null &
	loader=$!
	while kill -0 $loader 2>/dev/null; do
		pid=$(psql -X -At -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'copy_memory'")
		for ((i = 0; i < 10; i++)); do
			now=$(awk '/^RssAnon/ {print $2}' "/proc/${pid:-none}/status" 2>/dev/null || true)
			[ "${now:-0}" -le "$most" ] || most=$now
			sleep 0.1
		done
	done
	wait $loader
	echo $((most / 1024))
}

median() { sort -n "$tmp/time.$1" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
lines() { wc -l <"$tmp/$1"; }

make_log "$events"
for ((round = 1; round <= rounds; round++)); do
	timed bare bench.bare "$tmp/log"
	timed ours bounce.delivery_event "$tmp/log"
	timed ours_tenth bounce.delivery_event "$tmp/tenth"
	timed classify bench.hand_log "$tmp/tenth" classify
	timed ours_fiftieth bounce.delivery_event "$tmp/fiftieth"
	timed patterns bench.hand_log "$tmp/fiftieth" patterns
	timed_together 2
	timed_together 4
done
memory=$(private_memory "$tmp/log")

awk -v n="$(lines log)" -v tenth="$(lines tenth)" -v fiftieth="$(lines fiftieth)" -v bare="$(median bare)" -v ours="$(median ours)" \
	-v ours_tenth="$(median ours_tenth)" -v classify="$(median classify)" -v ours_fiftieth="$(median ours_fiftieth)" \
	-v patterns="$(median patterns)" -v two="$(median together2)" -v four="$(median together4)" -v memory="$memory" 'BEGIN {
	speed = "  %-52s %9.0f events/s\n"; ratio = "  %-52s %9.2f x  (aim: %s)\n"
	printf "COPY of %d events, 5 %% failing, 1 %% twice (medians)\n", n
	printf speed, "bare table, same columns and indexes", n / bare * 1000
	printf speed, "bounce.delivery_event, everything maintained", n / ours * 1000
	printf ratio, "ours : bare, time", ours / bare, "at most 3, better 2"
	printf speed, "two loaders at once", n / two * 1000
	printf speed, "four loaders at once", n / four * 1000
	printf "  %-52s %9d MB\n", "private memory of the backend, at most", memory
	printf "The first %d\n", tenth
	printf speed, "PL/pgSQL row triggers that call bounce.classify()", tenth / classify * 1000
	printf speed, "bounce.delivery_event", tenth / ours_tenth * 1000
	printf ratio, "ours : PL/pgSQL with bounce.classify(), speed", classify / ours_tenth, "none"
	printf "The first %d\n", fiftieth
	printf speed, "PL/pgSQL row triggers with a table of patterns", fiftieth / patterns * 1000
	printf speed, "bounce.delivery_event", fiftieth / ours_fiftieth * 1000
	printf ratio, "ours : PL/pgSQL with patterns, speed", patterns / ours_fiftieth, "at least 10"
}'

if [ "$large" -gt 0 ]; then
	make_log "$large"
	printf '%d events in one COPY\n  %-52s %9d MB  (aim: under 200)\n' "$(lines log)" \
		"private memory of the backend, at most" "$(private_memory "$tmp/log")"
fi
rm -r "$tmp"
