"""A worker: loads blocks and runs them, one call after another."""

import signal
import socket
from typing import Any

from vedette_worker.blocks import Block, BlockFailure, Context, Definition
from vedette_worker.channel import Arena, Channel
from vedette_worker.output import Output
from vedette_worker.trace import debug_traces
from vedette_worker.values import NotTellable, Reader, Teller


def serve(sock: socket.socket) -> None:
    """Answers the server's frames until it hangs up.

    ("load", number, fields of a Definition) → ("loaded",) or ("failed", …)
    ("call", number, step, execution, debug, rows) → ("row", result, last, printed) for each row
        of arguments, in order, printed being the bytes that it wrote to stdout and stderr; or
        ("failed", …). The last answer has the traces besides. Meanwhile ("fetch", picture, form)
    """
    channel = Channel(sock)
    outputs = (Output("stdout", 1), Output("stderr", 2))
    blocks: dict[int, Block] = {}
    while True:
        try:
            kind, number, *rest = channel.receive()
        except (EOFError, ConnectionError):
            return
        if kind == "load":
            for output in outputs:
                output.begin()
            _load(channel, outputs, blocks, number, rest)
        else:
            _call(channel, outputs, blocks[number], *rest)


def _load(
    channel: Channel,
    outputs: tuple[Output, ...],
    blocks: dict[int, Block],
    number: int,
    fields: list[Any],
) -> None:
    try:
        blocks[number] = Block(Definition(*fields))
        answer: tuple = ("loaded",)
    except BlockFailure as failure:
        answer = failure.as_message()
    for output in outputs:
        output.end()
    channel.send(answer)


def _call(
    channel: Channel,
    outputs: tuple[Output, ...],
    block: Block,
    step: str,
    execution: str,
    debug: bool,
    rows: list[list[Any]],
) -> None:
    reader = Reader(channel.fetch)
    instance = block.instance(Context(step, execution))
    debug_traces.begin(step if debug else None)
    for i, row in enumerate(rows):
        last = i + 1 == len(rows)
        for output in outputs:
            output.begin()
        arena: Arena | None = None
        arguments: list[Any] = []
        result = None
        try:
            arguments = [reader.read(value) for value in row]
            row.clear()
            result = block.run(instance, arguments)
            teller = Teller()
            answer: tuple = ("row", teller.tell(result), last)
            arena = teller.arena
        except BlockFailure as failure:
            answer, last = failure.as_message(), True
        except NotTellable as error:
            answer, last = BlockFailure("result", str(error)).as_message(), True
        except (ValueError, TypeError, OverflowError, AttributeError, MemoryError) as error:
            # Detections or a picture that user code has put together wrongly.
            text = f"the result cannot be read: {type(error).__name__}: {error}"
            answer, last = BlockFailure("result", text).as_message(), True
        printed = tuple(output.end() for output in outputs)
        arguments = result = None
        if answer[0] == "row":
            answer += (printed,)
        if last:
            answer += (debug_traces.end(),)
            reader.hold_what_is_kept()
        channel.send(answer, arena)
        if last:
            return


def default_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
