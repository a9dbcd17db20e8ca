"""Selectors to nowhere, of wrong kinds and in circles."""

from .build import (
    DETECTIONS,
    IMAGE,
    Case,
    Json,
    batch,
    block,
    definition,
    draw_boxes,
    draw_labels,
    gives,
    image,
    output,
    parameter,
    run,
    step,
    takes,
    validate,
)

ANY = {"value": takes("generic")}
EACH = block("def run(self, value):\n    return {'result': value}", ANY, name="Each")
TEXT = block(
    "def run(self, value):\n    return {'result': str(value)}",
    {"value": takes("generic", kinds={"generic": ["string"]})},
    {"result": gives("string")},
    "Text",
)
NUMBER = block("def run(self):\n    return {'result': 1}", outputs={"result": gives("integer")},
               name="Number")  # fmt: skip
P = parameter("p")
INPUTS = [IMAGE, DETECTIONS]


def wired(name: str, about: str, steps: Json, blocks: Json = (EACH,), inputs: Json = (P,)) -> Case:
    return validate(name, about, definition(inputs, steps, [], blocks))


def kinds(name: str, about: str, workflow: Json, step_name: str, words: str) -> Case:
    """A clash of kinds; the lists in the message come in any order."""
    pattern = f"^Failed to validate reference provided for step: \\$steps\\.{step_name} {words}"
    return validate(name, about, workflow, {"message": {"$match": pattern}})


STEPS = [
    wired("unknown_input", "an input that is not there",
          [step("Each", "each", value="$inputs.nope")]),
    wired("unknown_step", "a step that is not there",
          [step("Each", "each", value="$steps.nope.result")]),
    wired("unknown_property", "an output that is not there",
          [step("Each", "a", value="$inputs.p"), step("Each", "b", value="$steps.a.nope")]),
    wired("wildcard_in_step", "a wildcard in a step",
          [step("Each", "a", value="$inputs.p"), step("Each", "b", value="$steps.a.*")]),
    wired("step_itself", "a step instead of its output",
          [step("Each", "a", value="$inputs.p"), step("Each", "b", value="$steps.a")]),
    wired("too_long", "four parts", [step("Each", "a", value="$steps.a.b.c")]),
    wired("no_selector", "text that is none", [step("Each", "a", value="hello")]),
    wired("empty_text", "an empty one", [step("Each", "a", value="")]),
    wired("dollar_only", "a dollar", [step("Each", "a", value="$")]),
    wired("other_root", "a root that does not exist", [step("Each", "a", value="$outputs.x")]),
    wired("space", "a name with a space", [step("Each", "a", value="$inputs.my input")]),
    wired("dot_pattern", "the pattern's dot matches anything",
          [step("Each", "a", value="$inputsXp")]),
    wired("upper_case", "letters matter", [step("Each", "a", value="$Inputs.p")]),
    wired("list", "a list where a selector is due", [step("Each", "a", value=["$inputs.p"])]),
    wired("number", "a number", [step("Each", "a", value=3)]),
    wired("null", "null", [step("Each", "a", value=None)]),
    wired("cycle_self", "a step that reads itself", [step("Each", "a", value="$steps.a.result")]),
    wired("cycle_two", "two that read each other",
          [step("Each", "a", value="$steps.b.result"), step("Each", "b", value="$steps.a.result")]),
    wired("cycle_three", "three in a circle",
          [step("Each", "a", value="$steps.c.result"), step("Each", "b", value="$steps.a.result"),
           step("Each", "c", value="$steps.b.result")]),
    wired("cycle_aside", "a circle beside what works",
          [step("Each", "ok", value="$inputs.p"), step("Each", "a", value="$steps.b.result"),
           step("Each", "b", value="$steps.a.result")]),
    wired("two_errors", "the first one is told",
          [step("Each", "a", value="$inputs.x"), step("Each", "b", value="$steps.y.z")]),
    validate("unknown_input_of_draw", "in a drawing step", definition(
        INPUTS, [draw_boxes(image="$inputs.nope")])),
    validate("unknown_step_of_draw", "its predictions", definition(
        INPUTS, [draw_boxes(predictions="$steps.nope.predictions")])),
    validate("unknown_input_of_property", "a property", definition(
        INPUTS, [draw_boxes(thickness="$inputs.nope")])),
    validate("unknown_property_of_draw", "an output that drawing has not", definition(
        INPUTS, [draw_boxes("a"), draw_boxes("b", image="$steps.a.picture")])),
    validate("cycle_of_draw", "drawing in a circle", definition(
        INPUTS, [draw_boxes("a", image="$steps.b.image"),
                 draw_labels("b", image="$steps.a.image")])),
]  # fmt: skip

