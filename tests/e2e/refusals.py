"""What makes a connection impossible, and the words in which that is told."""

from __future__ import annotations

import base64
import secrets
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from sandbox.openssh import free_port, make_key
from tests.e2e.world import World


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
        ["of nobody-here", "not authorized"],
    ),
    "passwords only": (
        lambda world: sshd(world, PubkeyAuthentication="no", PasswordAuthentication="yes"),
        ["it accepts no keys, only password", "no password was sent"],
    ),
    "mode 640": (lambda world: key(world, 0o640), ["(mode 640)", "chmod 600"]),
    "mode 644": (lambda world: key(world, 0o644), ["(mode 644)", "chmod 600"]),
    "locked": (lambda world: key(world, passphrase="canary-1"), ["is encrypted", "ssh-add"]),
    "closed": (lambda world: world.settings(port=free_port()), ["nothing listens at this port"]),
    "no name": (lambda world: world.settings(address="no.such.invalid"), ["unknown to DNS"]),
    "garbage": (
        lambda world: listener(world, b"HTTP/1.0 400 \x1b[31mNo\r\n" * 200),
        ['the service is no SSH server: "HTTP/1.0 400'],
    ),
    "binary": (lambda world: listener(world, b"\xff\xfe\0" * 999 + b"\n"), ["no SSH server"]),
    "broken": (
        lambda world: listener(world, b"SSH-2.0-x\r\n" + NO_KEXINIT),
        ["the server violates the SSH protocol"],
    ),
    "hangs up": (lambda world: listener(world, b""), ["it closed the connection"]),
    "old": (
        lambda world: sshd(world, **OLD),
        ["answers, but offers no safe key exchange", "group14-sha1)"],
    ),
}
