"""Words to write cases with: pictures, detections, steps, dynamic blocks, requests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = Any


@dataclass(frozen=True)
class Case:
    """One request. `masks` replaces parts of the answer that no two servers can share:
    path ("blocks_errors.0.property_details", `*` for every element) to matcher. `select` cuts a
    huge answer down to what another one must hold as well."""

    name: str
    about: str
    request: dict[str, Json]
    masks: dict[str, Json] = field(default_factory=dict)
    select: Callable[[Json], Json] | None = None


def picture(name: str, prefix: str = "") -> Json:
    """The base64 text of a fixture; `prefix` makes it a data URI."""
    return {"$picture": name, "prefix": prefix} if prefix else {"$picture": name}


def image(name: str = "photo.jpg", **more: Json) -> Json:
    return {"type": "base64", "value": picture(name), **more}


IMAGE = {"type": "WorkflowImage", "name": "image"}


def parameter(name: str, **more: Json) -> Json:
    return {"type": "WorkflowParameter", "name": name, **more}


def batch(name: str, *kinds: str, **more: Json) -> Json:
    return {"type": "WorkflowBatchInput", "name": name, "kind": list(kinds), **more}


DETECTIONS = batch("detections", "object_detection_prediction")


def box(x: float, y: float, width: float, height: float, name: str = "cat", **more: Json) -> Json:
    """A detection by its centre; `name` is its class."""
    index = int(x * 7 + y * 13 + width)
    return {
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "confidence": 0.93,
        "class_id": 0,
        "class": name,
        "detection_id": f"box-{index}",
        **more,
    }


def boxes(*items: Json, width: int = 160, height: int = 120) -> Json:
    return {"image": {"width": width, "height": height}, "predictions": list(items)}


THREE = boxes(
    box(50, 60, 60, 50, detection_id="first"),
    box(
        110, 70, 50.5, 60.25, **{"class": "dog"}, class_id=1, confidence=0.5, detection_id="second"
    ),
    box(90, 35.7, 40, 30, **{"class": "a cow"}, class_id=7, confidence=0.125, detection_id="third"),
)


def takes(*selectors: str, kinds: Json = None, **more: Json) -> Json:
    """A dynamic input that takes selectors (input_image, step_output, generic …)."""
    return {
        "type": "DynamicInputDefinition",
        "selector_types": list(selectors),
        "selector_data_kind": kinds or {},
        **more,
    }


def literal(*value_types: str, **more: Json) -> Json:
    """A dynamic input that takes literals of these types."""
    return {"type": "DynamicInputDefinition", "value_types": list(value_types), **more}


def gives(*kinds: str) -> Json:
    return {"type": "DynamicOutputDefinition", "kind": list(kinds)}


def block(
    code: str,
    inputs: Json = None,
    outputs: Json = None,
    name: str = "Custom",
    python: Json = None,
    **manifest: Json,
) -> Json:
    """A dynamic block; outputs default to one wildcard output `result`."""
    return {
        "type": "DynamicBlockDefinition",
        "manifest": {
            "type": "ManifestDescription",
            "block_type": name,
            "inputs": inputs or {},
            "outputs": {"result": gives()} if outputs is None else outputs,
            **manifest,
        },
        "code": {"type": "PythonCode", "run_function_code": code, **(python or {})},
    }


def step(type_: str = "Custom", name: str = "custom", **properties: Json) -> Json:
    return {"type": type_, "name": name, **properties}


def draw_boxes(name: str = "draw", **properties: Json) -> Json:
    return {
        "type": "roboflow_core/bounding_box_visualization@v1",
        "name": name,
        "image": "$inputs.image",
        "predictions": "$inputs.detections",
        **properties,
    }


def draw_labels(name: str = "draw", **properties: Json) -> Json:
    return {
        "type": "roboflow_core/label_visualization@v1",
        "name": name,
        "image": "$inputs.image",
        "predictions": "$inputs.detections",
        **properties,
    }


def output(name: str, selector: str, system: str | None = None) -> Json:
    result = {"type": "JsonField", "name": name, "selector": selector}
    return {**result, "coordinates_system": system} if system else result


def definition(
    inputs: Json = (),
    steps: Json = (),
    outputs: Json = None,
    blocks: Json = (),
    **more: Json,
) -> Json:
    """A workflow; `outputs` is a list of output() or a dict name → selector."""
    if isinstance(outputs, dict):
        outputs = [output(name, selector) for name, selector in outputs.items()]
    result = {
        "version": "1.0",
        "inputs": list(inputs),
        "steps": list(steps),
        "outputs": outputs or [],
        **more,
    }
    return {**result, "dynamic_blocks_definitions": list(blocks)} if blocks else result


def post(name: str, about: str, path: str, body: Json, masks: Json = None) -> Case:
    return Case(name, about, {"method": "POST", "path": path, "body": body}, masks or {})


def get(name: str, about: str, path: str, masks: Json = None) -> Case:
    return Case(name, about, {"method": "GET", "path": path}, masks or {})


def run(
    name: str,
    about: str,
    specification: Json,
    inputs: Json = None,
    masks: Json = None,
    **body: Json,
) -> Case:
    request = {"specification": specification, "inputs": inputs or {}, **body}
    return post(name, about, "/workflows/run", request, masks)


def validate(name: str, about: str, specification: Json, masks: Json = None) -> Case:
    return post(name, about, "/workflows/validate", specification, masks)


def python(
    name: str,
    about: str,
    code: str,
    inputs: Json = (),
    data: Json = None,
    properties: Json = None,
    accepts: Json = None,
    masks: Json = None,
    **manifest: Json,
) -> Case:
    """One dynamic block in one step: `accepts` are its inputs, `properties` the step's."""
    body = {key: manifest.pop(key) for key in ("debug",) if key in manifest}
    selector = manifest.pop("selector", "$steps.custom.result")
    workflow = definition(
        inputs,
        [step(**(properties or {}))],
        {"result": selector},
        [block(code, accepts, **manifest)],
    )
    return run(name, about, workflow, data, masks, **body)


PYDANTIC = {"inner_error_message": {"$any": "string"}}
"""The peer's own validator writes this text; only its presence is promised."""
