"""Moves backups between the host and the operator's machine."""

from __future__ import annotations

from ..host.door import Host
from ..pure.outcome import Report


def pull(host: Host, name: str, to: str) -> Report:
    """Copy a backup to this machine."""
    raise NotImplementedError


def push(host: Host, file: str) -> Report:
    """Copy a backup to the host."""
    raise NotImplementedError
