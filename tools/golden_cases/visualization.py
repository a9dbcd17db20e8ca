"""Boxes and labels: every parameter, every text, every position, odd boxes and pictures."""

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
    run,
    step,
    takes,
)

DRAWN = {"image": "$steps.draw.image"}
INPUTS = [IMAGE, DETECTIONS]
SPREAD = boxes(
    *[box(20 + 30 * (i % 5), 20 + 28 * (i // 5), 24, 22, f"c{i}", class_id=i) for i in range(20)]
)
MANY = boxes(
    *[
        box(18 + 32 * (i % 10), 25 + 60 * (i // 10), 28, 40, f"n{i}", class_id=i * 3)
        for i in range(40)
    ],
    width=320,
    height=240,
)
TRACKED = boxes(
    box(40, 50, 50, 40, tracker_id=4),
    box(100, 50, 50, 40, tracker_id=-1),
    box(80, 95, 60, 30, tracker_id=123),
)
OUTSIDE = boxes(
    box(5, 5, 60, 40),
    box(158, 60, 50, 50, class_id=1),
    box(80, 130, 40, 60, class_id=2),
    box(-100, -100, 20, 20, class_id=3),
    box(80, 60, 400, 300, class_id=4),
)
SQUARE = [{"x": 20, "y": 20}, {"x": 70, "y": 25}, {"x": 60, "y": 90}, {"x": 25, "y": 70}]


def word(text: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in text.lower()).strip("_")


def drawn(
    draw: Json, name: str, about: str, detections: Json, properties: Json, more: Json
) -> Case:
    picture = more.pop("picture", image())
    kind = more.pop("kind", "object_detection_prediction")
    inputs = [IMAGE, batch("detections", kind)]
    return run(
        name,
        about,
        definition(inputs, [draw(**properties)], DRAWN),
        {"image": picture, "detections": detections},
        **more,
    )


def boxed(
    name: str, about: str, detections: Json = THREE, more: Json = None, **props: Json
) -> Case:
    return drawn(draw_boxes, f"boxes_{name}", about, detections, props, dict(more or {}))


def labelled(
    name: str, about: str, detections: Json = THREE, more: Json = None, **props: Json
) -> Case:
    return drawn(draw_labels, f"labels_{name}", about, detections, props, dict(more or {}))


STREET = {"picture": image("street.jpg")}
PALETTES = [
    "DEFAULT", "ROBOFLOW", "Matplotlib Viridis", "Matplotlib Plasma", "Matplotlib Inferno",
    "Matplotlib Magma", "Matplotlib Cividis", "Matplotlib Pastel1", "Matplotlib Pastel2",
    "Matplotlib Paired", "Matplotlib Accent", "Matplotlib Dark2", "Matplotlib Set1",
    "Matplotlib Set2", "Matplotlib Set3", "Matplotlib Tab10", "Matplotlib Tab20",
    "Matplotlib Tab20b", "Matplotlib Tab20c",
]  # fmt: skip

BOXES = [
    boxed("default", "all defaults"),
    boxed("none", "no detections", boxes()),
    boxed("forty", "forty detections", MANY, STREET),
    boxed("outside", "over the edges and out of sight", OUTSIDE),
    boxed("fractions", "fractions are cut off", boxes(box(50.7, 50.9, 60.5, 40.3))),
    boxed("negative_fractions", "towards zero", boxes(box(20.3, 20.3, 61.5, 61.5))),
    boxed("flipped", "a negative width", boxes(box(60, 60, -40, 30))),
    boxed("flat", "boxes without area", boxes(box(60, 60, 0, 40), box(90, 60, 0, 0))),
    boxed("overlapping", "the later one lies on top", boxes(
        box(60, 60, 50, 50), box(75, 65, 50, 50, class_id=1), box(66, 72, 50, 50, class_id=2))),
    *[boxed(f"thickness_{n}", f"thickness {n}", thickness=n) for n in (1, 3, 8, 25)],
    boxed("thickness_filled", "a thickness of -1 fills", thickness=-1),
    boxed("thickness_zero", "thickness 0", thickness=0),
    *[boxed(f"roundness_{int(r * 100)}", f"roundness {r}", roundness=r)
      for r in (0.1, 0.25, 0.5, 0.75, 1.0)],
    boxed("roundness_thick", "round and thick", roundness=0.6, thickness=6),
    boxed("roundness_thin", "round and thin", roundness=0.6, thickness=1),
    boxed("roundness_outside", "round and over the edge", OUTSIDE, roundness=0.5),
    boxed("roundness_flat", "round without area", boxes(box(60, 60, 2, 40)), roundness=1),
    boxed("roundness_flipped", "round and negative", boxes(box(60, 60, -40, 30)), roundness=0.5),
    boxed("index", "colours by index", SPREAD, color_axis="INDEX"),
    boxed("class", "colours by class", SPREAD, color_axis="CLASS"),
    boxed("track", "colours by track; a pending one is grey", TRACKED, color_axis="TRACK"),
    boxed("track_absent", "no tracker ids", color_axis="TRACK"),
    boxed("class_high", "class ids wrap", boxes(
        box(40, 50, 50, 40, class_id=21), box(100, 50, 50, 40, class_id=1000))),
    boxed("class_negative", "negative ones too", boxes(box(40, 50, 50, 40, class_id=-1))),
    *[boxed(f"palette_{p.split()[-1].lower()}", f"palette {p}", SPREAD, color_palette=p,
            color_axis="INDEX", thickness=4) for p in PALETTES],
    *[boxed(f"palette_size_{n}", f"{n} colours", SPREAD, color_palette="Matplotlib Viridis",
            palette_size=n, thickness=4) for n in (1, 2, 3, 7, 20)],
    boxed("palette_tab20_size_20", "all of Tab20", SPREAD, color_palette="Matplotlib Tab20",
          palette_size=20, thickness=4),
    boxed("palette_set1_size_30", "more than it has", SPREAD, color_palette="Matplotlib Set1",
          palette_size=30, thickness=4),
    boxed("palette_default_size", "the size of a fixed palette is its own", SPREAD,
          palette_size=2),
    boxed("palette_size_zero", "no colours", SPREAD, color_palette="Matplotlib Viridis",
          palette_size=0),
    boxed("custom", "custom colours", SPREAD, color_palette="CUSTOM",
          custom_colors=["#FF0000", "#00ff00", "#00F"], thickness=4),
    boxed("custom_forms", "every form of a colour", SPREAD, color_palette="CUSTOM",
          custom_colors=["#12345678", "rgb(10, 200, 30)", "bgr(250,10,20)", "yellow", "ROBOFLOW",
                         "Grey", "#abcd"], thickness=4),
    boxed("custom_empty", "no custom colours", color_palette="CUSTOM"),
    boxed("custom_bad_name", "an unknown colour", color_palette="CUSTOM",
          custom_colors=["mauve"]),
    boxed("custom_bad_digits", "no hexadecimal digits", color_palette="CUSTOM",
          custom_colors=["#GG0000"]),
    boxed("custom_bad_length", "five digits", color_palette="CUSTOM", custom_colors=["#12345"]),
    boxed("custom_bad_range", "300 is no colour", color_palette="CUSTOM",
          custom_colors=["rgb(300, 0, 0)"]),
    boxed("custom_bad_numbers", "two numbers", color_palette="CUSTOM",
          custom_colors=["rgb(1, 2)"]),
    boxed("custom_unused", "custom colours of another palette are not read",
          custom_colors=["mauve"]),
    boxed("masks", "masks change nothing", boxes(box(45, 55, 50, 70, points=SQUARE)),
          {"kind": "instance_segmentation_prediction"}),
    boxed("keypoints", "keypoints neither", boxes(box(45, 55, 50, 70, keypoints=[
        {"x": 30, "y": 40, "class": "nose", "class_id": 0, "confidence": 0.5}])),
          {"kind": "keypoint_detection_prediction"}),
    *[boxed(f"on_{word(name)}", f"on {name}", boxes(box(30, 25, 30, 30), width=60,
            height=50), {"picture": image(name)})
      for name in ("gray.jpg", "gray.png", "gray16.png", "alpha.png", "odd.jpg", "rotated.jpg",
                   "tiny.png")],
    boxed("large", "a picture of 640 by 480", boxes(
        box(330, 150, 180, 220), box(100.5, 300, 120, 90, class_id=5), width=640, height=480),
          {"picture": image("photo_large.jpg")}),
    boxed("batch", "a batch of two pictures", [THREE, boxes(box(60, 45, 40, 30, class_id=3))],
          {"picture": [image(), image("second.jpg")]}),
    boxed("batch_null", "one without detections", [None, THREE],
          {"picture": [image("second.jpg"), image()]}),
    boxed("batch_shared", "one set of detections for three pictures", boxes(
        box(40, 40, 40, 30, class_id=3)),
          {"picture": [image(), image("second.jpg"), image("plain.png")]}),
    boxed("copy_false", "drawn into the picture itself", copy_image=False),
]  # fmt: skip

OPTIONAL = boxes(
    box(50, 60, 60, 50, time_in_zone=3.14159, area_px=1234.5, area_converted=0.56789),
    box(110, 80, 50, 60, class_id=1, time_in_zone=0, area_px=7, area_converted=12),
)
TEXTS = ["Class", "Confidence", "Class and Confidence", "Index", "Dimensions", "Area",
         "Area (mask)", "Area (converted)", "Tracker Id", "Time In Zone"]  # fmt: skip
POSITIONS = ["CENTER", "CENTER_LEFT", "CENTER_RIGHT", "TOP_CENTER", "TOP_LEFT", "TOP_RIGHT",
             "BOTTOM_LEFT", "BOTTOM_CENTER", "BOTTOM_RIGHT"]  # fmt: skip
SMALL = {"text_scale": 0.4, "text_padding": 4}
MASKED = boxes(box(45, 55, 50, 70, points=SQUARE))
SEGMENTATION = {"kind": "instance_segmentation_prediction"}


LABELS = [
    labelled("default", "all defaults"),
    labelled("none", "no detections", boxes()),
    labelled("forty", "forty detections", MANY, STREET, **SMALL),
    labelled("outside", "labels are not moved into the picture", OUTSIDE, **SMALL),
    *[labelled(f"text_{word(t)}", f"text {t}", text=t, **SMALL) for t in TEXTS],
    *[labelled(f"text_{word(t)}_given", f"text {t} with its column", OPTIONAL, text=t, **SMALL)
      for t in ("Area (mask)", "Area (converted)", "Time In Zone")],
    labelled("text_tracker_id_given", "tracker ids", TRACKED, text="Tracker Id", **SMALL),
    labelled("text_area_of_mask", "area is the mask's", MASKED, SEGMENTATION, text="Area",
             **SMALL),
    labelled("text_dimensions_fractions", "fractions are cut off", boxes(
        box(60.9, 70.2, 40.7, 30.9)), text="Dimensions", **SMALL),
    labelled("text_confidence_rounded", "two digits, half to even", boxes(
        box(60, 60, 40, 40, confidence=0.125), box(100, 100, 40, 40, confidence=0.995),
        box(60, 110, 40, 20, confidence=1)), text="Confidence", **SMALL),
    *[labelled(f"position_{p.lower()}", f"position {p}", text_position=p, **SMALL)
      for p in POSITIONS],
    *[labelled(f"position_{p.lower()}_round", f"position {p}, rounded corners, large",
               boxes(box(80, 60, 41.5, 33.5)), text_position=p, border_radius=6, text_scale=0.7)
      for p in POSITIONS],
    labelled("position_center_of_mass", "the centre of a mask", MASKED, SEGMENTATION,
             text_position="CENTER_OF_MASS", **SMALL),
    labelled("position_center_of_mass_absent", "there is no mask",
             text_position="CENTER_OF_MASS"),
    *[labelled(f"scale_{word(str(s))}", f"scale {s}", text_scale=s) for s in (0.3, 0.5, 1.5, 3)],
    labelled("scale_zero", "scale 0", text_scale=0),
    *[labelled(f"thickness_{n}", f"thickness {n}", text_thickness=n, text_scale=0.6)
      for n in (2, 4)],
    *[labelled(f"padding_{n}", f"padding {n}", text_padding=n, text_scale=0.5)
      for n in (0, 1, 25)],
    labelled("padding_negative", "a negative padding", text_padding=-3, text_scale=0.8),
    *[labelled(f"radius_{n}", f"radius {n}", border_radius=n, text_scale=0.5)
      for n in (1, 3, 8, 100)],
    labelled("radius_thin", "the radius is bounded by the box", border_radius=20,
             text_padding=0, text_scale=0.4),
    *[labelled(f"color_{word(c)}", f"text colour {c}", text_color=c, **SMALL)
      for c in ("BLACK", "yellow", "#FF00FF", "#0f0", "rgb(1, 2, 250)", "bgr(1, 2, 250)")],
    labelled("color_bad", "an unknown text colour", text_color="mauve"),
    labelled("color_empty", "an empty text colour", text_color=""),
    labelled("index", "colours by index", boxes(*THREE["predictions"]), color_axis="INDEX",
             **SMALL),
    labelled("track", "colours by track", TRACKED, color_axis="TRACK", **SMALL),
    labelled("track_absent", "no tracker ids", color_axis="TRACK"),
    labelled("custom", "custom colours", color_palette="CUSTOM",
             custom_colors=["#FF0000", "#00FF00"], **SMALL),
    labelled("palette", "a palette", color_palette="Matplotlib Paired", palette_size=8, **SMALL),
    labelled("roboflow", "another palette", color_palette="ROBOFLOW", **SMALL),
    labelled("unicode", "letters the font lacks", boxes(
        box(60, 60, 60, 40, "Zoë"), box(100, 100, 60, 30, "猫")), **SMALL),
    labelled("empty_class", "an empty class", boxes(box(60, 60, 60, 40, "")), **SMALL),
    labelled("lines", "several lines", boxes(box(60, 80, 60, 40, "one\ntwo\n\nfour")), **SMALL),
    labelled("long", "a long text", boxes(box(60, 60, 60, 40, "a very long name " * 4)), **SMALL),
    labelled("descenders", "letters below the line", boxes(box(60, 60, 60, 40, "gypqj_,;")),
             text_scale=0.9),
    labelled("number_class", "a number as class", boxes(
        {**box(60, 60, 60, 40), "class": 7}), **SMALL),
    *[labelled(f"on_{word(name)}", f"on {name}", boxes(box(30, 35, 30, 30), width=60,
               height=50), {"picture": image(name)}, **SMALL)
      for name in ("gray.jpg", "gray16.png", "alpha.png", "odd.jpg", "rotated.jpg", "tiny.png")],
    labelled("large", "a picture of 640 by 480", boxes(
        box(330, 150, 180, 220, "somebody"), box(100.5, 300, 120, 90, "a box", class_id=5),
        width=640, height=480), {"picture": image("photo_large.jpg")}),
    labelled("batch", "a batch of two pictures", [THREE, boxes(box(60, 65, 40, 30, class_id=3))],
             {"picture": [image(), image("second.jpg")]}, **SMALL),
    labelled("copy_false", "drawn into the picture itself", copy_image=False, **SMALL),
    labelled("copy_false_none", "nothing to draw", boxes(), copy_image=False),
]  # fmt: skip

BOTH = [draw_boxes("boxes"), draw_labels("draw", image="$steps.boxes.image", **SMALL)]
GIVEN = {"image": image(), "detections": THREE}


def workflow(
    name: str, about: str, steps: Json, outputs: Json, inputs: Json = (), data: Json = None
) -> Case:
    return run(
        name, about, definition([*INPUTS, *inputs], steps, outputs), {**GIVEN, **(data or {})}
    )


def wired(name: str, about: str, draw: Json, values: Json) -> Case:
    """Every property of `values` comes from a parameter."""
    names = {key: f"$inputs.{key}" for key in values}
    inputs = [parameter(key) for key in values]
    return workflow(name, about, [draw(**names)], DRAWN, inputs, values)


PEOPLE = block(
    """
def run(self, image):
    height, width = image.numpy_image.shape[:2]
    n = 4
    found = sv.Detections(
        xyxy=np.array([[10 + 35 * i, 30, 40 + 35 * i, 90] for i in range(n)], dtype=np.float32),
        confidence=np.linspace(0.3, 0.9, n, dtype=np.float32),
        class_id=np.arange(n),
    )
    found["class_name"] = np.array(["ann", "bob", "cy", "unknown"])
    found["detection_id"] = np.array([f"d{i}" for i in range(n)])
    found["mood"] = np.array(["happy", "", "sad", "calm"])
    return {"result": found}
""",
    {"image": takes("input_image")},
    {"result": gives("object_detection_prediction")},
    "Finder",
)
FIND = step("Finder", "find", image="$inputs.image")


def found(name: str, about: str, steps: Json, inputs: Json = (), data: Json = None) -> Case:
    """The detections come from a dynamic block, float32 coordinates and all."""
    outputs = {**DRAWN, "found": "$steps.find.result"}
    flow = definition([IMAGE, *inputs], [FIND, *steps], outputs, [PEOPLE])
    return run(name, about, flow, {"image": image(), **(data or {})})


FROM = {"predictions": "$steps.find.result"}
CHAINS = [
    workflow("chain", "labels over boxes", BOTH, {
        "boxes": "$steps.boxes.image", "labels": "$steps.draw.image"}),
    workflow("chain_aliases", "the short names of the blocks",
             [{**BOTH[0], "type": "BoundingBoxVisualization"},
              {**BOTH[1], "type": "LabelVisualization"}], DRAWN),
    workflow("chain_images", "`images` is taken for `image`",
             [{**{k: v for k, v in BOTH[0].items() if k != "image"}, "images": "$inputs.image",
               "name": "draw"}], DRAWN),
    workflow("chain_twice", "two readers of one picture",
             [draw_boxes("one"), draw_boxes("two", color_axis="INDEX", thickness=6)],
             {"one": "$steps.one.image", "two": "$steps.two.image"}),
    workflow("in_place_shows", "without a copy the input shows it too",
             [draw_boxes(copy_image=False)], {**DRAWN, "input": "$inputs.image"}),
    workflow("in_place_chain", "and every step after",
             [draw_boxes("boxes", copy_image=False),
              draw_labels(image="$steps.boxes.image", copy_image=False, **SMALL)],
             {"boxes": "$steps.boxes.image", "labels": "$steps.draw.image"}),
    workflow("wildcard", "all outputs of a drawing step", BOTH, {"all": "$steps.draw.*"}),
    workflow("with_comments", "unknown properties are ignored",
             [draw_boxes(comments=None, position={"x": 1})], DRAWN),
    workflow("text_by_selector", "a text that comes as a parameter",
             [draw_labels(text="$inputs.text", **SMALL)], DRAWN, [parameter("text")],
             {"text": "Confidence"}),
    workflow("text_of_column", "any column of the detections",
             [draw_labels(text="$inputs.text", **SMALL)], DRAWN, [parameter("text")],
             {"text": "detection_id"}),
    workflow("text_unknown", "an unknown text",
             [draw_labels(text="$inputs.text", **SMALL)], DRAWN, [parameter("text")],
             {"text": "mood"}),
    workflow("axis_unknown", "an unknown axis by selector",
             [draw_boxes(color_axis="$inputs.axis")], DRAWN, [parameter("axis")],
             {"axis": "MOON"}),
    workflow("palette_by_selector", "a palette that blocks do not list",
             [draw_boxes(color_palette="$inputs.palette")], DRAWN, [parameter("palette")],
             {"palette": "LEGACY"}),
    workflow("roundness_above_one", "a roundness above one",
             [draw_boxes(roundness="$inputs.r")], DRAWN, [parameter("r")], {"r": 1.5}),
    wired("wired_boxes", "all properties of boxes from parameters", draw_boxes, {
        "color_palette": "CUSTOM", "palette_size": 3, "custom_colors": ["#123456", "RED"],
        "color_axis": "INDEX", "thickness": 4, "roundness": 0.4, "copy_image": True}),
    wired("wired_labels", "all properties of labels from parameters", draw_labels, {
        "color_palette": "Matplotlib Set2", "palette_size": 4, "custom_colors": [],
        "color_axis": "INDEX", "text": "Index", "text_position": "CENTER", "text_color": "BLACK",
        "text_scale": 0.6, "text_thickness": 2, "text_padding": 3, "border_radius": 4,
        "copy_image": False}),
    found("found_boxes", "detections of a dynamic block", [draw_boxes(**FROM)]),
    found("found_labels", "their labels", [draw_labels(**FROM, **SMALL)]),
    found("found_confidence", "float32 confidences",
          [draw_labels(**FROM, text="Class and Confidence", **SMALL)]),
    found("found_column", "a column of one's own",
          [draw_labels(**FROM, text="$inputs.text", **SMALL)], [parameter("text")],
          {"text": "mood"}),
    run("parents_of_drawn", "a drawn crop keeps its parents",
        definition(INPUTS, [draw_boxes()], [output("o", "$steps.draw.image", "own")]),
        {"detections": boxes(), "image": image(
            parent_id="crop", root_parent_id="whole", parent_origin={
                "offset_x": 1, "offset_y": 2, "width": 300, "height": 200},
            root_parent_origin={"offset_x": 1, "offset_y": 2, "width": 300, "height": 200})}),
]  # fmt: skip

CASES = [*BOXES, *LABELS, *CHAINS]
