"""Blocks of the user's own code: manifests, values in and out, batches, failures, output."""

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
    gives,
    image,
    literal,
    output,
    parameter,
    python,
    run,
    step,
    takes,
)

ONE = "def run(self):\n    return {'result': 1}"
VALUE = {"value": takes("generic")}
TAKE = {"value": "$inputs.p"}
TYPE = "def run(self, value):\n    return {'result': [type(value).__name__, repr(value)]}"
P = parameter("p")


def code(name: str, about: str, source: str, **more: Json) -> Case:
    """A block without inputs."""
    return python(name, about, source, **more)


def shown(name: str, about: str, value: Json, accepts: Json, **more: Json) -> Case:
    """A literal as the code sees it."""
    return python(
        name, about, TYPE, properties={"value": value}, accepts={"value": accepts}, **more
    )


def returned(name: str, about: str, expression: str, kind: str | None = None) -> Case:
    """An expression as the answer shows it."""
    outputs = {"result": gives(*([kind] if kind else []))}
    return python(name, about, f"def run(self):\n    return {{'result': {expression}}}",
                  outputs=outputs)  # fmt: skip


def outside(text: str) -> Json:
    """Masks of a failure in the frame that calls the code: its line is the peer's own."""
    message = {"$match": rf"^Error in line \d+, in \w+: TypeError: {text}$"}
    return {
        "message": message,
        "blocks_errors.0.property_details": message,
        "blocks_errors.0.block_traceback": {"$any": "value"},
    }


LITERALS = [
    shown("literal_integer", "an integer", 3, literal("integer")),
    shown("literal_integer_text", "text for an integer is converted", "3", literal("integer")),
    shown("literal_integer_float", "so is 3.0", 3.0, literal("integer")),
    shown("literal_integer_fraction", "3.5 is refused", 3.5, literal("integer")),
    shown("literal_integer_true", "true is taken as 1", True, literal("integer")),
    shown("literal_float", "a float", 3.5, literal("float")),
    shown("literal_float_integer", "an integer becomes a float", 3, literal("float")),
    shown("literal_boolean", "a boolean", True, literal("boolean")),
    shown("literal_boolean_text", "yes is true", "yes", literal("boolean")),
    shown("literal_boolean_number", "2 is neither", 2, literal("boolean")),
    shown("literal_string", "a string", "text", literal("string")),
    shown("literal_string_number", "a number is no string", 3, literal("string")),
    shown("literal_list", "a list", [1, "a", None], literal("list")),
    shown("literal_list_selectors", "selectors in a list stay text", ["$inputs.x"],
          literal("list")),
    shown("literal_dict", "an object", {"a": {"b": 1}}, literal("dict")),
    shown("literal_any", "anything", {"a": [1.5, None, "x"]}, literal("any")),
    shown("literal_union", "the first that fits exactly", "3", literal("integer", "string")),
    shown("literal_union_order", "integers before floats", 3, literal("float", "integer")),
    shown("literal_null", "null is refused", None, literal("integer")),
    shown("literal_optional", "unless optional", None, literal("integer", is_optional=True)),
    shown("literal_color", "a colour may be text", "#FF0000",
          takes("input_parameter", kinds={"input_parameter": ["rgb_color"]})),
    python("default_value", "a default is used", TYPE, accepts={
        "value": literal("integer", has_default_value=True, default_value=5)}),
    python("default_list", "a list as default", TYPE, accepts={
        "value": literal("list", has_default_value=True, default_value=[1])}),
    python("default_null", "null as default", TYPE, accepts={
        "value": literal("integer", has_default_value=True)}),
    python("default_unchecked", "a default is not checked", TYPE, accepts={
        "value": literal("integer", has_default_value=True, default_value="x")}),
    python("missing_property", "a property is missing", TYPE,
           accepts={"value": literal("integer")}),
    python("missing_optional", "even an optional one", TYPE,
           accepts={"value": literal("integer", is_optional=True)}),
    python("further_properties", "further properties are ignored", ONE,
           properties={"mood": "happy", "value": "$inputs.nope"}),
]  # fmt: skip

RETURNED = [
    returned("return_scalars", "plain values",
             "{'a': 1, 'b': 2.5, 'c': 'x', 'd': True, 'e': None, 'f': [1, (2, 3)]}"),
    returned("return_numpy", "numpy values",
             "{'i': np.int64(3), 'f': np.float32(0.1), 'd': np.float64(0.1), 'b': np.bool_(True),"
             " 'a': np.arange(4).reshape(2, 2), 'g': np.linspace(0, 1, 3, dtype=np.float32)}"),
    returned("return_nan", "no number", "[float('nan'), float('inf'), np.array([1.0, np.nan])]"),
    returned("return_bytes", "bytes become base64", "b'hello'"),
    returned("return_keys", "keys become text", "{1: 'a', 2.5: 'b', None: 'c', True: 'd'}"),
    returned("return_tuple", "a tuple is a list", "(1, ('a',))"),
    returned("return_set", "a set cannot be sent", "{1, 2}"),
    returned("return_object", "an object cannot either", "object()"),
    returned("return_complex", "nor a complex number", "1j"),
    returned("return_large", "large integers", "[2 ** 53 + 1, 2 ** 63 - 1, -2 ** 63]"),
    returned("return_too_large", "an integer beyond 64 bits", "2 ** 70"),
    returned("return_unicode", "any text", "'naïve ☃ \\U0001f600 \\x00 \"quoted\"'"),
    returned("return_datetime", "a time",
             "__import__('datetime').datetime(2026, 3, 1, 12, 30, 45, 5)"),
    returned("return_date", "a day", "{'d': __import__('datetime').date(2026, 3, 1)}"),
    returned("return_enum", "an enumeration",
             "__import__('enum').Enum('E', ['A', 'B']).A"),
    returned("return_dataclass", "a data class",
             "__import__('dataclasses').make_dataclass('D', ['x'])(3)"),
    returned("return_uuid", "an identifier",
             "__import__('uuid').UUID('12345678-1234-5678-1234-567812345678')"),
    returned("return_none", "nothing", "None"),
    returned("kind_string_number", "a kind without serialiser is only a declaration", "200",
             "string"),
    returned("kind_timestamp", "a timestamp",
             "__import__('datetime').datetime(2026, 3, 1, 12, 30)", "timestamp"),
    returned("kind_timestamp_bad", "text is no timestamp", "'noon'", "timestamp"),
    returned("kind_secret", "a secret is masked", "'abcdefghij'", "secret"),
    returned("kind_secret_null", "nothing stays nothing", "None", "secret"),
    returned("kind_image_bad", "3 is no image", "3", "image"),
    returned("kind_detections_bad", "text is no detection", "'x'", "object_detection_prediction"),
    returned("kind_numpy", "an array", "np.eye(2)", "numpy_array"),
    returned("kind_bytes", "bytes", "b'\\x00\\x01'", "bytes"),
    returned("kind_integer_float", "2.5 where an integer was promised", "2.5", "integer"),
]  # fmt: skip

