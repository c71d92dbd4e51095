"""All faults in their order, each in a sandbox that is used again as long as it is whole."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from subprocess import TimeoutExpired

from tests.faults import clocks, limits
from tests.faults.clocks import CLOCKS, clock, stepping
from tests.faults.faults import TREE, Strike, Tried, tried
from tests.faults.hostile import LOGINS, login
from tests.faults.lines import on_the_line
from tests.faults.operations import OPERATIONS
from tests.faults.operators import beside, crowd, race
from tests.faults.place import Place
from tests.faults.points import Point, at_point
from tests.faults.rotation import Ring
from tests.faults.wrappers import PROGRAMS, WAYS, wrapped

# How long each operation takes about, so that a random time falls into it.
LASTS = {
    "deploy": 8.0,
    "rollback": 3.0,
    "restart": 3.0,
    "env.set": 2.0,
    "env.set --restart": 4.0,
    "backup": 1.5,
}
LINES_EACH = 100  # of each operation, of each way in which a line fails
STRIDE = 37  # from the first point of a round to that of the next
# No two runs have the same points, so only some runs without this point are the end of them.
TURNS = 3
RACES, HEATS = 10_000, 25
PAUSES = (0.0, 0.5, 1.5)  # seconds from one task to the other beside it
CROWDS = (2, 3, 4, 6, 8, 12, 16)


Known = set[tuple[str, str, str, str]]


@dataclass(slots=True)
class Ground:
    """The place where faults happen, made anew when one was not survived."""

    known: Known  # kind, operation, point and code of each that the record has
    made: Place | None = None
    ring: Ring | None = None

    def place(self) -> Place:
        """Return a place that is whole."""
        self.made = self.made or Place()
        return self.made

    def has(self, kind: str, operation: str, point: str) -> bool:
        """Return whether the record has this fault, on the code of now."""
        return (kind, operation, point, TREE) in self.known

    def tried(self, kind: str, operation: str, point: str, strike: Strike) -> Iterator[Tried]:
        """Bring a fault about that the record does not have; yield what came of it."""
        if not self.has(kind, operation, point):
            yield self._tried(kind, operation, point, strike)

    def struck(self, kind: str, operation: str, point: Point) -> Tried:
        """Bring about what strikes at a point of an operation; return what came of it."""
        number = str(point.number)
        if operation != "ssh.rotate":
            return self._tried(kind, operation, number, at_point(point))
        ring = self.ring = self.ring or Ring()
        return self._kept((kind, operation, number), lambda: ring.tried(kind, point))

    def _tried(self, kind: str, operation: str, point: str, strike: Strike) -> Tried:
        place = self.place()
        about = (kind, operation, point)
        return self._kept(about, lambda: tried(place, *about, strike))

    def _kept(self, about: tuple[str, str, str], once: Callable[[], Tried]) -> Tried:
        """Return what came of a fault; what it was tried in is kept when it was survived."""
        try:
            done = once()
        except (TimeoutExpired, AssertionError, OSError) as error:
            done = Tried(*about, struck=True, survived=False, seconds=0.0, again="")
            done = replace(done, wrong=(repr(error)[-900:],))
        except BaseException:
            self.end()
            raise
        if not done.survived:
            self.end()
        return done

    def end(self) -> None:
        """End the place, and the host for rotations."""
        for made in (self.made, self.ring):
            if made:
                made.end()
        self.made = self.ring = None


Kind = Callable[[Ground, str, Namespace], Iterator[Tried]]


def struck(name: str, how: str, *, lasting: bool = False) -> Kind:
    """Return the kind of fault that strikes like this at every point."""

    def kind(ground: Ground, operation: str, asked: Namespace) -> Iterator[Tried]:
        def once(number: int) -> Tried:
            return ground.struck(name, operation, Point(number, how, asked.match, lasting))

        for number in count(asked.first, asked.every):
            if ground.has(name, operation, str(number)):
                continue
            done = list(_until_struck(once, number))
            yield from done
            if not done[-1].struck:
                return

    return kind


def _until_struck(once: Callable[[int], Tried], number: int) -> Iterator[Tried]:
    for _ in range(TURNS):
        done = once(number)
        yield done
        if done.struck:
            return


def line(name: str, how: str) -> Kind:
    """Return the kind of fault that befalls the line, or the client, at a random time."""

    def kind(ground: Ground, operation: str, asked: Namespace) -> Iterator[Tried]:
        for turn in range(asked.first, LINES_EACH + 1, asked.every) if operation in LASTS else ():
            seed = asked.seed + turn
            strike = on_the_line(how, seed, LASTS[operation])
            yield from ground.tried(name, operation, f"seed {seed}", strike)

    return kind


def each(name: str, strikes: Callable[[], Iterator[tuple[str, Strike]]]) -> Kind:
    """Return the kind of which there is one fault for each of these strikes."""

    def kind(ground: Ground, operation: str, asked: Namespace) -> Iterator[Tried]:
        every = list(strikes())[asked.first - 1 :: asked.every] if operation in LASTS else []
        for point, strike in every:
            yield from ground.tried(name, operation, point, strike)

    return kind


def _wrapped() -> Iterator[tuple[str, Strike]]:
    for program in PROGRAMS:
        for way in WAYS:
            for call in (1, 2, 3):
                yield f"{program} {way}, call {call}", wrapped(program, way, call)


def _beside() -> Iterator[tuple[str, Strike]]:
    for other in LASTS:
        for pause in PAUSES:
            yield f"{other} {pause} s later", beside(other, pause)


def _stepping() -> Iterator[tuple[str, Strike]]:
    for name in clocks.STEPS:
        for moment in clocks.MOMENTS:
            yield f"{name}, after {moment} s", stepping(name, moment)


def _limits() -> Iterator[tuple[str, Strike]]:
    for name in limits.LIMITS:
        for moment in limits.MOMENTS:
            yield f"{name}, after {moment} s", limits.limit(name, moment)


def _crowds() -> Iterator[tuple[str, Strike]]:
    for people in CROWDS:
        for wait in (False, True):
            yield f"{people} at once{', waiting' if wait else ''}", crowd(people, wait=wait)


def races(ground: Ground, operation: str, asked: Namespace) -> Iterator[Tried]:
    """Let eight processes take and give back the lock, all at once, in heats."""
    if operation == "backup":  # once: no operation is needed for it
        for heat in range(asked.first, HEATS + 1, asked.every):
            yield race(ground.place(), heat, RACES // HEATS)


KINDS: dict[str, Kind] = {
    "kill": struck("kill of everything", "kill"),
    "one": struck("kill of one process", "one"),
    "host": struck("kill of the host's side", "host"),
    "full": struck("disk full from here on", "ENOSPC", lasting=True),
    "quota": struck("quota used up from here on", "EDQUOT", lasting=True),
    "error": struck("one disk error", "EIO"),
    "cut": line("line cut", "cut"),
    "cuts": line("line cut again and again", "cuts"),
    "silent": line("line silent", "silent"),
    "client": line("client killed", "client"),
    "gone": line("client gone without a word", "gone"),
    "asleep": line("client asleep", "asleep"),
    "wrapper": each("program that misbehaves", _wrapped),
    "login": each("hostile login", lambda: ((name, login(name)) for name in LOGINS)),
    "clock": each("clock", lambda: ((name, clock(name)) for name in CLOCKS)),
    "step": each("clock that steps", _stepping),
    "limits": each("limit", _limits),
    "beside": each("task beside task", _beside),
    "crowd": each("many people", _crowds),
    "race": races,
}


def _round(ground: Ground, asked: Namespace) -> Iterator[Tried]:
    for kind in asked.only:
        for operation in asked.operation or [*OPERATIONS, "ssh.rotate"]:
            yield from KINDS[kind](ground, operation, asked)


def soak(asked: Namespace, known: Known, until: float) -> Iterator[Tried]:
    """Yield what came of each fault that is not known, until the time is over."""
    ground = Ground(known)
    try:
        for turn in range(asked.rounds):
            first = 1 + (asked.first - 1 + turn * STRIDE) % asked.every if turn else asked.first
            for one in _round(ground, Namespace(**vars(asked) | {"first": first})):
                yield one
                if time.monotonic() > until:
                    return
    finally:
        ground.end()
