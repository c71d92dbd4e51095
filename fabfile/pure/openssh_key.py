"""What a private key file says without its passphrase: OpenSSH keeps the public half in the clear.

The form is that of OpenSSH's PROTOCOL.key.
"""

from __future__ import annotations

import base64
import binascii
import struct

_BEGIN, _END = "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"
_MAGIC = b"openssh-key-v1\0"


def public_half(text: str) -> bytes:
    """Return the blob of the public key inside a private one; empty when it is in another form."""
    return _parts(text)[1]


def is_locked(text: str) -> bool:
    """Return whether a passphrase protects the key; False as well for another form."""
    return _parts(text)[0] not in {b"", b"none"}


def _parts(text: str) -> tuple[bytes, bytes]:
    """Return the cipher's name and the blob of the public key."""
    body = text.strip()
    if not (body.startswith(_BEGIN) and body.endswith(_END)):
        return b"", b""
    try:
        data = base64.b64decode("".join(body[len(_BEGIN) : -len(_END)].split()), validate=True)
        cipher, rest = _string(data.removeprefix(_MAGIC))
        _, rest = _string(rest)
        _, rest = _string(rest)
        return cipher, _string(rest[4:])[0]
    except (binascii.Error, struct.error, ValueError):
        return b"", b""


def _string(data: bytes) -> tuple[bytes, bytes]:
    """Return the string that the data begins with, and what follows it."""
    (length,) = struct.unpack(">I", data[:4])
    if len(data) < 4 + length:
        raise ValueError
    return data[4 : 4 + length], data[4 + length :]
