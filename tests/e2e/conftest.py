"""A real server on loopback for every test that asks for one."""

import base64
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PROGRAM = Path(os.environ.get("VEDETTE_BIN", ROOT / "build" / "vedette"))
PATIENCE = float(os.environ.get("VEDETTE_TEST_PATIENCE", "60"))  # s, for a sanitizers' build too


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)


@dataclass
class Server:
    """One `vedette serve`, with a data folder of its own."""

    folder: Path
    port: int
    process: subprocess.Popen
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def config(self) -> Path:
        return self.folder / "vedette.yaml"

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def request(
        self, method: str, path: str, body=None, headers: dict[str, str] | None = None
    ) -> Answer:
        """`body` may be bytes, or anything that JSON can say."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        asked = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, dict(refused.headers), refused.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers=headers)

    def post(self, path: str, body, **headers: str) -> Answer:
        return self.request("POST", path, body, headers)

    def run(self, specification: dict, inputs: dict | None = None, **more) -> Answer:
        """One run of a workflow that is sent along."""
        body = {"specification": specification, "inputs": inputs or {}, **more}
        return self.post("/workflows/run", body)

    def cli(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [str(PROGRAM), *arguments, "--config", str(self.config)],
            capture_output=True,
            text=True,
            timeout=PATIENCE * 2,
            check=False,
            env={**os.environ, **self.environment},
        )
        assert not check or done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def start(folder: Path, settings: str = "", **environment: str) -> Server:
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    if not (folder / "vedette.yaml").exists():
        (folder / "vedette.yaml").write_text(f"data: ./data\nworkflows: ./workflows\n{settings}\n")
    (folder / "workflows").mkdir(exist_ok=True)
    environment = {"VEDETTE__HTTP__LISTEN": f"127.0.0.1:{port}", **environment}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [str(PROGRAM), "serve", "--config", str(folder / "vedette.yaml")],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **environment},
        )
    server = Server(folder, port, process, environment)
    begun = time.monotonic()
    while True:
        try:
            if server.get("/readyz").status == 200:
                return server
        except OSError:
            pass
        assert process.poll() is None, f"the server ended with {process.returncode}:\n{server.log}"
        assert time.monotonic() - begun < PATIENCE, f"the server is not ready:\n{server.log}"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def start_server(tmp_path_factory) -> Iterator[Callable[..., Server]]:
    """Starts servers with settings of their own: `start_server("limits: {body: 1MiB}")`."""
    started: list[Server] = []

    def make(settings: str = "", **environment: str) -> Server:
        server = start(tmp_path_factory.mktemp("server"), settings, **environment)
        started.append(server)
        return server

    yield make
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def server(start_server) -> Server:
    """One server that tests share: they leave it as they found it."""
    return start_server()


@pytest.fixture(scope="session")
def demo_server(start_server) -> Server:
    """A server that knows the people of the demo and the example workflows."""
    server = start_server()
    shutil.copytree(ROOT / "workflows", server.folder / "workflows", dirs_exist_ok=True)
    server.cli("enroll", str(ROOT / "demo" / "people"))
    photo = next((ROOT / "demo" / "people").glob("*/*.jpg")).read_bytes()
    picture = {"image": base64.b64encode(photo).decode()}
    begun = time.monotonic()  # what another process enrols, searches know within seconds
    while server.post("/api/v1/recognize", picture).json()["faces"][0]["person"] is None:
        assert time.monotonic() - begun < PATIENCE, "the server does not learn of the people"
        time.sleep(0.1)
    return server


@dataclass
class Receiver:
    """A business system: takes every POST and remembers it."""

    port: int
    messages: list[bytes] = field(default_factory=list)


@pytest.fixture
def receive() -> Iterator[Callable[[int], Receiver]]:
    """`receive(9000)` listens there until the test ends."""
    running: list[http.server.ThreadingHTTPServer] = []

    def listen(port: int) -> Receiver:
        receiver = Receiver(port)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.messages.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"taken")

            def log_message(self, *_) -> None:
                pass

        http.server.ThreadingHTTPServer.allow_reuse_address = True
        listening = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        running.append(listening)
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        return receiver

    yield listen
    for listening in running:
        listening.shutdown()
        listening.server_close()
