"""Writes a pin: the file whole or not at all, by one at a time, all other lines as before."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

from ..pure.known_hosts import pinned, where
from .files import Part, ours
from .way import Way

_ONE_WRITER = threading.Lock()
_PUBLIC = 0o644  # fingerprints are no secret, and the file is shared with colleagues


def write_pin(way: Way, key: str) -> Path:
    """Make this key (kind and base64) the host's only pin; return the file; raise OpsError."""
    named = way.known_hosts
    with ours(named):
        # A link stays one: what it leads to is replaced.
        file = named.resolve()
        with _ONE_WRITER, Part(file) as part:
            text = file.read_text(encoding="utf-8") if file.exists() else ""
            mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else _PUBLIC
            part.empty()
            part.add(pinned(text, where(way.spec.address, way.spec.port), key).encode())
            part.keep()
            file.chmod(mode)
    return named
