"""What a request may give for each kind of input, and what is refused."""

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
    image,
    parameter,
    picture,
    python,
    run,
    step,
    takes,
)

ECHO = definition([IMAGE], [], {"image": "$inputs.image"})
NOTHING = {"image": {"width": 10, "height": 10}, "predictions": []}
DRAWN = definition([IMAGE, DETECTIONS], [draw_boxes()], {"image": "$steps.draw.image"})
SHAPE = """
def run(self, image):
    pixels = image.numpy_image
    return {"result": [list(pixels.shape), str(pixels.dtype), image.parent_metadata.parent_id]}
"""
ABOUT_IMAGE = {"image": takes("input_image")}


def echo(name: str, about: str, value: Json) -> Case:
    return run(name, about, ECHO, {"image": value})


def drawn(name: str, about: str, value: Json) -> Case:
    """The picture is decoded and encoded again, so its pixels show."""
    return run(name, about, DRAWN, {"image": value, "detections": NOTHING})


def shape(name: str, about: str, value: Json) -> Case:
    return python(
        name, about, SHAPE, [IMAGE], {"image": value}, {"image": "$inputs.image"}, ABOUT_IMAGE
    )


METADATA = {
    "video_identifier": "camera-7",
    "frame_number": 42,
    "frame_timestamp": "2026-03-01T12:30:45.250000",
    "fps": 25,
    "measured_fps": 24.5,
    "comes_from_video_file": False,
}

PICTURES = [
    echo("jpeg", "an unchanged picture comes back as its own text", image()),
    echo("png", "any format comes back unchanged", image("plain.png")),
    echo("data_uri", "the prefix of a data URI comes back too", {
        "type": "base64", "value": picture("photo.jpg", "data:image/jpeg;base64,")}),
    echo("bare_text", "a bare string is base64", picture("photo.jpg")),
    echo("bare_data_uri", "or a data URI", picture("plain.png", "data:image/png;base64,")),
    echo("type_is_not_read", "the type of an image is not looked at",
         {"type": "numpy_object", "value": picture("odd.jpg")}),
    echo("type_absent", "and may be absent", {"value": picture("odd.jpg")}),
    echo("list_of_one", "a list of one names its element image.[0]", [image()]),
    echo("list_of_two", "a batch of two", [image(), image("second.jpg")]),
    echo("list_of_three", "a batch of three, in every form",
         [image(), picture("second.jpg"), image("plain.png")]),
    echo("same_picture_twice", "twice the same picture", [image(), image()]),
    echo("list_with_null", "an element may be null", [image(), None]),
    echo("list_of_null", "even the only one", [None]),
    *[
        shape(f"decode_{name.replace('.', '_')}", f"{name} as user code sees it", image(name))
        for name in (
            "photo.jpg", "gray.jpg", "odd.jpg", "progressive.jpg", "cmyk.jpg", "rotated.jpg",
            "plain.png", "gray.png", "gray16.png", "alpha.png", "tiny.png", "plain.bmp",
            "plain.webp", "plain.tiff", "plain.gif",
        )
    ],
    *[
        drawn(f"pixels_{name.replace('.', '_')}", f"{name} decoded and encoded again", image(name))
        for name in (
            "photo.jpg", "gray.jpg", "odd.jpg", "progressive.jpg", "rotated.jpg", "plain.png",
            "gray16.png", "alpha.png", "plain.webp", "plain.bmp", "plain.tiff", "plain.gif",
        )
    ],
    shape("decode_data_uri", "a data URI is decoded without its prefix",
          picture("plain.png", "data:image/png;base64,")),
    shape("decode_bare_text", "a bare string is decoded", picture("odd.jpg")),
]  # fmt: skip

