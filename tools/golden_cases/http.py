"""Routes, bodies and what else travels over HTTP."""

from collections.abc import Callable

from .build import (
    DETECTIONS,
    IMAGE,
    THREE,
    Case,
    Json,
    batch,
    block,
    definition,
    draw_boxes,
    draw_labels,
    get,
    gives,
    image,
    output,
    parameter,
    post,
    run,
    step,
    takes,
)

P = parameter("p")
ECHO = definition([P], [], {"p": "$inputs.p"})
PATH = "/workflows/run"
EACH = block("def run(self, value):\n    return {'result': value}", {"value": takes("generic")})


NO_JSON = {"detail.0.ctx": {"$any": "value"}, "detail.0.loc": {"$any": "value"}}
"""Where a reader of JSON gives up, and how it says so, is its own."""


def raw(name: str, about: str, path: str, text: str) -> Case:
    """A body as it is written."""
    request: dict[str, Json] = {"method": "POST", "path": path, "text": text}
    return Case(name, about, request, NO_JSON)


BODIES = [
    post("run", "a run", PATH, {"specification": ECHO, "inputs": {"p": 1}}),
    post("run_legacy", "the older route", "/infer/workflows",
         {"specification": ECHO, "inputs": {"p": 1}}),
    post("run_key", "a key is taken and not looked at", PATH,
         {"api_key": "anything", "specification": ECHO, "inputs": {"p": 1}}),
    post("run_further", "further keys are ignored", PATH, {
        "specification": ECHO, "inputs": {"p": 1}, "use_cache": True, "mood": "happy"}),
    post("run_all_keys", "every known key", PATH, {
        "specification": ECHO, "inputs": {"p": 1}, "api_key": None, "excluded_fields": None,
        "enable_profiling": False, "debug": False, "workflow_id": "w", "disable_sinks": True,
        "is_preview": True}),
    post("no_inputs", "inputs are missing", PATH, {"specification": ECHO}),
    post("no_specification", "the specification is missing", PATH, {"inputs": {}}),
    post("no_keys", "both are missing", PATH, {}),
    post("inputs_list", "inputs are an object", PATH, {"specification": ECHO, "inputs": []}),
    post("inputs_null", "not null", PATH, {"specification": ECHO, "inputs": None}),
    post("specification_text", "so is the specification", PATH,
         {"specification": "x", "inputs": {}}),
    post("specification_null", "not null either", PATH, {"specification": None, "inputs": {}}),
    post("specification_empty", "an empty specification", PATH,
         {"specification": {}, "inputs": {}}),
    post("key_number", "a key is text", PATH,
         {"specification": ECHO, "inputs": {}, "api_key": 3}),
    post("debug_text", "debug is a boolean", PATH,
         {"specification": ECHO, "inputs": {}, "debug": "maybe"}),
    post("debug_word", "yes is one", PATH,
         {"specification": ECHO, "inputs": {}, "debug": "yes"}),
    post("debug_null", "null is none", PATH,
         {"specification": ECHO, "inputs": {}, "debug": None}),
    post("excluded_numbers", "excluded_fields are text", PATH,
         {"specification": ECHO, "inputs": {}, "excluded_fields": [1]}),
    post("body_list", "a list as body", PATH, []),
    post("body_text", "text as body", PATH, "x"),
    post("body_null", "null as body", PATH, None),
    raw("body_empty", "no body", PATH, ""),
    raw("body_no_json", "no JSON", PATH, "{nope"),
    raw("body_cut", "JSON that ends early", PATH, '{"inputs": {'),
    raw("body_trailing", "JSON and more", PATH, '{"inputs": {}} x'),
    raw("validate_empty", "no definition", "/workflows/validate", ""),
    raw("validate_list", "a list as definition", "/workflows/validate", "[]"),
    raw("validate_no_json", "no JSON as definition", "/workflows/validate", "{"),
    post("versions_post", "nor may versions be posted", "/workflows/execution_engine/versions", {}),
]  # fmt: skip

INFO = [
    get("info", "who answers", "/info", {
        "name": {"$any": "string"}, "version": {"$any": "string"}, "uuid": {"$any": "string"}}),
    get("readiness", "ready", "/readiness"),
    get("healthz", "healthy", "/healthz"),
    get("versions", "the engine's versions", "/workflows/execution_engine/versions"),
]  # fmt: skip


def interface(name: str, about: str, workflow: Json, masks: Json = None, **body: Json) -> Case:
    """Schemas of kinds are compared by the schema tests, not here."""
    body = {"api_key": "key", **body}
    return post(
        f"interface_{name}",
        about,
        "/workflows/describe_interface",
        {**body, "specification": workflow},
        {"kinds_schemas": {"$any": "value"}, **(masks or {})},
    )


PREDICTIONS = {"$set": [
    "object_detection_prediction", "instance_segmentation_prediction",
    "keypoint_detection_prediction", "rle_instance_segmentation_prediction"]}  # fmt: skip
