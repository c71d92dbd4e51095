"""A hundred hosts over a real sshd, of which seven are dead, three slow, two with another key."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from sandbox import Sandbox
from sandbox.openssh import free_port, make_key
from tests.e2e.world import Answer, World

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("hundred")]
SLOW_SECONDS = 25
TRIES = 3  # on a machine that does other things, too, one of them finds it calm
SLOW_NODE = f'#!/bin/sh\nsleep {SLOW_SECONDS}\nPATH=${{PATH#*:}} exec node "$@"\n'
DEAD = [f"dead{number}" for number in range(7)]
SLOW = [f"slow{number}" for number in range(3)]
CHANGED = [f"changed{number}" for number in range(2)]
WELL = [f"well{number}" for number in range(88)]


@dataclass
class Hundred:
    """The hosts, as they stand in the inventory: those that are ill between those that are well."""

    world: World
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        ill = [*DEAD, *CHANGED]
        for place, name in zip((1, 3, 5), SLOW, strict=True):
            ill.insert(place, name)
        waiting = iter(ill)
        for place, name in enumerate(WELL):
            self.names += [name, *([next(waiting)] if place % 7 == 3 and place < 84 else [])]


@pytest.fixture(scope="module")
def hundred() -> Iterator[Hundred]:
    """Yield a world with all of them; two of the dead answer nothing at all, one hangs up."""
    with Sandbox() as box, ExitStack() as open_sockets:
        fleet = Hundred(World(box, "fab"))
        entry, manager = dict(box.hosts["manager"]), box.manager
        manager.sshd.again(MaxStartups="10:100:10")  # who comes too many at once is turned away
        manager.write_env()
        slow = box.root / "slow"
        slow.mkdir()
        (slow / "node").write_text(SLOW_NODE)
        (slow / "node").chmod(0o755)
        make_key(box.root / "keys" / "other", "other")
        kind, key = (box.root / "keys" / "other.pub").read_text().split()[:2]
        (box.root / "other_hosts").write_text(f"[127.0.0.1]:{manager.sshd.port} {kind} {key}\n")
        more: dict[str, dict[str, object]] = {name: {"port": free_port()} for name in DEAD}
        for name in DEAD[:2]:
            more[name] = {"port": deaf_port(open_sockets)}
        box.add_machine("second").write_env()
        more |= {name: {**box.hosts["second"], "path": [str(slow)]} for name in SLOW}
        more |= {name: {"known_hosts": str(box.root / "other_hosts")} for name in CHANGED}
        for name in fleet.names:
            box.hosts[name] = {**entry, **more.get(name, {})}
        box.write_inventory()
        yield fleet
        fleet.world.end()


def deaf_port(sockets: ExitStack) -> int:
    """Return a port at which nobody ever answers: its queue is full, as a host that is off."""
    server = sockets.enter_context(socket.socket())
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    port = int(server.getsockname()[1])
    for _ in range(4):
        waiting = sockets.enter_context(socket.socket())
        waiting.settimeout(0)
        waiting.connect_ex(("127.0.0.1", port))
    return port


def test_each_of_the_twelve_says_why_and_holds_up_nobody(hundred: Hundred):
    for _ in range(TRIES):
        own, _ = timed(hundred, SLOW, code=0)
        took, answer = timed(hundred, hundred.names, code=3)
        sys.stderr.write(f"slow ones alone {own:.1f} s, all hundred {took:.1f} s\n")
        if took <= own + 2:
            break
    assert took <= own + 2
    assert [row["host"] for row in answer.rows] == hundred.names
    reasons = {row["host"]: row["error"] for row in answer.rows if not row["ok"]}
    assert set(reasons) == {*DEAD, *CHANGED}
    assert {host for host, why in reasons.items() if "not the pinned one" in why} == set(CHANGED)
    assert all(row["error"] and row["hint"] for row in answer.rows if not row["ok"])
    seconds = {row["host"]: row["seconds"] for row in answer.rows}
    assert all(seconds[host] >= SLOW_SECONDS for host in SLOW)
    assert answer.err.strip().splitlines()[-1] == "91 of 100 succeeded"


def timed(hundred: Hundred, hosts: list[str], code: int) -> tuple[float, Answer]:
    """Return how long a task took on these hosts, the whole command, and what it answered."""
    began = time.monotonic()
    answer = hundred.world.on(",".join(hosts), "deploy.history", code=code)
    return time.monotonic() - began, answer
