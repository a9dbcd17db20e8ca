#!/usr/bin/env bash
# clang-format, clang-tidy, ruff and the rules of the house over the whole tree. A file that was
# clean before, with the same text, headers and settings, is not looked at again.
set -euo pipefail
cd "$(dirname "$0")/.."
bad=0
mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp')

echo "clang-format"
clang-format-19 --dry-run --Werror "${sources[@]}" || bad=1

echo "ruff"
.venv/bin/ruff check . && .venv/bin/ruff format --check . || bad=1

echo "the rules of the house"
.venv/bin/python -m pytest -q -p no:cacheprovider tests/tidy || bad=1

echo "clang-tidy"
cmake --preset release >/dev/null
cmake --build --preset release --target web_assets >/dev/null 2>&1 || true # generated sources
mkdir -p .deps/tidy
headers=$(cat .clang-tidy $(printf '%s\n' "${sources[@]}" | grep '\.hpp$') | sha256sum | cut -c1-16)
printf '%s\n' "${sources[@]}" | grep '\.cpp$' | grep -v '^tests/fuzz/' | xargs -P 2 -I{} bash -c '
  stamp=.deps/tidy/$(cat "$1" - <<<"$1 $2" | sha256sum | cut -c1-32)
  [ -e "$stamp" ] && exit 0
  if out=$(clang-tidy-19 --quiet -p build "$1" 2>/dev/null); then touch "$stamp"; else echo "$out"; exit 1; fi
' _ {} "$headers" || bad=1

[ "$bad" = 0 ] && echo "Tidy: clean"
exit "$bad"
