"""stdout and stderr of a worker: pipes to the server, with a bound on what one call may write."""

import io
import os
import sys

# Bytes of one stream and call; what comes after is counted. Fits into a pipe, so that a thread
# which prints between two calls, when nobody reads, does not stop.
_MOST = 60 * 1024


class _Pipe(io.RawIOBase):
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._left = _MOST
        self.dropped = 0
        self.written = 0

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: memoryview) -> int:
        kept = bytes(data[: self._left])
        self._left -= len(kept)
        self.dropped += len(data) - len(kept)
        self.written += len(kept)
        while kept:
            kept = kept[os.write(self._descriptor, kept) :]
        return len(data)

    def begin(self) -> None:
        self._left = _MOST
        self.dropped = 0
        self.written = 0


class Output:
    """One of the two streams, put in the place of sys.stdout or sys.stderr."""

    def __init__(self, name: str, descriptor: int) -> None:
        self._name = name
        self._pipe = _Pipe(descriptor)
        self._open()

    def _open(self) -> None:
        self._text = io.TextIOWrapper(
            io.BufferedWriter(self._pipe, 8192), "utf-8", "backslashreplace", line_buffering=True
        )
        self._text.mode = "w"
        setattr(sys, self._name, self._text)

    def begin(self) -> None:
        self._pipe.begin()
        if self._text.closed or getattr(sys, self._name) is not self._text:
            self._pipe = _Pipe(self._pipe.fileno())
            self._open()

    def end(self) -> int:
        """Everything that was printed is in the pipe when this returns; so many bytes."""
        try:
            self._text.flush()
            if self._pipe.dropped:
                mark = f"\n... [{self._pipe.dropped} more bytes]".encode()
                self._pipe.written += os.write(self._pipe.fileno(), mark)
        except (OSError, ValueError):  # user code closed it
            pass
        return self._pipe.written
