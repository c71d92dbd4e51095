"""Steps that stop in their middle until a test lets them go on."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.e2e.watched import Watched
from tests.e2e.world import World
from tests.support.pm2_reloads import others_reload

WAIT = "touch {there}; while [ -e {closed} ]; do sleep 0.05; done"
# Which program a step stands in, and how to tell its call from others.
STEPS = {
    "fetch": ("git", '[[ " $* " == *" fetch "* ]]'),
    "install": ("npm", "[[ $1 == ci ]]"),
    "build": ("npm", "[[ $1 == run ]]"),
    "backup": ("node", "[[ $1 == */jobs/*-backup-*/main.cjs ]]"),
    "checkout": ("git", '[[ " $* " == *" checkout "* ]]'),
    "reload": ("pm2", "[[ $1 == reload || $1 == start ]]"),
}


class Gate:
    """A door in the middle of one step."""

    def __init__(self, folder: Path) -> None:
        self.there = folder / "there"
        self.closed = folder / "closed"
        self.closed.touch()

    def open(self) -> None:
        """Let the step go on, and let it through from now on."""
        self.closed.unlink(missing_ok=True)

    def reached(self, by: Watched, timeout: float = 60) -> None:
        """Return when the step of this command stands at the gate."""
        deadline = time.monotonic() + timeout
        while not self.there.exists():
            assert by.process.poll() is None, f"{self.there.parent.name}: ended before\n{by.said}"
            assert time.monotonic() < deadline, f"{self.there.parent.name}: never came\n{by.said}"
            time.sleep(0.02)


class Gates:
    """One gate in each of several steps."""

    def __init__(self, world: World, folder: Path, steps: tuple[str, ...]) -> None:
        self._gates = {}
        for step in steps:
            place = folder / step
            place.mkdir(parents=True)
            self._gates[step] = Gate(place)
        del world

    def __getitem__(self, step: str) -> Gate:
        return self._gates[step]

    def script(self, program: str) -> str:
        """Return the text that stands before a program of the host."""
        lines = [
            f"if {test}; then {WAIT.format(there=gate.there, closed=gate.closed)}; fi"
            for step, gate in self._gates.items()
            for name, test in [STEPS[step]]
            if name == program
        ]
        return "\n".join([*lines, 'exec "$REAL" "$@"'])


@contextmanager
def gates(world: World, *steps: str) -> Iterator[Gates]:
    """Close these steps for the time of the block."""
    folder = world.box.root / f"gates-{secrets.token_hex(3)}"
    made = Gates(world, folder, steps)
    programs = {STEPS[step][0] for step in steps}
    try:
        with ExitStack() as stack:
            if "reload" in steps:
                stack.enter_context(others_reload(world.box.root, world.machine.pm2_home))
            shims = {program: made.script(program) for program in programs}
            stack.enter_context(world.shims(**shims))
            yield made
    finally:
        for step in steps:
            made[step].open()
