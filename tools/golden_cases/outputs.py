"""What an answer holds: names, coordinate systems, wildcards, shapes, exclusions."""

from .build import (
    DETECTIONS,
    IMAGE,
    THREE,
    Case,
    Json,
    batch,
    block,
    box,
    boxes,
    definition,
    draw_boxes,
    draw_labels,
    gives,
    image,
    output,
    parameter,
    picture,
    run,
    step,
    takes,
)

VALUE = {"value": takes("generic")}
EACH = block("def run(self, value):\n    return {'result': value}", VALUE, name="Each")
PAIR = block(
    "def run(self, value):\n    return {'first': value, 'second': [value, value]}",
    VALUE,
    {"first": gives(), "second": gives("list_of_values")},
    "Pair",
)
NOTHING = block("def run(self, value):\n    return {'result': None}", VALUE, name="Nothing")
EXPAND = block(
    "def run(self, value):\n    return [{'result': v} for v in value]",
    VALUE,
    name="Expand",
    output_dimensionality_offset=1,
)
P, Q = batch("p", "*"), parameter("q")
ORIGIN = {"offset_x": 30, "offset_y": 12, "width": 640, "height": 480}
ROOT = {"offset_x": 130, "offset_y": 112, "width": 1920, "height": 1080}


def crop_of(**parents: Json) -> Json:
    """Detections in a crop that knows where it lay."""
    parents = {"parent_id": "crop", "root_parent_id": "image", **parents}
    points = [{"x": 5, "y": 5}, {"x": 30, "y": 8}, {"x": 20, "y": 40}]
    return boxes(
        box(20, 30, 20, 10, **parents, points=points),
        box(50, 40, 12, 14, **parents, points=points), width=100,
        height=80,
    )  # fmt: skip


def located(name: str, about: str, system: str | None, value: Json, kind: str = "") -> Case:
    kind = kind or "object_detection_prediction"
    workflow = definition(
        [batch("detections", kind)], [], [output("o", "$inputs.detections", system)]
    )
    return run(name, about, workflow, {"detections": value})


FROM_CROP = boxes(
    box(20, 30, 20, 10, parent_id="crop", root_parent_id="image", parent_origin=ORIGIN,
        root_parent_origin=ROOT),
    box(50, 40, 12, 14, parent_id="crop", root_parent_id="image", parent_origin=ORIGIN,
        root_parent_origin=ROOT), width=100, height=80,
)  # fmt: skip
WITH_MASK = boxes(
    box(20, 30, 20, 10, parent_id="crop", root_parent_id="image",
        parent_origin={**ORIGIN, "width": 200, "height": 150},
        root_parent_origin={**ORIGIN, "width": 200, "height": 150},
        points=[{"x": 5, "y": 5}, {"x": 30, "y": 8}, {"x": 20, "y": 40}]), width=100, height=80,
)  # fmt: skip
WITH_JOINTS = boxes(
    box(20, 30, 20, 10, parent_id="crop", root_parent_id="image", parent_origin=ORIGIN,
        root_parent_origin=ROOT, keypoints=[
            {"x": 10, "y": 20, "class": "nose", "class_id": 0, "confidence": 0.5}]),
    width=100, height=80,
)  # fmt: skip
WITH_POLYGON = boxes(
    box(20, 30, 20, 10, parent_id="crop", root_parent_id="image", parent_origin=ORIGIN,
        root_parent_origin=ROOT, polygon=[[1, 2], [30, 4], [20, 40]]), width=100, height=80,
)  # fmt: skip

PASS = block(
    "def run(self, detections):\n    d = detections\n"
    "    return {'result': {'a': [d], 'b': {'c': d}}}",
    {"detections": takes("generic")},
    name="Pass",
)
SCALAR = block(
    """
def run(self):
    found = sv.Detections(xyxy=np.array([[10.0, 20, 50, 60]]), confidence=np.array([0.5]),
                          class_id=np.array([3]))
    for key, value in {"class_name": "a", "detection_id": "one", "parent_id": "crop",
                       "root_parent_id": "image"}.items():
        found[key] = np.array([value])
    for key, value in {"image_dimensions": [60, 70], "parent_coordinates": [20, 10],
                       "parent_dimensions": [120, 160], "root_parent_coordinates": [20, 10],
                       "root_parent_dimensions": [120, 160]}.items():
        found[key] = np.array([value])
    return {"result": found}
""",
    outputs={"result": gives("object_detection_prediction")},
    name="Scalar",
)


