"""Loads the private key that is offered to a host."""

from __future__ import annotations

import hashlib
import shlex
import sys
import threading
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

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
from mantodeus_ops.ui.prompts import read_hidden

if TYPE_CHECKING:
    from paramiko.message import _LikeBytes

_OFFERED = "ssh-ed25519"
_MOST_BYTES = 100_000
_PROMPT = threading.Lock()
_OPENED: dict[bytes, paramiko.PKey] = {}  # by file content, so that a passphrase is typed once


def load_identity(target: SshTarget) -> paramiko.PKey:
    """Return the host's ed25519 key; raise IdentityError when it cannot be used.

    The agent's key is used when identity_file is a public key, when the private key is encrypted,
    or, without identity_file, when the agent holds exactly one.
    """
    path = target.identity
    if path is None:
        return _only_one(target.spec.name)
    try:
        public = path if path.suffix == ".pub" else path.with_name(f"{path.name}.pub")
        if path == public or (public.exists() and not path.exists()):
            return _of_agent(public)
        return _of_file(path)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError) and path.suffix != ".pub"
        hint = f"fab -H {target.spec.name} ssh.keygen" if missing else _with_path("ls -ld {}", path)
        raise IdentityError(f"{path}: {error.strerror or error}", hint) from None


def remember(text: bytes, key: paramiko.PKey) -> None:
    """Keep the key of a file with this content for the rest of this run."""
    _OPENED[hashlib.sha256(text).digest()] = key


def _with_path(command: str, path: Path) -> str:
    """Return the command with the quoted path filled in."""
    return command.replace("{}", shlex.quote(str(path)))


def _only_one(name: str) -> paramiko.PKey:
    agents_keys = agent_keys()
    keys = [key for key in agents_keys if key.get_name() == _OFFERED]
    if len(keys) == 1:
        return keys[0]
    reason = (
        f"the agent holds {', '.join(map(fingerprint, agents_keys))}"
        if agents_keys
        else "no agent has one"
    )
    raise IdentityError(
        f"{name} has no identity_file in the inventory, and {reason}",
        "set identity_file in the inventory to the key, or to the .pub of the agent's"
        if keys
        else f"set identity_file in the inventory, then fab -H {name} ssh.keygen",
    )


def _of_agent(public: Path) -> paramiko.PKey:
    words = fields(Trust(IdentityError, most=_MOST_BYTES).read(public).decode(errors="replace"))
    blob = blob_of(words[1] if len(words) > 1 else "")
    if not kind_of(blob):
        raise IdentityError(
            f"{public} is not a public key", _with_path("ssh-keygen -l -f {}", public)
        )
    _refuse_kind(public, kind_of(blob))
    if key := agent_key(blob):
        return key
    private = public.with_suffix("")
    if private.exists():
        message = f"no agent holds the key of {public}; its private key is {private}"
        hint = f"ssh-add {{}}  # or set identity_file = {str(private)!r}"
        raise IdentityError(message, _with_path(hint, private))
    message = f"{private} does not exist, and no agent holds the key of {public}"
    raise IdentityError(message, _with_path("ssh-add {}", private))


def _of_file(path: Path) -> paramiko.PKey:
    content = Trust(IdentityError, private=True, most=_MOST_BYTES).read(path)
    with _PROMPT:
        key = _OPENED.get(hashlib.sha256(content).digest())
        if key is None:
            key = _open(path, content.decode(errors="replace"))
            remember(content, key)
        return key


def _refuse_kind(path: Path, kind: str) -> None:
    """Raise IdentityError for a known key type other than ed25519."""
    if kind and kind != _OFFERED:
        message = f"{path} is a key of type {kind}; only ed25519 is offered"
        raise IdentityError(message, _with_path("ssh-keygen -t ed25519 -f {}_ed25519", path))


def _open(path: Path, text: str) -> paramiko.PKey:
    _refuse_kind(path, private_kind(text))
    if is_locked(text):
        return _open_locked(path, text)
    problem, command = strange_form(text)
    if problem:
        raise IdentityError(
            f"{path} is not a private key: it is {problem}", _with_path(command, path)
        )
    try:
        return _parse(path, text)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        message = f"{path} is not a private key: {error}"
        raise IdentityError(message, _with_path("ssh-keygen -y -f {}", path)) from None


def _open_locked(path: Path, text: str) -> paramiko.PKey:
    if key := agent_key(public_half(text)):
        return key
    if not sys.stdin.isatty():
        message = (
            f"{path} is encrypted: no agent holds it, and no terminal can ask for the passphrase"
        )
        raise IdentityError(message, _with_path("ssh-add {}", path))
    try:
        typed = read_hidden(f"Passphrase for {path}:")
        REDACTOR.add_secrets(secret_values({}, also=[typed]))
        return _parse(path, text, typed)
    except UnsupportedAlgorithm:
        message = f"{path} is encrypted with an unsupported cipher"
        raise IdentityError(
            message, _with_path("ssh-add {}  # the agent decrypts it", path)
        ) from None
    except (ValueError, TypeError, InvalidTag, EOFError):
        message = f"the passphrase of {path} is wrong; nothing was sent"
        raise IdentityError(message, _with_path("ssh-keygen -y -f {}", path)) from None


def _parse(path: Path, text: str, passphrase: str = "") -> paramiko.PKey:
    """Return the private key in the text; raise IdentityError for another type."""
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
    """A key held by an agent; a refused signature is an IdentityError."""

    def sign_ssh_data(self, data: _LikeBytes, algorithm: str | None = None) -> paramiko.Message:
        """Return the agent's signature; raise IdentityError."""
        try:
            return super().sign_ssh_data(data, algorithm)
        except (SSHException, OSError, EOFError):
            message = "the agent holds the key but did not sign with it"
            hint = "ssh-add -T KEY.pub  # tests it: the key may need your confirmation"
            raise IdentityError(f"{message}: {sha256(self.asbytes())}", hint) from None


def agent_keys() -> tuple[AgentKey, ...]:
    """Return the keys of the agent at SSH_AUTH_SOCK; empty without an agent."""
    try:
        keys = paramiko.Agent().get_keys()
    except (OSError, SSHException, EOFError):
        return ()
    return tuple(AgentKey(key.agent, key.blob, key.comment) for key in keys)


def agent_key(blob: bytes) -> AgentKey | None:
    """Return the agent's key for this public key; None if it is not held."""
    return next((key for key in agent_keys() if key.asbytes() == blob), None)
