"""What users already have runs as they have it."""

import asyncio
import base64
import json
import threading

import cv2
import numpy as np
import pytest
from conftest import ROOT
from websockets.asyncio.server import serve

PHOTO = ROOT / "demo" / "photos" / "three-people.jpg"
REFERENCE = json.loads((ROOT / "workflows" / "face_http_push.json").read_text())


def picture(path=PHOTO) -> dict:
    return {"type": "base64", "value": base64.b64encode(path.read_bytes()).decode()}


def decode(image: dict) -> np.ndarray:
    assert image["type"] == "base64"
    data = np.frombuffer(base64.b64decode(image["value"]), np.uint8)
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def changed_in(before: np.ndarray, after: np.ndarray, box: dict, margin: int = 4) -> float:
    """The part of the pixels on the box's outline that were drawn over."""
    x0, y0 = int(box["x"] - box["width"] / 2), int(box["y"] - box["height"] / 2)
    x1, y1 = x0 + int(box["width"]), y0 + int(box["height"])
    ring = np.zeros(before.shape[:2], np.uint8)
    cv2.rectangle(ring, (x0, y0), (x1, y1), 1, 1)
    difference = np.abs(before.astype(int) - after.astype(int)).max(axis=2) > 24
    return float(difference[ring == 1].mean())


@pytest.fixture(scope="module")
def answer(demo_server):
    """The reference workflow on two enrolled people and a stranger, nobody listening."""
    done = demo_server.run(REFERENCE, {"image": picture()})
    assert done.status == 200, done.body
    (output,) = done.json()["outputs"]
    return output


def test_the_reference_workflow_names_two_and_leaves_the_stranger_unknown(answer):
    found = answer["face_recognition_model_1_1"]["predictions"]
    names = sorted(p["class"] for p in found)
    enrolled = {d.name for d in (ROOT / "demo" / "people").iterdir()}
    assert len(names) == 3
    assert names.count("unknown") == 1
    assert len(enrolled & set(names)) == 2
    for person in found:
        if person["class"] == "unknown":
            assert person["class_id"] == 0
            assert person["person_id"] is None
            assert person["confidence"] < 0.5
        else:
            assert person["class_id"] >= 1
            assert person["confidence"] >= 0.6
            assert person["matches"][0]["name"] == person["class"]
        assert person["detection_confidence"] > 0.6
        assert len(person["keypoints"]) == 5


def test_both_pictures_have_boxes_on_the_faces(answer):
    before = cv2.imread(str(PHOTO))
    boxes = decode(answer["bounding_box_visualization_1_1"])
    labels = decode(answer["label_visualization_1_1"])
    assert boxes.shape == labels.shape == before.shape
    for face in answer["face_recognition_model_1_1"]["predictions"]:
        assert changed_in(before, boxes, face) > 0.8
    assert np.abs(labels.astype(int) - boxes.astype(int)).max() > 100


def test_nobody_listening_is_the_blocks_own_business(answer):
    assert answer["status_code"] == -1
    assert "9000" in answer["debug_message"]
    assert answer["message"] is None


def test_a_receiver_gets_the_message_that_the_block_builds(demo_server, receive):
    receiver = receive(9000)
    done = demo_server.run(REFERENCE, {"image": picture()})
    output = done.json()["outputs"][0]
    assert output["status_code"] == 200
    assert output["debug_message"] == "taken"
    (message,) = [json.loads(m) for m in receiver.messages]
    assert message["message"] == output["message"] == "未在身份库中匹配到对应人员"
    assert isinstance(message["timestamp"], int)


def timestamp_workflow(code: str) -> dict:
    outputs = ["message", "status_code"]
    return {
        "version": "1.0",
        "inputs": [],
        "steps": [{"type": "push_timestamp", "name": "push"}],
        "outputs": [
            {"type": "JsonField", "name": name, "selector": f"$steps.push.{name}"}
            for name in outputs
        ],
        "dynamic_blocks_definitions": [
            {
                "type": "DynamicBlockDefinition",
                "manifest": {
                    "type": "ManifestDescription",
                    "block_type": "push_timestamp",
                    "inputs": {},
                    "outputs": {
                        name: {"type": "DynamicOutputDefinition", "kind": []} for name in outputs
                    },
                },
                "code": {"type": "PythonCode", "run_function_code": code},
            }
        ],
    }


def reference_code(name: str) -> str:
    return (ROOT / "tests" / "fixtures" / "reference" / name).read_text()


def test_the_timestamp_block_reaches_an_http_receiver(server, receive):
    receiver = receive(8000)
    done = server.run(timestamp_workflow(reference_code("push_timestamp_http.py")))
    output = done.json()["outputs"][0]
    assert output["status_code"] == 200, output
    (message,) = [json.loads(m) for m in receiver.messages]
    assert output["message"] == f"sent timestamp_ms {message['timestamp']}"


def test_the_timestamp_block_reaches_a_websocket_receiver(server):
    got: list[str] = []
    listening, stop = threading.Event(), None

    async def listen():
        nonlocal stop
        stop = asyncio.get_running_loop().create_future()

        async def take(connection):
            async for text in connection:
                got.append(text)

        async with serve(take, "127.0.0.1", 8000):
            listening.set()
            await stop

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(listen(),))
    thread.start()
    try:
        assert listening.wait(10)
        done = server.run(timestamp_workflow(reference_code("push_timestamp_websocket.py")))
        output = done.json()["outputs"][0]
    finally:
        loop.call_soon_threadsafe(stop.set_result, None)
        thread.join()
        loop.close()
    assert output["status_code"] == 0, output
    assert got == [output["message"].removeprefix("sent timestamp_ms ")]
