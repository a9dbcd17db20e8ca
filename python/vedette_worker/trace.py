"""`debug_traces` of users' code: values that go back with the answer where it was asked for."""

import json
from datetime import UTC, datetime
from datetime import tzinfo as TimeZone
from typing import Any
from zoneinfo import ZoneInfo

_ENTRIES = 1000
_ENTRY_CHARACTERS = 16_384
_ALL_CHARACTERS = 1_048_576
_FULL = "[debug trace limit reached - further entries of this run were dropped]"
_CUT = "... [entry truncated]"


class DebugTraces:
    """append() does nothing unless the request asked for debugging."""

    def __init__(self) -> None:
        self._step: str | None = None
        self._entries: list[dict[str, Any]] = []
        self._size = 0
        self._is_full = False

    def begin(self, step: str | None) -> None:
        """step  None: nobody asked"""
        self._step, self._entries, self._size, self._is_full = step, [], 0, False

    def end(self) -> list[dict[str, Any]]:
        entries, self._entries, self._step = self._entries, [], None
        return entries

    def append(
        self,
        value: Any,
        *,
        add_timestamp: bool = False,
        timezone: str | TimeZone | None = None,
    ) -> None:
        if self._step is None or self._is_full:
            return
        entry = {"step": self._step, "value": _plain(value)}
        if add_timestamp:
            zone = _zone(timezone)
            entry["timestamp"] = datetime.now(zone).isoformat()
            entry["timestamp_timezone"] = getattr(zone, "key", None) or str(zone)
        size = _shorten(entry)
        if len(self._entries) >= _ENTRIES or self._size + size > _ALL_CHARACTERS:
            self._is_full = True
            entry = {"step": self._step, "value": _FULL}
        self._size += size
        self._entries.append(entry)


def _plain(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError):
        return repr(value)


def _zone(name: str | TimeZone | None) -> TimeZone:
    if name is None:
        return UTC
    if isinstance(name, TimeZone):
        return name
    try:
        return ZoneInfo(name)
    except Exception as error:
        raise ValueError(f"Invalid timezone: {name!r}") from error


def _shorten(entry: dict[str, Any]) -> int:
    """Cuts the value so that the entry's JSON keeps to its limit; returns the size of that."""
    size = len(json.dumps(entry))
    if size <= _ENTRY_CHARACTERS:
        return size
    text = entry["value"] if isinstance(entry["value"], str) else repr(entry["value"])
    low, high = 0, len(text)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        entry["value"] = text[:middle] + _CUT
        low, high = (
            (middle, high) if len(json.dumps(entry)) <= _ENTRY_CHARACTERS else (low, middle - 1)
        )
    entry["value"] = text[:low] + _CUT
    return len(json.dumps(entry))


debug_traces = DebugTraces()
