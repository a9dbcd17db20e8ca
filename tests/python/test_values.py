import datetime
import enum
import marshal
import uuid

import numpy as np
import pytest
import supervision as sv
from vedette_worker.channel import Arena
from vedette_worker.entities import Batch
from vedette_worker.values import NotTellable, Reader, Teller


class Colour(enum.Enum):
    RED = "red"


def never(number: int, form: str) -> None:
    raise AssertionError("nothing is to be fetched")


def sent(value: object) -> object:
    """What arrives when `value` is sent as the server sends it."""
    return Reader(never).read(marshal.loads(marshal.dumps(value, 2)))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, None),
        (2**63 - 1, 2**63 - 1),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        ((1, [2, (3,)]), [1, [2, [3]]]),
        ({1: "a", None: "b", 2.5: "c"}, {"1": "a", "null": "b", "2.5": "c"}),
        ({Colour.RED: Colour.RED}, {"red": "red"}),
        (uuid.UUID(int=0), "00000000-0000-0000-0000-000000000000"),
        (datetime.date(2026, 3, 1), ("t", "2026-03-01")),
        (
            datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC),
            ("t", "2026-03-01T12:00:00+00:00"),
        ),
        (b"\x00", ("b", b"\x00")),
        (bytearray(b"a"), ("b", b"a")),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([1, None], object), [1, None]),
        (np.array([1, 2], ">i2"), ("a", "<i2", [2], b"\x01\x00\x02\x00")),
        (np.array(3.0), ("a", "<f8", [], np.float64(3).tobytes())),
        ("\ud800", "\ufffd"),
    ],
)
def test_what_is_told(value: object, told: object) -> None:
    answer = Teller().tell(value)
    assert answer == told
    assert type(answer) is type(told)
    marshal.dumps(answer, 2)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"a": [object()]}, r"result\['a'\]\[0\] is a object"),
        ({1, 2}, "result is a set"),
        (1j, "result is a complex"),
        (2**64, "is an integer of over 64 bits"),
        ({(1,): 2}, r"the key \(1,\) is neither"),
        (Batch([1], [(0,)]), "is a vedette_worker.entities.Batch"),
        ((sv.Detections.empty(),), r"result\[0\] is a Detections in a tuple"),
    ],
)
def test_what_cannot_be_told(value: object, says: str) -> None:
    with pytest.raises(NotTellable, match=says):
        Teller().tell(value, "result")


def test_what_contains_itself_is_refused() -> None:
    knot: dict[str, object] = {}
    knot["knot"] = [knot]
    with pytest.raises(NotTellable, match="deeper than 64"):
        Teller().tell(knot)


def test_large_pieces_lie_one_after_another_in_shared_memory() -> None:
    arena = Arena()
    assert arena.put(b"small") == b"small"
    assert arena.put(bytes(40_000)) == ("m", 0, 40_000)
    assert arena.put(np.ones(50_000, np.uint8)) == ("m", 40_000, 50_000)


def test_what_arrives() -> None:
    assert sent([1, {"a": None}]) == [1, {"a": None}]
    assert sent(("n", {"a": ("b", b"x"), "l": [("t", "2026-03-01T12:00:00Z")]})) == {
        "a": b"x",
        "l": [datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)],
    }
    array = sent(("a", "<f4", [2, 1], np.array([1, 2], "<f4").tobytes()))
    assert array.shape == (2, 1)
    assert array.flags.writeable
    batch = sent(("B", [(0, 1)], [("B", [(0, 1, 0)], ["x"])]))
    assert (batch.indices, list(batch[0])) == ([(0, 1)], ["x"])


def test_detections_survive_the_way_there_and_back() -> None:
    found = sv.Detections(
        np.array([[1, 2, 3, 4], [5, 6, 7, 8.5]]),
        confidence=np.array([0.5, 0.25], np.float32),
        class_id=np.array([3, 4]),
        tracker_id=np.array([7, 8]),
        mask=np.eye(6, dtype=bool)[None].repeat(2, 0),
        data={
            "class_name": np.array(["a", "b"]),
            "detection_id": np.array(["x", "y"]),
            "velocity": np.array([[1.0, 2], [3, 4]]),
            "polygon": np.array([[[0, 0], [1, 1], [2, 0]]] * 2),
            "mine": np.array([{"k": 1}, None], object),
            "parent_id": np.array(["p", "q"]),
            "image_dimensions": np.array([[6, 6], [6, 6]]),
        },
    )
    told = Teller().tell(found)
    again = sent(told[:14])
    assert told[14] is True
    assert np.array_equal(again.xyxy, found.xyxy)
    assert again.confidence.tolist() == [0.5, 0.25]
    assert np.array_equal(again.mask, found.mask)
    assert again.tracker_id.tolist() == [7, 8]
    assert set(told[11]) == {"velocity", "polygon"}  # these go out in JSON
    for name in ("class_name", "detection_id", "velocity", "polygon", "mine", "parent_id"):
        assert again.data[name].tolist() == found.data[name].tolist(), name
    assert "parent_coordinates" not in again.data


def test_detections_without_what_json_needs_say_so() -> None:
    told = Teller().tell(sv.Detections(np.array([[1, 2, 3, 4.0]])))
    assert told[14] is False
    assert Teller().tell(sv.Detections.empty())[14] is True
