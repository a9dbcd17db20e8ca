"""What a definition may not be."""

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
    image,
    output,
    parameter,
    run,
    step,
    takes,
    validate,
)

INPUTS = [IMAGE, DETECTIONS]
P = parameter("p")
GOOD = definition(INPUTS, [draw_boxes()], {"o": "$steps.draw.image"})


def without(workflow: Json, key: str) -> Json:
    return {name: value for name, value in workflow.items() if name != key}


def drawn(name: str, about: str, **properties: Json) -> Case:
    return validate(f"boxes_{name}", about, definition(INPUTS, [draw_boxes(**properties)]))


def labelled(name: str, about: str, **properties: Json) -> Case:
    return validate(f"labels_{name}", about, definition(INPUTS, [draw_labels(**properties)]))


TOP = [
    validate("good", "all as it should be", GOOD),
    validate("empty", "nothing but the lists", definition()),
    *[validate(f"no_{key}", f"{key} is missing", without(GOOD, key))
      for key in ("inputs", "steps", "outputs")],
    *[validate(f"{key}_{name}", f"{key} is {name}", {**GOOD, key: value})
      for key in ("inputs", "steps", "outputs")
      for name, value in {"null": None, "text": "x", "object": {}}.items()],
    validate("no_keys", "an empty object", {}),
    validate("further_keys", "further keys are ignored", {**GOOD, "id": "a", "notes": {"x": 1}}),
    validate("id_number", "even an id that is a number", {**GOOD, "id": 3}),
    validate("dynamic_null", "no dynamic blocks: null",
             {**GOOD, "dynamic_blocks_definitions": None}),
    validate("dynamic_empty", "no dynamic blocks: an empty list",
             {**GOOD, "dynamic_blocks_definitions": []}),
]  # fmt: skip


def declared(name: str, about: str, value: Json) -> Case:
    return validate(f"input_{name}", about, definition([value]))


DECLARED = [
    declared("unknown_type", "an unknown type of input", {"type": "WorkflowSound", "name": "a"}),
    declared("no_type", "no type", {"name": "a"}),
    declared("no_name", "no name", {"type": "WorkflowImage"}),
    declared("name_number", "a number as name", {"type": "WorkflowImage", "name": 3}),
    declared("name_empty", "an empty name", {"type": "WorkflowImage", "name": ""}),
    declared("text", "text", "image"),
    declared("null", "null", None),
    declared("further", "further keys are ignored", {**IMAGE, "colour": "red"}),
    declared("kind_text", "kind is a list", {**DETECTIONS, "kind": "string"}),
    declared("kind_number", "of names", {**DETECTIONS, "kind": [3]}),
    declared("image_dimension", "an image has one dimension", {**IMAGE, "dimensionality": 2}),
    declared("parameter_dimension", "a parameter none", {**P, "dimensionality": 1}),
    declared("dimension_zero", "a batch at least one", batch("p", "*", dimensionality=0)),
    declared("dimension_negative", "not fewer", batch("p", "*", dimensionality=-1)),
    declared("dimension_text", "as text it is converted", batch("p", "*", dimensionality="2")),
    declared("dimension_fraction", "a fraction is not", batch("p", "*", dimensionality=1.5)),
    validate("input_twice", "a name twice", definition([IMAGE, IMAGE])),
    validate("input_twice_types", "even of two types", definition([IMAGE, parameter("image")])),
    validate("step_twice", "a step's name twice", definition(
        INPUTS, [draw_boxes("a"), draw_labels("a")])),
    validate("output_twice", "an output's name twice", definition(
        [IMAGE], [], [output("o", "$inputs.image"), output("o", "$inputs.image")])),
    validate("all_twice", "the first is told", definition(
        [IMAGE, IMAGE], [], [output("o", "$inputs.image"), output("o", "$inputs.image")])),
    validate("step_like_input", "a step may be called like an input", definition(
        INPUTS, [draw_boxes("image")], {"image": "$steps.image.image"})),
]  # fmt: skip


def stepped(name: str, about: str, value: Json) -> Case:
    return validate(f"step_{name}", about, definition(INPUTS, [value]))


