"""What is run while a fault happens, and what may be live after it: the old state or the new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.faults.place import Place, State


@dataclass(frozen=True, slots=True)
class Task:
    """A command under a fault: its words, its standard input, and which states may follow."""

    words: tuple[str, ...]
    old: State
    may_be: frozenset[State]
    stdin: str = ""
    again: tuple[str, ...] = ("backup",)  # the next command, which has to put things right


NAME = "FAULT_VALUE"
AGAIN = 8  # each so manieth deploy is followed by another one
Operation = Callable[[Place], Task]


def deploy(place: Place) -> Task:
    """Ship the version that is not live, from nothing; now and then, the next command does too."""
    old = place.state()
    place.turns += 1
    place.branch()
    # A stage that is ready would be used, and all that makes one be left out.
    (place.project / ".deploy/staged.json").unlink(missing_ok=True)
    words = ("deploy", "--ref", place.other())
    may_be = frozenset({old, replace(old, revision=words[2])})
    return Task(words, old, may_be, again=("backup",) if place.turns % AGAIN else words)


def rollback(place: Place) -> Task:
    """Go back to the state before, or, where that was just done, return."""
    old = place.state()
    left = place.left()
    gone = bool(left) and old.revision not in left
    words = ("deploy.rollback", "--undo") if gone else ("deploy.rollback",)
    # A version that was moved aside and is in no backup any more comes back with the .env of now.
    kept = {replace(old, revision=revision) for revision in place.versions}
    return Task(words, old, frozenset({old, *place.whole, *kept}))


def restart(place: Place) -> Task:
    """Reload the app."""
    old = place.state()
    return Task(("deploy.restart",), old, frozenset({old}))


def env_set(place: Place) -> Task:
    """Give a variable another value; the app has not seen it yet."""
    old, value = place.state(), place.value()
    new = replace(old, env=place.env_with(value))
    return Task(("env.set", NAME), old, frozenset({old, new}), stdin=f"{value}\n")


def env_live(place: Place) -> Task:
    """Give a variable another value, and start the app anew with it."""
    task = env_set(place)
    return replace(task, words=(*task.words, "--restart"))


def backup(place: Place) -> Task:
    """Back up what is live; something in it is new, so that there is something to compress."""
    old = place.state()
    (place.project / "dist/noise.txt").write_text(f"{place.value()}\n" * 500)
    return Task(("backup",), old, frozenset({old}))


OPERATIONS: dict[str, Operation] = {
    "deploy": deploy,
    "rollback": rollback,
    "restart": restart,
    "env.set": env_set,
    "env.set --restart": env_live,
    "backup": backup,
}
