"""The native API, the parts of Roboflow's that goldens do not hold, and the live page."""

import base64
import http.client
import json
import time
from pathlib import Path

import pytest
from conftest import ROOT
from websockets.sync.client import connect

PEOPLE = ROOT / "demo" / "people"
ECHO = {
    "version": "1.0",
    "inputs": [{"type": "WorkflowParameter", "name": "text", "default_value": "none"}],
    "steps": [],
    "outputs": [{"type": "JsonField", "name": "said", "selector": "$inputs.text"}],
}
SHOW = {
    "version": "1.0",
    "inputs": [{"type": "WorkflowImage", "name": "image"}],
    "steps": [
        {"type": "daoai/dashboard_visualization@v1", "name": "board", "image": "$inputs.image"}
    ],
    "outputs": [{"type": "JsonField", "name": "o", "selector": "$steps.board.image"}],
}


def photo(index: int = 0) -> bytes:
    return sorted(PEOPLE.glob("*/*.jpg"))[index].read_bytes()


def form(files: list[bytes] = (), **fields: str) -> tuple[bytes, dict[str, str]]:
    """A multipart body and its header."""
    line = "----a-line-that-nobody-writes"
    body = b""
    for name, value in fields.items():
        body += f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        body += value.encode() + b"\r\n"
    for content in files:
        disposition = 'Content-Disposition: form-data; name="file"; filename="f.jpg"'
        body += f"--{line}\r\n{disposition}\r\nContent-Type: image/jpeg\r\n\r\n".encode()
        body += content + b"\r\n"
    body += f"--{line}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={line}"}


def post_form(server, path: str, files: list[bytes] = (), **fields: str):
    body, headers = form(files, **fields)
    return server.request("POST", path, body, headers)


@pytest.fixture
def ann(server):
    """A person with one photo, erased again."""
    done = post_form(server, "/api/v1/people", [photo()], name="Ann", external_id="E-1")
    assert done.status == 201, done.body
    person = done.json()
    yield person
    server.request("DELETE", f"/api/v1/people/{person['id']}")


def test_health(server):
    assert server.get("/healthz").json() == {"status": "healthy"}
    assert server.get("/readiness").json()["status"] == "ready"
    assert server.get("/readyz").json()["status"] == "ready"
    info = server.get("/info").json()
    assert info["name"] == "Vedette" and info["version"] and len(info["uuid"]) == 36


def test_metrics_count_what_happens(server):
    assert server.run(ECHO).status == 200
    text = server.get("/metrics").body.decode()
    assert 'vedette_http_requests_total{method="POST",route="/workflows/run",status="200"}' in text
    assert "vedette_runs_total{" in text and "vedette_build_info{" in text
    assert "vedette_gallery_people" in text


def test_openapi_lists_every_route(server):
    document = server.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    paths = document["paths"]
    for path in ("/workflows/run", "/{workspace}/workflows/{id}", "/api/v1/people", "/metrics"):
        assert path in paths
    fields = paths["/workflows/run"]["post"]["requestBody"]["content"]["application/json"]
    assert fields["schema"]["required"] == ["inputs", "specification"]


