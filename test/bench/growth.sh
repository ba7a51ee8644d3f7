#!/usr/bin/env bash
# growth.sh - what the same work costs as suppressions and events become more
#
# usage: test/throwaway test/bench/growth.sh        (make bench runs it)
#
# SIZES are the numbers of suppressions, growing (default "300000 1000000 3000000"); there are
# twice as many events.  At each size: asking about one address, telling, climbing, sweeping
# and maintaining of the same amount, and bytes.  Figures go to GROWTH_OUT.tsv and GROWTH_OUT.svg
# (build/growth).  50 million take some 40 GB of disk and, on two cores, half an hour.
#
# PARTS says what is measured (default: bytes asking telling sweeping maintaining vacuum). Without
# telling and maintaining no events are made, which takes a fifth of the disk.
#
# What is there before is written past the triggers (state.sql), and its index made at once; all
# that is measured goes through them.  BENCH_SAY=yes says how far it is.
set -euo pipefail
cd "$(dirname "$0")"

parts=${PARTS:-bytes asking telling sweeping maintaining vacuum}
sizes=${SIZES:-300000 1000000 3000000} seconds=${BENCH_SECONDS:-2} rounds=${BENCH_ROUNDS:-3}
out=${GROWTH_OUT:-../../build/growth}
mkdir -p "$(dirname "$out")"
work=$(mktemp -d)
export PGDATABASE=bounce_growth_bench PGOPTIONS='-c client_min_messages=warning -c work_mem=256MB'
trap 'rm -rf "$work"; dropdb --if-exists "$PGDATABASE"' EXIT
run() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }
. ./timing
say() { [ -z "${BENCH_SAY:-}" ] || echo "$(date +%T) $*" >&2; }

# figure WHAT SERIES UNIT VALUE: a line, with the numbers of suppressions and events
figure() {
	local events=0
	! with_log || events=$((2 * size))
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$size" "$events" "$4" >>"$out.tsv"
}

# Is the log measured?
with_log() { [[ $parts == *telling* || $parts == *maintaining* ]]; }
events() { if with_log; then echo true; else echo false; fi; }

make_log() {
	dropdb --if-exists "$PGDATABASE" 2>/dev/null
	createdb "$PGDATABASE"
	run -c 'CREATE EXTENSION bounce_ext' \
		-c "SELECT count(*) FROM generate_series(0, 12) AS m, bounce.maintain(date_trunc('month', now()) - interval '1 month' * (12 - m))" >/dev/null
	run -v first=1 -v last=0 -v leased=true -v order=n -v log=false -f state.sql	# for its functions
}

# grow FIRST LAST: people of these numbers are suppressed; as many mails are accepted
grow() {
	local mails=(-v first="$1" -v last="$2" -f growth.sql) loader loaders=()
	run -c 'ALTER TABLE bounce.suppression DROP CONSTRAINT suppression_pkey'
	run -v first="$1" -v last="$2" -v leased=true -v order=address -v log="$(events)" -f state.sql &
	loaders+=($!)
	if with_log; then
		run -v from=1 -v to=6 "${mails[@]}" &
		loaders+=($!)
		run -v from=7 -v to=12 "${mails[@]}" &
		loaders+=($!)
	fi
	for loader in "${loaders[@]}"; do wait "$loader"; done
	run -c "SET maintenance_work_mem = '1GB'" -c 'ALTER TABLE bounce.suppression ADD PRIMARY KEY (address, topic, cause)'
}

# Half of those asked about are suppressed, half were never heard of.
addresses() {
	run -c "SELECT bench.address(CASE n % 2 WHEN 0 THEN $size ELSE 0 END + $1) FROM generate_series(1, 100000) AS n" >"$2"
}

measure_asking() {
	local ours='SELECT bounce.is_suppressed($1)' hand='SELECT EXISTS (SELECT 1 FROM bounce.suppression WHERE address = $1 AND expires_at > now())'
	addresses "1 + floor(exp(ln($size) * bench.share(n, 23)))::bigint * 7919 % $size" "$work/skewed"
	addresses "1 + floor($size * bench.share(n, 23))::bigint" "$work/uniform"
	for kind in skewed uniform; do
		mapfile -t times < <("$work/lookup" "$seconds" "$work/$kind" "$ours" "$hand")
		figure asking "is_suppressed, $kind" µs "${times[0]}"
		figure asking "EXISTS by hand, $kind" µs "${times[1]}"
	done
}

measure_bytes() {
	run -c "SELECT pg_relation_size('bounce.suppression') / $size.0, pg_indexes_size('bounce.suppression') / $size.0, avg(octet_length(address))
		FROM bounce.suppression TABLESAMPLE SYSTEM (1)" | tr '|' ' ' >"$work/bytes"
	read -r heap index address <"$work/bytes"
	figure bytes 'table' B "$heap"
	figure bytes 'with indexes' B "$(awk "BEGIN { print $heap + $index }")"
	figure bytes 'of that, address' B "$address"
}

# Bounced people, others each round, anywhere among the others.
people() { echo "SELECT bench.address(1 + (n * 7919 + $round * 104729)::bigint % $size) AS address, n FROM generate_series(1, $1) AS n"; }

