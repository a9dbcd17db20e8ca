"""What a worker may not do: fences against mistakes and prying, set before users' code runs.

They hold for what the worker starts, too. They are no jail: code runs as the user that the server
runs as, and may read and write that user's files.
"""

import ctypes
import errno
import os
import resource
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000

# Calls that no block needs and that reach beyond the worker.
_DENIED = (
    "acct add_key adjtimex bpf chroot clock_adjtime clock_settime delete_module "
    "fanotify_init finit_module fsconfig fsmount fsopen fspick init_module io_uring_enter "
    "io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl "
    "landlock_create_ruleset lookup_dcookie mount mount_setattr move_mount move_pages "
    "name_to_handle_at nfsservctl open_by_handle_at open_tree perf_event_open personality "
    "pidfd_getfd pivot_root process_madvise process_vm_readv process_vm_writev ptrace "
    "quotactl quotactl_fd reboot request_key setdomainname sethostname setns setpgid "
    "setsid settimeofday swapoff swapon syslog umount umount2 unshare userfaultfd vhangup "
)


@dataclass
class Fences:
    """How far a worker may go; the server's `python:` configuration."""

    memory: int  # bytes
    network: str | list[str] = "all"  # "all", "none" or ["host:port", …]
    protected: list[int] = field(default_factory=list)  # processes it must not signal


def enclose(fences: Fences) -> None:
    """fails  OSError, where the kernel refuses one of the fences"""
    _die_with_parent()
    _limit_memory(fences.memory)
    _drop_capabilities()
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _filter_calls(fences)
    if isinstance(fences.network, list):
        _watch_connections(fences.network)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")


def _die_with_parent() -> None:
    parent = os.getppid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before we asked
        os._exit(0)


def _limit_memory(most: int) -> None:
    """Of what a process writes to; what is shared with other workers counts as well."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_AS, (mapped + most, mapped + most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _drop_capabilities() -> None:
    """Where the server runs as root, its workers must not be able to lift their limits."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    none = (ctypes.c_uint32 * 6)()
    if _libc.capset(header, none) != 0:
        raise OSError(ctypes.get_errno(), "capset")


class _Comparison(ctypes.Structure):
    """scmp_arg_cmp: argument `arg`, masked with `a`, equals `b`."""

    _fields_ = [
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    ]


_ALLOW = 0x7FFF0000
_NOT_EQUAL, _EQUAL_MASKED = 1, 7


def _refuse(error: int) -> int:
    return 0x00050000 | error


def _filter_calls(fences: Fences) -> None:
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(_ALLOW))

    def deny(name: str, *comparisons: _Comparison, error: int = errno.EPERM) -> None:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # this kind of machine or this library does not know it
            return
        array = (_Comparison * len(comparisons))(*comparisons)
        added = library.seccomp_rule_add_array(
            context, _refuse(error), number, len(comparisons), array
        )
        if added != 0:
            raise OSError(-added, f"seccomp rule for {name}")

    for name in _DENIED.split():
        deny(name)
    deny("clone", _Comparison(0, _EQUAL_MASKED, _CLONE_NEWUSER, _CLONE_NEWUSER))
    deny("clone3", error=errno.ENOSYS)  # its flags cannot be seen; the C library then uses clone
    _deny_signals(deny, fences.protected)
    if fences.network == "none":
        deny("socket", _Comparison(0, _NOT_EQUAL, socket.AF_UNIX))
        deny("connect")  # nor to a service of this machine by a Unix socket
    if isinstance(fences.network, list):  # what is started would not be watched
        deny("execve")
        deny("execveat")
    library.seccomp_attr_set(context, 8, ctypes.c_uint32(2))  # CTL_OPTIMIZE: a binary tree
    loaded = library.seccomp_load(context)
    library.seccomp_release(context)
    if loaded != 0:
        raise OSError(-loaded, "seccomp filter")


def _deny_signals(deny: Any, protected: list[int]) -> None:
    """The server and the workers' parent are out of reach, as is "everybody"."""
    low = 0xFFFFFFFF  # a pid is an int: what the register holds above it says nothing
    for process in [*protected, *(-process for process in protected), -1]:
        deny("kill", _Comparison(0, _EQUAL_MASKED, low, process & low))
    for process in protected:
        for name in ("tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "prlimit64"):
            deny(name, _Comparison(0, _EQUAL_MASKED, low, process & low))


class _Watch:
    """Refuses connections to all but the listed addresses, for what goes through Python."""

    _REFRESH = 60.0  # seconds after which names are looked up anew

    def __init__(self, allowed: list[str]) -> None:
        self._allowed = [entry.rsplit(":", 1) for entry in allowed]
        self._looked_up = -self._REFRESH
        self._addresses: set[tuple[str, int]] = set()

    def __call__(self, event: str, arguments: tuple) -> None:
        if event not in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            return
        sock, address = arguments[0], arguments[1]
        if address is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
            return
        if not self._lets(str(address[0]), int(address[1])):
            raise PermissionError(
                errno.EPERM, f"python.network does not list {address[0]}:{address[1]}"
            )

    def _lets(self, host: str, port: int) -> bool:
        if [host, str(port)] in self._allowed:
            return True
        if time.monotonic() - self._looked_up > self._REFRESH:
            self._looked_up = time.monotonic()
            self._addresses = {
                (found[4][0], int(number))
                for name, number in self._allowed
                for found in _look_up(name, number)
            }
        return (host, port) in self._addresses


def _look_up(name: str, port: str) -> list[tuple]:
    try:
        return socket.getaddrinfo(name.strip("[]"), port, type=socket.SOCK_STREAM)
    except OSError:
        return []


def _watch_connections(allowed: list[str]) -> None:
    sys.addaudithook(_Watch(allowed))
