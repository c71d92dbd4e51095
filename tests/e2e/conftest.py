"""Worlds for the tests: a sandbox for each door, with the app deployed once."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from zlib import crc32

import pytest

from sandbox import Sandbox
from tests.e2e.hooked import Hooked, hooked
from tests.e2e.world import World

DOORS = ("fab", "inv")
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each test go through one door, by turns; through the other one in the long run.

    A test that names its doors, or is marked `both_doors`, is left as it is. In make test a worker
    has all stories of a door: to deploy the app that they stand on takes longer than most of them.
    """
    for item in items:
        turn = DOORS[crc32(item.nodeid.partition("[")[0].encode()) % len(DOORS)]
        if _door_of(item) not in {None, turn}:
            item.add_marker("soak")
        if "not slow" in item.config.option.markexpr and (name := _world_of(item)):
            item.add_marker(pytest.mark.xdist_group(f"world-{name}"))


def _door_of(item: pytest.Item) -> str | None:
    """Return the door of a test that goes through both because nobody said which; else None."""
    named = any("door" in mark.args[0] for mark in item.iter_markers("parametrize"))
    if named or item.get_closest_marker("both_doors") or not isinstance(item, pytest.Function):
        return None
    return getattr(item, "callspec", None) and item.callspec.params.get("door")


def _world_of(item: pytest.Item) -> str:
    """Return the door of the world that a test stands on; empty when it stands on none."""
    fixtures = getattr(item, "fixturenames", ())
    params = getattr(item, "callspec", None) and item.callspec.params
    named = str((params or {}).get("door", "")) if "_worlds" in fixtures else ""
    return "fab" if "by_ssh" in fixtures else named


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, so that nobody builds upon what it left."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


class Worlds:
    """The worlds of one worker: one for each door, made at the first use, for all modules."""

    def __init__(self) -> None:
        self._made: dict[str, World] = {}

    def deployed(self, door: str) -> World:
        """Return the world behind this door, with a healthy app in it."""
        if door in self._made and not self._made[door].machine.health():
            self.forget(door)
        if door not in self._made:
            self._made[door] = world = World(Sandbox().start(), door)
            world.machine.write_env()
            world.run("deploy.setup")
        self._made[door].reset()
        return self._made[door]

    def forget(self, door: str) -> None:
        """End the world behind this door."""
        if door in self._made:
            world = self._made.pop(door)
            world.end()

    def end(self) -> None:
        """End them all."""
        for door in list(self._made):
            self.forget(door)


@pytest.fixture(scope="session")
def _worlds() -> Iterator[Worlds]:
    worlds = Worlds()
    yield worlds
    worlds.end()


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> str:
    """Return the program that everything is asked of, one after the other."""
    return str(request.param)


@pytest.fixture
def empty(door: str) -> Iterator[World]:
    """Yield a world of its own in which nothing was deployed yet."""
    with Sandbox() as box:
        world = World(box, door)
        yield world
        world.end()


@pytest.fixture
def world(request: pytest.FixtureRequest, door: str, _worlds: Worlds) -> Iterator[World]:
    """Yield a world whose app was deployed before; a test that fails takes it along."""
    yield _worlds.deployed(door)
    if request.node.stash.get(FAILED, False):
        _worlds.forget(door)


@pytest.fixture
def by_ssh(request: pytest.FixtureRequest, _worlds: Worlds) -> Iterator[World]:
    """Yield such a world for what only concerns SSH."""
    yield _worlds.deployed("fab")
    if request.node.stash.get(FAILED, False):
        _worlds.forget("fab")


@pytest.fixture
def github(world: World) -> Iterator[Hooked]:
    """Yield a world that GitHub knows of, in which no receiver was installed yet."""
    with hooked(world) as found:
        yield found


@pytest.fixture(scope="session")
def two() -> Iterator[World]:
    """Yield a world of two hosts without an app, `manager` and `jump`, for what concerns SSH."""
    with Sandbox() as box:
        box.add_machine("jump")
        yield World(box, "fab")