STEPS = [
    stepped("unknown_type", "an unknown block", {**draw_boxes(), "type": "nope"}),
    stepped("unknown_version", "an unknown version of a block", {
        **draw_boxes(), "type": "roboflow_core/bounding_box_visualization@v9"}),
    stepped("no_type", "no type", without(draw_boxes(), "type")),
    stepped("no_name", "no name", without(draw_boxes(), "name")),
    stepped("name_null", "null as name", {**draw_boxes(), "name": None}),
    stepped("no_image", "a property is missing", without(draw_boxes(), "image")),
    stepped("no_predictions", "another", without(draw_boxes(), "predictions")),
    stepped("no_properties", "all of them", {
        "type": "roboflow_core/bounding_box_visualization@v1", "name": "a"}),
    validate("two_bad_steps", "two steps, two errors", definition(
        INPUTS, [without(draw_boxes("a"), "image"), {**draw_labels("b"), "text_padding": "x"}])),
    validate("bad_and_good", "the good one is not told", definition(
        INPUTS, [draw_boxes("a"), {**draw_labels("b"), "text": 5}])),
    drawn("image_literal", "a picture is not written down", image="hello"),
    drawn("image_object", "nor an object", image={"type": "base64", "value": "x"}),
    drawn("predictions_list", "nor predictions", predictions=[]),
    drawn("palette_unknown", "an unknown palette", color_palette="Matplotlib Jet"),
    drawn("palette_lower", "letters matter", color_palette="default"),
    drawn("palette_number", "a number as palette", color_palette=3),
    drawn("size_text", "text as palette size", palette_size="many"),
    drawn("size_digits", "digits are converted", palette_size="7"),
    drawn("size_fraction", "a fraction is not", palette_size=2.5),
    drawn("size_null", "nor null", palette_size=None),
    drawn("colors_text", "custom colours are a list", custom_colors="#FF0000"),
    drawn("colors_numbers", "of text", custom_colors=[1, 2]),
    drawn("axis_unknown", "an unknown axis", color_axis="MOOD"),
    drawn("thickness_text", "text as thickness", thickness="thick"),
    drawn("thickness_list", "a list as thickness", thickness=[2]),
    drawn("thickness_true", "true is 1", thickness=True),
    drawn("roundness_high", "a roundness above one", roundness=1.01),
    drawn("roundness_low", "below zero", roundness=-0.5),
    drawn("roundness_text", "as text it is converted", roundness="0.5"),
    drawn("copy_text", "copy_image as text", copy_image="maybe"),
    drawn("copy_word", "yes is true", copy_image="yes"),
    drawn("copy_number", "1 is true", copy_image=1),
    drawn("copy_two", "2 is not", copy_image=2),
    labelled("text_unknown", "an unknown text", text="Mood"),
    labelled("position_unknown", "an unknown position", text_position="LEFT"),
    labelled("color_number", "a number as colour", text_color=3),
    labelled("color_any", "any text may be a colour until it is drawn", text_color="mauve"),
    labelled("scale_text", "text as scale", text_scale="large"),
    labelled("scale_integer", "an integer as scale", text_scale=2),
    labelled("padding_fraction", "a fraction as padding", text_padding=1.5),
    labelled("padding_whole", "a whole number with a point", text_padding=3.0),
    labelled("radius_null", "null as radius", border_radius=None),
    labelled("several", "several bad properties", text="x", text_scale="y", border_radius="z"),
]  # fmt: skip


def ended(name: str, about: str, value: Json) -> Case:
    return validate(f"output_{name}", about, definition([IMAGE], [], [value]))


FIELD = output("o", "$inputs.image")
OUTPUTS = [
    ended("no_type", "no type", without(FIELD, "type")),
    ended("wrong_type", "another type", {**FIELD, "type": "XmlField"}),
    ended("no_name", "no name", without(FIELD, "name")),
    ended("no_selector", "no selector", without(FIELD, "selector")),
    ended("name_number", "a number as name", {**FIELD, "name": 1}),
    ended("system_unknown", "an unknown coordinates_system",
          {**FIELD, "coordinates_system": "root"}),
    ended("system_null", "null as coordinates_system", {**FIELD, "coordinates_system": None}),
    ended("system_upper", "letters matter", {**FIELD, "coordinates_system": "OWN"}),
    ended("further", "further keys are ignored", {**FIELD, "format": "png"}),
    ended("text", "text", "$inputs.image"),
]  # fmt: skip

CODE = block("def run(self, value):\n    return {'result': value}", {"value": takes("generic")})
RUNS = [
    run("run_bad_step", "a bad definition is told before bad inputs", definition(
        INPUTS, [draw_boxes(thickness="x")]), {}),
    run("run_duplicate", "so is a name twice", definition([IMAGE, IMAGE]), {}),
    run("run_bad_input", "then come the inputs", GOOD, {}),
    run("run_good", "then it runs", GOOD, {"image": image("odd.jpg"), "detections": {
        "image": {"width": 97, "height": 53}, "predictions": []}}),
    validate("dynamic_missing_property", "a property of a dynamic block", definition(
        [P], [step()], [], [CODE])),
    validate("dynamic_bad_selector", "a wrong one", definition(
        [P], [step(value=5)], [], [CODE])),
    validate("dynamic_good", "a right one", definition([P], [step(value="$inputs.p")], [], [CODE])),
    validate("dynamic_bad_code", "code that is no Python", definition(
        [P], [], [], [block("def run(self:")])),
    validate("dynamic_runs_module", "the module is run", definition(
        [P], [], [], [block("raise ValueError('module')")])),
    validate("dynamic_not_run", "the function is not", definition(
        [], [step()], [], [block("def run(self):\n    raise ValueError('run')")])),
    validate("dynamic_first", "dynamic blocks come before the rest", {
        **definition([], [], [], [block("def run(self:")]), "inputs": 3}),
]  # fmt: skip

CASES = [*TOP, *DECLARED, *STEPS, *OUTPUTS, *RUNS]