NAMES = """
def run(self):
    names = [Any, Dict, List, Set, Optional, sv, np, math, time, json, os, requests, cv2, shapely,
             Batch, WorkflowImageData, BlockResult, debug_traces, globals]
    return {"result": [len(names), sv.__version__, np.__version__, type(globals).__name__]}
"""
FAILURES = [
    code("error", "an exception",
         "def run(self):\n    x = 1\n    raise ValueError('bad ' + str(x))"),
    code("error_division", "with its line", "\n\ndef run(self):\n    return {'result': 1 / 0}"),
    code("error_nested", "in a function of one's own",
         "def inner(n):\n    return [][n]\n\ndef run(self):\n    return {'result': inner(3)}"),
    code("error_long", "ten lines around it",
         "def run(self):\n" + "".join(f"    a{n} = {n}\n" for n in range(15))
         + "    a15 = undefined\n" + "".join(f"    b{n} = {n}\n" for n in range(15))
         + "    return {'result': a15}"),
    code("error_first_line", "at the module's first line",
         "def run(self): raise KeyError('k')\n"),
    code("error_import_lines", "imports do not move the lines",
         "def run(self):\n    raise RuntimeError('x')",
         python={"imports": ["import random", "import string", "import uuid"]}),
    code("error_one_import", "nor does a single one",
         "def run(self):\n    raise RuntimeError('x')", python={"imports": ["import random"]}),
    code("error_stdout", "what was printed comes along",
         "import sys\ndef run(self):\n    print('out', 1)\n    print('err', file=sys.stderr)\n"
         "    raise OSError('gone')"),
    code("error_debug", "and in the streams when asked for",
         "def run(self):\n    print('before')\n    debug_traces.append({'a': 1})\n"
         "    raise OSError('gone')", debug=True),
    code("error_own_class", "an exception of one's own",
         "class Mine(Exception):\n    pass\n\ndef run(self):\n    raise Mine('x', 3)"),
    code("error_empty", "an exception without text", "def run(self):\n    raise ValueError"),
    code("error_chained", "an exception in an exception",
         "def run(self):\n    try:\n        {}['a']\n    except KeyError as error:\n"
         "        raise ValueError('outer') from error"),
    code("error_assert", "an assertion", "def run(self):\n    assert 1 == 2, 'math'"),
    code("error_unicode", "text of any script", "def run(self):\n    raise ValueError('猫 ☃')"),
    code("syntax_error", "no valid Python", "def run(self)\n    return {}"),
    code("syntax_error_late", "further down",
         "def run(self):\n    x = 1\n    y = (2\n    return {'result': x}"),
    code("syntax_indentation", "a wrong indentation", "def run(self):\nreturn {}"),
    code("syntax_unterminated", "a string without end", "def run(self):\n    return {'result: 1}"),
    code("import_missing", "a module that does not exist",
         "import nope_nope\ndef run(self):\n    return {'result': 1}"),
    code("imports_missing", "the same in imports", ONE, python={"imports": ["import nope_nope"]}),
    code("module_error", "code that fails when it is loaded", "x = 1 / 0\n" + ONE),
    code("no_function", "no run", "def go(self):\n    return {}"),
    code("other_function", "another name for it", "def go(self):\n    return {'result': 2}",
         python={"run_function_name": "go"}),
    code("no_other_function", "but it is not there", ONE, python={"run_function_name": "go"}),
    code("empty_code", "no code at all", ""),
    code("wrong_arguments", "a signature that does not fit",
         "def run(self, more):\n    return {'result': 1}", masks=outside(
             r"run\(\) missing 1 required positional argument: 'more'")),
    code("no_self", "without self", "def run():\n    return {'result': 1}", masks=outside(
        r"run\(\) takes 0 positional arguments but 1 was given")),
    code("not_a_function", "run is a number", "run = 3",
         masks=outside("'int' object is not callable")),
    code("returns_number", "a number is no result", "def run(self):\n    return 3"),
    code("returns_nothing", "nothing is none either", "def run(self):\n    pass"),
    code("returns_list", "a list for a single result",
         "def run(self):\n    return [{'result': 1}]"),
    code("returns_empty_list", "an empty list", "def run(self):\n    return []"),
    code("returns_less", "an output is missing", "def run(self):\n    return {}"),
    code("returns_more", "an output too many", "def run(self):\n    return {'result': 1, 'b': 2}",
         masks={"message": {"$match": (
             r"^Step custom did not produce required outputs\. Expected: \{'result'\}\. Got: "
             r"dict_keys\(\['result', 'b'\]\)\. ")}}),
    code("returns_other", "another output", "def run(self):\n    return {'other': 1}"),
    code("names", "what exists without an import", NAMES),
    code("builtins", "built-in functions are there",
         "def run(self):\n    return {'result': [sum([1, 2]), sorted('ba'), len(dir(self)) > 0]}"),
]  # fmt: skip

