"""Records the peer's answers: `record_goldens.py http://127.0.0.1:9001 [GROUP[/CASE]…]`.

Each case is sent twice; what differs between the two answers becomes {"$any": …}. Pictures are
kept beside the case as files. Standard library only; the peer is Roboflow inference 1.5.0.
"""

import argparse
import base64
import json
import re
import sys
from pathlib import Path
from typing import Any

from golden_cases import all_cases
from golden_cases.build import Case

TESTS = Path(__file__).parents[1] / "tests"
GOLDENS = TESTS / "goldens"
sys.path.append(str(TESTS / "e2e"))
from golden import TIME, UUID, fill, send  # noqa: E402

Json = Any


def pictures_of(value: Json) -> dict[str, Json]:
    """The pictures of a request: base64 text → placeholder."""
    if isinstance(value, dict):
        if "$picture" in value:
            return {fill(value): value}
        value = list(value.values())
    found: dict[str, Json] = {}
    for item in value if isinstance(value, list) else []:
        found |= pictures_of(item)
    return found


def masks_of(case: Case, body: Json) -> dict[str, Json]:
    """The case's masks and those that its error brings along: texts of the peer's own parts."""
    masks = dict(case.masks)
    if isinstance(body, dict) and body.get("inner_error_type") == "ValidationError":
        masks["inner_error_message"] = {"$any": "string"}
    if isinstance(body, dict) and body.get("error_type") == "StepExecutionError":
        masks["blocks_errors.*.block_traceback"] = {"$any": "value"}
    return masks


class Recording:
    """Turns two answers to one request into what a golden says."""

    def __init__(self, case: Case, folder: Path, masks: dict[str, Json]) -> None:
        self.case, self.folder, self.masks = case, folder, masks
        self.known = pictures_of(case.request.get("body"))
        self.uuids: dict[str, int] = {}
        self.files = 0

    def volatile(self, first: Json, second: Json) -> Json:
        if isinstance(first, str) and isinstance(second, str):
            if UUID.fullmatch(first):
                return {"$any": f"uuid {self.uuids.setdefault(first, len(self.uuids) + 1)}"}
            return {"$any": "time" if TIME.fullmatch(first) else "string"}
        assert isinstance(first, (int, float)), f"{self.case.name}: {first} and {second}"
        return {"$any": "number"}

    def picture(self, text: str) -> Json:
        self.files += 1
        name = f"{self.case.name}.{self.files}.jpg"
        (self.folder / name).write_bytes(base64.b64decode(text))
        return {"$jpeg": name}

    def merge(self, first: Json, second: Json, path: tuple[str, ...] = ()) -> Json:
        for pattern, matcher in self.masks.items():
            parts = pattern.split(".")
            same = all(part in ("*", key) for part, key in zip(parts, path, strict=False))
            if len(parts) == len(path) and same:
                return matcher
        if isinstance(first, dict) and isinstance(second, dict) and first.keys() == second.keys():
            return {key: self.merge(first[key], second[key], (*path, key)) for key in first}
        if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
            pairs = enumerate(zip(first, second, strict=True))
            return [self.merge(a, b, (*path, str(index))) for index, (a, b) in pairs]
        if first != second or type(first) is not type(second):
            return self.volatile(first, second)
        tags = isinstance(first, str) and re.match(r"Input tag '.*?' found using 'type'", first)
        if tags:
            return {"$match": "^" + re.escape(tags[0])}
        if isinstance(first, str) and first in self.known:
            return self.known[first]
        if isinstance(first, str) and first.startswith("/9j/") and len(first) > 200:
            return self.picture(first)
        return first


def record(url: str, case: Case, folder: Path) -> int:
    """Writes one golden and answers the status."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{case.name}.*"):
        old.unlink()
    status, first = send(url, case.request)
    again, second = send(url, case.request)
    assert status == again, f"{case.name}: {status} and {again}"
    if case.select:
        body = {"$has": case.select(first)}
    else:
        body = Recording(case, folder, masks_of(case, first)).merge(first, second)
    golden = {
        "about": case.about,
        "request": case.request,
        "response": {"status": status, "body": body},
    }
    text = json.dumps(golden, indent=1, ensure_ascii=False)
    (folder / f"{case.name}.json").write_text(text + "\n")
    return status


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url", help="where the peer listens")
    parser.add_argument("only", nargs="*", help="groups, or GROUP/CASE")
    arguments = parser.parse_args()
    for group, cases in all_cases().items():
        for case in cases:
            wanted = {group, f"{group}/{case.name}"} & set(arguments.only)
            if arguments.only and not wanted:
                continue
            status = record(arguments.url, case, GOLDENS / group)
            print(f"{group}/{case.name}: {status}", file=sys.stderr)


if __name__ == "__main__":
    main()
