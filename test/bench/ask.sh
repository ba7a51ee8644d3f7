#!/usr/bin/env bash
# ask.sh - asking, beside the SQL that a careful person writes by hand
#
# usage: test/throwaway test/bench/ask.sh        (make bench runs it)
#
# BENCH_SIZES says how many contacts and leases (default 2000000:500000, several one after
# the other: "200000:50000 2000000:500000"), at domains skewed as in real lists, in a
# database of its own; half as many preferences as contacts.  Ours and the others are run
# in turn, BENCH_ROUNDS times (5); medians are printed, and as ratio the median of the
# ratios of each round.
#
# Point: prepared statements in pipelined batches of 100, one connection, turns of a tenth
# of a second for BENCH_SECONDS (3) each, in time that went by and in computing time; half
# of the addresses asked are suppressed.  Bulk: one process unless workers are named.
# BENCH_CLOCK=cpu counts computing time for the bulk of one process.
set -euo pipefail
cd "$(dirname "$0")"

sizes=${BENCH_SIZES:-2000000:500000} rounds=${BENCH_ROUNDS:-5} seconds=${BENCH_SECONDS:-3}
work=$(mktemp -d)
export PGDATABASE=bounce_ask_bench
trap 'rm -rf "$work"; dropdb --if-exists "$PGDATABASE"' EXIT
run() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }
. ./timing

# make_tables CONTACTS LEASES
make_tables() {
	dropdb --if-exists "$PGDATABASE" 2>/dev/null
	createdb "$PGDATABASE"
	run -c 'CREATE EXTENSION bounce_ext'
	run -v contacts="$1" -v leases="$2" -f ask.sql
}

# --- by one address ---------------------------------------------------------

point_ours='SELECT bounce.is_suppressed($1)'
point_hand='SELECT EXISTS (SELECT 1 FROM bounce.suppression WHERE address = $1 AND expires_at > now())'
point_bare='SELECT length($1)'

# point CLOCK TITLE
point() {
	local times
	mapfile -t times < <(BENCH_CLOCK=$1 "$work/lookup" "$seconds" "$work/addresses" "$point_ours" "$point_hand" "$point_bare")
	awk -v title="$2" -v ours="${times[0]}" -v hand="${times[1]}" -v bare="${times[2]}" 'BEGIN {
		printf "  %-38s %8.2f %10.2f %8.2f us %6.2f x the speed\n", title, ours, hand, bare, hand / ours }'
}

ask_points() {
	cc -O2 -D_GNU_SOURCE -I"$("$PG_CONFIG" --includedir)" -o "$work/lookup" lookup.c -L"$("$PG_CONFIG" --libdir)" -lpq
	run -At -c "SELECT address FROM (
		(SELECT address FROM bounce.suppression WHERE expires_at > now() ORDER BY md5(address) LIMIT 50) UNION ALL
		(SELECT email FROM contact WHERE NOT bounce.is_suppressed(email) ORDER BY md5(email) LIMIT 50)) AS asked" >"$work/addresses"
	heading 'point, one address'
	point elapsed 'is_suppressed($1) : EXISTS'
	point cpu 'the same, computing'
}

# --- in bulk ----------------------------------------------------------------

# Those who may be mailed, by hand: of a list, of a topic without and with a need for a yes.
no_lease="NOT EXISTS (SELECT 1 FROM bounce.suppression s WHERE s.address = c.email AND s.expires_at > now())"
no_lease_of() { echo "NOT EXISTS (SELECT 1 FROM bounce.suppression s WHERE s.address = c.email AND s.topic IN ('', '$1') AND s.expires_at > now())"; }
no_no_to() { echo "NOT EXISTS (SELECT 1 FROM bounce.preference p WHERE p.address = c.email AND p.topic IN ($1)
	AND (p.state = 'unsubscribed' OR p.state = 'snoozed' AND p.until > now()))"; }
no_digest="NOT EXISTS (SELECT 1 FROM bounce.digest_suppression d
	WHERE d.digest = 'sha256:' || encode(sha256(convert_to(c.email, 'UTF8')), 'hex') AND d.expires_at > now())"
members="(SELECT address AS email FROM bounce.preference WHERE topic = 'club' AND state = 'subscribed')"

count_where() { echo "SELECT count(*) FROM ${2:-contact} c WHERE $1"; }

heading() { printf '  %-38s %8s %10s %8s\n' "$1" ours 'by hand' bare; }

