"""What users' code holds in its hands: batches, pictures, and where they come from."""

import base64
import copy
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

import cv2
import numpy as np

from vedette_worker.channel import SharedPixels

T = TypeVar("T")
BlockResult = dict[str, Any] | list[Any]


class Batch(Generic[T]):
    """Elements of a batch, each with its index in the nested batches."""

    @classmethod
    def init(cls, content: list[T], indices: list[tuple[int, ...]]) -> "Batch[T]":
        if len(content) != len(indices):
            raise ValueError(f"{len(content)} elements, but {len(indices)} indices")
        return cls(content=content, indices=indices)

    def __init__(self, content: list[T], indices: list[tuple[int, ...]] | None) -> None:
        self._content = content
        self._indices = indices

    @property
    def indices(self) -> list[tuple[int, ...]]:
        return copy.copy(self._indices)

    def __getitem__(self, index: int) -> T:
        return self._content[index]

    def __len__(self) -> int:
        return len(self._content)

    def __iter__(self) -> Iterator[T]:
        yield from self._content

    def iter_with_indices(self) -> Iterator[tuple[tuple[int, ...], T]]:
        return zip(self._indices, self._content, strict=True)

    def remove_by_indices(self, indices_to_remove: set[tuple[int, ...]]) -> "Batch[T]":
        kept = [(i, e) for i, e in self.iter_with_indices() if i not in indices_to_remove]
        content = [
            e.remove_by_indices(indices_to_remove) if isinstance(e, Batch) else e for _, e in kept
        ]
        return Batch(content=content, indices=[i for i, _ in kept])

    def broadcast(self, n: int) -> "Batch[T]":
        if n <= 0:
            raise ValueError(f"a batch cannot be broadcast to {n} elements")
        if len(self._content) == n:
            return self
        if len(self._content) == 1:
            return Batch(content=self._content * n, indices=self._indices * n)
        raise ValueError(f"a batch of {len(self._content)} cannot be broadcast to {n} elements")


@dataclass
class VideoMetadata:
    video_identifier: str
    frame_number: int
    frame_timestamp: datetime
    fps: float | None = None
    measured_fps: float | None = None
    comes_from_video_file: bool | None = None

    def dict(self) -> dict[str, Any]:
        return asdict(self)

    model_dump = dict


@dataclass(frozen=True)
class OriginCoordinatesSystem:
    left_top_x: int
    left_top_y: int
    origin_width: int
    origin_height: int


@dataclass(frozen=True)
class ParentOrigin:
    offset_x: int
    offset_y: int
    width: int
    height: int

    @classmethod
    def from_origin_coordinates_system(
        cls, origin_coordinates_system: OriginCoordinatesSystem
    ) -> "ParentOrigin":
        origin = origin_coordinates_system
        return cls(origin.left_top_x, origin.left_top_y, origin.origin_width, origin.origin_height)

    def to_origin_coordinates_system(self) -> OriginCoordinatesSystem:
        return OriginCoordinatesSystem(self.offset_x, self.offset_y, self.width, self.height)

    def model_dump(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True)
class ImageParentMetadata:
    parent_id: str
    origin_coordinates: OriginCoordinatesSystem | None = None


class Source:
    """A picture that the server holds: fetched when it is first read, which many never are.

    `fetch(number, "pixels")` gives the pixels, or the encoded bytes where they are not decoded
    yet; `fetch(number, "original")` the bytes that the picture came in, or None.
    """

    def __init__(
        self, number: int, fetch: Callable[[int, str], bytes | SharedPixels | None]
    ) -> None:
        self.number = number
        self._fetch = fetch
        self._lock = threading.RLock()
        self._held: bytes | SharedPixels | None = None  # as it came
        self._pixels: np.ndarray | None = None  # as users may have drawn on them

    def hold(self) -> None:
        """Brings the picture here, so that it outlives the call that it was sent for."""
        with self._lock:
            if self._held is None:
                self._held = self._fetch(self.number, "pixels")

    def original(self) -> bytes | None:
        with self._lock:
            if isinstance(self._held, bytes):
                return self._held
            return self._fetch(self.number, "original")

    def pixels(self) -> np.ndarray:
        with self._lock:
            if self._pixels is None:
                self.hold()
                self._pixels = self._decode()
            return self._pixels

    def is_changed(self) -> bool:
        return self._pixels is not None and not np.array_equal(self._pixels, self._decode())

    def _decode(self) -> np.ndarray:
        return decode(self._held) if isinstance(self._held, bytes) else self._held.map()


def decode(encoded: bytes) -> np.ndarray:
    pixels = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError("the picture cannot be decoded")
    return pixels


def _decode_text(text: str) -> np.ndarray:
    return decode(base64.b64decode(text.partition(",")[2] if text.startswith("data:") else text))


def _load(reference: str) -> np.ndarray:
    if reference.startswith(("http://", "https://")):
        import requests

        answer = requests.get(reference, timeout=30)
        answer.raise_for_status()
        return decode(answer.content)
    pixels = cv2.imread(reference)
    if pixels is None:
        raise ValueError(f"no picture can be read from {reference}")
    return pixels


