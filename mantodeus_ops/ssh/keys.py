"""The tasks ssh.keygen and ssh.install."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mantodeus_ops.errors import IdentityError, LoginRefusedError, OpsError, UsageError
from mantodeus_ops.redaction.redactor import secret_values
from mantodeus_ops.remote.connect import accepts_key, connect_as, ssh_target
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.remote.ssh.login import by_password
from mantodeus_ops.remote.ssh.probe import probe_server
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.results import TaskResult
from mantodeus_ops.ssh import authorized_keys_file, key_files
from mantodeus_ops.ssh.authorized_keys import Entry, public_key, with_key, words
from mantodeus_ops.transaction.local_user import operator
from mantodeus_ops.trusted_files import spelled_out
from mantodeus_ops.ui.prompts import new_passphrase, password

_BY_PASSWORD = {"password", "keyboard-interactive"}


def keygen(host: Host, *, comment: str = "", no_passphrase: bool = False) -> TaskResult:
    """Create the ed25519 key that the inventory names for the host; never overwrite one.

    Raise UsageError when the inventory names none, OpsError when another file exists.
    """
    private = private_key(host)
    if key_files.exists(private):
        if not key_files.public_key_path(private).exists() and not host.dry_run:
            key_files.write_public_key(private, comment)
        return TaskResult("unchanged", key_data(private, key_files.read_public_key(private)))
    if key_files.public_key_path(private).exists():
        message = f"{key_files.public_key_path(private)} is there, and its private half is not"
        raise OpsError(message, f"ssh-keygen -l -f {key_files.public_key_path(private)}")
    if host.dry_run:
        host.preview(Command(("ssh-keygen", "-t", "ed25519", "-f", str(private))))
        return TaskResult("success")
    checked_comment = key_comment(comment)
    phrase = passphrase(host, private, no_passphrase=no_passphrase)
    return TaskResult(
        "success", key_data(private, key_files.generate(private, phrase, checked_comment))
    )


def key_comment(comment: str) -> str:
    """Return the comment of a public key: the given one, else account and machine."""
    text = comment or "@".join(operator())
    if not text.isprintable():
        raise UsageError("a comment is one line of text", "ssh.keygen --comment me@laptop")
    return text


def passphrase(host: Host, private: Path, *, no_passphrase: bool) -> str:
    """Return the passphrase for a new key from a hidden prompt; empty for none."""
    phrase = "" if no_passphrase else new_passphrase(str(private))
    if phrase:
        host.add_secrets(secret_values({}, also=[phrase]))
    else:
        host.info("without a passphrase, the key's file alone is enough to log in to the host")
    return phrase


def private_key(host: Host) -> Path:
    """Return the path of the host's private key; raise UsageError when none is named."""
    target = ssh_target(host)
    private = target.identity
    if private is None or private.suffix == ".pub":
        message = f"the inventory names no private key for {host.name}"
        hint = f'${{EDITOR:-vi}} {target.inventory.path}  # identity_file = "~/.ssh/id_{host.name}"'
        raise UsageError(message, hint)
    return private


def key_data(private: Path, half: Entry) -> dict[str, object]:
    """Return the JSON fields of a local key."""
    return {
        "fingerprint": half.fingerprint,
        "identity_file": str(private),
        "public_key": f"{words(half)} {half.comment}".rstrip(" "),
        "passphrase": private.exists() and key_files.has_passphrase(private),
    }


def install(host: Host, *, key: str = "", login: str = "") -> TaskResult:
    """Authorize a public key: the host's, or the one in the file `key`.

    Over a login that works already (with the private key in the file `login`, or the host's
    own), else with a password asked for once. Raise UnreachableError or one of its kinds.
    """
    target = ssh_target(host)
    half = _to_install(target, key)
    if host.dry_run:
        host.preview(Command(("authorize", f"{words(half)} {half.comment}".rstrip(" "))))
        return TaskResult("success", {"fingerprint": half.fingerprint})
    other = os.path.realpath(spelled_out(login)) if login else ""
    with _logged_in(host, target.with_identity(other) if other else target) as inside:
        changed = authorized_keys_file.change(inside, lambda text: with_key(text, half))
    if not key and not accepts_key(target):
        message = f"{target.label} has the key now but still refuses it"
        raise LoginRefusedError(message, "ssh.audit  # as another account, or ask the provider")
    status = "success" if changed else "unchanged"
    return TaskResult(
        status, {"fingerprint": half.fingerprint, "login": "proven" if not key else ""}
    )


def _to_install(target: SshTarget, key: str) -> Entry:
    if key:
        path = spelled_out(key)
        try:
            return public_key(key_files.text_of(path), str(path))
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror}"
            raise UsageError(message, f"ls -l {path}") from None
    private = target.identity
    if private is None or not (private.exists() or key_files.public_key_path(private).exists()):
        raise IdentityError(f"there is no key yet: {private or 'none is named'}", "ssh.keygen")
    return key_files.read_public_key(
        private.with_suffix("") if private.suffix == ".pub" else private
    )


@contextmanager
def _logged_in(host: Host, target: SshTarget) -> Iterator[Host]:
    """Yield the host with a working login: by key, else by password."""
    with connect_as(host, target) as inside:
        refused = _login_refusal(inside)
        if refused is None:
            yield inside
            return
    with connect_as(host, target, by_password(_ask_password(host, target, refused))) as inside:
        if again := _login_refusal(inside):
            raise LoginRefusedError(
                f"{target.label} accepted neither the key nor the password; nothing was changed",
                "ssh.install  # asks again",
            ) from again
        yield inside


def _login_refusal(host: Host) -> LoginRefusedError | None:
    """Return the refusal of this login; None when it is accepted."""
    try:
        authorized_keys_file.read(host)
    except IdentityError:
        raise
    except LoginRefusedError as error:
        return error
    return None


def _ask_password(host: Host, target: SshTarget, refused: LoginRefusedError) -> str:
    """Return a password from a prompt; raise the refusal when a password cannot help."""
    if not _BY_PASSWORD & set(probe_server(target).methods):
        hint = "ask your provider to add the line of the .pub file to ~/.ssh/authorized_keys"
        raise LoginRefusedError(f"{refused.message}; it accepts no passwords either", hint)
    typed = password(target.spec.user, target.label)
    if not typed:
        message = f"{refused.message}; there is no terminal to ask for the password"
        raise LoginRefusedError(message, "ssh.install  # in a terminal")
    host.add_secrets(secret_values({}, also=[typed]))
    return typed
