"""One fault of every kind, each at its own point; `make soak` goes through all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.clocks import clock, stepping
from tests.faults.faults import Strike, tried
from tests.faults.hostile import login
from tests.faults.kernel import can_trace
from tests.faults.limits import limit
from tests.faults.lines import on_the_line
from tests.faults.operators import crowd
from tests.faults.place import Place
from tests.faults.points import Point, at_point
from tests.faults.wrappers import wrapped

pytestmark = [
    pytest.mark.xdist_group("faults"),
    pytest.mark.skipif(not can_trace(), reason="calls are only known on Linux, x86-64"),
]

LIVE = "site/(dist|node_modules|package-lock.json|.env)$"
NO_ROOM = Point(1, "ENOSPC", "node write .*partial/", lasting=True)
SAMPLE: dict[str, tuple[str, Strike]] = {
    "a swap is killed": ("deploy", at_point(Point(1, match="node rename .*site/dist$"))),
    "one process is killed": (
        "rollback",
        at_point(Point(1, "one", f"node (rename|link) .*{LIVE}")),
    ),
    "the host dies": ("env.set --restart", at_point(Point(1, "host", "node write .*live.json"))),
    "a disk is full": ("backup", at_point(NO_ROOM)),
    "a disk has an error": ("env.set", at_point(Point(1, "EIO", "node fsync .*deploy/env/"))),
    "a line is cut": ("restart", on_the_line("cut", 3, 0.8)),
    "a line is silent": ("backup", on_the_line("silent for a moment", 4, 0.3)),
    "a client is killed": ("backup", on_the_line("client", 5, 0.3)),
    "git prints noise": ("restart", wrapped("git", "prints noise", 1)),
    "a login prints noise": ("backup", login("noise on stdout")),
    "a clock goes back": ("backup", clock("ten years back")),
    "a clock steps": ("restart", stepping("an hour back and forth", 0.5)),
    "no memory is left": ("backup", limit("memory", 0.3)),
    "people meet": ("backup", crowd(3, wait=False)),
}


@pytest.fixture(scope="module")
def places() -> Iterator[list[Place]]:
    """Yield where the place is kept, for as long as every fault was survived."""
    made: list[Place] = []
    yield made
    for place in made:
        place.end()


# Where a kill strikes is the same for all three; the whole of them is in the soak.
LATER = {"one process is killed", "the host dies"}
NAMES = [pytest.param(one, marks=pytest.mark.soak if one in LATER else ()) for one in SAMPLE]


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_is_survived_and_recovered_by_the_next_command(places: list[Place], name: str):
    operation, strike = SAMPLE[name]
    place = places.pop() if places else Place()
    places.append(place)
    done = tried(place, name, operation, "", strike)
    if not done.survived:
        places.pop().end()
    assert done.wrong == (), "\n".join(done.wrong)
    assert done.struck