STREAMS = [
    code("debug", "what was printed",
         "def run(self):\n    print('hello')\n    return {'result': 1}", debug=True),
    code("debug_both", "both streams",
         "import sys\ndef run(self):\n    print('a')\n    print('b', end='')\n"
         "    sys.stderr.write('c\\n')\n    return {'result': 1}", debug=True),
    code("debug_silent", "nothing was printed", ONE, debug=True),
    code("debug_off", "printing without asking",
         "def run(self):\n    print('hello')\n    return {'result': 1}"),
    code("debug_traces", "values that were traced",
         "def run(self):\n    debug_traces.append('a')\n    debug_traces.append({'b': [1, None]})\n"
         "    debug_traces.append({1, 1})\n    debug_traces.append((1, 2))\n"
         "    return {'result': 1}", debug=True),
    code("debug_traces_time", "with a time",
         "def run(self):\n    debug_traces.append(1, add_timestamp=True)\n"
         "    debug_traces.append(2, add_timestamp=True, timezone='Europe/Berlin')\n"
         "    return {'result': 1}", debug=True),
    code("debug_traces_off", "tracing without asking",
         "def run(self):\n    debug_traces.append(1)\n    return {'result': 1}"),
    code("debug_long", "a long text is cut",
         "def run(self):\n    print('x' * 20000)\n    return {'result': 1}", debug=True),
    run("debug_batch", "an entry for each call", definition(
        [batch("p", "*")], [step(**TAKE)], {"o": "$steps.custom.result"},
        [block("def run(self, value):\n    if value:\n        print(value)\n"
               "    debug_traces.append(value)\n    return {'result': value}", VALUE)]),
        {"p": ["a", "", "c"]}, debug=True),
    run("debug_steps", "by the names of the steps", definition(
        [], [step(name="one"), step(name="two")],
        {"a": "$steps.one.result", "b": "$steps.two.result"},
        [block("def run(self):\n    print(self.get_workflow_context()['step_name'])\n"
               "    return {'result': 1}")]), debug=True),
]  # fmt: skip

CONTEXT = """
def run(self):
    context = self.get_workflow_context()
    execution = context.pop("workflow_execution_id")
    return {"result": [context, len(execution)]}
"""
STATE = [
    code("context", "what a block knows of itself", CONTEXT),
    code("init", "what init returned",
         "def run(self):\n    return {'result': self._init_results['table']}",
         python={"init_function_code": "def init():\n    return {'table': [1, 2]}"}),
    code("init_absent", "without init",
         "def run(self):\n    return {'result': self._init_results}"),
    code("init_other_name", "another name for it",
         "def run(self):\n    return {'result': self._init_results}",
         python={"init_function_code": "def start():\n    return {'a': 1}",
                 "init_function_name": "start"}),
    code("init_missing", "but it is not there", ONE,
         python={"init_function_code": "def start():\n    return {}"}),
    code("init_error", "init fails", ONE,
         python={"init_function_code": "def init():\n    raise ValueError('no')"}),
    code("init_syntax", "init is no Python", ONE, python={"init_function_code": "def init("}),
    code("init_uses_run", "they share a module",
         "TABLE = [3]\ndef run(self):\n    return {'result': self._init_results}",
         python={"init_function_code": "def init():\n    return {'t': TABLE}"}),
    code("imports", "further imports", "def run(self):\n    return {'result': [Path('/a/b').name,"
         " randint(3, 3)]}",
         python={"imports": ["from pathlib import Path", "from random import randint"]}),
    code("shared_globals", "one dictionary for all blocks",
         "def run(self):\n    globals['k'] = 5\n    return {'result': globals['k']}"),
    run("self_in_batch", "a block sees its batch as a sequence", definition(
        [batch("p", "*")], [step(**TAKE)], {"o": "$steps.custom.result"},
        [block("def run(self, value):\n    self.n = getattr(self, 'n', 0) + value\n"
               "    return {'result': self.n}", VALUE)]), {"p": [1, 2, 3]}),
    run("globals_between_steps", "one step leaves something for the next", definition(
        [P], [step("First", "first", **TAKE),
              step("Second", "second", value="$steps.first.result")],
        {"o": "$steps.second.result"},
        [block("def run(self, value):\n    globals['left'] = value\n    return {'result': 0}",
               VALUE, name="First"),
         block("def run(self, value):\n    return {'result': globals['left']}", VALUE,
               name="Second")]), {"p": "note"}),
]  # fmt: skip

PICTURE = {"image": takes("input_image", "step_output_image")}
FROM_IMAGE = {"image": "$inputs.image"}
GIVES_IMAGE = {"result": gives("image")}


def pictured(name: str, about: str, source: str, value: Json = None, **more: Json) -> Case:
    """A block that takes the picture."""
    more.setdefault("accepts", PICTURE)
    return python(name, about, source, [IMAGE], {"image": value or image()}, FROM_IMAGE, **more)


