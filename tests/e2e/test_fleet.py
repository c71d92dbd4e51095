"""Several hosts over SSH: one that is away is a row; one that shows a strange key gets nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from tests.e2e.world import World

pytestmark = pytest.mark.xdist_group("fleet")  # one worker makes the three hosts


@pytest.fixture(scope="module")
def three() -> Iterator[World]:
    """Yield a world with three hosts, of which the second is dead."""
    with Sandbox() as box:
        world = World(box, "fab")
        box.add_dead_host("dead")
        box.add_machine("second")
        for machine in box.machines.values():
            machine.write_env()
        yield world
        world.end()


@pytest.mark.quick
def test_a_dead_host_is_a_row_and_does_not_stop_the_others(three: World):
    with three.box.inventory.open("a") as inventory:
        inventory.write('\n[groups.web]\nhosts = ["manager", "dead", "second"]\n')
    answer = three.on("web", "deploy.setup", code=3)
    told = [(row["host"], row["status"], row["exit_code"]) for row in answer.rows]
    assert told == [("manager", "success", 0), ("dead", "unreachable", 3), ("second", "success", 0)]
    assert answer.err.strip().splitlines()[-1] == "2 of 3 succeeded"
    first = three.box.origin.revision()
    assert [machine.page() for machine in three.box.machines.values()] == [first, first]
    both = three.on("manager,second", "deploy", "--batch", "100%")
    assert [row["status"] for row in both.rows] == ["unchanged", "unchanged"]
    table = three.box.fab("-H", "manager,dead,second", "status")
    assert table.returncode == 3
    assert table.stdout.strip().splitlines()[-1] == "2 of 3 succeeded"
    asked = three.on("web@failed", "deploy.history", code=3)
    assert [(row["host"], row["status"]) for row in asked.rows] == [("dead", "unreachable")]


def test_a_variable_is_asked_for_once_and_hosts_are_compared_without_a_value(three: World):
    set_it = three.box.fab("-H", "manager,second", "env.set", "SHARED", stdin="one for both")
    assert set_it.returncode == 0, set_it.stderr
    files = [machine.project_dir / ".env" for machine in three.box.machines.values()]
    assert [file.read_text().splitlines()[-1] for file in files] == ["SHARED='one for both'"] * 2
    rows = three.on("manager,second", "env.diff").rows
    differs = {one["name"]: one["hosts"] for one in rows[0]["between_hosts"]}
    apart = {"manager": "A", "second": "B"}
    assert differs == {"DATABASE_URL": apart, "JWT_SECRET": apart, "PORT": apart}
    table = three.box.fab("-H", "manager,second", "env.diff").stdout
    assert "JWT_SECRET" in table
    assert not [value for value in three.secret_values() if value in table]
    assert three.on("manager,second", "env.unset", "SHARED").code == 0


def test_a_host_with_another_key_than_the_pinned_one_gets_nothing(three: World):
    pins = three.box.known_hosts.read_text()
    before = sorted(three.project.rglob("*")), three.machine.sshd.sessions()
    kind, key = three.box.identity.with_suffix(".pub").read_text().split()[:2]
    port = three.machine.sshd.port
    three.box.known_hosts.write_text(f"[127.0.0.1]:{port} {kind} {key}\n")
    try:
        row = three.run("deploy", code=3).row
    finally:
        three.box.known_hosts.write_text(pins)
    assert "not the pinned one" in row["error"]
    assert (sorted(three.project.rglob("*")), three.machine.sshd.sessions()) == before


def test_a_host_that_nobody_pinned_gets_nothing(three: World):
    pins = three.box.known_hosts.read_text()
    three.box.known_hosts.write_text("")
    try:
        row = three.run("status", code=3).row
    finally:
        three.box.known_hosts.write_text(pins)
    assert "not pinned" in row["error"]
    assert row["hint"] == "fab -H manager ssh.trust"
