#!/usr/bin/env bash
# classify.sh - answers classified in a second, in the core and through SQL
#
# usage: test/throwaway test/bench/classify.sh [FILE ...]        (make bench runs it)
#
# The answers are the first columns of the files (default: the examples of the rules,
# as a relay wraps them, so that the mean is some 190 bytes).
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

answers=$BOUNCE_TMP/answers.tsv
if [ $# -gt 0 ]; then
	cut -f1 "$@" | grep -v '^response$' >"$answers"
else
	grep -v '^#' "$root/src/core/rules.tsv" | cut -f8- | tr '\t' '\n' |
		awk 'NR % 3 == 0 {printf "<user%d@example.com>: host mx%d.example.net[192.0.2.%d] said: %s (in reply to %s command)\n", NR, NR % 5, NR % 250, $0, NR % 2 ? "RCPT TO" : "end of DATA"; next}
			NR % 3 == 1 {printf "Mar 12 10:%02d:%02d mx postfix/smtp[%d]: %X: to=<user%d@example.com>, relay=mx.example.net[192.0.2.%d]:25, delay=%.1f, dsn=%s, status=%s (%s)\n", NR % 60, NR % 59, NR + 1000, NR * 7919, NR, NR % 250, NR % 90 / 10, $0 ~ /^4/ ? "4.0.0" : "5.0.0", $0 ~ /^4/ ? "deferred" : "bounced", $0; next}
			{print}' >"$answers"
fi

make -s -C "$root" build/classify_core
"$root/build/classify_core" "$answers"

psql -X -q -v ON_ERROR_STOP=1 -c "CREATE EXTENSION IF NOT EXISTS bounce_ext" -c "CREATE TABLE answer (response text)" -c "\\copy answer FROM '$answers' (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')" \
	-c "CREATE TABLE t AS SELECT response FROM answer, generate_series(1, 1000000 / (SELECT count(*) FROM answer) + 1) LIMIT 1000000" \
	-c "VACUUM ANALYZE t" -c "SET max_parallel_workers_per_gather = 0"
psql -X -q -At -c "SET max_parallel_workers_per_gather = 0" -c '\timing on' \
	-c "SELECT count(*) FROM t WHERE bounce.severity(bounce.classify(response)) = 'hard'" \
	-c "SELECT count(*) FROM t WHERE length(response) = 0" \
	-c "SELECT count(*) FROM t WHERE bounce.severity(bounce.classify(response)) = 'hard'" |
	awk '/^Time/ {ms[++n] = $2} END {
		best = ms[1] < ms[3] ? ms[1] : ms[3]
		printf "SQL: %.0f answers/s (%.0f ns each; the scan itself takes %.0f ns)\n", 1e9 / best, best, ms[2]}'
psql -X -q -c "DROP TABLE answer, t"
