#!/bin/sh
# Three simulated exchanges with 120 ports and five weeks of history, watched by the real program.  `make demo` runs it.
# Everything listens on 127.0.0.1 only; Ctrl-C ends it.  DEMO_PORT= another port for the pages (default 8080, or one that
# is free); DEMO_SECONDS= ends it after so many seconds.
# shellcheck disable=SC2086 # $story is several words
set -eu

build=${BUILD:-build}
dir=$build/demo
epoch=$(date -u +%Y-%m-%dT00:00:00Z)	# the day the simulated story is told on
# Whatever the time is, there is somewhere a peer's busy evening: one peer's viewers live where it is evening now.
story="--epoch $epoch --far-evening $(date -u +%H:%M)"

rm -rf "$dir"
mkdir -p "$dir/history"

sim_pid= run_pid=
end() {
	trap '' INT TERM EXIT
	for pid in $run_pid $sim_pid; do
		kill "$pid" 2>/dev/null || true
	done
	[ -z "$run_pid" ] || wait "$run_pid" 2>/dev/null || true
	[ -z "$sim_pid" ] || wait "$sim_pid" 2>/dev/null || true
}
trap end EXIT
trap 'exit 0' INT TERM

# Waits until FILE holds PATTERN, or the process PID is gone.
await() { # FILE PATTERN PID
	tries=0
	until grep -q "$2" "$1" 2>/dev/null; do
		tries=$((tries + 1))
		if [ $tries -gt 300 ] || ! kill -0 "$3" 2>/dev/null; then
			echo "demo: \"$2\" did not come; $1 says:" >&2
			cat "$1" >&2
			exit 1
		fi
		sleep 0.1
	done
}

echo "Starting three simulated exchanges ..."
"$build/ixwatch-sim" run $story --udp-port 0 >"$dir/sim.log" 2>&1 &
sim_pid=$!
await "$dir/sim.log" 'ready udp-port=' "$sim_pid"
udp_port=$(sed -n 's/.*ready udp-port=\([0-9]*\).*/\1/p' "$dir/sim.log")

# The page's port: the one asked for, 8080, or any that is free.
web_port=${DEMO_PORT:-8080}
if [ -z "${DEMO_PORT:-}" ] && curl -s -o /dev/null --max-time 1 "http://127.0.0.1:$web_port/"; then
	web_port=0
fi

"$build/ixwatch-sim" config $story --udp-port "$udp_port" --state-dir state --interval 2s \
	--listen "127.0.0.1:$web_port" >"$dir/ixwatch.conf"

# What would be mailed is written into a folder.
cat >>"$dir/ixwatch.conf" <<END

mail { spool = "mail"   from = "ixwatch@example.net" }
alert { to = { "noc@example.net" }   window = "30s" }	# the shorter to wait for
report { name = "Demo Carrier"   person = "Kim Example"   mail = "peering@example.net"   phone = "+49 69 5678" }
peer "64500" { name = "ExampleNet"   report-to = { "peering@examplenet.example" } }
peer "64503" { report-to = { "noc@cinder.example" } }
peer "65541" { report-to = { "peering@ambergate.example" } }
peer "65546" { name = "Underhill Storage"   report-to = { "net@underhill.example" } }
END

echo "Asking their switches which ports there are ..."
"$build/ixwatch" collect --once -c "$dir/ixwatch.conf" 2>"$dir/once.log" || { cat "$dir/once.log" >&2; exit 1; }

echo "Writing five weeks of history and judging them ..."
"$build/ixwatch-sim" history $story --all --dir "$dir/history" --from now-35d --to now --step 300
"$build/ixwatch" backfill --all "$dir/history" -c "$dir/ixwatch.conf" >"$dir/backfill.log"

"$build/ixwatch" run -c "$dir/ixwatch.conf" >"$dir/run.log" 2>&1 &
run_pid=$!
await "$dir/run.log" 'event=listening' "$run_pid"
address=$(sed -n 's/.*event=listening address=\([^ ]*\).*/\1/p' "$dir/run.log" | tail -n 1)

# Two reads make a rate: the address is told when there is something to see.
tries=0
until curl -s --max-time 2 "http://$address/api/v1/status" | grep -q '"clear":[1-9][0-9]'; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || break
	sleep 0.2
done

cat <<END

  ixwatch is running:   http://$address/

  120 ports at three exchanges, asked every 2 seconds (archives are shortened: an hour of 2 s samples,
  60 days of 5 minutes). Configuration: $dir/ixwatch.conf   Log: $dir/run.log
  What would be mailed: $dir/mail
  The last week's letters, in half a minute: $build/ixwatch report -c $dir/ixwatch.conf

  Your own router next:   $build/ixwatch discover ADDRESS
  Ctrl-C ends it.

END
if [ -n "${DEMO_SECONDS:-}" ]; then
	sleep "$DEMO_SECONDS" &	# in the background, so that a signal need not wait for it
	wait $!
else
	wait "$run_pid"
fi
