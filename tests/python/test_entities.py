from datetime import datetime

import cv2
import numpy as np
import pytest
from vedette_worker.entities import (
    Batch,
    ImageParentMetadata,
    OriginCoordinatesSystem,
    Source,
    VideoMetadata,
    WorkflowImageData,
)

PIXELS = np.arange(60 * 80 * 3, dtype=np.uint8).reshape(60, 80, 3)


def picture(**made_of: object) -> WorkflowImageData:
    return WorkflowImageData(parent_metadata=ImageParentMetadata("image"), **made_of)


def test_a_batch_is_walked_indexed_and_measured() -> None:
    batch = Batch.init(["a", "b"], [(0,), (2,)])
    assert (list(batch), len(batch), batch[1], batch.indices) == (["a", "b"], 2, "b", [(0,), (2,)])
    assert list(batch.iter_with_indices()) == [((0,), "a"), ((2,), "b")]
    assert list(batch.remove_by_indices({(0,)})) == ["b"]


def test_a_batch_of_one_is_broadcast() -> None:
    batch = Batch.init(["a"], [(0,)])
    assert list(batch.broadcast(3)) == ["a"] * 3
    with pytest.raises(ValueError, match="cannot be broadcast"):
        Batch.init(["a", "b"], [(0,), (1,)]).broadcast(3)
    with pytest.raises(ValueError, match="cannot be broadcast"):
        batch.broadcast(0)


def test_a_batch_needs_an_index_for_each_element() -> None:
    with pytest.raises(ValueError, match="2 elements, but 1 indices"):
        Batch.init([1, 2], [(0,)])


def test_a_picture_needs_some_form() -> None:
    with pytest.raises(ValueError, match="empty"):
        picture()


def test_a_pictures_text_is_a_jpeg_of_its_pixels() -> None:
    again = picture(base64_image=picture(numpy_image=PIXELS).base64_image).numpy_image
    assert again.shape == PIXELS.shape
    _, expected = cv2.imencode(".jpg", PIXELS, [cv2.IMWRITE_JPEG_QUALITY, 95])
    assert np.array_equal(again, cv2.imdecode(expected, cv2.IMREAD_COLOR))


def test_a_data_uri_is_a_picture_too() -> None:
    text = picture(numpy_image=PIXELS).base64_image
    assert picture(base64_image=f"data:image/jpeg;base64,{text}").numpy_image.shape == PIXELS.shape


def test_where_a_picture_lies_defaults_to_itself() -> None:
    origin = picture(numpy_image=PIXELS).parent_metadata.origin_coordinates
    assert origin == OriginCoordinatesSystem(0, 0, 80, 60)


def test_a_copy_takes_what_is_replaced_and_keeps_the_rest() -> None:
    video = VideoMetadata("gate", 3, datetime(2026, 3, 1), fps=12)
    original = picture(numpy_image=PIXELS, video_metadata=video)
    copy = WorkflowImageData.copy_and_replace(original, numpy_image=PIXELS[:10])
    assert copy.numpy_image.shape == (10, 80, 3)
    assert copy.video_metadata is video
    assert copy.parent_metadata.parent_id == "image"
    other = ImageParentMetadata("other")
    moved = WorkflowImageData.copy_and_replace(original, parent_metadata=other)
    assert moved.workflow_root_ancestor_metadata.parent_id == "other"  # it was its own root


def test_a_crop_of_a_crop_adds_up() -> None:
    video = VideoMetadata("gate", 3, datetime(2026, 3, 1))
    whole = picture(numpy_image=PIXELS, video_metadata=video)
    first = WorkflowImageData.create_crop(
        whole, "a", PIXELS[5:, 10:], 10, 5, preserve_video_metadata=True
    )
    second = WorkflowImageData.create_crop(first, "b", PIXELS[7:, 13:], 3, 2)
    assert first.video_metadata.video_identifier == "gate | crop: a"
    assert second.parent_metadata.parent_id == "b"
    assert second.parent_metadata.origin_coordinates == OriginCoordinatesSystem(3, 2, 70, 55)
    root = second.workflow_root_ancestor_metadata
    assert root == ImageParentMetadata("image", OriginCoordinatesSystem(13, 7, 80, 60))


def test_a_picture_of_the_server_is_fetched_once_and_only_when_read() -> None:
    asked = []
    encoded = cv2.imencode(".png", PIXELS)[1].tobytes()

    def fetch(number: int, form: str) -> bytes:
        asked.append((number, form))
        return encoded

    source = Source(7, fetch)
    image = picture(source=source)
    assert image.parent_metadata.parent_id == "image"
    image._with_origin(ImageParentMetadata("x", OriginCoordinatesSystem(0, 0, 1, 1)))
    assert np.array_equal(image.numpy_image, PIXELS)
    assert image.numpy_image is image.numpy_image
    assert asked == [(7, "pixels")]
    assert not source.is_changed()
    image.numpy_image[0, 0] += 1
    assert source.is_changed()


def test_only_what_was_read_can_have_been_drawn_on() -> None:
    image = picture(base64_image=picture(numpy_image=PIXELS).base64_image)
    with pytest.raises(ValueError, match="was not read"):
        image.declare_numpy_image_mutated()
    before = image.base64_image
    image.numpy_image[:] = 0
    image.declare_numpy_image_mutated()
    assert image.base64_image != before
