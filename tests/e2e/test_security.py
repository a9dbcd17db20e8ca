"""A foreign page must not be able to run code here, and keys are asked for where they are due."""

import http.client
import json

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

ECHO = {
    "version": "1.0",
    "inputs": [{"type": "WorkflowParameter", "name": "text", "default_value": "none"}],
    "steps": [],
    "outputs": [{"type": "JsonField", "name": "said", "selector": "$inputs.text"}],
}
RUN = json.dumps({"specification": ECHO, "inputs": {}}).encode()
JSON = {"Content-Type": "application/json"}


def ask(server, method: str, path: str, body: bytes | None, headers: dict[str, str]):
    """As urllib would, but with the Host that the headers say."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:6699"}, 403),
        ({"Host": "10.1.2.3"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "https://127.0.0.1.evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Type": "application/json; charset=utf-8"}, 200),
    ],
)
def test_who_may_run_a_workflow(server, headers, status):
    answer, content = ask(server, "POST", "/workflows/run", RUN, {**JSON, **headers})
    assert answer.status == status, content
    assert answer.getheader("Access-Control-Allow-Origin") is None


def test_our_own_page_may_ask(server):
    own = {"Origin": server.url, "Host": f"127.0.0.1:{server.port}", **JSON}
    assert ask(server, "POST", "/workflows/run", RUN, own)[0].status == 200


@pytest.mark.parametrize("path", ["/", "/api/v1/people", "/workflows/blocks/describe", "/metrics"])
def test_a_foreign_page_may_not_even_look(server, path):
    foreign = {"Origin": "http://evil.example"}
    assert ask(server, "GET", path, None, foreign)[0].status == 403
    preflight = {**foreign, "Access-Control-Request-Method": "POST"}
    answer, _ = ask(server, "OPTIONS", path, None, preflight)
    assert answer.status == 403 and answer.getheader("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize("path", ["/api/v1/live", "/nothing"])
def test_a_foreign_page_opens_no_socket(server, path):
    for origin in ("http://evil.example", "null"):
        with pytest.raises(InvalidStatus) as refused:
            connect(f"ws://127.0.0.1:{server.port}{path}", origin=origin)
        assert refused.value.response.status_code == 403


def test_a_listed_origin_is_let_in_by_name(start_server):
    server = start_server("http: {origins: ['http://intra.example:81']}")
    listed = {"Origin": "http://intra.example:81"}
    answer, _ = ask(server, "OPTIONS", "/workflows/run", None, listed)
    assert answer.status == 204
    assert answer.getheader("Access-Control-Allow-Origin") == "http://intra.example:81"
    answer, _ = ask(server, "POST", "/workflows/run", RUN, {**JSON, **listed})
    assert answer.status == 200
    assert answer.getheader("Access-Control-Allow-Origin") == "http://intra.example:81"
    other = {"Origin": "http://intra.example"}
    assert ask(server, "POST", "/workflows/run", RUN, {**JSON, **other})[0].status == 403


def test_keys(start_server):
    server = start_server("auth: {mode: required}")
    key = server.cli("key", "create", "test").stdout.strip()
    open_paths = ["/healthz", "/readyz", "/readiness", "/", "/assets/live.js", "/openapi.json"]
    assert [server.get(path).status for path in open_paths] == [200] * len(open_paths)
    for path in ("/info", "/metrics", "/api/v1/people", "/api/v1/runs", "/api/v1/live/pictures"):
        assert server.get(path).status == 401, path
        assert server.get(path, Authorization="Bearer wrong").status == 401
        assert server.get(path, Authorization=f"Bearer {key}").status == 200
        assert server.get(f"{path}?api_key={key}").status == 200
    assert server.run(ECHO).status == 401
    assert server.run(ECHO, api_key="wrong").status == 401
    assert server.run(ECHO, api_key=key).status == 200
    assert server.post("/workflows/validate", ECHO).status == 401
    assert server.post(f"/workflows/validate?api_key={key}", ECHO).status == 200
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{server.port}/api/v1/live")
    assert refused.value.response.status_code == 401
    with connect(f"ws://127.0.0.1:{server.port}/api/v1/live?api_key={key}") as socket:
        assert json.loads(socket.recv(10))["type"] == "snapshot"
    stored = "".join(p.read_text(errors="replace") for p in server.data.glob("secrets/*"))
    assert key not in stored and key not in server.log


def test_any_key_passes_where_none_is_needed(server):
    assert server.run(ECHO, api_key="anything").status == 200
    assert server.get("/info", Authorization="Bearer anything").status == 200


def test_secrets_are_the_owners_alone(server):
    secrets = server.data / "secrets"
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in secrets.iterdir())


def test_a_url_is_not_fetched_unless_allowed(server, start_server, receive):
    workflow = {
        "version": "1.0",
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [],
        "outputs": [{"type": "JsonField", "name": "o", "selector": "$inputs.image"}],
    }
    image = {"type": "url", "value": f"{server.url}/assets/icon.svg"}
    refused = server.run(workflow, {"image": image})
    assert refused.status == 400 and "blocks.fetch_urls" in refused.body.decode()
    careful = start_server("blocks: {fetch_urls: true}")
    for address in (server.url, "http://169.254.169.254/latest", f"http://localhost:{server.port}"):
        answer = careful.run(workflow, {"image": {"type": "url", "value": address}})
        assert answer.status == 400, address
        assert "blocks.fetch_private" in answer.body.decode()