class WorkflowImageData:
    """A picture on its way through a workflow, in whatever form it is; others made on demand.

    numpy_image is (height, width, 3) uint8 in BGR order, or (height, width) where it is gray.
    """

    def __init__(
        self,
        parent_metadata: ImageParentMetadata,
        workflow_root_ancestor_metadata: ImageParentMetadata | None = None,
        image_reference: str | None = None,
        base64_image: str | None = None,
        numpy_image: np.ndarray | None = None,
        video_metadata: VideoMetadata | None = None,
        *,
        source: Source | None = None,
    ) -> None:
        if not (base64_image or image_reference or source) and numpy_image is None:
            raise ValueError("Could not initialise empty `WorkflowImageData`.")
        self._parent_metadata = parent_metadata
        self._workflow_root_ancestor_metadata = workflow_root_ancestor_metadata or parent_metadata
        self._image_reference = image_reference
        self._base64_image = base64_image
        self._numpy_image = numpy_image
        self._video_metadata = video_metadata
        self._source = source

    @classmethod
    def copy_and_replace(
        cls, origin_image_data: "WorkflowImageData", **kwargs: Any
    ) -> "WorkflowImageData":
        origin = origin_image_data
        pixels = {
            "image_reference": origin._image_reference,
            "base64_image": origin._base64_image,
            "numpy_image": origin._numpy_image,
            "source": origin._source,
        }
        if any(name in kwargs for name in pixels):
            pixels = {name: kwargs.get(name) for name in pixels}
        parent, root = origin._parent_metadata, origin._workflow_root_ancestor_metadata
        is_root = parent is root
        if "parent_metadata" in kwargs:
            parent = kwargs["parent_metadata"]
            root = parent if is_root else root
        if "workflow_root_ancestor_metadata" in kwargs:
            is_root = parent is root
            root = kwargs["workflow_root_ancestor_metadata"]
            parent = root if is_root else parent
        return cls(
            parent_metadata=parent,
            workflow_root_ancestor_metadata=root,
            video_metadata=kwargs.get("video_metadata", origin._video_metadata),
            **pixels,
        )

    @classmethod
    def create_crop(
        cls,
        origin_image_data: "WorkflowImageData",
        crop_identifier: str,
        cropped_image: np.ndarray,
        offset_x: int,
        offset_y: int,
        preserve_video_metadata: bool = False,
    ) -> "WorkflowImageData":
        origin = origin_image_data
        height, width = origin.numpy_image.shape[:2]
        root = origin.workflow_root_ancestor_metadata
        in_root = root.origin_coordinates
        video = None
        if preserve_video_metadata and origin._video_metadata is not None:
            video = copy.copy(origin._video_metadata)
            video.video_identifier = f"{video.video_identifier} | crop: {crop_identifier}"
        return WorkflowImageData(
            parent_metadata=ImageParentMetadata(
                crop_identifier, OriginCoordinatesSystem(offset_x, offset_y, width, height)
            ),
            workflow_root_ancestor_metadata=ImageParentMetadata(
                root.parent_id,
                replace(
                    in_root,
                    left_top_x=in_root.left_top_x + offset_x,
                    left_top_y=in_root.left_top_y + offset_y,
                ),
            ),
            numpy_image=cropped_image,
            video_metadata=video,
        )

    def _with_origin(self, metadata: ImageParentMetadata) -> ImageParentMetadata:
        if metadata.origin_coordinates is not None:
            return metadata
        height, width = self.numpy_image.shape[:2]
        return replace(metadata, origin_coordinates=OriginCoordinatesSystem(0, 0, width, height))

    @property
    def parent_metadata(self) -> ImageParentMetadata:
        self._parent_metadata = self._with_origin(self._parent_metadata)
        return self._parent_metadata

    @property
    def workflow_root_ancestor_metadata(self) -> ImageParentMetadata:
        root = self._with_origin(self._workflow_root_ancestor_metadata)
        self._workflow_root_ancestor_metadata = root
        return root

    @property
    def numpy_image(self) -> np.ndarray:
        if self._numpy_image is None:
            if self._source:
                self._numpy_image = self._source.pixels()
            elif self._base64_image:
                self._numpy_image = _decode_text(self._base64_image)
            else:
                self._numpy_image = _load(self._image_reference)
        return self._numpy_image

    @property
    def base64_image(self) -> str:
        if self._base64_image is None:
            encoded = self._source.original() if self._source else None
            if encoded is None:
                quality = [cv2.IMWRITE_JPEG_QUALITY, 95]
                _, encoded = cv2.imencode(".jpg", self.numpy_image, quality)
            self._base64_image = base64.b64encode(encoded).decode("ascii")
        return self._base64_image

    def declare_numpy_image_mutated(self) -> None:
        """Says that numpy_image was drawn on: it is what the picture is from now on."""
        if self._numpy_image is None:
            raise ValueError("nothing was drawn on: numpy_image was not read")
        self._base64_image = self._image_reference = self._source = None

    @property
    def video_metadata(self) -> VideoMetadata:
        if self._video_metadata is not None:
            return self._video_metadata
        return VideoMetadata(
            video_identifier=self._parent_metadata.parent_id,
            frame_number=0,
            frame_timestamp=datetime.now(),
            fps=30,
        )

    def to_inference_format(self, numpy_preferred: bool = False) -> dict[str, Any]:
        if not numpy_preferred and self._image_reference:
            is_url = self._image_reference.startswith(("http://", "https://"))
            return {"type": "url" if is_url else "file", "value": self._image_reference}
        if not numpy_preferred and self._base64_image:
            return {"type": "base64", "value": self._base64_image}
        return {"type": "numpy_object", "value": self.numpy_image}
