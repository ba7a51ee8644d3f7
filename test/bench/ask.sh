#!/usr/bin/env bash
# ask.sh - how fast is asking, beside the SQL that a careful person writes by hand
#
# usage: test/throwaway test/bench/ask.sh
#
# Variables, with their defaults:
#   CONTACTS=200000 LEASES=50000   size
#   ROUNDS=5                       each statement runs so often, in turn; medians are printed
#   POINT_SECONDS=3                each round of point queries
# Point queries are prepared and sent in batches of 100; bulk ones run in one process.
set -euo pipefail
cd "$(dirname "$0")"

contacts=${CONTACTS:-200000} leases=${LEASES:-50000} rounds=${ROUNDS:-5} seconds=${POINT_SECONDS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"; psql -Xqc "DROP SCHEMA IF EXISTS ask_bench CASCADE; DELETE FROM bounce.suppression" >/dev/null 2>&1 || true' EXIT
run() { psql -Xqv ON_ERROR_STOP=1 "$@"; }
median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

run -c 'SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS bounce_ext'
run -v contacts="$contacts" -v leases="$leases" -f ask.sql

# ---- point: half of the addresses asked are suppressed

mapfile -t addresses < <(run -Atc "
	(SELECT address FROM bounce.suppression ORDER BY md5(address) LIMIT 50) UNION ALL
	(SELECT email FROM ask_bench.contact ORDER BY md5(email) LIMIT 50)")
variables=()
for i in "${!addresses[@]}"; do variables+=(-D "a$i=${addresses[i]}"); done

batch() {
	echo '\startpipeline'
	for i in "${!addresses[@]}"; do printf '%s;\n' "${1//ADDRESS/:a$i}"; done
	echo '\endpipeline'
}
batch 'SELECT bounce.is_suppressed(ADDRESS)' >"$work/point_ours.sql"
batch 'SELECT EXISTS (SELECT 1 FROM bounce.suppression WHERE address = ADDRESS AND expires_at > now())' >"$work/point_hand.sql"
batch 'SELECT length(ADDRESS)' >"$work/point_bare.sql"

for ((round = 0; round < rounds; round++)); do
	for what in ours hand bare; do
		pgbench -n -M prepared -T "$seconds" "${variables[@]}" -f "$work/point_$what.sql" 2>/dev/null |
			awk -v n="${#addresses[@]}" '/^tps/ { print $3 * n }' >>"$work/point_$what"
	done
done

# ---- bulk

cat >"$work/bulk.sql" <<'SQL'
SET max_parallel_workers_per_gather = 0;
SET jit = off;
\timing on
SELECT count(*) AS ours FROM ask_bench.contact c WHERE NOT bounce.is_suppressed(c.email);
SELECT count(*) AS hand FROM ask_bench.contact c WHERE NOT EXISTS (SELECT 1 FROM bounce.suppression s WHERE s.address = c.email AND s.expires_at > now());
SELECT count(*) AS bare FROM ask_bench.contact c WHERE length(c.email) > 0;
SQL
for ((round = 0; round < rounds; round++)); do
	run -At -f "$work/bulk.sql" | awk -v dir="$work" '
		/^Time/ { print $2 >> (dir "/bulk_" name[++n]) }
		BEGIN { split("ours hand bare", name) }'
done
[ "$(run -Atc 'SELECT count(*) FROM ask_bench.contact c WHERE NOT bounce.is_suppressed(c.email)')" = \
	"$(run -Atc 'SELECT count(*) FROM ask_bench.contact c WHERE NOT EXISTS (SELECT 1 FROM bounce.suppression s WHERE s.address = c.email AND s.expires_at > now())')" ] ||
	{ echo 'the two ways disagree' >&2; exit 1; }

for what in ours hand bare; do
	declare "point_$what=$(median <"$work/point_$what")" "bulk_$what=$(median <"$work/bulk_$what")"
done

printf 'asking: %s contacts, %s suppressions, medians of %s rounds\n' "$contacts" "$leases" "$rounds"
printf '  point, prepared, batches of 100   is_suppressed($1)       %9.0f/s\n' "$point_ours"
printf '                                    EXISTS (SELECT ...)     %9.0f/s   ours / hand %s\n' "$point_hand" "$(ratio "$point_ours" "$point_hand")"
printf '                                    length($1)              %9.0f/s   ours / bare %s\n' "$point_bare" "$(ratio "$point_ours" "$point_bare")"
printf '  bulk, one process                 NOT is_suppressed(email) %8.1f ms\n' "$bulk_ours"
printf '                                    NOT EXISTS, anti join    %8.1f ms   ours / hand %s\n' "$bulk_hand" "$(ratio "$bulk_ours" "$bulk_hand")"
printf '                                    bare scan                %8.1f ms   ours / bare %s\n' "$bulk_bare" "$(ratio "$bulk_ours" "$bulk_bare")"
