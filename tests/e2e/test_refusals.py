"""Every way in which a connection does not come about: its own words, exit 3, nothing sent."""

from __future__ import annotations

import base64
import secrets
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from os import kill
from pathlib import Path
from typing import Any

import paramiko
import pytest

from fabfile.host import connection
from fabfile.host.way import way_of
from fabfile.pure.errors import UnreachableError
from fabfile.pure.inventory import parse_inventory
from sandbox.openssh import free_port, make_key
from tests.e2e.world import World
from tests.host.agents import an_agent

pytestmark = pytest.mark.xdist_group("ssh")  # one worker makes the two hosts


@pytest.fixture
def door(two: World) -> World:
    """Return a world with a host that may be reached through a second one."""
    return two


@contextmanager
def pins(world: World, change: Callable[[str], str]) -> Iterator[None]:
    """Change the pinned keys for the time of the block."""
    before = world.box.known_hosts.read_text()
    world.box.known_hosts.write_text(change(before))
    try:
        yield
    finally:
        world.box.known_hosts.write_text(before)


@contextmanager
def key(world: World, mode: int = 0o600, passphrase: str = "") -> Iterator[None]:
    """Use a copy of the key that is let in, with this mode, or one with a passphrase."""
    place = world.box.root / "keys" / secrets.token_hex(4)
    shutil.copy(world.box.identity, place)
    if passphrase:
        place.unlink()
        make_key(place, "other", passphrase)
    place.chmod(mode)
    with world.settings(identity_file=str(place)):
        yield


@contextmanager
def sshd(world: World, **options: str) -> Iterator[None]:
    """Run the host's sshd with these options for the time of the block."""
    world.machine.sshd.again(**options)
    try:
        yield
    finally:
        world.machine.sshd.again()


@contextmanager
def listener(world: World, says: bytes) -> Iterator[None]:
    """Put something else in the place of the sshd: it says this, and hangs up."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def answer() -> None:
            caller, _ = server.accept()
            with closing(caller):
                caller.sendall(says)
                caller.recv(1 << 16)

        threading.Thread(target=answer, daemon=True).start()
        with world.settings(port=server.getsockname()[1]):
            yield


def strange(pins_text: str, port: int) -> str:
    """Return the pins with another key for the host at this port."""
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + secrets.token_bytes(32)
    lines = [line for line in pins_text.splitlines(keepends=True) if f"]:{port} " not in line]
    return "".join(lines) + f"[127.0.0.1]:{port} ssh-ed25519 {base64.b64encode(blob).decode()}\n"


def port(world: World) -> int:
    """Return the port of the host's sshd."""
    return world.machine.sshd.port


# A first packet as RFC 4253, section 7.1, has it, but for its names, which are no text.
NO_KEXINIT = b"\0\0\0\x2c\x08\x14" + bytes(16) + b"\0\0\0\1\xff" + bytes(22)
OLD = {"KexAlgorithms": "diffie-hellman-group14-sha1"}
CASES: dict[str, tuple[Callable[[World], Any], list[str]]] = {
    "unknown": (lambda world: pins(world, lambda _: ""), ["is not pinned in", "ssh.trust"]),
    "changed": (
        lambda world: pins(world, lambda text: strange(text, port(world))),
        ["is not the pinned one: pinned ssh-ed25519 SHA256:", "got ssh-ed25519 SHA256:"],
    ),
    "revoked": (
        lambda world: pins(
            world,
            lambda text: (
                text + f"@revoked * {world.machine.sshd.known_hosts_line().split(' ', 1)[1]}"
            ),
        ),
        ["is revoked in", "grep -n '^@revoked'"],
    ),
    "wrong user": (
        lambda world: world.settings(user="nobody-here"),
        ["of nobody-here", "does not know"],
    ),
    "passwords only": (
        lambda world: sshd(world, PubkeyAuthentication="no", PasswordAuthentication="yes"),
        ["it takes no keys, only password", "no password was sent"],
    ),
    "mode 640": (lambda world: key(world, 0o640), ["(mode 640)", "chmod 600"]),
    "mode 644": (lambda world: key(world, 0o644), ["(mode 644)", "chmod 600"]),
    "locked": (lambda world: key(world, passphrase="canary-1"), ["has a passphrase", "ssh-add"]),
    "closed": (lambda world: world.settings(port=free_port()), ["nothing listens at this port"]),
    "no name": (lambda world: world.settings(address="no.such.invalid"), ["not known to DNS"]),
    "garbage": (
        lambda world: listener(world, b"HTTP/1.0 400 \x1b[31mNo\r\n" * 200),
        ['what answers is no SSH server: "HTTP/1.0 400'],
    ),
    "binary": (lambda world: listener(world, b"\xff\xfe\0" * 999 + b"\n"), ["no SSH server"]),
    "broken": (
        lambda world: listener(world, b"SSH-2.0-x\r\n" + NO_KEXINIT),
        ["what answers breaks the rules of SSH"],
    ),
    "hangs up": (lambda world: listener(world, b""), ["it hung up"]),
    "old": (
        lambda world: sshd(world, **OLD),
        ["answers, but offers no key exchange", "group14-sha1)"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_connection_that_cannot_be_is_told_in_its_own_words(door: World, name: str):
    change, words = CASES[name]
    before = sorted(door.machine.home.rglob("*"))
    with change(door):
        answer = door.run("status", code=3)
    assert [word for word in words if word not in answer.error] == []
    assert "Traceback" not in answer.err
    assert "canary" not in answer.err
    assert len(answer.err.strip().splitlines()) == 2
    assert answer.row["status"] == ("incompatible" if name == "old" else "unreachable")
    assert sorted(door.machine.home.rglob("*")) == before
    log = (door.machine.sshd.folder / "sshd.log").read_text()
    assert "Accepted" not in log


def test_a_changed_key_behind_a_gateway_and_of_the_gateway_is_refused(door: World):
    jump = door.box.machines["jump"].sshd.port
    with door.settings(gateway="jump"):
        for name, where in (("manager", port(door)), ("jump", jump)):
            with pins(door, lambda text, where=where: strange(text, where)):
                answer = door.run("status", code=3)
            assert f"the host key of {name} (" in answer.error
            assert "is not the pinned one" in answer.error
            assert answer.row["hint"] == f"fab -H {name} ssh.trust"
        with door.settings(gateway="jump", port=free_port()):
            assert "its gateway cannot get through" in door.run("status", code=3).error
    assert "Accepted" not in (door.machine.sshd.folder / "sshd.log").read_text()


def way(world: World, name: str = "manager") -> Any:
    """Return the way to a host, as the inventory has it now."""
    file = world.box.inventory
    inventory = parse_inventory(file.read_text(), str(file))
    return way_of(inventory, inventory.hosts[name])


def test_a_host_that_takes_the_call_and_is_silent_is_not_waited_for(
    door: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connection, "DIAL_SECONDS", 0.5)
    kill(door.machine.sshd.pid(), signal.SIGSTOP)
    try:
        with pytest.raises(UnreachableError, match="it took the call and said nothing"):
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
        pytest.raises(UnreachableError, match=r"the passphrase does not open .*; nothing was sent"),
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
