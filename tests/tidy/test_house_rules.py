"""The rules of the house that no compiler keeps."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FILES = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]
CODE = [f for f in FILES if f.suffix in {".cpp", ".hpp"}]


def names(files: list[Path]) -> list[str]:
    return [str(f.relative_to(ROOT)) for f in files]


def test_no_file_is_called_after_nothing_in_particular():
    vague = re.compile(r"util|common|helper|manager|misc", re.IGNORECASE)
    assert [n for n in names(CODE) if vague.search(n)] == []


def test_every_header_says_what_it_is_for():
    headers = [f for f in CODE if f.suffix == ".hpp"]
    assert headers
    assert [
        n
        for n, f in zip(names(headers), headers, strict=True)
        if not f.read_text().startswith("#pragma once\n///")
    ] == []


def test_headers_of_other_rooms_do_not_bring_slow_libraries():
    slow = re.compile(r"#include <(boost/|openvino/|yaml-cpp/|CLI/|prometheus/|spdlog/)")
    found = [
        n
        for n, f in zip(names(CODE), CODE, strict=True)
        if f.suffix == ".hpp"
        and n.startswith("src/")
        and slow.search(f.read_text())
        and not n.startswith("src/ingest/http_link/")  # private to the one folder that is Beast's
    ]
    assert found == [], "include these in a .cpp, behind a small header of ours"


@pytest.mark.parametrize("word", ["TODO", "FIXME"])
def test_nothing_is_left_for_later_in_comments(word: str):
    assert [n for n, f in zip(names(CODE), CODE, strict=True) if word in f.read_text()] == []


def test_every_source_of_a_room_that_is_not_trivial_is_tested():
    rooms = [d for d in (ROOT / "src").iterdir() if any(d.rglob("*.cpp"))]
    assert rooms
    untested = [
        d.name
        for d in rooms
        if not any((ROOT / "tests" / d.name).rglob("*_test.cpp")) and d.name != "server"
    ]
    assert untested == []
