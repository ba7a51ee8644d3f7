#!/usr/bin/env bash
# guard.sh - INSERT ... SELECT into a send queue, guarded and not
#
# usage: test/throwaway test/bench/guard.sh        (make bench runs it)
#
# BENCH_ROWS mails (default 300000) to as many people, BENCH_PERCENT (3) of whom are suppressed
# among BENCH_LEASES leases (150000).  A campaign writes to everybody once; receipts go to some
# people often.  Rounds (BENCH_ROUNDS, 5) are interleaved, each in a transaction that is rolled
# back; medians are printed, and as ratio the median of the ratios of each round.
set -euo pipefail
cd "$(dirname "$0")"

rows=${BENCH_ROWS:-300000} leases=${BENCH_LEASES:-150000} percent=${BENCH_PERCENT:-3} rounds=${BENCH_ROUNDS:-5}
work=$(mktemp -d)
export PGDATABASE=bounce_guard_bench
trap 'rm -rf "$work"; dropdb --if-exists "$PGDATABASE"' EXIT
run() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }
. ./timing

dropdb --if-exists "$PGDATABASE" 2>/dev/null
createdb "$PGDATABASE"
run -v rows="$rows" -v leases="$leases" -v percent="$percent" -f guard.sql

# queue_time QUEUE MAILS: of the INSERT; what it left behind is cleared away
queue_time() {
	milliseconds "INSERT INTO bench.$1 (email, topic, template) SELECT email, 'news', 'spring' FROM bench.$2" \
		'BEGIN' 'ROLLBACK' "TRUNCATE bench.$1" 'VACUUM bounce.delivery_event_default, bounce.suppression'
}

# over EXPRESSION: the median over the rounds
over() { awk "{ print $1 }" "$work/rounds" | median; }

for ((round = 1; round <= rounds; round++)); do
	echo "$(queue_time bare campaign) $(queue_time skip campaign) $(queue_time mark campaign)" \
		"$(queue_time bare receipts) $(queue_time skip receipts)"
done >"$work/rounds"

printf 'Guard: INSERT ... SELECT of %s rows, %s %% of the people suppressed, %s leases (medians of %s)\n' "$rows" "$percent" "$leases" "$rounds"
printf '  %-44s %10.0f ms\n' 'campaign, no guard' "$(over '$1')" 'campaign, guard skips' "$(over '$2')" 'campaign, guard marks' "$(over '$3')"
printf '  %-44s %10.2f x  (aim: at most 1.5)\n' 'skips : no guard, time' "$(over '$2 / $1')" 'marks : no guard, time' "$(over '$3 / $1')"
printf '  %-44s %10.0f ms\n' 'receipts, no guard' "$(over '$4')" 'receipts, guard skips' "$(over '$5')"
printf '  %-44s %10.2f x  (aim: at most 1.5)\n' 'skips : no guard, time' "$(over '$5 / $4')"
