"""Compares versions with npm's ranges, as far as that is certain."""

from __future__ import annotations

import re

from mantodeus_ops.text.sanitize import trimmed

Version = tuple[int, int, int]
_END: Version = (1 << 62, 0, 0)
_NUMBER = "[0-9]{1,16}"  # npm accepts only numbers that JavaScript can represent
_PLAIN = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}")
_PART = rf"({_NUMBER}|[xX*])"
_COMPARATOR = re.compile(rf"(\^|~>?|[<>]=?|=|)\s*v?{_PART}(?:\.{_PART})?(?:\.{_PART})?")


def is_range(spec: str) -> bool:
    """Return whether this is a range of plain versions, and so no tag, URL or alias."""
    return all(_ranges(part) is not None for part in spec.split("||"))


def satisfies(version: str, spec: str) -> bool | None:
    """Return whether a version is in npm's range; None if unknown.

    Unknown are prereleases, tags, URLs and aliases.
    """
    if not _PLAIN.fullmatch(version):
        return None
    major, minor, patch = map(int, version.split("."))
    ranges = [_ranges(part) for part in spec.split("||")]
    if any(alternative is None for alternative in ranges):
        return None
    parsed = (major, minor, patch)
    return any(
        all(low <= parsed < high for low, high in alternative)
        for alternative in ranges
        if alternative is not None
    )


def _ranges(part: str) -> list[tuple[Version, Version]] | None:
    bounds: list[tuple[Version, Version]] = []
    rest = trimmed(part) or "*"
    while rest:
        comparator = _COMPARATOR.match(rest)
        if not comparator or not re.match(r"\s|$", rest[comparator.end() :]):
            return None
        bounds.append(_bounds(*comparator.groups()))
        rest = trimmed(rest[comparator.end() :])
    return bounds


def _bounds(operator: str, *parts: str | None) -> tuple[Version, Version]:
    """Return the first version in a comparator's range and the first one after it."""
    numbers = [int(part) for part in parts if part and part.isdigit()]
    low: Version = (*numbers, 0, 0, 0)[:3]  # type: ignore[assignment]
    if not numbers:
        return (0, 0, 0), _END
    after = _after(numbers, len(numbers))
    if operator in {"<", "<="}:
        return (0, 0, 0), low if operator == "<" else after
    if operator in {">", ">="}:
        return (low if operator == ">=" else after), _END
    if operator == "^":
        return low, _after(
            numbers,
            next((position for position, number in enumerate(numbers, 1) if number), len(numbers)),
        )
    if operator.startswith("~"):
        return low, _after(numbers, min(2, len(numbers)))
    return low, after


def _after(numbers: list[int], position: int) -> Version:
    """Return the next version that differs at this position, counted from 1."""
    raised = [*numbers[: position - 1], numbers[position - 1] + 1, 0, 0, 0]
    return raised[0], raised[1], raised[2]
