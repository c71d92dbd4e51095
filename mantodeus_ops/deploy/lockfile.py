"""Whether a lockfile has what package.json asks for, as far as that is certain."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mantodeus_ops.remote.answers.deploy import DirectDependency
from mantodeus_ops.text.sanitize import trimmed

Version = tuple[int, int, int]
_END: Version = (1 << 62, 0, 0)
_NUMBER = "[0-9]{1,16}"  # npm takes none that JavaScript cannot hold
_PLAIN = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}")
_PART = rf"({_NUMBER}|[xX*])"
_COMPARATOR = re.compile(rf"(\^|~>?|[<>]=?|=|)\s*v?{_PART}(?:\.{_PART})?(?:\.{_PART})?")
_ELSEWHERE = ("link:", "portal:", "workspace:", "file:")  # no registry, and in no yarn.lock


def uncovered(direct: Iterable[DirectDependency], *, overridden: bool = False) -> str:
    """Return what package.json asks for and the lockfile has not, in words; empty for nothing.

    `overridden`: versions may be others than those asked for, so only a missing one counts.
    """
    for one in direct:
        spec, locked = one["spec"], one["locked"]
        where = f"{one['member']}/package.json" if one["member"] else "package.json"
        asked = f"{where} asks for {one['name']} {spec}"
        if not locked and not spec.startswith(_ELSEWHERE):
            return f"{asked}, which the lockfile does not have"
        if not overridden and satisfies(locked, spec) is False:
            return f"{asked}, and the lockfile has {locked}"
    return ""


def satisfies(version: str, spec: str) -> bool | None:
    """Return whether a version is within npm's range; None where that takes more than this knows.

    That is for a prerelease, a tag, a URL or an alias.
    """
    if not _PLAIN.fullmatch(version):
        return None
    major, minor, patch = map(int, version.split("."))
    ranges = [_ranges(part) for part in spec.split("||")]
    if any(one is None for one in ranges):
        return None
    found = (major, minor, patch)
    return any(all(low <= found < high for low, high in one) for one in ranges if one is not None)


def _ranges(part: str) -> list[tuple[Version, Version]] | None:
    found: list[tuple[Version, Version]] = []
    rest = trimmed(part) or "*"
    while rest:
        comparator = _COMPARATOR.match(rest)
        if not comparator or not re.match(r"\s|$", rest[comparator.end() :]):
            return None
        found.append(_bounds(*comparator.groups()))
        rest = trimmed(rest[comparator.end() :])
    return found


def _bounds(operator: str, *parts: str | None) -> tuple[Version, Version]:
    """Return the first version within a comparator and the first one after it."""
    given = [int(part) for part in parts if part and part.isdigit()]
    low: Version = (*given, 0, 0, 0)[:3]  # type: ignore[assignment]
    if not given:
        return (0, 0, 0), _END
    after = _after(given, len(given))
    if operator in {"<", "<="}:
        return (0, 0, 0), low if operator == "<" else after
    if operator in {">", ">="}:
        return (low if operator == ">=" else after), _END
    if operator == "^":
        return low, _after(given, next((at for at, one in enumerate(given, 1) if one), len(given)))
    if operator.startswith("~"):
        return low, _after(given, min(2, len(given)))
    return low, after


def _after(given: list[int], place: int) -> Version:
    """Return the first version that differs in this place, counted from one, from a version."""
    raised = [*given[: place - 1], given[place - 1] + 1, 0, 0, 0]
    return raised[0], raised[1], raised[2]
