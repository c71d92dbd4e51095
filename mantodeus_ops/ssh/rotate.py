"""Replaces a key: the new one is proven before the old one goes, on every host that shares it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mantodeus_ops.errors import IdentityError, LoginRefusedError, StepFailedError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.connect import accepts_key, connect_as, ssh_target
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.remote.ssh.identity import load_identity
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.results import TaskResult
from mantodeus_ops.ssh import authorized_keys_file, key_files
from mantodeus_ops.ssh.authorized_keys import Entry, with_key, without_key
from mantodeus_ops.ssh.key_slots import KeySlots
from mantodeus_ops.ssh.keys import key_comment, key_data, passphrase, private_key
from mantodeus_ops.transaction.confirm import confirm
from mantodeus_ops.transaction.steps import Steps

_TURNED: set[str] = set()  # a key that several hosts share is replaced once in a run


def rotate(host: Host, *, comment: str = "", no_passphrase: bool = False) -> TaskResult:
    """Replace the host's key on all hosts that share it; finish first what a cut has left.

    Until the new key is proven at every host, nothing is taken away; then it takes the place, and
    only then does the old one go. Raise UnreachableError, StepFailedError; what was done stays, and
    the next run goes on there.
    """
    ring = KeySlots(Path(os.path.realpath(private_key(host))))
    with ring.exclusive():
        return _rotated(host, ring, comment, no_passphrase=no_passphrase)


def _rotated(host: Host, ring: KeySlots, comment: str, *, no_passphrase: bool) -> TaskResult:
    if str(ring.private) in _TURNED:
        return TaskResult(
            "unchanged", key_data(ring.private, key_files.read_public_key(ring.private))
        )
    if not key_files.exists(ring.private):
        raise IdentityError(f"there is no key yet: {ring.private}", "ssh.keygen")
    ways = ssh_target(host).sharing()
    if host.dry_run:
        return _told(host, ring, ways)
    _agree(host, ways)
    # Passphrases are asked for now: no question comes in the middle of a step.
    for private in filter(key_files.exists, (ring.private, ring.new, ring.old)):
        load_identity(ways[0].with_identity(str(private)))
    steps = Steps(host)
    if not ring.is_promoted():
        new = _made(host, steps, ring, comment, no_passphrase=no_passphrase)
        for each in ways:
            _admit(host, steps, each, ring, new)
        with steps.step("turn"):
            ring.promote()
    ring.write_public_key()
    return _finished(host, steps, ring, ways)


def _agree(host: Host, ways: tuple[SshTarget, ...]) -> None:
    others = ", ".join(each.spec.name for each in ways[1:])
    if others:
        confirm(host, f"This key is also that of {others}: replace it there too?")


def _made(host: Host, steps: Steps, ring: KeySlots, comment: str, *, no_passphrase: bool) -> Entry:
    """Return the new key, made now or by a run that was cut off."""
    words = comment or key_files.read_public_key(ring.private).comment
    if ring.is_begun():
        host.info(f"going on with the new key of a run that was cut off: {ring.new}")
        if not key_files.public_key_path(ring.new).exists():
            key_files.write_public_key(ring.new, words)
        return key_files.read_public_key(ring.new)
    phrase = passphrase(host, ring.new, no_passphrase=no_passphrase)
    with steps.step("make"):
        key_files.public_key_path(ring.new).unlink(missing_ok=True)
        return key_files.generate(ring.new, phrase, key_comment(words))


def _admit(host: Host, steps: Steps, way: SshTarget, ring: KeySlots, new: Entry) -> None:
    """Let the new key in beside the old one, and prove a login with it alone."""
    old, name = key_files.read_public_key(ring.private).blob, way.spec.name
    with steps.step(f"admit {name}"), _by_either(host, way, ring) as inside:
        authorized_keys_file.change(inside, lambda text: with_key(text, new, like=old))
    with steps.step(f"prove {name}"):
        if not accepts_key(way.with_identity(str(ring.new))):
            message = f"{way.label} refuses the new key; the old one is still let in"
            raise StepFailedError(message, "ssh.audit")


@contextmanager
def _by_either(host: Host, way: SshTarget, ring: KeySlots) -> Iterator[Host]:
    """Yield the host with the present key, or with the new one where only that is let in."""
    present = accepts_key(way)
    with connect_as(host, way if present else way.with_identity(str(ring.new))) as inside:
        yield inside


def _finished(host: Host, steps: Steps, ring: KeySlots, ways: tuple[SshTarget, ...]) -> TaskResult:
    """Take the old key away everywhere, now that the new one is in its place; prove both."""
    old = ring.old_blob()
    for way in ways:
        _dismiss(host, steps, way, ring, old)
    ring.delete_old()
    _TURNED.add(str(ring.private))
    data: JsonObject = key_data(ring.private, key_files.read_public_key(ring.private))
    hosts = [way.spec.name for way in ways]
    return TaskResult("success", data | {"hosts": hosts, "steps": steps.done})


def _dismiss(host: Host, steps: Steps, way: SshTarget, ring: KeySlots, old: bytes) -> None:
    """Take the old key out; prove that it is refused, and that the new one is not."""
    name = way.spec.name
    with steps.step(f"dismiss {name}"), connect_as(host, way) as inside:
        authorized_keys_file.change(inside, lambda text: without_key(text, old))
    with steps.step(f"refuse {name}"):
        if accepts_key(way.with_identity(str(ring.old))):
            message = f"{way.label} still lets the old key in: another file there names it too"
            raise StepFailedError(message, "ssh.audit")
        if not accepts_key(way):
            message = f"{way.label} refuses the new key, which it let in a moment ago"
            raise LoginRefusedError(message, "ssh.rotate  # again")


def _told(host: Host, ring: KeySlots, ways: tuple[SshTarget, ...]) -> TaskResult:
    """Tell what would be done, from where a run that was cut off has left it."""
    if not ring.is_promoted():
        if not ring.is_begun():
            host.preview(Command(("ssh-keygen", "-t", "ed25519", "-f", str(ring.new))))
        for way in ways:
            host.preview(Command(("authorize", way.spec.name, f"{ring.new}.pub")))
        host.preview(Command(("ln", str(ring.private), str(ring.old))))
        host.preview(Command(("mv", str(ring.new), str(ring.private))))
    for way in ways:
        host.preview(Command(("dismiss", way.spec.name, str(ring.old))))
    host.preview(Command(("rm", str(ring.old))))
    return TaskResult("success", {"hosts": [way.spec.name for way in ways]})