def nested(name: str, about: str, system: str | None) -> Case:
    """Detections inside of lists and objects."""
    workflow = definition(
        [DETECTIONS],
        [step("Pass", "pass", detections="$inputs.detections")],
        [output("o", "$steps.pass.result", system)],
        [PASS],
    )
    return run(name, about, workflow, {"detections": FROM_CROP})


SYSTEMS = [
    *[located(f"system_{system or 'default'}", f"coordinates_system {system}", system, FROM_CROP)
      for system in ("own", "parent", None)],
    *[located(f"system_{system}_mask", f"a mask, {system}", system, WITH_MASK,
              "instance_segmentation_prediction") for system in ("own", "parent")],
    *[located(f"system_{system}_keypoints", f"keypoints, {system}", system, WITH_JOINTS,
              "keypoint_detection_prediction") for system in ("own", "parent")],
    *[located(f"system_{system}_polygon", f"a polygon, {system}", system, WITH_POLYGON)
      for system in ("own", "parent")],
    *[located(f"system_{system}_without_origin", f"parents without origins, {system}", system,
              crop_of(), "instance_segmentation_prediction") for system in ("own", "parent")],
    located("system_parent_same", "a root of the same size at the same place", "parent", boxes(
        box(20, 30, 20, 10, parent_id="crop", root_parent_id="image",
            parent_origin={**ORIGIN, "offset_x": 0, "offset_y": 0},
            root_parent_origin={"offset_x": 0, "offset_y": 0, "width": 100, "height": 80}),
        width=100, height=80)),
    located("system_parent_scaled", "a root of another size at the same place", "parent", boxes(
        box(20, 30, 20, 10, parent_id="crop", root_parent_id="image",
            parent_origin={**ORIGIN, "offset_x": 0, "offset_y": 0},
            root_parent_origin={"offset_x": 0, "offset_y": 0, "width": 200, "height": 160}),
        width=100, height=80)),
    located("system_empty", "no detections", "parent", boxes()),
    *[nested(f"system_{system or 'default'}_nested", f"in lists and objects, {system}", system)
      for system in ("own", "parent", None)],
    *[run(f"system_{system}_scalar", f"of a step that has no batch, {system}", definition(
        [], [step("Scalar", "make")], [output("o", "$steps.make.result", system)], [SCALAR]))
      for system in ("own", "parent")],
    run("system_both", "the same value twice", definition(
        [DETECTIONS], [], [output("own", "$inputs.detections", "own"),
                           output("parent", "$inputs.detections", "parent")]),
        {"detections": FROM_CROP}),
    run("system_image", "pictures are the same in both", definition(
        [IMAGE], [], [output("own", "$inputs.image", "own"),
                      output("parent", "$inputs.image", "parent")]),
        {"image": image(parent_id="crop", parent_origin=ORIGIN, root_parent_id="whole",
                        root_parent_origin=ROOT)}),
]  # fmt: skip

