"""Fingerprints of public keys in OpenSSH's forms: SHA256 and randomart."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct

from mantodeus_ops.text.sanitize import fields

_WIDTH, _HEIGHT = 17, 9
_SHADES = " .o+=*BOX@%&#/^SE"  # by number of visits; the last two mark start and end
_MOVES = ((-1, -1), (1, -1), (-1, 1), (1, 1))
_DIGEST = re.compile(r"(?:SHA256:)?([A-Za-z0-9+/]{43})=?")


def sha256(blob: bytes) -> str:
    """Return the fingerprint of a public key: `SHA256:` and base64 without padding."""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode()
    return f"SHA256:{digest.rstrip('=')}"


def parse_fingerprint(text: str) -> str:
    """Return the fingerprint in a typed or copied text; empty without exactly one.

    The text may be a whole line of `ssh-keygen -l`, with bits and comment.
    """
    digests = [match[1] for word in fields(text) if (match := _DIGEST.fullmatch(word))]
    return f"SHA256:{digests[0]}" if len(digests) == 1 else ""


def kind_of(blob: bytes) -> str:
    """Return the key type in a blob; empty for an invalid one."""
    try:
        (length,) = struct.unpack(">I", blob[:4])
        return blob[4 : 4 + length].decode("ascii")
    except (struct.error, UnicodeDecodeError):
        return ""


def blob_of(text: str) -> bytes:
    """Return the decoded blob; empty for invalid base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def randomart(blob: bytes, title: str) -> str:
    """Return the key's randomart as `ssh-keygen -lv` draws it: eleven lines with a title.

    The algorithm is `fingerprint_randomart` of OpenSSH's sshkey.c.
    """
    field = [[0] * _WIDTH for _ in range(_HEIGHT)]
    x, y = _WIDTH // 2, _HEIGHT // 2
    last = len(_SHADES) - 1
    for byte in hashlib.sha256(blob).digest():
        for shift in (0, 2, 4, 6):
            right, down = _MOVES[byte >> shift & 3]
            x, y = min(max(x + right, 0), _WIDTH - 1), min(max(y + down, 0), _HEIGHT - 1)
            field[y][x] += field[y][x] < last - 2
    field[_HEIGHT // 2][_WIDTH // 2], field[y][x] = last - 1, last
    rows = ["".join(_SHADES[min(times, last)] for times in row) for row in field]
    return "\n".join([_edge(title), *(f"|{row}|" for row in rows), _edge("SHA256")])


def _edge(word: str) -> str:
    text = f"[{word}]"
    return f"+{'-' * ((_WIDTH - len(text)) // 2)}{text}".ljust(_WIDTH + 1, "-") + "+"
