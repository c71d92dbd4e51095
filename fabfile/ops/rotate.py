"""Replaces a key: the new one is proven before the old one goes, on every host that shares it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..host import keyfiles
from ..host.door import Host
from ..host.factory import entered, is_let_in
from ..host.identity import load_identity
from ..host.ring import Ring
from ..host.way import Way, way_to
from ..pure.authorized import Entry, with_key, without_key
from ..pure.errors import IdentityError, LoginRefusedError, StepFailedError
from ..pure.outcome import Report
from ..pure.shell import Command
from . import authorized
from .confirm import confirm
from .keys import key_data, named, passphrase, private_key
from .steps import Steps

_TURNED: set[str] = set()  # a key that several hosts share is replaced once in a run


def rotate(host: Host, *, comment: str = "", no_passphrase: bool = False) -> Report:
    """Replace the host's key on all hosts that share it; finish first what a cut has left.

    Until the new key is proven at every host, nothing is taken away; then it takes the place, and
    only then does the old one go. Raise UnreachableError, StepFailedError; what was done stays, and
    the next run goes on there.
    """
    ring = Ring(Path(os.path.realpath(private_key(host))))
    with ring.held():
        return _rotated(host, ring, comment, no_passphrase=no_passphrase)


def _rotated(host: Host, ring: Ring, comment: str, *, no_passphrase: bool) -> Report:
    if str(ring.private) in _TURNED:
        return Report("unchanged", key_data(ring.private, keyfiles.half(ring.private)))
    if not keyfiles.exists(ring.private):
        raise IdentityError(f"there is no key yet: {ring.private}", "ssh.keygen")
    ways = way_to(host).sharing()
    if host.dry_run:
        return _told(host, ring, ways)
    _agree(host, ways)
    # Passphrases are asked for now: no question comes in the middle of a step.
    for private in filter(keyfiles.exists, (ring.private, ring.new, ring.old)):
        load_identity(ways[0].with_identity(str(private)))
    steps = Steps(host)
    if not ring.is_turned():
        new = _made(host, steps, ring, comment, no_passphrase=no_passphrase)
        for each in ways:
            _admit(host, steps, each, ring, new)
        with steps.step("turn"):
            ring.turn()
    ring.settle()
    return _finished(host, steps, ring, ways)


def _agree(host: Host, ways: tuple[Way, ...]) -> None:
    others = ", ".join(each.spec.name for each in ways[1:])
    if others:
        confirm(host, f"This key is also that of {others}: replace it there too?")


def _made(host: Host, steps: Steps, ring: Ring, comment: str, *, no_passphrase: bool) -> Entry:
    """Return the new key, made now or by a run that was cut off."""
    words = comment or keyfiles.half(ring.private).comment
    if ring.is_begun():
        host.note(f"going on with the new key of a run that was cut off: {ring.new}")
        if not keyfiles.public_of(ring.new).exists():
            keyfiles.write_half(ring.new, words)
        return keyfiles.half(ring.new)
    phrase = passphrase(host, ring.new, no_passphrase=no_passphrase)
    with steps.step("make"):
        keyfiles.public_of(ring.new).unlink(missing_ok=True)
        return keyfiles.make(ring.new, phrase, named(words))


def _admit(host: Host, steps: Steps, way: Way, ring: Ring, new: Entry) -> None:
    """Let the new key in beside the old one, and prove a login with it alone."""
    old, name = keyfiles.half(ring.private).blob, way.spec.name
    with steps.step(f"admit {name}"), _by_either(host, way, ring) as inside:
        authorized.change(inside, lambda text: with_key(text, new, like=old))
    with steps.step(f"prove {name}"):
        if not is_let_in(way.with_identity(str(ring.new))):
            message = f"{way.label} refuses the new key; the old one is still let in"
            raise StepFailedError(message, "ssh.audit")


@contextmanager
def _by_either(host: Host, way: Way, ring: Ring) -> Iterator[Host]:
    """Yield the host with the present key, or with the new one where only that is let in."""
    present = is_let_in(way)
    with entered(host, way if present else way.with_identity(str(ring.new))) as inside:
        yield inside


def _finished(host: Host, steps: Steps, ring: Ring, ways: tuple[Way, ...]) -> Report:
    """Take the old key away everywhere, now that the new one is in its place; prove both."""
    old = ring.old_blob()
    for way in ways:
        _dismiss(host, steps, way, ring, old)
    ring.forget()
    _TURNED.add(str(ring.private))
    data: dict[str, Any] = key_data(ring.private, keyfiles.half(ring.private))
    hosts = [way.spec.name for way in ways]
    return Report("success", data | {"hosts": hosts, "steps": steps.done})


def _dismiss(host: Host, steps: Steps, way: Way, ring: Ring, old: bytes) -> None:
    """Take the old key out; prove that it is refused, and that the new one is not."""
    name = way.spec.name
    with steps.step(f"dismiss {name}"), entered(host, way) as inside:
        authorized.change(inside, lambda text: without_key(text, old))
    with steps.step(f"refuse {name}"):
        if is_let_in(way.with_identity(str(ring.old))):
            message = f"{way.label} still lets the old key in: another file there names it too"
            raise StepFailedError(message, "ssh.audit")
        if not is_let_in(way):
            message = f"{way.label} refuses the new key, which it let in a moment ago"
            raise LoginRefusedError(message, "ssh.rotate  # again")


def _told(host: Host, ring: Ring, ways: tuple[Way, ...]) -> Report:
    """Tell what would be done, from where a run that was cut off has left it."""
    if not ring.is_turned():
        if not ring.is_begun():
            host.would(Command(("ssh-keygen", "-t", "ed25519", "-f", str(ring.new))))
        for way in ways:
            host.would(Command(("authorize", way.spec.name, f"{ring.new}.pub")))
        host.would(Command(("ln", str(ring.private), str(ring.old))))
        host.would(Command(("mv", str(ring.new), str(ring.private))))
    for way in ways:
        host.would(Command(("dismiss", way.spec.name, str(ring.old))))
    host.would(Command(("rm", str(ring.old))))
    return Report("success", {"hosts": [way.spec.name for way in ways]})
