"""Imports supervision without what it needs seldom."""

import importlib
import sys
import types
from typing import Any

# Supervision imports these at its top for a few of its functions; together they take 0.7 s and
# 70 MB. Each is stood in for until something of it is used.
_LATE = {
    "matplotlib": ("pyplot",),
    "matplotlib.pyplot": (),
    "scipy": ("interpolate", "linalg", "optimize"),
    "scipy.interpolate": (),
    "scipy.linalg": (),
    "scipy.optimize": (),
}


class _LateName:
    """A function of a module that is not imported yet."""

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def _real(self) -> Any:
        return getattr(importlib.import_module(self._module), self._name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._real()(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)


class _LateModule(types.ModuleType):
    """A module that is imported when something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is not self:
            return getattr(importlib.import_module(self.__name__), name)
        if name in _LATE[self.__name__]:
            return sys.modules[f"{self.__name__}.{name}"]
        if name.startswith("__"):
            raise AttributeError(name)
        return _LateName(self.__name__, name)


def import_supervision() -> None:
    """Users' own imports of what was put off get the real thing."""
    stand_ins = {name: _LateModule(name) for name in _LATE if name not in sys.modules}
    for name, module in stand_ins.items():
        module.__path__ = []
        sys.modules[name] = module
    try:
        importlib.import_module("supervision")
    finally:
        for name, module in stand_ins.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
