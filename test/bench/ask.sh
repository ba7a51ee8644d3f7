#!/usr/bin/env bash
# ask.sh - asking, beside the SQL that a careful person writes by hand
#
# usage: test/throwaway test/bench/ask.sh        (make bench runs it)
#
# BENCH_SIZES says how many contacts and leases (default 200000:50000, several one after
# the other: "200000:50000 2000000:500000"), at domains skewed as in real lists, in a
# database of its own.  Every statement runs
# BENCH_ROUNDS times (5), ours and the others in turn; medians are printed, and as
# ratio the median of the ratios of each round.
#
# Point: prepared statements in pipelined batches of 100, one connection, BENCH_SECONDS
# (2) each; half of the addresses asked are suppressed.  Bulk: one process, with the
# server's work_mem and with little of it.
set -euo pipefail
cd "$(dirname "$0")"

sizes=${BENCH_SIZES:-200000:50000} rounds=${BENCH_ROUNDS:-5} seconds=${BENCH_SECONDS:-2}
work=$(mktemp -d)
export PGDATABASE=bounce_ask_bench
trap 'rm -rf "$work"; dropdb --if-exists "$PGDATABASE"' EXIT
run() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }

# make_tables CONTACTS LEASES
make_tables() {
	dropdb --if-exists "$PGDATABASE" 2>/dev/null
	createdb "$PGDATABASE"
	run -c 'CREATE EXTENSION bounce_ext'
	run -v contacts="$1" -v leases="$2" -f ask.sql
}

declare -A point=(
	[ours]='SELECT bounce.is_suppressed(ADDRESS)'
	[hand]='SELECT EXISTS (SELECT 1 FROM bounce.suppression WHERE address = ADDRESS AND expires_at > now())'
	[bare]='SELECT length(ADDRESS)'
)
declare -A bulk=(
	[ours]='SELECT count(*) FROM contact c WHERE NOT bounce.is_suppressed(c.email)'
	[hand]='SELECT count(*) FROM contact c WHERE NOT EXISTS
		(SELECT 1 FROM bounce.suppression s WHERE s.address = c.email AND s.expires_at > now())'
	[bare]='SELECT count(*) FROM contact c WHERE length(c.email) > 0'
)


# The two ways of asking must agree.
check_answers() {
	[ "$(run -Atc "${bulk[ours]}")" = "$(run -Atc "${bulk[hand]}")" ] || {
		echo 'ask.sh: the two ways of asking disagree' >&2
		exit 1
	}
}

# The addresses are parameters of the prepared statements: pgbench variables a0, a1 ...
make_point_scripts() {
	local i what
	mapfile -t addresses < <(run -At -c "
		(SELECT address FROM bounce.suppression WHERE expires_at > now() ORDER BY md5(address) LIMIT 50) UNION ALL
		(SELECT email FROM contact c WHERE NOT bounce.is_suppressed(email) ORDER BY md5(email) LIMIT 50)")
	variables=()
	for i in "${!addresses[@]}"; do variables+=(-D "a$i=${addresses[i]}"); done
	for what in "${!point[@]}"; do
		{
			echo '\startpipeline'
			for i in "${!addresses[@]}"; do printf '%s;\n' "${point[$what]//ADDRESS/:a$i}"; done
			echo '\endpipeline'
		} >"$work/$what.pgbench"
	done
}

microseconds_point() {
	pgbench -n -M prepared -T "$seconds" "${variables[@]}" -f "$work/$1.pgbench" 2>/dev/null |
		awk -v n="${#addresses[@]}" '/^tps/ { print 1e6 / ($3 * n) }'
}
# milliseconds_bulk WHAT [WORK_MEM]
milliseconds_bulk() {
	run -At -c 'SET max_parallel_workers_per_gather = 0' -c 'SET jit = off' ${2:+-c "SET work_mem = '$2'"} \
		-c '\timing on' -c "${bulk[$1]}" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
}

# median FILE EXPRESSION
median() { awk "{ print $2 }" "$1" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# One line a round: ours, by hand, bare; bulk also ours and by hand with little memory.
measure() {
	local round
	rm -f "$work/point" "$work/bulk"
	for ((round = 1; round <= rounds; round++)); do
		echo "$(microseconds_point ours) $(microseconds_point hand) $(microseconds_point bare)" >>"$work/point"
		echo "$(milliseconds_bulk ours) $(milliseconds_bulk hand) $(milliseconds_bulk bare)" \
			"$(milliseconds_bulk ours 4MB) $(milliseconds_bulk hand 4MB)" >>"$work/bulk"
	done
}

# print_figures CONTACTS LEASES
print_figures() {
	printf 'Asking: %s contacts, %s leases (medians of %s, work_mem %s)\n' "$1" "$2" "$rounds" "$(run -Atc 'SHOW work_mem')"
	printf '  %-44s %10.0f /s\n' 'point: is_suppressed($1)' "$(median "$work/point" '1e6 / $1')" \
		'point: EXISTS (SELECT ... expires_at > now())' "$(median "$work/point" '1e6 / $2')" \
		'point: length($1)' "$(median "$work/point" '1e6 / $3')"
	printf '  %-44s %10.2f x\n' 'ours : by hand, speed' "$(median "$work/point" '$2 / $1')"
	printf '  %-44s %10.1f ms\n' 'bulk: WHERE NOT is_suppressed(email)' "$(median "$work/bulk" '$1')" \
		'bulk: NOT EXISTS, hash anti join' "$(median "$work/bulk" '$2')" \
		'bulk: WHERE length(email) > 0' "$(median "$work/bulk" '$3')"
	printf '  %-44s %10.2f x\n' 'ours : by hand, time' "$(median "$work/bulk" '$1 / $2')" \
		'ours : bare, time' "$(median "$work/bulk" '$1 / $3')"
	printf '  %-44s %10.1f ms\n' 'bulk, work_mem 4MB: is_suppressed' "$(median "$work/bulk" '$4')" \
		'bulk, work_mem 4MB: NOT EXISTS' "$(median "$work/bulk" '$5')"
	printf '  %-44s %10.2f x\n' 'ours : by hand, time' "$(median "$work/bulk" '$4 / $5')"
}

for size in $sizes; do
	make_tables "${size%:*}" "${size#*:}"
	check_answers
	make_point_scripts
	measure
	print_figures "${size%:*}" "${size#*:}"
done
