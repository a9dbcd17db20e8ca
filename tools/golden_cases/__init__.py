"""The requests that the goldens are recorded from, one module a group."""

from importlib import import_module

from .build import Case

GROUPS = (
    "inputs",
    "outputs",
    "validation",
    "selectors",
    "dynamic",
    "visualization",
    "versions",
    "http",
)


def all_cases() -> dict[str, list[Case]]:
    """Every case by group; names are unique within a group."""
    groups = {group: import_module(f"{__name__}.{group}").CASES for group in GROUPS}
    for group, cases in groups.items():
        names = [case.name for case in cases]
        twice = {name for name in names if names.count(name) > 1}
        assert not twice, f"{group}: {twice}"
    return groups
