"""What is unsafe around the keys of both sides is found, over a real sshd, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.openssh import make_key
from tests.e2e.test_keys import keys_kept
from tests.e2e.test_refusals import sshd
from tests.e2e.world import World

pytestmark = pytest.mark.xdist_group("ssh")


@contextmanager
def mode(path: Path, bits: int) -> Iterator[None]:
    """Give a file or folder this mode for the time of the block."""
    before = path.stat().st_mode
    path.chmod(bits)
    try:
        yield
    finally:
        path.chmod(before)


def findings(world: World, code: int) -> dict[str, str]:
    """Return what the audit finds, by its text: fail or warning."""
    row = world.run("ssh.audit", code=code).row
    assert all(one["hint"] for one in row["findings"])
    assert code == 0 or row["hint"] in {one["hint"] for one in row["findings"]}
    return {one["text"]: one["level"] for one in row["findings"]}


def test_a_host_as_it_should_be_ends_with_0(two: World):
    found = findings(two, 0)
    assert set(found.values()) == {"warning"}
    assert [text for text in found if "has no passphrase" in text]
    assert [text for text in found if "MAC hmac-sha1" in text]
    row = two.run("ssh.audit").row
    assert row["methods"] == ["publickey"]
    assert [one["known"] for one in row["authorized_keys"]] == [True]
    text = two.box.fab("-H", "manager", "ssh.audit").stdout
    assert row["authorized_keys"][0]["fingerprint"] in text
    assert two.box.inv("ssh.audit").returncode == 2


CASES: dict[str, tuple[Callable[[World], Any], str]] = {
    "password": (lambda world: sshd(world, PasswordAuthentication="yes"), "with a password"),
    "dialog": (lambda world: sshd(world, KbdInteractiveAuthentication="yes"), "in a dialog"),
    "broken": (lambda world: sshd(world, Ciphers="aes128-ctr,aes128-cbc"), "cipher aes128-cbc"),
    "home": (lambda world: mode(world.machine.home, 0o775), "home on the host (mode 775)"),
    "keys": (
        lambda world: mode(world.machine.sshd.authorized_keys, 0o666),
        "authorized_keys on the host (mode 666)",
    ),
    "ours": (
        lambda world: mode(world.box.inventory.parent, 0o775),
        "inventory on this machine (mode 775)",
    ),
    "PM2": (lambda world: mode(world.machine.pm2_home, 0o755), "PM2's home"),
    "pins": (lambda world: mode(world.box.known_hosts, 0o664), "known_hosts on this machine"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_unsafe_ends_with_7_and_says_what_to_do(two: World, name: str):
    change, words = CASES[name]
    with change(two):
        found = findings(two, 7)
    assert [text for text, level in found.items() if words in text and level == "fail"], found


def test_a_key_that_nobody_knows_is_named_until_its_public_half_is_kept(two: World):
    place = two.box.root / "stranger"
    make_key(place, "stranger@elsewhere")
    public = Path(f"{place}.pub").read_text()
    with keys_kept(two) as authorized:
        authorized.write_text(f"{authorized.read_text()}restrict {public}")
        found = findings(two, 7)
        (told,) = [text for text, level in found.items() if level == "fail"]
        assert told.startswith("authorized_keys line 2: ssh-ed25519 SHA256:")
        assert "stranger@elsewhere is an unknown key" in told
        kept = two.box.inventory.parent / "stranger.pub"
        kept.write_text(public)
        try:
            assert findings(two, 0)
        finally:
            kept.unlink()