CROP = """
def run(self, image):
    pixels = image.numpy_image[10:60, 20:90]
    return {"result": WorkflowImageData.create_crop(
        origin_image_data=image, crop_identifier="my-crop", cropped_image=pixels,
        offset_x=20, offset_y=10)}
"""
CROPS = """
def run(self, image):
    results = []
    for index, x in enumerate((0, 40, 80)):
        pixels = image.numpy_image[:50, x:x + 40]
        results.append({"result": WorkflowImageData.create_crop(
            origin_image_data=image, crop_identifier=f"crop-{index}", cropped_image=pixels,
            offset_x=x, offset_y=0)})
    return results
"""
BLUR = """
def run(self, image):
    return {"result": WorkflowImageData.copy_and_replace(
        origin_image_data=image, numpy_image=255 - image.numpy_image)}
"""
IMAGES = [
    pictured("image_type", "what a picture is",
             "def run(self, image):\n    p = image.numpy_image\n"
             "    return {'result': [type(image).__name__, p.shape, str(p.dtype),"
             " image.parent_metadata.parent_id,"
             " image.workflow_root_ancestor_metadata.parent_id,"
             " image.video_metadata.fps, image.video_metadata.video_identifier]}"),
    pictured("image_origin", "where a crop was",
             "def run(self, image):\n    o = image.parent_metadata.origin_coordinates\n"
             "    r = image.workflow_root_ancestor_metadata.origin_coordinates\n"
             "    return {'result': [o.left_top_x, o.left_top_y, o.origin_width, o.origin_height,"
             " r.left_top_x, r.origin_height]}"),
    pictured("image_base64", "its text is the request's",
             "def run(self, image):\n    return {'result': [len(image.base64_image),"
             " image.base64_image[:12]]}"),
    pictured("image_passed", "an unchanged picture is returned as it came",
             "def run(self, image):\n    return {'result': image}", outputs=GIVES_IMAGE),
    pictured("image_passed_any", "under any kind",
             "def run(self, image):\n    return {'result': image}"),
    pictured("image_changed", "a changed one is encoded", BLUR, outputs=GIVES_IMAGE),
    pictured("image_gray", "a picture of one channel",
             BLUR.replace("255 - image.numpy_image",
                          "cv2.cvtColor(image.numpy_image, cv2.COLOR_BGR2GRAY)"),
             outputs=GIVES_IMAGE),
    pictured("image_resized", "another size",
             BLUR.replace("255 - image.numpy_image", "cv2.resize(image.numpy_image, (40, 30))"),
             outputs=GIVES_IMAGE),
    pictured("image_crop", "a crop knows its parents", CROP, outputs=GIVES_IMAGE),
    pictured("image_crop_of_crop", "a crop of a crop", CROP, image(
        parent_id="outer", root_parent_id="whole",
        parent_origin={"offset_x": 5, "offset_y": 6, "width": 500, "height": 400},
        root_parent_origin={"offset_x": 7, "offset_y": 8, "width": 900, "height": 800}),
        outputs=GIVES_IMAGE),
    pictured("image_crops", "a list of crops", CROPS, outputs=GIVES_IMAGE,
             output_dimensionality_offset=1),
    pictured("image_new", "a picture made from nothing",
             "def run(self, image):\n    from inference.core.workflows.execution_engine.entities."
             "base import ImageParentMetadata\n    return {'result': WorkflowImageData("
             "parent_metadata=ImageParentMetadata(parent_id='mine'),"
             " numpy_image=np.full((30, 40, 3), 128, np.uint8))}", outputs=GIVES_IMAGE),
    pictured("image_nested", "pictures in lists and objects",
             "def run(self, image):\n    return {'result': {'a': [image, 1], 'b': {'c': image}}}"),
    pictured("image_in_tuple", "a picture in a tuple cannot be sent",
             "def run(self, image):\n    return {'result': (image, 1)}"),
    pictured("image_array", "an array where an image was promised",
             "def run(self, image):\n    return {'result': image.numpy_image}",
             outputs=GIVES_IMAGE),
    pictured("image_metadata", "video metadata of a request",
             "def run(self, image):\n    m = image.video_metadata\n    return {'result': ["
             "m.frame_number, m.frame_timestamp.isoformat(), m.fps, m.measured_fps,"
             " m.comes_from_video_file]}", image(video_metadata={
                 "video_identifier": "v", "frame_number": 3, "fps": 12,
                 "frame_timestamp": "2026-03-01T12:30:45"})),
    run("image_drawn_after", "a made picture is drawn on", definition(
        [IMAGE, DETECTIONS],
        [step(**FROM_IMAGE), draw_boxes(image="$steps.custom.result")],
        {"o": "$steps.draw.image"}, [block(BLUR, PICTURE, GIVES_IMAGE)]),
        {"image": image(), "detections": THREE}),
    run("image_mutated", "code that draws on its input", definition(
        [IMAGE], [step(**FROM_IMAGE)], {"made": "$steps.custom.result", "input": "$inputs.image"},
        [block("def run(self, image):\n    image.numpy_image[:20] = 0\n"
               "    return {'result': int(image.numpy_image[0, 0, 0])}", PICTURE)]),
        {"image": image()}),
]  # fmt: skip

MAKE = """
def run(self, image):
    found = sv.Detections(
        xyxy=np.array([[10, 20, 50, 60], [30.5, 40.25, 90, 100]], dtype=np.float32),
        confidence=np.array([0.5, 0.1], dtype=np.float32), class_id=np.array([3, 4]))
    found["class_name"] = np.array(["a", "b"])
    found["detection_id"] = np.array(["one", "two"])
    return {"result": found}
"""
FOUND = {"result": gives("object_detection_prediction")}
COUNT = """
def run(self, detections):
    return {"result": [len(detections), [str(n) for n in detections.data["class_name"]],
                       detections.xyxy.tolist(), detections.confidence.tolist()]}
"""
FILTER = """
def run(self, detections):
    return {"result": detections[detections.confidence > 0.3]}
"""
PARENTED = MAKE.replace(
    '    return {"result": found}',
    """
    found["image_dimensions"] = np.array([[60, 70]] * 2)
    found["parent_id"] = np.array(["crop"] * 2)
    found["parent_coordinates"] = np.array([[20, 10]] * 2)
    found["parent_dimensions"] = np.array([[120, 160]] * 2)
    found["root_parent_id"] = np.array(["image"] * 2)
    found["root_parent_coordinates"] = np.array([[20, 10]] * 2)
    found["root_parent_dimensions"] = np.array([[120, 160]] * 2)
    return {"result": found}""",
)
OBJECTS = {"detections": takes("generic")}


def detecting(name: str, about: str, source: str, value: Json = THREE, **more: Json) -> Case:
    return python(name, about, source, [DETECTIONS], {"detections": value},
                  {"detections": "$inputs.detections"}, OBJECTS, **more)  # fmt: skip


