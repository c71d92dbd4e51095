"""What a program on the host says beside its answer: secrets to hide, unreadable files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..pure.decode import bulk, many, record, small, text
from ..pure.host_codes import with_sentences

if TYPE_CHECKING:
    from .door import Host

_BESIDE = record({"secrets?": many(bulk), "unreadable?": many(text)})


def heard(host: Host, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer alone; its secrets are hidden from now on, its warnings are noted.

    What a part of it was refused with is a sentence there.

    Raise UnexpectedError when they are none.
    """
    told = _BESIDE(answer)
    small("".join(told.get("secrets", ())))
    host.hide(told.pop("secrets", ()))
    for warning in told.pop("unreadable", ()):
        host.note(f"warning: {warning}")
    return with_sentences(told, lambda refusal: host.error(refusal).message)
