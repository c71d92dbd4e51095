"""The text of an authorized_keys file, as sshd(8) describes it: who may log in, and edits."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mantodeus_ops.errors import UsageError
from mantodeus_ops.remote.ssh.fingerprint import blob_of, kind_of, sha256
from mantodeus_ops.text.sanitize import fields, trimmed

_KIND = re.compile(r"(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+")
# Options end at a blank that no quotes are around.
_OPTIONS = re.compile(r'(?:"(?:\\"|[^"])*"|[^ \t\r\n"])+')
_LINES = re.compile(r"[^\n]*\n|[^\n]+")  # splitlines would also end a line within a comment
Edit = Callable[[str], str]  # a new text of the file, made of its present one

ACCEPTED = ("ssh-ed25519", "sk-ssh-ed25519@openssh.com")


@dataclass(frozen=True, slots=True)
class Entry:
    """One key that is let in."""

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
    """Return every key of the file, in its order; a line that holds none is no entry."""
    return list(_entries(text))


def _entries(text: str) -> Iterator[Entry]:
    for number, line in enumerate(_LINES.findall(text), 1):
        if found := _entry(number, trimmed(line)):
            yield found


def _entry(number: int, line: str) -> Entry | None:
    if not line or line.startswith("#"):
        return None
    options = ""
    if not _KIND.fullmatch(fields(line, 2)[0]):
        found = _OPTIONS.match(line)
        options = found[0] if found else ""
        line = trimmed(line[len(options) :])
    kind, text, comment = [*fields(line, 3), "", "", ""][:3]
    blob = blob_of(text)
    return Entry(number, options, kind, blob, comment) if kind_of(blob) == kind != "" else None


def public_key(text: str, origin: str) -> Entry:
    """Return the one key of a public key file; raise UsageError, never with what it holds."""
    if "PRIVATE KEY" in text:
        raise UsageError(f"{origin} is a private key: it stays where it is", f"ls {origin}.pub")
    found = entries(text)
    if len(found) != 1 or found[0].options:
        raise UsageError(f"{origin} does not hold one public key", f"ssh-keygen -l -f {origin}")
    if found[0].kind not in ACCEPTED:
        message = f"{origin} is a key of type {found[0].kind}; only ed25519 is installed"
        raise UsageError(message, "ssh.keygen")
    return found[0]


def with_key(text: str, key: Entry, *, like: bytes = b"") -> str:
    """Return the text with this key in it; the same text when it is there already.

    A file without a final newline gets one first. `like` is the blob of a key whose options the
    new one gets, as far as that is there.
    """
    known = entries(text)
    if key.blob in {one.blob for one in known}:
        return text
    options = next((f"{one.options} " for one in known if one.blob == like and one.options), "")
    end = "\n" if text and not text.endswith("\n") else ""
    comment = f" {key.comment}" if key.comment else ""
    return f"{text}{end}{options}{words(key)}{comment}\n"


def without_key(text: str, blob: bytes) -> str:
    """Return the text without any line of this key; all other lines stay byte for byte."""
    gone = {one.line for one in entries(text) if one.blob == blob}
    lines = enumerate(_LINES.findall(text), 1)
    return "".join(line for number, line in lines if number not in gone)


def words(key: Entry) -> str:
    """Return the kind and the base64 of a key."""
    return f"{key.kind} {base64.b64encode(key.blob).decode()}"