DETECTING = [
    detecting("detections_in", "detections of a request", COUNT),
    detecting("detections_empty", "none", COUNT, boxes()),
    detecting("detections_batch", "a batch of them", COUNT, [THREE, boxes(box(9, 9, 4, 4))]),
    detecting("detections_filtered", "a part of them", FILTER, outputs=FOUND),
    detecting("detections_filtered_any", "under any kind", FILTER),
    detecting("detections_filtered_none", "nothing is left",
              FILTER.replace("0.3", "2"), outputs=FOUND),
    detecting("detections_nested", "in lists and objects",
              "def run(self, detections):\n    return {'result': {'a': [detections[:1]], 'b': 1}}"),
    detecting("detections_changed", "columns of one's own are not sent",
              "def run(self, detections):\n    detections['mood'] = np.array(['x'] * 3)\n"
              "    detections.xyxy += 5\n    return {'result': detections}", outputs=FOUND),
    detecting("detections_tracked", "tracker ids are",
              "def run(self, detections):\n    detections.tracker_id = np.array([5, 6, 7])\n"
              "    return {'result': detections}", outputs=FOUND),
    detecting("detections_zones", "and known columns",
              "def run(self, detections):\n    detections['time_in_zone'] = np.array([1.5, 0, 3])\n"
              "    detections['area_px'] = np.array([1, 2, 3])\n"
              "    return {'result': detections}", outputs=FOUND),
    pictured("detections_made", "detections of one's own", MAKE, outputs=FOUND),
    pictured("detections_without_id", "without ids they cannot be sent",
             MAKE.replace('    found["detection_id"] = np.array(["one", "two"])\n', ""),
             outputs=FOUND),
    pictured("detections_without_class", "nor without classes",
             MAKE.replace('    found["class_name"] = np.array(["a", "b"])\n', ""), outputs=FOUND),
    pictured("detections_without_confidence", "nor without confidences",
             MAKE.replace("confidence=np.array([0.5, 0.1], dtype=np.float32), ", ""),
             outputs=FOUND),
    pictured("detections_empty_made", "no detections at all",
             "def run(self, image):\n    return {'result': sv.Detections.empty()}", outputs=FOUND),
    pictured("detections_masks", "masks of one's own", MAKE.replace(
        '    return {"result": found}',
        "    masks = np.zeros((2, 120, 160), dtype=bool)\n    masks[0, 20:60, 10:50] = True\n"
        "    masks[1, 40:100, 30:90] = True\n    found.mask = masks\n"
        '    return {"result": found}'), outputs={"result": gives(
            "instance_segmentation_prediction")}),
    *[run(f"detections_{system}", f"of a crop, in the {system} system", definition(
        [IMAGE], [step(**FROM_IMAGE)], [output("o", "$steps.custom.result", system)],
        [block(PARENTED, PICTURE, FOUND)]), {"image": image()}) for system in ("own", "parent")],
    run("detections_drawn", "and they are drawn", definition(
        [IMAGE], [step(**FROM_IMAGE), draw_boxes(predictions="$steps.custom.result")],
        {"o": "$steps.draw.image"}, [block(MAKE, PICTURE, FOUND)]), {"image": image()}),
]  # fmt: skip

ITEMS = batch("p", "*")
NESTED = batch("p", "*", dimensionality=2)
BATCHED = """
def run(self, value):
    return [{"result": [type(value).__name__, len(value), list(i), v]}
            for i, v in value.iter_with_indices()]
"""
EACH = "def run(self, value):\n    return {'result': value}"
EXPAND = "def run(self, value):\n    return [{'result': v} for v in value]"
FOLD = """
def run(self, value):
    return {"result": [type(value).__name__, [v for v in value]]}
"""
FOLD_BATCH = """
def run(self, value):
    return [{"result": [type(inner).__name__, [v for v in inner]]} for inner in value]
"""
STEP = {"value": takes("step_output")}


def batched(name: str, about: str, source: str, value: Json, **more: Json) -> Case:
    """Over the elements of a batch input."""
    declared = more.pop("declared", ITEMS)
    more.setdefault("accepts", VALUE)
    return python(name, about, source, [declared], {"p": value}, TAKE, **more)


ALL = {"accepts_batch_input": True, "batch_oriented_parameters": ["value"]}
BATCHES = [
    batched("each", "element by element", EACH, [1, 2, 3]),
    batched("each_null", "nulls are skipped", EACH, [1, None, 3]),
    batched("each_null_taken", "unless the block takes them",
            "def run(self, value):\n    return {'result': repr(value)}", [1, None],
            accepts_empty_values=True),
    batched("each_returns_none", "a result may be null",
            "def run(self, value):\n    return {'result': value or None}", [1, 0, 3]),
    batched("each_fails", "one of them fails",
            "def run(self, value):\n    return {'result': 1 / value}", [1, 0, 3]),
    batched("each_returns_list", "a list for an element",
            "def run(self, value):\n    return [{'result': 1}]", [1, 2]),
    batched("each_less", "an output is missing", "def run(self, value):\n    return {}", [1, 2],
            masks={"message": {"$match": (
                r"^Step custom did not produce required outputs\. Expected: \{'result'\}\. Got: "
                r"set\(\)\. ")}}),
    batched("whole", "the batch as a whole", BATCHED, ["a", "b"], **ALL),
    batched("whole_null", "without its nulls", BATCHED, ["a", None, "c"], **ALL),
    batched("whole_null_taken", "or with them", BATCHED, ["a", None, "c"],
            accepts_empty_values=True, **ALL),
    batched("whole_all_null", "nothing is left: the code is not called",
            "def run(self, value):\n    raise ValueError('called')", [None, None], **ALL),
    batched("whole_one", "a batch of one", BATCHED, "a", **ALL),
    batched("whole_generic", "accepts_batch_input alone is not enough", BATCHED, ["a", "b"],
            accepts_batch_input=True),
    batched("whole_less", "too few results", "def run(self, value):\n    return [{'result': 1}]",
            ["a", "b"], **ALL),
    batched("whole_dict", "an object for a batch", "def run(self, value):\n"
            "    return {'result': [1, 2]}", ["a", "b"], **ALL),
    batched("whole_none", "nothing for a batch", "def run(self, value):\n    pass", ["a", "b"],
            **ALL),
    batched("whole_none_elements", "nothing for an element",
            "def run(self, value):\n    return [None for v in value]", ["a", "b"], **ALL),
    batched("whole_other", "another output", "def run(self, value):\n"
            "    return [{'other': v} for v in value]", ["a", "b"], **ALL),
    batched("index", "by index", "def run(self, value):\n"
            "    return [{'result': [value[0], value.indices[1]]} for v in value]", ["a", "b"],
            **ALL),
    batched("broadcast", "a batch is spread", "def run(self, value):\n"
            "    return [{'result': list(value.broadcast(2))}]", ["a"], **ALL),
    python("scalar_to_batch", "a parameter to a batch property", BATCHED, [P], {"p": 7}, TAKE,
           VALUE, **ALL),
    python("scalars_and_batches", "either is taken",
           "def run(self, value):\n    return {'result': repr(value)}", [P], {"p": 7}, TAKE, VALUE,
           parameters_with_scalars_and_batches=["value"]),
    batched("batches_and_scalars", "and the other",
            "def run(self, value):\n    return [{'result': [type(value).__name__, v]}"
            " for v in value]", ["a", "b"], parameters_with_scalars_and_batches=["value"]),
    run("batch_and_scalar", "a batch and a parameter", definition(
        [ITEMS, parameter("q")], [step(value="$inputs.p", other="$inputs.q")],
        {"o": "$steps.custom.result"},
        [block("def run(self, value, other):\n    return [{'result': [v, other]} for v in value]",
               {"value": takes("generic"), "other": takes("generic")}, **ALL)]),
        {"p": ["a", "b"], "q": [1, 2]}),
    run("batch_and_literal", "a batch and a literal", definition(
        [ITEMS], [step(value="$inputs.p", other=5)], {"o": "$steps.custom.result"},
        [block("def run(self, value, other):\n    return {'result': [value, other]}",
               {"value": takes("generic"), "other": literal("integer")})]), {"p": ["a", "b"]}),
    run("literal_to_batch", "a literal is spread over the batch", definition(
        [ITEMS], [step(value="$inputs.p", other=5)], {"o": "$steps.custom.result"},
        [block("def run(self, value, other):\n"
               "    return [{'result': [v, o]} for v, o in zip(value, other)]",
               {"value": takes("generic"), "other": takes("generic", value_types=["integer"])},
               batch_oriented_parameters=["value", "other"])]), {"p": ["a", "b"]}),
    run("parameter_to_batch", "so is a parameter", definition(
        [ITEMS, parameter("q")], [step(value="$inputs.p", other="$inputs.q")],
        {"o": "$steps.custom.result"},
        [block("def run(self, value, other):\n"
               "    return [{'result': [v, o]} for v, o in zip(value, other)]",
               {"value": takes("generic"), "other": takes("generic")},
               batch_oriented_parameters=["value", "other"])]), {"p": ["a", "b"], "q": [7]}),
    run("step_output_scalar", "a scalar result for a batch property", definition(
        [], [step("Make", "make"), step(value="$steps.make.result")],
        {"o": "$steps.custom.result"},
        [block(ONE, name="Make"), block(TYPE, STEP)])),
]  # fmt: skip