measure_telling() {
	for ((round = 1; round <= rounds; round++)); do
		milliseconds "INSERT INTO bounce.delivery_event (recipient, occurred_at, response)
			SELECT address, now(), CASE WHEN n % 20 = 0 THEN '550 5.1.1 User unknown' ELSE '250 2.0.0 Ok: queued as 4F1C22A09B' END
			FROM ($(people 20000)) AS p"
	done >"$work/telling"
	for ((round = 1; round <= rounds; round++)); do
		milliseconds "INSERT INTO bounce.delivery_event (recipient, occurred_at, class) SELECT address, now(), 'admin:suppressed' FROM ($(people 5000)) AS p"
	done >"$work/climbing"
	figure work '20000 events told' ms "$(median <"$work/telling")"
	figure work '5000 attempts climb' ms "$(median <"$work/climbing")"
}

# Leases that are over, among the others.
measure_sweeping() {
	for ((round = 1; round <= rounds; round++)); do
		run -c "SET session_replication_role = replica" -c "INSERT INTO bounce.suppression (address, cause, class, step, occurrences, due, starts_at, expires_at)
			SELECT 'over' || address, 'lease', 'hard:user_unknown', 1, 1, date_trunc('hour', now() - interval '1 day'),
				now() - interval '2 days', now() - interval '1 day' FROM ($(people 5000)) AS p"
		milliseconds "SELECT bounce.sweep()"
	done >"$work/sweeping"
	milliseconds "SELECT bounce.sweep()" >"$work/nothing"
	figure work '5000 leases swept' ms "$(median <"$work/sweeping")"
	figure work 'nothing to sweep' ms "$(median <"$work/nothing")"
}

# Events of three years ago come, get a partition, and go with it.
measure_maintaining() {
	for ((round = 1; round <= rounds; round++)); do
		run -c "INSERT INTO bounce.delivery_event (recipient, occurred_at, class)
			SELECT 'old' || address, now() - interval '3 years', 'hard:user_unknown' FROM ($(people 5000)) AS p"
		milliseconds "SELECT count(*) FROM bounce.maintain()" >>"$work/make"
		milliseconds "SELECT count(*) FROM bounce.maintain()" >>"$work/idle"
		run -c "INSERT INTO bounce.setting VALUES ('retention', '2 years')"
		milliseconds "SELECT count(*) FROM bounce.maintain()" >>"$work/drop"
		run -c "DELETE FROM bounce.setting WHERE name = 'retention'"
	done
	figure work 'maintain: makes a partition, 5000 events' ms "$(median <"$work/make")"
	figure work 'maintain: drops it' ms "$(median <"$work/drop")"
	figure work 'maintain: nothing to do' ms "$(median <"$work/idle")"
	rm "$work"/{make,idle,drop}
}

measure_vacuum() {
	run -c "SELECT pg_stat_force_next_flush()" -c "SELECT pg_sleep(0.1)" >/dev/null
	figure vacuum 'climbs that were HOT' % "$(run -c "SELECT round(100.0 * n_tup_hot_upd / nullif(n_tup_upd, 0), 1)
		FROM pg_stat_user_tables WHERE relid = 'bounce.suppression'::regclass")"
	figure vacuum 'dead rows left' rows "$(run -c "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = 'bounce.suppression'::regclass")"
	figure vacuum 'VACUUM of suppression' ms "$(milliseconds 'VACUUM bounce.suppression')"
}

cc -O2 -D_GNU_SOURCE -I"$("$PG_CONFIG" --includedir)" -o "$work/lookup" lookup.c -L"$("$PG_CONFIG" --libdir)" -lpq
: >"$out.tsv"
make_log
before=0
for size in $sizes; do
	say "making $size suppressions"
	grow $((before + 1)) "$size"
	run -c 'VACUUM (ANALYZE) bounce.suppression' -c 'ANALYZE bounce.delivery_event' -c 'CHECKPOINT' -c 'SELECT pg_stat_reset()' >/dev/null
	for part in $parts; do
		say "$part at $size"
		"measure_$part"
	done
	before=$size
done
bash ./growth_chart "$out.tsv" >"$out.svg"

awk -F '\t' -v out="${out#../../}" '
	{ key = $1 SUBSEP $2; if (!(key in unit)) { order[++n] = key; unit[key] = $3; first[key] = $6 } value[key, $4] = last[key] = $6 }
	!($4 in seen) { seen[$4] = 1; size[++sizes] = $4 }
	END {
		printf "Growth (medians; %s.tsv, %s.svg)\n  %-44s", out, out, "suppressions"
		for (i = 1; i <= sizes; i++) printf " %10d", size[i]
		print "   last : first"
		for (i = 1; i <= n; i++) {
			split(order[i], part, SUBSEP)
			printf "  %-44s", part[2] ", " unit[order[i]]
			for (j = 1; j <= sizes; j++) printf " %10.*f", unit[order[i]] == "rows" ? 0 : 1, value[order[i], size[j]]
			if (first[order[i]] + 0) printf "   %6.2f x", last[order[i]] / first[order[i]]
			print ""
		}
		print "  (aims: asking at most 1.5 x from 1 to 50 million, 120 bytes with the index, work that does not grow)"
	}' "$out.tsv"
