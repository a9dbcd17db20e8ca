"""Users' blocks: their code compiled, their functions called, their errors told."""

import sys
import traceback
import types
from dataclasses import dataclass
from typing import Any

from vedette_worker.trace import debug_traces

_FILE = "<string>"  # what users' code is called in tracebacks
_SCOPE = """\
from typing import Any, List, Dict, Set, Optional
import supervision as sv
import numpy as np
import math
import time
import json
import os
import requests
import cv2
import shapely
from vedette_worker.entities import Batch, BlockResult, WorkflowImageData
from vedette_worker.trace import debug_traces
"""
_PEER_LINES = 14  # before the imports that a definition adds
_SHARED: dict[str, Any] = {}  # `globals` of every block in this process
_CONTEXT_LINES = 10  # told before and after the line at fault


class BlockFailure(Exception):
    """What the server is to answer: see as_message()."""

    def __init__(
        self,
        kind: str,
        message: str,
        error: BaseException | None = None,
        line: int | None = None,
        snippet: str | None = None,
        trace: str | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.error = error
        self.line = line
        self.snippet = snippet
        self.trace = trace

    def as_message(self) -> tuple:
        """("failed", kind, message, inner type, inner message, line, snippet, traceback).

        kind is "compile" (the code does not load), "symbol" (a function is missing), "init" or
        "run" (user code raised), or "result" (what it returned cannot leave the process).
        """
        inner = (type(self.error).__name__, str(self.error)) if self.error else (None, None)
        return ("failed", self.kind, self.message, *inner, self.line, self.snippet, self.trace)


@dataclass
class Definition:
    """What the server says of a block, once in each worker."""

    block_type: str
    run_code: str
    run_name: str
    init_code: str | None
    init_name: str
    imports: list[str]
    inputs: list[str]  # the arguments of run(), in the order in which calls bring them


@dataclass
class Context:
    """Where a call is."""

    step: str
    execution: str


class Block:
    """A loaded block. Each call of the server gets a fresh `self`; what init() gave is shared."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self._source = definition.run_code
        if definition.init_code:
            self._source += "\n\n" + definition.init_code
        scope = self._load()
        self._run = self._find(scope, definition.run_name)
        self._init_results: Any = {}
        if definition.init_code is not None:
            init = self._find(scope, definition.init_name)
            try:
                self._init_results = init()
            except BaseException as error:
                raise self._raised("init", error) from error

    def instance(self, context: Context) -> "Instance":
        return Instance(self._init_results, context, self.definition.block_type)

    def run(self, instance: "Instance", arguments: list[Any]) -> Any:
        try:
            return self._run(instance, **dict(zip(self.definition.inputs, arguments, strict=True)))
        except BaseException as error:
            raise self._raised("run", error) from error

    def _load(self) -> dict[str, Any]:
        module = types.ModuleType("dynamic_block")
        scope = module.__dict__
        scope["globals"] = _SHARED
        try:
            exec(_SCOPE, scope)
            exec("\n".join(self.definition.imports), scope)
            exec(compile(self._source, _FILE, "exec"), scope)
        except BaseException as error:
            line = getattr(error, "lineno", None)
            if isinstance(error, SyntaxError):
                error = self._as_the_peer_says(error)
            raise BlockFailure(
                "compile",
                f"{type(error).__name__}: {error}",
                error,
                line=line,
                snippet=_snippet(self.definition.run_code, line) if line else None,
            ) from error
        return scope

    def _as_the_peer_says(self, error: SyntaxError) -> SyntaxError:
        """There, the lines of the imports stand before the code and count in its messages."""
        lines = _PEER_LINES + max(1, len(self.definition.imports))
        try:
            compile("\n" * lines + self._source, _FILE, "exec")
        except SyntaxError as same:
            return same
        return error

    def _find(self, scope: dict[str, Any], name: str) -> Any:
        if name not in scope:
            raise BlockFailure(
                "symbol",
                f"Cannot find function: {name} in declared code for dynamic block: "
                f"`{self.definition.block_type}`",
            )
        return scope[name]

    def _raised(self, kind: str, error: BaseException) -> BlockFailure:
        text = f"{type(error).__name__}: {_explain(error)}"
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == _FILE]
        if not frames:  # it could not even be called
            line = getattr(getattr(self._run, "__code__", None), "co_firstlineno", 1)
            frames = [traceback.FrameSummary(_FILE, line, self.definition.run_name)]
        lines = self._source.splitlines()
        told = ["Traceback (most recent call last):"]
        for frame in frames:
            told.append(f'  File "Python Block", line {frame.lineno}, in {frame.name}')
            if 0 < frame.lineno <= len(lines):
                told.append(f"    {lines[frame.lineno - 1].strip()}")
        told.append(text)
        last = frames[-1]
        return BlockFailure(
            kind,
            f"Error in line {last.lineno}, in {last.name}: {text}",
            error,
            line=last.lineno,
            snippet=_snippet(self._source, last.lineno),
            trace="\n".join(told),
        )


class Instance:
    """`self` of a user's run()."""

    def __init__(self, init_results: Any, context: Context, block_type: str) -> None:
        self._init_results = init_results
        self._api_key = None
        self._context = context
        self._block_type = block_type

    def get_workflow_context(self) -> dict[str, Any]:
        return {
            "step_name": self._context.step,
            "step_selector": f"$steps.{self._context.step}",
            "block_type": self._block_type,
            "workflow_execution_id": self._context.execution,
        }


def _explain(error: BaseException) -> str:
    if isinstance(error, MemoryError) and not str(error):
        return "the memory that python.memory allows is used up"
    return str(error)


def _snippet(code: str, line: int) -> str | None:
    lines = code.splitlines()
    first, end = max(0, line - 1 - _CONTEXT_LINES), min(len(lines), line + _CONTEXT_LINES)
    told = [f"{'>>>' if i == line - 1 else '   '} {i + 1}: {lines[i]}" for i in range(first, end)]
    return "\n".join(told) or None


def install_peer_names() -> None:
    """Lets code that was written for the peer import what it imports there."""
    from vedette_worker import entities

    root = "inference.core.workflows"
    entity_names = {
        name: getattr(entities, name)
        for name in (
            "Batch",
            "ImageParentMetadata",
            "OriginCoordinatesSystem",
            "ParentOrigin",
            "VideoMetadata",
            "WorkflowImageData",
        )
    }
    offered = {
        f"{root}.execution_engine.entities.base": entity_names,
        f"{root}.prototypes.block": {"BlockResult": entities.BlockResult},
        f"{root}.execution_engine.v1.dynamic_blocks.workflow_debug": {"debug_traces": debug_traces},
    }
    for path, names in offered.items():
        parts = path.split(".")
        for depth in range(1, len(parts) + 1):
            name = ".".join(parts[:depth])
            if name not in sys.modules:
                module = types.ModuleType(name)
                module.__path__ = []
                sys.modules[name] = module
                if depth > 1:
                    setattr(sys.modules[".".join(parts[: depth - 1])], parts[depth - 1], module)
        sys.modules[path].__dict__.update(names)
