"""The parent of all workers: imports once what they share, then forks one whenever asked.

The server talks to it over descriptor 3 (SOCK_SEQPACKET), one request at a time:

    b"fork" with three descriptors (conversation, stdout, stderr)  →  "<pid>"
    b"reap <pid> <milliseconds>", of a worker that should have ended  →  "<wait status>"; "-1": no

It ends when the server hangs up, and its workers end with it.
"""

import faulthandler
import gc
import json
import os
import signal
import socket
import sys
import time

from vedette_worker.isolation import Fences, enclose

_CONTROL = 3
_CONVERSATION = 200  # where a worker keeps its socket, out of the way of users' descriptors


def main() -> None:
    """sys.argv[1]: JSON of the fields of Fences, and `path`: folders that user code imports from"""
    settings = json.loads(sys.argv[1])
    os.closerange(_CONTROL + 1, os.sysconf("SC_OPEN_MAX"))
    sys.path.extend(settings.pop("path"))
    sys.argv = [""]
    control = socket.socket(fileno=_CONTROL)
    control.set_inheritable(False)
    _warm()
    fences = Fences(**settings)
    fences.protected.append(os.getpid())
    control.send(b"ready")
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, 64, 3)
        if not request:
            return
        if request == b"fork":
            worker = os.fork()
            if worker == 0:
                control.close()
                _become_worker(descriptors, fences)
            for descriptor in descriptors:
                os.close(descriptor)
            control.send(b"%d" % worker)
        else:
            worker, patience = map(int, request.split()[1:])
            control.send(b"%d" % _reap(worker, patience / 1000))


def _warm() -> None:
    from vedette_worker.late import import_supervision

    import_supervision()
    import requests  # noqa: F401
    import shapely  # noqa: F401

    from vedette_worker import blocks, worker  # noqa: F401

    blocks.install_peer_names()
    import cv2

    cv2.setNumThreads(1)
    # What is collected once is not looked at again, so that its pages stay shared.
    gc.collect()
    gc.freeze()


def _become_worker(descriptors: list[int], fences: Fences) -> None:
    """Does not return."""
    try:
        import numpy as np

        from vedette_worker import worker

        os.setsid()
        np.random.seed()  # else all workers would draw the same numbers
        worker.default_signals()
        conversation, out, err = descriptors
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.dup2(conversation, _CONVERSATION, inheritable=False)
        os.closerange(3, _CONVERSATION)
        faulthandler.enable(file=2)
        faulthandler.register(signal.SIGUSR1, file=2)
        os.register_at_fork(after_in_child=lambda: os.close(_CONVERSATION))
        enclose(fences)
        worker.serve(socket.socket(fileno=_CONVERSATION))
    except BaseException as error:
        os.write(2, f"the worker cannot go on: {type(error).__name__}: {error}\n".encode())
        os._exit(1)
    os._exit(0)


def _reap(worker: int, patience: float) -> int:
    """The status as wait() gives it; -1 for one that is still there."""
    until = time.monotonic() + patience
    while True:
        try:
            ended, status = os.waitpid(worker, os.WNOHANG)
        except ChildProcessError:
            return -1
        if ended:
            return status
        if time.monotonic() >= until:
            return -1
        time.sleep(0.001)
