"""The task ssh.rotate: replaces a key on all hosts that share it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mantodeus_ops.errors import IdentityError, LoginRefusedError, StepFailedError
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

_TURNED: set[str] = set()  # a key shared by several hosts is rotated once per run


def rotate(host: Host, *, comment: str = "", no_passphrase: bool = False) -> TaskResult:
    """Replace the host's key on all hosts that share it; finish first what a cut has left.

    Until the new key is proven at every host, nothing is taken away; then it takes the place, and
    only then does the old one go. Raise UnreachableError, StepFailedError; what was done stays, and
    the next run goes on there.
    """
    slots = KeySlots(Path(os.path.realpath(private_key(host))))
    with slots.exclusive():
        return _rotate(host, slots, comment, no_passphrase=no_passphrase)


def _rotate(host: Host, slots: KeySlots, comment: str, *, no_passphrase: bool) -> TaskResult:
    if str(slots.private) in _TURNED:
        return TaskResult(
            "unchanged", key_data(slots.private, key_files.read_public_key(slots.private))
        )
    if not key_files.exists(slots.private):
        raise IdentityError(f"there is no key yet: {slots.private}", "ssh.keygen")
    targets = ssh_target(host).hosts_with_same_key()
    if host.dry_run:
        return _preview(host, slots, targets)
    _agree(host, targets)
    # Passphrases are asked for now, not in the middle of a step.
    for private in filter(key_files.exists, (slots.private, slots.new, slots.old)):
        load_identity(targets[0].with_identity(str(private)))
    steps = Steps(host)
    if not slots.is_promoted():
        new = _make(host, steps, slots, comment, no_passphrase=no_passphrase)
        for target in targets:
            _admit(host, steps, target, slots, new)
        with steps.step("turn"):
            slots.promote()
    slots.write_public_key()
    return _finish(host, steps, slots, targets)


def _agree(host: Host, targets: tuple[SshTarget, ...]) -> None:
    others = ", ".join(target.spec.name for target in targets[1:])
    if others:
        confirm(host, f"This key is also that of {others}: replace it there too?")


def _make(host: Host, steps: Steps, slots: KeySlots, comment: str, *, no_passphrase: bool) -> Entry:
    """Return the new key, created now or by an interrupted run."""
    words = comment or key_files.read_public_key(slots.private).comment
    if slots.is_begun():
        host.info(f"continuing with the new key of an interrupted run: {slots.new}")
        if not key_files.public_key_path(slots.new).exists():
            key_files.write_public_key(slots.new, words)
        return key_files.read_public_key(slots.new)
    phrase = passphrase(host, slots.new, no_passphrase=no_passphrase)
    with steps.step("make"):
        key_files.public_key_path(slots.new).unlink(missing_ok=True)
        return key_files.generate(slots.new, phrase, key_comment(words))


def _admit(host: Host, steps: Steps, target: SshTarget, slots: KeySlots, new: Entry) -> None:
    """Authorize the new key beside the old one, and verify a login with it alone."""
    old, name = key_files.read_public_key(slots.private).blob, target.spec.name
    with steps.step(f"admit {name}"), _by_either(host, target, slots) as inside:
        authorized_keys_file.change(inside, lambda text: with_key(text, new, like=old))
    with steps.step(f"prove {name}"):
        if not accepts_key(target.with_identity(str(slots.new))):
            message = f"{target.label} refuses the new key; the old one is still authorized"
            raise StepFailedError(message, "ssh.audit")


@contextmanager
def _by_either(host: Host, target: SshTarget, slots: KeySlots) -> Iterator[Host]:
    """Yield the host with the present key, or with the new one if only that is accepted."""
    present = accepts_key(target)
    with connect_as(host, target if present else target.with_identity(str(slots.new))) as inside:
        yield inside


def _finish(
    host: Host, steps: Steps, slots: KeySlots, targets: tuple[SshTarget, ...]
) -> TaskResult:
    """Remove the old key from all hosts after the promotion; verify both keys."""
    old = slots.old_blob()
    for target in targets:
        _dismiss(host, steps, target, slots, old)
    slots.delete_old()
    _TURNED.add(str(slots.private))
    data: dict[str, object] = key_data(slots.private, key_files.read_public_key(slots.private))
    hosts = [target.spec.name for target in targets]
    return TaskResult("success", data | {"hosts": hosts, "steps": steps.done})


def _dismiss(host: Host, steps: Steps, target: SshTarget, slots: KeySlots, old: bytes) -> None:
    """Remove the old key; verify that it is refused and the new one accepted."""
    name = target.spec.name
    with steps.step(f"dismiss {name}"), connect_as(host, target) as inside:
        authorized_keys_file.change(inside, lambda text: without_key(text, old))
    with steps.step(f"refuse {name}"):
        if accepts_key(target.with_identity(str(slots.old))):
            message = f"{target.label} still accepts the old key: another file there lists it, too"
            raise StepFailedError(message, "ssh.audit")
        if not accepts_key(target):
            message = f"{target.label} refuses the new key, which it accepted before"
            raise LoginRefusedError(message, "ssh.rotate  # again")


def _preview(host: Host, slots: KeySlots, targets: tuple[SshTarget, ...]) -> TaskResult:
    """Show the remaining steps of the rotation."""
    if not slots.is_promoted():
        if not slots.is_begun():
            host.preview(Command(("ssh-keygen", "-t", "ed25519", "-f", str(slots.new))))
        for target in targets:
            host.preview(Command(("authorize", target.spec.name, f"{slots.new}.pub")))
        host.preview(Command(("ln", str(slots.private), str(slots.old))))
        host.preview(Command(("mv", str(slots.new), str(slots.private))))
    for target in targets:
        host.preview(Command(("dismiss", target.spec.name, str(slots.old))))
    host.preview(Command(("rm", str(slots.old))))
    return TaskResult("success", {"hosts": [target.spec.name for target in targets]})