# They must agree.
check_answers() {
	[ "$(run -Atc "$1")" = "$(run -Atc "$2")" ] || {
		echo "ask.sh: the two ways of asking disagree: $1" >&2
		exit 1
	}
}

# bulk TITLE OURS BY_HAND [BARE [SETTINGS]]: one line
bulk() {
	local settings="SET max_parallel_workers_per_gather = 0; SET jit = off; ${5:-}" round
	check_answers "$2" "$3"
	rm -f "$work/rounds"
	for ((round = 1; round <= rounds; round++)); do
		echo "$(milliseconds "$2" "$settings")" "$(milliseconds "$3" "$settings")" \
			"$([ -z "${4:-}" ] || milliseconds "$4" "$settings")" >>"$work/rounds"
	done
	awk -v title="$1" -v ours="$(over '$1')" -v hand="$(over '$2')" -v bare="$(over '$3')" \
		-v by_hand="$(over '$1 / $2')" -v by_bare="$([ -z "${4:-}" ] || over '$1 / $3')" 'BEGIN {
		printf "  %-38s %8.0f %10.0f %8s ms %6.2f x", title, ours, hand, bare == "" ? "" : sprintf("%.0f", bare), by_hand
		if (by_bare != "") printf ", %.2f x bare", by_bare
		printf "\n" }'
}
# over EXPRESSION: the median over the rounds
over() { awk "{ print $1 }" "$work/rounds" | median; }

ask_bulk() {
	local ours hand bare workers
	ours=$(count_where 'NOT bounce.is_suppressed(c.email)')
	hand=$(count_where "$no_lease")
	bare=$(count_where 'length(c.email) > 0')
	heading 'bulk, who may be mailed'
	bulk 'NOT is_suppressed : NOT EXISTS' "$ours" "$hand" "$bare"
	bulk 'the same, work_mem 4 MB' "$ours" "$hand" "$bare" 'SET work_mem = "4MB"'
	for workers in 1 2; do
		BENCH_CLOCK=elapsed bulk "the same, with $workers parallel worker$([ "$workers" = 1 ] || echo s)" "$ours" "$hand" "$bare" "SET max_parallel_workers_per_gather = $workers"
	done
}

ask_topics() {
	run -v preferences="$1" -f ask_topics.sql
	heading "with $1 preferences"
	bulk 'NOT is_suppressed(email, news)' "$(count_where "NOT bounce.is_suppressed(c.email, 'news')")" \
		"$(count_where "$(no_lease_of news) AND $(no_no_to "'', 'news'")")"
	bulk 'a topic that needs a yes' "$(count_where "NOT bounce.is_suppressed(c.email, 'club')")" \
		"$(count_where "$(no_lease_of club) AND $(no_no_to "''") AND EXISTS (SELECT FROM $members m WHERE m.email = c.email)")"
	bulk 'audience(club) : its join by hand' "SELECT count(*) FROM bounce.audience('club')" \
		"$(count_where "$(no_lease_of club) AND $(no_no_to "''")" "$members")"
	run -c 'TRUNCATE bounce.preference'
}

# Of the keyed ones nothing can be written by hand: they are compared with none at all.
ask_digests() {
	local some="id <= 500000"
	local ours
	ours=$(count_where "NOT bounce.is_suppressed(c.email) AND $some")
	run -c "INSERT INTO bounce.digest_suppression (digest, cause) SELECT 'sha256:' || encode(sha256(n::text::bytea), 'hex'), 'import' FROM generate_series(1, 1000) AS n"
	heading '1000 digests, 500000 contacts'
	bulk 'sha256' "$ours" "$(count_where "$no_lease AND $no_digest AND $some")"
	run -c "INSERT INTO bounce.secret_key (purpose, number) VALUES ('digest', 1)" \
		-c "UPDATE bounce.digest_suppression SET digest = 'hmac-' || digest"
	bulk 'hmac-sha256 : none by hand' "$ours" "$(count_where "$no_lease AND $some")"
}

for size in $sizes; do
	make_tables "${size%:*}" "${size#*:}"
	printf 'Asking: %s contacts, %s leases (medians of %s, work_mem %s)\n' "${size%:*}" "${size#*:}" "$rounds" "$(run -Atc 'SHOW work_mem')"
	ask_points
	ask_bulk
	ask_topics $((${size%:*} / 2))
	ask_digests
done
