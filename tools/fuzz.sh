#!/usr/bin/env bash
# tools/fuzz.sh SECONDS   Runs each fuzz target for so long, starting from its seeds.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh
build fuzz fuzz_targets
for target in build-fuzz/tests/fuzz/*_fuzz; do
  name=$(basename "$target")
  mkdir -p ".deps/fuzz/$name"
  echo "$name: $1 s"
  # The folder of findings comes first: libFuzzer writes there, never among the seeds.
  VEDETTE_MODELS=$PWD/models "$target" -max_total_time="$1" -rss_limit_mb=2048 -timeout=10 -verbosity=0 \
    -artifact_prefix=".deps/fuzz/$name/" ".deps/fuzz/$name" "tests/fuzz/seeds/$name"
done
echo "Fuzz: no crash"