DRAWING = definition([IMAGE, DETECTIONS], [draw_boxes()], {"o": "$steps.draw.image"})
TYPED = block(
    "def run(self, value):\n    return {'a': 1, 'b': 2}",
    {"value": takes("generic", kinds={"generic": ["string", "integer"]})},
    {"a": gives("integer"), "b": gives()},
    "Typed",
)
INTERFACES = [
    interface("drawing", "a drawing step", DRAWING, {"inputs.detections": PREDICTIONS}),
    interface("wildcard", "all outputs of a step", definition(
        [P], [step("Typed", "typed", value="$inputs.p")], {"o": "$steps.typed.*"}, [TYPED]),
        {"inputs.p": {"$set": ["string", "integer"]}}),
    interface("dynamic", "a dynamic block", definition(
        [P], [step(value="$inputs.p")], {"o": "$steps.custom.result"}, [EACH])),
    interface("property", "a parameter of a property", definition(
        [IMAGE, DETECTIONS, P], [draw_boxes(thickness="$inputs.p")], {"o": "$steps.draw.image"}),
        {"inputs.detections": PREDICTIONS}),
    interface("twice", "one input in two steps", definition(
        [IMAGE, DETECTIONS], [draw_boxes("a"), draw_labels("b", image="$steps.a.image")],
        {"a": "$steps.a.image", "b": "$steps.b.image"}), {"inputs.detections": PREDICTIONS}),
    interface("unused", "an input that nobody reads", definition([IMAGE, P])),
    interface("nothing", "nothing at all", definition()),
    interface("input_output", "an input as output cannot be described", ECHO),
    interface("unknown_step", "an output of no step", definition(
        [], [], {"o": "$steps.nope.result"})),
    interface("unknown_property", "of no property", definition(
        [IMAGE, DETECTIONS], [draw_boxes()], {"o": "$steps.draw.nope"})),
    interface("unknown_input", "a step that reads no input", definition(
        [DETECTIONS], [draw_boxes()])),
    interface("unknown_block", "an unknown block", definition([], [step("nope")])),
    interface("wrong_kind", "kinds that do not meet", definition(
        [{**IMAGE, "kind": ["image"]}, batch("detections", "string")], [draw_boxes()]),
        {"message": {"$match": (
            "^Workflow definition contains whe following declaration of kind for input "
            "`detections`: \\{'string'\\}, whereas context of input selectors usage indicate "
            "conflicting `")}}),
    interface("bad_step", "a step that is misconfigured", definition(
        [IMAGE, DETECTIONS], [draw_boxes(thickness="x")])),
    interface("input_twice", "a name twice", definition([P, P])),
    interface("no_outputs", "the outputs are missing", {
        "version": "1.0", "inputs": [], "steps": []}),
    interface("no_name", "a name is missing", definition([{"type": "WorkflowImage"}])),
    interface("version", "another version", {**DRAWING, "version": "2.0"}),
    post("interface_no_key", "a key is demanded", "/workflows/describe_interface",
         {"specification": ECHO}),
    post("interface_no_specification", "so is a definition", "/workflows/describe_interface",
         {"api_key": "key"}),
    Case("interface_bearer", "the key may come in a header", {
        "method": "POST", "path": "/workflows/describe_interface",
        "headers": {"Authorization": "Bearer key"},
        "body": {"specification": definition([P])}}),
]  # fmt: skip

KIND_TEXTS = {f"*.kind.*.{key}": {"$any": "value"} for key in ("docs", "description")}


def made(name: str, about: str, manifest: Json) -> Case:
    path = "/workflows/blocks/dynamic_outputs"
    return post(f"outputs_{name}", about, path, manifest, KIND_TEXTS)


OUTPUTS = [
    made("boxes", "the outputs of a step", draw_boxes()),
    made("labels", "of another", draw_labels()),
    made("bad", "of one that is misconfigured", draw_boxes(thickness="x")),
    made("unknown", "of an unknown block", step("nope")),
    made("empty", "of nothing", {}),
    post("outputs_list", "a list", "/workflows/blocks/dynamic_outputs", []),
]  # fmt: skip

LARGE = definition(
    [IMAGE, DETECTIONS],
    [draw_boxes("a"), draw_labels(image="$steps.a.image")],
    [output("boxes", "$steps.a.image", "own"), output("labels", "$steps.draw.image", "own")],
)
UNICODE = 'naïve 猫 ☃ \U0001f600 \x00 \\ " /'
TRAVEL = [
    run("unicode", "text of any script", ECHO, {"p": UNICODE}),
    run("numbers", "numbers", ECHO, {"p": [0, -1, 2**53 + 1, 2**63 - 1, 1e300, 1.5e-7, -0.0, 1.0]}),
    run("deep", "twenty levels", ECHO, {"p": [[[[[[[[[[[[[[[[[[[["x"]]]]]]]]]]]]]]]]]]]]}),
    run("long_text", "a long text", ECHO, {"p": "x" * 5000}),
    run("many_keys", "many keys", ECHO, {"p": {f"key {n}": n for n in range(300)}}),
    run("large", "a larger picture through two steps", LARGE, {
        "image": image("photo_large.jpg"), "detections": {
            **THREE, "image": {"width": 640, "height": 480}}}),
]  # fmt: skip

