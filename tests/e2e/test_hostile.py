"""Bad input gets a clear answer, and nobody else notices."""

import base64
import json
import socket
import struct
import threading
import time
import zlib

import pytest
from conftest import ROOT

PICTURES = ROOT / "tests" / "goldens" / "pictures"
JSON = {"Content-Type": "application/json"}
ECHO = {
    "version": "1.0",
    "inputs": [{"type": "WorkflowParameter", "name": "text", "default_value": "none"}],
    "steps": [],
    "outputs": [{"type": "JsonField", "name": "said", "selector": "$inputs.text"}],
}
DRAW = {
    "version": "1.0",
    "inputs": [{"type": "WorkflowImage", "name": "image"}],
    "steps": [
        {"type": "daoai/face_recognition_model@v1", "name": "faces", "images": "$inputs.image"}
    ],
    "outputs": [{"type": "JsonField", "name": "o", "selector": "$steps.faces.predictions"}],
}


def alive(server) -> bool:
    return server.run(ECHO, {"text": "still here"}).json()["outputs"] == [{"said": "still here"}]


def python_block(code: str) -> dict:
    return {
        "version": "1.0",
        "inputs": [],
        "steps": [{"type": "bad", "name": "s"}],
        "outputs": [{"type": "JsonField", "name": "o", "selector": "$steps.s.o"}],
        "dynamic_blocks_definitions": [
            {
                "type": "DynamicBlockDefinition",
                "manifest": {
                    "type": "ManifestDescription",
                    "block_type": "bad",
                    "inputs": {},
                    "outputs": {"o": {"type": "DynamicOutputDefinition", "kind": []}},
                },
                "code": {"type": "PythonCode", "run_function_code": code},
            }
        ],
    }


def png_header(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"not a picture",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0" + b"\x00" * 100,
        png_header(30000, 30000),
        png_header(2**31 - 1, 2**31 - 1),
        png_header(0, 0),
        png_header(100, 100),
        (PICTURES / "photo.jpg").read_bytes()[:300],
        b"GIF89a\xff\xff\xff\xff\x00\x00\x00;",
        b"BM" + b"\xff" * 60,
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        b"II*\x00\xff\xff\xff\xff",
    ],
    ids=lambda content: f"{content[:6]!r}{len(content)}",
)
def test_what_is_no_picture_is_refused(server, content):
    image = {"type": "base64", "value": base64.b64encode(content).decode()}
    answer = server.run(DRAW, {"image": image})
    assert 400 <= answer.status < 500, answer.body
    assert answer.json()["message"]
    assert alive(server)


@pytest.mark.parametrize(
    "name", ["cmyk.jpg", "gray16.png", "plain.gif", "alpha.png", "tiny.png", "rotated.jpg"]
)
def test_unusual_pictures_are_read(server, name):
    image = {"type": "base64", "value": base64.b64encode((PICTURES / name).read_bytes()).decode()}
    answer = server.run(DRAW, {"image": image})
    assert answer.status == 200, answer.body


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"specification": {}, "inputs": {}',
        b'{"inputs": {}, "specification": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"inputs": {"text": '
        + b"[" * 10_000
        + b"]" * 10_000
        + b'}, "specification": %s}' % json.dumps(ECHO).encode(),
        b'{"specification": {"version": "1.0", "version": "1.0", "inputs": [], "steps": [],'
        b' "outputs": []}, "inputs": {}}',
        b'{"specification": {"version": "1.0", "inputs": [], "steps": [], "outputs": [],'
        b' "x": NaN}, "inputs": {}}',
        b'{"specification": {}, "inputs": {}, "inputs": {}}',
        b'{"specification": 7, "inputs": {}}',
    ],
    ids=range(13),
)
def test_json_that_is_none_or_too_much(server, text):
    answer = server.post("/workflows/run", text, **JSON)
    assert 400 <= answer.status < 500, answer.body
    assert answer.json()
    assert alive(server)


def test_a_hundred_megabytes_are_refused_before_they_are_read(server):
    with socket.create_connection(("127.0.0.1", server.port), 30) as peer:
        head = f"POST /workflows/run HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        peer.sendall(f"{head}Content-Type: application/json\r\nContent-Length: ".encode())
        peer.sendall(b"104857600\r\n\r\n{")
        answer = peer.recv(4096)
    assert answer.startswith(b"HTTP/1.1 413")
    assert alive(server)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"steps": [{"type": "no/such@v1", "name": "s"}]}, "WorkflowSyntaxError"),
        (
            {"outputs": [{"type": "JsonField", "name": "o", "selector": "$inputs.nope"}]},
            "InvalidReferenceTargetError",
        ),
        (
            {"outputs": [{"type": "JsonField", "name": "o", "selector": "$steps.nope.x"}]},
            "InvalidReferenceTargetError",
        ),
        (
            {
                "steps": [
                    {
                        "type": "daoai/dashboard_visualization@v1",
                        "name": a,
                        "image": f"$steps.{b}.image",
                    }
                    for a, b in (("a", "b"), ("b", "a"))
                ]
            },
            "ExecutionGraphStructureError",
        ),
    ],
)
def test_wrong_definitions_name_their_mistake(server, change, kind):
    answer = server.run({**ECHO, **change})
    assert answer.status == 400 and answer.json()["error_type"] == kind


@pytest.fixture(scope="module")
def strict(start_server):
    """User code may take a second and 512 MiB here."""
    return start_server("python: {timeout: 1s, memory: 512MiB}")


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import sys; sys.exit(0)",
        "os._exit(0)",
        "import ctypes; ctypes.string_at(0)",
        "x = [bytearray(64 << 20) for _ in range(64)]",
        "import sys; return {'o': sys.stdin.read()[1]}",
        "return 7",
        "return {}",
        "return {'o': 1, 'p': 2}",
        "return {'o': object()}",
        "raise SystemExit",
        "time.sleep(60)",
    ],
)
def test_user_code_that_misbehaves_costs_one_request(strict, body):
    code = f"def run(self):\n    {body}\n"
    begun = time.monotonic()
    answer = strict.run(python_block(code))
    assert time.monotonic() - begun < 2 + 1, body
    assert answer.status in (400, 500), answer.body
    assert answer.json()["message"]
    good = strict.run(python_block("def run(self):\n    return {'o': 7}\n"))
    assert good.json()["outputs"] == [{"o": 7}]


def test_a_flood_of_output_is_cut(strict):
    code = "def run(self):\n    for _ in range(100000): print('x' * 100)\n    return {'o': 7}\n"
    answer = strict.run(python_block(code), debug=True)
    assert answer.json()["outputs"] == [{"o": 7}]
    assert len(answer.body) < 1 << 20


def p99(server, runs: int = 150) -> float:
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        assert server.run(ECHO).status == 200
        times.append(time.perf_counter() - begun)
    return sorted(times)[int(runs * 0.99)]


def test_others_do_not_notice_a_hang(strict):
    """Ten clients hang in user code; a run without any is answered as before."""
    hang = python_block("def run(self):\n    time.sleep(60)\n    return {'o': 7}\n")
    quiet = p99(strict)
    clients = [threading.Thread(target=strict.run, args=(hang,)) for _ in range(10)]
    for client in clients:
        client.start()
    time.sleep(0.1)
    busy = p99(strict)
    for client in clients:
        client.join()
    assert busy < max(2 * quiet, 0.02), f"{quiet * 1e3:.1f} ms, then {busy * 1e3:.1f} ms"
