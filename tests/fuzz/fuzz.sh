#!/bin/sh
# Runs the named fuzzers for FUZZ_SEC seconds each, a processor each, from the corpus of the tree, and says what came of it.
# New inputs go to $BUILD/fuzz/corpus; what breaks something is kept beside it, and to be run again: $BUILD/fuzz/NAME FILE.
set -u

run() {
	name=$1
	seeds=tests/fuzz/corpus/${name#fuzz_}
	found=$BUILD/fuzz/corpus/${name#fuzz_}
	log=$BUILD/fuzz/$name.log
	mkdir -p "$found"
	if "$BUILD/fuzz/$name" -max_total_time="${FUZZ_SEC:-60}" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
		-print_final_stats=1 -artifact_prefix="$BUILD/fuzz/$name-" "$found" "$seeds" >"$log" 2>&1; then
		outcome="nothing found"
	else
		outcome="a finding: $log"
		failed=1
		tail -40 "$log"
	fi
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	cover=$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' "$log" | tail -1)
	echo "$name: ${runs:-0} runs in ${FUZZ_SEC:-60} s, ${cover:-0} edges covered; $outcome"
	return "${failed:-0}"
}

if [ "${1:-}" = --one ]; then
	run "$2"
	exit
fi
printf '%s\n' "$@" | xargs -n 1 -P "$(nproc)" sh "$0" --one
