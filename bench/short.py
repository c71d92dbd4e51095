"""What takes a second or two: `status`, `env.set`, and the start of a command itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.box import PROGRAMS
from sandbox.commands import CHECKOUT, run

from . import plain
from .taken import Taken
from .world import World, timed

REPEATS = 5  # in each round
VARIABLE = "JWT_SECRET"
STARTS = ("inv --list", "fab --list", "inv status")
ONE_TASK = """\
from invoke import Collection, task


@task
def status(c):
    c.run({text!r}, hide=True)


ns = Collection(status)
"""


def statuses(world: World, taken: Taken) -> None:
    """Measure `status` beside the programs that it asks, run by ssh."""
    text = plain.probe(world.ours)
    for _ in range(REPEATS):
        _pair(
            taken,
            "status over SSH",
            partial(world.fab, "status"),
            partial(world.ssh, world.ours, text),
        )


def settings(world: World, taken: Taken) -> None:
    """Measure `env.set` beside `sed -i` by ssh."""
    for _ in range(REPEATS):
        value = secrets.token_hex(24)
        text = plain.set_variable(world.plain, VARIABLE, value)
        _pair(
            taken,
            "env.set over SSH",
            partial(world.fab, "env.set", VARIABLE, stdin=value),
            partial(world.ssh, world.plain, text),
        )
    # What the process has not seen yet would make the verdict on what is live unknown.
    world.fab("restart")


def starts(world: World, taken: Taken) -> None:
    """Measure commands of this machine beside those of a collection that has one plain task."""
    with _one_task(plain.probe(world.ours)) as folder:
        for _ in range(REPEATS):
            for command in STARTS:
                ours = partial(_run, world, command, CHECKOUT)
                _pair(taken, command, ours, partial(_run, world, command, folder))


def _pair(taken: Taken, name: str, ours: Callable[[], object], other: Callable[[], object]) -> None:
    taken.ours.keep(name, timed(ours)[0])
    taken.plain.keep(name, timed(other)[0])


def _run(world: World, command: str, folder: Path) -> str:
    program, argument = command.split()
    return run([PROGRAMS / program, argument], cwd=folder, env=world.box.env())


@contextmanager
def _one_task(text: str) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        for name in ("tasks.py", "fabfile.py"):
            (Path(folder) / name).write_text(ONE_TASK.format(text=text))
        yield Path(folder)
