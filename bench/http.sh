#!/usr/bin/env bash
# bench/http.sh   What a request costs over HTTP, ours beside the peer's in the same run.
#
# The load generator is wrk (Debian package wrk). VEDETTE_PEER=http://127.0.0.1:PORT names a peer that
# serves the same API (tools/peer.sh starts one); without it only our figures are printed.
# SECONDS_EACH (10) is the length of one measurement; the best of ROUNDS (3) counts.
set -euo pipefail
cd "$(dirname "$0")/.."
each=${SECONDS_EACH:-10} rounds=${ROUNDS:-3}
pss() { awk '/^Pss:/{s+=$2} END{print int(s/1024)}' "/proc/$1/smaps_rollup" 2>/dev/null || echo 0; }
command -v wrk >/dev/null || { echo "bench/http.sh needs wrk: apt-get install wrk" >&2; exit 2; }
work=$(mktemp -d); server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$work"' EXIT

port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
.venv/bin/python bench/bodies.py "$work"
begun=$(date +%s%N)
VEDETTE__HTTP__LISTEN=127.0.0.1:$port VEDETTE__DATA=$work/data "${VEDETTE_BIN:-build/vedette}" serve >"$work/log" 2>&1 &
server=$!
until curl -sf "http://127.0.0.1:$port/readyz" >/dev/null; do sleep 0.01; kill -0 $server || { cat "$work/log"; exit 1; }; done
echo "ready in $((($(date +%s%N) - begun) / 1000000)) ms; PSS $(pss "$server") MB before the first Python block"

# measure URL BODY CLIENTS → "requests/s p50 p99" (ms), the best of the rounds
measure() {
  cat >"$work/post.lua" <<LUA
local f = io.open("$2", "rb"); wrk.body = f:read("*a"); f:close()
wrk.method = "POST"; wrk.headers["Content-Type"] = "application/json"
done = function(s, l, r)
  io.write(string.format("RESULT %.1f %.3f %.3f %d\n", s.requests / s.duration * 1e6, l:percentile(50) / 1000,
    l:percentile(99) / 1000, s.errors.status + s.errors.timeout + s.errors.connect + s.errors.read))
end
LUA
  for _ in $(seq "$rounds"); do
    wrk -t1 -c"$3" -d"$each"s --timeout 30s -s "$work/post.lua" "$1/workflows/run" | grep RESULT
  done | sort -k2 -n | tail -1 | cut -d' ' -f2-
}

printf '%-22s %8s %12s %10s %10s %8s %12s %8s\n' case clients ours/s p50_ms p99_ms errors peer/s ratio
for body in zero_steps boxes_and_labels dynamic_noop; do
  for clients in 1 8; do
    read -r rate p50 p99 errors < <(measure "http://127.0.0.1:$port" "$work/$body.json" $clients)
    peer=- ratio=-
    if [ -n "${VEDETTE_PEER:-}" ]; then
      read -r peer _ < <(measure "$VEDETTE_PEER" "$work/$body.json" $clients)
      ratio=$(awk "BEGIN{printf \"%.1f\", $rate / $peer}")
    fi
    printf '%-22s %8s %12s %10s %10s %8s %12s %8s\n' $body $clients "$rate" "$p50" "$p99" "$errors" "$peer" "$ratio"
  done
done
all=0
parent=$(pgrep -P "$server" -f vedette_worker || true)  # of the workers, each in a session of its own
for pid in $server $parent $([ -z "$parent" ] || pgrep -P "$parent"); do
  all=$((all + $(awk '/^Pss:/{s+=$2} END{print int(s/1024)}' /proc/"$pid"/smaps_rollup 2>/dev/null || echo 0)))
done
echo "PSS $all MB with models and workers"
