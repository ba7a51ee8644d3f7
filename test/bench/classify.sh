#!/usr/bin/env bash
# classify.sh - answers classified in a second, in the core and through SQL
#
# usage: test/throwaway test/bench/classify.sh [FILE ...]        (make bench BENCH=classify)
#
# The answers are the first columns of the files (default: the examples of the rules,
# each another one, as relays quote and log them: some 190 bytes each).  All is computing
# time of one process, so what else the machine does counts little.
# ROWS: rows of the table; TURNS: how often each query runs, by turns.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
rows=${ROWS:-1000000} turns=${TURNS:-3}

answers=$BOUNCE_TMP/answers.tsv
if [ $# -gt 0 ]; then
	cut -f1 "$@" | grep -v '^response$' >"$answers"
else
	grep -v '^#' "$root/src/core/rules.tsv" | cut -f8- | tr '\t' '\n' | grep . |
		awk '{what = NR % 2 ? "RCPT TO" : "end of DATA"; at = NR % 250}
			NR % 4 == 0 {printf "<user%d@example.com>: host mx%d.example.net[192.0.2.%d] said: %s (in reply to %s command)\n", NR, NR % 5, at, $0, what}
			NR % 4 == 1 {printf "Mar 12 10:%02d:%02d mx postfix/smtp[%d]: %X: to=<user%d@example.com>, relay=mx.example.net[192.0.2.%d]:25, delay=%.1f, dsn=%s, status=%s (%s)\n", NR % 60, NR % 59, NR + 1000, NR * 7919, NR, at, NR % 90 / 10, $0 ~ /^4/ ? "4.0.0" : "5.0.0", $0 ~ /^4/ ? "deferred" : "bounced", $0}
			NR % 4 == 2 {printf "SMTP error from remote mail server after %s:<user%d@example.com>: host mail%d.example.org [198.51.100.%d]: %s\n", what, NR, NR % 7, at, $0}
			NR % 4 == 3 {printf "Final-Recipient: rfc822; user%d@example.com; Action: %s; Status: %s; Remote-MTA: dns; mx%d.example.net; Diagnostic-Code: smtp; %s\n", NR, $0 ~ /^4/ ? "delayed" : "failed", $0 ~ /^4/ ? "4.0.0" : "5.0.0", NR % 9, $0}' >"$answers"
fi

make -s -C "$root" build/classify_core
echo "core: $("$root/build/classify_core" "$answers")"

psql -X -q -v ON_ERROR_STOP=1 -c "CREATE EXTENSION IF NOT EXISTS bounce_ext" -c "CREATE TABLE answer (response text)" \
	-c "\\copy answer FROM '$answers' (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')" \
	-c "CREATE TABLE t AS SELECT response FROM answer, generate_series(1, $rows / (SELECT count(*) FROM answer) + 1) LIMIT $rows" \
	-c "VACUUM ANALYZE t"
trap 'psql -X -q -c "DROP TABLE answer, t"' EXIT

# computed CONDITION: seconds of computing for a count of the rows that satisfy it
computed() {
	psql -X -q -At -v ON_ERROR_STOP=1 -c "SET max_parallel_workers_per_gather = 0; SET client_min_messages = log; SET log_executor_stats = on" \
		-c "SELECT count(*) FROM t WHERE $1" 2>&1 | awk '/ s user, .* elapsed/ {print $2 + $5}'
}

# What one writes without a classifier: a few phrases, one answer.
phrases="(user unknown|unknown user|no such user|does not exist|mailbox unavailable|invalid recipient|no mailbox here|account disabled|user not found|recipient rejected)"
for ((turn = 0; turn < turns; turn++)); do
	echo "classify $(computed "bounce.severity(bounce.classify(response)) = 'hard'")"
	echo "regex $(computed "response ~* '$phrases'")"
	echo "scan $(computed "octet_length(response) = 0")"
done | sort -k1,1 -k2,2n | awk -v rows="$rows" -v turns="$turns" '
	{seconds[$1, ++n[$1]] = $2}
	function median(what) {return seconds[what, int((turns + 1) / 2)]}
	END {
		ours = median("classify")
		printf "SQL: %.0f answers/s (%.0f ns each, of which the scan itself takes %.0f)\n", rows / ours, 1e9 * ours / rows, 1e9 * median("scan") / rows
		printf "one regular expression of ten phrases, which tells two classes apart: %.0f answers/s; ours is %.1f times as fast\n", rows / median("regex"), median("regex") / ours
	}'
