#!/usr/bin/env python3
"""Writes tests/fixtures/draw: what supervision draws, for tests that compare to the pixel.

    pip install supervision==0.29.1 numpy==2.2.6 matplotlib==3.11.2
    pip uninstall opencv-python && pip install --no-deps opencv-python-headless==4.12.0.88
    tools/make_draw_goldens.py

cases.json lists for each picture what was drawn on the background; palettes.json has the
colours that supervision takes from each palette.
"""

import json
from pathlib import Path
from typing import Any

import cv2
import make_color_maps as color_maps
import numpy as np
import supervision as sv

HERE = Path(__file__).parent.parent / "tests/fixtures/draw"
WIDTH, HEIGHT = 200, 150
BOXES = [[20, 45, 90, 120], [60.9, 60.2, 150.7, 140.99]]
OUTSIDE = [[-30.5, -10.5, 40, 30], [150, 100, 260, 190], [-50, -50, -20, -20], [10, 70, 190, 71]]
TINY = [[30, 40, 30, 40], [60, 60, 61, 61], [90.5, 90.5, 93.9, 95.2]]
NAMES = ["Ada", "unknown"]
POSITIONS = [position.value for position in sv.Position]

Case = dict[str, Any]


def box_cases() -> list[Case]:
    styles: list[Case] = [{"thickness": thickness} for thickness in (-1, 0, 1, 2, 5)]
    styles += [
        {"thickness": thickness, "roundness": roundness}
        for thickness, roundness in ((1, 0.3), (2, 0.6), (4, 1.0))
    ]
    cases = [{"boxes": BOXES, **style} for style in styles]
    for boxes in (OUTSIDE, TINY):
        cases += [{"boxes": boxes, "thickness": 2}]
        cases += [{"boxes": boxes, "thickness": 2, "roundness": 0.7}]
    cases += [{"boxes": BOXES, "thickness": 2, "axis": "TRACK", "tracker_ids": [-1, 30]}]
    cases += [{"boxes": BOXES, "thickness": 2, "axis": "INDEX", "class_ids": [7, 7]}]
    cases += [{"boxes": BOXES, "thickness": 2, "class_ids": [21, 22]}]
    return cases


def label_cases() -> list[Case]:
    cases: list[Case] = [{"position": position} for position in POSITIONS]
    cases += [{"position": position, "radius": 9, "scale": 0.5} for position in POSITIONS[:4]]
    cases += [
        {"scale": 0.35, "padding": 0},
        {"scale": 0.5, "padding": 3, "thickness": 2},
        {"scale": 1.6, "thickness": 3, "padding": 5, "radius": 500},
        {"scale": 0.0, "padding": 12},
        {"scale": 0.7, "text": "#102030", "axis": "INDEX", "class_ids": [3, 3]},
        {"scale": 0.6, "labels": ["two\nlines", "a\r\n\nc\n"], "position": "CENTER"},
        {"scale": 0.6, "labels": ["", "\n"]},
        {"scale": 0.6, "labels": ["Zo\u00eb \u4e2d\u6587 \u20ac", "{gjpqy|~}\u0416 \u2028@#%&"]},
        {"scale": 0.5, "boxes": OUTSIDE, "labels": ["left out", "right out", "gone", "line"]},
        {"scale": 0.5, "boxes": OUTSIDE, "labels": ["a", "b", "c", "d"], "position": "TOP_RIGHT"},
    ]
    return [{"boxes": BOXES, "labels": NAMES, **case} for case in cases]


def background() -> np.ndarray:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([x, x // 2 + y, 255 - y], axis=-1).astype(np.uint8)


def masks(boxes: np.ndarray) -> np.ndarray:
    """Of each box the lower left triangle; of the second box nothing."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = []
    for index, (left, top, right, bottom) in enumerate(boxes.astype(int)):
        inside = (x >= left) & (x < right) & (y >= top) & (y < bottom) & (x - left <= y - top)
        planes.append(inside & (index != 1))
    return np.array(planes)


def draw(case: Case) -> np.ndarray:
    boxes = np.array(case["boxes"], dtype=float)
    count = len(boxes)
    trackers = case.get("tracker_ids")
    detections = sv.Detections(
        xyxy=boxes,
        class_id=np.array(case.get("class_ids", range(count))),
        tracker_id=None if trackers is None else np.array(trackers),
        mask=masks(boxes) if case.get("position") == "CENTER_OF_MASS" else None,
    )
    lookup = sv.ColorLookup[case.get("axis", "CLASS")]
    if "labels" in case:
        annotator = sv.LabelAnnotator(
            color_lookup=lookup,
            text_color=sv.Color.from_hex(case.get("text", "#ffffff")),
            text_scale=case.get("scale", 1.0),
            text_thickness=case.get("thickness", 1),
            text_padding=case.get("padding", 10),
            text_position=sv.Position(case.get("position", "TOP_LEFT")),
            border_radius=case.get("radius", 0),
        )
        return annotator.annotate(background(), detections, labels=case["labels"])
    if case.get("roundness"):
        rounded = sv.RoundBoxAnnotator(
            color_lookup=lookup, thickness=case["thickness"], roundness=case["roundness"]
        )
        return rounded.annotate(background(), detections)
    plain = sv.BoxAnnotator(color_lookup=lookup, thickness=case["thickness"])
    return plain.annotate(background(), detections)


def palettes() -> list[Case]:
    found = [
        {"name": name, "size": 10, "palette": getattr(sv.ColorPalette, name)}
        for name in ("DEFAULT", "ROBOFLOW", "LEGACY")
    ]
    for name in color_maps.NAMES:
        known = name if name in ("Accent", "Paired") or name[-1].isdigit() else name.lower()
        known = known.lower() if name.startswith("Tab") else known
        for size in (0, 1, 2, 7, 10, 300 if name == "Viridis" else 12):
            palette = sv.ColorPalette.from_matplotlib(known, size)
            found.append({"name": f"Matplotlib {name}", "size": size, "palette": palette})
    for entry in found:
        entry["colors"] = [color.as_hex() for color in entry.pop("palette").colors]
    return found


def main() -> None:
    HERE.mkdir(parents=True, exist_ok=True)
    for old in HERE.glob("*.png"):
        old.unlink()
    cases = []
    for kind, made in (("boxes", box_cases()), ("labels", label_cases())):
        for index, case in enumerate(made):
            name = f"{kind}_{index:02}"
            ok = cv2.imwrite(
                str(HERE / f"{name}.png"), draw(case), [cv2.IMWRITE_PNG_COMPRESSION, 9]
            )
            assert ok, name
            cases.append({"name": name, **case})
    (HERE / "cases.json").write_text("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]\n")
    rows = ",\n".join(map(json.dumps, palettes()))
    (HERE / "palettes.json").write_text(f"[\n{rows}\n]\n")


if __name__ == "__main__":
    main()
