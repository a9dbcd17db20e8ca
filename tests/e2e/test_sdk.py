"""The unmodified inference-sdk from PyPI, in an environment of its own."""

import json
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

SDK = "inference-sdk==1.5.0"
SCRIPT = """
import json, sys
from inference_sdk import InferenceHTTPClient
url, picture, specification, name = sys.argv[1:]
client = InferenceHTTPClient(api_url=url, api_key="any")
sent = client.run_workflow(
    specification=json.load(open(specification)), images={"image": picture})
saved = client.run_workflow(
    workspace_name="local", workflow_id=name, images={"image": picture})
print(json.dumps({"sent": sent, "saved": saved}))
"""


@pytest.fixture(scope="session")
def sdk_python():
    """Kept in .venv-sdk, since the client pins what our own environment has in other versions."""
    folder = ROOT / ".venv-sdk"
    python = folder / "bin" / "python"
    made = folder / "made"
    if not made.exists() or made.read_text() != SDK:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", SDK], check=True)
        made.write_text(SDK)
    return python


def test_runs_a_workflow_sent_along_and_one_saved(demo_server, sdk_python, receive):
    receiver = receive(9000)
    picture = ROOT / "demo" / "photos" / "three-people.jpg"
    done = subprocess.run(
        [
            str(sdk_python),
            "-c",
            SCRIPT,
            demo_server.url,
            str(picture),
            str(ROOT / "workflows" / "face_http_push.json"),
            "face_http_push",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for results in json.loads(done.stdout).values():
        assert len(results) == 1
        found = results[0]["face_recognition_model_1_1"]["predictions"]
        assert len(found) == 3
        assert results[0]["status_code"] == 200
        assert results[0]["label_visualization_1_1"]  # base64 text of the drawn picture
    assert len(receiver.messages) == 2
