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

dropdb --if-exists "$PGDATABASE" 2>/dev/null
createdb "$PGDATABASE"
run -v rows="$rows" -v leases="$leases" -v percent="$percent" -f guard.sql

# milliseconds QUEUE MAILS: of the INSERT; what it left behind is cleared away
milliseconds() {
	run -c 'BEGIN' -c '\timing on' -c "INSERT INTO bench.$1 (email, topic, template) SELECT email, 'news', 'spring' FROM bench.$2" \
		-c '\timing off' -c 'ROLLBACK' -c "TRUNCATE bench.$1" -c 'VACUUM bounce.delivery_event_default, bounce.suppression' |
		sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
}

# median EXPRESSION: over the rounds
median() { awk "{ print $1 }" "$work/rounds" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

for ((round = 1; round <= rounds; round++)); do
	echo "$(milliseconds bare campaign) $(milliseconds skip campaign) $(milliseconds mark campaign)" \
		"$(milliseconds bare receipts) $(milliseconds skip receipts)"
done >"$work/rounds"

printf 'Guard: INSERT ... SELECT of %s rows, %s %% of the people suppressed, %s leases (medians of %s)\n' "$rows" "$percent" "$leases" "$rounds"
printf '  %-44s %10.0f ms\n' 'campaign, no guard' "$(median '$1')" 'campaign, guard skips' "$(median '$2')" 'campaign, guard marks' "$(median '$3')"
printf '  %-44s %10.2f x  (aim: at most 1.5)\n' 'skips : no guard, time' "$(median '$2 / $1')" 'marks : no guard, time' "$(median '$3 / $1')"
printf '  %-44s %10.0f ms\n' 'receipts, no guard' "$(median '$4')" 'receipts, guard skips' "$(median '$5')"
printf '  %-44s %10.2f x  (aim: at most 1.5)\n' 'skips : no guard, time' "$(median '$5 / $4')"