BAD_PICTURES = [
    run("image_absent", "an image that is not given", ECHO, {}),
    echo("image_null", "an image that is null", None),
    echo("image_number", "a number is no image", 7),
    echo("image_boolean", "true is no image", True),
    echo("image_empty_text", "an empty string is no image", ""),
    echo("image_empty_list", "an empty list is no batch", []),
    echo("image_nested_list", "an image has one dimension only", [[image()]]),
    echo("image_without_value", "an image without value", {"type": "base64"}),
    echo("image_value_null", "an image whose value is null", {"type": "base64", "value": None}),
    echo("image_value_number", "an image whose value is a number", {"type": "base64", "value": 3}),
    echo("image_empty_object", "an object without anything", {}),
    echo("image_no_base64", "text that is not base64", {"type": "base64", "value": "%%%"}),
    echo("image_no_picture", "base64 of something else", image("text.jpg")),
    echo("image_zero_bytes", "base64 of nothing", image("empty.jpg")),
    echo("image_local_path", "files of the server are not read", {
        "type": "file", "value": "/etc/hostname"}),
    echo("image_bad_in_list", "the bad element is named", [image(), image("text.jpg")]),
    echo("image_bad_metadata", "frame_number is required", image(
        video_metadata={"video_identifier": "a", "frame_timestamp": "2026-03-01T12:30:45"})),
    echo("image_metadata_no_object", "metadata must be an object", image(video_metadata=3)),
    echo("image_bad_origin", "the size of an origin is above zero", image(
        parent_id="p", parent_origin={"offset_x": 0, "offset_y": 0, "width": 0, "height": 5})),
    echo("image_origin_no_object", "an origin must be an object", image(
        parent_id="p", parent_origin=[1, 2, 3, 4])),
]  # fmt: skip

ORIGIN = {"offset_x": 11, "offset_y": 22, "width": 640, "height": 480}
PARENTS = [
    echo("video_metadata", "video metadata comes back", image(video_metadata=METADATA)),
    echo("video_metadata_utc", "a time with zone", image(
        video_metadata={**METADATA, "frame_timestamp": "2026-03-01T12:30:45Z"})),
    echo("video_metadata_zone", "a time with offset", image(
        video_metadata={**METADATA, "frame_timestamp": "2026-03-01T12:30:45.5+08:00"})),
    echo("video_metadata_short", "what may be absent", image(video_metadata={
        "video_identifier": "a", "frame_number": 0, "frame_timestamp": "2026-03-01T00:00:00"})),
    echo("video_metadata_extra", "further keys are dropped", image(
        video_metadata={**METADATA, "lens": "wide"})),
    echo("video_metadata_batch", "each with its own", [
        image(video_metadata=METADATA), image("second.jpg"),
        image("odd.jpg", video_metadata={**METADATA, "frame_number": 43})]),
    echo("parent_id", "a parent without origin", image(parent_id="crop-1")),
    echo("parent_and_root", "a crop tells where it came from", image(
        parent_id="crop-1", parent_origin=ORIGIN, root_parent_id="whole",
        root_parent_origin={**ORIGIN, "offset_x": 100})),
    echo("root_only", "a root without parent", image(
        root_parent_id="whole", root_parent_origin=ORIGIN)),
    echo("root_origin_only", "an origin without its id is ignored", image(
        parent_id="crop-1", parent_origin=ORIGIN, root_parent_origin=ORIGIN)),
    echo("parent_without_root_origin", "the root's origin is the picture itself", image(
        parent_id="crop-1", parent_origin=ORIGIN, root_parent_id="whole")),
    shape("parent_id_in_code", "user code sees the parent's id", image(parent_id="crop-1")),
    shape("list_ids_in_code", "and the element's", [image(), image("second.jpg")]),
]  # fmt: skip


def given(name: str, about: str, declared: Json, data: Json) -> Case:
    return run(name, about, definition([declared], [], {"value": "$inputs.p"}), data)