PLUS = {"output_dimensionality_offset": 1}
MINUS = {"output_dimensionality_offset": -1}
EXPANDED = definition(
    [ITEMS],
    [step("Expand", "expand", **TAKE), step("Each", "each", value="$steps.expand.result")],
    {"expanded": "$steps.expand.result", "each": "$steps.each.result"},
    [
        block(EXPAND, VALUE, name="Expand", **PLUS),
        block("def run(self, value):\n    return {'result': [value]}", VALUE, name="Each"),
    ],
)


def folded(name: str, about: str, source: str, value: Json, **manifest: Json) -> Case:
    """Expanded by one step, folded by the next."""
    accepts = manifest.pop("accepts", VALUE)
    return run(name, about, definition(
        [ITEMS], [step("Expand", "expand", **TAKE), step("Fold", "fold",
                                                         value="$steps.expand.result")],
        {"folded": "$steps.fold.result"},
        [block(EXPAND, VALUE, name="Expand", **PLUS),
         block(source, accepts, name="Fold", **manifest)]), {"p": value})  # fmt: skip


DIMENSIONS = [
    run("expand", "a step that makes several of one", EXPANDED, {"p": ["ab", "c"]}),
    run("expand_one", "of a single one", EXPANDED, {"p": "abc"}),
    run("expand_empty", "none of one", EXPANDED, {"p": ["ab", ""]}),
    run("expand_all_empty", "none of all", EXPANDED, {"p": ["", ""]}),
    run("expand_null", "nothing of null", EXPANDED, {"p": [None, "ab"]}),
    run("expand_nulls", "nothing of nulls", EXPANDED, {"p": [None, None]}),
    batched("expand_inner_null", "null among them",
            "def run(self, value):\n    return [{'result': v or None} for v in value]",
            [[1, 0], [0]], **PLUS),
    batched("expand_flat", "not a list", EACH, ["a", "b"], **PLUS),
    batched("expand_whole", "a batch at once",
            "def run(self, value):\n    return [[{'result': c} for c in v] for v in value]",
            ["ab", "c"], **PLUS, **ALL),
    run("expand_twice", "two levels deep", definition(
        [ITEMS], [step("Expand", "one", **TAKE), step("Expand", "two", value="$steps.one.result")],
        {"one": "$steps.one.result", "two": "$steps.two.result"},
        [block(EXPAND, VALUE, name="Expand", **PLUS)]), {"p": [["ab", "c"], ["", "de"], []]}),
    run("expand_sides", "two expansions of one batch cannot be mixed", definition(
        [ITEMS], [step("Expand", "one", **TAKE), step("Expand", "two", **TAKE),
                  step("Both", "both", a="$steps.one.result", b="$steps.two.result")],
        {"o": "$steps.both.result"},
        [block(EXPAND, VALUE, name="Expand", **PLUS),
         block("def run(self, a, b):\n    return {'result': 1}",
               {"a": takes("generic"), "b": takes("generic")}, name="Both")]), {"p": ["ab"]}),
    run("expand_with_parent", "nor depths without saying so", definition(
        [ITEMS], [step("Expand", "one", **TAKE),
                  step("Both", "both", a="$steps.one.result", b="$inputs.p")],
        {"o": "$steps.both.result"},
        [block(EXPAND, VALUE, name="Expand", **PLUS),
         block("def run(self, a, b):\n    return {'result': 1}",
               {"a": takes("generic"), "b": takes("generic")}, name="Both")]), {"p": ["ab"]}),
    run("offset_input", "a property one level deeper", definition(
        [ITEMS], [step("Expand", "one", **TAKE),
                  step("Both", "both", a="$steps.one.result", b="$inputs.p")],
        {"o": "$steps.both.result"},
        [block(EXPAND, VALUE, name="Expand", **PLUS),
         block("def run(self, a, b):\n    return {'result': [b, [v for v in a]]}",
               {"a": takes("generic", dimensionality_offset=1),
                "b": takes("generic", is_dimensionality_reference=True)}, name="Both")]),
        {"p": ["ab", "c", ""]}),
    run("offset_reference", "the deeper one as reference", definition(
        [ITEMS], [step("Expand", "one", **TAKE),
                  step("Both", "both", a="$steps.one.result", b="$inputs.p")],
        {"o": "$steps.both.result"},
        [block(EXPAND, VALUE, name="Expand", **PLUS),
         block("def run(self, a, b):\n    return [{'result': [v, b]} for v in a]",
               {"a": takes("generic", dimensionality_offset=1, is_dimensionality_reference=True),
                "b": takes("generic")}, name="Both")]),
        {"p": ["ab", "c", ""]}),
    run("offset_flat", "nothing deeper is given", definition(
        [ITEMS, batch("q", "*")], [step("Both", "both", a="$inputs.q", b="$inputs.p")],
        {"o": "$steps.both.result"},
        [block("def run(self, a, b):\n    return {'result': 1}",
               {"a": takes("generic", dimensionality_offset=1),
                "b": takes("generic", is_dimensionality_reference=True)}, name="Both")]),
        {"p": ["ab"], "q": [1]}),
    folded("fold", "several become one", FOLD, ["ab", "c"], **MINUS),
    folded("fold_empty", "none become one", FOLD, ["ab", ""], **MINUS),
    folded("fold_null", "null becomes nothing", FOLD, [None, "ab"], **MINUS),
    folded("fold_empty_taken", "unless empty values are taken",
           "def run(self, value):\n    return {'result': repr(value) if value is None else"
           " [v for v in value]}", ["ab", ""], accepts_empty_values=True, **MINUS),
    folded("fold_whole", "all at once", FOLD_BATCH, ["ab", "c"], **MINUS, **ALL),
    folded("fold_whole_legacy", "by the older selector", FOLD_BATCH, ["ab", "c"],
           accepts=STEP, accepts_batch_input=True, **MINUS),
    batched("fold_top", "the whole batch becomes one result",
            "def run(self, value):\n    return {'result': [v for v in value]}", ["a", "b"],
            **MINUS),
    batched("fold_top_whole", "as a batch",
            "def run(self, value):\n    return {'result': [[type(v).__name__, v] for v in value]}",
            ["a", "b"], **MINUS, **ALL),
    batched("fold_top_list", "in a list of one",
            "def run(self, value):\n    return [{'result': [v for v in value[0]]}]",
            ["a", "b"], **MINUS, **ALL),
    python("fold_scalar", "a scalar cannot be folded", FOLD, [P], {"p": 1}, TAKE, VALUE, **MINUS),
    batched("fold_nested", "a nested input", FOLD, [["a", "b"], ["c"]], declared=NESTED, **MINUS),
    batched("each_nested", "a nested input, one by one", EACH, [["a", "b"], ["c"], []],
            declared=NESTED),
    batched("whole_nested", "a nested input as a batch", BATCHED, [["a", "b"], ["c"]],
            declared=NESTED, **ALL),
    batched("expand_nested", "a nested input, deeper", EXPAND, [["ab", ""], ["c"]],
            declared=NESTED, **PLUS),
    python("generate", "a batch from nothing",
           "def run(self):\n    return [{'result': v} for v in 'abc']", **PLUS),
    python("generate_none", "an empty one", "def run(self):\n    return []", **PLUS),
    run("generate_and_each", "and what follows", definition(
        [], [step("Make", "make"), step(value="$steps.make.result")],
        {"made": "$steps.make.result", "each": "$steps.custom.result"},
        [block("def run(self):\n    return [{'result': v} for v in 'abc']", name="Make", **PLUS),
         block(TYPE, VALUE)])),
    run("generate_and_input", "beside a batch input", definition(
        [ITEMS], [step("Make", "make"), step(**TAKE)],
        {"made": "$steps.make.result", "each": "$steps.custom.result"},
        [block("def run(self):\n    return [{'result': v} for v in 'abc']", name="Make", **PLUS),
         block(EACH, VALUE)]), {"p": [1, 2]}),
    run("generate_mixed", "they cannot be mixed", definition(
        [ITEMS], [step("Make", "make"), step("Both", "both", a="$steps.make.result",
                                             b="$inputs.p")],
        {"o": "$steps.both.result"},
        [block("def run(self):\n    return [{'result': v} for v in 'abc']", name="Make", **PLUS),
         block("def run(self, a, b):\n    return {'result': 1}",
               {"a": takes("generic"), "b": takes("generic")}, name="Both")]), {"p": [1, 2]}),
]  # fmt: skip

