"""The one private key that a host is offered, and whether it may be used."""

from __future__ import annotations

import hashlib
import shlex
import sys
import threading
from io import StringIO
from pathlib import Path
from typing import Any

import paramiko
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paramiko.ssh_exception import SSHException

from mantodeus_ops.errors import IdentityError
from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.redaction.redactor import secret_values
from mantodeus_ops.remote.ssh.fingerprint import blob_of, kind_of, sha256
from mantodeus_ops.remote.ssh.host_keys import fingerprint
from mantodeus_ops.remote.ssh.private_key_header import (
    is_locked,
    private_kind,
    public_half,
    strange_form,
)
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.text.sanitize import fields, trimmed
from mantodeus_ops.trusted_files import Trust
from mantodeus_ops.ui.prompts import unseen

_OFFERED = "ssh-ed25519"
_MOST_BYTES = 100_000
_PROMPT = threading.Lock()
_OPENED: dict[bytes, paramiko.PKey] = {}  # by what the file holds: no passphrase is typed twice


def load_identity(way: SshTarget) -> paramiko.PKey:
    """Return the host's ed25519 key; raise IdentityError when it cannot be used as it is.

    A key that the agent holds is left to the agent: named by its public half, locked by a
    passphrase, or, without an identity_file, the only one there.
    """
    path = way.identity
    if path is None:
        return _only_one(way.spec.name)
    try:
        public = path if path.suffix == ".pub" else path.with_name(f"{path.name}.pub")
        if path == public or (public.exists() and not path.exists()):
            return _of_agent(public)
        return _of_file(path)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError) and path.suffix != ".pub"
        hint = f"fab -H {way.spec.name} ssh.keygen" if missing else _told("ls -ld {}", path)
        raise IdentityError(f"{path}: {error.strerror or error}", hint) from None


def remember(text: bytes, key: paramiko.PKey) -> None:
    """Keep the key that a file of this content holds for the rest of this run."""
    _OPENED[hashlib.sha256(text).digest()] = key


def _told(command: str, path: Path) -> str:
    """Return the command with the quoted path in it."""
    return command.replace("{}", shlex.quote(str(path)))


def _only_one(name: str) -> paramiko.PKey:
    held = agent_keys()
    keys = [key for key in held if key.get_name() == _OFFERED]
    if len(keys) == 1:
        return keys[0]
    known = f"the agent holds {', '.join(map(fingerprint, held))}" if held else "no agent has one"
    raise IdentityError(
        f"{name} has no identity_file in the inventory, and {known}",
        "set identity_file in the inventory to the key, or to the .pub of the agent's"
        if keys
        else f"set identity_file in the inventory, then fab -H {name} ssh.keygen",
    )


def _of_agent(public: Path) -> paramiko.PKey:
    words = fields(Trust(IdentityError, most=_MOST_BYTES).read(public).decode(errors="replace"))
    blob = blob_of(words[1] if len(words) > 1 else "")
    if not kind_of(blob):
        raise IdentityError(f"{public} is no public key", _told("ssh-keygen -l -f {}", public))
    _refuse_kind(public, kind_of(blob))
    if key := agent_key(blob):
        return key
    private = public.with_suffix("")
    if private.exists():
        message = f"no agent holds the key of {public}; its private half is the file {private}"
        hint = f"ssh-add {{}}  # or set identity_file = {str(private)!r}"
        raise IdentityError(message, _told(hint, private))
    message = f"{private} is not there, and no agent holds the key of {public}"
    raise IdentityError(message, _told("ssh-add {}", private))


def _of_file(path: Path) -> paramiko.PKey:
    content = Trust(IdentityError, private=True, most=_MOST_BYTES).read(path)
    with _PROMPT:
        known = _OPENED.get(hashlib.sha256(content).digest())
        if known is None:
            known = _open(path, content.decode(errors="replace"))
            remember(content, known)
        return known


def _refuse_kind(path: Path, kind: str) -> None:
    """Raise IdentityError for a known kind of key that is not the one that is offered."""
    if kind and kind != _OFFERED:
        message = f"{path} is a key of type {kind}; only ed25519 is offered"
        raise IdentityError(message, _told("ssh-keygen -t ed25519 -f {}_ed25519", path))


def _open(path: Path, text: str) -> paramiko.PKey:
    _refuse_kind(path, private_kind(text))
    if is_locked(text):
        return _open_locked(path, text)
    what, command = strange_form(text)
    if what:
        raise IdentityError(f"{path} is not a private key: it is {what}", _told(command, path))
    try:
        return _parsed(path, text)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        message = f"{path} is not a private key: {error}"
        raise IdentityError(message, _told("ssh-keygen -y -f {}", path)) from None


def _open_locked(path: Path, text: str) -> paramiko.PKey:
    if key := agent_key(public_half(text)):
        return key
    if not sys.stdin.isatty():
        message = (
            f"{path} has a passphrase, and there is neither an agent nor a terminal to give it"
        )
        raise IdentityError(message, _told("ssh-add {}", path))
    try:
        typed = unseen(f"Passphrase for {path}:")
        REDACTOR.add_secrets(secret_values({}, also=[typed]))
        return _parsed(path, text, typed)
    except UnsupportedAlgorithm:
        message = f"{path} is encrypted with a cipher that this program does not have"
        raise IdentityError(message, _told("ssh-add {}  # the agent opens it", path)) from None
    except (ValueError, TypeError, InvalidTag, EOFError):
        message = f"the passphrase does not open {path}; nothing was sent"
        raise IdentityError(message, _told("ssh-keygen -y -f {}", path)) from None


def _parsed(path: Path, text: str, passphrase: str = "") -> paramiko.PKey:
    """Return the key that the text holds; raise IdentityError for one of another kind."""
    data, secret = text.encode(), passphrase.encode() or None
    own = trimmed(text).startswith("-----BEGIN OPENSSH ")
    loaded = (form.load_ssh_private_key if own else form.load_pem_private_key)(data, secret)
    if not isinstance(loaded, Ed25519PrivateKey):
        _refuse_kind(path, type(loaded).__name__.removesuffix("PrivateKey").lstrip("_").lower())
    plain = loaded.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption()
    ).decode()
    key = paramiko.Ed25519Key.from_private_key(StringIO(plain))
    certificate = path.with_name(f"{path.name}-cert.pub")
    if certificate.exists():
        key.load_certificate(str(certificate))
    return key


class AgentKey(paramiko.AgentKey):
    """A key that an agent holds, and may still not let be used: that is an error of our side."""

    def sign_ssh_data(self, data: Any, algorithm: str | None = None) -> Any:
        """Return the signature that the agent makes; raise IdentityError."""
        try:
            return super().sign_ssh_data(data, algorithm)
        except (SSHException, OSError, EOFError):
            message = "the agent holds the key but did not sign with it"
            hint = "ssh-add -T KEY.pub  # tries the same: the key may want your consent"
            raise IdentityError(f"{message}: {sha256(self.asbytes())}", hint) from None


def agent_keys() -> tuple[AgentKey, ...]:
    """Return the keys that the agent at SSH_AUTH_SOCK holds; none when there is no agent."""
    try:
        keys = paramiko.Agent().get_keys()
    except (OSError, SSHException, EOFError):
        return ()
    return tuple(AgentKey(key.agent, key.blob, key.comment) for key in keys)


def agent_key(blob: bytes) -> AgentKey | None:
    """Return the agent's key with this public half; None when it holds no such key."""
    return next((key for key in agent_keys() if key.asbytes() == blob), None)