VALUES = {"text": "héllo ☃", "int": 3, "float": 1.5, "list": [1, [2]], "object": {"a": {"b": 1}}}
PARAMETERS = [
    given("parameter_absent", "absent without default is null", parameter("p"), {}),
    given("parameter_default", "absent takes the default", parameter("p", default_value=5), {}),
    given("parameter_default_list", "a list as default",
          parameter("p", default_value=[1, "a"]), {}),
    given("parameter_default_object", "an object as default",
          parameter("p", default_value={"a": [1]}), {}),
    given("parameter_default_true", "true as default", parameter("p", default_value=True), {}),
    given("parameter_default_float", "a float as default", parameter("p", default_value=0.25), {}),
    given("parameter_null_wins", "null given wins over the default",
          parameter("p", default_value=5), {"p": None}),
    given("parameter_false_wins", "so does false", parameter("p", default_value=5), {"p": False}),
    given("parameter_kind_unread", "the kind of a parameter is not enforced",
          parameter("p", kind=["integer"]), {"p": "text"}),
    given("parameter_alias", "InferenceParameter is the same",
          {"type": "InferenceParameter", "name": "p", "default_value": "x"}, {}),
    *[
        given(f"parameter_{kind}", f"{kind} passes as it is", parameter("p"), {"p": value})
        for kind, value in VALUES.items()
    ],
    run("undeclared_is_ignored", "inputs that nobody declared are ignored", ECHO,
        {"image": image(), "other": 1, "more": {"a": []}}),
    run("image_alias", "InferenceImage is WorkflowImage",
        definition([{"type": "InferenceImage", "name": "image"}], [], {"o": "$inputs.image"}),
        {"image": image()}),
    run("name_with_dashes", "names may hold dashes and digits",
        definition([parameter("my-input_2")], [], {"o": "$inputs.my-input_2"}),
        {"my-input_2": 4}),
]  # fmt: skip


def one(name: str, about: str, kinds: Json, value: Json, **more: Json) -> Case:
    """A batch input of these kinds, echoed."""
    kinds = kinds if isinstance(kinds, list) else [kinds]
    declared = batch("p", *kinds, **more)
    return run(name, about, definition([declared], [], {"value": "$inputs.p"}), {"p": value})


GOOD = {
    "string": "text", "integer": 3, "float": 2.5, "float_zero_to_one": 0.5, "boolean": False,
    "dictionary": {"a": 1}, "point": [1, 2, 3], "zone": [[0, 0], [5, 0], [5, 5]],
    "rgb_color": "#FF0000", "top_class": "cat", "language_model_output": "{}",
    "prediction_type": "x", "parent_id": "p", "inference_id": "i", "roboflow_model_id": "a/1",
    "roboflow_project": "a", "roboflow_api_key": "k", "bytes": "aGVsbG8=",
    "timestamp": "2026-03-01T12:30:45", "labeled_points": {"unused": 1}, "embedding": [0.1, 0.2],
    "*": {"any": ["thing"]}, "image_metadata": {"width": 1},
}  # fmt: skip
BAD = {
    "string": 3, "integer": "3", "float": "2.5", "float_zero_to_one": 1.5, "boolean": 1,
    "dictionary": [1], "point": [1], "zone": 5, "rgb_color": 7, "bytes": 4, "timestamp": "noon",
    "numpy_array": 4, "classification_prediction": 3, "object_detection_prediction": 3,
    "video_metadata": 5, "image": 5, "secret": 5, "labeled_points": 3,
}  # fmt: skip