OPTIONAL = block(
    "def run(self, value):\n    return {'result': None if value == 'x' else value}",
    VALUE,
    name="Maybe",
)
AFTER = block("def run(self, value):\n    return {'result': [value]}", VALUE, name="After")
TAKES_EMPTY = block(
    "def run(self, value):\n    return {'result': repr(value)}",
    VALUE,
    name="After",
    accepts_empty_values=True,
)
CHAIN = [step("Maybe", "maybe", **TAKE), step("After", "after", value="$steps.maybe.result")]
BOTH = {"maybe": "$steps.maybe.result", "after": "$steps.after.result", "all": "$steps.after.*"}
EMPTIES = [
    run("empty_batch", "what follows nothing is skipped",
        definition([ITEMS], CHAIN, BOTH, [OPTIONAL, AFTER]), {"p": ["a", "x", "b"]}),
    run("empty_batch_all", "all of it", definition([ITEMS], CHAIN, BOTH, [OPTIONAL, AFTER]),
        {"p": ["x", "x"]}),
    run("empty_batch_taken", "unless nothing is taken",
        definition([ITEMS], CHAIN, BOTH, [OPTIONAL, TAKES_EMPTY]), {"p": ["a", "x"]}),
    run("empty_scalar", "the same for a scalar",
        definition([P], CHAIN, BOTH, [OPTIONAL, AFTER]), {"p": "x"}),
    run("empty_scalar_taken", "which may be taken too",
        definition([P], CHAIN, BOTH, [OPTIONAL, TAKES_EMPTY]), {"p": "x"}),
    run("null_parameter", "null that was given is a value",
        definition([P], CHAIN, BOTH, [OPTIONAL, AFTER]), {"p": None}),
]  # fmt: skip

