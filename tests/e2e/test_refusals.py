"""Every way in which a connection does not come about: its own words, exit 3, nothing sent."""

from __future__ import annotations

import signal
import subprocess
from os import kill
from pathlib import Path
from typing import Any

import paramiko
import pytest

from mantodeus_ops.errors import UnreachableError
from mantodeus_ops.inventory.parse import parse_inventory
from mantodeus_ops.remote.ssh import connection
from mantodeus_ops.remote.ssh.target import resolve_target
from sandbox.openssh import free_port
from tests.e2e.refusals import CASES, key, pins, port, sshd, strange
from tests.e2e.world import World
from tests.support.ssh_agents import an_agent

pytestmark = pytest.mark.xdist_group("ssh")  # one worker makes the two hosts


@pytest.fixture
def door(two: World) -> World:
    """Return a world with a host that may be reached through a second one."""
    return two


def logins(door: World) -> int:
    """Return how often the host has let somebody in."""
    return (door.machine.sshd.folder / "sshd.log").read_text().count("Accepted publickey")


@pytest.mark.parametrize("name", CASES)
def test_a_connection_that_cannot_be_is_told_in_its_own_words(door: World, name: str):
    change, words = CASES[name]
    said = logins(door)
    before = sorted(door.machine.home.rglob("*"))
    with change(door):
        answer = door.run("status", code=3)
    assert [word for word in words if word not in answer.error] == []
    assert "Traceback" not in answer.err
    assert "canary" not in answer.err
    assert len(answer.err.strip().splitlines()) == 2
    assert answer.row["status"] == ("incompatible" if name == "old" else "unreachable")
    assert sorted(door.machine.home.rglob("*")) == before
    assert logins(door) == said


def test_a_changed_key_behind_a_gateway_and_of_the_gateway_is_refused(door: World):
    jump, said = door.box.machines["jump"].sshd.port, logins(door)
    with door.settings(gateway="jump"):
        for name, where in (("manager", port(door)), ("jump", jump)):
            with pins(door, lambda text, where=where: strange(text, where)):
                answer = door.run("status", code=3)
            assert f"the host key of {name} (" in answer.error
            assert "is not the pinned one" in answer.error
            assert answer.row["hint"] == f"fab -H {name} ssh.trust"
        with door.settings(gateway="jump", port=free_port()):
            assert "its gateway cannot connect" in door.run("status", code=3).error
    assert logins(door) == said


def way(world: World, name: str = "manager") -> Any:
    """Return the way to a host, as the inventory has it now."""
    file = world.box.inventory
    inventory = parse_inventory(file.read_text(), str(file))
    return resolve_target(inventory, inventory.hosts[name])


def test_a_host_that_takes_the_call_and_is_silent_is_not_waited_for(
    door: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connection, "DIAL_SECONDS", 0.5)
    kill(door.machine.sshd.pid(), signal.SIGSTOP)
    try:
        with pytest.raises(UnreachableError, match="it accepted the connection but sent nothing"):
            connection.PinnedConnection(way(door)).open()
    finally:
        kill(door.machine.sshd.pid(), signal.SIGCONT)


def test_a_wrong_passphrase_is_told_before_anything_is_sent(
    door: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: "canary-2")
    with (
        key(door, passphrase="canary-1"),
        pytest.raises(UnreachableError, match=r"the passphrase of .* is wrong; nothing was sent"),
    ):
        connection.PinnedConnection(way(door)).open()


def test_what_our_client_offers_and_what_an_old_server_needs(door: World):
    """Each modern name alone is enough for a server; what paramiko has no name for is there too."""
    for options in (
        {"KexAlgorithms": "curve25519-sha256"},
        {"KexAlgorithms": "diffie-hellman-group16-sha512", "Ciphers": "aes128-ctr"},
        {"MACs": "hmac-sha2-512-etm@openssh.com", "Ciphers": "aes256-ctr"},
    ):
        with sshd(door, **options):
            line = connection.PinnedConnection(way(door))
            line.open()
            line.close()
    (door.machine.sshd.folder / "sshd.log").write_text("")


def test_an_ipv6_address_is_dialled_and_pinned(door: World):
    server = door.machine.sshd
    server.stop()
    server.address = "::1"
    try:
        server.start()
        with (
            pins(door, lambda _: server.known_hosts_line()),
            door.settings(address="::1", port=server.port),
        ):
            line = connection.PinnedConnection(way(door))
            line.open()
            line.close()
        with pins(door, lambda _: ""), door.settings(address="::1", port=server.port):
            assert f"([::1]:{server.port})" in door.run("status", code=3).error
    finally:
        server.stop()
        server.address = "127.0.0.1"
        server.start()


def opens(world: World) -> bool:
    """Return whether the host lets us in, over its real sshd."""
    line = connection.PinnedConnection(way(world))
    line.open()
    line.close()
    return True


def test_a_key_that_only_the_agent_can_use_logs_in(door: World, monkeypatch: pytest.MonkeyPatch):
    public = f"{door.box.identity}.pub"
    with an_agent(monkeypatch, door.box.identity):
        for named in (public, ""):
            with door.settings(identity_file=named):
                assert opens(door)
    with door.settings(identity_file=public):
        assert "no agent holds the key" in door.run("status", code=3).error


def test_a_hashed_pin_and_one_of_a_second_kind_are_pins_too(door: World, tmp_path: Path):
    name, ed25519 = door.machine.sshd.known_hosts_line().split(" ", 1)
    with pins(door, lambda _: f"{paramiko.HostKeys.hash_host(name)} {ed25519}"):
        assert opens(door)
    argv = ["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", str(tmp_path / "rsa")]
    subprocess.run(argv, check=True)
    rsa = (tmp_path / "rsa.pub").read_text()
    with sshd(door, HostKey=str(tmp_path / "rsa")), pins(door, lambda _: f"{name} {rsa}"):
        assert opens(door)
    with pins(door, lambda _: f"{name} {rsa}"):
        assert "is not the pinned one: pinned ssh-rsa" in door.run("status", code=3).error


def test_paths_of_the_inventory_may_begin_at_home(door: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(door.box.root))
    found = way(door).with_identity("~/keys/id_ed25519")
    assert found.identity == door.box.identity
    with door.settings(known_hosts="~/inventory/known_hosts"):
        assert way(door).known_hosts == Path(door.box.known_hosts)