SHAPES = [
    run("none", "no outputs", definition([IMAGE], [], []), {"image": image()}),
    run("none_of_batch", "no outputs of a batch", definition([IMAGE], [], []),
        {"image": [image(), image()]}),
    run("none_but_steps", "steps run for nothing", definition(
        [P], [step("Each", "each", value="$inputs.p")], [], [EACH]), {"p": [1, 2]}),
    run("nothing", "nothing at all", definition()),
    run("parameter", "a parameter alone", definition([Q], [], {"o": "$inputs.q"}), {"q": [1, 2]}),
    run("parameter_repeated", "beside a batch it is repeated", definition(
        [P, Q], [], {"p": "$inputs.p", "q": "$inputs.q"}), {"p": [1, 2, 3], "q": "x"}),
    run("scalar_step_repeated", "so is a scalar step's", definition(
        [P, Q], [step("Each", "each", value="$inputs.q")],
        {"p": "$inputs.p", "each": "$steps.each.result"}, [EACH]), {"p": [1, 2], "q": {"a": 1}}),
    run("order", "scalars come first", definition(
        [P, Q], [step("Each", "each", value="$inputs.p")],
        {"b": "$steps.each.result", "q": "$inputs.q", "a": "$inputs.p"}, [EACH]),
        {"p": [1, 2], "q": 3}),
    run("same_twice", "one value under two names", definition(
        [P], [], {"a": "$inputs.p", "b": "$inputs.p"}), {"p": [1, 2]}),
    run("odd_names", "names of outputs are free", definition(
        [Q], [], {"": "$inputs.q", "a b": "$inputs.q", "ö.x": "$inputs.q"}), {"q": 1}),
    run("wildcard", "all of a step", definition(
        [P], [step("Pair", "pair", value="$inputs.p")], {"o": "$steps.pair.*"}, [PAIR]),
        {"p": ["a", "b"]}),
    run("wildcard_scalar", "of a scalar step", definition(
        [Q], [step("Pair", "pair", value="$inputs.q")], {"o": "$steps.pair.*"}, [PAIR]),
        {"q": "a"}),
    run("wildcard_skipped", "of a step that did not run", definition(
        [P], [step("Nothing", "nothing", value="$inputs.p"),
              step("Pair", "pair", value="$steps.nothing.result")],
        {"o": "$steps.pair.*"}, [NOTHING, PAIR]), {"p": [1, 2]}),
    run("wildcard_skipped_scalar", "nor as a scalar", definition(
        [Q], [step("Nothing", "nothing", value="$inputs.q"),
              step("Pair", "pair", value="$steps.nothing.result")],
        {"o": "$steps.pair.*"}, [NOTHING, PAIR]), {"q": 1}),
    run("wildcard_nested", "one level deeper", definition(
        [P], [step("Expand", "expand", value="$inputs.p"),
              step("Pair", "pair", value="$steps.expand.result")],
        {"o": "$steps.pair.*", "e": "$steps.expand.*"}, [EXPAND, PAIR]), {"p": ["ab", ""]}),
    run("wildcard_image", "of a drawing step", definition(
        [IMAGE, DETECTIONS], [draw_boxes()], [output("o", "$steps.draw.*", "own")]),
        {"image": image(), "detections": boxes()}),
    run("nested_and_flat", "levels side by side", definition(
        [P, Q], [step("Expand", "expand", value="$inputs.p")],
        {"deep": "$steps.expand.result", "flat": "$inputs.p", "q": "$inputs.q"}, [EXPAND]),
        {"p": ["ab", "", "c"], "q": 0}),
    run("nested_middle", "an empty list in the middle", definition(
        [P], [step("Expand", "one", value="$inputs.p"),
              step("Expand", "two", value="$steps.one.result")],
        {"two": "$steps.two.result"}, [EXPAND]), {"p": [["ab", "", "c"], ["", ""], ["d"]]}),
    run("images_repeated", "one picture for three", definition(
        [IMAGE, P], [], {"image": "$inputs.image", "p": "$inputs.p"}),
        {"image": image(), "p": [1, 2, 3]}),
    run("images_both", "the same text in two inputs", definition(
        [IMAGE, {**IMAGE, "name": "other"}], [], {"a": "$inputs.image", "b": "$inputs.other"}),
        {"image": image(), "other": image(video_metadata={
            "video_identifier": "x", "frame_number": 1,
            "frame_timestamp": "2026-01-02T03:04:05"})}),
    run("drawn_and_input", "drawn and not drawn", definition(
        [IMAGE, DETECTIONS], [draw_boxes(), draw_labels("label", image="$steps.draw.image")],
        {"a": "$inputs.image", "b": "$steps.draw.image", "c": "$steps.label.image"}),
        {"image": image("street.jpg"), "detections": THREE}),
]  # fmt: skip


def excluding(name: str, about: str, fields: Json) -> Case:
    workflow = definition([P, Q], [], {"p": "$inputs.p", "q": "$inputs.q"})
    return run(name, about, workflow, {"p": [1, 2], "q": 3}, excluded_fields=fields)


EXCLUDED = [
    excluding("excluded", "a field is left out", ["q"]),
    excluding("excluded_all", "all of them", ["p", "q"]),
    excluding("excluded_unknown", "a name that is not there", ["x"]),
    excluding("excluded_none", "an empty list", []),
    excluding("excluded_null", "null", None),
    excluding("excluded_text", "text is refused", "p"),
    run("excluded_image", "a picture is left out", definition(
        [IMAGE], [], {"image": "$inputs.image"}), {"image": picture("photo.jpg")},
        excluded_fields=["image"]),
    run("profiling", "profiling is off", definition([Q], [], {"q": "$inputs.q"}), {"q": 1},
        enable_profiling=True),
]  # fmt: skip

CASES = [*SYSTEMS, *SHAPES, *EXCLUDED]