KINDS = [
    kinds("kind_of_input", "an input of another kind", definition(
        [batch("p", "integer")], [step("Text", "text", value="$inputs.p")], [], [TEXT]), "text",
        r"regarding property: value with value: \$inputs\.p\. Allowed kinds of references for "
        r"this property: \['string'\]\. Types of output for referred property: \['integer'\]$"),
    kinds("kind_of_step", "a step's output of another kind", definition(
        [], [step("Number", "number"), step("Text", "text", value="$steps.number.result")], [],
        [TEXT, NUMBER]), "text",
        r"regarding property: value with value: \$steps\.number\.result\. "),
    kinds("kind_of_image", "predictions as a picture", definition(
        INPUTS, [draw_boxes(image="$inputs.detections")]), "draw",
        r"regarding property: image with value: \$inputs\.detections\. Allowed kinds of "
        r"references for this property: \['image'\]\. Types of output for referred property: "
        r"\['object_detection_prediction'\]$"),
    kinds("kind_of_predictions", "a picture as predictions", definition(
        INPUTS, [draw_boxes(predictions="$inputs.image")]), "draw",
        r"regarding property: predictions with value: \$inputs\.image\. "),
    kinds("kind_of_property", "text for a number", definition(
        [*INPUTS, parameter("p", kind=["string"])], [draw_boxes(thickness="$inputs.p")]), "draw",
        r"regarding property: thickness with value: \$inputs\.p\. "),
    validate("kind_any", "any kind fits", definition(
        [*INPUTS, P], [draw_boxes(thickness="$inputs.p")])),
    validate("kind_shared", "one shared kind is enough", definition(
        [batch("p", "integer", "string")], [step("Text", "text", value="$inputs.p")], [], [TEXT])),
    validate("kind_unknown", "a kind that nobody knows fits nothing", definition(
        [batch("p", "thing")], [step("Text", "text", value="$inputs.p")], [], [TEXT])),
    validate("kind_object", "a kind as an object", definition(
        [{"type": "WorkflowBatchInput", "name": "p", "kind": [{"name": "string"}]}],
        [step("Text", "text", value="$inputs.p")], [], [TEXT])),
    validate("kind_of_image_input", "an image input may claim a kind", definition(
        [{**IMAGE, "kind": ["string"]}], [step("Text", "text", value="$inputs.image")], [],
        [TEXT])),
]  # fmt: skip


def ends(name: str, about: str, *outputs: Json, steps: Json = (), blocks: Json = ()) -> Case:
    return validate(name, about, definition([P, IMAGE], steps, list(outputs), blocks))


MADE = {"steps": [step("Number", "number")], "blocks": [NUMBER]}
OUTPUTS = [
    ends("output_unknown_input", "an output of no input", output("o", "$inputs.nope")),
    ends("output_unknown_step", "of no step", output("o", "$steps.nope.result")),
    ends("output_unknown_step_all", "all of no step", output("o", "$steps.nope.*")),
    ends("output_unknown_property", "of no output", output("o", "$steps.number.nope"), **MADE),
    validate("output_step_itself", "a step itself", definition(
        [P], [step("Number", "number")], [output("o", "$steps.number")], [NUMBER]),
        {"message": {"$any": "string"}}),
    ends("output_text", "text that is no selector", output("o", "hello")),
    ends("output_empty", "an empty one", output("o", "")),
    ends("output_input_wildcard", "all of an input", output("o", "$inputs.p.*")),
    ends("output_number", "a number", output("o", 3)),
    ends("output_null", "null", output("o", None)),
    ends("output_second_bad", "the second of two", output("a", "$inputs.p"),
         output("b", "$inputs.q")),
    ends("output_good", "all as it should be", output("a", "$inputs.p"),
         output("b", "$inputs.image"), output("c", "$steps.number.*"),
         output("d", "$steps.number.result"), **MADE),
]  # fmt: skip

MIXED = [
    run("batch_for_parameter", "a batch for a parameter's selector", definition(
        [batch("p", "*")], [step("Scalar", "s", value="$inputs.p")], {"o": "$steps.s.result"},
        [block("def run(self, value):\n    return {'result': value}",
               {"value": takes("input_parameter")}, name="Scalar")]), {"p": [1, 2]}),
    run("batch_for_parameter_whole", "of a block that takes batches", definition(
        [batch("p", "*"), batch("q", "*")],
        [step("Scalar", "s", value="$inputs.p", other="$inputs.q")], {"o": "$steps.s.result"},
        [block("def run(self, value, other):\n    return [{'result': v} for v in other]",
               {"value": takes("input_parameter"), "other": takes("generic")}, name="Scalar",
               batch_oriented_parameters=["other"])]), {"p": [1, 2], "q": [3, 4]}),
    run("thickness_from_batch", "a thickness for each picture", definition(
        [*INPUTS, batch("t", "integer")], [draw_boxes(thickness="$inputs.t")],
        {"o": "$steps.draw.image"}),
        {"image": [image("second.jpg"), image("odd.jpg")], "t": [1, 9],
         "detections": {"image": {"width": 90, "height": 50}, "predictions": [
             {"x": 40, "y": 25, "width": 30, "height": 20, "class": "a", "class_id": 0,
              "confidence": 1, "detection_id": "d"}]}}),
    run("nested_and_flat", "two depths in one step", definition(
        [batch("p", "*", dimensionality=2), batch("q", "*")],
        [step("Both", "both", a="$inputs.p", b="$inputs.q")], {"o": "$steps.both.result"},
        [block("def run(self, a, b):\n    return {'result': 1}",
               {"a": takes("generic"), "b": takes("generic")}, name="Both")]),
        {"p": [[1]], "q": [1]}),
    run("nested_twice", "two nested inputs", definition(
        [batch("p", "*", dimensionality=2), batch("q", "*", dimensionality=2)],
        [step("Both", "both", a="$inputs.p", b="$inputs.q")], {"o": "$steps.both.result"},
        [block("def run(self, a, b):\n    return {'result': [a, b]}",
               {"a": takes("generic"), "b": takes("generic")}, name="Both")]),
        {"p": [[1, 2]], "q": [[3, 4]]}),
]  # fmt: skip

CASES = [*STEPS, *KINDS, *OUTPUTS, *MIXED]
