"""sv.Detections between the server and users' code, with the columns that blocks write.

    ("d", n, xyxy, confidence, class_id, class_name, id, tracker_id, mask, origins, origin_of,
     extra, kept, keypoints)         and, from a worker, whether all that JSON needs was there

xyxy, confidence (float64), class_id and tracker_id (int64) are blobs; class_name and id lists;
mask is (height, width, blob of n pictures) or None; origins are those of the pictures in which
rows were found, as (width, height, parent, root), and origin_of says which each row has (None: all
the first); extra and kept are further columns as {name: list}: the former go out in JSON. keypoints
has a list of (class_id, class, confidence, x, y) for each row, or is None.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import supervision as sv

if TYPE_CHECKING:
    from vedette_worker.values import Teller

_KEYPOINTS = ("keypoints_class_id", "keypoints_class_name", "keypoints_confidence", "keypoints_xy")
# Columns that tell() writes elsewhere than among the further ones.
_OWN = {
    "class_name",
    "detection_id",
    "image_dimensions",
    "parent_id",
    "parent_coordinates",
    "parent_dimensions",
    "root_parent_id",
    "root_parent_coordinates",
    "root_parent_dimensions",
    *_KEYPOINTS,
}
# Further columns that go out in JSON; read() adds those with which native blocks come.
_told = {
    "angle",
    "area_converted",
    "area_px",
    "data",
    "height",
    "nearest_target_distance",
    "path_deviation",
    "polygon",
    "rect",
    "rle_mask",
    "smoothed_speed",
    "smoothed_velocity",
    "speed",
    "time_in_zone",
    "velocity",
    "width",
}


def read(value: tuple, read_column: Callable[[Any], list]) -> sv.Detections:
    (_, n, xyxy, confidence, class_id, class_name, ids, tracker_id, mask, origins, origin_of,
     extra, kept, keypoints) = value  # fmt: skip
    if n == 0:
        found = sv.Detections.empty()
        found.data = {"class_name": np.empty(0, dtype=str)}
        return found
    places = _read_origins(n, origins, origin_of)
    data = {"class_name": np.array(class_name)}
    if "image_dimensions" in places:
        data["image_dimensions"] = places["image_dimensions"]
    data |= {"detection_id": np.array(ids)} | places
    _told.update(extra)
    for name, column in (extra | kept).items():
        data[name] = _column(read_column(column))
    if keypoints is not None:
        data |= _read_keypoints(keypoints)
    return sv.Detections(
        xyxy=np.frombuffer(xyxy).reshape(n, 4).copy(),
        mask=_read_mask(n, mask) if mask else None,
        confidence=np.frombuffer(confidence).copy(),
        class_id=np.frombuffer(class_id, np.int64).copy(),
        tracker_id=np.frombuffer(tracker_id, np.int64).copy() if tracker_id else None,
        data=data,
    )


def _column(values: list) -> np.ndarray:
    """Numbers and lists of numbers become numbers; what is nested otherwise stays as it is."""
    first = values[0]
    if isinstance(first, dict) or (isinstance(first, list) and not _is_numeric(first)):
        return _objects(values)
    try:
        return np.array(values)
    except ValueError:  # lists of several lengths
        return _objects(values)


def _objects(values: list) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        column[i] = value
    return column


def _is_numeric(value: Any) -> bool:
    if isinstance(value, list):
        return all(_is_numeric(item) for item in value)
    return isinstance(value, (int, float))


def _read_mask(n: int, mask: tuple) -> np.ndarray:
    height, width, pixels = mask
    return np.frombuffer(pixels, np.uint8).reshape(n, height, width).astype(bool)


def _read_origins(n: int, origins: list, origin_of: list | None) -> dict[str, np.ndarray]:
    rows = [origins[i] for i in origin_of] if origin_of else origins * n
    data = {}
    if n == 0 or all(row[0] > 0 for row in rows):
        data["image_dimensions"] = np.array([[row[1], row[0]] for row in rows])
    for prefix, at in (("parent", 2), ("root_parent", 3)):
        if n and not all(row[at] for row in rows):
            continue
        data[f"{prefix}_id"] = np.array([row[at][0] for row in rows])
        if all(row[at][3] > 0 for row in rows):
            data[f"{prefix}_coordinates"] = np.array([row[at][1:3] for row in rows])
            data[f"{prefix}_dimensions"] = np.array([row[at][:2:-1] for row in rows])
    return data


def _read_keypoints(keypoints: list[list[tuple]]) -> dict[str, np.ndarray]:
    """Rows with fewer points than others are filled up with points of an empty class."""
    n, most = len(keypoints), max(map(len, keypoints), default=0)
    data = {
        "keypoints_xy": np.zeros((n, most, 2), np.float32),
        "keypoints_confidence": np.zeros((n, most), np.float32),
        "keypoints_class_id": np.zeros((n, most), int),
        "keypoints_class_name": np.full((n, most), "", object),
    }
    for i, points in enumerate(keypoints):
        for k, (class_id, name, confidence, x, y) in enumerate(points):
            data["keypoints_xy"][i, k] = x, y
            data["keypoints_confidence"][i, k] = confidence
            data["keypoints_class_id"][i, k] = class_id
            data["keypoints_class_name"][i, k] = name
    return data


def tell(teller: "Teller", found: sv.Detections, where: str) -> tuple:
    """What user code left out of `found` is made up: an id, the number of the class as its name."""
    is_whole = found.confidence is not None and found.class_id is not None
    is_whole = is_whole and "class_name" in found.data and "detection_id" in found.data
    n, data, put = len(found), found.data, teller.arena.put
    numbers = [0] * n if found.class_id is None else [int(number) for number in found.class_id]
    confidence = np.zeros(n) if found.confidence is None else found.confidence
    mask = found.mask if n else None
    extra, kept = {}, {}
    for name, column in data.items():
        if name not in _OWN and len(column) == n and n > 0:
            told = teller.tell(_plain(column), f"{where}.data[{name!r}]")
            (extra if name in _told else kept)[str(name)] = told
    return (
        "d",
        n,
        bytes(np.ascontiguousarray(found.xyxy, "<f8").reshape(-1)),
        bytes(np.ascontiguousarray(confidence, "<f8")),
        bytes(np.array(numbers, "<i8")),
        _texts(data.get("class_name"), numbers),
        _texts(data.get("detection_id"), [uuid4() for _ in range(n)]),
        None if found.tracker_id is None else bytes(np.ascontiguousarray(found.tracker_id, "<i8")),
        None if mask is None else _tell_mask(put, np.asarray(mask)),
        *_tell_origins(n, data),
        extra,
        kept,
        _tell_keypoints(n, data),
        is_whole or n == 0,
    )


def _plain(column: Any) -> list:
    return column.tolist() if isinstance(column, np.ndarray) else list(column)


def _texts(column: Any, otherwise: list) -> list[str]:
    usable = column is not None and len(column) == len(otherwise)
    return [str(text) for text in (column if usable else otherwise)]


def _tell_mask(put: Any, mask: np.ndarray) -> tuple:
    return (mask.shape[1], mask.shape[2], put(np.ascontiguousarray(mask, np.uint8).reshape(-1)))


def _tell_origins(n: int, data: dict[str, Any]) -> tuple[list, list | None]:
    def column(name: str) -> list | None:
        values = data.get(name)
        return None if values is None or len(values) != n else _plain(values)

    dimensions = column("image_dimensions")
    parents = [
        [column(f"{prefix}_{what}") for what in ("id", "coordinates", "dimensions")]
        for prefix in ("parent", "root_parent")
    ]
    numbers: dict[tuple, int] = {}
    origin_of = []
    for i in range(n):
        height, width = map(int, dimensions[i]) if dimensions else (0, 0)
        origin: list[Any] = [width, height]
        for ids, coordinates, sizes in parents:
            x, y = map(int, coordinates[i]) if coordinates else (0, 0)
            h, w = map(int, sizes[i]) if sizes else (0, 0)
            origin.append((str(ids[i]), x, y, w, h) if ids else None)
        origin_of.append(numbers.setdefault(tuple(origin), len(numbers)))
    return list(numbers), origin_of if len(numbers) > 1 else None


def _tell_keypoints(n: int, data: dict[str, Any]) -> list | None:
    if n == 0 or any(name not in data or len(data[name]) != n for name in _KEYPOINTS):
        return None
    rows = []
    for class_ids, names, confidences, xy in zip(*(data[name] for name in _KEYPOINTS), strict=True):
        points = [
            (int(number), str(name), float(confidence), float(x), float(y))
            for number, name, confidence, (x, y) in zip(
                class_ids, names, confidences, xy, strict=True
            )
        ]
        while points and points[-1][1] == "":
            points.pop()
        rows.append(points)
    return rows
