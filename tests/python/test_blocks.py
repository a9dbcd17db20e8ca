import pytest
from vedette_worker.blocks import Block, BlockFailure, Context, Definition, install_peer_names
from vedette_worker.trace import DebugTraces

HERE = Context("custom", "run-1")


def block(code: str, **changed: object) -> Block:
    fields = {
        "block_type": "Custom",
        "run_code": code,
        "run_name": "run",
        "init_code": None,
        "init_name": "init",
        "imports": [],
        "inputs": [],
    }
    return Block(Definition(**(fields | changed)))


def failure(code: str, **changed: object) -> BlockFailure:
    with pytest.raises(BlockFailure) as caught:
        made = block(code, **changed)
        made.run(made.instance(HERE), [])
    return caught.value


def test_an_error_tells_the_users_own_lines() -> None:
    told = failure("def inner(n):\n    return [][n]\n\ndef run(self):\n    return inner(3)")
    assert told.message == "Error in line 2, in inner: IndexError: list index out of range"
    assert told.trace == (
        "Traceback (most recent call last):\n"
        '  File "Python Block", line 5, in run\n    return inner(3)\n'
        '  File "Python Block", line 2, in inner\n    return [][n]\n'
        "IndexError: list index out of range"
    )
    assert told.snippet.splitlines()[1] == ">>> 2:     return [][n]"
    assert len(told.snippet.splitlines()) == 5


def test_an_error_in_a_library_names_the_line_that_called_it() -> None:
    told = failure("def run(self):\n    return json.loads('{')")
    assert told.message.startswith("Error in line 2, in run: JSONDecodeError: ")


def test_a_snippet_has_ten_lines_around() -> None:
    code = "def run(self):\n" + "    x = 1\n" * 30 + "    1 / 0\n" + "    x = 1\n" * 30
    lines = failure(code).snippet.splitlines()
    assert len(lines) == 21
    assert lines[10] == ">>> 32:     1 / 0"


@pytest.mark.parametrize(
    ("code", "imports", "message", "line"),
    [
        ("def run(self)\n    pass", [], "SyntaxError: expected ':' (<string>, line 16)", 1),
        ("x = 1\ny = (", [], "SyntaxError: '(' was never closed (<string>, line 17)", 2),
        ("y = (", ["import uuid"] * 3, "SyntaxError: '(' was never closed (<string>, line 18)", 1),
        ("x = 1 / 0", [], "ZeroDivisionError: division by zero", None),
        ("", ["import nope_nope"], "ModuleNotFoundError: No module named 'nope_nope'", None),
    ],
)
def test_code_that_does_not_load(code: str, imports: list, message: str, line: int | None) -> None:
    told = failure(code, imports=imports)
    assert (told.kind, told.message, told.line) == ("compile", message, line)


def test_functions_are_found_by_their_names() -> None:
    assert failure("").message == (
        "Cannot find function: run in declared code for dynamic block: `Custom`"
    )
    told = failure("def run(self): pass", init_code="x = 1")
    assert (told.kind, told.message[:26]) == ("symbol", "Cannot find function: init")


def test_a_call_that_does_not_fit_points_at_the_function() -> None:
    told = failure("\ndef run(self, more):\n    pass")
    assert told.message == (
        "Error in line 2, in run: TypeError: run() missing 1 required positional argument: 'more'"
    )
    assert failure("run = 3").message.startswith("Error in line 1, in run: TypeError: ")


def test_what_fails_in_init_is_told_as_such() -> None:
    told = failure("def run(self): pass", init_code="def init():\n    raise ValueError('no')")
    assert (told.kind, told.message) == ("init", "Error in line 4, in init: ValueError: no")


def test_exits_are_errors() -> None:
    assert failure("import sys\ndef run(self): sys.exit(3)").message.endswith("SystemExit: 3")


def test_future_imports_and_own_imports_are_allowed() -> None:
    made = block(
        "from __future__ import annotations\ndef run(self): return Path('/a/b').name",
        imports=["from pathlib import Path"],
    )
    assert made.run(made.instance(HERE), []) == "b"


def test_the_peers_names_can_be_imported() -> None:
    install_peer_names()
    made = block(
        "from inference.core.workflows.execution_engine.entities.base import Batch as B\n"
        "from inference.core.workflows.prototypes.block import BlockResult\n"
        "def run(self): return B is Batch"
    )
    assert made.run(made.instance(HERE), []) is True


def test_traces_are_kept_only_when_asked_for_and_within_bounds() -> None:
    traces = DebugTraces()
    traces.append("nobody asked")
    assert traces.end() == []
    traces.begin("custom")
    traces.append({"a": (1, 2)})
    traces.append("x" * 20_000)
    for _ in range(1_100):
        traces.append(1)
    entries = traces.end()
    assert entries[0] == {"step": "custom", "value": {"a": [1, 2]}}
    assert entries[1]["value"].endswith("... [entry truncated]")
    assert len(entries) == 1_001
    assert entries[-1]["value"].startswith("[debug trace limit reached")


def test_a_trace_with_a_time_names_its_zone() -> None:
    traces = DebugTraces()
    traces.begin("custom")
    traces.append(1, add_timestamp=True, timezone="Europe/Berlin")
    assert traces.end()[0]["timestamp_timezone"] == "Europe/Berlin"
    traces.begin("custom")
    with pytest.raises(ValueError, match="Invalid timezone"):
        traces.append(1, add_timestamp=True, timezone="Nowhere/Land")
