"""The main job on real photos: known people, a workflow, names, drawn pictures, a message sent on.

Started by ./run. Keeps what it makes in ./demo-data and runs until Ctrl-C.
"""

import base64
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROGRAM = "build/vedette"
CONFIG = "demo/vedette.yaml"
SERVER, RECEIVER = ("127.0.0.1", 6699), ("127.0.0.1", 9000)
URL = f"http://{SERVER[0]}:{SERVER[1]}"
WORKFLOW = "face_http_push"
OUT = Path("demo-data/out")


def taken_by(address: tuple[str, int]) -> str | None:
    """Who listens there, as far as it can be told; None where the port is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            return None
        except OSError:
            pass
    inode = None
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == address[1]:
            inode = f"socket:[{fields[9]}]"
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(fd.readlink()) == inode for fd in (folder / "fd").iterdir()):
                return f"process {folder.name} ({(folder / 'comm').read_text().strip()})"
        except OSError:
            continue
    return "another program"


class Receiver(http.server.BaseHTTPRequestHandler):
    """The business system of this demo: takes what the workflow sends and says so."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        print(f"  the receiver on {RECEIVER[0]}:{RECEIVER[1]} got  {body.decode()}", flush=True)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_) -> None:
        pass


def wait_until_ready(server: subprocess.Popen) -> None:
    while server.poll() is None:
        try:
            with urllib.request.urlopen(f"{URL}/readyz", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    sys.exit(server.returncode)


def recognize(photo: Path) -> dict:
    image = {"type": "base64", "value": base64.b64encode(photo.read_bytes()).decode()}
    request = urllib.request.Request(
        f"{URL}/local/workflows/{WORKFLOW}",
        json.dumps({"inputs": {"image": image}}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["outputs"][0]


def show(photo: Path, output: dict) -> None:
    """Prints what was found and writes the drawn picture."""
    drawn = OUT / photo.name
    drawn.parent.mkdir(parents=True, exist_ok=True)
    drawn.write_bytes(base64.b64decode(output["label_visualization_1_1"]["value"]))
    for face in output["face_recognition_model_1_1"]["predictions"]:
        print(f"  {photo.name:<26} {face['class']:<18} similarity {face['confidence']:.2f}")
    print(f"  {'':<26} status_code {output['status_code']}, {output['message']}")
    print(f"  {'':<26} drawn: {drawn}", flush=True)


def main() -> None:
    os.chdir(ROOT)
    for name, address in (("vedette", SERVER), ("the demo's receiver", RECEIVER)):
        if holder := taken_by(address):
            print(
                f"Port {address[1]} on {address[0]}, which {name} needs, is taken by {holder}. "
                "Stop it and start ./run again.",
                file=sys.stderr,
            )
            sys.exit(3)
    receiver = http.server.ThreadingHTTPServer(RECEIVER, Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()

    print("Enrolling the people in demo/people")
    subprocess.run([PROGRAM, "enroll", "demo/people", "--config", CONFIG], check=True)
    server = subprocess.Popen([PROGRAM, "serve", "--config", CONFIG])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        wait_until_ready(server)
        print(f"\nRunning workflows/{WORKFLOW}.json on demo/photos", flush=True)
        for photo in sorted(Path("demo/photos").glob("*.jpg")):
            show(photo, recognize(photo))
        print(
            f"""
The page with pictures, boxes and names: {URL}/

Try it yourself (paste into another terminal, in this folder):

  curl -F file=@demo/photos/three-people.jpg {URL}/api/v1/recognize
  build/vedette run workflows/{WORKFLOW}.json demo/photos/three-people.jpg --config {CONFIG}
  curl -F name=me -F file=@me.jpg {URL}/api/v1/people

Ctrl-C ends the server and the receiver.""",
            flush=True,
        )
        sys.exit(server.wait())
    except KeyboardInterrupt:
        print()
    finally:
        server.terminate()
        server.wait(15)


if __name__ == "__main__":
    main()
