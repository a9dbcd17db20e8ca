"""Writes the requests that bench/http.sh sends: bodies.py DIR

One 640x480 JPEG in base64 each: no step at all (the picture goes back as it came), boxes and labels
on ten detections with both pictures encoded, and a Python block that does nothing.
"""

import base64
import json
import sys
from pathlib import Path

import cv2

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)

photo = cv2.imread(str(Path(__file__).parent.parent / "demo" / "photos" / "three-people.jpg"))
picture = cv2.resize(photo[:, :800], (640, 480), interpolation=cv2.INTER_AREA)
jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
image = {"type": "base64", "value": base64.b64encode(jpeg).decode()}
IMAGE = {"type": "WorkflowImage", "name": "image"}


def output(name: str, selector: str) -> dict:
    return {"type": "JsonField", "name": name, "selector": selector}


def body(inputs: list, steps: list, outputs: list, values: dict, **more) -> dict:
    specification = {"version": "1.0", "inputs": inputs, "steps": steps, "outputs": outputs, **more}
    return {"specification": specification, "inputs": values}


def detection(i: int) -> dict:
    return {
        "x": 60 + 55 * i,
        "y": 60 + 38 * i,
        "width": 80,
        "height": 60,
        "confidence": 0.5 + 0.04 * i,
        "class_id": i,
        "class": f"object {i}",
        "detection_id": f"00000000-0000-4000-8000-{i:012d}",
    }


predictions = {
    "image": {"width": 640, "height": 480},
    "predictions": [detection(i) for i in range(10)],
}
drawn = [
    {
        "type": "roboflow_core/bounding_box_visualization@v1",
        "name": "boxes",
        "image": "$inputs.image",
        "predictions": "$inputs.predictions",
    },
    {
        "type": "roboflow_core/label_visualization@v1",
        "name": "labels",
        "image": "$steps.boxes.image",
        "predictions": "$inputs.predictions",
    },
]
noop = {
    "type": "DynamicBlockDefinition",
    "manifest": {
        "type": "ManifestDescription",
        "block_type": "Noop",
        "inputs": {
            "image": {"type": "DynamicInputDefinition", "selector_types": ["input_image"]},
        },
        "outputs": {"done": {"type": "DynamicOutputDefinition", "kind": ["boolean"]}},
    },
    "code": {
        "type": "PythonCode",
        "run_function_code": "def run(self, image) -> BlockResult:\n    return {'done': True}\n",
    },
}
bodies = {
    "zero_steps": body([IMAGE], [], [output("image", "$inputs.image")], {"image": image}),
    "boxes_and_labels": body(
        [
            IMAGE,
            {
                "type": "WorkflowBatchInput",
                "name": "predictions",
                "kind": ["object_detection_prediction"],
            },
        ],
        drawn,
        [output("boxes", "$steps.boxes.image"), output("labels", "$steps.labels.image")],
        {"image": image, "predictions": predictions},
    ),
    "dynamic_noop": body(
        [IMAGE],
        [{"type": "Noop", "name": "noop", "image": "$inputs.image"}],
        [output("done", "$steps.noop.done")],
        {"image": image},
        dynamic_blocks_definitions=[noop],
    ),
}
for name, content in bodies.items():
    (folder / f"{name}.json").write_text(json.dumps(content))