MANIFESTS = [
    python("input_without_type", "an input that takes nothing", ONE,
           accepts={"value": {"type": "DynamicInputDefinition"}}, properties={"value": 1}),
    python("unknown_kind", "a kind that nobody knows", ONE,
           accepts={"value": takes("generic", kinds={"generic": ["nope"]})},
           properties={"value": "$inputs.p"}, inputs=[P],
           masks={"message": {"$match": (
               "^Could not find kind with name `nope` declared for input `value` of dynamic block "
               "`Custom` within kinds that would be recognised by Execution Engine knowing the "
               "following kinds: ")}}),
    python("unknown_output_kind", "nor as an output", ONE, outputs={"result": gives("nope")},
           masks={"message": {"$match": (
               "^Could not find kind with name `nope` declared for output `result` of dynamic "
               "block `Custom` within kinds ")}}),
    python("two_references", "two references", ONE, accepts={
        "a": takes("generic", is_dimensionality_reference=True),
        "b": takes("generic", is_dimensionality_reference=True)}),
    python("tensor_native", "tensors are not here", ONE, tensor_compatibility="tensor_native"),
    python("bad_offset", "an offset of two", ONE, output_dimensionality_offset=2),
    python("bad_input_offset", "an input's offset of two", ONE, accepts={
        "a": takes("generic", dimensionality_offset=2)}),
    python("negative_input_offset", "a negative one", EACH, [ITEMS], {"p": [1]}, TAKE, {
        "value": takes("generic", dimensionality_offset=-1)}),
    python("bad_selector_type", "an unknown selector type", ONE, accepts={"a": takes("nope")}),
    python("bad_value_type", "an unknown value type", ONE, accepts={"a": literal("nope")}),
    python("no_outputs", "a block without outputs", "def run(self):\n    return {}", outputs={},
           selector="$steps.custom.*"),
    python("no_outputs_property", "has none to select", "def run(self):\n    return {}",
           outputs={}),
    python("two_outputs", "a block with two",
           "def run(self):\n    return {'b': 2, 'a': 1}",
           outputs={"a": gives("integer"), "b": gives()}, selector="$steps.custom.*"),
    python("output_names", "names with dashes and digits",
           "def run(self):\n    return {'my-output_2': 2}", outputs={"my-output_2": gives()},
           selector="$steps.custom.my-output_2"),
    python("kind_mismatch", "kinds that do not meet", EACH, [batch("p", "integer")], {"p": 1},
           TAKE, {"value": takes("generic", kinds={"generic": ["string"]})}),
    python("kind_any_passes", "any kind meets every other", EACH, [P], {"p": 1}, TAKE,
           {"value": takes("generic", kinds={"generic": ["string"]})}),
    python("image_for_parameter", "a picture for a parameter's selector", EACH, [IMAGE],
           {"image": image()}, {"value": "$inputs.image"}, {"value": takes("input_parameter")}),
    python("step_for_input", "a step's output for an input's selector", EACH, [], {},
           {"value": "$steps.x.y"}, {"value": takes("input_parameter")}),
    python("input_for_step", "an input for a step's selector", EACH, [P], {"p": 1}, TAKE, STEP),
    python("parameter_for_image", "a parameter for a picture's", EACH, [P], {"p": 1}, TAKE,
           {"value": takes("input_image")}),
    run("no_block", "a step of a block that is not defined", definition([], [step()], {})),
    run("two_blocks", "two blocks of one type", definition(
        [], [step()], {"o": "$steps.custom.result"}, [block(ONE), block(ONE)])),
    run("unused_block", "a block that no step uses is compiled all the same", definition(
        [], [], {}, [block("syntax error")])),
    run("definition_without_code", "a definition without code", definition(
        [], [], {}, [{"type": "DynamicBlockDefinition", "manifest": block(ONE)["manifest"]}])),
    run("definition_no_object", "a definition that is text", definition([], [], {}, ["block"])),
    run("definition_wrong_type", "another type", definition(
        [], [], {}, [{**block(ONE), "type": "Block"}])),
]  # fmt: skip

PARALLEL = definition(
    [P],
    [step("Sleep", f"s{n}", value="$inputs.p", n=n) for n in range(4)],
    {f"o{n}": f"$steps.s{n}.result" for n in range(4)},
    [
        block(
            "def run(self, value, n):\n    time.sleep(0.01 * (4 - n))\n"
            "    return {'result': [value, n]}",
            {"value": takes("generic"), "n": literal("integer")},
            name="Sleep",
        )
    ],
)
SEVERAL = [
    run("parallel", "independent steps", PARALLEL, {"p": "x"}),
    run("diamond", "a step after two", definition(
        [P], [step("Each", "a", **TAKE), step("Each", "b", value="$steps.a.result"),
              step("Each", "c", value="$steps.a.result"),
              step("Both", "d", a="$steps.b.result", b="$steps.c.result")],
        {"o": "$steps.d.result"},
        [block("def run(self, value):\n    return {'result': value + 1}", VALUE, name="Each"),
         block("def run(self, a, b):\n    return {'result': [a, b]}",
               {"a": takes("generic"), "b": takes("generic")}, name="Both")]), {"p": 1}),
    run("order_of_definition", "steps may stand in any order", definition(
        [P], [step("Each", "b", value="$steps.a.result"), step("Each", "a", **TAKE)],
        {"o": "$steps.b.result"},
        [block("def run(self, value):\n    return {'result': value + 1}", VALUE, name="Each")]),
        {"p": 1}),
    run("names_are_free", "names of blocks and steps may hold spaces", definition(
        [], [step("My block", "my step")], {}, [block(ONE, name="My block")])),
]  # fmt: skip

CASES = [
    *LITERALS,
    *RETURNED,
    *FAILURES,
    *STREAMS,
    *STATE,
    *IMAGES,
    *DETECTING,
    *BATCHES,
    *DIMENSIONS,
    *EMPTIES,
    *MANIFESTS,
    *SEVERAL,
]
