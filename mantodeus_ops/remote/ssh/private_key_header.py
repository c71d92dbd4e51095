"""Reads the unencrypted header of a private key file: type, encryption, public key.

OpenSSH's format (PROTOCOL.key) holds the public key in clear; the older PEM formats do not.
"""

from __future__ import annotations

import base64
import binascii
import struct

from mantodeus_ops.remote.ssh.fingerprint import blob_of, kind_of
from mantodeus_ops.text.sanitize import fields, trimmed

_BEGIN, _END = "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"
_MAGIC = b"openssh-key-v1\0"
_PEM_KINDS = {"RSA": "ssh-rsa", "EC": "ecdsa", "DSA": "ssh-dss"}
_PEM_LOCKS = ("-----BEGIN ENCRYPTED PRIVATE KEY-----", "\nProc-Type: 4,ENCRYPTED")


def public_half(text: str) -> bytes:
    """Return the public key in a private key file; empty for other formats."""
    return _parts(text)[1]


def is_locked(text: str) -> bool:
    """Return whether the key is encrypted; False also for other files."""
    cipher = _parts(text)[0]
    pem = trimmed(text).startswith("-----BEGIN ") and any(lock in text for lock in _PEM_LOCKS)
    return cipher not in {b"", b"none"} or (not cipher and pem)


def private_kind(text: str) -> str:
    """Return the type of a private key; empty when it is encrypted or unknown."""
    word = trimmed(text).removeprefix("-----BEGIN ").partition(" PRIVATE KEY-----")[0]
    return kind_of(public_half(text)) or _PEM_KINDS.get(word, "")


def strange_form(text: str) -> tuple[str, str]:
    """Return what a file is instead of a private key, and a command; or empty strings."""
    if text.startswith("PuTTY-User-Key-File-"):
        return "a key in PuTTY's form", "puttygen {} -O private-openssh -o {}.openssh"
    kind, _, blob = trimmed(text).partition(" ")
    if kind and kind_of(blob_of(blob.partition(" ")[0])) == kind:
        return "the public half of a key", "ls {}*  # identity_file names the private half"
    return "", ""


def _parts(text: str) -> tuple[bytes, bytes]:
    """Return the cipher's name and the blob of the public key."""
    body = trimmed(text)
    if not (body.startswith(_BEGIN) and body.endswith(_END)):
        return b"", b""
    try:
        data = base64.b64decode("".join(fields(body[len(_BEGIN) : -len(_END)])), validate=True)
        cipher, rest = _string(data.removeprefix(_MAGIC))
        _, rest = _string(rest)
        _, rest = _string(rest)
        return cipher, _string(rest[4:])[0]
    except (binascii.Error, struct.error, ValueError):
        return b"", b""


def _string(data: bytes) -> tuple[bytes, bytes]:
    """Return the leading string of the data, and the rest."""
    (length,) = struct.unpack(">I", data[:4])
    if len(data) < 4 + length:
        raise ValueError
    return data[4 : 4 + length], data[4 + length :]
