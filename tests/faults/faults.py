"""One fault meets one operation: strike, let the next command put it right, ask the questions."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from sandbox.commands import CHECKOUT
from tests.faults.operations import OPERATIONS, Task
from tests.faults.place import Place
from tests.faults.questions import wrong

NEXT_SECONDS = 90


def _tree() -> str:
    """Return a digest of the product's code, so that a record says what it was tried on."""
    files = sorted(
        path for path in (CHECKOUT / "mantodeus_ops").rglob("*.*") if path.suffix != ".pyc"
    )
    parts = b"".join(path.read_bytes() for path in files if path.is_file())
    return hashlib.sha256(parts).hexdigest()[:12]


TREE = _tree()


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one fault: a line of the record."""

    kind: str
    operation: str
    point: str  # by which it can be tried again
    struck: bool
    survived: bool
    seconds: float  # from the fault to the end of the next command
    again: str  # the next command
    code: int | None = None  # how the operation itself ended, when it did
    where: str = ""  # the call that was struck, and how that went on
    wrong: tuple[str, ...] = ()
    tree: str = TREE
    load: float = field(default_factory=lambda: round(os.getloadavg()[0], 1))  # of the machine

    def line(self) -> str:
        """Return it as a line of JSON."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Struck:
    """How a fault was brought about: whether it was, when, where, and how the command ended."""

    struck: bool
    at: float
    where: str = ""
    code: int | None = None
    said: str = ""
    bad: bool = False  # the command itself ended as it must not


def ended(
    code: int | None, said: str, *, where: str = "", at: float = 0, struck: bool = True
) -> Struck:
    """Return how a fault was brought about that is over now, or was at that time."""
    return Struck(struck, at or time.time(), where, code, said)


Strike = Callable[[Place, Task], Struck]


def tried(place: Place, kind: str, operation: str, point: str, strike: Strike) -> Tried:
    """Bring a fault about in an operation; return what came of it."""
    place.forget_jobs()
    task = OPERATIONS[operation](place)
    struck = strike(place, task)
    found = next_command(place, task)
    seconds = time.time() - struck.at
    place.settle()
    found += wrong(place, place.allowed or task) if not found else []
    place.clear()
    place.whole.add(place.state())
    if struck.bad:
        found.append("a command ended as it must not")
    if found:
        found.append(f"{' '.join(task.words)} ended with {struck.code}: {struck.said[-600:]}")
    return Tried(
        kind,
        operation,
        point,
        struck.struck,
        survived=not found,
        seconds=round(seconds, 2),
        again=task.again[0],
        code=struck.code,
        where=struck.where,
        wrong=tuple(found),
    )


def next_command(place: Place, task: Task) -> list[str]:
    """Run the next command, which nobody helps; return what is wrong with how it ended."""
    done = place.box.inv(*task.again, "--json", timeout=NEXT_SECONDS)
    if done.returncode == 0:
        return []
    return [
        f"the next command ({' '.join(task.again)}) ended with {done.returncode}: {done.stdout}"
    ]
