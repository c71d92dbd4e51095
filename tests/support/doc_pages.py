"""The code blocks of the documentation, and the commands in them, as the tests read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
_PIECES = re.compile(
    r"^#+ (?P<heading>.*)$"
    r"|^(?P<edge> *```)(?P<language>\w*)\n(?P<fenced>(?:.*\n)*?)(?P=edge) *$"
    r"|(?<=\n\n)(?P<indented>(?: {4}.*\n|\n(?= {4}))+)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A code block: the heading that it stands under, its language if it names one, its lines."""

    heading: str
    language: str
    lines: tuple[str, ...]


def blocks(page: str) -> list[Block]:
    """Return every code block of this page of the checkout."""
    found, heading = [], ""
    for piece in _PIECES.finditer((CHECKOUT / page).read_text()):
        heading = piece["heading"] or heading
        if not piece["heading"]:
            lines = (piece["fenced"] or piece["indented"] or "").splitlines()
            kept = tuple(line.strip() for line in lines if line.strip())
            found.append(Block(heading, piece["language"] or "", kept))
    return found


def command(line: str) -> str:
    """Return the line without its prompt and its remark."""
    return re.sub(r"(^|\s+)#( .*|$)", "", line.removeprefix("$ ")).strip()


def commands(page: str, heading: str, number: int = 0) -> list[str]:
    """Return the commands of a block of this page, counted under its heading."""
    under = [block for block in blocks(page) if block.heading == heading]
    return [command(line) for line in under[number].lines if command(line)]
