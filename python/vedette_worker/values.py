"""Values between the server and users' code.

What JSON can say travels as itself. Anything else is a tuple whose first item says what it is:

    ("n", value)                           JSON with such tuples somewhere in it
    ("b", blob)                            bytes
    ("t", text)                            a date or time, in ISO 8601
    ("a", dtype, shape, blob)              an array
    ("v", fields)                          video metadata
    ("B", indices, items)                  a batch
    ("i", …)                               a picture, see _read_image() and _tell_image()
    ("d", n, columns)                      detections, see detections.py

A blob is bytes, or ("m", offset, size) in the memory that comes with the frame.
"""

import contextlib
import datetime
import enum
import uuid
import weakref
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np
import supervision as sv

from vedette_worker import detections
from vedette_worker.channel import Arena
from vedette_worker.entities import (
    Batch,
    ImageParentMetadata,
    OriginCoordinatesSystem,
    Source,
    VideoMetadata,
    WorkflowImageData,
)

_DEPTH = 64  # of lists and dicts in each other
_INTEGERS = range(-(2**63), 2**63)


class Reader:
    """Makes Python objects of what the server sent for one call."""

    def __init__(self, fetch: Callable[[int, str], Any]) -> None:
        self._fetch = fetch
        self._sources: list[weakref.ref[Source]] = []

    def read(self, value: Any) -> Any:
        if type(value) is not tuple:
            return value
        return _READERS[value[0]](self, value)

    def hold_what_is_kept(self) -> None:
        """Fetches the pictures that user code has put away for later than this call."""
        for reference in self._sources:
            source = reference()
            if source is not None:
                with contextlib.suppress(ValueError):  # it is told when it is read
                    source.hold()

    def _read_nested(self, value: Any) -> Any:
        if type(value) is tuple:
            return self.read(value)
        if type(value) is list:
            return [self._read_nested(item) for item in value]
        if type(value) is dict:
            return {name: self._read_nested(item) for name, item in value.items()}
        return value

    def _read_batch(self, value: tuple) -> Batch:
        _, indices, items = value
        return Batch([self.read(item) for item in items], [tuple(index) for index in indices])

    def _read_image(self, value: tuple) -> WorkflowImageData:
        """("i", number, parent, root or None, video or None), an origin being (id, x, y, w, h)."""
        _, number, parent, root, video = value
        source = Source(number, self._fetch)
        self._sources.append(weakref.ref(source))
        return WorkflowImageData(
            parent_metadata=_origin(parent),
            workflow_root_ancestor_metadata=_origin(root) if root else None,
            video_metadata=_video(video) if video else None,
            source=source,
        )


def _origin(fields: tuple) -> ImageParentMetadata:
    name, x, y, width, height = fields
    system = OriginCoordinatesSystem(x, y, width, height) if width > 0 else None
    return ImageParentMetadata(name, system)


def _video(fields: tuple) -> VideoMetadata:
    name, number, time, *rest = fields
    return VideoMetadata(name, number, _time(time), *rest)


def _time(text: str) -> Any:
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return text


_READERS: dict[str, Callable[[Reader, tuple], Any]] = {
    "n": lambda reader, value: reader._read_nested(value[1]),
    "b": lambda _, value: value[1],
    "t": lambda _, value: _time(value[1]),
    "a": lambda _, value: np.frombuffer(value[3], value[1]).reshape(value[2]).copy(),
    "v": lambda _, value: _video(value[1]),
    "B": Reader._read_batch,
    "i": Reader._read_image,
    "d": lambda reader, value: detections.read(value, reader.read),
}


class NotTellable(Exception):
    """A value that user code returned cannot leave its process; the text says which."""


