#!/usr/bin/env bash
# tools/peer.sh [PORT]   Serves Roboflow inference 1.5.0 on loopback: what goldens are recorded from
# (tools/record_goldens.py) and what bench/http.sh stands beside.
#
# The first call installs it (6.6 GB) into PEER_DIR, outside the project. One worker process with as many
# threads as it likes, as its CPU container runs; PEER_CORES (e.g. 0,1) binds it to cores. Stays in the
# foreground; ready in about half a minute, when http://127.0.0.1:PORT/info answers.
set -euo pipefail
port=${1:-9001} dir=${PEER_DIR:-$HOME/.cache/inference-1.5.0}
python=$dir/bin/python

if [ ! -e "$dir/installed" ]; then
  "${PYTHON:-python3.11}" -m venv "$dir"
  "$python" -m pip install --quiet 'inference[http]==1.5.0'
  # Three OpenCV distributions come along and overwrite each other, the newest last: one remains, the release that we pin too.
  "$python" -m pip uninstall --quiet --yes opencv-python opencv-contrib-python opencv-python-headless
  "$python" -m pip install --quiet --no-deps opencv-contrib-python==4.12.0.88
  mkdir -p "$dir/app/inference/landing/out/static" "$dir/app/inference/landing/out/_next/static"
  cat >"$dir/app/peer.py" <<'PYTHON'
from inference.core.interfaces.http.http_api import HttpInterface
from inference.core.managers.base import ModelManager
from inference.core.registries.roboflow import RoboflowModelRegistry
from inference.models.utils import ROBOFLOW_MODEL_TYPES

app = HttpInterface(ModelManager(model_registry=RoboflowModelRegistry(ROBOFLOW_MODEL_TYPES))).app
PYTHON
  touch "$dir/installed"
fi

export ALLOW_CUSTOM_PYTHON_EXECUTION_IN_WORKFLOWS=True WORKFLOWS_STEP_EXECUTION_MODE=local
export TELEMETRY_OPT_OUT=True METRICS_ENABLED=False ENABLE_STREAM_API=False DISABLE_VERSION_CHECK=True
export CORE_MODELS_ENABLED=False LOG_LEVEL=ERROR MODEL_CACHE_DIR=$dir/models MPLCONFIGDIR=$dir/matplotlib
cd "$dir/app"
exec ${PEER_CORES:+taskset -c "$PEER_CORES"} "$python" -m uvicorn peer:app --host 127.0.0.1 --port "$port" --log-level warning