SCALARS = [
    *[
        one(f"kind_{kind.replace('*', 'any')}", f"{kind} as a batch input", kind, value)
        for kind, value in GOOD.items()
    ],
    *[
        one(f"bad_{kind}", f"{kind} of a wrong type", kind, value) for kind, value in BAD.items()
    ],
    one("integer_takes_true", "true is an integer", "integer", True),
    one("integer_refuses_float", "2.0 is none", "integer", 2.0),
    one("float_takes_integer", "an integer becomes a float", "float", 3),
    one("float_takes_true", "true becomes 1.0", "float", True),
    one("range_takes_one", "1 is within [0, 1]", "float_zero_to_one", 1),
    one("point_no_numbers", "a point of text", "point", ["a", "b"]),
    one("point_in_list", "a list holds points", "point", [[1, 2, 3], [0.5, 4]]),
    one("zone_two_points", "a zone needs three points", "zone", [[[0, 0], [1, 1]]]),
    one("zone_bad_point", "a point of three", "zone", [[[0, 0], [1, 1], [1, 2, 3]]]),
    one("zone_in_list", "a list holds zones", "zone", [[[0, 0], [5, 0], [5, 5]]]),
    one("list_of_values_in_list", "a list holds lists", "list_of_values", [[1, 2, "a"]]),
    one("color_list", "a colour as numbers", "rgb_color", [[255, 0, 3, 9]]),
    one("color_short", "a colour of two numbers", "rgb_color", [[255, 0]]),
    one("labeled_points_forms", "the three forms of a labelled point", "labeled_points",
        [[{"x": 1, "y": 2}, [3, 4], [5, 6, False], {"x": 1, "y": 2, "positive": False}]]),
    one("labeled_points_missing", "y is missing", "labeled_points", [[{"x": 1}]]),
    one("bytes_bad", "bytes that are not base64", "bytes", "%"),
    one("timestamp_zone", "a time with zone", "timestamp", "2026-03-01T12:30:45.123+02:00"),
    one("array", "nested lists become an array", "numpy_array", [[[1, 2], [3, 4]]]),
    one("secret", "a secret comes back masked", "secret", "my-long-secret"),
    one("secret_short", "a short one without its ends", "secret", "short"),
    one("union", "the second kind takes it", ["integer", "string"], "x"),
    one("union_bad", "none takes it", ["integer", "string"], 1.5),
    one("unknown_kind", "a kind that nobody knows is raw", "thing", [1, {"a": 2}]),
    one("element_null", "an element may be null", "integer", [1, None, 3]),
    one("null", "the whole may not", "integer", None),
    one("api_key_null", "not even an optional kind", "roboflow_api_key", None),
    one("batch_video_metadata", "video metadata", "video_metadata", METADATA),
    run("video_metadata_input", "WorkflowVideoMetadata",
        definition([{"type": "WorkflowVideoMetadata", "name": "v"}], [], {"o": "$inputs.v"}),
        {"v": [METADATA, {**METADATA, "fps": None}]}),
    run("video_metadata_absent", "it is required",
        definition([{"type": "WorkflowVideoMetadata", "name": "v"}], [], {"o": "$inputs.v"})),
    one("image_in_batch_input", "an image as a batch input", "image", [image(), None]),
]  # fmt: skip

PAIR = definition(
    [batch("p", "integer"), batch("q", "*")], [], {"p": "$inputs.p", "q": "$inputs.q"}
)
NESTING = [
    run("one_to_three", "one value is repeated", PAIR, {"p": 1, "q": [1, 2, 3]}),
    run("list_of_one_to_three", "so is a list of one", PAIR, {"p": [1], "q": ["a", "b", "c"]}),
    run("two_and_three", "two against three", PAIR, {"p": [1, 2], "q": [1, 2, 3]}),
    run("three_and_none", "an empty list", PAIR, {"p": [1, 2, 3], "q": []}),
    run("one_and_absent", "one is missing", PAIR, {"p": 1}),
    one("nested", "two dimensions", "integer", [[1, 2], [3]], dimensionality=2),
    one("nested_empty", "an empty inner list", "integer", [[1, 2], []], dimensionality=2),
    one("nested_null", "nulls inside", "integer", [[1, None], [3]], dimensionality=2),
    one("nested_flat", "not nested enough", "integer", [1, 2], dimensionality=2),
    one("nested_scalar", "a single value for two dimensions", "integer", 5, dimensionality=2),
    one("nested_deep", "three dimensions", "string", [[["a"], ["b", "c"]]], dimensionality=3),
    one("nested_too_deep", "an inner list is an element", "integer", [[1]], dimensionality=1),
    one("nested_bad_element", "the element's full name", "integer", [[1, "x"]], dimensionality=2),
]  # fmt: skip


