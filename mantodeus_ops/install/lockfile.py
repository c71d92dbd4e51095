"""Checks whether a lockfile covers package.json, as far as that is certain."""

from __future__ import annotations

from collections.abc import Iterable

from mantodeus_ops.remote.answers.deploy import DirectDependency
from mantodeus_ops.text.version_range import is_range, satisfies

_ELSEWHERE = (
    "link:",
    "portal:",
    "workspace:",
    "file:",
)  # not from a registry, and never in a yarn.lock


def missing_dependency(direct: Iterable[DirectDependency], *, overridden: bool = False) -> str:
    """Return what package.json asks for and the lockfile has not, in words; empty for nothing.

    With `overridden`, versions may differ from package.json, so only missing ones count.
    """
    for dependency in direct:
        spec, locked = dependency["spec"], dependency["locked"]
        where = f"{dependency['member']}/package.json" if dependency["member"] else "package.json"
        request = f"{where} asks for {dependency['name']} {spec}"
        if not locked and not spec.startswith(_ELSEWHERE):
            return f"{request}, which the lockfile does not have"
        if not overridden and satisfies(locked, spec) is False:
            return f"{request}, and the lockfile has {locked}"
        if not overridden and _is_other_range(dependency["specifier"], spec):
            return f"{request}, and the lockfile was made for {dependency['specifier']}"
    return ""


def _is_other_range(specifier: str, spec: str) -> bool:
    """Return whether the lockfile was made for another range; tags and URLs are spelled freely."""
    return bool(specifier) and specifier != spec and all(map(is_range, (specifier, spec)))
