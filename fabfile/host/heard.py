"""What a program on the host says beside its answer: secrets to hide, unreadable files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .door import Host


def heard(host: Host, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer alone; its secrets are hidden from now on, its warnings are noted."""
    secrets, warnings = answer.pop("secrets", ()), answer.pop("unreadable", ())
    host.hide(one for one in secrets if isinstance(one, str))
    for text in warnings:
        host.note(f"warning: {text}")
    return answer