PROSE = {
    "description", "docs", "examples", "title", "long_description", "short_description", "license",
    "search_keywords", "ui_manifest", "warnings", "always_visible", "serialised_data_type",
    "internal_data_type", "human_friendly_block_name", "fully_qualified_block_class_name", "name",
    "version", "block_type",
}  # fmt: skip


def facts(value: Json, prose: bool = True) -> Json:
    """A description without its prose; names of kinds and properties stay."""
    if isinstance(value, list):
        return [facts(item, False) for item in value]
    if not isinstance(value, dict):
        return value
    named = {key: item for key, item in value.items() if key == "name" and not prose}
    kept = {key: facts(item) for key, item in value.items() if key not in PROSE}
    if isinstance(value.get("properties"), dict):
        kept["properties"] = {key: facts(item) for key, item in value["properties"].items()}
    return {**named, **kept}


def blocks_of(*types: str) -> Callable[[Json], Json]:
    """The descriptions of these blocks."""
    return lambda body: {
        "blocks": [
            facts(item) for item in body["blocks"] if item["manifest_type_identifier"] in types
        ]
    }


def connections(body: Json) -> Json:
    """What connects to the drawing blocks."""
    keys = ("manifest_type_identifier", "property_name", "compatible_element")
    return {
        "kinds_connections": {
            kind: [
                {key: item[key] for key in keys}
                for item in body["kinds_connections"][kind]
                if item["manifest_type_identifier"] in DRAWN
            ]
            for kind in ("image", "integer", "object_detection_prediction")
        },
        "primitives_connections": [
            {key: item[key] for key in (*keys[:2], "type_annotation")}
            for item in body["primitives_connections"]
            if item["manifest_type_identifier"] in DRAWN
        ],
    }


def described(name: str, about: str, request: Json, select: Callable[[Json], Json]) -> Case:
    return Case(f"describe_{name}", about, request, {}, select)


DRAWN = (
    "roboflow_core/bounding_box_visualization@v1",
    "roboflow_core/label_visualization@v1",
)
DESCRIBE = {"method": "GET", "path": "/workflows/blocks/describe"}
MANY = block(
    "def run(self, value, more, number):\n    return {'a': 1}",
    {
        "value": takes("step_output", "input_parameter", kinds={"step_output": ["string"]}),
        "more": takes("input_image", is_optional=True, dimensionality_offset=1),
        "number": {
            "type": "DynamicInputDefinition",
            "value_types": ["integer", "float"],
            "has_default_value": True,
            "default_value": 5,
        },
    },
    {"a": gives("integer", "string")},
    "Many",
)
DESCRIBED = [
    described("blocks", "what the drawing blocks are", DESCRIBE, blocks_of(*DRAWN)),
    described("connections", "what may be plugged into them", DESCRIBE, connections),
    described("kinds", "the kinds", DESCRIBE, lambda body: {
        "declared_kinds": [{"name": kind["name"]} for kind in body["declared_kinds"]
                           if kind["name"] in ("image", "*", "string", "integer", "zone")]}),
    described("dynamic", "a block of the request", {
        **DESCRIBE, "method": "POST", "body": {"dynamic_blocks_definitions": [MANY]}},
        blocks_of("Many")),
    described("dynamic_schema", "how dynamic blocks are defined", DESCRIBE, lambda body: {
        "dynamic_block_definition_schema": facts(body["dynamic_block_definition_schema"])}),
    described("schema", "how a definition is built",
              {"method": "GET", "path": "/workflows/definition/schema"},
              lambda body: {"schema": {"required": body["schema"]["required"], "properties": {
                  key: {} for key in body["schema"]["properties"]}}}),
    post("describe_bad", "a malformed dynamic block", "/workflows/blocks/describe",
         {"dynamic_blocks_definitions": [{}]}),
    post("describe_bad_kind", "one with an unknown kind", "/workflows/blocks/describe",
         {"dynamic_blocks_definitions": [block("x = 1", outputs={"a": gives("nope")})]},
         {"message": {"$match": "^Could not find kind with name `nope` declared for output `a`"}}),
    post("describe_bad_code", "one that is no Python", "/workflows/blocks/describe",
         {"dynamic_blocks_definitions": [block("def run(self")]}),
]  # fmt: skip

CASES = [*BODIES, *INFO, *INTERFACES, *OUTPUTS, *DESCRIBED, *TRAVEL]
