"""Replays every golden against a server and compares the answers (see tools/record_goldens.py).

JSON is equal, numbers are within 1e-3, and of a picture fewer than 1 % of the pixels are off by
more than 8. Bodies of errors may hold further keys (line, column, a nearest name).
"""

import base64
import json
import re
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import pytest
from golden import TIME, UUID, fill, send

TESTS = Path(__file__).parents[1]
GOLDENS = TESTS / "goldens"
TOLERANCE = 1e-3
OFF_BY = 8
OFF_PART = 0.01

Json = Any


class Server(Protocol):
    """What the `server` fixture gives."""

    url: str


class Comparison:
    """Walks the golden and the answer together and gathers what differs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.differences: list[str] = []
        self.uuids: dict[str, str] = {}

    def differ(self, path: str, what: str) -> None:
        self.differences.append(f"{path or 'body'}: {what}")

    def picture(self, path: str, name: str, got: Json) -> None:
        if not isinstance(got, str):
            self.differ(path, f"{got!r} is no picture")
            return
        golden = cv2.imread(str(self.folder / name))
        content = np.frombuffer(base64.b64decode(got), np.uint8)
        answer = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
        if answer is None:
            self.differ(path, "is no picture")
            return
        if answer.shape != golden.shape:
            self.differ(path, f"a picture of {answer.shape}, not {golden.shape}")
            return
        off = (cv2.absdiff(golden, answer).max(axis=2) > OFF_BY).mean()
        if off >= OFF_PART:
            self.differ(path, f"{off:.2%} of the pixels are off by more than {OFF_BY}")

    def matches(self, expected: dict[str, Json], got: Json) -> bool:
        """Holds for {"$any": kind}, {"$match": pattern} and {"$set": [items]}."""
        if "$match" in expected:
            return isinstance(got, str) and re.search(expected["$match"], got) is not None
        if "$set" in expected:
            items = [json.dumps(item, sort_keys=True) for item in expected["$set"]]
            return isinstance(got, list) and sorted(items) == sorted(
                json.dumps(item, sort_keys=True) for item in got
            )
        kind = expected["$any"]
        if kind == "number":
            return isinstance(got, (int, float)) and not isinstance(got, bool)
        if kind == "value":
            return True
        if not isinstance(got, str):
            return False
        if kind.startswith("uuid"):
            known = self.uuids.setdefault(kind, got)
            return UUID.fullmatch(got) is not None and known == got
        return TIME.fullmatch(got) is not None if kind == "time" else kind == "string"

    def objects(self, expected: Json, got: Json, path: str, open_end: bool) -> None:
        if not isinstance(got, dict):
            self.differ(path, f"{got!r} is not an object")
            return
        missing, further = expected.keys() - got.keys(), got.keys() - expected.keys()
        if missing:
            self.differ(path, f"lacks {sorted(missing)}")
        if further and not open_end:
            self.differ(path, f"has {sorted(further)} besides")
        for key in expected.keys() & got.keys():
            self.compare(expected[key], got[key], f"{path}.{key}" if path else key, open_end)

    def has(self, expected: Json, got: Json, path: str) -> None:
        """Holds when `got` contains `expected`: keys of objects, elements of lists."""
        if isinstance(expected, dict) and isinstance(got, dict):
            for key, value in expected.items():
                if key in got:
                    self.has(value, got[key], f"{path}.{key}")
                else:
                    self.differ(path, f"lacks {key}")
        elif isinstance(expected, list) and isinstance(got, list):
            for item in expected:
                tries = []
                for other in got:
                    tries.append(Comparison(self.folder))
                    tries[-1].has(item, other, path)
                    if not tries[-1].differences:
                        break
                else:
                    closest = min(tries, key=lambda one: len(one.differences), default=None)
                    why = closest.differences[0] if closest else "it is empty"
                    self.differ(path, f"has nothing like {str(item)[:120]}: {why}")
        else:
            self.compare(expected, got, path)

    def compare(self, expected: Json, got: Json, path: str = "", open_end: bool = False) -> None:
        if isinstance(expected, dict) and "$jpeg" in expected:
            self.picture(path, expected["$jpeg"], got)
        elif isinstance(expected, dict) and "$picture" in expected:
            if got != fill(expected):
                self.differ(path, f"is not the text of {expected['$picture']}")
        elif isinstance(expected, dict) and "$has" in expected:
            self.has(expected["$has"], got, path)
        elif isinstance(expected, dict) and expected.keys() & {"$any", "$match", "$set"}:
            if not self.matches(expected, got):
                self.differ(path, f"{str(got)[:200]!r} does not match {expected}")
        elif isinstance(expected, dict):
            self.objects(expected, got, path, open_end)
        elif isinstance(expected, list):
            if not isinstance(got, list) or len(got) != len(expected):
                self.differ(path, f"{str(got)[:200]} is not a list of {len(expected)}")
                return
            for index, (one, other) in enumerate(zip(expected, got, strict=True)):
                self.compare(one, other, f"{path}[{index}]", open_end)
        elif isinstance(expected, bool) or not isinstance(expected, (int, float)):
            if expected != got or isinstance(expected, bool) != isinstance(got, bool):
                self.differ(path, f"{str(got)[:300]!r} is not {str(expected)[:300]!r}")
        elif isinstance(got, bool) or not isinstance(got, (int, float)):
            self.differ(path, f"{got!r} is not the number {expected}")
        elif abs(expected - got) > TOLERANCE:
            self.differ(path, f"{got} is not {expected}")


def goldens() -> list[Path]:
    return sorted(GOLDENS.glob("*/*.json"))


# Where we differ on purpose; docs/compatibility.md says the same to users.
BETTER = {
    "visualization/in_place_chain": "a picture that another step holds is never drawn over",
    "visualization/in_place_shows": "a picture that another step holds is never drawn over",
}


@pytest.mark.parametrize("path", goldens(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_golden(server: Server, path: Path) -> None:
    golden = json.loads(path.read_text())
    status, body = send(server.url, golden["request"])
    assert status == golden["response"]["status"], f"{golden['about']}: {str(body)[:500]}"
    comparison = Comparison(path.parent)
    comparison.compare(golden["response"]["body"], body, open_end=status >= 400)
    if f"{path.parent.name}/{path.stem}" in BETTER:
        assert comparison.differences, "this is as the peer has it by now: take it off the list"
        return
    assert not comparison.differences, golden["about"] + "\n" + "\n".join(comparison.differences)
