"""Many hosts that are one: an sshd for each, the same account, near by or as far as a relay is."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from sandbox.openssh import Sshd, free_port

from .peers import PLACE, Fleet
from .started import started
from .world import World

FAR_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Way:
    """Hosts that are all reached in the same way, by their ports."""

    milliseconds: int  # that are added to each round trip
    ports: tuple[int, ...]

    def fleet(self, world: World, count: int) -> Fleet:
        """Return so many of the hosts, as others must be told of them."""
        box = world.box
        user = str(box.hosts["manager"]["user"])
        folder = box.root / "fleet"
        return Fleet(self.ports[:count], user, box.identity, box.known_hosts, folder, box.env())


def names(fleet: Fleet) -> str:
    """Return what `fab -H` calls these hosts."""
    return ",".join(f"port{port}" for port in fleet.ports)


@contextmanager
def ways(world: World, count: int) -> Iterator[tuple[Way, Way]]:
    """Yield so many hosts near by, and the same far away, all of them in the inventory."""
    with ExitStack() as stack:
        stack.enter_context(_for_a_while(world))
        sshds = [stack.enter_context(_sshd(world, number)) for number in range(count)]
        near = Way(0, tuple(sshd.port for sshd in sshds))
        far = Way(round(FAR_SECONDS * 1000), _free_ports(count))
        stack.enter_context(_relayed(far.ports, near.ports))
        for way in (near, far):
            _write_down(world, way.ports, sshds)
        world.box.write_inventory()
        yield near, far


@contextmanager
def _for_a_while(world: World) -> Iterator[None]:
    """Put the inventory and what it pins back as they were, at the end."""
    box, folder = world.box, world.box.root / "fleet"
    hosts, pins = dict(box.hosts), box.known_hosts.read_text()
    folder.mkdir()
    try:
        yield
    finally:
        shutil.rmtree(folder)
        box.known_hosts.write_text(pins)
        box.hosts = hosts
        box.write_inventory()


@contextmanager
def _sshd(world: World, number: int) -> Iterator[Sshd]:
    machine = world.ours
    folder = world.box.root / "fleet" / str(number)
    sshd = Sshd(folder, machine.sshd.authorized_keys, machine.env())
    try:
        sshd.start()
        yield sshd
    finally:
        sshd.stop()


def _free_ports(count: int) -> tuple[int, ...]:
    found: set[int] = set()
    while len(found) < count:
        found.add(free_port())
    return tuple(found)


@contextmanager
def _relayed(here: Sequence[int], there: Sequence[int]) -> Iterator[None]:
    pairs = [f"{near}:{far}" for near, far in zip(here, there, strict=True)]
    argv = [sys.executable, "-m", "bench.relay", str(FAR_SECONDS), *pairs]
    with started(argv, dict(os.environ), here[-1]):
        yield


def _write_down(world: World, ports: Sequence[int], sshds: Sequence[Sshd]) -> None:
    manager = world.box.hosts["manager"]
    with world.box.known_hosts.open("a") as known:
        for port, sshd in zip(ports, sshds, strict=True):
            key = sshd.known_hosts_line().partition(" ")[2]
            known.write(f"[{PLACE}]:{port} {key}")
            world.box.hosts[f"port{port}"] = manager | {"port": port}