class Teller:
    """Makes what can be sent of what user code returned."""

    def __init__(self) -> None:
        self.arena = Arena()

    def tell(self, value: Any, where: str = "", depth: int = 0) -> Any:
        """where  how user code would write its way to `value`"""
        teller = _TELLERS.get(type(value))
        if teller is not None:
            return teller(self, value, where, depth)
        for kind, teller in _TELLERS.items():
            if isinstance(value, kind):
                return teller(self, value, where, depth)
        if is_dataclass(value) and not isinstance(value, type):
            return self._tell_dict(asdict(value), where, depth)
        kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
        raise NotTellable(
            f"{where or 'the result'} is a {kind}, which cannot leave the block: return what JSON "
            "can say, pictures, detections, numpy arrays, dates or bytes"
        )

    def _tell_int(self, value: int, where: str, depth: int) -> Any:
        if value in _INTEGERS:
            return int(value)
        raise NotTellable(f"{where or 'the result'} is an integer of over 64 bits")

    def _tell_str(self, value: str, where: str, depth: int) -> str:
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:  # half a surrogate pair
                value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return str(value)

    def _tell_list(self, value: Any, where: str, depth: int) -> list:
        _check_depth(where, depth)
        return [self.tell(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]

    def _tell_tuple(self, value: tuple, where: str, depth: int) -> list:
        for i, item in enumerate(value):  # the peer does not look for them there
            if isinstance(item, (WorkflowImageData, sv.Detections)):
                raise NotTellable(
                    f"{where}[{i}] is a {type(item).__name__} in a tuple: put it in a list"
                )
        return self._tell_list(value, where, depth)

    def _tell_dict(self, value: dict, where: str, depth: int) -> dict:
        _check_depth(where, depth)
        told = {}
        for name, item in value.items():
            text = name if type(name) is str else _key(name, where)
            told[self._tell_str(text, where, depth)] = self.tell(
                item, f"{where}[{name!r}]", depth + 1
            )
        return told

    def _tell_array(self, value: np.ndarray, where: str, depth: int) -> Any:
        if value.dtype.kind not in "biuf" or value.dtype.itemsize > 8:
            return self.tell(
                value.astype(str).tolist() if value.dtype.kind in "mM" else value.tolist(),
                where,
                depth,
            )
        whole = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
        return ("a", whole.dtype.str, list(value.shape), self.arena.put(whole.reshape(-1)))

    def _tell_image(self, value: WorkflowImageData, where: str, depth: int) -> tuple:
        """("i", pixels, parent, root, video): pixels is the number of a picture of this call,
        (height, width, channels, blob), or the text of an encoded picture."""
        source = value._source
        if source and not source.is_changed():
            pixels: Any = source.number
        elif source is None and value._numpy_image is None and value._base64_image:
            pixels = value._base64_image
        else:
            pixels = self._tell_pixels(value.numpy_image, where)
        video = value._video_metadata
        return (
            "i",
            pixels,
            _tell_origin(value._parent_metadata),
            _tell_origin(value._workflow_root_ancestor_metadata),
            _tell_video(video) if video else None,
        )

    def _tell_pixels(self, pixels: Any, where: str) -> tuple:
        if not isinstance(pixels, np.ndarray) or pixels.size == 0:
            raise NotTellable(f"{where}: the picture has no pixels")
        if pixels.ndim == 3 and pixels.shape[2] == 1:
            pixels = pixels[:, :, 0]
        if pixels.ndim == 3 and pixels.shape[2] == 4:
            pixels = pixels[:, :, :3]
        if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3):
            raise NotTellable(
                f"{where}: pixels of shape {pixels.shape} are no picture: (height, width, 3) or "
                "(height, width) are"
            )
        if pixels.dtype != np.uint8:
            pixels = np.clip(np.rint(pixels.astype(np.float64)), 0, 255).astype(np.uint8)
        channels = 3 if pixels.ndim == 3 else 1
        blob = self.arena.put(np.ascontiguousarray(pixels).reshape(-1))
        return (pixels.shape[0], pixels.shape[1], channels, blob)


def _check_depth(where: str, depth: int) -> None:
    if depth > _DEPTH:
        raise NotTellable(
            f"{where[:80]}… is nested deeper than {_DEPTH} levels, or contains itself"
        )


def _key(name: Any, where: str) -> str:
    """As the peer's JSON writer names what is not a text."""
    if isinstance(name, str):
        return str(name)
    if name is None:
        return "null"
    if isinstance(name, (bool, np.bool_)):
        return "true" if name else "false"
    if isinstance(name, enum.Enum):
        return _key(name.value, where)
    if isinstance(name, (datetime.date, datetime.time)):
        return name.isoformat()
    if isinstance(name, (int, float, uuid.UUID, np.generic)):
        return str(name)
    raise NotTellable(f"{where}: the key {name!r} is neither a text nor a number")


def _tell_origin(metadata: ImageParentMetadata) -> tuple:
    system = metadata.origin_coordinates
    if system is None:
        return (str(metadata.parent_id), 0, 0, 0, 0)
    return (
        str(metadata.parent_id),
        int(system.left_top_x),
        int(system.left_top_y),
        int(system.origin_width),
        int(system.origin_height),
    )


def _tell_video(video: VideoMetadata) -> tuple:
    time = video.frame_timestamp
    return (
        str(video.video_identifier),
        int(video.frame_number),
        time.isoformat() if isinstance(time, datetime.datetime) else str(time),
        None if video.fps is None else float(video.fps),
        None if video.measured_fps is None else float(video.measured_fps),
        video.comes_from_video_file
        if video.comes_from_video_file is None
        else bool(video.comes_from_video_file),
    )


def _as_is(_: Teller, value: Any, where: str, depth: int) -> Any:
    return value


# Looked up by type; for types that derive from one of these, the first that fits.
_TELLERS: dict[type, Callable[[Teller, Any, str, int], Any]] = {
    type(None): _as_is,
    bool: _as_is,
    float: lambda _, value, where, depth: float(value),
    enum.Enum: lambda self, value, where, depth: self.tell(value.value, where, depth),
    int: Teller._tell_int,
    str: Teller._tell_str,
    dict: Teller._tell_dict,
    list: Teller._tell_list,
    tuple: Teller._tell_tuple,
    np.ndarray: Teller._tell_array,
    np.generic: lambda self, value, where, depth: self.tell(value.item(), where, depth),
    bytes: lambda self, value, where, depth: ("b", self.arena.put(value)),
    bytearray: lambda self, value, where, depth: ("b", self.arena.put(value)),
    memoryview: lambda self, value, where, depth: ("b", self.arena.put(value.tobytes())),
    datetime.date: lambda self, value, where, depth: ("t", value.isoformat()),
    datetime.time: lambda self, value, where, depth: ("t", value.isoformat()),
    uuid.UUID: lambda self, value, where, depth: str(value),
    WorkflowImageData: Teller._tell_image,
    sv.Detections: lambda self, value, where, depth: detections.tell(self, value, where),
    VideoMetadata: lambda self, value, where, depth: ("v", _tell_video(value)),
}
