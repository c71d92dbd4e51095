"""A host behind a gateway: both keys are pinned, or nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from tests.e2e.world import World


@pytest.fixture(scope="module")
def behind() -> Iterator[World]:
    """Yield a world whose host is reached through another one."""
    with Sandbox() as box:
        world = World(box, "fab")
        box.add_machine("jump")
        box.hosts["manager"]["gateway"] = "jump"
        box.write_inventory()
        world.machine.write_env()
        yield world
        world.end()


def _without_pin(pins: str, port: int) -> str:
    return "".join(line for line in pins.splitlines(keepends=True) if f"]:{port} " not in line)


def test_a_host_behind_a_gateway_is_deployed_to(behind: World):
    behind.run("deploy.setup")
    assert behind.serves(behind.box.origin.revision())


@pytest.mark.parametrize("name", ["jump", "manager"])
def test_a_key_that_nobody_pinned_is_refused_at_both_ends_of_the_way(behind: World, name: str):
    pins = behind.box.known_hosts.read_text()
    port = behind.box.machines[name].sshd.port
    behind.box.known_hosts.write_text(_without_pin(pins, port))
    try:
        row = behind.run("status", code=3).row
    finally:
        behind.box.known_hosts.write_text(pins)
    assert f"the host key of {name}" in row["error"]
    assert "not pinned" in row["error"]


def test_a_gateway_that_is_away_is_told_by_its_own_name(behind: World):
    behind.box.machines["jump"].sshd.stop()
    try:
        row = behind.run("status", code=3).row
    finally:
        behind.box.machines["jump"].sshd.start()
    assert row["error"].startswith("jump (")