def detected(
    name: str,
    about: str,
    value: Json,
    kind: str = "object_detection_prediction",
    masks: Json = None,
) -> Case:
    workflow = definition([batch("detections", kind)], [], {"value": "$inputs.detections"})
    return run(name, about, workflow, {"detections": value}, masks)


def without(item: Json, *keys: str) -> Json:
    return {key: value for key, value in item.items() if key not in keys}


SQUARE = [{"x": 10, "y": 10}, {"x": 40, "y": 10}, {"x": 40, "y": 40}, {"x": 10, "y": 40}]
JOINTS = [
    {"class": "nose", "class_id": 0, "confidence": 0.9, "x": 10.5, "y": 20},
    {"class": "eye", "class_id": 1, "confidence": 0.1, "x": 30, "y": 40.25},
]
PREDICTIONS = [
    detected("detections", "three boxes", THREE),
    detected("detections_list", "a batch of them", [THREE, boxes(box(20, 20, 10, 10))]),
    detected("detections_empty", "no boxes: the size of the picture is lost", boxes()),
    detected("detections_null_element", "null instead", [THREE, None]),
    detected("detections_ids", "a missing id is made", boxes(
        without(box(50, 50, 10, 10), "detection_id"), box(70, 50, 10, 10))),
    detected("detections_parents", "parents that are the same picture", boxes(
        box(50, 50, 10, 10, parent_id="image"), box(60, 60, 10, 10, parent_id="other"))),
    detected("detections_origins", "boxes of a crop", boxes(
        box(50, 50, 10, 10, parent_id="crop", parent_origin=ORIGIN, root_parent_id="image",
            root_parent_origin=ORIGIN))),
    detected("detections_half_origins", "one of two has an origin", boxes(
        box(50, 50, 10, 10, parent_id="crop", parent_origin=ORIGIN, root_parent_id="image",
            root_parent_origin=ORIGIN), box(60, 60, 10, 10))),
    detected("detections_bad_origin", "a malformed origin", boxes(
        box(50, 50, 10, 10, parent_id="crop", parent_origin={"offset_x": 1}))),
    detected("detections_tracked", "tracker ids", boxes(
        box(50, 50, 10, 10, tracker_id=4), box(60, 60, 10, 10, tracker_id=-1))),
    detected("detections_half_tracked", "one of two is tracked", boxes(
        box(50, 50, 10, 10, tracker_id=4), box(60, 60, 10, 10))),
    detected("detections_extra", "keys that nobody knows are dropped", boxes(
        box(50, 50, 10, 10, mood="happy"))),
    detected("detections_optional", "the optional columns", boxes(
        box(50, 50, 10, 10, time_in_zone=1.5, velocity=[1.0, 2.5], speed=3.25,
            smoothed_velocity=[0.5, 0.5], smoothed_speed=0.7, area_px=100, area_converted=1.5,
            nearest_target_distance=9.5, path_deviation=2.0, data="code"))),
    detected("detections_half_optional", "a column that one of two has", boxes(
        box(50, 50, 10, 10, time_in_zone=1.5), box(60, 60, 10, 10))),
    detected("detections_late_optional", "a column that the first has not", boxes(
        box(60, 60, 10, 10), box(50, 50, 10, 10, time_in_zone=1.5))),
    detected("detections_rect", "a rotated rectangle", boxes(
        box(50, 50, 10, 10, angle=30.0, rect=[[1.5, 2], [3, 4], [5, 6], [7, 8]]))),
    detected("detections_polygon", "a polygon column", boxes(
        box(50, 50, 10, 10, polygon=[[1.4, 2.6], [30, 4], [5, 60]]))),
    detected("detections_integers", "integers for everything", boxes(
        box(50, 50, 10, 10, confidence=1))),
    detected("detections_fractions", "fractions survive", boxes(
        box(50.123456789, 50.1, 10.7, 9.3, confidence=0.123456789))),
    detected("detections_negative", "outside of the picture", boxes(box(-50, 500, 10, 10))),
    detected("detections_flipped", "a negative width", boxes(box(50, 50, -10, 10))),
    detected("detections_no_class", "class is missing", boxes(
        without(box(50, 50, 10, 10), "class"))),
    detected("detections_no_x", "x is missing", boxes(without(box(50, 50, 10, 10), "x"))),
    detected("detections_no_image", "image is missing", {"predictions": []}),
    detected("detections_no_predictions", "predictions are missing", {"image": {}}),
    detected("detections_text_x", "text for a number", boxes({
        **box(50, 50, 10, 10), "x": "a"})),
    detected("detections_image_null", "no size of the picture", {
        "image": {"width": None, "height": None}, "predictions": [box(50, 50, 10, 10)]}),
    detected("segmentation", "polygons become masks", boxes(
        box(25, 25, 30, 30, points=SQUARE)), "instance_segmentation_prediction"),
    detected("segmentation_triangle", "a triangle of fractions", boxes(
        box(25, 25, 30, 30, points=[{"x": 10.9, "y": 10.2}, {"x": 40.5, "y": 12},
                                    {"x": 22, "y": 40.7}])), "instance_segmentation_prediction"),
    detected("segmentation_short", "two points are dropped", boxes(
        box(25, 25, 30, 30, points=SQUARE[:2]), box(25, 25, 30, 30, points=SQUARE)),
        "instance_segmentation_prediction"),
    detected("segmentation_outside", "a polygon over the edge", boxes(
        box(25, 25, 30, 30, points=[{"x": -10, "y": -10}, {"x": 30, "y": -5}, {"x": 20, "y": 30}])),
        "instance_segmentation_prediction"),
    detected("segmentation_all_outside", "a polygon out of sight", boxes(
        box(25, 25, 30, 30, points=[{"x": -10, "y": -10}, {"x": -30, "y": -5},
                                    {"x": -20, "y": -30}])), "instance_segmentation_prediction"),
    detected("segmentation_tracked", "masks and tracker ids", boxes(
        box(25, 25, 30, 30, points=SQUARE, tracker_id=3)), "instance_segmentation_prediction"),
    detected("keypoints", "keypoints", boxes(box(50, 50, 60, 60, keypoints=JOINTS)),
             "keypoint_detection_prediction"),
    detected("keypoints_ragged", "not all have as many", boxes(
        box(50, 50, 60, 60, keypoints=JOINTS), box(90, 50, 60, 60, keypoints=JOINTS[:1]),
        box(90, 90, 60, 60, keypoints=[])), "keypoint_detection_prediction"),
    detected("keypoints_late", "the first has none", boxes(
        box(50, 50, 60, 60), box(90, 50, 60, 60, keypoints=JOINTS)),
        "keypoint_detection_prediction"),
    detected("qr_code", "codes", boxes(box(50, 50, 60, 60, data="https://example.org")),
             "qr_code_detection"),
    detected("bar_code_without_data", "a code without text", boxes(box(50, 50, 60, 60)),
             "bar_code_detection"),
    detected("rle", "a run-length mask", {
        "image": {"width": 6, "height": 4}, "predictions": [box(
            3, 2, 2, 2, rle_mask={"size": [4, 6], "counts": "52203"})]},
        "rle_instance_segmentation_prediction"),
]  # fmt: skip

