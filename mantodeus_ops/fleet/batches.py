"""How many hosts change at once."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TypeVar

from mantodeus_ops.errors import UsageError

T = TypeVar("T")


def batch_size(text: str, count: int) -> int:
    """Return how many of `count` hosts a batch of `N` or `N%` holds; raise UsageError."""
    match = re.fullmatch(r"([0-9]{1,6})(%?)", text)
    if not match or int(match[1]) == 0 or (match[2] and int(match[1]) > 100):  # noqa: PLR2004 - a percentage
        raise UsageError(
            f"--batch takes a number of hosts or a percentage, not {text!r}",
            "fab -H web deploy --batch 25%",
        )
    size = math.floor(count * int(match[1]) / 100) if match[2] else int(match[1])
    return max(1, size)


def batches(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """Return the items in their order, in pieces of this size."""
    return [items[at : at + size] for at in range(0, len(items), size)]


def whole_number(text: str, option: str) -> int:
    """Return the number that was typed for an option; raise UsageError."""
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise UsageError(f"--{option} takes a whole number, not {text!r}")
    return int(text)
