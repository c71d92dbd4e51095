"""Parses and edits the text of an authorized_keys file, as sshd(8) describes it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mantodeus_ops.errors import UsageError
from mantodeus_ops.remote.ssh.fingerprint import blob_of, kind_of, sha256
from mantodeus_ops.text.sanitize import fields, trimmed

_KIND = re.compile(r"(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+")
# Options end at an unquoted blank.
_OPTIONS = re.compile(r'(?:"(?:\\"|[^"])*"|[^ \t\r\n"])+')
_LINES = re.compile(r"[^\n]*\n|[^\n]+")  # splitlines would also split inside a comment
Edit = Callable[[str], str]  # returns the new text for the present one

ACCEPTED = ("ssh-ed25519", "sk-ssh-ed25519@openssh.com")


@dataclass(frozen=True, slots=True)
class Entry:
    """An authorized key."""

    line: int
    options: str
    kind: str
    blob: bytes
    comment: str

    @property
    def fingerprint(self) -> str:
        """Return `SHA256:…`."""
        return sha256(self.blob)


def entries(text: str) -> list[Entry]:
    """Return the keys of the file in order; other lines are skipped."""
    return list(_entries(text))


def _entries(text: str) -> Iterator[Entry]:
    for number, line in enumerate(_LINES.findall(text), 1):
        if entry := _entry(number, trimmed(line)):
            yield entry


def _entry(number: int, line: str) -> Entry | None:
    if not line or line.startswith("#"):
        return None
    options = ""
    if not _KIND.fullmatch(fields(line, 2)[0]):
        match = _OPTIONS.match(line)
        options = match[0] if match else ""
        line = trimmed(line[len(options) :])
    kind, text, comment = [*fields(line, 3), "", "", ""][:3]
    blob = blob_of(text)
    return Entry(number, options, kind, blob, comment) if kind_of(blob) == kind != "" else None


def public_key(text: str, origin: str) -> Entry:
    """Return the key of a public key file; raise UsageError without repeating its content."""
    if "PRIVATE KEY" in text:
        raise UsageError(f"{origin} is a private key; name the public one", f"ls {origin}.pub")
    keys = entries(text)
    if len(keys) != 1 or keys[0].options:
        raise UsageError(f"{origin} does not hold one public key", f"ssh-keygen -l -f {origin}")
    if keys[0].kind not in ACCEPTED:
        message = f"{origin} is a key of type {keys[0].kind}; only ed25519 is installed"
        raise UsageError(message, "ssh.keygen")
    return keys[0]


def with_key(text: str, key: Entry, *, like: bytes = b"") -> str:
    """Return the text with this key; unchanged when it is present.

    A file without a final newline gets one first. `like` is the blob of a key whose options the
    new one gets, as far as that is there.
    """
    present = entries(text)
    if key.blob in {entry.blob for entry in present}:
        return text
    options = next(
        (f"{entry.options} " for entry in present if entry.blob == like and entry.options), ""
    )
    end = "\n" if text and not text.endswith("\n") else ""
    comment = f" {key.comment}" if key.comment else ""
    return f"{text}{end}{options}{words(key)}{comment}\n"


def without_key(text: str, blob: bytes) -> str:
    """Return the text without this key; all other lines stay unchanged."""
    removed_lines = {entry.line for entry in entries(text) if entry.blob == blob}
    lines = enumerate(_LINES.findall(text), 1)
    return "".join(line for number, line in lines if number not in removed_lines)


def words(key: Entry) -> str:
    """Return the kind and the base64 of a key."""
    return f"{key.kind} {base64.b64encode(key.blob).decode()}"