CLASSES = [
    {"class": "cat", "class_id": 0, "confidence": 0.75},
    {"class": "dog", "class_id": 1, "confidence": 0.25},
]
SINGLE = {"image": {"width": 10, "height": 10}, "predictions": CLASSES, "top": "cat",
          "confidence": 0.75}  # fmt: skip
MULTI = {
    "image": {"width": 10, "height": 10},
    "predictions": {"cat": {"confidence": 0.75, "class_id": 0}},
    "predicted_classes": ["cat"],
}
CLASSIFIED = [
    detected("classification", "one label; what is missing is filled in", SINGLE,
             "classification_prediction"),
    detected("classification_multi", "several labels", MULTI, "classification_prediction"),
    detected("classification_whole", "nothing is missing", {
        **SINGLE, "inference_id": "i", "parent_id": "a", "root_parent_id": "b",
        "prediction_type": "t", "more": 1}, "classification_prediction"),
    detected("classification_no_top", "top is missing", without(SINGLE, "top"),
             "classification_prediction"),
    detected("classification_no_image", "image is missing", without(SINGLE, "image"),
             "classification_prediction", {"message": {"$match": (
                 "declared to hold classification prediction value, but found that one of "
                 "required keys .* is missing")}}),
]  # fmt: skip

TYPES = """
def run(self, detections):
    d = detections
    kinds = {key: [str(np.asarray(value).dtype.kind), list(np.asarray(value).shape)]
             for key, value in d.data.items()}
    return {"result": {
        "data": dict(sorted(kinds.items())), "xyxy": [str(d.xyxy.dtype), d.xyxy.tolist()],
        "confidence": str(getattr(d.confidence, "dtype", None)),
        "class_id": str(getattr(d.class_id, "dtype", None)),
        "tracker_id": None if d.tracker_id is None else d.tracker_id.tolist(),
        "mask": None if d.mask is None else [list(d.mask.shape), int(d.mask.sum())]}}
"""


