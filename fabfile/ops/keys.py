"""Makes a key for a host, and puts its public half where the host looks for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..host import keyfiles
from ..host.door import Host
from ..host.doorstep import doorstep
from ..host.factory import entered, is_let_in
from ..host.hidden import new_passphrase, password
from ..host.login import by_password
from ..host.operator import operator
from ..host.trusted import spelled_out
from ..host.way import Way, way_to
from ..pure.authorized import Entry, public_key, with_key, words
from ..pure.errors import IdentityError, LoginRefusedError, OpsError, UsageError
from ..pure.outcome import Report
from ..pure.redaction import secret_values
from ..pure.shell import Command
from . import authorized

_BY_PASSWORD = {"password", "keyboard-interactive"}


def keygen(host: Host, *, comment: str = "", no_passphrase: bool = False) -> Report:
    """Make the ed25519 key that the inventory names for the host; never write over one.

    Raise UsageError when the inventory names none, OpsError when something else is in its place.
    """
    private = private_key(host)
    if keyfiles.exists(private):
        if not keyfiles.public_of(private).exists() and not host.dry_run:
            keyfiles.write_half(private, comment)
        return Report("unchanged", key_data(private, keyfiles.half(private)))
    if keyfiles.public_of(private).exists():
        message = f"{keyfiles.public_of(private)} is there, and its private half is not"
        raise OpsError(message, f"ssh-keygen -l -f {keyfiles.public_of(private)}")
    if host.dry_run:
        host.would(Command(("ssh-keygen", "-t", "ed25519", "-f", str(private))))
        return Report("success")
    told = named(comment)
    phrase = passphrase(host, private, no_passphrase=no_passphrase)
    return Report("success", key_data(private, keyfiles.make(private, phrase, told)))


def named(comment: str) -> str:
    """Return what stands behind a public key: the comment, else who and where we are."""
    told = comment or "@".join(operator())
    if not told.isprintable():
        raise UsageError("a comment is one line of text", "ssh.keygen --comment me@laptop")
    return told


def passphrase(host: Host, private: Path, *, no_passphrase: bool) -> str:
    """Return the passphrase for a new key, asked for and hidden; empty when there is to be none."""
    phrase = "" if no_passphrase else new_passphrase(str(private))
    if phrase:
        host.hide(secret_values({}, also=[phrase]))
    else:
        host.note("without a passphrase, the key's file alone is enough to log in to the host")
    return phrase


def private_key(host: Host) -> Path:
    """Return the file of the host's private key; raise UsageError when the inventory names none."""
    way = way_to(host)
    private = way.identity
    if private is None or private.suffix == ".pub":
        message = f"the inventory names no private key for {host.name}"
        hint = f'${{EDITOR:-vi}} {way.inventory.path}  # identity_file = "~/.ssh/id_{host.name}"'
        raise UsageError(message, hint)
    return private


def key_data(private: Path, half: Entry) -> dict[str, Any]:
    """Return what a report says of a key of ours."""
    return {
        "fingerprint": half.fingerprint,
        "identity_file": str(private),
        "public_key": f"{words(half)} {half.comment}".rstrip(" "),
        "passphrase": private.exists() and keyfiles.has_passphrase(private),
    }


def install(host: Host, *, key: str = "", login: str = "") -> Report:
    """Let a key into the account: the host's own, or the public one in the file `key`.

    Over a login that works already (with the private key in the file `login`, or the host's
    own), else with a password asked for once. Raise UnreachableError or one of its kinds.
    """
    way = way_to(host)
    half = _to_install(way, key)
    if host.dry_run:
        host.would(Command(("authorize", f"{words(half)} {half.comment}".rstrip(" "))))
        return Report("success", {"fingerprint": half.fingerprint})
    other = os.path.realpath(spelled_out(login)) if login else ""
    with _inside(host, way.with_identity(other) if other else way) as inside:
        changed = authorized.change(inside, lambda text: with_key(text, half))
    if not key and not is_let_in(way):
        message = f"{way.label} has the key now and still refuses it"
        raise LoginRefusedError(message, "ssh.audit  # as another account, or ask the provider")
    status = "success" if changed else "unchanged"
    return Report(status, {"fingerprint": half.fingerprint, "login": "proven" if not key else ""})


def _to_install(way: Way, key: str) -> Entry:
    if key:
        path = spelled_out(key)
        try:
            return public_key(keyfiles.text_of(path), str(path))
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror}"
            raise UsageError(message, f"ls -l {path}") from None
    private = way.identity
    if private is None or not (private.exists() or keyfiles.public_of(private).exists()):
        raise IdentityError(f"there is no key yet: {private or 'none is named'}", "ssh.keygen")
    return keyfiles.half(private.with_suffix("") if private.suffix == ".pub" else private)


@contextmanager
def _inside(host: Host, way: Way) -> Iterator[Host]:
    """Yield the host with a login that works: by key, else by password."""
    with entered(host, way) as inside:
        refused = _refused(inside)
        if refused is None:
            yield inside
            return
    with entered(host, way, by_password(_asked(host, way, refused))) as inside:
        if again := _refused(inside):
            raise LoginRefusedError(
                f"{way.label} took neither the key nor the password; nothing was changed",
                "ssh.install  # asks again",
            ) from again
        yield inside


def _refused(host: Host) -> LoginRefusedError | None:
    """Return why the host lets this login in no further than its door, if so."""
    try:
        authorized.read(host)
    except IdentityError:
        raise
    except LoginRefusedError as error:
        return error
    return None


def _asked(host: Host, way: Way, refused: LoginRefusedError) -> str:
    """Return a password, asked for once; raise the refusal when none can be of use."""
    if not _BY_PASSWORD & set(doorstep(way).methods):
        hint = "have the line of the .pub file put into ~/.ssh/authorized_keys by your provider"
        raise LoginRefusedError(f"{refused.message}; it takes no password either", hint)
    typed = password(way.spec.user, way.label)
    if not typed:
        message = f"{refused.message}; there is no terminal to type the password at"
        raise LoginRefusedError(message, "ssh.install  # in a terminal")
    host.hide(secret_values({}, also=[typed]))
    return typed
