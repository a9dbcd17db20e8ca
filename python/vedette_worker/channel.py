"""The conversation with the server: frames over a Unix socket.

A frame is its size (4 bytes, little-endian), 0 or 1 for "a file descriptor comes with it" (4
bytes), and one value in version 2 of Python's marshal format. What is big (pixels) lies one piece
after another in that descriptor, which is anonymous shared memory; the value says where.
"""

import marshal
import math
import mmap
import os
import socket
import struct
import threading
from typing import Any

import numpy as np

_HEADER = struct.Struct("<II")
_ONE_READ = 64 * 1024
_SMALL = 32 * 1024  # bytes up to which a piece travels within the value


class Arena:
    """The big pieces of a frame that is being made."""

    def __init__(self) -> None:
        self.pieces: list[memoryview] = []
        self.size = 0

    def put(self, data: Any) -> bytes | tuple[str, int, int]:
        """Says in the frame's value where `data`, any contiguous buffer, is."""
        piece = memoryview(data).cast("B")
        if len(piece) <= _SMALL:
            return bytes(piece)
        self.pieces.append(piece)
        self.size += len(piece)
        return ("m", self.size - len(piece), len(piece))


class SharedPixels:
    """Pixels in memory that the server has filled."""

    def __init__(self, descriptor: int, shape: tuple[int, ...]) -> None:
        self._descriptor = descriptor
        self._shape = shape

    def __del__(self) -> None:
        os.close(self._descriptor)

    def map(self) -> np.ndarray:
        """A writable array; what is written to it stays there."""
        size = math.prod(self._shape)
        private = mmap.mmap(self._descriptor, size, flags=mmap.MAP_PRIVATE)
        return np.frombuffer(private, np.uint8).reshape(self._shape)


class Channel:
    """Owned by the worker's main thread; fetch() alone may be called from any."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._owner = os.getpid()
        self._lock = threading.Lock()

    def receive(self) -> Any:
        """The next frame's value; EOFError where the server is gone."""
        data = self._socket.recv(_ONE_READ)
        while len(data) < _HEADER.size:
            data += self._more(_HEADER.size - len(data))
        size, _ = _HEADER.unpack_from(data)
        return marshal.loads(self._rest(data, size))

    def send(self, value: Any, arena: Arena | None = None) -> None:
        if os.getpid() != self._owner:  # a child that user code forked has come back to our loop
            os._exit(0)
        payload = marshal.dumps(value, 2)
        if arena is None or not arena.pieces:
            self._socket.sendall(_HEADER.pack(len(payload), 0) + payload)
            return
        memory = os.memfd_create("answer", os.MFD_CLOEXEC)
        try:
            for piece in arena.pieces:
                _write(memory, piece)
            header = _HEADER.pack(len(payload), 1)
            socket.send_fds(self._socket, [header], [memory])
        finally:
            os.close(memory)
        self._socket.sendall(payload)

    def fetch(self, number: int, form: str) -> "bytes | SharedPixels | None":
        """A picture of this call: its encoded bytes or its pixels; None where it has no bytes."""
        with self._lock:
            self.send(("fetch", number, form))
            data, descriptors, _, _ = socket.recv_fds(self._socket, _ONE_READ, 1)
            while len(data) < _HEADER.size:
                data += self._more(_HEADER.size - len(data))
            size, _ = _HEADER.unpack_from(data)
            kind, *what = marshal.loads(self._rest(data, size))
        if kind == "failed":
            raise ValueError(what[0])
        return what[0] if kind == "encoded" else SharedPixels(descriptors[0], tuple(what))

    def _more(self, most: int) -> bytes:
        data = self._socket.recv(most)
        if not data:
            raise EOFError
        return data

    def _rest(self, data: bytes, size: int) -> memoryview:
        """The `size` bytes after the header, of which `data` has the first."""
        have = len(data) - _HEADER.size
        if have == size:
            return memoryview(data)[_HEADER.size :]
        payload = bytearray(size)
        payload[:have] = data[_HEADER.size :]
        view = memoryview(payload)
        while have < size:
            got = self._socket.recv_into(view[have:])
            if not got:
                raise EOFError
            have += got
        return view


def _write(descriptor: int, piece: memoryview) -> None:
    while piece:
        piece = piece[os.write(descriptor, piece) :]