def test_blocks_are_compressed_where_that_is_taken(server):
    plain = server.get("/workflows/blocks/describe")
    small = server.get("/workflows/blocks/describe", **{"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.body) < len(plain.body) / 3
    assert {"blocks", "declared_kinds"} <= plain.json().keys()


def test_a_run_answers_by_python_rules_for_inputs(server):
    text = json.dumps({"specification": ECHO, "inputs": {"text": "x"}, "use_cache": True})
    doubled = text.replace('"text": "x"', '"text": "x", "text": [NaN, "y"]')
    assert doubled != text
    answer = server.post("/workflows/run", doubled.encode(), **{"Content-Type": "application/json"})
    assert answer.json()["outputs"] == [{"said": [None, "y"]}]


def test_legacy_route_and_excluded_fields(server):
    body = {"specification": ECHO, "inputs": {}, "excluded_fields": ["said"]}
    assert server.post("/infer/workflows", body).json()["outputs"] == [{}]


@pytest.mark.parametrize(
    ("body", "location", "kind"),
    [
        ({"inputs": {}}, ["body", "specification"], "missing"),
        ({"specification": ECHO}, ["body", "inputs"], "missing"),
        ({"specification": [], "inputs": {}}, ["body", "specification"], "dict_type"),
        ({"specification": ECHO, "inputs": "x"}, ["body", "inputs"], "dict_type"),
    ],
)
def test_bodies_that_lack_something_are_422(server, body, location, kind):
    answer = server.post("/workflows/run", body)
    assert answer.status == 422
    (detail,) = answer.json()["detail"]
    assert detail["loc"] == location and detail["type"] == kind


def test_people_have_a_life(server, ann):
    path = f"/api/v1/people/{ann['id']}"
    assert ann["name"] == "Ann" and ann["external_id"] == "E-1"
    (enrolled,) = ann["photos"]
    assert enrolled["verdict"] == "ok" and enrolled["id"] and enrolled["model"]
    assert server.get(path).json()["photos"][0]["id"] == enrolled["id"]
    picture = server.get(f"{path}/photos/{enrolled['id']}")
    assert picture.body == photo() and picture.headers["Content-Type"] == "image/jpeg"

    changed = server.request("PATCH", path, {"name": "Anna", "attributes": {"group": "day"}})
    assert changed.json()["name"] == "Anna"
    listed = server.get("/api/v1/people?q=nna&group=day").json()
    assert [p["id"] for p in listed["items"]] == [ann["id"]] and listed["next"] is None

    assert server.request("DELETE", f"{path}/photos/{enrolled['id']}").status == 204
    assert server.get(path).json()["photos"] == []
    assert server.request("DELETE", path).status == 204
    assert server.get(path).status == 404


def test_a_photo_without_a_face_is_refused_with_its_verdict(server, ann):
    plain = (ROOT / "tests/goldens/pictures/plain.png").read_bytes()
    answer = post_form(server, f"/api/v1/people/{ann['id']}/photos", [plain, photo()])
    first, second = answer.json()
    assert first["verdict"] == "no_face" and first["id"] is None
    assert second["known"] is True


def test_lists_go_on_where_they_ended(server):
    made = [post_form(server, "/api/v1/people", name=f"Page {i}").json()["id"] for i in range(3)]
    seen, after = [], ""
    while after is not None:
        page = server.get(f"/api/v1/people?limit=2&q=Page&after={after}").json()
        seen += [p["id"] for p in page["items"]]
        after = page["next"]
    for person in made:
        server.request("DELETE", f"/api/v1/people/{person}")
    assert sorted(seen) == sorted(made) and len(seen) == 3


def test_recognize_names_who_is_known(server, ann):
    answer = post_form(server, "/api/v1/recognize", [photo()])
    (face,) = answer.json()["faces"]
    assert face["person"] == {"id": ann["id"], "name": "Ann"}
    assert face["similarity"] > 0.9 and face["matches"][0]["person_id"] == ann["id"]
    assert face["box"]["left"] < face["box"]["right"] and len(face["landmarks"]) == 5
    text = base64.b64encode(photo()).decode()
    same = server.post("/api/v1/recognize", {"image": text}).json()["faces"]
    assert same[0]["person"] == face["person"]


def test_problems_tell_where_to_look(server):
    answer = server.get("/api/v1/people/01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail", "instance", "trace_id"} <= problem.keys()
    assert problem["trace_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("path", ["/api/v1/devices", "/api/v1/events/x", "/api/v1/deliveries"])
def test_what_is_not_built_says_so(server, path):
    answer = server.get(path)
    assert answer.status == 404 and "not in this version" in answer.json()["detail"]


def test_a_workflow_is_kept_changed_and_reverted(server):
    (server.folder / "workflows" / "echo.json").write_text(json.dumps(ECHO))
    path = "/api/v1/workflows/echo"
    first = server.get(path)
    assert first.json() == ECHO
    etag = first.headers["ETag"]
    assert server.get(path, **{"If-None-Match": etag}).status == 304

    louder = {**ECHO, "outputs": [{**ECHO["outputs"][0], "name": "shouted"}]}
    assert server.request("PUT", path, louder).status == 428
    kept = server.request("PUT", path, louder, {"If-Match": etag})
    assert kept.status == 200 and kept.json()["origin"] == "edited"
    assert server.request("PUT", path, ECHO, {"If-Match": etag}).status == 412
    version = kept.json()["version"]

    run = {"inputs": {"text": "x"}}
    assert server.post("/local/workflows/echo", run).json()["outputs"] == [{"shouted": "x"}]
    assert server.post(f"{path}/run", run).json()["outputs"] == [{"shouted": "x"}]
    old = server.post("/any/workflows/echo", {**run, "workflow_version_id": "0"})
    assert old.json()["outputs"] == [{"said": "x"}]
    new = server.post("/infer/workflows/local/echo", {**run, "workflow_version_id": version})
    assert new.json()["outputs"] == [{"shouted": "x"}]
    assert server.post("/local/workflows/echo", {**run, "workflow_version_id": "99"}).status == 404
    assert len(server.get(f"{path}/versions").json()["items"]) == 2

    assert server.cli("workflows", "revert", "echo").returncode == 0
    assert server.post("/local/workflows/echo", run).json()["outputs"] == [{"said": "x"}]
    assert server.request("DELETE", path).status == 409
    server.request("PUT", path, louder, {"If-Match": "*"})
    assert server.request("DELETE", path).status == 204


def test_a_wrong_definition_is_not_kept(server):
    answer = server.request("PUT", "/api/v1/workflows/wrong", {**ECHO, "steps": [{"type": "no"}]})
    assert answer.status == 400
    assert answer.json()["workflow"]["error_type"] == "WorkflowSyntaxError"
    assert server.get("/api/v1/workflows/wrong").status == 404
    assert server.post("/local/workflows/wrong", {"inputs": {}}).status == 404


def test_a_repeated_request_makes_one_person(server):
    body, headers = form(name="Once")
    headers["Idempotency-Key"] = "once-1"
    first = server.request("POST", "/api/v1/people", body, headers)
    again = server.request("POST", "/api/v1/people", body, headers)
    assert first.status == again.status == 201
    assert first.json()["id"] == again.json()["id"]
    other, _ = form(name="Other")
    assert server.request("POST", "/api/v1/people", other, headers).status == 422
    assert len(server.get("/api/v1/people?q=Once").json()["items"]) == 1
    server.request("DELETE", f"/api/v1/people/{first.json()['id']}")


def test_runs_are_listed_with_their_steps(server):
    picture = {"type": "base64", "value": base64.b64encode(photo()).decode()}
    assert server.run(SHOW, {"image": picture}).status == 200
    run = server.get("/api/v1/runs?limit=1").json()["items"][0]
    assert run["status"] == 200 and run["workflow"] is None and run["ms"] > 0
    assert [step["name"] for step in run["steps"]] == ["board"]
    assert server.run({**ECHO, "version": "9.9"}).status == 400
    failed = server.get("/api/v1/runs?limit=1").json()["items"][0]
    assert failed["status"] == 400 and "9.9" in failed["message"]


def test_the_live_socket_tells_of_runs_and_pictures(server):
    picture = {"type": "base64", "value": base64.b64encode(photo()).decode()}
    with connect(f"ws://127.0.0.1:{server.port}/api/v1/live", max_size=None) as socket:
        assert json.loads(socket.recv(10))["type"] == "snapshot"
        assert server.run(SHOW, {"image": picture}).status == 200
        told = {}
        while {"run", "picture"} - told.keys():
            message = json.loads(socket.recv(10))
            told[message["type"]] = message
    shown = told["picture"]["picture"]
    assert shown["step"] == "board"
    jpeg = server.get(shown["url"])
    assert jpeg.body == photo() and jpeg.headers["Content-Type"] == "image/jpeg"


def test_the_page_is_whole_and_runs_only_its_own_files(server):
    page = server.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/assets/live.css", "/assets/live.js", "/assets/icon.svg"):
        assert path in page.body.decode()
        assert server.get(path).status == 200
    assert server.get("/assets/nothing.js").status == 404


def test_a_term_signal_lets_requests_finish(start_server):
    server = start_server()
    sleeper = {
        "version": "1.0",
        "inputs": [],
        "steps": [{"type": "sleeper", "name": "s"}],
        "outputs": [{"type": "JsonField", "name": "o", "selector": "$steps.s.o"}],
        "dynamic_blocks_definitions": [
            {
                "type": "DynamicBlockDefinition",
                "manifest": {
                    "type": "ManifestDescription",
                    "block_type": "sleeper",
                    "inputs": {},
                    "outputs": {"o": {"type": "DynamicOutputDefinition", "kind": []}},
                },
                "code": {
                    "type": "PythonCode",
                    "run_function_code": "def run(self):\n    time.sleep(1)\n    return {'o': 7}",
                },
            }
        ],
    }
    assert server.run(sleeper).status == 200  # the worker is warm
    asking = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    body = json.dumps({"specification": sleeper, "inputs": {}})
    asking.request("POST", "/workflows/run", body, {"Content-Type": "application/json"})
    time.sleep(0.3)
    code = server.stop()
    answer = asking.getresponse()
    assert answer.status == 200 and json.load(answer)["outputs"] == [{"o": 7}]
    assert code == 0


def test_exit_codes(server, tmp_path):
    taken = server.cli("serve", "--listen", f"127.0.0.1:{server.port}", check=False)
    assert taken.returncode == 3 and "in use" in taken.stderr
    wrong = server.cli("serve", "--set", "limits.body=big", check=False)
    assert wrong.returncode == 2 and "limits.body" in wrong.stderr
    lost = server.cli(
        "serve", "--listen", "127.0.0.1:0", "--set", f"faces.models={tmp_path}", check=False
    )
    assert lost.returncode == 4 and str(tmp_path) in lost.stderr


def test_the_command_line_runs_and_validates(server, tmp_path):
    workflow = tmp_path / "show.json"
    workflow.write_text(json.dumps(SHOW))
    picture = sorted(PEOPLE.glob("*/*.jpg"))[0]
    done = server.cli("run", str(workflow), str(picture), "--out", str(tmp_path / "out"), "--json")
    (run,) = json.loads(done.stdout)
    assert run["steps"][0]["step"] == "board"
    written = run["outputs"][0]["o"]
    assert (tmp_path / "out").is_dir() and Path(written).read_bytes() == picture.read_bytes()
    table = server.cli("run", str(workflow), str(picture))
    assert "board" in table.stdout and "ms" in table.stdout

    assert server.cli("validate", str(workflow)).returncode == 0
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(SHOW, indent=1).replace("$inputs.image", "$inputs.imagee"))
    refused = server.cli("validate", str(broken), check=False)
    assert refused.returncode == 1
    assert f"{broken}:" in refused.stderr and "$inputs.imagee" in refused.stderr


def test_the_command_line_enrols_and_lists(start_server):
    server = start_server()
    first = server.cli("enroll", str(PEOPLE), "--json")
    told = json.loads(first.stdout)
    assert told["refused"] == 0 and told["kept"] == len(list(PEOPLE.glob("*/*.jpg")))
    again = json.loads(server.cli("enroll", str(PEOPLE), "--json").stdout)
    assert again["kept"] == 0 and again["known"] == told["kept"]
    people = json.loads(server.cli("people", "ls", "--json").stdout)
    assert sorted(p["name"] for p in people) == sorted(d.name for d in PEOPLE.iterdir())
    assert len(server.get("/api/v1/people").json()["items"]) == len(people)
    person, begun = None, time.monotonic()  # searches know of it within seconds
    while person is None and time.monotonic() - begun < 10:
        person = post_form(server, "/api/v1/recognize", [photo()]).json()["faces"][0]["person"]
    assert person is not None and person["name"] in {p["name"] for p in people}

    server.cli("people", "export", str(server.folder / "out"))
    server.cli("people", "rm", *[p["id"] for p in people])
    assert json.loads(server.cli("people", "ls", "--json").stdout) == []
    server.cli("people", "import", str(server.folder / "out"))
    assert len(json.loads(server.cli("people", "ls", "--json").stdout)) == len(people)


def test_a_backup_brings_everything_back(start_server, tmp_path):
    server = start_server()
    person = post_form(server, "/api/v1/people", [photo()], name="Kept").json()
    archive = tmp_path / "all.tar.gz"
    server.cli("backup", str(archive))
    other = tmp_path / "other"
    server.cli("restore", str(archive), "--data", str(other))
    people = json.loads(server.cli("people", "ls", "--data", str(other), "--json").stdout)
    assert [p["id"] for p in people] == [person["id"]]
    assert server.cli("restore", str(archive), "--data", str(other), check=False).returncode == 1


def test_config_and_upkeep_commands(server):
    shown = json.loads(server.cli("config", "show", "--origin", "--json").stdout)
    assert shown["http.listen"]["origin"] == "environment VEDETTE__HTTP__LISTEN"
    assert json.loads(server.cli("config", "schema").stdout)["title"] == "vedette.yaml"
    assert server.cli("config", "check").returncode == 0
    assert server.cli("version", "--json").stdout.startswith("{")
    for shell in ("bash", "zsh", "fish"):
        assert "enroll" in server.cli("completion", shell).stdout
    checks = json.loads(server.cli("doctor", "--json", check=False).stdout)["checks"]
    found = {check["check"]: check["ok"] for check in checks}
    assert found == {"port": False, "disk": True, "clock": True, "models": True, "python": True}
    assert server.cli("bench", check=False).returncode == 1