def seen(name: str, about: str, value: Json, kind: str = "object_detection_prediction") -> Case:
    """The detections as user code sees them."""
    return python(
        name, about, TYPES, [batch("detections", kind)], {"detections": value},
        {"detections": "$inputs.detections"}, {"detections": takes("generic")},
    )  # fmt: skip


SEEN = [
    seen("seen_detections", "columns and types", THREE),
    seen("seen_empty", "columns of no boxes", boxes()),
    seen("seen_tracked", "tracker ids", boxes(box(50, 50, 10, 10, tracker_id=4))),
    seen("seen_masks", "masks", boxes(box(25, 25, 30, 30, points=SQUARE)),
         "instance_segmentation_prediction"),
    seen("seen_keypoints", "keypoints", boxes(
        box(50, 50, 60, 60, keypoints=JOINTS), box(90, 50, 60, 60, keypoints=JOINTS[:1])),
        "keypoint_detection_prediction"),
    seen("seen_origins", "parents", boxes(
        box(50, 50, 10, 10, parent_id="crop", parent_origin=ORIGIN, root_parent_id="image",
            root_parent_origin=ORIGIN))),
]  # fmt: skip

SUBSTITUTED = [
    run("substituted_number", "a parameter as a block's property",
        definition([IMAGE, DETECTIONS, parameter("p")], [draw_boxes(thickness="$inputs.p")],
                   {"image": "$steps.draw.image"}),
        {"image": image(), "detections": THREE, "p": 5}),
    run("substituted_bad", "its type is checked",
        definition([IMAGE, DETECTIONS, parameter("p")], [draw_boxes(thickness="$inputs.p")],
                   {"image": "$steps.draw.image"}),
        {"image": image(), "detections": THREE, "p": "thick"},
        {"inner_error_message": {"$any": "string"}}),
    run("substituted_selector", "an image cannot be a parameter's value",
        definition([DETECTIONS, parameter("image")], [draw_boxes()], {"o": "$steps.draw.image"}),
        {"image": image(), "detections": THREE}, {"inner_error_message": {"$any": "string"}}),
    run("substituted_dynamic", "dynamic blocks take any value",
        definition([parameter("p")], [step(value="$inputs.p")], {"o": "$steps.custom.result"}, [
            block("def run(self, value):\n    return {'result': repr(value)}",
                  {"value": takes("input_parameter", value_types=["integer"])})]),
        {"p": {"a": "text"}}),
]  # fmt: skip

CASES = [
    *PICTURES,
    *BAD_PICTURES,
    *PARENTS,
    *PARAMETERS,
    *SCALARS,
    *NESTING,
    *PREDICTIONS,
    *CLASSIFIED,
    *SEEN,
    *SUBSTITUTED,
]
